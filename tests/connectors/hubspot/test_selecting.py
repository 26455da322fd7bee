"""Selecting and counting by a filter: its limits, its pages, and what search cannot be asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from integrations.connectors.hubspot.pushdown import groups_of
from integrations.engine.errors import ConfigInvalid
from integrations.engine.extras import Counting, Selecting
from integrations.engine.filters import Condition, Filter, Operator
from integrations.engine.records import FieldType
from integrations.engine.specs import FieldSpec
from tests.connectors.hubspot.filter_rig import (
    CONTACTS,
    SPECS,
    condition,
    new_rig,
    passing,
    selected,
)
from tests.connectors.hubspot.rig import HubSpotRig

SEARCH = "/crm/objects/2026-09/{object_type}/search"


@pytest.fixture(scope="module")
def full() -> HubSpotRig:
    """Give an account with two contacts that differ in a checkbox."""
    rig = new_rig()
    for value in ("true", "false"):
        rig.person.create_contact({"firstname": "Ada", SPECS[FieldType.BOOLEAN].name: value})
    return rig


def test_the_connector_says_that_it_can_count_and_select(rig: HubSpotRig) -> None:
    assert isinstance(rig.connector, Counting)
    assert isinstance(rig.connector, Selecting)


def is_pushed(*groups: tuple[Condition, ...]) -> bool:
    return groups_of(Filter(groups), {spec.name: spec for spec in SPECS.values()}) is not None


def test_no_more_is_sent_than_one_search_may_hold() -> None:
    one = condition(FieldType.CHOICE, Operator.EQUALS, "new")
    negated = condition(FieldType.NUMBER, Operator.NOT_EQUALS, "1")
    assert is_pushed(*[(one,)] * 5)
    assert not is_pushed(*[(one,)] * 6)
    assert is_pushed((one,) * 5)
    assert not is_pushed((one,) * 6)
    assert not is_pushed(*[(one,) * 4] * 4)
    assert is_pushed((negated, one))
    assert not is_pushed((negated, negated))
    long = condition(FieldType.TEXT, Operator.ANY_OF, *[f"{n}{'a' * 40}" for n in range(90)])
    assert not is_pushed((long,))
    assert not is_pushed((condition(FieldType.TEXT, Operator.ANY_OF, *map(str, range(101))),))


def test_what_search_does_not_have_is_not_left_to_it(full: HubSpotRig) -> None:
    for unknown in ("no_such_property", "@companies"):
        assert not full.connector.selects(
            CONTACTS, Filter(((Condition(unknown, Operator.EMPTY),),))
        )
    textarea = FieldSpec("x", "X", style="textarea")
    asked = Filter(((Condition("x", Operator.NOT_EMPTY),),))
    assert groups_of(asked, {"x": textarea}) is None
    owner = FieldSpec("x", "X", FieldType.CHOICE)
    for operand, known in (("12236", True), ("Ada", False)):
        asked = Filter(((Condition("x", Operator.EQUALS, (operand,)),),))
        assert (groups_of(asked, {"x": owner}) is not None) == known


def test_a_filter_that_search_does_not_understand_is_refused(full: HubSpotRig) -> None:
    wanted = Filter(((condition(FieldType.TEXT, Operator.CONTAINS, "er"),),))
    assert full.connector.count(CONTACTS, wanted) is None
    with pytest.raises(ConfigInvalid):
        full.connector.select(CONTACTS, wanted, "", ["email"])


def test_no_condition_lets_every_record_pass(full: HubSpotRig) -> None:
    everyone = passing(full, Filter())
    impossible = (condition(FieldType.BOOLEAN, Operator.EQUALS, "true"),)
    for wanted in (Filter(), Filter(((), impossible))):
        assert selected(full, wanted) == everyone
        assert full.connector.count(CONTACTS, wanted) == len(everyone)
    assert full.connector.count(CONTACTS) == len(everyone)


def test_a_first_load_can_begin_at_a_date() -> None:
    clock = [datetime(2026, 11, 1, tzinfo=UTC)]
    rig = HubSpotRig(lambda: clock[0])
    old = rig.person.create_contact({"firstname": "Old"})
    clock[0] += timedelta(days=10)
    new = rig.person.create_contact({"firstname": "New"})
    for name in ("createdate", "lastmodifieddate"):
        since = Condition(name, Operator.GREATER, ("2026-11-05T00:00:00+00:00",))
        assert selected(rig, Filter(((since,),))) == {new}
        assert selected(rig, Filter(((Condition(name, Operator.LESS, since.operands),),))) == {old}


def test_pages_go_by_id_and_beyond_what_offsets_reach() -> None:
    rig = HubSpotRig()
    made = {rig.person.create_contact({"firstname": f"{number}"}) for number in range(450)}
    wanted = Filter(((Condition("firstname", Operator.NOT_EMPTY),),))
    first = rig.connector.select(CONTACTS, wanted, "", ["firstname"])
    second = rig.connector.select(CONTACTS, wanted, first.cursor, ["firstname"])
    assert (len(first.records), first.total, second.total) == (200, 450, None)
    rig.person.delete_contact(first.records[0].id)
    assert selected(rig, wanted) == made - {first.records[0].id}
    rig.sandbox.counters.clear()
    selected(rig, wanted)
    assert rig.sandbox.counters == {("POST", SEARCH): 3}
