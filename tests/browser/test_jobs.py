"""Scheduled jobs and “Restore HubSpot's value” in the browser, wide and narrow, light and dark."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from integrations.connectors import REGISTRY
from integrations.engine.specs import JobSpec
from integrations.models import RecordLink
from integrations.services import hints, jobs, schedules
from integrations.services.hints import NewHint
from tests.browser.conftest import CHECK, PASSWORD, log_in
from tests.services.desk import Desk
from tests.services.twin_kit import H, T

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("PORTAL_SHOTS", "")
"""A folder for pictures of the pages, "" for none."""
JOBS = (
    JobSpec("queue", "Process queue", ("contacts",), sides=(T,), minutes=10, carries=True,
            help_text="Brings what changed in Desk to HubSpot."),
    JobSpec("contacts", "Synchronise contacts", ("contacts",), sides=(H,), minutes=60,
            carries=True, help_text="Brings what changed in HubSpot's contacts to Desk."),
    JobSpec("full", "Full pass", ("contacts",), kind="reconcile", minutes=10_080,
            offered=(1440, 10_080, 0), help_text="Compares every record with its partner."),
)  # fmt: skip


@pytest.fixture
def desk(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Give a published sync with three jobs, and people who can log in."""
    made = Desk(monkeypatch)
    entry = REGISTRY["desk"]
    monkeypatch.setitem(REGISTRY, "desk", replace(entry, spec=replace(entry.spec, jobs=JOBS)))
    for person in (made.ada, made.vic):
        person.set_password(PASSWORD)
        person.save()
    made.people(2)
    made.publish()
    schedules.follow(made.sync)
    return made


def look(page: Page, address: str, name: str) -> None:
    """Measure a page in every way, and take its picture if somebody wants to see it."""
    page.goto(address)
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(CHECK) == [], (name, scheme, width)
            if SHOTS and scheme == "light":
                page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)


def test_jobs_are_chosen_started_and_switched(
    desk: Desk, page: Page, live_server: LiveServer, complaints: list[str]
) -> None:
    from playwright.sync_api import expect

    log_in(page, live_server, "ada")
    address = live_server.url + reverse("jobs", args=[desk.acme.slug, desk.sync.integration_id])
    page.goto(address)
    page.get_by_label("Process queue: every").fill("15")
    page.get_by_role("button", name="Save Process queue").click()
    expect(page.get_by_text("The period of “Process queue” is saved.")).to_be_visible()
    page.get_by_role("button", name="Run now Full pass").click()
    page.get_by_role("button", name="Run now Full pass").click()
    expect(page.get_by_text("Skipped where an earlier run is not over yet.")).to_be_visible()
    desk.work()
    page.get_by_role("button", name="Switch off Synchronise contacts").click()
    expect(page.get_by_text("What it would carry waits until it is on again.")).to_be_visible()
    look(page, address, "jobs")
    status = reverse("status", args=[desk.acme.slug, desk.sync.integration_id])
    page.goto(live_server.url + status)
    expect(page.get_by_text("The job “Synchronise contacts” is switched off.")).to_be_visible()
    look(page, live_server.url + status, "status")
    assert jobs.one(desk.sync.integration, "queue").job.minutes == 15
    assert complaints == []


def test_a_refused_change_is_taken_back(
    desk: Desk, page: Page, live_server: LiveServer, complaints: list[str]
) -> None:
    from playwright.sync_api import expect

    link = RecordLink.objects.get(hubspot_id="h1")
    desk.target.edit(link.target_id, {"title": "poison"})
    hints.raise_hints(desk.sync.pk, [NewHint(T, link.target_id)])
    desk.settle()
    log_in(page, live_server, "ada")
    one = [desk.acme.slug, desk.sync.integration_id]
    look(page, live_server.url + reverse("records", args=one), "records")
    look(page, live_server.url + reverse("why", args=one) + "?id=h1&side=hubspot", "why")
    page.get_by_role("button", name="Restore HubSpot's value").click()
    expect(page.get_by_text("HubSpot's value is restored.")).to_be_visible()
    desk.settle()
    assert desk.target.rows[link.target_id].values["title"] == "P0"
    assert complaints == []
