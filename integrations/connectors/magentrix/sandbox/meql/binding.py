"""Checks a query against the fields of an entity and turns its parts into functions of a row.

Names are case-sensitive. Along a lookup only rows with a parent remain: the others drop out.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from integrations.connectors.sandbox_kit import JsonObject

from ..errors import ApiError
from ..fields import NUMERIC, TIMED, Field, FieldType
from ..state import Entity, Portal
from ..values import instant, read_date, read_instant
from .tree import Compare, Condition, Empty, Every, Includes, Match, Not, Path, Some, Value

Reader = Callable[[JsonObject], Any]
Test = Callable[[JsonObject], bool]
SIGNS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
EQUALITY: Final = ("=", "!=")
CASES: Final[Mapping[str, Callable[[str], str]]] = {"lower": str.lower, "upper": str.upper}
MATCHES: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "Contains": operator.contains,
    "StartsWith": str.startswith,
    "EndsWith": str.endswith,
}


@dataclass(frozen=True, slots=True)
class Source:
    """An entity of a portal, as a query sees it."""

    portal: Portal
    entity: Entity

    def field(self, path: Path) -> Field:
        """Return the field of a path; raises ApiError 400."""
        owner = self._parent(path)[1] if path.relation else self.entity
        found = owner.visible().get(path.name)
        if found is None:
            raise ApiError(400, f"The field: '{path}' does not exist on {self.entity.name}.")
        return found

    def reader(self, path: Path) -> Reader:
        """Return what gives a path's value of a row; raises ApiError 400."""
        name = self.field(path).name
        if not path.relation:
            return lambda row: row.get(name)
        lookup, parent = self._parent(path)

        def along(row: JsonObject) -> Any:
            found = parent.store.get(row.get(lookup.name))
            return found.get(name) if found else None

        return along

    def has_parent(self, path: Path) -> Test:
        """Return the test that a row's lookup names a live record."""
        lookup, parent = self._parent(path)
        return lambda row: parent.store.get(row.get(lookup.name)) is not None

    def test(self, condition: Condition) -> Test:
        """Return a condition as a function; raises ApiError 400."""
        match condition:
            case Every(items):
                every = [self.test(item) for item in items]
                return lambda row: all(test(row) for test in every)
            case Some(items):
                some = [self.test(item) for item in items]
                return lambda row: any(test(row) for test in some)
            case Not(item):
                inner = self.test(item)
                return lambda row: not inner(row)
            case Compare():
                return self._compare(condition)
            case Match():
                return self._match(condition)
            case Empty(path):
                read = self._filter_reader(path)
                return lambda row: read(row) in (None, "")
            case Includes():
                return self._includes(condition)

    def _compare(self, asked: Compare) -> Test:
        field = self._filterable(asked.path)
        wanted = stored_form(field, asked.value)
        if (wanted is None or isinstance(wanted, bool)) and asked.sign not in EQUALITY:
            raise ApiError(400, f"'{asked.path}' cannot be compared so.")
        read, holds = self._filter_reader(asked.path, asked.case), SIGNS[asked.sign]
        if asked.sign in EQUALITY:
            return lambda row: holds(read(row), wanted)

        def ordered(row: JsonObject) -> bool:
            value = read(row)
            return value is not None and holds(value, wanted)

        return ordered

    def _match(self, asked: Match) -> Test:
        self._check_text(asked.path)
        read, holds = self._filter_reader(asked.path, asked.case), MATCHES[asked.method]

        def matched(row: JsonObject) -> bool:
            value = read(row)
            return value is not None and holds(value, asked.text)

        return matched

    def _includes(self, asked: Includes) -> Test:
        if self._filterable(asked.path).type is not FieldType.MULTI:
            raise ApiError(400, f"'{asked.path}' is no multi-select picklist.")
        read = self._filter_reader(asked.path)
        wanted = [set(text.split(";")) for text in asked.texts]

        def included(row: JsonObject) -> bool:
            held = set((read(row) or "").split(";"))
            return any(each <= held for each in wanted) is not asked.negated

        return included

    def _filter_reader(self, path: Path, case: str = "") -> Reader:
        self._filterable(path)
        read = self.reader(path)
        if not case:
            return read
        self._check_text(path)
        fold = CASES[case]

        def folded(row: JsonObject) -> Any:
            value = read(row)
            return None if value is None else fold(value)

        return folded

    def _filterable(self, path: Path) -> Field:
        field = self.field(path)
        if not field.filterable:
            raise ApiError(400, f"The field: '{path}' cannot be filtered.")
        return field

    def _check_text(self, path: Path) -> None:
        field = self.field(path)
        if field.type in NUMERIC | TIMED or field.type is FieldType.CHECKBOX:
            raise ApiError(400, f"'{path}' is no text.")

    def _parent(self, path: Path) -> tuple[Field, Entity]:
        for field in self.entity.visible().values():
            if field.reference and field.relation == path.relation:
                return field, self.portal.entities[field.reference]
        raise ApiError(400, f"The field: '{path}' does not exist on {self.entity.name}.")


def stored_form(field: Field, value: Value) -> object:
    """Return a literal as the field stores it; raises ApiError 400 where types do not fit."""
    if value is None:
        return None
    fits: object = None
    if field.type in TIMED:
        as_stored = read_date if field.type is FieldType.DATE else read_instant
        if isinstance(value, datetime):
            stored = instant(value)
            fits = stored[:10] if field.type is FieldType.DATE else stored
        elif isinstance(value, str):
            fits = as_stored(value)
    elif field.type in NUMERIC:
        fits = value if isinstance(value, float) else None
    elif field.type is FieldType.CHECKBOX:
        fits = value if isinstance(value, bool) else None
    else:
        fits = value if isinstance(value, str) else None
    if fits is None:
        raise ApiError(400, f"The value does not fit the field: '{field.name}'.")
    return fits
