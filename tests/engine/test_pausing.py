"""A drifted field pauses only itself, unless the sync cannot do without it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from integrations.engine.config import MatchKey, SideObject, SyncConfig, Trigger
from integrations.engine.drift import (
    Drift,
    Kind,
    Remedy,
    Repair,
    Use,
    blocking,
    from_dict,
    pause,
    repaired,
    to_dict,
)
from integrations.engine.errors import ConfigInvalid
from integrations.engine.filters import Condition, Filter, Operator
from integrations.engine.mapping import Direction, FieldGroup, FieldRule, IncompleteGroup
from integrations.engine.reasons import Reason
from integrations.engine.records import Side

H, T = Side.HUBSPOT, Side.TARGET
NAME, STREET, CITY = (FieldRule(name, name.upper()) for name in ("name", "street", "city"))
ADDRESS = FieldGroup("address", "Address", ("STREET", "CITY"), ("CITY",))
CONFIG = SyncConfig(
    hubspot=SideObject("companies"), target=SideObject("accounts"), rules=(NAME, STREET, CITY)
)


def lost(name: str, *spoils: Use, side: Side = H, rules: tuple[str, ...] = ()) -> Drift:
    """Return the drift of a field that vanished."""
    pauses = rules or (f"{name}|{name.upper()}",)
    sentence = f"“{name}” does not exist any more."
    return Drift(Kind.VANISHED, side, name, name, sentence, pauses, spoils)


def test_only_the_rules_of_the_drifted_field_pause_each_with_its_reason() -> None:
    config, notes = pause(CONFIG, [lost("name")])
    assert config.rules == (STREET, CITY)
    assert [(n.hubspot, n.target, n.reason, n.detail) for n in notes] == [
        ("name", "NAME", Reason.FIELD_PAUSED, "“name” does not exist any more.")
    ]


def test_without_drifts_or_with_drifts_of_what_is_gone_nothing_pauses() -> None:
    assert pause(CONFIG, []) == (CONFIG, ())
    assert pause(CONFIG, [lost("fax")]) == (CONFIG, ())


def test_fields_that_only_travel_together_pause_together() -> None:
    grouped = replace(CONFIG, groups=(ADDRESS,))
    config, notes = pause(grouped, [lost("city")])
    assert (config.rules, config.groups) == ((NAME,), ())
    assert {note.detail for note in notes} == {"“city” does not exist any more."}
    config, notes = pause(grouped, [lost("street")])
    assert (config.rules, config.groups, len(notes)) == ((NAME, CITY), (ADDRESS,), 1)


def test_a_field_that_only_travels_never_holds_the_sync() -> None:
    assert blocking(CONFIG, [lost("name"), lost("city")]) == ""


WANTED = Filter(((Condition("name", Operator.NOT_EMPTY),),))
NEEDS: tuple[tuple[SyncConfig, Drift, str], ...] = (
    (
        replace(CONFIG, filters=((H, WANTED),)),
        lost("name", Use.FILTER),
        "a filter asks about it",
    ),
    (
        replace(CONFIG, match_keys=(MatchKey("name", "NAME"),)),
        lost("name", Use.MATCH_KEY),
        "records are matched by it",
    ),
    (
        replace(CONFIG, match_keys=(MatchKey("name", "title"),)),
        lost("title", Use.MATCH_KEY, side=T),
        "records are matched by it",
    ),
    (
        replace(CONFIG, trigger=Trigger("name", "x")),
        lost("name", Use.TRIGGER),
        "the sync starts by it",
    ),
    (
        replace(CONFIG, rules=(replace(NAME, required=True),)),
        lost("name"),
        "no record is sent without it",
    ),
    (
        replace(CONFIG, groups=(replace(ADDRESS, incomplete=IncompleteGroup.FAIL),)),
        lost("city"),
        "no record is sent without it",
    ),
)


@pytest.mark.parametrize(("config", "drift", "why"), NEEDS)
def test_what_the_sync_cannot_do_without_holds_it(
    config: SyncConfig, drift: Drift, why: str
) -> None:
    assert blocking(config, [drift]) == (
        f"{drift.sentence} Nothing is synced meanwhile, because {why}."
    )


@pytest.mark.parametrize(
    ("drift", "side"),
    [(lost("name", Use.FILTER), T), (lost("name"), H)],
)
def test_a_use_that_is_gone_or_still_works_holds_nothing(drift: Drift, side: Side) -> None:
    assert blocking(replace(CONFIG, filters=((side, WANTED),)), [drift]) == ""


def test_every_reason_to_hold_is_told_once() -> None:
    config = replace(
        CONFIG,
        rules=(replace(NAME, required=True),),
        filters=((H, WANTED),),
        groups=(FieldGroup("g", "G", ("NAME",), ("NAME",), IncompleteGroup.FAIL),),
    )
    told = blocking(config, [lost("name", Use.FILTER)])
    assert told.endswith("because a filter asks about it and no record is sent without it.")


def test_a_drift_is_stored_and_read_back_exactly() -> None:
    repair = Repair("a|b", Remedy.VALUE_LIST, "value_map", (("x", "y"),), Direction.TO_TARGET)
    drift = replace(lost("name", Use.FILTER, Use.TRIGGER), repairs=(repair,))
    assert from_dict(json.loads(json.dumps(to_dict(drift)))) == drift
    assert drift.key == "hubspot:name:vanished"


@pytest.mark.parametrize("stored", [{}, {"kind": "eaten"}, {"more": 1}, {"kind": 3}])
def test_what_is_no_drift_is_refused(stored: dict[str, object]) -> None:
    with pytest.raises(ConfigInvalid):
        from_dict(stored)


def test_repairs_change_just_their_rules() -> None:
    mended = repaired(
        CONFIG,
        [
            Repair("name|NAME", Remedy.DROP),
            Repair("street|STREET", Remedy.TRANSFORM, "cut", (("max", "9"),), Direction.TO_TARGET),
            Repair("city|CITY", Remedy.DIRECTION, direction=Direction.TO_HUBSPOT),
            Repair("fax|FAX", Remedy.DROP),
        ],
    )
    cut = replace(STREET, transform="cut", arguments=(("max", "9"),), direction=Direction.TO_TARGET)
    assert mended.rules == (cut, replace(CITY, direction=Direction.TO_HUBSPOT))


def test_a_new_value_list_keeps_the_direction() -> None:
    rule = replace(NAME, direction=Direction.TO_TARGET)
    repair = Repair("name|NAME", Remedy.VALUE_LIST, "value_map", (("a", "b"),))
    (mended,) = repaired(replace(CONFIG, rules=(rule,)), [repair]).rules
    assert (mended.transform, mended.arguments) == ("value_map", (("a", "b"),))
    assert mended.direction is Direction.TO_TARGET
