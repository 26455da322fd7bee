"""Two option lists side by side: which entries belong together, which options a rule can write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from integrations.engine.mapping import FieldRule
from integrations.engine.records import FieldType, Side
from integrations.engine.specs import FieldSpec, Option
from integrations.engine.transforms import DEFAULT, UNMAPPED, entries

Entries = tuple[tuple[str, str], ...]

LISTED: Final = frozenset({FieldType.CHOICE, FieldType.MULTI_CHOICE})
"""The types whose values come from a list of options."""
VALUE_LISTS: Final = frozenset({"value_map", "choice_to_list", "list_to_choice"})
"""The transforms whose arguments are a value list."""
_YES: Final = frozenset({"yes", "true", "y", "1", "on"})
_NO: Final = frozenset({"no", "false", "n", "0", "off"})
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class ValueList:
    """A proposed table and the options of either side that found no partner."""

    entries: Entries = ()
    hubspot_left: tuple[Option, ...] = ()
    target_left: tuple[Option, ...] = ()
    warning: str = ""


def value_list(hubspot: FieldSpec, target: FieldSpec) -> ValueList:
    """Pair the options of two fields: by equal value, then by equal label without case.

    Every option is used once, so that the table can be read both ways.
    """
    pairs: dict[str, str] = {}
    left_here, left_there = list(hubspot.options), list(target.options)
    for alike in (
        lambda one, other: one.value == other.value,
        lambda one, other: _fold(one.label) == _fold(other.label),
        lambda one, other: _fold(one.value) == _fold(other.value),
    ):
        for one in tuple(left_here):
            other = next((option for option in left_there if alike(one, option)), None)
            if other is not None:
                pairs[one.value] = other.value
                left_here.remove(one)
                left_there.remove(other)
    ordered = tuple((o.value, pairs[o.value]) for o in hubspot.options if o.value in pairs)
    warning = " ".join(
        f"No entry for {named(option.label for option in left)} of “{spec.label}”."
        for spec, left in ((hubspot, left_here), (target, left_there))
        if left
    )
    return ValueList(ordered, tuple(left_here), tuple(left_there), warning)


def named(labels: Iterable[str]) -> str:
    """Write labels as people list them, at most five and how many more there are."""
    listed = [f"“{label}”" for label in labels]
    more = len(listed) - _SHOWN
    shown = ", ".join(listed[:_SHOWN])
    return f"{shown} and {more} more" if more > 0 else shown


def pick_options(options: Sequence[Option]) -> str:
    """Return the argument of the transform "choice"; "" where a value holds its separator."""
    values = [option.value for option in options]
    return "" if any(";" in value for value in values) else ";".join(values)


def words_for_yes_and_no(options: Sequence[Option]) -> tuple[str, str] | None:
    """Return the values of the two options that mean yes and no, None unless there are just two."""
    if len(options) != 2:
        return None
    first, second = options
    for yes, no in ((first, second), (second, first)):
        if _means(yes, _YES) and _means(no, _NO):
            return yes.value, no.value
    return None


def _means(option: Option, words: frozenset[str]) -> bool:
    return _fold(option.value) in words or _fold(option.label) in words


def written(rule: FieldRule, hubspot: FieldSpec, target: FieldSpec) -> Mapping[Side, Sequence[str]]:
    """Return the options that a rule can write to each side, where its arguments or lists say."""
    arguments = dict(rule.arguments)
    if rule.transform == "choice":
        return dict.fromkeys(Side, [o.strip() for o in arguments.get("options", "").split(";")])
    if rule.transform in ("boolean_to_text", "text_to_boolean"):
        return dict.fromkeys(Side, [arguments.get(word, word) for word in ("true", "false")])
    if rule.transform and rule.transform not in VALUE_LISTS:
        return {}
    table = entries(arguments) if rule.transform else {}
    there, here = [*table.values()], [*table]
    if DEFAULT in arguments:
        there.append(arguments[DEFAULT])
    silent = "fail" if table or rule.transform == "value_map" else "keep"
    if arguments.get(UNMAPPED, silent) == "keep":
        there += [o.value for o in hubspot.options if o.value not in table]
        here += [o.value for o in target.options if o.value not in table.values()]
    return {Side.TARGET: there, Side.HUBSPOT: here}


def missing(rule: FieldRule, hubspot: FieldSpec, target: FieldSpec, side: Side) -> tuple[str, ...]:
    """Return the options that a rule can write to a side and that its field does not have.

    A field without a list (its options are not known) misses none.
    """
    spec = target if side is Side.TARGET else hubspot
    if spec.type not in LISTED or not spec.options:
        return ()
    known = {option.value for option in spec.options}
    used = dict.fromkeys(written(rule, hubspot, target).get(side, ()))
    return tuple(value for value in used if value not in known)


def _fold(text: str) -> str:
    return text.strip().casefold()
