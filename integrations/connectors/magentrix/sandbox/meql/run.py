"""Answers a query: the rows that match, in order, cut to the page that was asked for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Any

from integrations.connectors.sandbox_kit import JsonObject

from ..errors import ApiError
from ..fields import FieldType
from ..state import Portal
from ..values import shown
from .binding import Source, Test
from .parser import parse
from .planning import candidates
from .tree import Compare, Condition, Empty, Every, Includes, Match, Not, Path, Query, Some

if TYPE_CHECKING:
    from ..behaviour import Behaviour


def run(portal: Portal, behaviour: Behaviour, text: str, now: datetime) -> JsonObject:
    """Return `{"Count", "Records"}`; Count is of all matches. Raises ApiError 400."""
    try:
        query = parse(text, now)
        entity = portal.visible().get(query.entity)
        if entity is None:
            raise ApiError(400, f"The entity: '{query.entity}' does not exist.")
        source = Source(portal, entity)
        ids = _ordered(source, query, behaviour, text)
    except RecursionError:
        raise ApiError(400, "The query is nested too deeply.") from None
    if query.alias:
        return {"Count": 1, "Records": [{query.alias: len(ids)}]}
    end = behaviour.query_rows
    if query.take is not None:
        end = min(query.offset + query.take, end)
    page = [entity.store.rows[record_id] for record_id in ids[query.offset : end]]
    return {"Count": len(ids), "Records": _selected(source, query, page)}


def _ordered(source: Source, query: Query, behaviour: Behaviour, text: str) -> list[str]:
    """Return the ids of the rows that match, in the asked order."""
    ids, order = _matching(source, query, behaviour)
    if query.order is None:
        return ids
    field, read = source.field(query.order), source.reader(query.order)
    if not field.filterable or field.type is FieldType.MULTI:
        raise ApiError(400, f"The field: '{query.order}' cannot be sorted.")
    if behaviour.shuffle_ties:
        Random(f"{text}{source.portal.number}").shuffle(ids)  # noqa: S311 - repeatable
    elif order == str(query.order):
        return ids[::-1] if query.descending else ids
    rows = source.entity.store.rows

    def key(record_id: str) -> tuple[bool, Any]:
        value = read(rows[record_id])
        return (value is not None, value)

    return sorted(ids, key=key, reverse=query.descending)


def _matching(source: Source, query: Query, behaviour: Behaviour) -> tuple[list[str], str]:
    """Return the ids of the rows that match and what they are sorted by."""
    rows, tests = source.entity.store.rows, list(_tests(source, query))
    if behaviour.deleted_in_queries and _asks_for_deleted(query.where):
        ids, order = [one for one, row in rows.items() if row["IsDeleted"]], ""
    else:
        found = candidates(source, query.where, str(query.order or ""))
        ids, order = found.ids, found.order
        if found.exact and query.where is not None:
            tests.pop(0)
    for test in tests:
        ids = [record_id for record_id in ids if test(rows[record_id])]
    return ids, order


def _tests(source: Source, query: Query) -> Iterable[Test]:
    """Yield the condition and then, for each lookup that is walked, that there is a parent."""
    if query.where is not None:
        yield source.test(query.where)
    paths = [*query.select, *([query.order] if query.order else []), *_paths(query.where)]
    for path in {path.relation: path for path in paths if path.relation}.values():
        yield source.has_parent(path)


def _paths(condition: Condition | None) -> Iterable[Path]:
    match condition:
        case Every(items) | Some(items):
            for item in items:
                yield from _paths(item)
        case Not(item):
            yield from _paths(item)
        case Compare(path) | Match(path) | Empty(path) | Includes(path):
            yield path


def _asks_for_deleted(condition: Condition | None) -> bool:
    match condition:
        case Every(items):
            return any(_asks_for_deleted(item) for item in items)
        case Compare(Path("IsDeleted", ""), _, "=", True):
            return True
    return False


def _selected(source: Source, query: Query, rows: list[JsonObject]) -> list[JsonObject]:
    """Return the asked fields of some rows; those of a parent stand in an object of its own."""
    if not query.select:
        return [source.entity.shown(row) for row in rows]
    columns = [(path, source.field(path), source.reader(path)) for path in query.select]
    records: list[JsonObject] = []
    for row in rows:
        record: JsonObject = {}
        for path, field, read in columns:
            into = record.setdefault(path.relation, {}) if path.relation else record
            into[path.name] = shown(field, read(row))
        records.append(record)
    return records
