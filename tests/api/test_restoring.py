"""Restoring HubSpot's value for programs."""

from __future__ import annotations

import pytest

from integrations.models import RecordLink
from integrations.services import hints
from integrations.services.hints import NewHint
from tests.api.conftest import Api, holder
from tests.services.desk import Desk
from tests.services.twin_kit import T


@pytest.fixture
def failing(desk: Desk) -> RecordLink:
    """Return a pair whose new name HubSpot does not take."""
    desk.people(1)
    desk.publish()
    link = RecordLink.objects.get()
    desk.target.edit(link.target_id, {"title": "poison"})
    hints.raise_hints(desk.sync.pk, [NewHint(T, link.target_id)])
    desk.settle()
    return link


def test_what_hubspot_did_not_take_is_listed_and_restored(
    failing: RecordLink, desk: Desk, owner: Api
) -> None:
    path = f"records/{failing.pk}/restore/"
    (field,) = owner.get(path).json()
    assert (field["name"], field["hubspot_value"], field["target_value"]) == (
        "Name", "P0", "poison",
    )  # fmt: skip
    answer = owner.post(path, {"seen": [field["seen"]]})
    assert (answer.status_code, answer.json()) == (202, {"restored": 1})
    desk.settle()
    assert desk.target.rows[failing.target_id].values["title"] == "P0"
    assert owner.get(path).json() == []
    assert owner.post(path, {}).json() == {"restored": 0}


def test_a_value_that_changed_meanwhile_is_a_409(
    failing: RecordLink, desk: Desk, owner: Api
) -> None:
    answer = owner.post(f"records/{failing.pk}/restore/", {"seen": ["0-0"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "changed_since")
    assert desk.target.rows[failing.target_id].values["title"] == "poison"


def test_readers_and_strangers_restore_nothing(
    failing: RecordLink, desk: Desk, stranger: Api
) -> None:
    path = f"records/{failing.pk}/restore/"
    reader = holder(desk.acme, desk.ada, "records:read")
    assert reader.get(path).status_code == 200
    assert reader.post(path, {}).status_code == 403
    assert stranger.get(path).status_code == 404
    assert stranger.post(path, {}).status_code == 404
    failing.refresh_from_db()
    assert failing.choices == {}
