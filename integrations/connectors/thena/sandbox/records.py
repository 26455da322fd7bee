"""Accounts and contacts as the API and a person change them: one set of rules for both.

`Records` stores, renders and tells the events; it knows no request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from integrations.connectors.sandbox_kit import JsonObject

from . import rules
from .errors import ApiError
from .state import UNIQUE, Organisation, iso, ulid

if TYPE_CHECKING:
    from .behaviour import Behaviour

PREFIXES: Final = {"accounts": "AC", "contacts": "CC"}
PICKS: Final = {
    "accounts": {
        name: rule
        for name, rule in rules.ACCOUNT.items()
        if isinstance(rule, str) and rule.startswith("account_")
    },
    "contacts": {"contactType": "contact_type"},
}
NOT_STORED: Final = {"customFieldValues", "addExistingUsersToAccountContacts", "metadata"}
SUBJECTS: Final = {"accounts": "account", "contacts": "customerContact"}
EVENTS: Final = {"accounts": "account", "contacts": "customer-contact"}
RENAMED: Final = {"primaryDomain": "domain", "employees": "size"}
"""Events spell some members of an account otherwise than REST (docs, "platform events")."""
IN_EVENTS: Final = {
    "accounts": ("id", "name", "primaryDomain", "industry", "employees", "status", "health",
                 "classification", "metadata", "createdAt", "updatedAt"),
    "contacts": ("id", "firstName", "lastName", "email", "phoneNumber", "contactType", "accounts",
                 "createdAt", "updatedAt"),
}  # fmt: skip

Tell = Callable[[Organisation, str, JsonObject, JsonObject], None]
"""Organisation, event name, payload, actor."""


class Records:
    """Changes and shows the records of any organisation. `tell` is called for every event."""

    def __init__(self, behaviour: Behaviour, now: Callable[[], datetime], tell: Tell) -> None:
        self.behaviour = behaviour
        self.number = 0
        self._now = now
        self._tell = tell

    def new_id(self, prefix: str) -> str:
        """Return a fresh id."""
        self.number += 1
        return prefix + ulid(self._now(), self.number)

    # ------------------------------------------------------------ changes

    def create(
        self, org: Organisation, object_type: str, body: JsonObject, actor: JsonObject
    ) -> JsonObject:
        """Store a new record; raises ApiError 400, 404 or 409."""
        rules.check(org, object_type, body, creating=True)
        self._check_links(org, object_type, body, "")
        now = iso(self._now())
        record: JsonObject = {"id": self.new_id(PREFIXES[object_type])}
        record |= {name: None for name in rules.BODIES[object_type] if name not in NOT_STORED}
        record |= {"customFieldValues": {}, "metadata": {}, "createdAt": now, "deletedAt": None}
        if object_type == "contacts":
            record["accountIds"] = []
        defaults = {name: org.default_of(kind) for name, kind in PICKS[object_type].items()}
        record |= {name: uid for name, uid in defaults.items() if uid}
        self._apply(org, record, object_type, body)
        return self._put(org, object_type, record, None, actor)

    def update(
        self,
        org: Organisation,
        object_type: str,
        record_id: str,
        body: JsonObject,
        actor: JsonObject,
    ) -> JsonObject:
        """Change a live record; raises ApiError 400, 404 or 409."""
        before = self.live(org, object_type, record_id)
        rules.check(org, object_type, body, creating=False)
        self._check_links(org, object_type, body, record_id)
        record = {**before, "customFieldValues": dict(before["customFieldValues"])}
        if "customFieldValues" in body and self.behaviour.custom_fields_replace:
            record["customFieldValues"] = {}
        self._apply(org, record, object_type, body)
        if record == before:
            return before
        return self._put(org, object_type, record, before, actor)

    def delete(
        self, org: Organisation, object_type: str, record_id: str, actor: JsonObject
    ) -> None:
        """Take a record out of sight; raises ApiError 404."""
        before = self.live(org, object_type, record_id)
        record = {**before, "deletedAt": iso(self._now())}
        self._put(org, object_type, record, before, actor)

    def live(self, org: Organisation, object_type: str, record_id: str) -> JsonObject:
        """Return a live record; raises ApiError 404."""
        record = org.stores[object_type].get(record_id)
        if record is None:
            raise ApiError(404, f"{SUBJECTS[object_type]} {record_id} not found")
        return record

    def _check_links(
        self, org: Organisation, object_type: str, body: JsonObject, own_id: str
    ) -> None:
        name = UNIQUE[object_type]
        holder = org.stores[object_type].holder(str(body.get(name) or ""))
        if holder not in (None, own_id):
            raise ApiError(409, f"A record with {name} {body[name]} already exists")
        for account_id in body.get("accountIds") or ():
            self.live(org, "accounts", account_id)

    def _apply(
        self, org: Organisation, record: JsonObject, object_type: str, body: JsonObject
    ) -> None:
        picks = PICKS[object_type]
        for name, value in body.items():
            if name in picks:
                found = org.attribute(picks[name], value)
                record[name] = found["id"] if found else None
            elif name == "customFieldValues":
                record[name] |= {
                    item["customFieldId"]: [entry["value"] for entry in item["data"]]
                    for item in value or ()
                }
                record[name] = {uid: held for uid, held in record[name].items() if held}
            elif name == "accountIds":
                record[name] = list(dict.fromkeys(value or ()))
            elif name not in NOT_STORED or name == "metadata":
                record[name] = value

    def _put(
        self,
        org: Organisation,
        object_type: str,
        record: JsonObject,
        before: JsonObject | None,
        actor: JsonObject,
    ) -> JsonObject:
        now = self._now()
        record["updatedAt"] = iso(now)
        due = now + timedelta(seconds=self.behaviour.search_lag)
        org.stores[object_type].put(record, due.timestamp())
        for name, payload in self._events(org, object_type, record, before):
            self._tell(org, name, payload, actor)
        return record

    # ------------------------------------------------------------ what is shown

    def shown(self, org: Organisation, object_type: str, record: JsonObject) -> JsonObject:
        """Return a record as REST answers it."""
        out = {name: value for name, value in record.items() if name != "deletedAt"}
        for name in PICKS[object_type]:
            value = org.attributes.get(record[name] or "")
            out[f"{name}Id"] = record[name]
            out[name] = value["value"] if value else None
            if object_type == "accounts":
                out[f"{name}Configuration"] = {}
        if object_type == "contacts":
            linked = [org.stores["accounts"].get(each) for each in out.pop("accountIds")]
            out["accounts"] = [{"id": a["id"], "name": a["name"]} for a in linked if a]
        out["customFieldValues"] = [
            {"customFieldId": uid, "data": [{"value": value} for value in values]}
            for uid, values in record["customFieldValues"].items()
        ]
        return out

    def _events(
        self,
        org: Organisation,
        object_type: str,
        record: JsonObject,
        before: JsonObject | None,
    ) -> Iterator[tuple[str, JsonObject]]:
        subject, stem = SUBJECTS[object_type], EVENTS[object_type]
        previous = f"previous{subject[0].upper()}{subject[1:]}"
        now = self._in_event(org, object_type, record)
        if before is None:
            yield f"{stem}:created", {subject: now}
            return
        then = self._in_event(org, object_type, before)
        if record["deletedAt"] is not None:
            yield f"{stem}:deleted", {previous: then}
            return
        yield f"{stem}:updated", {subject: now, previous: then}
        for name in PICKS[object_type]:
            if record[name] != before[name]:
                part = "type" if object_type == "contacts" else name
                yield f"{stem}{_mark(object_type)}{part}:changed", {subject: now, previous: then}
        yield from self._custom_events(object_type, record, before, now)

    def _custom_events(
        self, object_type: str, record: JsonObject, before: JsonObject, now: JsonObject
    ) -> Iterator[tuple[str, JsonObject]]:
        new: Mapping[str, Any] = record["customFieldValues"]
        old: Mapping[str, Any] = before["customFieldValues"]
        for uid in {**old, **new}:
            if old.get(uid) == new.get(uid):
                continue
            kind = "added" if uid not in old else "changed" if uid in new else "removed"
            change = {"fieldUid": uid, "changeType": kind}
            change |= {"newValues": new.get(uid, []), "previousValues": old.get(uid, [])}
            stem = f"{EVENTS[object_type]}{_mark(object_type)}custom_field_value:{kind}"
            yield stem, {SUBJECTS[object_type]: now, "changedCustomFields": [change]}

    def _in_event(self, org: Organisation, object_type: str, record: JsonObject) -> JsonObject:
        shown = self.shown(org, object_type, record)
        out = {
            RENAMED.get(name, name): shown[name]
            for name in IN_EVENTS[object_type]
            if shown.get(name) is not None
        }
        custom = record["customFieldValues"].items()
        out["customFields"] = {uid: [str(value) for value in values] for uid, values in custom}
        return out


def _mark(object_type: str) -> str:
    """Return what stands between an object and its part in the name of an event."""
    return "-" if object_type == "accounts" else ":"
