"""One Thena organisation in memory: records, fields, picklists, apps. No routes or rules."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Final

from integrations.connectors.sandbox_kit import JsonObject

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
UNIQUE: Final = {"accounts": "primaryDomain", "contacts": "email"}
PICKLISTS: Final = {
    "account_status": ("PROSPECT", "TRIAL", "ACTIVE", "CHURNED", "ACQUIRED"),
    "account_classification": ("ENTERPRISE", "MID_MARKET", "SMB", "STRATEGIC"),
    "account_health": ("RED", "YELLOW", "GREEN"),
    "account_industry": ("TECHNOLOGY", "HEALTHCARE", "FINANCE"),
    "contact_type": ("PRIMARY", "BILLING", "LEGAL", "EXECUTIVE", "OTHER"),
}
"""The first value is the default of statuses and contact types; industries are of our making."""
WITH_DEFAULT: Final = ("account_status", "contact_type")


def iso(now: datetime) -> str:
    """Write an instant as Thena does: UTC, milliseconds, `Z`."""
    return f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z"


def ulid(now: datetime, number: int) -> str:
    """Return an id of the form of a ULID whose second half counts instead of being random."""
    return _base32(int(now.timestamp() * 1000), 10) + _base32(number, 16)


def _base32(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 32)
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


@dataclass(slots=True)
class Store:
    """All records of one object type: as stored, live ones in order of creation, unique values.

    `indexed` is what the search shows; `waiting` what it will show from an instant (unix) on.
    """

    object_type: str
    records: dict[str, JsonObject] = field(default_factory=dict)
    live: dict[str, None] = field(default_factory=dict)
    taken: dict[str, str] = field(default_factory=dict)
    indexed: dict[str, JsonObject] = field(default_factory=dict)
    waiting: deque[tuple[float, str]] = field(default_factory=deque)

    def get(self, record_id: str) -> JsonObject | None:
        """Return a live record."""
        return self.records[record_id] if record_id in self.live else None

    def holder(self, value: str) -> str | None:
        """Return the id of the live record with this unique value."""
        return self.taken.get(value.strip().lower())

    def put(self, record: JsonObject, searchable_at: float) -> None:
        """Store a record, new or changed; one with a `deletedAt` leaves the live ones."""
        record_id, before = record["id"], self.records.get(record["id"])
        if before is not None:
            self.taken.pop(self._unique(before), None)
        self.records[record_id] = record
        if record["deletedAt"] is None:
            self.live[record_id] = None
            self.taken[self._unique(record)] = record_id
        else:
            self.live.pop(record_id, None)
        self.waiting.append((searchable_at, record_id))

    def index(self, now: float) -> list[JsonObject]:
        """Return what the search shows now."""
        while self.waiting and self.waiting[0][0] <= now:
            _, record_id = self.waiting.popleft()
            if record_id in self.live:
                self.indexed[record_id] = dict(self.records[record_id])
            else:
                self.indexed.pop(record_id, None)
        return list(self.indexed.values())

    def _unique(self, record: JsonObject) -> str:
        return str(record[UNIQUE[self.object_type]]).strip().lower()


@dataclass(slots=True)
class Organisation:
    """One customer of Thena. `keys` are its live API keys with the user each belongs to."""

    id: str
    name: str
    keys: dict[str, str] = field(default_factory=dict, repr=False)
    stores: dict[str, Store] = field(default_factory=lambda: {name: Store(name) for name in UNIQUE})
    fields: dict[str, JsonObject] = field(default_factory=dict)
    attributes: dict[str, JsonObject] = field(default_factory=dict)
    published: list[JsonObject] = field(default_factory=list)

    def attribute(self, kind: str, given: object) -> JsonObject | None:
        """Return a picklist's value by uid, for tools also by name; None when there is none."""
        mine = (each for each in self.attributes.values() if each["attribute"] == kind)
        return next((each for each in mine if given in (each["id"], each["value"])), None)

    def default_of(self, kind: str) -> str | None:
        """Return the uid that new records get."""
        mine = (each for each in self.attributes.values() if each["attribute"] == kind)
        return next((each["id"] for each in mine if each["isDefault"]), None)

    def dump(self) -> JsonObject:
        """Return everything as JSON-able data; what waits for the index is shown at once."""
        rows = {name: list(store.records.values()) for name, store in self.stores.items()}
        kept = ("id", "name", "keys", "fields", "attributes", "published")
        return {**{name: getattr(self, name) for name in kept}, "records": rows}

    @classmethod
    def load(cls, state: JsonObject) -> Organisation:
        """Return the organisation that `dump` described."""
        rows = state.pop("records")
        made = cls(**state)
        for name, records in rows.items():
            for record in records:
                made.stores[name].put(record, 0.0)
        return made


@dataclass(slots=True)
class App:
    """An app of the apps platform and where it is installed (organisation to bot token)."""

    uid: str
    manifest: JsonObject
    client_id: str
    client_secret: str = field(repr=False)
    owner: str = ""
    tokens: dict[str, str] = field(default_factory=dict, repr=False)
    configuration: JsonObject = field(default_factory=dict)
    reachable: bool | None = None
    """Whether the address of its events answered the probe; None before that."""

    def address(self, purpose: str) -> str:
        """Return the address of "events" or "installations", "" when there is none."""
        return str(self._integration().get("webhooks", {}).get(purpose) or "")

    def declares(self, event: str) -> bool:
        """Tell whether the manifest lists an event to publish."""
        return event in _names(self.manifest.get("events", {}).get("publish"))

    def wants(self, event: str) -> bool:
        """Tell whether the app subscribes to an event; an empty list means all."""
        wanted = _names(self.manifest.get("events", {}).get("subscribe"))
        return not wanted or event in wanted

    def dump(self) -> JsonObject:
        """Return the app as JSON-able data."""
        return asdict(self)

    def _integration(self) -> JsonObject:
        found = self.manifest.get("integration")
        return found if isinstance(found, dict) else {}


def _names(entries: object) -> list[str]:
    if not isinstance(entries, list):
        return []
    return [str(e.get("event")) if isinstance(e, dict) else str(e) for e in entries]
