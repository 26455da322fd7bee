"""Xentral's old REST interface: lists, single records, writes, old actions. No mapping.

Source: docs.raml of the open-source edition, read 2026-11-20. Lists answer an empty result with 404
and code 7452 or with an empty list, whichever the version.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from integrations.connectors.xentral.client import Query, XentralClient
from integrations.connectors.xentral.fields import JsonObject
from integrations.engine.errors import NotFound, ReplyLost, Unavailable

RESUBMISSIONS: Final = "/api/v1/wiedervorlagen"
ADDRESSES: Final = "/api/v2/adressen"
ADDRESS_WRITES: Final = "/api/v1/adressen"
GROUPS: Final = "/api/v1/gruppen"
MOST: Final = 1000
"""The largest page; a larger number silently means 20."""

_ID = re.compile(r"[1-9][0-9]{0,17}")


def is_id(text: str) -> bool:
    """Tell whether a text can be the id of a record: others are not even asked for."""
    return _ID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Listing:
    """A list that can be asked for page by page: where, which records, how many a page."""

    path: str
    query: tuple[tuple[str, str], ...] = ()
    size: int = 100


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of a list. `total` is how many records the list had at that moment."""

    rows: Sequence[JsonObject] = ()
    total: int = 0
    more: bool = False


def where(column: str, expression: str, value: str) -> tuple[tuple[str, str], ...]:
    """Return the filter that every list of the old interface understands."""
    members = {"property": column, "expression": expression, "value": value, "operation": "AND"}
    return tuple((f"filter[0][{name}]", text) for name, text in members.items())


class Legacy:
    """The old interface of one instance."""

    def __init__(self, client: XentralClient) -> None:
        self.client = client

    def page(self, listing: Listing, number: int) -> Listed:
        """Return one page of a list, counted from 1."""
        paging: Query = (("page", str(number)), ("items", str(listing.size)))
        try:
            parsed = self.client.legacy("GET", listing.path, (*listing.query, *paging))
        except NotFound:
            return Listed()
        rows = _rows(parsed)
        told = parsed.get("pagination") if isinstance(parsed, dict) else None
        pagination = told if isinstance(told, dict) else {}
        last = _count(pagination.get("page_last"))
        more = number < last if last else len(rows) >= listing.size
        return Listed(rows, _count(pagination.get("items_total")) or len(rows), more and bool(rows))

    def every(self, listing: Listing) -> Iterator[JsonObject]:
        """Yield all records of a list."""
        number, more = 1, True
        while more:
            page = self.page(listing, number)
            yield from page.rows
            number, more = number + 1, page.more

    def one(self, path: str, record_id: str) -> JsonObject | None:
        """Return one record, None when there is none."""
        if not is_id(record_id):
            return None
        try:
            parsed = self.client.legacy("GET", f"{path}/{record_id}")
        except NotFound:
            return None
        row = _data(parsed)
        if row is None:
            raise Unavailable("Xentral's answer holds no record.")
        return row

    def create(self, path: str, body: Mapping[str, object]) -> JsonObject:
        """Create a record and return it as stored."""
        return self._written("POST", path, body)

    def update(self, path: str, record_id: str, body: Mapping[str, object]) -> JsonObject:
        """Change a record and return it as stored."""
        if not is_id(record_id):
            raise NotFound("Xentral has no such record.")
        return self._written("PUT", f"{path}/{record_id}", body)

    def action(self, name: str, body: Mapping[str, object]) -> object:
        """Call one of the oldest actions, which only read: their names stand in the path."""
        try:
            return self.client.legacy("POST", f"/api/{name}", json=body, safe=True)
        except NotFound:
            return {}

    def _written(self, method: str, path: str, body: Mapping[str, object]) -> JsonObject:
        row = _data(self.client.legacy(method, path, json=body))
        if row is None or not row.get("id"):
            raise ReplyLost("Xentral reported success, but named no record.")
        return row


def found_under(parsed: object, *names: str) -> list[JsonObject]:
    """Return the objects under any of these names, however deep: old actions mirror XML.

    There a list of one is that one object.
    """
    found: list[JsonObject] = []
    if isinstance(parsed, list):
        for member in parsed:
            found += found_under(member, *names)
    elif isinstance(parsed, dict):
        for name, member in parsed.items():
            members = member if isinstance(member, list) else [member]
            own = [each for each in members if isinstance(each, dict) and "id" in each]
            if name in names and own:
                found += own
            else:
                found += found_under(member, *names)
    return found


def _rows(parsed: object) -> list[JsonObject]:
    rows = parsed.get("data") if isinstance(parsed, dict) else parsed
    if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
        return rows
    raise Unavailable("Xentral's answer is not the promised list.")


def _data(parsed: object) -> JsonObject | None:
    row = parsed.get("data") if isinstance(parsed, dict) else None
    return row if isinstance(row, dict) else None


def _count(told: object) -> int:
    text = str(told or "")
    return int(text) if text.isdecimal() else 0
