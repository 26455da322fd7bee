"""Previewing, publishing, comparing and rolling back over the REST API."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.models import JobRun, Preview, RunKind, SyncVersion
from tests.api.conftest import Api, holder
from tests.services.desk import Desk


def started(desk: Desk, owner: Api) -> int:
    """Preview the draft through the API and let workers end it; returns its number."""
    answer = owner.post("previews/", {"object_sync": str(desk.sync.pk)})
    assert answer.status_code == 202, answer.content
    assert answer.json()["state"] == "running"
    desk.work()
    return int(answer.json()["id"])


def select(desk: Desk, owner: Api, *names: str) -> None:
    body = {"revision": desk.draft.revision, "fields": list(names)}
    answer = owner.post(f"object-syncs/{desk.sync.pk}/draft/selection/", body)
    assert answer.status_code == 200, answer.content


def test_a_preview_says_what_would_happen_and_writes_nothing(desk: Desk, owner: Api) -> None:
    desk.people(3)

    number = started(desk, owner)

    body = owner.get(f"previews/{number}/").json()
    assert body["state"] == "done"
    assert body["actions"] == {"create": 3}
    assert (body["seen"], body["sampled"], body["unsafe"]) == (3, False, "")
    assert desk.writes() == 0
    [listed] = owner.get(f"previews/?object_sync={desk.sync.pk}").json()["items"]
    assert listed["id"] == number


def test_records_of_a_preview_show_before_and_after_page_by_page(desk: Desk, owner: Api) -> None:
    select(desk, owner, "email", "name", "blood")
    desk.people(3, blood="AB negative")
    number = started(desk, owner)

    path: str | None = f"previews/{number}/items/?limit=2&action=create"
    found: list[dict[str, Any]] = []
    while path:
        page = owner.get(path)
        assert "AB negative" not in page.content.decode()
        found += page.json()["items"]
        path = (page.json()["next"] or "").removeprefix("https://portal.test/api/v1/")

    assert len({record["hubspot_id"] for record in found}) == 3
    values = {value["hubspot_field"]: value for value in found[0]["values"]}
    assert values["name"]["would_be"].startswith("P")
    assert values["blood"]["would_be"] == "••••"
    assert owner.get(f"previews/{number}/items/?action=hold").json()["items"] == []
    assert owner.get(f"previews/{number}/items/?action=x").status_code == 400


def test_what_was_previewed_is_published_and_carried_out(desk: Desk, owner: Api) -> None:
    desk.people(2)
    number = started(desk, owner)

    answer = owner.post(f"previews/{number}/publish/", {"note": "First"})

    assert answer.status_code == 201, answer.content
    assert answer.json()["number"] == 1
    assert answer.json()["published_by"] == "ada"
    desk.work()
    assert desk.target.writes.total() == 2
    assert desk.sync.state == "active"


def test_the_first_load_may_be_limited(desk: Desk, owner: Api) -> None:
    number = started(desk, owner)

    body = {"start": "2026-11-01T00:00:00Z", "sides": ["hubspot"]}
    assert owner.post(f"previews/{number}/publish/", body).status_code == 201

    run = JobRun.objects.get(kind=RunKind.BACKFILL)
    assert run.scope["since"] == "2026-11-01T00:00:00+00:00"
    assert run.scope["sides"] == ["hubspot"]


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"start": "yesterday"}, {"start"}),
        ({"sides": []}, {"sides"}),
        ({"sides": ["left"]}, {"sides.0"}),
        ({"note": "x" * 501}, {"note"}),
    ],
)
def test_a_wrong_way_to_publish_is_named(
    body: dict[str, Any], wrong: set[str], desk: Desk, owner: Api
) -> None:
    number = started(desk, owner)

    answer = owner.post(f"previews/{number}/publish/", body)

    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == wrong
    assert not SyncVersion.objects.exists()


def test_a_draft_that_cannot_run_is_not_previewed(desk: Desk, owner: Api) -> None:
    desk.hubspot.specs.pop("name")

    answer = owner.post("previews/", {"object_sync": str(desk.sync.pk)})

    assert answer.status_code == 400
    assert answer.json()["code"] == "draft_invalid"
    assert set(answer.json()["fields"]) == {"name|title"}
    assert not Preview.objects.exists()


def test_a_preview_of_another_draft_is_not_published(desk: Desk, owner: Api) -> None:
    number = started(desk, owner)
    select(desk, owner, "email")

    answer = owner.post(f"previews/{number}/publish/", {})

    assert owner.get(f"previews/{number}/").json()["state"] == "stale"
    assert answer.status_code == 409
    assert answer.json()["code"] == "preview_outdated"
    assert not SyncVersion.objects.exists()


def test_a_preview_that_still_runs_is_not_published(desk: Desk, owner: Api) -> None:
    number = owner.post("previews/", {"object_sync": str(desk.sync.pk)}).json()["id"]

    assert owner.post(f"previews/{number}/publish/", {}).status_code == 409


def test_versions_are_listed_compared_and_rolled_back_to(desk: Desk, owner: Api) -> None:
    desk.publish(note="First")
    select(desk, owner, "email", "name", "city")
    desk.publish(note="With the city")
    base = f"object-syncs/{desk.sync.pk}/versions/"

    listed = owner.get(base).json()["items"]
    page = owner.get(f"{base}?limit=1").json()
    old = owner.get(f"{base}1/").json()
    changes = owner.get(f"{base}1/differences/?to=2").json()["differences"]
    back = owner.post(f"{base}1/roll-back/")

    assert [version["note"] for version in listed] == ["With the city", "First"]
    assert page["next"].endswith("limit=1&before=2")
    assert len(old["config"]["rules"]) == 2
    assert [(one["what"], one["name"], one["before"]) for one in changes] == [("field", "City", "")]
    assert back.status_code == 200
    assert back.json()["based_on"] == 2
    assert len(back.json()["config"]["rules"]) == 2
    assert desk.sync.version is not None
    assert desk.sync.version.number == 2


@pytest.mark.parametrize(
    "path", ["versions/9/", "versions/1/differences/?to=9", "versions/9/differences/?to=1"]
)
def test_a_version_that_never_was_is_a_404(path: str, desk: Desk, owner: Api) -> None:
    desk.publish()

    assert owner.get(f"object-syncs/{desk.sync.pk}/{path}").status_code == 404
    assert owner.post(f"object-syncs/{desk.sync.pk}/versions/9/roll-back/").status_code == 404


def test_a_reader_and_a_stranger_publish_nothing(desk: Desk, owner: Api, stranger: Api) -> None:
    number = started(desk, owner)
    reader = holder(desk.acme, desk.ada, "mappings:read", "integrations:read")
    sync = str(desk.sync.pk)

    assert reader.get(f"previews/{number}/").status_code == 200
    assert reader.post(f"previews/{number}/publish/", {}).status_code == 403
    for path in (f"previews/{number}/", f"previews/{number}/items/"):
        assert stranger.get(path).status_code == 404
    assert stranger.post(f"previews/{number}/publish/", {}).status_code == 404
    assert stranger.post("previews/", {"object_sync": sync}).status_code == 404
    assert Preview.objects.get().pk == number
    assert not SyncVersion.objects.exists()
