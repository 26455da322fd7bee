"""Editing how one field travels, and trying it on a record."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client

from integrations.engine import edits
from integrations.engine.checks import Problem
from integrations.engine.errors import Unavailable
from integrations.engine.mapping import ConflictPolicy, Direction, Overwrite
from integrations.engine.records import FieldType
from integrations.engine.specs import Option
from integrations.forms.posted_rules import MOST_ENTRIES
from integrations.views.desk import said
from tests.services.desk import Desk
from tests.views.conftest import there
from tests.views.test_fields import add, rule

PLAIN = {
    "target": "title", "direction": "both", "transform": "", "overwrite": "always",
    "clears": "1", "conflict": "", "shown-target": "title", "shown-transform": "",
}  # fmt: skip


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


def test_above_the_fields_a_problem_names_its_field() -> None:
    found = Problem("city|town", "The value list is empty: nothing would travel.")

    assert said(found, "City") == "“City”: The value list is empty: nothing would travel."
    assert said(found, "") == found.sentence
