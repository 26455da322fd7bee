"""Thena's calls of our secret address: which records they talk about, and what became of our app.

Thena documents no signature; whoever knows the address may have written the body. So nothing of it
is ever taken for data but ids, and the tokens of an installation.
Sources: docs.thena.ai, platform events, app framework "installation" and "webhooks", read
2026-11-20; the wrapped shape as seen in github.com/hhafez300/thena-pagerduty-bridge.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from integrations.connectors.hooks import PayloadError
from integrations.connectors.thena.fields import ACCOUNTS, CONTACTS, is_id
from integrations.connectors.thena.payloads import instant
from integrations.engine.extras import Installation, InstallKind, Received
from integrations.engine.ports import Event, EventKind

Json = Mapping[str, Any]

MAX_EVENTS: Final = 1_000
UNKNOWN_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CONTACT: Final = frozenset({"customer-contact", "customer_contact", "customercontact", "contact"})
_KINDS: Final = {
    "created": EventKind.CREATED,
    "updated": EventKind.CHANGED,
    "changed": EventKind.CHANGED,
    "deleted": EventKind.DELETED,
    "restored": EventKind.RESTORED,
}
_PARTS: Final = frozenset(
    {"status", "health", "classification", "industry", "type", "custom_field_value"}
)
"""What of a record has events of its own (`account-health:changed`)."""
_SUBJECTS: Final = {
    ACCOUNTS: ("account", "previousAccount"),
    CONTACTS: ("customerContact", "contact", "previousCustomerContact", "previousContact"),
}
_IDS: Final = {
    ACCOUNTS: ("accountId",),
    CONTACTS: ("customerContactId", "contactId"),
}
_INSTALLS: Final = {
    "app:installation": InstallKind.INSTALLED,
    "app:reinstall": InstallKind.INSTALLED,
    "app:uninstall": InstallKind.UNINSTALLED,
    "app:configuration:update": InstallKind.CHANGED,
    "app:team:added": InstallKind.CHANGED,
    "app:team:removed": InstallKind.CHANGED,
}
_OUTSIDE: Final = {
    "eventId": "event_id",
    "eventType": "event_name",
    "timestamp": "event_timestamp",
    "orgId": "context_organization_id",
}
"""A member of a wrapped notice, and where the wrapping repeats it."""
_WHOLE = re.compile(r"[A-Za-z0-9_.~+/=-]{8,4096}")
_REDACTED = re.compile(r"redact|hidden|masked|secret|x{4}|\.{3}|\*", re.IGNORECASE)


def receive(body: bytes) -> Received:
    """Return what one call holds: events, what became of our app, or nothing (a probe).

    A notice that makes no sense becomes a sentence in `refused`. Raises PayloadError for a body
    that is not JSON at all.
    """
    if not body.strip():
        return Received()
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        parsed = None
    if parsed in ({}, []):
        return Received()
    if not isinstance(parsed, dict | list):
        raise PayloadError("The body is neither a JSON object nor an array.")
    if isinstance(parsed, dict) and isinstance(parsed.get("event_type"), str):
        return _install(parsed)
    return _notices(parsed if isinstance(parsed, list) else [parsed])


def _install(notice: Json) -> Received:
    """Read a notice about our app. A token that is blank or blacked out is left out."""
    account_id = _text(notice.get("organization_id"))
    kind = _INSTALLS.get(notice["event_type"])
    if kind is None:
        return Received(account_id, refused=("The notice about the app is of an unknown kind.",))
    token = notice.get("bot_token")
    whole = kind is not InstallKind.UNINSTALLED and isinstance(token, str) and _is_whole(token)
    secrets = {"bot_token": str(token)} if whole else {}
    return Received(account_id, installation=Installation(kind, secrets))


def _is_whole(token: str) -> bool:
    return bool(_WHOLE.fullmatch(token)) and not _REDACTED.search(token)


def _notices(entries: list[Any]) -> Received:
    if len(entries) > MAX_EVENTS:
        raise PayloadError(f"The body holds {len(entries)} notices, more than {MAX_EVENTS}.")
    events: list[Event] = []
    refused: list[str] = []
    for number, entry in enumerate(entries):
        try:
            events.append(_event(_opened(entry)))
        except PayloadError as error:
            refused.append(f"Notice {number} {error}")
    accounts = {event.account_id for event in events}
    return Received(
        accounts.pop() if len(accounts) == 1 else "", tuple(events), None, tuple(refused)
    )


def _opened(entry: object) -> Json:
    """Return a notice without its wrapping, with what only the wrapping says."""
    if not isinstance(entry, dict):
        raise PayloadError("is not an object.")
    inner = entry.get("message", entry.get("Message", entry))
    if isinstance(inner, str):
        try:
            inner = json.loads(inner)
        except (ValueError, RecursionError):
            inner = None
    if not isinstance(inner, dict):
        raise PayloadError("holds a message that is not an object.")
    outside = {**entry, **_attributes(entry)}
    added = {ours: outside[theirs] for ours, theirs in _OUTSIDE.items() if theirs in outside}
    return {**added, **inner}


def _attributes(entry: Json) -> dict[str, object]:
    """Return message attributes, which transports spell as texts or as typed values."""
    for name in ("messageAttributes", "MessageAttributes"):
        found = entry.get(name)
        if isinstance(found, dict):
            return {
                str(key): value.get("Value", value.get("StringValue"))
                if isinstance(value, dict)
                else value
                for key, value in found.items()
            }
    return {}


def _event(notice: Json) -> Event:
    name = _text(notice.get("eventType"))
    if not name:
        raise PayloadError("lacks its eventType.")
    object_type, kind = _meaning(name)
    payload = notice.get("payload", notice.get("eventData"))
    record_id = ""
    if kind is not EventKind.OTHER:
        record_id = _record_id(object_type, payload if isinstance(payload, dict) else {})
        if not record_id:
            raise PayloadError("does not name its record.")
    return Event(
        account_id=_text(notice.get("orgId")),
        object_type=object_type,
        kind=kind,
        record_id=record_id,
        dedup_key=_dedup_key(notice, name, record_id),
        occurred_at=instant(notice.get("timestamp")) or UNKNOWN_TIME,
    )


def _meaning(name: str) -> tuple[str, EventKind]:
    """Return object and kind of an event in either spelling (`account:created`, `account.created`).

    The events of an account's parts are about the account; those of what else hangs on it (notes,
    tasks, activities) are OTHER.
    """
    subject, *rest = re.split("[:.]", name.lower())
    subject, _, part = (
        subject.partition("-") if subject.startswith("account-") else (subject, "", "")
    )
    parts = [part, *rest[:-1]] if part else rest[:-1]
    verb = rest[-1] if rest else ""
    if any(each not in _PARTS for each in parts):
        return subject[:40], EventKind.OTHER
    kind = _KINDS.get(verb, EventKind.OTHER)
    if parts and (kind is not EventKind.OTHER or verb in ("added", "removed")):
        kind = EventKind.CHANGED
    if subject == "account":
        return ACCOUNTS, kind
    return (CONTACTS, kind) if subject in _CONTACT else (subject[:40], EventKind.OTHER)


def _record_id(object_type: str, payload: Json) -> str:
    for name in _SUBJECTS[object_type]:
        subject = payload.get(name)
        if isinstance(subject, dict) and (found := _text(subject.get("id") or subject.get("uid"))):
            return found if is_id(found) else ""
    named = (_text(payload.get(name)) for name in (*_IDS[object_type], "id"))
    return next(filter(is_id, named), "")


def _dedup_key(notice: Json, name: str, record_id: str) -> str:
    """Return the digest of Thena's event id; without one, of all that tells two notices apart."""
    identity = [_text(notice.get("eventId"))]
    if not identity[0]:
        identity = [name, record_id, json.dumps(notice, sort_keys=True, default=str)]
    return hashlib.blake2b("\0".join(identity).encode(), digest_size=16).hexdigest()


def _text(raw: object) -> str:
    """Return a text or a number fit to store: databases hold neither NUL nor half a character."""
    if isinstance(raw, bool) or not isinstance(raw, str | int):
        return ""
    return str(raw)[:200].replace("\0", "").encode("utf-8", "replace").decode().strip()
