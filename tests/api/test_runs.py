"""Runs over the REST API."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.models import JobRun, ObjectSync, RunKind, RunState, SyncState
from integrations.services import runs
from tests.api.conftest import Api


def opened(sync: ObjectSync, count: int = 1, **values: Any) -> list[int]:
    """Make finished runs; returns their numbers, newest first."""
    made = [
        JobRun.objects.create(
            **{"tenant": sync.tenant, "object_sync": sync, "kind": "incremental", "state": "done"}
            | values
        )
        for _ in range(count)
    ]
    return [run.pk for run in reversed(made)]


def test_runs_are_listed_newest_first_page_by_page(
    ada: Api, sync: ObjectSync, other: ObjectSync
) -> None:
    made = opened(sync, 5)
    opened(other, 2)

    found, path = [], "runs/?limit=2"
    while path:
        page = ada.get(path).json()
        assert len(page["items"]) <= 2
        found += [run["id"] for run in page["items"]]
        path = (page["next"] or "").removeprefix("https://portal.test/api/v1/")

    assert found == made


def test_runs_are_narrowed_by_kind_state_and_object_sync(ada: Api, sync: ObjectSync) -> None:
    opened(sync, 2)
    [failed] = opened(sync, kind="backfill", state="cancelled")

    for query in ("kind=backfill", "state=cancelled", f"kind=backfill&object_sync={sync.pk}"):
        items = ada.get(f"runs/?{query}").json()["items"]
        assert [run["id"] for run in items] == [failed], query


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=x", "limit"),
        ("before=0", "before"),
        ("before=99999999999999999999", "before"),
        ("kind=everything", "kind"),
        ("object_sync=1", "object_sync"),
    ],
)
def test_a_wrong_question_names_the_parameter(query: str, wrong: str, ada: Api) -> None:
    answer = ada.get(f"runs/?{query}")

    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {wrong}


@pytest.mark.parametrize("kind", ["manual", "reconcile", "backfill"])
def test_a_run_is_opened_once_for_its_asker(kind: str, ada: Api, sync: ObjectSync) -> None:
    body = {"object_sync": str(sync.pk), "kind": kind}

    first, again = ada.post("runs/", body), ada.post("runs/", body)

    assert first.status_code == 202
    assert first.json()["id"] == again.json()["id"]
    run = JobRun.objects.get()
    assert (run.kind, run.state, run.requested_by) == (kind, RunState.QUEUED, ada.user)


@pytest.mark.parametrize("kind", ["webhook", "preview", "incremental", ""])
def test_kinds_that_only_the_portal_opens_are_refused(
    kind: str, ada: Api, sync: ObjectSync
) -> None:
    answer = ada.post("runs/", {"object_sync": str(sync.pk), "kind": kind})

    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {"kind"}


@pytest.mark.parametrize("what", ["uninstalled", "unpublished"])
def test_what_cannot_run_says_why(what: str, ada: Api, sync: ObjectSync) -> None:
    if what == "uninstalled":
        sync.state = SyncState.UNINSTALLED
    else:
        sync.version = None
    sync.save()

    answer = ada.post("runs/", {"object_sync": str(sync.pk), "kind": "manual"})

    assert answer.status_code == 409
    assert answer.json()["code"] == "config_invalid"
    assert answer.json()["remedy"]
    assert not JobRun.objects.exists()


def test_a_whole_integration_is_synced_and_what_is_paused_left_out(
    ada: Api, bob: Api, sync: ObjectSync
) -> None:
    path = f"integrations/{sync.integration_id}/sync/"

    assert bob.post(path).status_code == 404
    answer = ada.post(path)
    assert answer.status_code == 202
    assert [(run["kind"], run["state"]) for run in answer.json()] == [("manual", "queued")]

    ada.post(f"object-syncs/{sync.pk}/pause/")
    assert ada.post(path).json() == []


def test_a_run_shows_how_far_it_is(ada: Api, sync: ObjectSync) -> None:
    [run] = opened(sync, state="running", seen=25, total=100)

    progress = ada.get(f"runs/{run}/").json()["progress"]

    assert (progress["done"], progress["total"], progress["share"]) == (25, 100, 0.25)
    assert progress["seconds_left"] is None


def test_a_run_is_cancelled(ada: Api, sync: ObjectSync) -> None:
    run = runs.open_run(sync, RunKind.MANUAL)

    answer = ada.post(f"runs/{run.pk}/cancel/")

    assert answer.json()["state"] == "cancelled"
    assert ada.get(f"runs/{run.pk}/").json()["ended_at"]


def test_a_held_run_is_shown_with_its_reason_and_approved(ada: Api, sync: ObjectSync) -> None:
    [run] = opened(sync, state="held", reason="plan_unsafe", reason_detail="60 of 80 records.")

    shown = ada.get(f"runs/{run}/").json()
    approved = ada.post(f"runs/{run}/approve/").json()

    assert "60 of 80 records." in shown["sentence"]
    assert approved["state"] == "running"
    assert approved["sentence"] == ""


def test_a_stranger_sees_and_moves_nothing(bob: Api, sync: ObjectSync) -> None:
    run = runs.open_run(sync, RunKind.MANUAL)

    assert bob.get("runs/").json() == {"items": [], "next": None}
    assert bob.get(f"runs/?object_sync={sync.pk}").status_code == 404
    assert bob.post("runs/", {"object_sync": str(sync.pk), "kind": "backfill"}).status_code == 404
    for path in (f"runs/{run.pk}/cancel/", f"runs/{run.pk}/approve/"):
        assert bob.post(path).status_code == 404
    assert JobRun.objects.get().state == RunState.QUEUED
