"""Runs: all records of a side, page by page, planned before they are written, told as they go."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils import timezone

from integrations.connectors import REGISTRY
from integrations.connectors.hubspot.spec import HUBSPOT
from integrations.engine.errors import ConfigInvalid
from integrations.engine.ports import Connector, Priority
from integrations.engine.records import Page, Side
from integrations.models import (
    AuditEntry,
    Intent,
    JobRun,
    ObjectSync,
    RecordLink,
    RunKind,
    RunState,
)
from integrations.services import connectors, leases, runs, stages
from integrations.services.ledger import DjangoLedger
from integrations.services.slices import Session
from tests.services.lane_kit import FIRED, LaneKit, expire_lease, run_to_end, small_pages

pytestmark = pytest.mark.django_db

# ---------------------------------------------------------------- the straight way


def test_a_manual_run_starts_what_is_in_the_stage_only_when_asked_to(kit: LaneKit) -> None:
    kit.contacts(3)
    kit.contact(9, lifecyclestage="lead")
    run = run_to_end(kit)
    assert (run.state, run.seen, run.written) == (RunState.DONE, 4, 0)
    assert run.counts["waiting_for_trigger"] == 3
    run = run_to_end(kit, scope=FIRED)
    assert (run.seen, run.written, run.counts["created"]) == (4, 3, 3)
    assert kit.stage.rxnt.count() == 3
    assert run.ended_at is not None
    assert run.version_number == 1


def test_a_run_counts_every_request_of_both_connectors(kit: LaneKit) -> None:
    kit.contacts(3)
    run_to_end(kit)
    stand_ins = (kit.stage.hubspot, kit.stage.rxnt)
    before = sum(stand_in.counters.total() for stand_in in stand_ins)
    run = run_to_end(kit, scope=FIRED)
    assert run.written == 3
    assert run.calls == sum(stand_in.counters.total() for stand_in in stand_ins) - before > 3


def test_a_second_run_writes_nothing(kit: LaneKit) -> None:
    kit.contacts(5)
    run_to_end(kit, scope=FIRED)
    entries = AuditEntry.objects.filter(run_id__isnull=False).count()
    run = run_to_end(kit, scope=FIRED)
    assert (run.written, run.counts) == (0, {"in_step": 5})
    assert AuditEntry.objects.filter(run_id__isnull=False).count() == entries


def test_one_run_of_a_kind_is_open_at_a_time(kit: LaneKit) -> None:
    first = runs.open_run(kit.sync, RunKind.MANUAL, requested_by=kit.stage.ada)
    assert runs.open_run(kit.sync, RunKind.MANUAL) == first
    assert runs.open_run(kit.sync, RunKind.DRY_RUN) != first
    assert first.requested_by == kit.stage.ada
    with pytest.raises(ConfigInvalid):
        runs.open_run(kit.sync, RunKind.WEBHOOK)


def test_an_empty_account_ends_the_run_at_once(kit: LaneKit) -> None:
    run = run_to_end(kit)
    assert (run.state, run.seen) == (RunState.DONE, 0)


def test_a_run_goes_by_one_version_from_start_to_end(
    kit: LaneKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit.contacts(6)
    small_pages(kit, monkeypatch)
    run = runs.open_run(kit.sync, RunKind.BACKFILL, scope=FIRED)
    kit.work_one_slice()
    run.refresh_from_db()
    assert (run.version_number, run.seen) == (1, 4)
    row = ObjectSync.objects.select_related("version").get(pk=kit.sync.pk)
    assert row.version is not None
    row.version = row.versions.create(number=2, config=row.version.config)
    row.save(update_fields=["version"])
    kit.work()
    run.refresh_from_db()
    assert (run.state, run.version_number, run.seen) == (RunState.DONE, 2, 6)
    assert kit.stage.rxnt.count() == 6


def test_a_run_that_is_cancelled_while_it_begins_stays_so(
    kit: LaneKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit.contacts(1)
    real = stages._totals

    def cancel_first(session: Session, run: JobRun, ways: dict[Side, stages.Way]) -> dict[str, int]:
        runs.cancel(run, kit.stage.ada)
        return real(session, run, ways)

    monkeypatch.setattr(stages, "_totals", cancel_first)
    run = run_to_end(kit, scope=FIRED)
    assert (run.state, kit.stage.rxnt.count()) == (RunState.CANCELLED, 0)


def test_a_dry_run_writes_nothing_and_tells_what_would_be_done(kit: LaneKit) -> None:
    kit.contacts(3)
    kit.contact(9, lastname="")
    run = run_to_end(kit, RunKind.DRY_RUN, FIRED)
    assert run.state == RunState.DONE
    assert run.scope["actions"] == {"create": 3, "fail": 1}
    assert (run.seen, run.written, run.counts["required_missing"]) == (4, 0, 1)
    assert kit.stage.rxnt.count() == 0
    assert not RecordLink.objects.exists()
    assert not Intent.objects.exists()


def test_an_incremental_run_goes_on_where_the_last_one_ended(
    kit: LaneKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def changes(_type: str, cursor: str, _fields: object) -> Page:
        seen.append(cursor)
        return Page((), f"{cursor}+", more=len(seen) == 1)

    hubspot = connectors.open_pair(kit.sync, Priority.BACKFILL)[Side.HUBSPOT]
    monkeypatch.setattr(hubspot, "changes_since", lambda *_args: "start")
    monkeypatch.setattr(hubspot, "changes", changes)
    run_to_end(kit, RunKind.INCREMENTAL)
    run_to_end(kit, RunKind.INCREMENTAL)
    assert seen == ["start", "start+", "start++"]


def test_an_incremental_run_reads_no_side_that_cannot_tell_what_changed(
    kit: LaneKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit.contacts(2)
    contacts = replace(HUBSPOT.object("contacts"), has_modified_since=False)
    blind = replace(HUBSPOT, objects=(contacts,))
    monkeypatch.setattr(
        connectors, "spec_of", lambda key: blind if key == "hubspot" else REGISTRY[key].spec
    )
    run = run_to_end(kit, RunKind.INCREMENTAL, FIRED)
    assert (run.state, run.seen) == (RunState.DONE, 0)


def test_what_a_search_found_is_read_again_by_id(
    kit: LaneKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = kit.contact()
    kit.sync_now(contact)
    hubspot: Connector = connectors.open_pair(kit.sync, Priority.BACKFILL)[Side.HUBSPOT]
    stale = hubspot.scan("contacts", "", ["firstname"])
    kit.person.edit("contacts", contact, {"firstname": "Newest"})
    monkeypatch.setattr(hubspot, "changes_since", lambda *_args: "")
    monkeypatch.setattr(hubspot, "changes", lambda *_args: Page(stale.records, "end"))
    run_to_end(kit, RunKind.INCREMENTAL, FIRED)
    patient = kit.stage.rxnt.patient(f"hubspot_{contact}")
    assert patient is not None
    assert patient.fields["FirstName"] == "Newest"


# ---------------------------------------------------------------- pages, crashes, urgency


def test_a_crash_costs_one_page_and_repeats_nothing(
    kit: LaneKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit.contacts(10)
    small_pages(kit, monkeypatch)
    run = runs.open_run(kit.sync, RunKind.MANUAL, scope=FIRED)
    real, calls = DjangoLedger.settle, []

    def die_on_second(ledger: DjangoLedger, items: object) -> None:
        calls.append(items)
        if len(calls) == 2:
            raise SystemExit(9)
        real(ledger, items)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(DjangoLedger, "settle", die_on_second)
        patched.setattr(leases, "release", lambda _lease: False)
        with pytest.raises(SystemExit):
            kit.work()
    run.refresh_from_db()
    assert (run.cursor, run.seen) == ("hubspot|4", 4)
    expire_lease(kit.sync.pk)
    kit.work()
    run.refresh_from_db()
    assert (run.state, run.seen) == (RunState.DONE, 10)
    assert kit.stage.rxnt.count() == 10
    assert not Intent.objects.filter(state__in=("planned", "unknown")).exists()


def test_a_notice_overtakes_a_running_backfill(
    kit: LaneKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit.contacts(10)
    small_pages(kit, monkeypatch)
    run = runs.open_run(kit.sync, RunKind.MANUAL)
    assert kit.work_one_slice()
    urgent = kit.contact(99)
    kit.hint(urgent)
    assert kit.work_one_slice()
    run.refresh_from_db()
    assert run.cursor == "hubspot|4"
    assert kit.state(urgent) == ("linked", "created")


def test_a_page_on_which_the_portal_fails_does_not_stop_the_run(
    kit: LaneKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = kit.contacts(10)
    small_pages(kit, monkeypatch)
    real = DjangoLedger.settle
    failed: list[object] = []

    def fail_once(ledger: DjangoLedger, items: object) -> None:
        if not failed:
            failed.append(items)
            raise ZeroDivisionError
        real(ledger, items)  # type: ignore[arg-type]

    monkeypatch.setattr(DjangoLedger, "settle", fail_once)
    run = run_to_end(kit, scope=FIRED)
    assert run.state == RunState.DONE
    assert kit.waiting() == {}
    assert kit.stage.rxnt.count() == 10
    assert {kit.state(record_id)[0] for record_id in ids} == {"linked"}


def test_a_cancelled_run_stops_after_its_slice(
    kit: LaneKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit.contacts(10)
    small_pages(kit, monkeypatch)
    run = runs.open_run(kit.sync, RunKind.MANUAL)
    kit.work_one_slice()
    runs.cancel(run, kit.stage.ada)
    assert not kit.work_one_slice()
    run.refresh_from_db()
    assert (run.state, run.cursor) == (RunState.CANCELLED, "hubspot|4")
    assert AuditEntry.objects.filter(action="run.cancelled").exists()


def test_runs_take_turns(kit: LaneKit) -> None:
    first = runs.open_run(kit.sync, RunKind.MANUAL)
    second = runs.open_run(kit.sync, RunKind.DRY_RUN)
    assert runs.next_open(kit.sync) == first
    JobRun.objects.filter(pk=first.pk).update(heartbeat_at=timezone.now())
    assert runs.next_open(kit.sync) == second
