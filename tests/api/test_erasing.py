"""Erasing a person for programs."""

from __future__ import annotations

import pytest

from integrations.models import RecordLink
from tests.api.conftest import Api, holder
from tests.services.desk import Desk


@pytest.fixture
def link(desk: Desk) -> RecordLink:
    """Return a linked pair."""
    desk.people(1)
    desk.publish()
    return RecordLink.objects.get()


def test_a_record_is_erased_when_its_id_confirms_it(link: RecordLink, owner: Api) -> None:
    path = f"records/{link.pk}/erase/"
    assert owner.post(path, {}).status_code == 400
    assert owner.post(path, {"confirm": "h999"}).status_code == 400
    assert owner.get(f"records/{link.pk}/").json()["state"] == "linked"
    answer = owner.post(path, {"confirm": link.hubspot_id})
    assert (answer.status_code, answer.json()["reason"]) == (200, "erased")


def test_readers_and_strangers_erase_nothing(link: RecordLink, desk: Desk, stranger: Api) -> None:
    path, sent = f"records/{link.pk}/erase/", {"confirm": link.hubspot_id}
    assert holder(desk.acme, desk.ada, "records:read").post(path, sent).status_code == 403
    assert stranger.post(path, sent).status_code == 404
    link.refresh_from_db()
    assert link.state == "linked"
