"""Finding what changed since an instant of Thena's clock. What is found are hints about ids.

Accounts come from the search, last changed first, up to the first one that is older. Contacts are
in no search ("customer_contacts announced", docs.thena.ai, search, read 2026-11-20): the whole
list is read, and what is older is left out.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Final

from integrations.connectors.thena.client import ThenaClient
from integrations.connectors.thena.fields import ACCOUNTS, JsonObject
from integrations.connectors.thena.listing import Place
from integrations.connectors.thena.payloads import RecordReader, instant
from integrations.engine.errors import ConfigInvalid
from integrations.engine.records import Page, Record

OVERLAP: Final = 120.0
"""Seconds that every pass reads again: the search lags, and answers tell the time in seconds."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a pass stands. `since` and `clock` are unix seconds of Thena's clock.

    `clock` is what time it was at the first page of the pass; 0 before that.
    """

    since: float = 0.0
    page: int = 1
    size: int = 1
    clock: float = 0.0

    @classmethod
    def load(cls, text: str) -> Cursor:
        """Read a cursor; raises ConfigInvalid for a text that never was one."""
        try:
            return cls(**json.loads(text)) if text else cls()
        except (ValueError, TypeError):
            failure = ConfigInvalid("The stored position of changes cannot be read.")
        raise failure

    def dump(self) -> str:
        """Return the cursor as text."""
        return json.dumps(asdict(self), separators=(",", ":"))

    def next_pass(self) -> Cursor:
        """Return where the next pass starts: behind this one by the overlap."""
        return Cursor(max(self.since, self.clock - OVERLAP))


def start_at(since: datetime) -> Cursor:
    """Return the cursor that starts at an instant."""
    return Cursor(since.astimezone(UTC).timestamp())


def changed_page(client: ThenaClient, reader: RecordReader, cursor: Cursor) -> Page:
    """Return the next page of records that changed since the cursor's instant."""
    if reader.object_type == ACCOUNTS:
        found = client.search_accounts(cursor.page)
    else:
        found = client.page(reader.object_type, cursor.page)
    cursor = replace(cursor, clock=cursor.clock or client.clock)
    changed = [payload for payload in found if _is_newer(payload, cursor.since)]
    place = Place(cursor.page, cursor.size).after(len(found))
    if reader.object_type == ACCOUNTS and len(changed) < len(found):
        place = None
    following = cursor.next_pass() if place is None else _at(cursor, place)
    records = _oldest_first(reader, changed)
    return Page(records, following.dump(), more=place is not None)


def _at(cursor: Cursor, place: Place) -> Cursor:
    return replace(cursor, page=place.page, size=place.size)


def _is_newer(payload: JsonObject, since: float) -> bool:
    """Tell whether a record changed since; one without an instant may have."""
    changed = instant(payload.get("updatedAt"))
    return changed is None or changed.timestamp() >= since


def _oldest_first(reader: RecordReader, payloads: Sequence[JsonObject]) -> tuple[Record, ...]:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    records = [reader.read(payload) for payload in payloads if payload.get("id")]
    return tuple(sorted(records, key=lambda record: record.modified_at or epoch))
