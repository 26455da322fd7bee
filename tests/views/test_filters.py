"""Conditions edited on the page, counted, saved; and the general rules."""

from __future__ import annotations

import pytest
from django.test import Client

from integrations.engine.config import ExitRule, MergePolicy
from integrations.engine.filters import Condition, Filter, Operator
from integrations.engine.mapping import ConflictPolicy
from integrations.engine.records import Side
from integrations.services import drafts
from tests.services.desk import Desk
from tests.views.conftest import there

ONE = {"c0-0-field": "name", "c0-0-operator": "contains", "c0-0-operand": "P"}
TWO = ONE | {"c1-0-field": "email", "c1-0-operator": "not_empty"}
HUBSPOT = {"side": "hubspot"}
POLICIES = {
    "conflict": "newest_wins", "exit_rule": "unlink", "on_hubspot_delete": "keep",
    "on_target_delete": "hold", "create_in": ["target"], "merge": "keep",
}  # fmt: skip


def wanted(desk: Desk, side: Side = Side.HUBSPOT) -> Filter:
    """Return a filter of the draft."""
    return drafts.config_of(desk.draft).filter_for(side)


def press(desk: Desk, client: Client, step: str, form: dict[str, str]) -> list[list[Condition]]:
    """Press a button of the editor and return the conditions it shows then."""
    page = client.post(there(desk, "filters"), HUBSPOT | form | {"step": step})
    editor = page.context["ways"][0]["editor"]
    return [[row.condition for row in group] for group in editor.groups]


def test_buttons_change_the_screen_and_not_the_draft(desk: Desk, ada: Client) -> None:
    assert [len(group) for group in press(desk, ada, "or", {})] == [1]
    assert [len(group) for group in press(desk, ada, "add-0", ONE)] == [2]
    assert [len(group) for group in press(desk, ada, "or", ONE)] == [1, 1]
    assert [len(group) for group in press(desk, ada, "drop-0-0", TWO)] == [1]
    assert press(desk, ada, "drop-7-7", ONE) == press(desk, ada, "nonsense", ONE)
    assert wanted(desk) == Filter()


def test_conditions_are_saved_in_groups(desk: Desk, ada: Client) -> None:
    page = ada.post(there(desk, "filters"), HUBSPOT | TWO | {"step": "save"}, follow=True)

    assert "saved in the draft" in page.content.decode()
    assert wanted(desk) == Filter(
        (
            (Condition("name", Operator.CONTAINS, ("P",), "Name"),),
            (Condition("email", Operator.NOT_EMPTY, (), "E-mail"),),
        )
    )


def test_each_direction_has_its_own_filter_over_its_own_fields(desk: Desk, ada: Client) -> None:
    there_too = {"c0-0-field": "title", "c0-0-operator": "equals", "c0-0-operand": "X"}

    ada.post(there(desk, "filters"), {"side": "target", "step": "save"} | there_too)

    assert wanted(desk, Side.TARGET).groups[0][0].field == "title"
    assert wanted(desk) == Filter()


def test_the_operators_and_the_input_follow_the_fields_type(desk: Desk, ada: Client) -> None:
    ada.post(there(desk, "field-add"), {"field": ["visits", "tier"]})
    number = {"c0-0-field": "visits", "c0-0-operator": "contains", "c0-0-operand": "7"}
    option = {"c0-0-field": "tier", "c0-0-operator": "any_of", "c0-0-operand": "gold"}

    page = ada.post(there(desk, "filters"), HUBSPOT | number).context["ways"][0]["editor"]
    form = page.groups[0][0]
    assert ("contains", "contains") not in form.fields["operator"].choices
    assert form.fields["operand"].widget.input_type == "number"

    page = ada.post(there(desk, "filters"), HUBSPOT | option).context["ways"][0]["editor"]
    assert page.groups[0][0].is_list
    assert page.groups[0][0].fields["operand"].choices == [("gold", "Gold"), ("silver", "Silver")]


def test_several_values_are_one_per_line(desk: Desk, ada: Client) -> None:
    several = ONE | {"c0-0-operator": "any_of", "c0-0-operand": "P1\r\n P2 \r\n\r\nP1"}

    ada.post(there(desk, "filters"), HUBSPOT | several | {"step": "save"})

    assert wanted(desk).groups[0][0].operands == ("P1", "P2")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"c0-0-operand": " "}, "is missing"),
        ({"c0-0-field": "city"}, "not selected for syncing"),
    ],
)
def test_a_condition_that_cannot_work_is_told_at_its_place_and_not_saved(
    wrong: dict[str, str], said: str, desk: Desk, ada: Client
) -> None:
    page = ada.post(there(desk, "filters"), HUBSPOT | ONE | wrong | {"step": "save"})

    assert said in page.content.decode()
    assert wanted(desk) == Filter()


def test_a_field_a_filter_uses_cannot_be_removed(desk: Desk, ada: Client) -> None:
    ada.post(there(desk, "filters"), HUBSPOT | ONE | {"step": "save"})

    page = ada.post(there(desk, "field-drop"), {"hubspot": "name", "target": "title"}, follow=True)

    assert "The filter on “Name” uses this field." in page.content.decode()


def test_matching_records_are_counted_while_editing(
    desk: Desk, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def count(_object_type: str, asked: Filter | None = None) -> int | None:
        return 1_200 if asked else 5_000

    assert "does not answer now" in ada.post(there(desk, "filter-count"), ONE).content.decode()
    monkeypatch.setattr(desk.hubspot, "count", count, raising=False)

    page = ada.post(there(desk, "filter-count"), ONE).content.decode()

    assert "<strong>1,200</strong> of 5,000 records in HubSpot match." in page


def test_conditions_that_make_no_sense_are_not_counted(desk: Desk, ada: Client) -> None:
    page = ada.post(there(desk, "filter-count"), ONE | {"c0-0-operand": ""}).content.decode()

    assert "Complete the conditions" in page


def test_the_general_rules_are_saved(desk: Desk, ada: Client) -> None:
    ada.post(there(desk, "policies"), POLICIES)

    config = drafts.config_of(desk.draft)
    assert (config.conflict, config.exit_rule) == (ConflictPolicy.NEWEST_WINS, ExitRule.UNLINK)
    assert (config.create_in, config.merge) == ((Side.TARGET,), MergePolicy.KEEP)


@pytest.mark.parametrize("name", ["on_hubspot_delete", "merge"])
def test_a_rule_that_is_not_offered_is_refused(name: str, desk: Desk, ada: Client) -> None:
    before = drafts.config_of(desk.draft)

    page = ada.post(there(desk, "policies"), POLICIES | {name: "archive"}, follow=True)

    assert "Choose one of the options" in page.content.decode()
    assert drafts.config_of(desk.draft) == before
