"""Lanes: hints become patients, whatever goes wrong on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django_q.models import OrmQ
from pytest_django import Settings

from integrations.engine.errors import (
    LeaseLost,
)
from integrations.engine.ports import Priority
from integrations.models import (
    AuditEntry,
    Intent,
    JobRun,
    Lane,
    ObjectSync,
    RecordLink,
    SyncState,
)
from integrations.services import connections, lanes, leases, slices
from integrations.services.ledger import DjangoLedger
from tests.services.lane_kit import LaneKit, expire_lease, lane_is_free
from tests.services.stage import Stage

pytestmark = pytest.mark.django_db


# ---------------------------------------------------------------- the straight way


def test_an_entry_into_the_stage_becomes_a_patient(kit: LaneKit) -> None:
    contact = kit.contact()
    kit.sync_now(contact)
    assert kit.state(contact) == ("linked", "created")
    assert kit.stage.rxnt.count() == 1
    assert kit.waiting() == {}
    assert lane_is_free(kit.sync.pk)
    entry = AuditEntry.objects.get(link_id=kit.link(contact).pk)
    assert (entry.action, entry.reason, entry.side) == ("create", "created", "target")
    run = JobRun.objects.get()
    assert (run.kind, run.seen, run.written, run.counts) == ("webhook", 1, 1, {"created": 1})
    assert entry.run_id == run.pk


def test_a_second_entry_updates_the_same_patient_and_an_echo_writes_nothing(kit: LaneKit) -> None:
    contact = kit.contact()
    kit.sync_now(contact)
    entries = AuditEntry.objects.count()
    kit.sync_now(contact)
    assert AuditEntry.objects.count() == entries
    kit.person.edit("contacts", contact, {"firstname": "Idabel"})
    kit.sync_now(contact)
    assert kit.stage.rxnt.count() == 1
    patient = kit.stage.rxnt.patient(f"hubspot_{contact}")
    assert patient is not None
    assert patient.fields["FirstName"] == "Idabel"
    assert kit.state(contact) == ("linked", "updated")


def test_a_contact_outside_the_stage_is_excluded_with_its_reason(kit: LaneKit) -> None:
    contact = kit.contact(lifecyclestage="lead")
    kit.hint(contact, fired=False)
    kit.work()
    assert kit.link(contact).state == "excluded"
    assert kit.stage.rxnt.count() == 0


def test_the_most_urgent_hints_go_first(kit: LaneKit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "SIZE", 2)
    slow, urgent = kit.contacts(3), kit.contact(9)
    kit.hint(*slow, priority=Priority.BACKFILL)
    kit.hint(urgent, priority=Priority.PERSON)
    kit.work(seconds=0.0)
    assert len(kit.waiting()) == 4
    kit.work_one_slice()
    assert urgent not in kit.waiting()
    assert len(kit.waiting()) == 2


def test_a_lane_hands_its_worker_back_and_queues_itself_again(
    kit: LaneKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "SIZE", 1)
    kit.hint(*kit.contacts(2))
    OrmQ.objects.all().delete()
    kit.work(seconds=1e-9)
    assert [task.func() for task in OrmQ.objects.all()] == ["integrations.tasks.run_lane"]


# ---------------------------------------------------------------- cost


def queries_of(kit: LaneKit, count: int, *, repeat: bool = False) -> list[str]:
    ids = kit.contacts(count)
    if repeat:
        kit.sync_now(*ids)
    kit.hint(*ids)
    lease = leases.acquire(kit.sync.pk)
    assert lease is not None
    with CaptureQueriesContext(database) as captured:
        lanes._slice(kit.sync.pk, lease.fence)
    leases.release(lease)
    assert kit.waiting() == {}
    statements = [" ".join(query["sql"].split()[:4]) for query in captured]
    # The call budget of an account asks once per call, and RXNT takes one record per call.
    return [
        "SAVEPOINT" if "SAVEPOINT" in statement else statement
        for statement in statements
        if "integrations_bucket" not in statement
    ]


def test_a_slice_costs_the_same_few_queries_whatever_its_size(kit: LaneKit) -> None:
    kit.sync_now(kit.contact(0))
    few, many = queries_of(kit, 10), queries_of(kit, 100)
    assert few == many
    assert len(many) < 25


def test_a_slice_of_unchanged_records_costs_the_same_few_queries(kit: LaneKit) -> None:
    kit.sync_now(kit.contact(0))
    few, many = queries_of(kit, 10, repeat=True), queries_of(kit, 100, repeat=True)
    assert few == many
    assert len(many) < 20


# ---------------------------------------------------------------- leases and crashes


def test_a_crash_between_call_and_settlement_is_resolved_by_reading(
    kit: LaneKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = kit.contact()
    kit.hint(contact)

    def die(*_args: object) -> None:
        raise SystemExit(9)

    with monkeypatch.context() as patched:
        patched.setattr(DjangoLedger, "settle", die)
        patched.setattr(leases, "release", lambda _lease: False)
        with pytest.raises(SystemExit):
            kit.work()
    assert kit.stage.rxnt.count() == 1
    assert Intent.objects.get().state == "planned"
    kit.work()
    assert contact in kit.waiting()
    expire_lease(kit.sync.pk)
    kit.work()
    assert kit.waiting() == {}
    assert kit.stage.rxnt.count() == 1
    assert kit.state(contact)[0] == "linked"
    assert not Intent.objects.filter(state__in=("planned", "unknown")).exists()


def test_a_frozen_holder_that_wakes_up_can_write_nothing(
    kit: LaneKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = kit.contact()
    kit.hint(contact)
    real = DjangoLedger.settle

    def wake_up_late(ledger: DjangoLedger, items: object) -> None:
        expire_lease(kit.sync.pk)
        assert leases.acquire(kit.sync.pk) is not None
        with pytest.raises(LeaseLost):
            real(ledger, items)  # type: ignore[arg-type]
        raise LeaseLost("as the engine would")

    monkeypatch.setattr(DjangoLedger, "settle", wake_up_late)
    kit.work()
    assert RecordLink.objects.get().state == "pending"
    assert contact in kit.waiting()
    assert not AuditEntry.objects.filter(reason="created").exists()
    assert not lane_is_free(kit.sync.pk)


# ---------------------------------------------------------------- parking, tenants, the sweep


@pytest.mark.parametrize("state", [SyncState.PAUSED, SyncState.HELD, SyncState.UNINSTALLED])
def test_a_paused_sync_keeps_its_hints_and_works_after_it_resumes(
    kit: LaneKit, state: SyncState
) -> None:
    contact = kit.contact()
    ObjectSync.objects.update(state=state)
    kit.sync_now(contact)
    assert kit.waiting()[contact].attempts == 0
    assert lanes.idle_with_work() == []
    ObjectSync.objects.update(state=SyncState.ACTIVE)
    assert lanes.idle_with_work() == [kit.sync.pk]
    kit.work()
    assert kit.waiting() == {}


def test_the_sweep_wakes_what_a_lost_wake_up_left_lying(kit: LaneKit) -> None:
    kit.hint(kit.contact())
    OrmQ.objects.all().delete()
    Lane.objects.update(wake_queued_at=None)
    lanes.sweep()
    assert [task.func() for task in OrmQ.objects.all()] == ["integrations.tasks.run_lane"]


def test_one_tenants_work_touches_nothing_of_another(kit: LaneKit) -> None:
    stage = kit.stage
    hubspot = stage.install(stage.bolt, stage.bob, 4711002)
    stage.rxnt.add_user("bolt_iface", "Bolt-Pw", company=900)
    other = connections.connect_target(
        stage.bob, hubspot, "rxnt", {"UserName": "bolt_iface", "Password": "Bolt-Pw"}
    ).object_syncs.get()
    contact = kit.contact()
    kit.hint(contact)
    lanes.work(other.pk)
    assert contact in kit.waiting()
    kit.work()
    assert {link.tenant_id for link in RecordLink.objects.all()} == {kit.sync.tenant_id}
    own, theirs = slices.digest_key(kit.sync), slices.digest_key(other)
    assert own != theirs


@pytest.mark.django_db(transaction=True)
def test_several_workers_share_the_work_of_a_lane_without_repeating_any(
    stage: Stage,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    in_thread: Callable[[Callable[[], object]], threading.Thread],
) -> None:
    settings.RXNT_RATE = settings.RXNT_BURST = 10_000
    monkeypatch.setattr(slices, "SIZE", 5)
    kit = LaneKit(stage)
    ids = kit.contacts(60)
    kit.hint(*ids)

    def worker() -> None:
        while kit.waiting():
            kit.work(seconds=0.01)

    for thread in [in_thread(worker) for _number in range(3)]:
        thread.join(60)
    assert kit.waiting() == {}
    assert stage.rxnt.count() == 60
    created = AuditEntry.objects.filter(reason="created")
    assert created.count() == created.values("link_id").distinct().count() == 60
    assert sum(run.written for run in JobRun.objects.all()) == 60
