"""Erasing by hand: the page that asks, for whom it works, and the note that it is done there."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from integrations.models import RecordLink, Review
from tests.services.desk import Desk
from tests.views.conftest import Enter


@pytest.fixture
def link(desk: Desk) -> RecordLink:
    """Return a linked pair."""
    desk.people(1)
    desk.publish()
    return RecordLink.objects.get()


def address(desk: Desk, name: str, *more: object, slug: str = "") -> str:
    return reverse(name, args=[slug or desk.acme.slug, desk.sync.integration_id, *more])


def reason_of(link: RecordLink) -> str:
    link.refresh_from_db()
    return link.reason


def test_an_owner_confirms_with_the_id_and_erases(
    link: RecordLink, desk: Desk, ada: Client
) -> None:
    there = address(desk, "erase", link.pk)
    why = ada.get(address(desk, "why"), {"id": link.hubspot_id}).content.decode()
    assert there in why
    assert "This cannot be undone" in ada.get(there).content.decode()
    assert "exactly as it is shown" in ada.post(there, {"confirm": "h999"}).content.decode()
    assert reason_of(link) != "erased"
    page = ada.post(there, {"confirm": link.hubspot_id}, follow=True).content.decode()
    assert "The person is erased here" in page
    assert there not in page
    assert reason_of(link) == "erased"


def test_the_review_is_closed_once_it_is_erased_there(
    link: RecordLink, desk: Desk, ada: Client
) -> None:
    ada.post(address(desk, "erase", link.pk), {"confirm": link.hubspot_id})
    review = Review.objects.get(closed_at=None)
    there = address(desk, "review", review.pk)
    assert there in ada.get(address(desk, "reviews")).content.decode()
    page = ada.get(there).content.decode()
    assert "It is erased there" in page
    assert link.target_id in page
    answer = ada.post(address(desk, "erased-there", review.pk), follow=True)
    assert "Noted: it is erased there." in answer.content.decode()
    review.refresh_from_db()
    assert review.closed_by_id == desk.ada.pk


def test_viewers_and_strangers_erase_nothing(link: RecordLink, desk: Desk, enter: Enter) -> None:
    sent, there = {"confirm": link.hubspot_id}, address(desk, "erase", link.pk)
    vic, bob = enter(desk.vic), enter(desk.bob)
    assert (vic.get(there).status_code, vic.post(there, sent).status_code) == (403, 403)
    assert there not in vic.get(address(desk, "why"), {"id": link.hubspot_id}).content.decode()
    assert (bob.get(there).status_code, bob.post(there, sent).status_code) == (404, 404)
    assert "/login/" in Client().post(there, sent)["Location"]
    assert reason_of(link) != "erased"
