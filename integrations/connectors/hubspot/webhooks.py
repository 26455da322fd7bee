"""HubSpot's webhook requests: is it really HubSpot, and which records does it talk about?

Nothing is stored or looked up here, and no value of a notice ever becomes data.
Source: HubSpot docs, request validation and configure webhooks, 2026-03-30.
"""

from __future__ import annotations

import base64
import enum
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from integrations.connectors.hooks import PayloadError
from integrations.connectors.hubspot.spec import ASSOCIATIONS
from integrations.engine.ports import Event, EventKind

WINDOW_MS: Final = 300_000
MAX_EVENTS: Final = 1_000
"""HubSpot documents 100 notices a request; more of them is no reason to lose them."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DECODED = re.compile("%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", re.IGNORECASE)
_OBJECTS: Final = {
    "contact": "contacts",
    "company": "companies",
    "deal": "deals",
    "ticket": "tickets",
    "product": "products",
    "line_item": "line_items",
    "0-1": "contacts",
    "0-2": "companies",
    "0-3": "deals",
    "0-5": "tickets",
    "0-7": "products",
    "0-8": "line_items",
}
_KINDS: Final = {
    "creation": EventKind.CREATED,
    "propertyChange": EventKind.CHANGED,
    "deletion": EventKind.DELETED,
    "merge": EventKind.MERGED,
    "restore": EventKind.RESTORED,
    "associationChange": EventKind.ASSOCIATED,
    "privacyDeletion": EventKind.PRIVACY_DELETED,
}
_IDENTITY: Final = (
    "portalId",
    "subscriptionId",
    "eventId",
    "objectId",
    "occurredAt",
    "propertyName",
    "subscriptionType",
    "fromObjectId",
    "toObjectId",
    "associationTypeId",
    "associationType",
    "associationRemoved",
)


class SignatureFault(enum.StrEnum):
    """Why a request is not believed."""

    MISSING = "missing"
    WRONG = "wrong"
    STALE = "stale"
    FUTURE = "future"


class SignatureError(Exception):
    """The request does not prove that HubSpot sent it now; `fault` says why."""

    def __init__(self, fault: SignatureFault) -> None:
        super().__init__(f"The webhook signature is {fault.value}.")
        self.fault = fault


def verify_v3(
    secret: str,
    method: str,
    public_uri: str,
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
) -> None:
    """Check a v3 signature; returns nothing, raises SignatureError.

    `secret` is the app's client secret, `public_uri` the full address HubSpot called (scheme,
    host, path and query, from configuration), `headers` look names up without regard to case,
    `body` is the raw request body, `now` an aware instant.
    """
    given = headers.get("X-HubSpot-Signature-v3") or ""
    stamp = headers.get("X-HubSpot-Request-Timestamp") or ""
    if not given or not (stamp.isascii() and stamp.isdigit() and len(stamp) < 16):
        raise SignatureError(SignatureFault.MISSING)
    uri = _DECODED.sub(lambda found: chr(int(found[1], 16)), public_uri)
    signed = method.upper().encode() + uri.encode("utf-8", "replace") + body + stamp.encode()
    wanted = base64.b64encode(hmac.digest(secret.encode(), signed, hashlib.sha256))
    if not hmac.compare_digest(wanted, given.encode()):
        raise SignatureError(SignatureFault.WRONG)
    age = (now - _EPOCH) // timedelta(milliseconds=1) - int(stamp)
    if age > WINDOW_MS:
        raise SignatureError(SignatureFault.STALE)
    if age < -WINDOW_MS:
        raise SignatureError(SignatureFault.FUTURE)


@dataclass(frozen=True, slots=True)
class Parsed:
    """The events of a delivery in its order, and a sentence for each notice that makes no sense."""

    events: tuple[Event, ...]
    refused: tuple[str, ...]


def parse(body: bytes, *, max_events: int = MAX_EVENTS) -> Parsed:
    """Return an Event per entry of the array; raises PayloadError when none can be read.

    A notice that makes no sense does not stop the others: they may be of other accounts, and
    HubSpot would repeat all of them until it gives up. Unknown subscription types and notices
    without a record become EventKind.OTHER.
    """
    try:
        entries = json.loads(body)
    except (ValueError, RecursionError):
        entries = None
    if not isinstance(entries, list):
        raise PayloadError("The body is not a JSON array.")
    if len(entries) > max_events:
        raise PayloadError(f"The body holds {len(entries)} notices, more than {max_events}.")
    events: list[Event] = []
    refused: list[str] = []
    for number, entry in enumerate(entries):
        try:
            events.append(_event(entry, f"Notice {number}"))
        except PayloadError as error:
            refused.append(str(error))
    if refused and not events:
        raise PayloadError(refused[0])
    return Parsed(tuple(events), tuple(refused))


def _event(entry: object, place: str) -> Event:
    if not isinstance(entry, dict):
        raise PayloadError(f"{place} is not an object.")
    account = _id(entry, "portalId", place)
    subscription = _text(entry.get("subscriptionType"))
    if not account or not subscription:
        raise PayloadError(f"{place} lacks its portalId or subscriptionType.")
    subject, _, what = subscription.partition(".")
    kind = _KINDS.get(what, EventKind.OTHER)
    if kind is EventKind.ASSOCIATED:
        return _association(entry, account, subject, place)
    record_id, primary_id, merged = _ids(entry, kind, place)
    return Event(
        account_id=account,
        object_type=_object_type(entry, subject),
        kind=kind if record_id else EventKind.OTHER,
        record_id=record_id,
        dedup_key=_dedup_key(entry),
        occurred_at=_instant(entry, place),
        property=_text(entry.get("propertyName")),
        property_value=_text(entry.get("propertyValue")),
        primary_id=primary_id,
        merged_ids=merged,
        attempt=_number(entry.get("attemptNumber")),
    )


def _ids(entry: Mapping[str, Any], kind: EventKind, place: str) -> tuple[str, str, tuple[str, ...]]:
    """Return the record's id and, of a merge, the primary's and the losers' ids."""
    own = _id(entry, "objectId", place)
    if kind is not EventKind.MERGED:
        return own, "", ()
    primary = _id(entry, "primaryObjectId", place)
    survivor = _id(entry, "newObjectId", place) or primary or own
    raw = entry.get("mergedObjectIds", [])
    if not isinstance(raw, list):
        raise PayloadError(f"{place}: mergedObjectIds is not a list.")
    losers = tuple(_id({"mergedObjectIds": loser}, "mergedObjectIds", place) for loser in raw)
    return survivor, primary, losers


