"""The sandbox's back door: `/sandbox/*` routes for people, demos and checks. JSON in, JSON out.

{kind} is User, Account, Contact or Opportunity; {rule} is what `trouble.Rule` holds.

GET  state            GET counters          GET/POST settings      POST reset
GET  {kind} (?deleted=true)  POST {kind}    GET/PUT/DELETE {kind}/{id}
POST {kind}/{id}/restore     POST {kind}/bulk {count, prefix?, values?} -> {ids}
POST {kind}/fields {Name, FieldType, ...}   PUT {kind}/fields/{name} {required?, unique?, hidden?}
DELETE {kind}/fields/{name}                 POST {kind}/fields/{name}/values {Value, Label?}
POST keys/revoke {key?, fresh?}             POST tokens/expire     POST clock {seconds}
GET  rules            POST rules {rule}     POST rules/clear (rules and batch faults)
POST faults {kind, path?, method?, status?, headers?, body?, delay?, times?}
POST faults/batch {entity?, method?, positions?, code?, message?, times?}
POST faults/clear
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Final

from integrations.connectors.sandbox_kit import (
    Handler,
    JsonObject,
    SandboxRequest,
    SandboxResponse,
    json_response,
)

from .catalog import BLUEPRINTS
from .errors import ApiError
from .person import Person
from .seeds import DEMO_KEY
from .trouble import BatchFault, Rule

if TYPE_CHECKING:
    from .server import MagentrixSandbox

DONE: Final = {"ok": True}
API: Final = "^/api/3.0/"


class AdminRoutes:
    """Handlers that exist at no real Magentrix."""

    def __init__(self, sandbox: MagentrixSandbox) -> None:
        self.sandbox = sandbox

    def routes(self) -> Iterator[tuple[str, str, Handler]]:
        """Yield method, path below /sandbox/ and handler."""
        for method, path, handler in chain(self._records(), self._faults(), self._portal()):
            yield method, path, tolerant(handler)

    def _records(self) -> Iterator[tuple[str, str, Handler]]:
        for kind in BLUEPRINTS:
            fields = f"{kind}/fields"
            yield "GET", kind, self._as_person(kind, self.list)
            yield "POST", kind, self._as_person(kind, self.create)
            yield "POST", f"{kind}/bulk", self._as_person(kind, self.bulk)
            yield "GET", f"{kind}/{{id}}", self._as_person(kind, self.read)
            yield "PUT", f"{kind}/{{id}}", self._as_person(kind, self.edit)
            yield "DELETE", f"{kind}/{{id}}", self._as_person(kind, self.delete)
            yield "POST", f"{kind}/{{id}}/restore", self._as_person(kind, self.restore)
            yield "POST", fields, self._as_person(kind, self.add_field)
            yield "PUT", f"{fields}/{{name}}", self._as_person(kind, self.change_field)
            yield "DELETE", f"{fields}/{{name}}", self._as_person(kind, self.drop_field)
            yield "POST", f"{fields}/{{name}}/values", self._as_person(kind, self.add_value)

    def _portal(self) -> Iterator[tuple[str, str, Handler]]:
        yield "GET", "state", lambda _: json_response(self.sandbox.dump())
        yield "GET", "counters", self.counters
        yield "GET", "settings", self.settings
        yield "POST", "settings", self.settings
        yield "POST", "reset", self._after(self.sandbox.reset)
        yield "POST", "keys/revoke", self.revoke
        yield "POST", "tokens/expire", self._after(self.sandbox.expire_tokens)
        yield "POST", "clock", self.clock

    def _faults(self) -> Iterator[tuple[str, str, Handler]]:
        trouble = self.sandbox.trouble
        yield "GET", "rules", lambda _: json_response({"rules": trouble.dump()})
        yield "POST", "rules", self.add_rule
        yield "POST", "rules/clear", self._after(trouble.clear)
        yield "POST", "faults", self.fault
        yield "POST", "faults/batch", self.batch_fault
        yield "POST", "faults/clear", self._after(self.sandbox.faults.clear)

    # ------------------------------------------------------------ records

    def list(self, request: SandboxRequest, person: Person, kind: str) -> SandboxResponse:
        """Answer with all live records, or with the recycle bin."""
        gone = request.first("deleted") == "true"
        return json_response({kind: person.deleted(kind) if gone else person.all(kind)})

    def create(self, request: SandboxRequest, person: Person, kind: str) -> SandboxResponse:
        """Create a record as a person does."""
        return json_response({"id": person.create(kind, **request.json())}, 201)

    def bulk(self, request: SandboxRequest, person: Person, kind: str) -> SandboxResponse:
        """Create many records; HubSpot's sandbox numbers its own in the same way, so they match."""
        body = request.json()
        rows = numbered(kind, int(body["count"]), str(body.get("prefix", "bulk")))
        shared = body.get("values", {})
        return json_response({"ids": [person.create(kind, **row, **shared) for row in rows]}, 201)

    def read(self, _: SandboxRequest, person: Person, kind: str, id: str) -> SandboxResponse:
        """Answer with one live record."""
        return json_response(person.get(kind, id))

    def edit(self, request: SandboxRequest, person: Person, kind: str, id: str) -> SandboxResponse:
        """Change a record as a person does."""
        person.edit(kind, id, **request.json())
        return json_response(person.get(kind, id))

    def delete(self, _: SandboxRequest, person: Person, kind: str, id: str) -> SandboxResponse:
        """Delete a record as a person does."""
        person.delete(kind, id)
        return json_response(DONE)

    def restore(self, _: SandboxRequest, person: Person, kind: str, id: str) -> SandboxResponse:
        """Bring a record back as a person does."""
        person.restore(kind, id)
        return json_response(person.get(kind, id))

    # ------------------------------------------------------------ Setup

    def add_field(self, request: SandboxRequest, person: Person, kind: str) -> SandboxResponse:
        """Add a custom field, whether or not the set-up calls are on."""
        return json_response(person.add_field(kind, **request.json()).metadata(), 201)

    def change_field(
        self, request: SandboxRequest, person: Person, kind: str, name: str
    ) -> SandboxResponse:
        """Make a field required, unique or hidden."""
        person.change_field(kind, name, **request.json())
        return json_response(person.field(kind, name).metadata())

    def drop_field(
        self, _: SandboxRequest, person: Person, kind: str, name: str
    ) -> SandboxResponse:
        """Delete a custom field."""
        person.drop_field(kind, name)
        return json_response(DONE)

    def add_value(
        self, request: SandboxRequest, person: Person, kind: str, name: str
    ) -> SandboxResponse:
        """Add a value to a picklist."""
        body = request.json()
        person.add_value(kind, name, str(body["Value"]), str(body.get("Label") or ""))
        return json_response({"values": person.field(kind, name).options}, 201)

    # ------------------------------------------------------------ the portal

    def counters(self, _: SandboxRequest) -> SandboxResponse:
        """Answer with the calls per method and path family."""
        calls = self.sandbox.counters.items()
        return json_response({f"{method} {path}": count for (method, path), count in calls})

    def settings(self, request: SandboxRequest) -> SandboxResponse:
        """Change switches of the behaviour and answer with all of them."""
        self.sandbox.behaviour.change(**(request.json() if request.body else {}))
        return json_response(self.sandbox.behaviour.dump())

    def revoke(self, request: SandboxRequest) -> SandboxResponse:
        """Refuse a key and accept a fresh one."""
        asked = request.json() if request.body else {}
        self.sandbox.revoke(str(asked.get("key") or DEMO_KEY), str(asked.get("fresh") or ""))
        return json_response(DONE)

    def clock(self, request: SandboxRequest) -> SandboxResponse:
        """Move the clock."""
        self.sandbox.advance(float(request.json()["seconds"]))
        return json_response({"now": self.sandbox.now().isoformat()})

    # ------------------------------------------------------------ trouble

    def add_rule(self, request: SandboxRequest) -> SandboxResponse:
        """Add a validation rule."""
        rule = Rule(**request.json())
        self.sandbox.trouble.rules.append(rule)
        return json_response(DONE, 201)

    def batch_fault(self, request: SandboxRequest) -> SandboxResponse:
        """Let some records of the coming batches fail."""
        asked = request.json()
        times, places = int(asked.pop("times", 1)), tuple(asked.pop("positions", ()))
        self.sandbox.trouble.inject(BatchFault(positions=places, **asked), times)
        return json_response(DONE)

    def fault(self, request: SandboxRequest) -> SandboxResponse:
        """Let coming calls go wrong; without a path any call of the API, never these routes."""
        asked = request.json()
        status = int(asked.get("status", 503))
        usual = json.dumps({"message": f"Injected: {status}.", "success": False})
        self.sandbox.faults.inject_asked(asked, API, usual)
        return json_response(DONE)

    def _as_person(self, kind: str, act: Callable[..., SandboxResponse]) -> Handler:
        return lambda request, **names: act(request, self.sandbox.person(), kind, **names)

    def _after(self, act: Callable[[], None]) -> Handler:
        def handler(_: SandboxRequest) -> SandboxResponse:
            act()
            return json_response(DONE)

        return handler


def numbered(kind: str, count: int, prefix: str) -> Iterator[JsonObject]:
    """Yield the fields of `count` made-up records."""
    for n in range(count):
        title = f"{prefix.title()} {n}"
        match kind:
            case "Account":
                yield {"Name": title, "Website": f"{prefix}{n}.example"}
            case "Opportunity":
                yield {"Name": title, "Stage": "Prospecting"}
            case "User":
                email = f"{prefix}{n}@users.example"
                yield {"Username": email, "Email": email, "Lastname": f"{prefix.title()}{n}"}
            case _:
                email = f"{prefix}{n}@patients.example"
                last = f"{prefix.title()}{n}"
                yield {"FirstName": f"First{n}", "LastName": last, "Email": email}


def tolerant(handler: Handler) -> Handler:
    """Answer 400 where a tool's body is wrong."""

    def guarded(request: SandboxRequest, **names: str) -> SandboxResponse:
        try:
            return handler(request, **names)
        except (KeyError, TypeError, ValueError) as error:
            raise ApiError(400, f"Unknown, missing or wrong: {error}") from error

    return guarded
