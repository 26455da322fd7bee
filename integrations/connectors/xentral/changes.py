"""Finding what changed in Xentral, which sends no notices. What is found are hints about ids.

Addresses have a change time in the instance's local time; each pass starts five minutes before the
last one began. Resubmissions have none: all are listed, a thousand to a call, and their
fingerprints compared with those of the last pass, which the cursor holds (seven characters each).
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from binascii import Error
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

from integrations.connectors.xentral.addresses import AddressReader
from integrations.connectors.xentral.legacy import ADDRESSES, MOST, RESUBMISSIONS, Listing, where
from integrations.connectors.xentral.payloads import not_before
from integrations.connectors.xentral.places import SLICE, Place, Places
from integrations.connectors.xentral.resubmissions import (
    DIGEST_BYTES,
    ResubmissionReader,
    fingerprint,
)
from integrations.engine.errors import ConfigInvalid
from integrations.engine.records import Page, Record

OVERLAP: Final = 300.0
"""Seconds that every pass reads again."""


def _members(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ConfigInvalid("The stored position of changes cannot be read.")
    return found


# ---------------------------------------------------------------- addresses


@dataclass(frozen=True, slots=True)
class Since:
    """Where a pass by change time stands. `since` and `clock` are unix seconds of its clock.

    `clock` is what time it was at the first page of the pass; 0 before that.
    """

    since: float = 0.0
    page: int = 1
    total: int = 0
    size: int = SLICE
    clock: float = 0.0

    @classmethod
    def load(cls, text: str) -> Since:
        """Read a cursor; raises ConfigInvalid for a text that never was one."""
        try:
            return cls(**_members(text))
        except TypeError:
            failure = ConfigInvalid("The stored position of changes cannot be read.")
        raise failure

    def dump(self) -> str:
        """Return the cursor as text."""
        return json.dumps(asdict(self), separators=(",", ":"))

    def next_pass(self) -> Since:
        """Return where the next pass starts: behind this one by the overlap."""
        return Since(max(self.since, self.clock - OVERLAP))


def changed_since(since: float, zone: tzinfo, size: int = SLICE) -> Listing:
    """Return the list of addresses that changed since an instant (unix seconds)."""
    shown = not_before(datetime.fromtimestamp(since, UTC), zone)
    return Listing(ADDRESSES, where("logdatei", "gte", shown), size)


def changed_addresses(places: Places, reader: AddressReader, text: str, clock: Any) -> Page:
    """Return the next page of addresses that changed; `clock` gives the time of the last answer.

    Groups are left out: the records are read again anyway.
    """
    cursor = Since.load(text)
    listing = changed_since(cursor.since, reader.zone, cursor.size)
    found = places.page(listing, cursor.page)
    cursor = replace(cursor, clock=cursor.clock or clock())
    place = Place(cursor.page, cursor.total, cursor.size).after(found)
    following = cursor.next_pass() if place is None else replace(cursor, **asdict(place))
    records = sorted(map(reader.read, found.rows), key=_age)
    return Page(tuple(records), following.dump(), more=place is not None)


def _age(record: Record) -> datetime:
    return record.modified_at or datetime(1970, 1, 1, tzinfo=UTC)


# ---------------------------------------------------------------- resubmissions


@dataclass(frozen=True, slots=True)
class Compared:
    """Where a pass by fingerprints stands: those of the last pass, and those of this one so far."""

    known: frozenset[bytes] = frozenset()
    seen: frozenset[bytes] = frozenset()
    page: int = 1
    total: int = 0

    @classmethod
    def load(cls, text: str) -> Compared:
        """Read a cursor; raises ConfigInvalid for a text that never was one."""
        members = _members(text)
        try:
            return cls(
                _unpacked(members.get("known", "")),
                _unpacked(members.get("seen", "")),
                int(members.get("page", 1)),
                int(members.get("total", 0)),
            )
        except (TypeError, ValueError, Error):
            failure = ConfigInvalid("The stored position of changes cannot be read.")
        raise failure

    def dump(self) -> str:
        """Return the cursor as text."""
        members = {
            "known": _packed(self.known),
            "seen": _packed(self.seen),
            "page": self.page,
            "total": self.total,
        }
        return json.dumps(members, separators=(",", ":"))


def _packed(prints: frozenset[bytes]) -> str:
    return b64encode(b"".join(sorted(prints))).decode()


def _unpacked(text: str) -> frozenset[bytes]:
    whole = b64decode(text, validate=True)
    return frozenset(whole[i : i + DIGEST_BYTES] for i in range(0, len(whole), DIGEST_BYTES))


def changed_resubmissions(places: Places, reader: ResubmissionReader, text: str) -> Page:
    """Return the next resubmissions that are new or changed; a page may hold none.

    Where a page of the list holds more than can be looked at in one go, it is listed again.
    """
    cursor = Compared.load(text)
    found = places.page(Listing(RESUBMISSIONS, _SORTED, MOST), cursor.page)
    prints = {fingerprint(record): record for record in map(reader.read, found.rows)}
    changed = {mark: record for mark, record in prints.items() if mark not in cursor.known}
    now = dict(list(changed.items())[:SLICE])
    if len(changed) > len(now):
        following = replace(cursor, known=cursor.known | now.keys())
        return Page(tuple(now.values()), following.dump(), more=True)
    place = Place(cursor.page, cursor.total, MOST).after(found)
    seen = cursor.seen | prints.keys()
    following = (
        Compared(seen)
        if place is None
        else replace(cursor, seen=seen, page=place.page, total=place.total)
    )
    return Page(tuple(now.values()), following.dump(), more=place is not None)


_SORTED: Final = (("sort", "datum_angelegt"),)
