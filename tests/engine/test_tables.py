"""Live tables: owners and stages are translated by entries that may be incomplete."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from integrations.engine.config import SyncConfig
from integrations.engine.errors import ConfigInvalid, MappingError
from integrations.engine.mapping import Mapper
from integrations.engine.pairs import Action, LinkState, Pair
from integrations.engine.reasons import Reason
from integrations.engine.records import ABSENT, BLANK, UNREADABLE, Value
from integrations.engine.transforms import transform
from integrations.engine.transforms.tables import filled
from tests.engine.cases import LINK, H, T, based, hubspot, moved, rule, short, target, verdict

NOW = datetime(2026, 11, 20, tzinfo=UTC)
OWNERS = {"@name": "owners", ">7": "ann", ">8": "ben", "<ann": "7", "<ben": "8"}


def config(**more: str) -> SyncConfig:
    return rule(transform="table", arguments=tuple({**OWNERS, **more}.items()))


def test_a_value_travels_by_its_entry_both_ways() -> None:
    bound = transform("table", OWNERS)
    assert bound.back is not None
    assert (bound.forth("7", NOW), bound.back("ben", NOW)) == ("ann", "8")


def test_a_value_without_an_entry_gets_what_stands_in_for_it() -> None:
    bound = transform("table", {**OWNERS, "@otherwise": "default"})
    assert bound.forth("9", NOW) == "default"


def test_a_value_without_an_entry_can_be_left_unsent() -> None:
    assert transform("table", {**OWNERS, "@unassigned": "leave"}).forth("9", NOW) is ABSENT
    with pytest.raises(ConfigInvalid):
        transform("table", {**OWNERS, "@unassigned": "guess"})


def test_without_anything_that_stands_in_a_value_cannot_be_sent() -> None:
    with pytest.raises(MappingError, match="assigned to nothing yet"):
        transform("table", OWNERS).forth("9", NOW)


@pytest.mark.parametrize("unknown", ["fail", "leave"])
def test_an_unknown_value_of_the_target_fails_or_leaves_hubspot_alone(unknown: str) -> None:
    bound = transform("table", {**OWNERS, "@unknown": unknown})
    assert bound.back is not None
    if unknown == "leave":
        assert bound.back("zoe", NOW) is ABSENT
    else:
        with pytest.raises(MappingError):
            bound.back("zoe", NOW)


def test_several_values_may_become_one_and_the_entry_back_says_which_returns() -> None:
    bound = transform("table", {"@name": "stages", ">1": "open", ">2": "open", "<open": "1"})
    assert bound.back is not None
    assert [bound.forth(value, NOW) for value in ("1", "2")] == ["open", "open"]
    assert bound.back("open", NOW) == "1"


SHARED = {
    "@name": "stages",
    **{">a:1": "new", ">a:2": "won", ">b:1": "new", ">b:2": "won", ">b:3": "won"},
    **{"<new": "a:1", "<won": "a:2", "^b:1": "new", "^b:2": "won", "^b:3": "won"},
}


@pytest.mark.parametrize(
    ("held", "returns"),
    [("a:1", "a:2"), ("b:1", "b:2"), ("b:3", "b:3"), ("c:1", "a:2"), ("plain", "a:2")],
)
def test_of_several_stages_the_one_of_the_records_own_pipeline_returns(
    held: str, returns: str
) -> None:
    (bound,) = Mapper(rule(transform="table", arguments=tuple(SHARED.items())).rules).rules
    assert bound.translate("won", H, NOW, held) == returns


@pytest.mark.parametrize("held", [BLANK, ABSENT, UNREADABLE])
def test_without_a_known_stage_the_entry_back_returns(held: Value) -> None:
    (bound,) = Mapper(rule(transform="table", arguments=tuple(SHARED.items())).rules).rules
    assert bound.translate("won", H, NOW, held) == "a:2"


def test_a_value_that_only_stands_beside_others_still_fails_or_is_left() -> None:
    (bound,) = Mapper(rule(transform="table", arguments=tuple(SHARED.items())).rules).rules
    with pytest.raises(MappingError):
        bound.translate("lost", H, NOW, "b:1")


def test_a_move_in_the_target_stays_in_the_records_own_pipeline() -> None:
    settings = rule(transform="table", arguments=tuple(SHARED.items()))
    pair = Pair(based("b:1", "new"), hubspot("b:1"), target("won"))
    assert verdict(pair, settings).patches == {H: {"name": "b:2"}}
    pair = Pair(based("b:2", "won"), hubspot("b:2"), target("won"))
    assert not verdict(pair, settings).patches


@pytest.mark.parametrize("arguments", [{}, {"@name": "owners", "@unknown": "guess"}])
def test_a_table_that_cannot_work_is_refused(arguments: dict[str, str]) -> None:
    with pytest.raises(ConfigInvalid):
        transform("table", arguments)


def test_filling_in_replaces_the_entries_and_keeps_the_rules() -> None:
    made = filled({**OWNERS, "@unknown": "leave"}, {"9": "cy"}, {"cy": "9"})
    assert made == {"@name": "owners", "@unknown": "leave", ">9": "cy", "<cy": "9"}
    assert filled(SHARED, {"9": "cy"}, {"cy": "9"}, {"8": "cy"}) == {
        "@name": "stages",
        **{">9": "cy", "<cy": "9", "^8": "cy"},
    }


def test_a_change_to_an_owner_without_an_entry_brings_the_default_owner() -> None:
    settings = config(**{"@otherwise": "default", ">old": "old", "<old": "old"})
    decision = moved("9", "old", settings)
    assert decision.patches == {T: {"title": "default"}}


def test_at_first_contact_a_default_owner_never_replaces_a_real_one() -> None:
    pair = Pair(LINK, hubspot("9"), target("zoe"))
    settings = config(**{"@otherwise": "default", "@unknown": "leave"})
    decision = verdict(pair, settings, matched=True)
    assert short(decision) == (Action.LINK, Reason.LINKED, LinkState.LINKED)
    assert not decision.patches
    assert [note.reason for note in decision.notes] == [Reason.VALUE_KEPT]


def test_a_new_record_gets_the_default_owner() -> None:
    pair = Pair(replace(LINK, target_id=""), hubspot("9"))
    decision = verdict(pair, config(**{"@otherwise": "default"}))
    assert decision.patches == {T: {"title": "default"}}


def test_an_owner_unknown_to_hubspot_leaves_hubspots_owner_and_is_no_open_field() -> None:
    settings = config(**{"@unknown": "leave", ">old": "old", "<old": "old"})
    decision = moved("old", "zoe", settings)
    assert not decision.patches
    assert decision.action is Action.SETTLE
    assert not decision.open_fields
