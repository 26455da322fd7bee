"""One search filter as a test on a record's values, compared by the type of its property.

Source: HubSpot docs, "search the CRM", 2026-03-30: text is compared without regard to case,
enumerations exactly, and IN on text needs lowercase input.
"""

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from integrations.connectors.sandbox_kit import JsonObject

from .catalog import Definition
from .errors import bad_request
from .kinds import Kind, kind_named
from .times import milliseconds

if TYPE_CHECKING:
    from .account import Account

Test = Callable[[int, dict[str, str]], bool]
Comparable = Any
_NEGATIONS = ("NEQ", "NOT_IN", "NOT_CONTAINS_TOKEN")
_LEAST = Decimal("-Infinity")
_WORD = re.compile(r"[^\s,;:/|()\[\]<>\"']+")


def compile_filter(account: "Account", kind: Kind, row: JsonObject) -> Test:
    """Return the test of one filter; raises ApiError 400 for what HubSpot refuses."""
    name, operator = str(row.get("propertyName", "")), str(row.get("operator", ""))
    if name.startswith("associations."):
        return _associated(account, kind, name.partition(".")[2], row)
    definition = account.catalogs[kind.plural].get(name)
    if definition is None:
        raise bad_request(f"There was a problem with the request: no property named {name}")
    if operator == "HAS_PROPERTY":
        return lambda _, values: name in values
    if operator == "NOT_HAS_PROPERTY":
        return lambda _, values: name not in values
    test = _comparison(definition, operator, row)
    if operator in _NEGATIONS and not account.behaviour.search_negates_blanks:
        return lambda record_id, values: name in values and test(record_id, values)
    return test


def sort_key(definition: Definition) -> Callable[[str], Comparable]:
    """Return how stored values of a property are ordered."""
    if definition.type == "number":
        return _number
    if definition.type in ("date", "datetime"):
        return lambda text: milliseconds(text) or 0
    return str.lower if definition.type == "string" else str


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        return _LEAST


def _comparison(definition: Definition, operator: str, row: JsonObject) -> Test:
    name, key = definition.name, sort_key(definition)
    if operator in ("IN", "NOT_IN"):
        return _one_of(definition, operator, row)
    if operator in ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"):
        return _token(name, str(row.get("value", "")), wanted=operator == "CONTAINS_TOKEN")
    value = _operand(definition, row, "value")
    if operator == "BETWEEN":
        high = _operand(definition, row, "highValue")
        return lambda _, values: name in values and value <= key(values[name]) <= high
    if operator == "NEQ":
        return lambda _, values: name not in values or key(values[name]) != value
    compare = _COMPARE.get(operator)
    if compare is None:
        raise bad_request(f"{operator} is not a valid operator")
    return lambda _, values: name in values and compare(key(values[name]), value)


_COMPARE: dict[str, Callable[[Comparable, Comparable], bool]] = {
    "EQ": lambda stored, value: bool(stored == value),
    "LT": lambda stored, value: bool(stored < value),
    "LTE": lambda stored, value: bool(stored <= value),
    "GT": lambda stored, value: bool(stored > value),
    "GTE": lambda stored, value: bool(stored >= value),
}


def _operand(definition: Definition, row: JsonObject, member: str) -> Comparable:
    text = str(row.get(member, ""))
    value = sort_key(definition)(text)
    if definition.type in ("date", "datetime") and milliseconds(text) is None:
        raise bad_request(f"{text} is not a valid date for {definition.name}")
    if not text or (definition.type == "number" and value == _LEAST):
        raise bad_request(f"operator {row.get('operator')} requires a valid {member}")
    return value


def _one_of(definition: Definition, operator: str, row: JsonObject) -> Test:
    raw = row.get("values")
    if not isinstance(raw, list) or not raw:
        raise bad_request(f"operator {operator} requires values")
    name, wanted = definition.name, operator == "IN"
    key = sort_key(definition)
    text = definition.type in ("string", "enumeration", "bool")
    allowed = {str(value) if text else key(str(value)) for value in raw}
    return lambda _, values: (name in values and key(values[name]) in allowed) == wanted


def _token(name: str, pattern: str, *, wanted: bool) -> Test:
    sought = pattern.lower()
    if not sought:
        raise bad_request("operator CONTAINS_TOKEN requires a value")

    def test(_: int, values: dict[str, str]) -> bool:
        text = values.get(name, "").lower()
        found = fnmatchcase(text, sought) or any(
            fnmatchcase(word, sought)
            for part in _WORD.findall(text)
            for word in (part, *re.split(r"[@.\-_]", part))
        )
        return found == wanted

    return test


def _associated(account: "Account", kind: Kind, other: str, row: JsonObject) -> Test:
    pair = (kind.plural, kind_named(other).plural)
    wanted = {str(value) for value in row.get("values") or [row.get("value", "")]}
    links = account.links
    return lambda record_id, _: any(str(to) in wanted for to in links.of(pair, record_id))
