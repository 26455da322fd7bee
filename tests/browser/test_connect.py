"""From the log-in to a synced record, the way a person clicks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from integrations.engine.ports import Priority
from integrations.engine.records import Side
from integrations.models import Integration
from integrations.services import hints, lanes
from integrations.services.hints import NewHint
from tests.browser.conftest import log_in
from tests.services.stage import LOGIN, PORTAL, Stage

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WHOLE = {"firstname": "Ida", "lastname": "Brandt", "lifecyclestage": "customer"}


def test_a_person_connects_both_systems_and_sees_records_arrive(
    page: Page, live_server: LiveServer, stage: Stage, complaints: list[str]
) -> None:
    from playwright.sync_api import expect

    log_in(page, live_server, "ada")
    page.get_by_role("link", name="Connect RXNT").click()
    page.get_by_role("button", name="Connect HubSpot").click()
    page.get_by_role("button", name="Connect app").click()
    page.get_by_label("RXNT interface username").fill(LOGIN["UserName"])
    page.get_by_label("RXNT interface password").fill("wrong")
    page.get_by_role("button", name="Authenticate").click()
    expect(page.locator(".alert-danger")).to_be_visible()
    assert page.get_by_label("RXNT interface password").input_value() == ""

    page.get_by_label("RXNT interface password").fill(LOGIN["Password"])
    page.get_by_role("button", name="Authenticate").click()
    expect(page.get_by_role("heading", name="Setup Complete!")).to_be_visible()
    page.get_by_role("link", name="Go to the overview").click()
    expect(page.get_by_text("Syncing. Nothing needs you.")).to_be_visible()

    enter_stage(stage, rxnt_date_of_birth="1988-02-29")
    failed = enter_stage(stage)
    expect(page.get_by_text("Syncing. 1 record needs you.")).to_be_visible(timeout=15_000)
    page.get_by_role("link", name=failed, exact=True).click()
    expect(page.locator(".verdict")).to_have_text("Required fields are empty: Date of Birth.")

    stage.people[PORTAL].edit_contact(failed, {"rxnt_date_of_birth": "1990-05-04"})
    page.get_by_role("button", name="Retry").click()
    expect(page.get_by_text("It is synced now.")).to_be_visible()
    lanes.work(Integration.objects.get().object_syncs.get().pk)
    expect(page.locator(".verdict")).to_contain_text("Created in the other system.")
    assert complaints == []


def test_a_refusal_on_hubspots_page_is_explained(
    page: Page, live_server: LiveServer, stage: Stage, complaints: list[str]
) -> None:
    from playwright.sync_api import expect

    log_in(page, live_server, "ada")
    page.get_by_role("link", name="Connect RXNT").click()
    page.get_by_role("button", name="Connect HubSpot").click()
    page.get_by_role("button", name="Cancel").click()

    expect(page.get_by_role("alert")).to_contain_text("the request was declined")


def test_the_search_works_with_the_keyboard_alone(
    page: Page, live_server: LiveServer, stage: Stage, complaints: list[str]
) -> None:
    from playwright.sync_api import expect

    stage.connect()
    made = enter_stage(stage, rxnt_date_of_birth="1988-02-29")
    log_in(page, live_server, "ada")
    page.get_by_role("link", name="HubSpot → RXNT").press("Enter")
    page.get_by_role("link", name="Why?", exact=True).press("Enter")
    expect(page.get_by_label("Record id")).to_be_focused()

    page.keyboard.type(made)
    page.keyboard.press("Enter")

    expect(page.locator(".verdict")).to_have_text("Created in the other system.")
    assert complaints == []


def enter_stage(stage: Stage, **values: str) -> str:
    """Create a contact in the trigger's stage and let the lane work."""
    made = stage.people[PORTAL].create_contact(WHOLE | values)
    sync = Integration.objects.get().object_syncs.get()
    hint = NewHint(Side.HUBSPOT, made, Priority.WEBHOOK, fired=True, due_at=timezone.now())
    hints.raise_hints(sync.pk, [hint])
    lanes.work(sync.pk)
    return made
