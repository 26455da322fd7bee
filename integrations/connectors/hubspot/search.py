"""Reading everything that changed through HubSpot's search, which lags and stops at 10,000.

Pages are cut by (time, id) and never by offset: a record that changes meanwhile moves to the end
of the order, so an offset would skip its neighbour, and the 10,000 cap is never met. Hits are
hints about ids: values must be read from the records themselves.
Source: HubSpot docs, search guide, 2026-03-30.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from integrations.connectors.hubspot.client import HubSpotClient
from integrations.connectors.hubspot.payloads import JsonObject
from integrations.connectors.hubspot.records import RecordReader, modified_property
from integrations.engine.errors import ConfigInvalid
from integrations.engine.records import Page

PAGE: Final = 200
MAX_NAMES: Final = 2_000
"""Characters of property names in a search, of the 3,000 it may have altogether."""
LAG_MS: Final = 60_000
"""How late a change usually becomes visible: every pass reads this much again. What surfaces
later still is found by the caller's slower pass over an older window and by its full scans."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a pass stands, in HubSpot's clock (epoch milliseconds).

    `start` is where the pass began reading, `since` how far it came. With an `after_id` it is
    inside the one millisecond `since`, going by id. `clock` is HubSpot's time at its first page,
    0 where HubSpot did not say; `newest` is the newest change seen.
    """

    start: int = 0
    since: int = 0
    after_id: str = ""
    clock: int = 0
    newest: int = 0

    @classmethod
    def load(cls, text: str) -> Cursor:
        """Read a cursor; raises ConfigInvalid for a text that never was one."""
        try:
            return cls(**json.loads(text)) if text else cls()
        except (ValueError, TypeError):
            failure = ConfigInvalid("The stored search position cannot be read.")
        raise failure

    def dump(self) -> str:
        """Return the cursor as text."""
        return json.dumps(asdict(self), separators=(",", ":"))

    def next_pass(self) -> Cursor:
        """Return where the next pass starts: behind this one by what search may still hide."""
        since = max(self.start, (self.clock or self.newest) - LAG_MS)
        return Cursor(since, since)

    def advanced(self, times: Sequence[int], last_id: str, *, full: bool) -> Cursor | None:
        """Return where the next page starts after one with these change times, None at the end.

        The newest millisecond of a full page is read again, as it may have been cut. Where it
        alone fills a page it is gone through by id.
        """
        moved = replace(self, newest=max(self.newest, *times)) if times else self
        if self.after_id:
            if full:
                return replace(moved, after_id=last_id)
            return replace(moved, since=self.since + 1, after_id="")
        if not full:
            return None
        if times[-1] > self.since:
            return replace(moved, since=times[-1])
        return replace(moved, after_id="0")


def start_at(since: datetime) -> Cursor:
    """Return the cursor of a pass that starts at an instant of HubSpot's clock."""
    stamp = _milliseconds(since)
    return Cursor(stamp, stamp)


def changed_page(client: HubSpotClient, reader: RecordReader, cursor: Cursor) -> Page:
    """Return the next page of changed records and the cursor after it."""
    changed = modified_property(reader.object_type)
    hits, total = client.search(reader.object_type, _query(cursor, changed, _names(reader)))
    if not cursor.clock and client.server_time is not None:
        cursor = replace(cursor, clock=_milliseconds(client.server_time))
    records = tuple(reader.read(hit) for hit in hits)
    times = [_milliseconds(record.modified_at) for record in records if record.modified_at]
    last_id = records[-1].id if records else ""
    following = cursor.advanced(times, last_id, full=len(hits) == PAGE)
    if following is None:
        ended = replace(cursor, newest=max(cursor.newest, *times)) if times else cursor
        return Page(records, ended.next_pass().dump(), more=False, total=total)
    return Page(records, following.dump(), more=True, total=total)


def hits_by_value(
    client: HubSpotClient, object_type: str, name: str, values: Sequence[str]
) -> list[str]:
    """Return the ids of records that search believes to hold one of up to 100 values.

    For properties that are not unique there is no strongly consistent read. The hits have to be
    read and compared by the caller, and a miss proves nothing about the last `LAG`.
    """
    found: list[str] = []
    after = "0"
    while True:
        body = {
            "filterGroups": [
                {
                    "filters": [
                        _filter("hs_object_id", "GT", value=after),
                        _filter(name, "IN", values=[value.lower() for value in values]),
                    ]
                }
            ],
            "sorts": [_ascending("hs_object_id")],
            "properties": ["hs_object_id"],
            "limit": PAGE,
        }
        hits, _ = client.search(object_type, body)
        found += [str(hit["id"]) for hit in hits]
        if len(hits) < PAGE:
            return found
        after = found[-1]


def selected_page(
    client: HubSpotClient, reader: RecordReader, groups: Sequence[Sequence[JsonObject]], after: str
) -> Page:
    """Return the records of one page by id that search believes to be in one of the groups.

    Pages are cut by id, never by offset, so the 10,000 cap is never met. Only the first page knows
    the total.
    """
    start = _filter("hs_object_id", "GT", value=after or "0")
    body = {
        "filterGroups": [{"filters": [start, *group]} for group in groups or [[]]],
        "sorts": [_ascending("hs_object_id")],
        "properties": _names(reader),
        "limit": PAGE,
    }
    hits, total = client.search(reader.object_type, body)
    records = tuple(reader.read(hit) for hit in hits)
    more = len(hits) == PAGE
    cursor = records[-1].id if more else ""
    return Page(records, cursor, more=more, total=None if after else total)


def counted(client: HubSpotClient, object_type: str, groups: Sequence[Sequence[JsonObject]]) -> int:
    """Return how many live records search believes to be in one of the groups; none: in all."""
    body = {
        "filterGroups": [{"filters": list(group)} for group in groups],
        "properties": ["hs_object_id"],
        "limit": 1,
    }
    _, total = client.search(object_type, body)
    return total


def _query(cursor: Cursor, changed: str, properties: Sequence[str]) -> JsonObject:
    if cursor.after_id:
        filters = [
            _filter(changed, "EQ", value=str(cursor.since)),
            _filter("hs_object_id", "GT", value=cursor.after_id),
        ]
    else:
        filters = [_filter(changed, "GTE", value=str(cursor.since))]
    return {
        "filterGroups": [{"filters": filters}],
        "sorts": [_ascending("hs_object_id" if cursor.after_id else changed)],
        "properties": list(properties),
        "limit": PAGE,
    }


def _names(reader: RecordReader) -> list[str]:
    """Return the properties to ask for; of hits that would be too wide only the change instant."""
    wide = len(",".join(reader.properties)) > MAX_NAMES
    return [modified_property(reader.object_type)] if wide else list(reader.properties)


def _filter(name: str, operator: str, **operand: object) -> dict[str, object]:
    return {"propertyName": name, "operator": operator, **operand}


def _ascending(name: str) -> dict[str, str]:
    return {"propertyName": name, "direction": "ASCENDING"}


def _milliseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(milliseconds=1)
