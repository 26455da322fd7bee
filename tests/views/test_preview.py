"""From a draft to a version: what it would do, putting it into force, and going back."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from integrations.models import JobRun, Preview, RunKind
from integrations.services import drafts, previews
from tests.services.desk import Desk
from tests.views.conftest import there

FIRST = {"sides": ["hubspot", "target"], "note": "Go live"}


def start(desk: Desk, client: Client) -> Preview:
    """Press “Preview” and let it end."""
    client.post(there(desk, "preview-start"))
    desk.work()
    return Preview.objects.get()


def add_city(desk: Desk, client: Client) -> None:
    """Select one more field."""
    client.post(there(desk, "field-add"), {"field": ["city"]})


# ---------------------------------------------------------------- looking


def test_a_running_preview_shows_its_progress_and_is_asked_again(desk: Desk, ada: Client) -> None:
    desk.people(3)
    page = ada.post(there(desk, "preview-start"), follow=True).content.decode()
    assert 'hx-trigger="every 2s"' in page
    assert "<progress" in page

    htmx = {"HX-Request": "true"}
    assert ada.get(there(desk, "preview", mark=""), headers=htmx).status_code == 200
    desk.work()
    last = ada.get(there(desk, "preview", mark=""), headers=htmx)
    assert (last.status_code, last.headers["HX-Refresh"]) == (286, "true")


def test_outcomes_are_counted_in_words_and_lead_to_their_records(desk: Desk, ada: Client) -> None:
    desk.people(25)
    start(desk, ada)

    page = ada.get(there(desk, "preview"))

    text = page.content.decode()
    assert "25 records would be created" in text
    assert "<del>" not in text
    assert len(page.context["items"]) == 20
    rest = ada.get(there(desk, "preview", outcome="create", after=str(page.context["more"])))
    assert len(rest.context["items"]) == 5


def test_an_update_shows_each_field_before_and_after(desk: Desk, ada: Client) -> None:
    desk.people(1)
    desk.target.put({"mail": "p0@x", "title": "Old name"})
    start(desk, ada)

    page = ada.get(there(desk, "preview")).content.decode()

    assert "P0" in page
    assert "Old name" in page


def test_a_draft_with_errors_is_not_previewed(
    desk: Desk, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.target.change("title", read_only=True)

    page = ada.post(there(desk, "preview-start"), follow=True).content.decode()

    assert "Correct the draft first" in page
    assert "cannot be written" in page
    assert not Preview.objects.exists()


def test_without_a_preview_the_page_says_what_to_do(desk: Desk, ada: Client) -> None:
    assert "There is no preview" in ada.get(there(desk, "preview")).content.decode()


# ---------------------------------------------------------------- publishing


def test_publishing_leads_to_the_run_that_carries_it_out(desk: Desk, ada: Client) -> None:
    desk.people(2)
    found = start(desk, ada)

    answer = ada.post(there(desk, "publish"), FIRST | {"preview": found.pk, "start": "2026-05-01"})

    run = JobRun.objects.get(kind=RunKind.BACKFILL)
    one = [desk.acme.slug, desk.sync.integration_id, run.pk]
    assert answer.headers["Location"] == reverse("run", args=one)
    assert run.scope["since"] == "2026-05-01T00:00:00+00:00"
    assert desk.sync.version is not None
    assert desk.sync.version.note == "Go live"


def test_a_preview_of_an_older_draft_cannot_be_published(desk: Desk, ada: Client) -> None:
    found = start(desk, ada)
    add_city(desk, ada)

    assert "Preview again to publish." in ada.get(there(desk, "preview")).content.decode()
    page = ada.post(there(desk, "publish"), FIRST | {"preview": found.pk}, follow=True)

    assert "The draft was changed since this preview." in page.content.decode()
    assert desk.sync.version is None


@pytest.mark.parametrize(
    "wrong", [{"preview": "0"}, {"preview": ""}, {"sides": []}, {"start": "yesterday"}]
)
def test_nonsense_publishes_nothing(wrong: dict[str, object], desk: Desk, ada: Client) -> None:
    found = start(desk, ada)

    ada.post(there(desk, "publish"), FIRST | {"preview": found.pk} | wrong)

    assert desk.sync.version is None


def test_a_later_publishing_asks_only_for_a_note(desk: Desk, ada: Client) -> None:
    desk.publish()
    add_city(desk, ada)
    found = start(desk, ada)
    assert list(ada.get(there(desk, "preview")).context["form"].fields) == ["note"]

    ada.post(there(desk, "publish"), {"preview": found.pk, "note": "City too"})

    assert desk.sync.version is not None
    assert desk.sync.version.number == 2


# ---------------------------------------------------------------- versions


def test_versions_are_listed_and_the_newest_two_compared(desk: Desk, ada: Client) -> None:
    desk.publish(note="Go live")
    add_city(desk, ada)
    desk.publish(note="City too")

    page = ada.get(there(desk, "versions"))

    assert [row.number for row in page.context["versions"]] == [2, 1]
    assert [each.label for each in page.context["compared"]] == ["City"]
    same = ada.get(there(desk, "versions", old="1", new="1"))
    assert "These two say the same." in same.content.decode()


def test_going_back_makes_the_old_version_the_draft(desk: Desk, ada: Client) -> None:
    desk.publish()
    add_city(desk, ada)
    desk.publish()

    page = ada.post(there(desk, "roll-back"), {"number": "1"}, follow=True).content.decode()

    assert "Version 1 is in the draft now." in page
    assert "differs from version 2 in 1 point" in page
    assert [rule.hubspot for rule in drafts.config_of(desk.draft).rules] == ["email", "name"]


@pytest.mark.parametrize("name", ["draft-discard", "roll-back"])
def test_an_older_page_cannot_throw_away_what_was_edited_since(
    name: str, desk: Desk, ada: Client
) -> None:
    desk.publish()
    add_city(desk, ada)
    older = desk.draft.revision - 1

    page = ada.post(there(desk, name), {"number": "1", "revision": older}, follow=True)

    assert "Somebody else has changed" in page.content.decode()
    assert "city" in {rule.hubspot for rule in drafts.config_of(desk.draft).rules}


@pytest.mark.parametrize("number", ["9", "", "x", "9" * 30])
def test_a_version_that_never_was_cannot_come_back(number: str, desk: Desk, ada: Client) -> None:
    desk.publish()

    assert ada.post(there(desk, "roll-back"), {"number": number}).status_code == 404


def test_a_discarded_draft_leaves_what_is_published(desk: Desk, ada: Client) -> None:
    desk.publish()
    add_city(desk, ada)

    page = ada.post(there(desk, "draft-discard"), follow=True).content.decode()

    assert "the draft changes nothing" in page
    assert previews.latest(desk.sync) is None or not previews.is_current(
        previews.latest(desk.sync)  # type: ignore[arg-type]
    )
