"""Choosing history: every filter finds what it names, in the tenant only, by an index."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.engine.reasons import Reason
from integrations.models import AuditEntry, ObjectSync
from integrations.services import audit, audit_log
from integrations.services.audit import AuditDraft
from integrations.services.audit_log import FAILED, Wanted, entries
from tests import bulk, factories

pytestmark = pytest.mark.django_db


def write(sync: ObjectSync, action: str = "update", reason: str = "updated", **more: object) -> int:
    draft = AuditDraft(
        sync.tenant_id,
        action,
        reason,
        object_sync_id=sync.pk,
        **more,  # type: ignore[arg-type]
    )
    audit.append([draft])
    return AuditEntry.objects.latest("id").pk


def ids(sync: ObjectSync, **wanted: object) -> list[int]:
    rows = entries(sync.tenant, Wanted(**wanted))  # type: ignore[arg-type]
    return sorted(rows.values_list("pk", flat=True))


def test_each_filter_finds_what_it_names(object_sync: ObjectSync) -> None:
    other = factories.object_sync(object_sync.tenant)
    one = write(object_sync, hubspot_id="901", run_id=7)
    two = write(other, "create", "rejected", target_id="T2")
    three = write(object_sync, "update", "rate_limited")
    assert ids(object_sync) == [one, two, three]
    assert ids(object_sync, object_sync=other.pk) == [two]
    assert ids(object_sync, action="update") == [one, three]
    assert ids(object_sync, reason=Reason.REJECTED) == [two]
    assert ids(object_sync, failed=True) == [two, three]
    assert ids(object_sync, failed=True, action="update") == [three]
    assert ids(object_sync, record="901") == [one]
    assert ids(object_sync, record="T2") == [two]
    assert ids(object_sync, run=7) == [one]


def test_entries_of_other_tenants_are_never_found(object_sync: ObjectSync) -> None:
    stranger = factories.object_sync(factories.tenant("Bolt"))
    write(stranger, "create", "rejected", hubspot_id="901", run_id=7)
    for wanted in (
        {},
        {"object_sync": stranger.pk},
        {"record": "901"},
        {"run": 7},
        {"failed": True},
    ):
        assert ids(object_sync, **wanted) == []
    assert audit_log.actions(object_sync.tenant) == []


def test_dates_choose_from_the_first_instant_up_to_the_last(
    object_sync: ObjectSync, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, made = timezone.now(), []
    for hour in range(20):
        at = start + timedelta(hours=hour)
        monkeypatch.setattr(timezone, "now", lambda at=at: at)
        made.append(write(object_sync))
    since, until = start + timedelta(hours=5), start + timedelta(hours=8)
    assert ids(object_sync, since=since, until=until) == made[5:8]
    assert ids(object_sync, since=start - timedelta(days=9)) == made
    assert ids(object_sync, since=start + timedelta(days=9)) == []
    assert ids(object_sync, until=start) == []


def test_the_actions_to_choose_from_are_those_that_occur(object_sync: ObjectSync) -> None:
    for action in ("update", "create", "update", "sync.paused"):
        write(object_sync, action)
    assert audit_log.actions(object_sync.tenant) == ["create", "sync.paused", "update"]


def test_what_failed_needs_somebody_or_was_tried_again() -> None:
    assert {Reason.CONFLICT, Reason.REJECTED, Reason.UNAVAILABLE} <= FAILED
    assert not FAILED & {Reason.IN_STEP, Reason.CREATED, Reason.FILTERED_OUT, Reason.PENDING}


def test_no_filter_reads_the_whole_history(object_sync: ObjectSync) -> None:
    bulk.fill(object_sync, factories.object_sync(factories.tenant("Crow")))
    now = timezone.now()
    for wanted in (
        Wanted(failed=True),
        Wanted(reason=Reason.GAVE_UP),
        Wanted(action="no.such"),
        Wanted(object_sync=object_sync.pk),
        Wanted(record="31007"),
        Wanted(since=now - timedelta(days=1), until=now),
    ):
        with CaptureQueriesContext(connection) as caught:
            list(entries(object_sync.tenant, wanted).order_by("-pk")[:25])
        for plan in bulk.plans(caught.captured_queries):
            assert "Seq Scan on integrations_auditentry" not in plan, f"{wanted}: {plan}"
