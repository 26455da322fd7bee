"""The button that restores HubSpot's value: where it appears, what it does, and for whom."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from integrations.models import AuditEntry, RecordLink
from integrations.services import hints
from integrations.services.hints import NewHint
from tests.services.desk import Desk
from tests.services.twin_kit import T
from tests.views.conftest import Enter

BUTTON = "Restore HubSpot's value"


@pytest.fixture
def failing(desk: Desk) -> RecordLink:
    """Return a pair whose new name HubSpot does not take, and one that is in step."""
    desk.people(2)
    desk.publish()
    link = RecordLink.objects.get(hubspot_id="h1")
    desk.target.edit(link.target_id, {"title": "poison"})
    look(desk, link)
    link.refresh_from_db()
    assert (link.state, link.reason) == ("failing", "rejected")
    return link


def look(desk: Desk, link: RecordLink) -> None:
    """Let a worker look at a record and at whatever else is due."""
    hints.raise_hints(desk.sync.pk, [NewHint(T, link.target_id)])
    desk.settle()


def address(desk: Desk, name: str) -> str:
    """Return the address of one of the integration's pages."""
    return reverse(name, args=[desk.acme.slug, desk.sync.integration_id])


def page_of(client: Client, desk: Desk, record: str) -> str:
    """Return the page that explains a HubSpot record."""
    return client.get(address(desk, "why"), {"id": record, "side": "hubspot"}).content.decode()


def test_it_shows_both_values_and_brings_hubspots_back(
    failing: RecordLink, desk: Desk, ada: Client
) -> None:
    page = page_of(ada, desk, failing.hubspot_id)
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    assert BUTTON in page.replace("&#x27;", "'")
    for text in ("HubSpot did not take this change", "poison", "P0", "Retry"):
        assert text in page
    sent = {"record": str(failing.pk), "seen": seen}
    page = ada.post(address(desk, "restore"), sent, follow=True).content.decode()
    assert "s value is restored" in page
    desk.settle()
    assert desk.target.rows[failing.target_id].values["title"] == "P0"
    assert "HubSpot did not take" not in page_of(ada, desk, failing.hubspot_id)
    assert AuditEntry.objects.filter(action="record.restored", actor=desk.ada).count() == 1


def test_a_record_in_step_offers_neither_way_out(
    failing: RecordLink, desk: Desk, ada: Client
) -> None:
    page = page_of(ada, desk, "h2")
    assert "HubSpot did not take" not in page
    sent = {"record": str(RecordLink.objects.get(hubspot_id="h2").pk)}
    page = ada.post(address(desk, "restore"), sent, follow=True).content.decode()
    assert "There is nothing to restore" in page


def test_the_list_of_records_has_both_buttons_where_they_make_sense(
    failing: RecordLink, desk: Desk, ada: Client, enter: Enter
) -> None:
    main = ada.get(address(desk, "records")).content.decode().partition("<main")[2]
    assert main.count(f'action="{address(desk, "restore")}"') == 1
    assert main.count(f'action="{address(desk, "sync-now")}"') == 1
    viewed = enter(desk.vic).get(address(desk, "records")).content.decode()
    assert address(desk, "restore") not in viewed


def test_a_value_that_changed_meanwhile_is_said_and_kept(
    failing: RecordLink, desk: Desk, ada: Client
) -> None:
    desk.target.edit(failing.target_id, {"title": "another"})
    sent = {"record": str(failing.pk), "seen": "0-0"}
    page = ada.post(address(desk, "restore"), sent, follow=True).content.decode()
    assert "has changed since you opened this page" in page
    failing.refresh_from_db()
    assert failing.choices == {}


def test_a_viewer_reads_and_a_stranger_finds_nothing(
    failing: RecordLink, desk: Desk, ada: Client, enter: Enter
) -> None:
    vic, bob, sent = enter(desk.vic), enter(desk.bob), {"record": str(failing.pk)}
    page = page_of(vic, desk, failing.hubspot_id)
    assert "HubSpot did not take this change" in page
    assert address(desk, "restore") not in page
    assert vic.post(address(desk, "restore"), sent).status_code == 403
    assert bob.post(address(desk, "restore"), sent).status_code == 404
    assert ada.get(address(desk, "restore")).status_code == 405
    for wrong in ("", "x", "0", "9" * 40, str(failing.pk + 999)):
        assert ada.post(address(desk, "restore"), {"record": wrong}).status_code == 404
    failing.refresh_from_db()
    assert failing.choices == {}
