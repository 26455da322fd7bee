"""Scheduled jobs for programs: read, changed, started; closed to strangers and readers."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.models import Job, JobRun
from tests.api.conftest import Api, holder
from tests.services.desk import Desk


@pytest.fixture
def path(desk: Desk) -> str:
    """Return the address of the jobs of a published integration."""
    desk.publish()
    return f"integrations/{desk.sync.integration_id}/jobs/"


def test_jobs_are_listed_and_shown(path: str, owner: Api, desk: Desk) -> None:
    listed = owner.get(path).json()
    one = owner.get(f"{path}changes:contacts/").json()
    assert [job["key"] for job in listed] == [
        "changes:contacts", "safety:contacts", "full:contacts",
    ]  # fmt: skip
    assert one == listed[0] | {"next_run": one["next_run"]}
    assert (one["minutes"], one["kind"], one["enabled"], one["carries"]) == (
        5, "incremental", True, False,
    )  # fmt: skip
    assert one["object_syncs"] == [str(desk.sync.pk)]
    assert one["sides"] == ["hubspot", "target"]
    assert one["next_run"]
    assert (one["runs"], one["calls_day"], one["sentence"], one["warning"]) == ([], 0, "", "")


def test_a_job_is_changed(path: str, owner: Api) -> None:
    changed = owner.put(f"{path}safety:contacts/", {"minutes": 720}).json()
    assert (changed["minutes"], changed["enabled"]) == (720, True)
    changed = owner.put(f"{path}safety:contacts/", {"enabled": False}).json()
    assert (changed["minutes"], changed["enabled"], changed["next_run"]) == (720, False, None)


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"minutes": 7}, 409, "not offered"),
        ({"minutes": -1}, 400, ""),
        ({"minutes": "soon"}, 400, ""),
        ({"enabled": "perhaps"}, 400, ""),
    ],
)
def test_what_makes_no_sense_is_refused(
    body: dict[str, Any], status: int, said: str, path: str, owner: Api
) -> None:
    answer = owner.put(f"{path}safety:contacts/", body)
    assert answer.status_code == status
    assert said in answer.json()["detail"]
    assert Job.objects.get(key="safety:contacts").minutes == 240


def test_a_job_is_started_once(path: str, owner: Api) -> None:
    first = owner.post(f"{path}full:contacts/run/")
    second = owner.post(f"{path}full:contacts/run/").json()
    assert first.status_code == 202
    assert [run["kind"] for run in first.json()["opened"]] == ["reconcile"]
    assert (second["opened"], second["skipped"]) == ([], True)
    shown = owner.get(f"{path}full:contacts/").json()
    assert (shown["note"], shown["skipped"]) == ("still_running", 1)
    assert "skipped" in shown["sentence"]
    assert [run["id"] for run in shown["runs"]] == [first.json()["opened"][0]["id"]]


def test_readers_and_strangers_change_nothing(
    path: str, owner: Api, stranger: Api, desk: Desk
) -> None:
    reader = holder(desk.acme, desk.ada, "integrations:read")
    one = f"{path}full:contacts/"
    assert reader.get(one).status_code == 200
    assert reader.put(one, {"enabled": False}).status_code == 403
    assert reader.post(f"{one}run/").status_code == 403
    assert stranger.get(path).status_code == 404
    assert stranger.put(one, {"enabled": False}).status_code == 404
    assert stranger.post(f"{one}run/").status_code == 404
    assert owner.put(f"{path}full:nothing/", {}).status_code == 404
    assert owner.post(f"{path}full:nothing/run/").status_code == 404
    assert not JobRun.objects.filter(job__key="full:contacts").exists()
    assert Job.objects.get(key="full:contacts").enabled


def test_what_was_uninstalled_is_read_but_not_changed(path: str, owner: Api, desk: Desk) -> None:
    integration = desk.sync.integration
    integration.state = "uninstalled"
    integration.save()
    assert owner.get(path).status_code == 200
    assert owner.put(f"{path}full:contacts/", {"enabled": False}).status_code == 409
