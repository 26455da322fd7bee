"""Which field of HubSpot can be kept in step with which of the target, and by what transform.

Judges types, options and what may be written, never a value. Sentences are for people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from integrations.engine.catalogue import TRANSFORM_ENTRIES, TYPE_LABELS
from integrations.engine.errors import ConfigInvalid
from integrations.engine.mapping import Direction, FieldRule
from integrations.engine.options import (
    missing,
    named,
    pick_options,
    value_list,
    words_for_yes_and_no,
)
from integrations.engine.records import FieldType, Side
from integrations.engine.specs import FieldSpec
from integrations.engine.transforms import UNMAPPED, entries, transform

Arguments = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """One way to join two fields. `directions` are those it allows, best first.

    `warning` is a sentence about what will not travel, "" for none.
    """

    transform: str
    arguments: Arguments = ()
    directions: tuple[Direction, ...] = (Direction.BOTH,)
    warning: str = ""


Proposal = tuple[str, Arguments, str]
Proposer = Callable[[FieldSpec, FieldSpec], Iterator[Proposal]]

T, N, B, D, I, C, M, R = FieldType  # noqa: E741 - one letter per cell of the table below


def _named(name: str, warning: str = "", arguments: Arguments = ()) -> Proposer:
    return lambda hubspot, target: iter([(name, arguments, warning)])


def _texts(hubspot: FieldSpec, target: FieldSpec) -> Iterator[Proposal]:
    """Join two texts; what both names say they hold decides what is proposed first."""
    names = [spec.name.casefold().replace("_", "") for spec in (hubspot, target)]
    if all(name.endswith(("mail", "mailaddress")) for name in names):
        yield "email", (), ""
    if all(name.endswith("domain") for name in names):
        yield "domain", (), "A text that is no web domain stays where it is."
    yield "", (), ""
    yield "text", (), ""
    if any("phone" in name for name in names):
        yield "phone_international", (), _NO_COUNTRY


def _picked(hubspot: FieldSpec, target: FieldSpec) -> Iterator[Proposal]:
    """Join an option with a text: by the labels people see, then by the stored values."""
    listed = hubspot if hubspot.type is C else target
    warning = f"A text that is no option of “{listed.label}” stays where it is."
    labels = {option.label: option.value for option in listed.options}
    differ = any(label != value for label, value in labels.items())
    if differ and len(labels) == len(listed.options):
        ways = [(v, k) if listed is hubspot else (k, v) for k, v in labels.items()]
        yield "value_map", tuple(ways), warning
    if options := pick_options(listed.options):
        yield "choice", (("options", options),), warning


def _numbered(hubspot: FieldSpec, target: FieldSpec) -> Iterator[Proposal]:
    listed = hubspot if hubspot.type is C else target
    if listed.options and all(_is_number(option.value) for option in listed.options):
        name = "text_to_number" if listed is hubspot else "number_to_text"
        yield name, (), f"A number that is no option of “{listed.label}” stays where it is."


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdecimal()


def _worded(hubspot: FieldSpec, target: FieldSpec) -> Iterator[Proposal]:
    listed = hubspot if hubspot.type is C else target
    if words := words_for_yes_and_no(listed.options):
        name = "text_to_boolean" if listed is hubspot else "boolean_to_text"
        yield name, (("true", words[0]), ("false", words[1])), ""


def _mapped(name: str, loss: str = "") -> Proposer:
    """Join two lists by a table; the person fills it where nothing is alike."""

    def propose(hubspot: FieldSpec, target: FieldSpec) -> Iterator[Proposal]:
        found = value_list(hubspot, target)
        warning = " ".join(filter(None, (loss, found.warning)))
        if hubspot.options and target.options:
            yield name, found.entries, warning
        else:
            yield ("" if name == "value_map" else name), (), loss

    return propose


_NO_COUNTRY: Final = "A telephone number that does not name its country stays where it is."
_NO_NUMBER: Final = "A text that is not a number stays where it is."
_NO_BOOLEAN: Final = "A text other than the words for yes and no stays where it is."
_NO_DATE: Final = "A text that is not a date of this form stays where it is."
_NO_INSTANT: Final = "A text that is not a date and time with its zone stays where it is."
_TIME_LOST: Final = "The time of day does not travel."
_SEVERAL: Final = "A record with several options here keeps them; only one can travel."
_UNLISTED: Final = "Options that the other side does not know are refused there."

PROPOSERS: Final[dict[tuple[FieldType, FieldType], Proposer]] = {
    (T, T): _texts,
    (T, N): _named("text_to_number", _NO_NUMBER),
    (T, B): _named("text_to_boolean", _NO_BOOLEAN),
    (T, D): _named("text_to_date", _NO_DATE),
    (T, I): _named("text_to_datetime", _NO_INSTANT),
    (T, C): _picked,
    (T, M): _named("split", _UNLISTED),
    (N, T): _named("number_to_text", _NO_NUMBER),
    (N, N): _named(""),
    (N, C): _numbered,
    (B, T): _named("boolean_to_text", _NO_BOOLEAN),
    (B, B): _named(""),
    (B, C): _worded,
    (D, T): _named("date_to_text", _NO_DATE),
    (D, D): _named(""),
    (D, I): _named("date_to_datetime", _TIME_LOST),
    (I, T): _named("datetime_to_text", _NO_INSTANT),
    (I, D): _named("datetime_to_date", _TIME_LOST, (("zone", "UTC"),)),
    (I, I): _named(""),
    (C, T): _picked,
    (C, N): _numbered,
    (C, B): _worded,
    (C, C): _mapped("value_map"),
    (C, M): _mapped("choice_to_list", _SEVERAL),
    (M, T): _named("join", _UNLISTED),
    (M, C): _mapped("list_to_choice", _SEVERAL),
    (M, M): _mapped("value_map"),
    (R, R): _named(""),
}
"""By (HubSpot, target) type; a pair that is not here cannot be joined."""


def suggestions(hubspot: FieldSpec, target: FieldSpec) -> tuple[Fit, ...]:
    """Return the ways to join two fields, best first; empty if there is none."""
    found = []
    propose = PROPOSERS.get((hubspot.type, target.type))
    for name, arguments, warning in propose(hubspot, target) if propose else ():
        ways = directions(name, arguments, hubspot, target)
        if ways:
            found.append(Fit(name, arguments, ways, warning))
    return tuple(found)


def directions(
    name: str, arguments: Arguments, hubspot: FieldSpec, target: FieldSpec
) -> tuple[Direction, ...]:
    """Return the directions that a transform and the two fields allow, best first."""
    there = not target.read_only
    back = not hubspot.read_only and transform(name, dict(arguments)).back is not None
    if there and back:
        return (Direction.BOTH, Direction.TO_TARGET, Direction.TO_HUBSPOT)
    if there:
        return (Direction.TO_TARGET,)
    return (Direction.TO_HUBSPOT,) if back else ()


def problem(rule: FieldRule, hubspot: FieldSpec, target: FieldSpec) -> str | None:
    """Say why a rule cannot work, or return None."""
    try:
        bound = transform(rule.transform, dict(rule.arguments))
    except ConfigInvalid as error:
        return error.detail
    entry = TRANSFORM_ENTRIES[rule.transform]
    if (hubspot.type, target.type) not in entry.pairs:
        return (
            f"“{entry.label}” does not turn “{TYPE_LABELS[hubspot.type]}” in HubSpot "
            f"into “{TYPE_LABELS[target.type]}”: choose another transform or another field."
        )
    back = rule.direction is not Direction.TO_TARGET
    if rule.direction is not Direction.TO_HUBSPOT and target.read_only:
        return f"“{target.label}” cannot be written: let the field travel to HubSpot only."
    if back and hubspot.read_only:
        return f"“{hubspot.label}” cannot be written: let the field travel from HubSpot only."
    if back and bound.back is None:
        return f"“{entry.label}” has no way back: let the field travel from HubSpot only."
    if target.type is R and not rule.reference:
        return f"It is not stated which records “{target.label}” points to."
    return _unlisted(rule, hubspot, target)


def strangers(rule: FieldRule, hubspot: FieldSpec, target: FieldSpec) -> tuple[str, ...]:
    """Return the target's options that HubSpot would refuse, where that is no reason to stop.

    Two lists that share options and travel as they are, both ways: what only the target has fails
    at the records that hold it, by name, and everything else travels.
    """
    absent = missing(rule, hubspot, target, Side.HUBSPOT)
    shared = len(absent) < len(target.options)
    as_is = not rule.transform and rule.direction is Direction.BOTH
    return absent if as_is and shared else ()


def _unlisted(rule: FieldRule, hubspot: FieldSpec, target: FieldSpec) -> str | None:
    """Say which options a written side does not have."""
    arguments = dict(rule.arguments)
    idle = arguments.get(UNMAPPED, "fail") in ("fail", "blank") and not entries(arguments)
    if rule.transform == "value_map" and idle:
        return "The value list is empty: nothing would travel."
    for side, spec, against in (
        (Side.TARGET, target, Direction.TO_HUBSPOT),
        (Side.HUBSPOT, hubspot, Direction.TO_TARGET),
    ):
        absent = () if rule.direction is against else missing(rule, hubspot, target, side)
        if side is Side.HUBSPOT and strangers(rule, hubspot, target):
            continue
        if absent:
            listed = named(absent)
            remedy = "" if rule.transform else ": use a value list"
            return f"“{spec.label}” does not have {listed} among its options{remedy}."
    return None
