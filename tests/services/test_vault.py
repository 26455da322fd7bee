"""Sealed texts are bound to their place and key; tokens are renewed once, whatever happens."""

from __future__ import annotations

import base64
import threading
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection as database
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from integrations.connectors.auth import TokenSet
from integrations.engine.errors import AuthFailed, Misconfigured, SyncError, Unavailable
from integrations.models import Connection, ConnectionState, Tenant
from integrations.services import vault

HERE = "connection:1:secrets"
OTHER_KEY = "next:" + base64.urlsafe_b64encode(bytes(range(64, 128))).decode().rstrip("=")


def tokens(access: str = "first", minutes: float = 30) -> TokenSet:
    return TokenSet(access, timezone.now() + timedelta(minutes=minutes), "refresh", {"x": "y"})


@pytest.fixture
def row(db: None) -> Connection:
    tenant = Tenant.objects.create(name="Acme", slug="acme")
    return connect(tenant, "1")


def connect(tenant: Tenant, account: str) -> Connection:
    row = Connection(tenant=tenant, system="rxnt", account_id=account)
    vault.set_secrets(row, {"password": "s3cret-Pä"})
    row.save()
    return row


def store(row: Connection, held: TokenSet | None) -> None:
    vault.set_tokens(row, held)
    row.save()


class Renewal:
    """Counts how often it is called, and gives or raises what it was made with."""

    def __init__(self, result: TokenSet | SyncError) -> None:
        self.result = result
        self.seen: list[TokenSet | None] = []

    def __call__(self, held: TokenSet | None) -> TokenSet:
        self.seen.append(held)
        if isinstance(self.result, SyncError):
            raise self.result
        return self.result


# ---------------------------------------------------------------- sealed texts


def test_a_sealed_text_names_its_key_and_opens_in_its_place_only() -> None:
    sealed = vault.seal(b"secret", aad=HERE)
    assert vault.key_id_of(sealed) == vault.current_key_id() == "test"
    assert vault.unseal(sealed, aad=HERE) == b"secret"
    with pytest.raises(vault.SealBroken):
        vault.unseal(sealed, aad="connection:2:secrets")
    with pytest.raises(vault.SealBroken):
        vault.unseal(sealed, aad="connection:1:tokens")


def test_a_broken_seal_names_key_and_place_but_no_content() -> None:
    sealed = vault.seal(b"secret", aad=HERE)
    changed = sealed[:-6] + ("A" if sealed[-6] != "A" else "B") + sealed[-5:]
    with pytest.raises(vault.SealBroken) as caught:
        vault.unseal(changed, aad=HERE)
    message = str(caught.value)
    assert "'test'" in message
    assert HERE in message
    assert sealed.rpartition(".")[2][:12] not in message
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("text", ["", "v1", "v1.test", "v2.test.AAAA", "plain text", "v1.test.é"])
def test_anything_else_is_not_taken_for_a_sealed_text(text: str) -> None:
    with pytest.raises(vault.SealBroken):
        vault.unseal(text, aad=HERE)


def test_the_first_key_seals_and_all_keys_open(settings: Settings) -> None:
    old = vault.seal(b"secret", aad=HERE)
    settings.ENCRYPTION_KEYS = [OTHER_KEY, *settings.ENCRYPTION_KEYS]
    assert vault.unseal(old, aad=HERE) == b"secret"
    assert vault.key_id_of(vault.seal(b"secret", aad=HERE)) == "next"


def test_a_key_that_was_taken_away_is_named(settings: Settings) -> None:
    sealed = vault.seal(b"secret", aad=HERE)
    settings.ENCRYPTION_KEYS = [OTHER_KEY]
    with pytest.raises(vault.SealBroken, match="'test'.*ENCRYPTION_KEYS lacks"):
        vault.unseal(sealed, aad=HERE)


@pytest.mark.parametrize(
    "keys",
    [
        ["short:AAAA"],
        ["no-colon"],
        [":" + OTHER_KEY[5:]],
        [OTHER_KEY, OTHER_KEY],
        ["a.b" + OTHER_KEY],
    ],
)
def test_unusable_keys_are_refused_without_showing_them(
    settings: Settings, keys: list[str]
) -> None:
    settings.ENCRYPTION_KEYS = keys
    with pytest.raises(ImproperlyConfigured) as caught:
        vault.seal(b"secret", aad=HERE)
    assert OTHER_KEY[5:20] not in str(caught.value)


def test_a_key_of_ones_own_opens_only_what_it_sealed() -> None:
    key = vault.new_key()
    sealed = vault.seal_with(key, b"value", aad=HERE)
    assert vault.unseal_with(key, sealed, aad=HERE) == b"value"
    with pytest.raises(vault.SealBroken):
        vault.unseal_with(vault.new_key(), sealed, aad=HERE)


# ---------------------------------------------------------------- credentials of a row


def test_secrets_and_tokens_are_stored_unreadable(row: Connection) -> None:
    held = tokens("access-token")
    store(row, held)
    with database.cursor() as cursor:
        cursor.execute("SELECT row_to_json(c)::text FROM integrations_connection c")
        (dump,) = cursor.fetchone()
    assert "s3cret" not in dump
    assert "access-token" not in dump
    assert "refresh" not in dump
    row.refresh_from_db()
    assert vault.secrets_of(row) == {"password": "s3cret-Pä"}
    assert vault.tokens_of(row) == held
    assert row.tokens_expire_at == held.expires_at