def _association(entry: Mapping[str, Any], account: str, subject: str, place: str) -> Event:
    """Return the event of an association: it is about the record that has it as a field.

    HubSpot tells of both directions, and of a primary one twice: all of these are one event.
    """
    types = _ends(entry, subject)
    ids = (_id(entry, "fromObjectId", place), _id(entry, "toObjectId", place))
    if _has_field(*reversed(types)) and not _has_field(*types):
        types, ids = (types[1], types[0]), (ids[1], ids[0])
    at = _instant(entry, place)
    removed = entry.get("associationRemoved") is True
    complete = all(types) and all(ids)
    same = ["association", account, *types, *ids, removed, entry.get("occurredAt")]
    return Event(
        account_id=account,
        object_type=types[0],
        kind=EventKind.ASSOCIATED if ids[0] else EventKind.OTHER,
        record_id=ids[0],
        dedup_key=_digest(same) if complete else _dedup_key(entry),
        occurred_at=at,
        attempt=_number(entry.get("attemptNumber")),
    )


def _ends(entry: Mapping[str, Any], subject: str) -> tuple[str, str]:
    """Return both object types: by their ids, else by a name such as CONTACT_TO_COMPANY."""
    first, _, second = _text(entry.get("associationType")).lower().partition("_to_")
    given = ("" if subject == "object" else subject, "")
    one, other = (
        _text(entry.get(name)) or named or fallback
        for name, named, fallback in zip(
            ("fromObjectTypeId", "toObjectTypeId"), (first, second), given, strict=True
        )
    )
    return _OBJECTS.get(one, one)[:40], _OBJECTS.get(other, other)[:40]


def _has_field(one: str, other: str) -> bool:
    return any(field.other == other for field in ASSOCIATIONS.get(one, ()))


def _object_type(entry: Mapping[str, Any], subject: str) -> str:
    if subject == "object":
        subject = _text(entry.get("objectTypeId"))
    return _OBJECTS.get(subject, subject)[:40]


def _dedup_key(entry: Mapping[str, Any]) -> str:
    """HubSpot's eventId is not unique; all members that tell two notices apart are."""
    return _digest([entry.get(name) for name in _IDENTITY])


def _digest(members: list[Any]) -> str:
    identity = json.dumps(members, sort_keys=True)
    return hashlib.blake2b(identity.encode(), digest_size=16).hexdigest()


def _id(entry: Mapping[str, Any], name: str, place: str) -> str:
    raw = entry.get(name)
    if raw is None:
        return ""
    text = str(raw) if isinstance(raw, str | int) else ""
    if text.isascii() and text.isdigit() and len(text) <= 40:
        return text
    raise PayloadError(f"{place}: {name} is not an id.")


def _instant(entry: Mapping[str, Any], place: str) -> datetime:
    raw = entry.get("occurredAt")
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise PayloadError(f"{place}: occurredAt is not a number of milliseconds.")
    try:
        return _EPOCH + timedelta(milliseconds=raw)
    except OverflowError:
        raise PayloadError(f"{place}: occurredAt is out of range.") from None


def _text(raw: object) -> str:
    """Return a text fit to store: databases hold neither NUL nor half a character."""
    text = raw[:200].replace("\0", "") if isinstance(raw, str) else ""
    return text.encode("utf-8", "replace").decode()


def _number(raw: object) -> int:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) else 0
