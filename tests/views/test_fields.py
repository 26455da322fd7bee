"""Choosing fields, and editing how one of them travels."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client

from integrations.engine import edits
from integrations.engine.errors import Unavailable
from integrations.engine.mapping import ConflictPolicy, Direction, FieldRule, Overwrite
from integrations.engine.records import FieldType
from integrations.engine.specs import Option
from integrations.forms.posted_rules import MOST_ENTRIES
from integrations.models import FieldSchema
from integrations.services import drafts, schemas
from tests.services.desk import Desk
from tests.views.conftest import there

PLAIN = {
    "target": "title", "direction": "both", "transform": "", "overwrite": "always",
    "clears": "1", "conflict": "", "shown-target": "title", "shown-transform": "",
}  # fmt: skip


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


# ---------------------------------------------------------------- one pair


def test_the_editor_offers_fitting_targets_first_and_a_new_field(desk: Desk, ada: Client) -> None:
    add(desk, ada, "city")

    form = ada.get(there(desk, "rule", hubspot="city", target="town")).context["form"]

    groups = dict(form.fields["target"].choices)
    assert [name for name, _label in groups["Fits"]] == ["town"]
    assert groups["New field"] == [("new:city", "Create “City” in Desk")]


def test_what_is_chosen_is_saved_in_the_draft(desk: Desk, ada: Client) -> None:
    chosen = {
        "direction": "to_target", "overwrite": "if_empty", "clears": "0",
        "conflict": "hubspot_wins",
    }  # fmt: skip
    ada.post(there(desk, "rule", hubspot="name", target="title"), PLAIN | chosen)

    saved = rule(desk, "name")
    assert (saved.direction, saved.overwrite) == (Direction.TO_TARGET, Overwrite.IF_EMPTY)
    assert (saved.clears, saved.conflict) == (False, ConflictPolicy.HUBSPOT_WINS)


def test_another_conversion_shows_its_own_inputs_before_anything_is_saved(
    desk: Desk, ada: Client
) -> None:
    address = there(desk, "rule", hubspot="name", target="title")

    page = ada.post(address, PLAIN | {"transform": "cut", "step": "reshape"})

    assert "arg-max" in page.context["form"].fields
    assert rule(desk, "name").transform == ""


def test_arguments_of_a_conversion_are_saved(desk: Desk, ada: Client) -> None:
    address = there(desk, "rule", hubspot="name", target="title")
    cut = {"transform": "cut", "shown-transform": "cut", "arg-max": "20", "direction": "to_target"}

    ada.post(address, PLAIN | cut)

    assert rule(desk, "name").transform == "cut"
    assert dict(rule(desk, "name").arguments) == {"max": "20"}


def test_a_problem_is_told_at_the_row_while_mapping(desk: Desk, ada: Client) -> None:
    address = there(desk, "rule", hubspot="name", target="title")
    lossy = {"transform": "cut", "shown-transform": "cut", "arg-max": "20", "step": "reshape"}

    page = ada.post(address, PLAIN | lossy).content.decode()

    assert "has no way back" in page


def test_a_value_list_shows_both_option_lists_and_what_is_left(desk: Desk, ada: Client) -> None:
    options = (Option("A", "First"), Option("B", "Second"))
    desk.target.change("town", type=FieldType.CHOICE, options=options)
    add(desk, ada, "tier")
    stored = rule(desk, "tier")
    address = there(desk, "rule", hubspot="tier", target=stored.target)
    drawn = PLAIN | {"target": "town", "shown-target": "town", "shown-transform": "value_map"}
    entries = {
        "transform": "value_map",
        "source-0": "gold",
        "gives-0": "A",
        "arg-@unmapped": "blank",
    }

    page = ada.post(address, drawn | entries | {"step": "reshape"})
    form = page.context["form"]
    assert [entry.label for entry in form.entries] == ["Gold", "Silver"]
    assert form.unused == ["Second"]

    ada.post(address, drawn | entries)
    assert dict(rule(desk, "tier").arguments) == {"gold": "A", "@unmapped": "blank"}


def test_a_value_list_longer_than_its_editor_keeps_what_is_not_shown(
    desk: Desk, ada: Client
) -> None:
    options = tuple(Option(f"v{at}", f"V{at}") for at in range(MOST_ENTRIES + 2))
    desk.hubspot.change("tier", options=options)
    add(desk, ada, "tier")
    table = tuple((option.value, "A") for option in options)
    stored = rule(desk, "tier")
    desk.edit(
        lambda config, ground: edits.set_rule(
            config,
            edits.key_of(stored),
            replace(stored, transform="value_map", arguments=table),
            ground,
        )
    )
    drawn = PLAIN | {"target": stored.target, "shown-target": stored.target}
    drawn |= {"transform": "value_map", "shown-transform": "value_map"}
    posted = {f"source-{at}": f"v{at}" for at in range(MOST_ENTRIES)}
    posted |= {f"gives-{at}": "B" for at in range(1, MOST_ENTRIES)}

    ada.post(there(desk, "rule", hubspot="tier", target=stored.target), drawn | posted)

    kept = dict(rule(desk, "tier").arguments)
    assert "v0" not in kept
    assert kept["v1"] == kept[f"v{MOST_ENTRIES - 1}"] == "B"
    assert kept[f"v{MOST_ENTRIES}"] == kept[f"v{MOST_ENTRIES + 1}"] == "A"


@pytest.mark.parametrize("name", ["direction", "overwrite", "conflict", "transform", "target"])
def test_a_made_up_choice_changes_nothing(name: str, desk: Desk, ada: Client) -> None:
    before = rule(desk, "name")

    ada.post(there(desk, "rule", hubspot="name", target="title"), PLAIN | {name: "nonsense"})

    assert rule(desk, "name") == before


def test_a_pair_that_is_not_mapped_has_no_editor(desk: Desk, ada: Client) -> None:
    assert ada.get(there(desk, "rule", hubspot="city", target="town")).status_code == 404


# ---------------------------------------------------------------- trying and repairing


def test_a_rule_is_tried_on_a_record_before_it_is_saved(desk: Desk, ada: Client) -> None:
    key = desk.hubspot.put({"email": "a@x", "name": "Ada Lovelace"})
    address = there(desk, "rule", hubspot="name", target="title")
    cut = {"transform": "cut", "shown-transform": "cut", "arg-max": "3", "direction": "to_target"}

    page = ada.post(address, PLAIN | cut | {"step": "try", "record": key}).content.decode()

    assert "<code>Ada Lovelace</code>" in page
    assert "<code>Ada</code>" in page
    assert rule(desk, "name").transform == ""


@pytest.mark.parametrize(
    ("record", "said"), [("", "Enter the id of a record"), ("h99", "no record with this id")]
)
def test_trying_needs_a_record(record: str, said: str, desk: Desk, ada: Client) -> None:
    address = there(desk, "rule", hubspot="name", target="title")

    page = ada.post(address, PLAIN | {"step": "try", "record": record}).content.decode()

    assert said in page


def test_a_system_that_cannot_be_read_is_told_at_the_try_out(
    desk: Desk, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> None:
        raise Unavailable("HubSpot answered 503.")

    monkeypatch.setattr(desk.hubspot, "fetch", fail)
    address = there(desk, "rule", hubspot="name", target="title")

    page = ada.post(address, PLAIN | {"step": "try", "record": "h1"}).content.decode()

    assert "HubSpot answered 503." in page


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
