"""Tokens end when they should, act for their maker and nobody else, and are never stored."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from integrations.models import ApiToken, AuditEntry, Membership, Role, Tenant
from integrations.services import tenants, tokens
from integrations.services.tokens import Scope, TokenInvalid

pytestmark = pytest.mark.django_db
EVERY = [scope.value for scope in Scope]


@pytest.fixture
def ada() -> User:
    """The owner of Acme."""
    return User.objects.create_user("ada")


@pytest.fixture
def vic() -> User:
    """Somebody without a seat anywhere."""
    return User.objects.create_user("vic")


@pytest.fixture
def acme(ada: User) -> Tenant:
    """Ada's organisation."""
    return tenants.create("Acme", owner=ada)


def test_a_token_opens_its_tenant_with_its_scopes(acme: Tenant, ada: User) -> None:
    row, plain = tokens.issue(acme, ada, " Reports ", ["runs:read", "audit:read"])

    grant = tokens.check(plain)

    assert grant is not None
    assert grant.tenant == acme
    assert grant.user == ada
    assert grant.scopes == {Scope.RUNS_READ, Scope.AUDIT_READ}
    assert row.name == "Reports"
    assert row.expires_at - row.created_at < timedelta(days=90, seconds=5)


def test_the_text_is_stored_nowhere(acme: Tenant, ada: User) -> None:
    row, plain = tokens.issue(acme, ada, "Reports", EVERY)

    stored = str(ApiToken.objects.filter(pk=row.pk).values().get())

    assert plain.startswith("hip_")
    assert len(plain) > 40
    assert plain not in stored
    assert plain.startswith(row.hint)
    assert plain not in str(list(AuditEntry.objects.values()))


def test_no_two_tokens_are_alike(acme: Tenant, ada: User) -> None:
    assert len({tokens.issue(acme, ada, "Same", EVERY)[1] for _ in range(5)}) == 5


@pytest.mark.parametrize("plain", ["", "hip_", "hip_" + "x" * 43, "hip_" + "x" * 5000, "Bearer"])
def test_an_unknown_text_opens_nothing(plain: str, acme: Tenant, ada: User) -> None:
    tokens.issue(acme, ada, "Reports", EVERY)

    assert tokens.check(plain) is None


def test_an_expired_token_opens_nothing(acme: Tenant, ada: User) -> None:
    row, plain = tokens.issue(acme, ada, "Reports", EVERY, days=1)
    ApiToken.objects.filter(pk=row.pk).update(expires_at=timezone.now())

    assert tokens.check(plain) is None


def test_a_revoked_token_opens_nothing_and_is_revoked_once(acme: Tenant, ada: User) -> None:
    row, plain = tokens.issue(acme, ada, "Reports", EVERY)

    tokens.revoke(row, ada)
    tokens.revoke(row, ada)

    assert tokens.check(plain) is None
    assert AuditEntry.objects.filter(action="token.revoked", actor=ada).count() == 1


def test_a_token_ends_with_its_makers_membership(acme: Tenant, ada: User, vic: User) -> None:
    tenants.set_role(acme, vic, Role.ADMIN, by=ada)
    _row, plain = tokens.issue(acme, vic, "Reports", EVERY)

    tenants.remove_member(acme, vic, by=ada)

    assert tokens.check(plain) is None


def test_a_token_ends_with_its_makers_account(acme: Tenant, ada: User) -> None:
    _row, plain = tokens.issue(acme, ada, "Reports", EVERY)
    User.objects.update(is_active=False)

    assert tokens.check(plain) is None


def test_a_maker_who_only_looks_by_now_lends_no_write_scope(
    acme: Tenant, ada: User, vic: User
) -> None:
    tenants.set_role(acme, vic, Role.ADMIN, by=ada)
    _row, plain = tokens.issue(acme, vic, "Reports", EVERY)

    tenants.set_role(acme, vic, Role.VIEWER, by=ada)

    grant = tokens.check(plain)
    assert grant is not None
    assert grant.scopes == {scope for scope in Scope if scope.value.endswith(":read")}


def test_a_membership_elsewhere_does_not_help(acme: Tenant, ada: User, vic: User) -> None:
    tenants.create("Bolt", owner=vic)
    _row, plain = tokens.issue(acme, ada, "Reports", EVERY)
    ApiToken.objects.update(created_by=vic)

    assert tokens.check(plain) is None


def test_a_scope_that_is_not_known_any_more_opens_nothing(acme: Tenant, ada: User) -> None:
    _row, plain = tokens.issue(acme, ada, "Reports", ["runs:read"])
    ApiToken.objects.update(scopes=["runs:read", "everything"])

    grant = tokens.check(plain)
    assert grant is not None
    assert grant.scopes == {Scope.RUNS_READ}


def test_the_last_use_is_written_at_most_once_a_minute(acme: Tenant, ada: User) -> None:
    row, plain = tokens.issue(acme, ada, "Reports", EVERY)
    tokens.check(plain)
    row.refresh_from_db()
    first = row.last_used_at
    assert first is not None

    tokens.check(plain)
    row.refresh_from_db()
    assert row.last_used_at == first

    ApiToken.objects.update(last_used_at=first - timedelta(minutes=2))
    tokens.check(plain)
    row.refresh_from_db()
    assert row.last_used_at is not None
    assert row.last_used_at >= first


@pytest.mark.parametrize("role", [None, Role.VIEWER])
def test_only_owners_and_administrators_issue_and_revoke(
    role: Role | None, acme: Tenant, ada: User, vic: User
) -> None:
    row, _plain = tokens.issue(acme, ada, "Reports", EVERY)
    if role:
        Membership.objects.create(tenant=acme, user=vic, role=role)

    with pytest.raises(PermissionDenied):
        tokens.issue(acme, vic, "Mine", EVERY)
    with pytest.raises(PermissionDenied):
        tokens.revoke(row, vic)


@pytest.mark.parametrize(
    ("name", "scopes", "days", "wrong"),
    [
        ("  ", EVERY, 90, {"name"}),
        ("n" * 101, EVERY, 90, {"name"}),
        ("Reports", [], 90, {"scopes"}),
        ("Reports", ["runs:read", "everything"], 90, {"scopes"}),
        ("Reports", EVERY, 0, {"days"}),
        ("", ["x"], 366, {"name", "scopes", "days"}),
    ],
)
def test_wrong_inputs_are_named(
    name: str, scopes: list[str], days: int, wrong: set[str], acme: Tenant, ada: User
) -> None:
    with pytest.raises(TokenInvalid) as caught:
        tokens.issue(acme, ada, name, scopes, days)

    assert set(caught.value.errors) == wrong
    assert not ApiToken.objects.exists()


def test_issuing_is_written_down_without_the_text(acme: Tenant, ada: User) -> None:
    row, plain = tokens.issue(acme, ada, "Reports", ["runs:read"], days=30)

    entry = AuditEntry.objects.get(action="token.issued")

    assert entry.actor == ada
    assert "runs:read" in entry.detail
    assert row.hint in entry.detail
    assert plain not in entry.detail