def test_secrets_copied_to_another_tenants_row_do_not_open(row: Connection) -> None:
    other = connect(Tenant.objects.create(name="Bolt", slug="bolt"), "2")
    Connection.objects.filter(pk=other.pk).update(secrets=row.secrets)
    with pytest.raises(vault.SealBroken):
        vault.ConnectionVault(other.pk).secret("password")


def test_a_missing_secret_means_authentication_failed(row: Connection) -> None:
    assert vault.ConnectionVault(row.pk).secret("password") == "s3cret-Pä"
    with pytest.raises(AuthFailed):
        vault.ConnectionVault(row.pk).secret("username")
    Connection.objects.update(secrets="")
    with pytest.raises(AuthFailed):
        vault.ConnectionVault(row.pk).secret("password")


# ---------------------------------------------------------------- renewing


def test_working_tokens_are_used_as_they_are(row: Connection) -> None:
    store(row, tokens("held"))
    renewal = Renewal(tokens("never"))
    assert vault.ConnectionVault(row.pk).tokens(renewal).access == "held"
    assert renewal.seen == []


def test_a_second_use_asks_the_database_nothing(
    row: Connection, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    store(row, tokens())
    own = vault.ConnectionVault(row.pk)
    own.tokens(Renewal(tokens()))
    with django_assert_num_queries(0):
        own.tokens(Renewal(tokens()))


@pytest.mark.parametrize("minutes", [4, -1])
def test_tokens_are_renewed_before_they_expire_and_stored(row: Connection, minutes: float) -> None:
    held, fresh = tokens("old", minutes), tokens("new")
    store(row, held)
    renewal = Renewal(fresh)
    assert vault.ConnectionVault(row.pk).tokens(renewal) == fresh
    assert renewal.seen == [held]
    row.refresh_from_db()
    assert vault.tokens_of(row) == fresh


def test_the_first_use_logs_in_without_old_tokens(row: Connection) -> None:
    renewal = Renewal(tokens("new"))
    assert vault.ConnectionVault(row.pk).tokens(renewal).access == "new"
    assert renewal.seen == [None]


def test_a_refused_token_is_renewed_once_and_somebody_elses_renewal_is_taken(
    row: Connection,
) -> None:
    store(row, tokens("refused"))
    first, second = vault.ConnectionVault(row.pk), vault.ConnectionVault(row.pk)
    for own in (first, second):
        assert own.tokens(Renewal(tokens("never"))).access == "refused"
    renewal = Renewal(tokens("renewed"))
    assert first.tokens(renewal, rejected="refused").access == "renewed"
    assert second.tokens(renewal, rejected="refused").access == "renewed"
    assert len(renewal.seen) == 1


@pytest.mark.parametrize("error", [Unavailable("down"), Misconfigured("our secret")])
def test_a_passing_failure_keeps_a_token_that_still_works(
    row: Connection, error: SyncError
) -> None:
    store(row, tokens("held", minutes=3))
    own, renewal = vault.ConnectionVault(row.pk), Renewal(error)
    assert own.tokens(renewal).access == "held"
    assert own.tokens(renewal).access == "held"
    assert len(renewal.seen) == 1, "the next try waits a little"


@pytest.mark.parametrize("error", [Unavailable("down"), Misconfigured("our secret")])
def test_a_passing_failure_is_raised_once_the_token_expired_or_was_refused(
    row: Connection, error: SyncError
) -> None:
    store(row, tokens("held", minutes=-1))
    with pytest.raises(type(error)):
        vault.ConnectionVault(row.pk).tokens(Renewal(error))
    store(row, tokens("held"))
    with pytest.raises(type(error)):
        vault.ConnectionVault(row.pk).tokens(Renewal(error), rejected="held")
    row.refresh_from_db()
    assert row.state == ConnectionState.ACTIVE


def test_credentials_refused_for_good_are_reported_even_with_a_working_token(
    row: Connection,
) -> None:
    store(row, tokens("held", minutes=3))
    with pytest.raises(AuthFailed):
        vault.ConnectionVault(row.pk).tokens(Renewal(AuthFailed("revoked")))


def test_an_uninstalled_connection_gives_no_tokens(row: Connection) -> None:
    store(row, tokens("held"))
    Connection.objects.update(state=ConnectionState.UNINSTALLED)
    with pytest.raises(AuthFailed):
        vault.ConnectionVault(row.pk).tokens(Renewal(tokens("never")))


@pytest.mark.django_db(transaction=True)
def test_renewing_inside_a_transaction_is_refused() -> None:
    row = connect(Tenant.objects.create(name="Acme", slug="acme"), "1")
    with pytest.raises(RuntimeError), transaction.atomic():
        vault.ConnectionVault(row.pk).tokens(Renewal(tokens()))


@pytest.mark.django_db(transaction=True)
def test_many_workers_cause_one_renewal() -> None:
    row = connect(Tenant.objects.create(name="Acme", slug="acme"), "1")
    store(row, tokens("old", minutes=-1))
    start = threading.Barrier(6)
    renewals: list[datetime] = []
    results: list[str] = []

    def renew(_held: TokenSet | None) -> TokenSet:
        renewals.append(timezone.now())
        return tokens(f"new-{len(renewals)}")

    def work() -> None:
        start.wait()
        results.append(vault.ConnectionVault(row.pk).tokens(renew).access)
        database.close()

    workers = [threading.Thread(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert results == ["new-1"] * 6
    assert len(renewals) == 1
