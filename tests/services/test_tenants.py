"""Roles: who may look, change and manage members, and that an owner remains."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied

from integrations.models import AuditEntry, Membership, Role, Tenant
from integrations.services import tenants

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada")


@pytest.fixture
def bob() -> User:
    return User.objects.create_user("bob")


@pytest.fixture
def acme(ada: User) -> Tenant:
    return tenants.create("Acme", owner=ada)


def test_a_new_tenant_has_its_owner_and_an_audit_entry(acme: Tenant, ada: User) -> None:
    assert tenants.require(ada, acme, change=True).role == Role.OWNER
    assert AuditEntry.objects.get(action="tenant.created").tenant == acme


def test_equal_names_get_different_slugs(acme: Tenant) -> None:
    assert [tenants.create("Acme").slug for _ in range(2)] == ["acme-2", "acme-3"]


@pytest.mark.parametrize("name", ["日本", "!!!", "x" * 300])
def test_every_name_gets_a_usable_slug(name: str) -> None:
    assert 0 < len(tenants.create(name[:200]).slug) <= 50


@pytest.mark.parametrize(
    ("role", "may_change"), [(Role.OWNER, True), (Role.ADMIN, True), (Role.VIEWER, False)]
)
def test_roles_allow_what_they_say(
    acme: Tenant, ada: User, bob: User, role: Role, may_change: bool
) -> None:
    tenants.set_role(acme, bob, role, by=ada)
    assert tenants.require(bob, acme).can_change is may_change
    if not may_change:
        with pytest.raises(PermissionDenied):
            tenants.require(bob, acme, change=True)


def test_strangers_and_the_anonymous_are_denied(acme: Tenant, bob: User) -> None:
    for user in (bob, AnonymousUser()):
        with pytest.raises(PermissionDenied):
            tenants.require(user, acme)


def test_a_role_in_one_tenant_means_nothing_in_another(acme: Tenant, bob: User) -> None:
    tenants.create("Bolt", owner=bob)
    with pytest.raises(PermissionDenied):
        tenants.require(bob, acme)


def test_only_owners_manage_members(acme: Tenant, ada: User, bob: User) -> None:
    tenants.set_role(acme, bob, Role.ADMIN, by=ada)
    with pytest.raises(PermissionDenied):
        tenants.set_role(acme, bob, Role.OWNER, by=bob)
    with pytest.raises(PermissionDenied):
        tenants.remove_member(acme, ada, by=bob)


def test_the_last_owner_stays_owner(acme: Tenant, ada: User, bob: User) -> None:
    with pytest.raises(tenants.LastOwner):
        tenants.set_role(acme, ada, Role.VIEWER, by=ada)
    with pytest.raises(tenants.LastOwner):
        tenants.remove_member(acme, ada, by=ada)
    tenants.set_role(acme, bob, Role.OWNER, by=ada)
    tenants.remove_member(acme, ada, by=bob)
    assert [m.user for m in Membership.objects.filter(tenant=acme)] == [bob]


def test_changes_of_members_are_audited_with_who_did_them(
    acme: Tenant, ada: User, bob: User
) -> None:
    tenants.set_role(acme, bob, Role.VIEWER, by=ada)
    tenants.remove_member(acme, bob, by=ada)
    entries = AuditEntry.objects.filter(action__startswith="member.").order_by("id")
    assert [(e.action, e.actor_id, e.detail) for e in entries] == [
        ("member.role_set", ada.pk, "bob: viewer"),
        ("member.removed", ada.pk, "bob"),
    ]
