"""What was deleted or merged on one side is not let go on the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import pytest

from integrations.engine.pairs import Base, Link, LinkState
from integrations.engine.ports import Connector, Ledger
from integrations.engine.reading import Work
from integrations.engine.records import BLANK, Record, Side, Value, digest
from integrations.engine.references import References
from integrations.engine.sparing import spare_deleted
from tests.engine.test_references import COMPANY
from tests.engine.world.memory import Store

H, T = Side.HUBSPOT, Side.TARGET
KEY = b"key"
KINDS = {"companies": {H: "companies", T: "accounts"}}


class Registry:
    """Companies by id, and which were asked for."""

    def __init__(self, *found: Record | None) -> None:
        self.found = {"c1": found[0]} if found and found[0] else {}
        self.asked: list[tuple[str, list[str]]] = []
        self.own: Value = BLANK

    def fetch(
        self, object_type: str, ids: Sequence[str], fields: Sequence[str]
    ) -> Mapping[str, Record]:
        """Return what there is."""
        self.asked.append((object_type, list(ids)))
        return self.found


def spare(
    registry: Registry,
    now: Value,
    *,
    base: Value = ("a1", "a2"),
    kept: tuple[str, ...] = (),
    kinds: Mapping[str, Mapping[Side, str]] = KINDS,
) -> tuple[Value, dict[tuple[Side, str, str], tuple[str, ...]]]:
    """Let HubSpot's contact name these pairs while its partner names two; return what is left."""
    references = References.of((COMPANY,), cast(Ledger, Store()))
    for number in (1, 2):
        pair = Link(number, LinkState.LINKED, f"c{number}", f"a{number}")
        references.pairs["companies", pair.target_id] = pair
    references.kept[H, "h1", "@companies"] = kept
    agreed = digest(base, KEY)
    link = Link(1, base=Base({"@companies": agreed}, {"accountIds": agreed}))
    records = {H: Record("h1", {"@companies": now}), T: Record("t1", {"accountIds": ("a1", "a2")})}
    work = Work(link, records=records)
    systems = cast(Mapping[Side, Connector], {H: registry, T: registry})
    spare_deleted([work], references, systems, kinds, KEY)
    registry.own = work.records[H].get("@companies")
    return work.records[T].get("accountIds"), references.kept


@pytest.mark.parametrize("found", [None, Record("c1", {}, archived=True)], ids=str)
def test_the_partner_keeps_what_was_deleted(found: Record | None) -> None:
    registry = Registry(found)
    left, kept = spare(registry, ("a2",), kept=("c9",))
    assert left == ("a2",), "it is no longer compared"
    assert kept[T, "t1", "accountIds"] == ("a1",), "and stays when the field is written"
    assert registry.asked == [("companies", ["c1"])]


def test_a_company_that_swallowed_another_stands_for_it_until_that_is_followed() -> None:
    registry = Registry(Record("c9", {}))
    left, kept = spare(registry, ("a2",), kept=("c9",))
    assert left == ("a1", "a2"), "nothing is let go"
    assert set(cast(tuple[str, ...], registry.own)) == {"a1", "a2"}, "so nothing has moved"
    assert (T, "t1", "accountIds") not in kept


def test_what_was_let_go_and_lives_is_let_go_on_the_other_side_too() -> None:
    left, kept = spare(Registry(Record("c1", {})), ("a2",))
    assert left == ("a1", "a2")
    assert (T, "t1", "accountIds") not in kept


def test_a_pair_that_names_nothing_any_more_is_blank_on_both_sides() -> None:
    assert spare(Registry(), BLANK)[0] is BLANK


@pytest.mark.parametrize("base", [("a2",), None])
def test_nothing_is_asked_where_a_side_let_nothing_go(base: Value | None) -> None:
    registry = Registry()
    if base is None:
        spare(registry, ("a1", "a2"), base=("a1",))
    else:
        spare(registry, ("a2",), base=base)
    assert registry.asked == []


def test_nothing_is_asked_about_objects_of_which_nothing_is_known() -> None:
    registry = Registry()
    assert spare(registry, ("a2",), kinds={})[0] == ("a1", "a2")
    assert registry.asked == []
