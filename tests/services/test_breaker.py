"""Runs that would change much are planned to their end, and stopped before the first write."""

from __future__ import annotations

import pytest

from integrations.engine.plan import Plan
from integrations.engine.ports import Priority
from integrations.engine.reasons import Reason
from integrations.engine.records import Page, Side
from integrations.models import (
    ObjectSync,
    RunState,
    SyncState,
)
from integrations.services import connectors, pages, plans, runs
from integrations.services.progress import Progress
from integrations.services.slices import Session
from tests.services.lane_kit import FIRED, LaneKit, run_to_end, small_pages

pytestmark = pytest.mark.django_db


@pytest.fixture
def risky(kit: LaneKit, monkeypatch: pytest.MonkeyPatch) -> LaneKit:
    """Give 60 patients of whom 40 would change at once, the last of them on late pages."""
    ids = kit.contacts(60)
    run_to_end(kit, scope=FIRED)
    for contact in ids[20:]:
        kit.person.edit("contacts", contact, {"firstname": "Everybody"})
    small_pages(kit, monkeypatch, 15)
    return kit


def newer(kit: LaneKit) -> None:
    """Put another version into force."""
    row = ObjectSync.objects.select_related("version").get(pk=kit.sync.pk)
    assert row.version is not None
    row.version = row.versions.create(number=2, config=row.version.config)
    row.save(update_fields=["version"])


def saved(kit: LaneKit) -> int:
    return sum(p.fields["FirstName"] == "Everybody" for p in kit.stage.rxnt.patients())


def test_an_unsafe_plan_stops_before_the_first_write(risky: LaneKit) -> None:
    run = run_to_end(risky, scope=FIRED)
    assert (run.state, run.reason) == (RunState.HELD, Reason.PLAN_UNSAFE)
    assert "of 60 linked records" in run.reason_detail
    assert saved(risky) == 0
    assert run.scope["plan"]["sample"][0]["fields"] == ["DOB", "FirstName", "LastName"]
    assert ObjectSync.objects.get().state == SyncState.HELD


def test_an_approved_plan_is_carried_out(risky: LaneKit) -> None:
    run = run_to_end(risky, scope=FIRED)
    runs.approve(run, risky.stage.ada)
    assert ObjectSync.objects.get().state == SyncState.ACTIVE
    risky.work()
    run.refresh_from_db()
    assert (run.state, run.seen, run.written) == (RunState.DONE, 60, 40)
    assert saved(risky) == 40


def test_an_approved_plan_of_an_earlier_version_is_planned_again(risky: LaneKit) -> None:
    run = run_to_end(risky, scope=FIRED)
    newer(risky)
    runs.approve(run, risky.stage.ada)
    risky.work()
    run.refresh_from_db()
    assert (run.state, run.version_number) == (RunState.HELD, 2)
    assert saved(risky) == 0
    runs.approve(run, risky.stage.ada)
    risky.work()
    run.refresh_from_db()
    assert (run.state, run.seen, run.written) == (RunState.DONE, 60, 40)


def test_a_run_that_is_cancelled_while_its_plan_turns_unsafe_holds_nothing(
    risky: LaneKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = pages._tally

    def cancel_first(progress: Progress, plan: Plan) -> None:
        if plan.unsafe:
            runs.cancel(progress.run, risky.stage.ada)
        real(progress, plan)

    monkeypatch.setattr(pages, "_tally", cancel_first)
    run = run_to_end(risky, scope=FIRED)
    assert run.state == RunState.CANCELLED
    assert ObjectSync.objects.get().state == SyncState.ACTIVE


def test_a_refused_plan_frees_the_sync(risky: LaneKit) -> None:
    run = run_to_end(risky, scope=FIRED)
    runs.cancel(run, risky.stage.ada)
    assert ObjectSync.objects.get().state == SyncState.ACTIVE
    risky.work()
    assert saved(risky) == 0


def test_a_usual_plan_is_planned_to_its_end_and_then_written(
    kit: LaneKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = kit.contacts(60)
    run_to_end(kit, scope=FIRED)
    for contact in ids[50:]:
        kit.person.edit("contacts", contact, {"firstname": "Everybody"})
    small_pages(kit, monkeypatch, 15)
    run = run_to_end(kit, scope=FIRED)
    assert (run.state, run.seen, run.written) == (RunState.DONE, 60, 10)
    assert run.scope["planned_changes"] == 10
    assert run.scope["stages"] == ["plan:hubspot", "hubspot"]


def test_a_pass_over_unchanged_records_reads_once(
    kit: LaneKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit.contacts(60)
    run_to_end(kit, scope=FIRED)
    small_pages(kit, monkeypatch, 15)
    hubspot = connectors.open_pair(kit.sync, Priority.BACKFILL)[Side.HUBSPOT]
    read, real = [], hubspot.scan

    def scan(object_type: str, cursor: str, fields: list[str]) -> Page:
        read.append(cursor)
        return real(object_type, cursor, fields)

    monkeypatch.setattr(hubspot, "scan", scan)
    run = run_to_end(kit, scope=FIRED)
    assert (run.state, run.seen, run.counts) == (RunState.DONE, 60, {"in_step": 60})
    assert len(read) == 4


def test_a_page_that_cannot_be_planned_does_not_stop_the_run(
    kit: LaneKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = kit.contacts(60)
    run_to_end(kit, scope=FIRED)
    kit.person.edit("contacts", ids[0], {"firstname": "Changed"})
    real, calls = Session.flow, []

    def fail_first(session: Session, *args: object, **options: object) -> object:
        calls.append(args)
        if len(calls) == 1:
            raise ZeroDivisionError
        return real(session, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Session, "flow", fail_first)
    run = run_to_end(kit, scope=FIRED)
    assert (run.state, run.written) == (RunState.DONE, 1)


def test_a_plan_summary_names_fields_and_no_values(risky: LaneKit) -> None:
    run = run_to_end(risky, scope=FIRED)
    assert len(run.scope["plan"]["sample"]) <= plans.SAMPLES
    assert "Everybody" not in str(run.scope)
