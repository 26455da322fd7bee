"""Sealed batches: what tampering looks like, and what retention leaves provable."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from integrations.models import AuditEntry, AuditSeal, Tenant
from integrations.services import audit, audit_seals, retention
from integrations.services.audit import AuditDraft

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> Tenant:
    return Tenant.objects.create(name="Acme", slug="acme")


def write(tenant: Tenant, count: int) -> None:
    audit.append([AuditDraft(tenant_id=tenant.pk, action=f"act-{n}") for n in range(count)])


def forge(statement: str) -> None:
    """Change history as somebody with full power over the database would."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = 'replica'")
        cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = 'origin'")


def test_an_untouched_history_is_intact(tenant: Tenant) -> None:
    write(tenant, 3)
    audit_seals.seal()
    write(tenant, 2)
    audit_seals.seal()
    write(tenant, 1)
    verdict = audit_seals.verify()
    assert (verdict.seals, verdict.entries, verdict.unsealed) == (2, 5, 1)
    assert verdict.problems == ()


def test_sealing_twice_seals_nothing_new(tenant: Tenant) -> None:
    write(tenant, 3)
    assert audit_seals.seal() == 3
    assert audit_seals.seal() == 0


def test_a_long_history_is_sealed_in_several_batches(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_seals, "BATCH", 4)
    write(tenant, 10)
    assert audit_seals.seal() == 10
    assert [seal.count for seal in AuditSeal.objects.order_by("id")] == [4, 4, 2]
    assert audit_seals.verify().problems == ()


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE integrations_auditentry SET detail = 'forged' WHERE action = 'act-1'",
        "UPDATE integrations_auditentry SET at = at + interval '1 second' WHERE action = 'act-1'",
        "DELETE FROM integrations_auditentry WHERE action = 'act-1'",
        "DELETE FROM integrations_auditentry WHERE action = 'act-3'",
        "UPDATE integrations_auditseal SET digest = repeat('0', 128)",
        "UPDATE integrations_auditseal SET previous = 'x' WHERE previous <> ''",
        "DELETE FROM integrations_auditseal WHERE previous = ''",
        "UPDATE integrations_auditentry SET detail = 'forged' WHERE action = 'act-1';"
        "UPDATE integrations_auditseal SET pruned_at = now()",
        "UPDATE integrations_auditseal SET pruned_at = now() WHERE previous <> '';"
        "DELETE FROM integrations_auditentry WHERE id > (SELECT min(last_id)"
        " FROM integrations_auditseal)",
    ],
)
def test_a_forgery_shows(tenant: Tenant, forgery: str) -> None:
    write(tenant, 4)
    audit_seals.seal()
    write(tenant, 4)
    audit_seals.seal()
    forge(forgery)
    assert audit_seals.verify().problems


def test_an_entry_slipped_in_between_two_seals_shows(tenant: Tenant) -> None:
    write(tenant, 2)
    audit_seals.seal()
    write(tenant, 2)
    gap = AuditEntry.objects.order_by("-id").values_list("id", flat=True)[0] + 5
    audit_seals.seal()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('integrations_auditentry', 'id'), %s)", [gap]
        )
    write(tenant, 1)
    audit_seals.seal()
    assert audit_seals.verify().problems == ()
    forge(
        "UPDATE integrations_auditentry SET id = id - 2 "
        "WHERE id = (SELECT max(id) FROM integrations_auditentry)"
    )
    assert audit_seals.verify().problems


def test_the_digests_cannot_be_made_without_the_portals_key(
    tenant: Tenant, settings: Settings
) -> None:
    write(tenant, 2)
    audit_seals.seal()
    settings.DIGEST_KEY = "another"
    assert audit_seals.verify().problems


def test_the_command_says_intact_and_fails_on_forgery(tenant: Tenant) -> None:
    write(tenant, 2)
    audit_seals.seal()
    out = StringIO()
    call_command("verify_audit", stdout=out)
    assert "Intact" in out.getvalue()
    forge("UPDATE integrations_auditentry SET detail = 'forged'")
    with pytest.raises(CommandError, match="altered"):
        call_command("verify_audit", stdout=out)


def test_retention_removes_whole_old_batches_and_the_rest_stays_provable(
    tenant: Tenant, settings: Settings
) -> None:
    settings.AUDIT_RETENTION_DAYS = 30
    write(tenant, 3)
    old = timezone.now() - timedelta(days=31)
    forge(f"UPDATE integrations_auditentry SET at = '{old.isoformat()}'")  # noqa: S608
    audit_seals.seal()
    write(tenant, 2)
    audit_seals.seal()
    assert retention.prune().audit_entries == 3
    verdict = audit_seals.verify()
    assert (verdict.entries, verdict.problems) == (2, ())
    assert retention.prune().audit_entries == 0


def test_retention_leaves_unsealed_entries_alone(tenant: Tenant, settings: Settings) -> None:
    settings.AUDIT_RETENTION_DAYS = 0
    write(tenant, 3)
    assert retention.prune().audit_entries == 0
    assert AuditEntry.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_an_entry_of_a_slow_transaction_is_never_skipped(
    in_thread: Callable[[Callable[[], object]], threading.Thread],
) -> None:
    """Ids are given out before commits: sealing waits for whoever holds a lower id."""
    tenant = Tenant.objects.create(name="Acme", slug="acme")
    written, finish = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            write(tenant, 1)
            written.set()
            finish.wait(10)

    writer = in_thread(slow)
    assert written.wait(10)
    sealer = in_thread(audit_seals.seal)
    finish.set()
    writer.join(10)
    sealer.join(10)
    audit_seals.seal()
    verdict = audit_seals.verify()
    assert (verdict.entries, verdict.unsealed, verdict.problems) == (1, 0, ())
