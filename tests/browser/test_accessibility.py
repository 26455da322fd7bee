"""Every page of an org admin, measured in the browser: light and dark, wide and narrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django.utils import timezone

from integrations.models import JobRun, Review
from tests import factories
from tests.browser.conftest import CHECK, log_in
from tests.services.stage import Stage

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def addresses(stage: Stage) -> list[str]:
    """Return every page of Acme, with something on it."""
    joined = stage.connect()
    sync = joined.object_syncs.get()
    factories.record_link(sync, "900", "88200")
    factories.record_link(sync, "901", state="failing", reason="required_missing")
    held = factories.record_link(sync, "902", state="held", reason="merge_conflict")
    now = timezone.now()
    Review.objects.create(
        tenant=stage.acme, object_sync=sync, link=held, reason="merge_conflict", opened_at=now
    )
    run = JobRun.objects.create(
        tenant=stage.acme, object_sync=sync, kind="manual", state="running", seen=40, total=90,
        counts={"created": 30, "rejected": 10}, started_at=now,
    )  # fmt: skip
    assert joined.target is not None
    one = [stage.acme.slug, joined.pk]
    names = ("status", "why", "records", "runs", "reviews", "settings", "disconnect", "ready",
             "merges", "jobs")  # fmt: skip
    merge = factories.merge(sync)
    factories.merge(sync, "failing", (3, 4))
    return [
        *(reverse(name, args=one) for name in names),
        reverse("why", args=one) + "?id=901",
        reverse("run", args=[*one, run.pk]),
        reverse("merge", args=[*one, merge.pk]),
        reverse("tenant", args=one[:1]),
        reverse("audit", args=one[:1]),
        reverse("tokens", args=one[:1]),
        reverse("connect", args=[*one[:1], "rxnt"]),
        reverse("connect", args=[*one[:1], "thena"]),
        reverse("connect-key", args=[*one[:1], "thena"]),
        reverse("credentials", args=[*one[:1], "rxnt", joined.hubspot.pk]),
        reverse("reauthenticate", args=[*one[:1], joined.target.pk]),
        reverse("account"),
        reverse("second-factor"),
        reverse("oauth-callback") + "?error=access_denied",
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_every_page_is_readable_named_and_fits(
    width: int,
    scheme: str,
    page: Page,
    live_server: LiveServer,
    stage: Stage,
    complaints: list[str],
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    log_in(page, live_server, "ada")

    wrong = {}
    for address in addresses(stage):
        page.goto(live_server.url + address)
        assert page.locator("html").get_attribute("data-bs-theme") == scheme
        wrong[address] = page.evaluate(CHECK)

    assert {address: found for address, found in wrong.items() if found} == {}
    assert [said for said in complaints if "status of 400" not in said] == []


def test_the_choice_of_light_or_dark_is_kept(
    page: Page, live_server: LiveServer, stage: Stage, complaints: list[str]
) -> None:
    log_in(page, live_server, "ada")
    page.get_by_role("button", name="Switch between light and dark").click()
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"

    page.reload()

    assert page.locator("html").get_attribute("data-bs-theme") == "dark"


def test_times_are_shown_in_the_browsers_zone_with_utc_on_hover(
    chromium: object, live_server: LiveServer, stage: Stage
) -> None:
    stage.connect()
    context = chromium.new_context(timezone_id="Asia/Tokyo")  # type: ignore[attr-defined]
    page = context.new_page()
    log_in(page, live_server, "ada")

    page.goto(live_server.url + reverse("audit", args=[stage.acme.slug]))

    shown = page.locator("time").first
    assert "Asia/Tokyo" in page.locator("footer").inner_text()
    assert shown.get_attribute("title").endswith("UTC")
    context.close()


def test_support_logs_in_by_the_same_door_and_sees_no_complaint(
    page: Page, live_server: LiveServer, stage: Stage, complaints: list[str]
) -> None:
    stage.connect()
    stage.bob.is_staff = stage.bob.is_superuser = True
    stage.bob.save()
    log_in(page, live_server, "bob")

    for name in ("index", "integrations_auditentry_changelist"):
        page.goto(live_server.url + reverse(f"admin:{name}"))
        assert page.locator("#site-name").is_visible()

    assert complaints == []
