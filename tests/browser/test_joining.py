"""An admin's way to a system that has to be prepared: activation, owners, stages."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from integrations.connectors.magentrix.sandbox import DEMO_KEY
from integrations.models import TableEntry
from tests.browser.conftest import CHECK, log_in
from tests.services.magentrix_stage import ADDRESS, MagentrixStage
from tests.services.stage import PORTAL, Stage

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.fixtures import Settings
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def kind() -> type[Stage]:
    return MagentrixStage


@pytest.fixture
def partners(stage: Stage, settings: Settings) -> MagentrixStage:
    """Magentrix without a way to make fields, and an owner whom nobody there answers to."""
    settings.MAGENTRIX_RATE = settings.HUBSPOT_RATE = 10_000
    made = cast(MagentrixStage, stage)
    made.magentrix.behaviour.change(setup_api=False)
    made.people[PORTAL].add_owner("50", "zoe.young@firm.example")
    made.people[PORTAL].add_stage("default", "A stage with quite a long name of its own", "long")
    return made


def check(page: Page, heading: str) -> None:
    """Wait for a page and measure it, light and dark, wide and narrow."""
    from playwright.sync_api import expect

    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        expect(page.locator("html")).to_have_attribute("data-bs-theme", scheme)
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(CHECK) == [], (heading, scheme, width)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def test_from_the_log_in_to_owners_and_stages(
    page: Page, live_server: LiveServer, partners: MagentrixStage, complaints: list[str]
) -> None:
    from playwright.sync_api import expect

    log_in(page, live_server, "ada")
    page.get_by_role("link", name="Connect Magentrix").click()
    press(page, "Connect HubSpot")
    press(page, "Connect app")
    page.get_by_label("Address of your Magentrix portal").fill(ADDRESS)
    page.get_by_label("Magentrix API key").fill(DEMO_KEY)
    press(page, "Authenticate")
    check(page, "Activation")

    ada = partners.partner.user("ada.admin@northfield.example")
    page.get_by_label("Default Owner").select_option(ada)
    press(page, "Save and activate")
    expect(page.get_by_text("To be done by hand").first).to_be_visible()
    check(page, "Activation")
    partners.magentrix.behaviour.change(setup_api=True)
    press(page, "Check again")
    expect(page.get_by_text("everything it needs is in place")).to_be_visible()
    check(page, "Activation")

    page.get_by_role("link", name="Owners", exact=True).click()
    check(page, "Owners")
    ines = partners.partner.user("ines.duarte@northfield.example")
    page.get_by_label("Zoe Young in Magentrix").select_option(ines)
    press(page, "Save Zoe Young")
    expect(page.get_by_text("chosen by a person")).to_be_visible()
    check(page, "Owners")

    page.get_by_role("link", name="Stages", exact=True).click()
    check(page, "Stages")
    page.get_by_label("Sales Pipeline – Contract Sent in Magentrix").select_option("Proposal")
    press(page, "Save Sales Pipeline – Contract Sent")
    expect(page.get_by_text("chosen by a person")).to_be_visible()
    check(page, "Stages")
    entry = TableEntry.objects.get(hubspot_value="default:contractsent")
    assert entry.target_value == "Proposal"
    assert complaints == []
