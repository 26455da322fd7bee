"""Choosing fields, and repairing those whose definition changed."""

from __future__ import annotations

import pytest
from django.test import Client

from integrations.engine.errors import Unavailable
from integrations.engine.mapping import FieldRule
from integrations.models import FieldSchema
from integrations.services import drafts, schemas
from tests.services.desk import Desk
from tests.views.conftest import there


def rule(desk: Desk, hubspot: str) -> FieldRule:
    """Return a rule of the draft."""
    found = [each for each in drafts.config_of(desk.draft).rules if each.hubspot == hubspot]
    assert found, hubspot
    return found[0]


def add(desk: Desk, client: Client, *names: str) -> str:
    """Select fields and return the page that follows."""
    answer = client.post(there(desk, "field-add"), {"field": names}, follow=True)
    return answer.content.decode()


# ---------------------------------------------------------------- the list and the picker


def test_selected_fields_are_listed_with_both_names_and_the_fixed_ones_say_why(
    desk: Desk, ada: Client
) -> None:
    page = ada.get(there(desk, "fields")).content.decode()

    assert "2 selected fields" in page
    assert page.index("Always synced") < page.index("Name")
    assert "They cannot be deselected" in page
    assert "Nothing is published yet." in page


def test_a_search_narrows_what_can_be_added(desk: Desk, ada: Client) -> None:
    groups = ada.get(there(desk, "fields", q="VIS it")).context["groups"]
    assert [field.name for group in groups for field in group.fields] == ["visits"]

    assert "No field fits." in ada.get(there(desk, "fields", q="zzz")).content.decode()


def test_an_added_field_is_mapped_to_what_fits_or_to_a_new_field(desk: Desk, ada: Client) -> None:
    page = add(desk, ada, "city", "tier")

    assert "2 fields are added." in page
    assert rule(desk, "city").target == "town"
    assert rule(desk, "tier").target == "new:tier"
    assert "made when you publish" in page


def test_a_field_that_nothing_can_hold_is_refused_with_the_reason(desk: Desk, ada: Client) -> None:
    assert "Team" in add(desk, ada, "team")
    assert len(drafts.config_of(desk.draft).rules) == 2


def test_a_field_is_removed_unless_it_is_fixed(desk: Desk, ada: Client) -> None:
    ada.post(there(desk, "field-drop"), {"hubspot": "name", "target": "title"})
    page = ada.post(
        there(desk, "field-drop"), {"hubspot": "email", "target": "mail"}, follow=True
    ).content.decode()

    assert [each.hubspot for each in drafts.config_of(desk.draft).rules] == ["email"]
    assert "always synced and cannot be deselected" in page


def test_an_edit_of_somebody_elses_older_page_is_not_stored(desk: Desk, ada: Client) -> None:
    stale = desk.draft.revision
    add(desk, ada, "city")

    page = ada.post(
        there(desk, "field-add"), {"field": ["visits"], "revision": stale}, follow=True
    ).content.decode()

    assert "Somebody else has changed" in page
    assert "visits" not in {each.hubspot for each in drafts.config_of(desk.draft).rules}


def test_field_lists_are_read_again_when_asked(desk: Desk, ada: Client) -> None:
    ada.get(there(desk, "fields"))
    desk.hubspot.change("city", label="Town")

    page = ada.post(there(desk, "fields-refresh"), follow=True).content.decode()

    assert "Both field lists are read again." in page
    assert "Town" in page


def test_a_system_that_does_not_answer_leaves_the_page_standing(
    desk: Desk, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    FieldSchema.objects.all().delete()

    def fail(_object_type: str) -> None:
        raise Unavailable("HubSpot answered 503.")

    monkeypatch.setattr(desk.hubspot, "describe", fail)

    page = ada.get(there(desk, "fields"))

    assert page.status_code == 200
    assert "HubSpot answered 503." in page.content.decode()


# ---------------------------------------------------------------- repairing


def test_a_vanished_field_is_shown_at_its_row_and_its_repair_accepted(
    desk: Desk, ada: Client
) -> None:
    add(desk, ada, "city")
    desk.publish()
    del desk.hubspot.specs["city"]
    schemas.refresh(desk.sync.integration.hubspot, "contacts")

    page = ada.get(there(desk, "fields")).content.decode()
    assert "Proposed repair: stop syncing this field." in page
    assert "This field is paused; the others go on." in page

    form = {"drift": schemas.drifts(desk.sync)[0].key}
    page = ada.post(there(desk, "field-repair"), form, follow=True).content.decode()
    assert "The repair is in the draft." in page
    assert [each.hubspot for each in drafts.config_of(desk.draft).rules] == ["email", "name"]
    assert "The repair is in the draft: preview and publish it." in page


def test_a_repair_that_nobody_proposed_is_not_found(desk: Desk, ada: Client) -> None:
    assert ada.post(there(desk, "field-repair"), {"drift": "hubspot:x:vanished"}).status_code == 404
