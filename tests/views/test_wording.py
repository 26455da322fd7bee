"""Ids in differences become labels, exactly where they stand for a field or an option."""

from __future__ import annotations

from integrations.engine.records import FieldType
from integrations.engine.specs import FieldSpec, Option
from integrations.engine.versions import Difference, What
from integrations.views.wording import named

FIELDS = {
    "sector": FieldSpec(
        "sector",
        "Sector",
        FieldType.CHOICE,
        options=(Option("AV0", "Banks"), Option("AV01", "Law")),
    ),
    "cf:77": FieldSpec("cf:77", "City", FieldType.TEXT, custom=True),
}


def worded(sentence: str) -> str:
    """Return what a person reads on the side after a change; the side before is empty."""
    found = named([Difference(What.FIELD, "Field", "", sentence)], FIELDS)
    assert found[0].before == ""
    return found[0].after


def test_options_of_the_field_are_called_by_their_labels() -> None:
    told = "“industry” and “sector”; by “Value list (BANKING → AV0, LAW → AV01, A → AV9)”."

    assert worded(told) == told.replace("AV01", "Law").replace("AV0", "Banks")


def test_options_of_another_field_and_a_systems_own_names_stay() -> None:
    told = "“tier” and “rank”; by “Value list (A → AV0)”."

    assert worded(told) == told
    assert worded("“industry” and “sector”.") == "“industry” and “sector”."


def test_a_field_that_people_made_is_called_by_its_label() -> None:
    assert worded("“city” and “cf:77”; both ways.") == "“city” and “City”; both ways."
