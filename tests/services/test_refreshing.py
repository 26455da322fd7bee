"""Refreshes: runs that read field lists anew and never stop the sync they are about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from integrations.connectors import REGISTRY
from integrations.engine.errors import ConfigInvalid, Rejected, SyncError, Unavailable
from integrations.engine.reasons import Reason
from integrations.engine.records import FieldType
from integrations.engine.specs import FieldSpec, JobSpec
from integrations.models import FieldSchema, JobRun, ObjectSync, RunKind, RunState, SyncState
from integrations.services import jobs, lanes, refreshing, runs
from tests.services.desk import Desk

pytestmark = pytest.mark.django_db
REFRESH = JobSpec("refresh:contacts", "Refresh", ("contacts",), kind="refresh", minutes=1440)


def refresh(desk: Desk) -> JobRun:
    """Open a refresh and work on it."""
    run = runs.open_run(desk.sync, RunKind.REFRESH)
    lanes.work(desk.sync.pk, seconds=60)
    run.refresh_from_db()
    return run


def test_it_reads_both_sides_field_lists_and_judges_what_changed(desk: Desk) -> None:
    desk.publish()
    desk.hubspot.specs["shoe"] = FieldSpec("shoe", "Shoe size")
    desk.target.change("title", type=FieldType.NUMBER)
    run = refresh(desk)
    assert (run.state, run.reason) == (RunState.DONE, "")
    lists = FieldSchema.objects.filter(object_type="contacts")
    assert any(field["name"] == "shoe" for field in lists.get().fields)
    assert desk.sync.drift, "a field that is another now"
    assert run.seen == 0


def test_it_is_started_by_its_job_like_any_other(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = REGISTRY["desk"]
    monkeypatch.setitem(REGISTRY, "desk", replace(entry, spec=replace(entry.spec, jobs=(REFRESH,))))
    desk.publish()
    jobs.run_now(desk.sync.integration, REFRESH.key, desk.ada)
    desk.work()
    view = jobs.one(desk.sync.integration, REFRESH.key)
    assert [(run.kind, run.state) for run in view.runs] == [("refresh", "done")]


@pytest.mark.parametrize("error", [ConfigInvalid("It clashes."), Rejected("It clashes.")])
def test_what_another_try_would_not_mend_is_shown_and_stops_nothing(
    error: SyncError, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.publish()
    monkeypatch.setattr(refreshing, "STEPS", (_failing(error),))
    run = refresh(desk)
    assert (run.state, run.reason, run.reason_detail) == ("done", error.reason, "It clashes.")
    assert desk.sync.state == SyncState.ACTIVE


def test_an_error_of_our_own_is_shown_without_its_words(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.publish()
    monkeypatch.setattr(refreshing, "STEPS", (_failing(ValueError("Jane Roe")),))
    run = refresh(desk)
    assert (run.state, "Jane" in run.reason_detail) == (RunState.DONE, False)


def test_a_system_that_is_down_is_asked_again_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.publish()
    monkeypatch.setattr(refreshing, "STEPS", (_failing(Unavailable("It is down.")),))
    assert refresh(desk).state == RunState.RUNNING
    assert desk.sync.reason == Reason.UNAVAILABLE
    monkeypatch.setattr(refreshing, "STEPS", ())
    ObjectSync.objects.update(not_before=None)
    assert refresh(desk).state == RunState.DONE


def _failing(error: Exception) -> refreshing.Step:
    def step(_object_sync: ObjectSync) -> None:
        raise error

    return step
