"""Each side is compared with its own base, and a base follows only what was observed."""

from __future__ import annotations

from integrations.engine.diff import changed_fields, next_digests
from integrations.engine.mapping import FieldRule, Mapper
from integrations.engine.records import ABSENT, BLANK, UNREADABLE, Record, Side, Value, digest

KEY = b"test"
H, T = Side.HUBSPOT, Side.TARGET
RULES = Mapper((FieldRule("name", "title"), FieldRule("city", "town"))).rules


def after(
    hubspot: dict[str, Value], target: dict[str, Value], *open_fields: tuple[str, str]
) -> dict[Side, dict[str, str]]:
    """Return the next digests of a pair that last agreed on "old" in name and title."""
    bases = {H: {"name": digest("old", KEY)}, T: {"title": digest("old", KEY)}}
    return next_digests(RULES, bases, {H: hubspot, T: target}, open_fields, KEY)


def test_only_a_known_value_that_differs_from_its_own_base_is_changed() -> None:
    names = ("same", "moved", "cleared", "absent", "hidden", "new")
    base = {name: digest("x", KEY) for name in names if name != "new"}
    values: dict[str, Value] = {"same": "x", "moved": "y", "cleared": BLANK, "new": "z"}
    record = Record("1", {**values, "hidden": UNREADABLE})
    assert changed_fields(record, base, KEY, names) == {"moved", "cleared"}


def test_both_sides_keep_digests_of_their_own_spelling() -> None:
    fresh = after({"name": "+1 555"}, {"title": "1555"})
    assert fresh == {H: {"name": digest("+1 555", KEY)}, T: {"title": digest("1555", KEY)}}


def test_an_open_field_keeps_its_old_base() -> None:
    fresh = after({"name": "a", "city": "A"}, {"title": "b", "town": "A"}, ("name", "title"))
    assert fresh[H] == {"name": digest("old", KEY), "city": digest("A", KEY)}


def test_a_side_that_was_not_observed_keeps_its_digest() -> None:
    fresh = after({"name": "new"}, {"title": ABSENT})
    assert fresh == {H: {"name": digest("new", KEY)}, T: {"title": digest("old", KEY)}}


def test_a_field_seen_on_one_side_only_stays_without_a_base() -> None:
    assert "city" not in after({"city": "A"}, {})[H]


def test_an_unreadable_field_counts_as_agreed_once_and_keeps_what_was_accepted() -> None:
    fresh = after({"city": "A", "name": "x"}, {"town": UNREADABLE, "title": UNREADABLE})
    assert fresh[T] == {"town": digest(UNREADABLE, KEY), "title": digest("old", KEY)}
