"""Xentral's present interface, as far as it is used: free fields, and customers' groups.

Sources: developer.xentral.com/reference and the vendor's published adapter notes, read 2026-11-20:
version 3 of customers is a beta that has to be enabled; its ids are those of the addresses.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from integrations.connectors.http import read_json
from integrations.connectors.xentral.client import XentralClient
from integrations.connectors.xentral.errors import NoRoute
from integrations.connectors.xentral.fields import JsonObject
from integrations.connectors.xentral.payloads import id_of, text_of
from integrations.engine.errors import MissingScope, NotFound, Rejected
from integrations.engine.specs import Option

FREE_FIELDS: Final = "/api/v2/settings/masterdata/addressCustomFields"
CUSTOMERS: Final = "/api/v3/customers"
SELECT: Final = "select"


@dataclass(frozen=True, slots=True)
class FreeField:
    """One free field of addresses; `number` is that of its column, 0 where it is none."""

    number: int
    name: str
    kind: str = ""
    options: tuple[Option, ...] = ()


class Present:
    """The present interface of one instance."""

    def __init__(self, client: XentralClient) -> None:
        self.client = client

    def free_fields(self) -> Sequence[FreeField]:
        """Return the free fields of addresses; nameless ones are free."""
        whole = [("page[number]", "1"), ("page[size]", "50")]
        parsed = read_json(self.client.present("GET", FREE_FIELDS, whole), safe=True)
        return [_free_field(row) for row in _rows(parsed)]

    def make_free_field(self, name: str, options: Iterable[Option]) -> None:
        """Create a free field to choose from; the answer is empty."""
        body = {
            "name": name,
            "type": SELECT,
            "allowedValues": [{"label": o.label, "value": o.value} for o in options],
        }
        self.client.present("POST", FREE_FIELDS, json=body)

    def has_groups(self) -> bool:
        """Tell whether customers of version 3 are enabled and the token may use them."""
        if not self.client.has_token:
            return False
        try:
            self.client.present(
                "GET", CUSTOMERS, [("perPage", "1")], headers={"x-pagination": "simple"}
            )
        except (MissingScope, NotFound, NoRoute, Rejected):
            return False
        return True

    def groups_of(self, address_id: str) -> tuple[str, ...]:
        """Return the ids of the groups of one customer."""
        path = f"{CUSTOMERS}/{address_id}"
        parsed = read_json(self.client.present("GET", path, [("include", "groups")]), safe=True)
        row = parsed.get("data") if isinstance(parsed, dict) else None
        groups = row.get("groups") if isinstance(row, dict) else None
        found = (id_of(group.get("id")) for group in _objects(groups))
        return tuple(group for group in found if group)

    def set_groups(self, address_id: str, groups: Iterable[str]) -> None:
        """Put a customer into exactly these groups; may be repeated."""
        body = {"groups": [{"id": group} for group in groups]}
        self.client.present("PATCH", f"{CUSTOMERS}/{address_id}", json=body, safe=True)


def _rows(parsed: object) -> list[JsonObject]:
    return _objects(parsed.get("data") if isinstance(parsed, dict) else parsed)


def _objects(found: object) -> list[JsonObject]:
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def _free_field(row: JsonObject) -> FreeField:
    """Return a free field; that its id is the number of its column is our assumption."""
    number = "".join(filter(str.isdecimal, text_of(row.get("id"))))
    options = (
        Option(text_of(each.get("value")), text_of(each.get("label")))
        for each in _objects(row.get("allowedValues"))
    )
    return FreeField(
        int(number or 0), text_of(row.get("name")), text_of(row.get("type")), tuple(options)
    )
