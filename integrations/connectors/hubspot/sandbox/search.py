"""The search call: filters, sorting, its limits. The copy it looks at is in `search_index`.

Source: HubSpot docs, "search the CRM", 2026-03-30.
"""

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from integrations.connectors.sandbox_kit import JsonObject, SandboxResponse, json_response

from .account import Account
from .call import Call
from .conditions import Test, compile_filter, sort_key
from .errors import bad_request
from .kinds import Kind, kind_named
from .objects import BASES
from .records import Record
from .search_index import Entry, SearchIndex
from .times import milliseconds
from .views import shown_names, view

if TYPE_CHECKING:
    from .server import HubSpotSandbox

MOST, CAP = 200, 10_000
GROUPS, FILTERS, FILTERS_IN_ALL = 5, 6, 18
QUERY_CHARACTERS = 3_000
REMEMBERED = 16
ASSOCIATED = '"associations.'
"""Marks a query whose answer also changes with associations, which the index does not see."""
ALWAYS = (-(10**18), 10**18)


class SearchApi:
    """Handler of search."""

    def __init__(self, sandbox: "HubSpotSandbox") -> None:
        for base in BASES:
            sandbox.api("POST", f"{base}/{{object_type}}/search", self.search, search=True)

    def search(self, call: Call, object_type: str) -> SandboxResponse:
        """POST P/search: a page of records as the index knows them."""
        kind = kind_named(object_type)
        call.need(kind, "read")
        body = call.json()
        limit, after = _page(call, body)
        index = call.account.indexes[kind.plural]
        index.catch_up(call.at)
        ids = _ids(call, kind, index, body)
        names = shown_names(call.account, kind, call.texts(body, "properties"))
        page = [
            view(call.account, kind, _as_record(record_id, index.entries[record_id]), names)
            for record_id in ids[after : after + limit]
        ]
        if call.account.behaviour.search_hides_merged_ids:
            for shown in page:
                shown["properties"].pop("hs_merged_object_ids", None)
        answer: JsonObject = {"total": len(ids), "results": page}
        if after + limit < len(ids):
            answer["paging"] = {"next": {"after": str(after + limit)}}
        return json_response(answer)


def _ids(call: Call, kind: Kind, index: SearchIndex, body: JsonObject) -> list[int]:
    asked = {name: body.get(name) for name in ("filterGroups", "filters", "sorts", "query")}
    text = json.dumps(asked, separators=(",", ":"), ensure_ascii=False)
    if text not in index.found:
        ids = _run(call, kind, index, body, len(text))
        if ASSOCIATED in text or len(index.found) >= REMEMBERED:
            return ids
        index.found[text] = ids
    return index.found[text]


def _page(call: Call, body: JsonObject) -> tuple[int, int]:
    limit = call.member(body, "limit", int, 10)
    after = str(body.get("after") or "0")
    if not 0 <= limit <= MOST:
        raise bad_request(f"Invalid limit {limit}: at most {MOST}")
    if not after.isdecimal() or int(after) + limit > CAP:
        raise bad_request(f"Paging beyond {CAP} results is not possible: after {after}")
    return limit, int(after)


def _run(call: Call, kind: Kind, index: SearchIndex, body: JsonObject, size: int) -> list[int]:
    if size > QUERY_CHARACTERS:
        raise bad_request(f"The query is longer than {QUERY_CHARACTERS} characters")
    first, last, groups = _window(kind, _groups(call, body))
    tests = [[compile_filter(call.account, kind, row) for row in group] for group in groups]
    entries = index.entries
    candidates: Iterable[int] = index.between(first, last) if (first, last) != ALWAYS else entries
    found = [i for i in candidates if _passes(tests, i, entries[i].properties)]
    if words := str(body.get("query") or "").lower().split():
        found = [i for i in found if _mentions(kind, entries[i].properties, words)]
    sorts = call.member(body, "sorts", list, [])
    if len(sorts) > 1:
        raise bad_request("Only one sort is possible")
    if (first, last) != ALWAYS and sorts == [_OLDEST_FIRST | {"propertyName": kind.modified}]:
        return found
    return _sorted(call.account, kind, index, found, sorts)


def _groups(call: Call, body: JsonObject) -> list[list[JsonObject]]:
    groups = [call.member(g, "filters", list) for g in call.member(body, "filterGroups", list, [])]
    if top := call.member(body, "filters", list, []):
        groups.append(top)
    if not all(isinstance(row, dict) for group in groups for row in group):
        raise bad_request("Invalid input JSON: a filter must be an object")
    if len(groups) > GROUPS:
        raise bad_request(f"At most {GROUPS} filter groups are possible")
    if any(len(group) > FILTERS for group in groups) or sum(map(len, groups)) > FILTERS_IN_ALL:
        raise bad_request(f"At most {FILTERS} filters per group and {FILTERS_IN_ALL} in all")
    return groups


def _window(kind: Kind, groups: list[list[JsonObject]]) -> tuple[int, int, list[list[JsonObject]]]:
    """Turn a single group's bounds on the modified instant into a span; the rest stays filters."""
    first, last = ALWAYS
    if len(groups) != 1:
        return first, last, groups
    rest = []
    for row in groups[0]:
        at = milliseconds(str(row.get("value", "")))
        operator = row.get("operator")
        if row.get("propertyName") != kind.modified or at is None or operator not in _BOUNDS:
            rest.append(row)
            continue
        lower, upper = _BOUNDS[operator](at)
        first, last = max(first, lower), min(last, upper)
    return first, last, [rest] if rest else []


_OLDEST_FIRST = {"direction": "ASCENDING"}
_BOUNDS: dict[object, Callable[[int], tuple[int, int]]] = {
    "GTE": lambda at: (at, ALWAYS[1]),
    "GT": lambda at: (at + 1, ALWAYS[1]),
    "LTE": lambda at: (ALWAYS[0], at),
    "LT": lambda at: (ALWAYS[0], at - 1),
    "EQ": lambda at: (at, at),
}


def _passes(tests: list[list[Test]], record_id: int, properties: dict[str, str]) -> bool:
    return not tests or any(all(test(record_id, properties) for test in group) for group in tests)


def _mentions(kind: Kind, properties: dict[str, str], words: list[str]) -> bool:
    text = " ".join(properties.get(name, "") for name in kind.searched).lower()
    return all(word in text for word in words)


def _sorted(
    account: Account, kind: Kind, index: SearchIndex, found: list[int], sorts: list[object]
) -> list[int]:
    entries = index.entries
    if not sorts:
        return sorted(found, key=lambda i: (entries[i].created, i))
    sort = sorts[0]
    name, direction = (
        (str(sort.get("propertyName", "")), sort.get("direction", "ASCENDING"))
        if isinstance(sort, dict)
        else (str(sort).lstrip("-"), "DESCENDING" if str(sort).startswith("-") else "ASCENDING")
    )
    definition = account.catalogs[kind.plural].get(name)
    if definition is None:
        raise bad_request(f"There was a problem with the request: no property named {name}")
    key: Callable[[str], object] = sort_key(definition)
    filled = [i for i in found if name in entries[i].properties]
    blank = [i for i in found if name not in entries[i].properties]
    order = sorted(
        sorted(filled),
        key=lambda i: key(entries[i].properties[name]),  # type: ignore[arg-type, return-value]
        reverse=direction == "DESCENDING",
    )
    return order + sorted(blank)


def _as_record(record_id: int, entry: Entry) -> Record:
    return Record(record_id, entry.properties, entry.created, entry.updated)
