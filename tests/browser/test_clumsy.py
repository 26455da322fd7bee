"""A hurried admin: typing while a form is drawn anew, double clicks, an old tab, going back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from integrations.models import JobRun
from tests.browser.conftest import Walk
from tests.browser.test_setup import connect

if TYPE_CHECKING:
    from playwright.sync_api import Request, Route

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_what_is_typed_while_the_form_is_drawn_anew_stays(
    walk: Walk, complaints: list[str]
) -> None:
    from playwright.sync_api import expect

    connect(walk)
    page = walk.page
    held: list[Route] = []
    page.get_by_role("link", name="Edit Description").click()
    page.route("**/fields/edit/**", lambda route: held.append(route))
    page.get_by_label("Conversion", exact=True).select_option("case")
    page.get_by_label("Record id", exact=True).press_sequentially("4711")
    held[0].continue_()

    expect(page.get_by_label("Spelling")).to_be_visible()
    expect(page.get_by_label("Record id", exact=True)).to_have_value("4711")
    expect(page.get_by_label("Record id", exact=True)).to_be_focused()
    assert complaints == []


def test_of_two_quick_choices_the_later_answer_has_both(walk: Walk) -> None:
    from playwright.sync_api import expect

    connect(walk)
    page = walk.page
    page.get_by_role("link", name="Edit Description").click()
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/fields/edit/**", hold_the_first)
    with page.expect_request("**/fields/edit/**"):
        page.get_by_label("Direction", exact=True).select_option("to_target")
    with page.expect_event("requestfailed"):
        page.get_by_label("Conversion", exact=True).select_option("case")

    expect(page.get_by_label("Spelling")).to_be_visible()
    expect(page.get_by_label("Direction", exact=True)).to_have_value("to_target")
    expect(page.get_by_label("Conversion", exact=True)).to_have_value("case")


def test_a_double_click_sends_once_and_going_back_can_send_again(
    walk: Walk, complaints: list[str]
) -> None:
    from playwright.sync_api import expect

    connect(walk)
    page = walk.page
    sent: list[Request] = []
    page.on("request", lambda asked: sent.append(asked) if asked.method == "POST" else None)
    page.get_by_role("button", name="Preview").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Preview")
    assert len([asked for asked in sent if "preview/start" in asked.url]) == 1
    assert JobRun.objects.filter(kind="preview").count() == 1

    page.go_back()
    walk.press("Preview")
    expect(page.get_by_role("heading", level=1)).to_have_text("Preview")
    assert len([asked for asked in sent if "preview/start" in asked.url]) == 2
    assert complaints == []


def test_an_old_tab_changes_nothing_and_says_so(walk: Walk, complaints: list[str]) -> None:
    from playwright.sync_api import expect

    connect(walk)
    old, new = walk.page, walk.page.context.new_page()
    new.goto(old.url)
    new.get_by_role("button", name="Remove Website").click()
    expect(new.get_by_text("“Website” is no longer synced.")).to_be_visible()

    old.get_by_role("button", name="Remove Description").click()

    expect(old.get_by_text("Somebody else has changed or published this draft.")).to_be_visible()
    expect(old.get_by_role("link", name="Edit Description")).to_be_visible()
    expect(old.get_by_role("link", name="Edit Website")).to_have_count(0)
    assert complaints == []


def test_a_stale_preview_cannot_be_published(walk: Walk, complaints: list[str]) -> None:
    from playwright.sync_api import expect

    connect(walk)
    walk.press("Preview")
    walk.work()
    old, new = walk.page, walk.page.context.new_page()
    expect(old.get_by_role("button", name="Publish and start the first load")).to_be_visible()
    old.get_by_label("Note").fill("Too late")
    new.goto(old.url)
    new.get_by_role("link", name="Fields", exact=True).click()
    new.get_by_role("button", name="Remove Website").click()
    expect(new.get_by_text("“Website” is no longer synced.")).to_be_visible()

    walk.press("Publish and start the first load")

    expect(old.get_by_text("The draft was changed since this preview.")).to_be_visible()
    expect(old.get_by_text("Preview again to publish.")).to_be_visible()
    assert complaints == []
