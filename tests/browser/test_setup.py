"""An admin's way with Thena: connect, fields, filters, preview, publish, progress, conflict."""

from __future__ import annotations

import pytest

from integrations.connectors.thena.sandbox import DEMO_KEY
from integrations.models import RecordLink, RunKind
from integrations.services import runs
from tests.browser.conftest import Walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def connect(walk: Walk) -> None:
    """Connect HubSpot and Thena by hand."""
    walk.page.get_by_role("link", name="Connect Thena").click()
    walk.check("Connect HubSpot with Thena")
    walk.press("Connect HubSpot")
    walk.press("Connect app")
    walk.page.get_by_label("Thena API key").fill(DEMO_KEY)
    walk.check("Log in to Thena")
    walk.press("Authenticate")
    walk.check("Connected")
    walk.page.get_by_role("link", name="Choose fields").click()


def choose_fields(walk: Walk) -> None:
    """Add a field that Thena does not have, and try it on a record."""
    from playwright.sync_api import expect

    walk.check("Fields")
    walk.page.get_by_label("Search HubSpot fields").fill("cit")
    walk.page.locator("#offers").get_by_text("City", exact=True).click()
    walk.press("Add the chosen fields")
    walk.page.get_by_role("link", name="Edit City").click()
    expect(walk.page.get_by_label("Field in Thena")).to_have_value("new:city")
    walk.choose("Conversion", "case")
    walk.page.get_by_label("Spelling").select_option("upper")
    company = walk.hubspot.create("companies", {"name": "Oak", "domain": "oak.example"})
    walk.hubspot.edit("companies", company, {"city": "Köln"})
    walk.page.get_by_label("Record id", exact=True).fill(company)
    walk.press("Try it")
    expect(walk.page.locator(".try code").nth(1)).to_have_text("KÖLN")
    walk.check("Fields")
    walk.press("Save in the draft")
    expect(walk.page.get_by_text("“City” is saved in the draft.")).to_be_visible()


def set_filter(walk: Walk) -> None:
    """Leave test companies out."""
    from playwright.sync_api import expect

    walk.page.get_by_role("link", name="Filters", exact=True).click()
    walk.check("Filters and rules")
    walk.press("Add filter")
    walk.choose("Field", "name")
    walk.choose("Comparison", "not_contains")
    walk.page.get_by_label("Value", exact=True).fill("Test")
    walk.page.get_by_label("Value", exact=True).press("Tab")
    expect(walk.page.get_by_text("HubSpot's search cannot count")).to_be_visible()
    walk.check("Filters and rules")
    walk.press("Save the filter in the draft")
    expect(walk.page.get_by_text("The filter is saved in the draft.")).to_be_visible()


def publish(walk: Walk) -> None:
    """Look at the preview, publish it and watch the first load."""
    from playwright.sync_api import expect

    walk.press("Preview")
    expect(walk.page.get_by_text("Looking at your records")).to_be_visible()
    walk.check("Preview")
    walk.work()
    expect(walk.page.get_by_text("3 records would be created").first).to_be_visible()
    walk.page.get_by_role("link", name="1 is left out").click()
    expect(walk.page.get_by_text("must not contain")).to_be_visible()
    walk.check("Preview")
    walk.page.get_by_label("Note").fill("First companies")
    walk.press("Publish and start the first load")
    walk.check("First load")
    walk.work()
    expect(walk.page.locator(".panel__head .chip")).to_have_text("Done")
    walk.check("First load")


def decide_conflict(walk: Walk) -> None:
    """Let Thena's value win where both sides changed one."""
    from playwright.sync_api import expect

    link = RecordLink.objects.filter(state="linked").order_by("pk").first()
    assert link is not None
    walk.hubspot.edit("companies", link.hubspot_id, {"description": "Written in HubSpot"})
    walk.agent.edit("accounts", link.target_id, description="Written in Thena")
    runs.open_run(link.object_sync, RunKind.RECONCILE)
    walk.work()
    walk.page.get_by_role("link", name="Reviews").click()
    expect(walk.page.get_by_text("Written in HubSpot")).to_be_visible()
    walk.check("Reviews")
    walk.press("Take Thena's value of Description")
    expect(walk.page.get_by_text("1 conflict is decided.")).to_be_visible()
    walk.work()
    assert walk.hubspot.read("companies", link.hubspot_id)["description"] == "Written in Thena"
    walk.page.reload()
    expect(walk.page.get_by_text("Nothing waits for you.")).to_be_visible()


def test_an_admin_goes_from_connecting_to_a_settled_conflict(
    walk: Walk, complaints: list[str]
) -> None:
    from playwright.sync_api import expect

    connect(walk)
    choose_fields(walk)
    set_filter(walk)
    publish(walk)
    walk.page.get_by_role("link", name="Overview").click()
    expect(walk.page.locator("#object-companies")).to_be_visible()
    walk.check("HubSpot ⇄ Thena")
    assert {row["customFieldValues"] != [] for row in walk.agent.all("accounts")} == {True}
    decide_conflict(walk)
    for tab, heading in (("Versions", "Versions"), ("Settings", "Settings")):
        walk.page.get_by_role("link", name=tab, exact=True).click()
        walk.check(heading)
    assert complaints == []
