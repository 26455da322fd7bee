"""The pages of a draft are closed to strangers, and their buttons to viewers."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from integrations import urls
from integrations.models import Draft, SyncState
from tests import factories
from tests.services.desk import Desk
from tests.views.conftest import Enter, there

NAMES = sorted(str(pattern.name) for pattern in urls.setup)
SHOWN = {"fields", "rule", "filters", "preview", "versions"}
READING = {"filter-count"}
CHANGING = sorted({*NAMES} - {"fields", "preview", "versions"} - READING)


def address(desk: Desk, name: str) -> str:
    """Return a page's address; the editor's names a pair."""
    pair = {"hubspot": "name", "target": "title"} if name == "rule" else {}
    return there(desk, name, **pair)


def visit(client: Client, desk: Desk, name: str) -> int:
    """Open a page, or press its button, and return the status."""
    press = client.get if name in SHOWN else client.post
    return press(address(desk, name)).status_code


@pytest.mark.parametrize("name", NAMES)
def test_a_stranger_finds_nothing(name: str, desk: Desk, enter: Enter) -> None:
    assert visit(enter(desk.bob), desk, name) == 404
    assert not Draft.objects.exists()


@pytest.mark.parametrize("name", NAMES)
def test_somebody_who_is_not_logged_in_is_asked_to(name: str, desk: Desk, client: Client) -> None:
    assert visit(client, desk, name) == 302


@pytest.mark.parametrize("name", CHANGING)
def test_a_viewer_may_press_nothing(name: str, desk: Desk, enter: Enter) -> None:
    assert enter(desk.vic).post(address(desk, name)).status_code == 403


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_a_viewer_reads_every_page_without_a_button(name: str, desk: Desk, enter: Enter) -> None:
    page = enter(desk.vic).get(address(desk, name))

    assert page.status_code == 200
    main = page.content.decode().partition("<main")[2]
    assert "btn-primary" not in main or name == "rule"


@pytest.mark.parametrize("name", sorted({*NAMES} - SHOWN))
def test_a_button_is_no_link(name: str, desk: Desk, enter: Enter) -> None:
    assert enter(desk.ada).get(address(desk, name)).status_code == 405


@pytest.mark.parametrize("name", NAMES)
def test_a_sync_with_a_fixed_mapping_has_no_such_page(name: str, desk: Desk, enter: Enter) -> None:
    fixed = factories.object_sync(desk.acme)

    there_is_none = reverse(name, args=[desk.acme.slug, fixed.integration_id, fixed.key])

    client = enter(desk.ada)
    press = client.get if name in SHOWN else client.post
    assert press(there_is_none).status_code == 404


def test_a_disconnected_integration_has_neither_tabs_nor_pages(desk: Desk, enter: Enter) -> None:
    integration = desk.sync.integration
    integration.state = SyncState.UNINSTALLED
    integration.save()
    client = enter(desk.ada)

    assert client.get(there(desk, "fields")).status_code == 404
    page = client.get(reverse("status", args=[desk.acme.slug, integration.pk])).content.decode()
    assert ">Fields<" not in page
