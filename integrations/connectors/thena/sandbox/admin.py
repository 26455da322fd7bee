"""The sandbox's back door: `/sandbox/*` routes for people, demos and checks. JSON in, JSON out.

GET  state            GET counters          GET/POST settings      POST reset
GET  {kind}           POST {kind}           GET/PUT/DELETE {kind}/{id}      kind: accounts, contacts
POST {kind}/bulk {count, prefix?, values?}: many with running numbers in their names -> {ids}
GET  fields           POST fields           GET attributes         GET published
POST keys/revoke {key?, fresh?}             GET events             POST apps/redact {app}
POST faults {kind, path?, method?, status?, headers?, body?, delay?, times?}
POST faults/clear     `?org=` chooses another organisation than the demo's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from integrations.connectors.sandbox_kit import (
    Handler,
    SandboxRequest,
    SandboxResponse,
    json_response,
)

from .call import Call
from .errors import ApiError
from .person import ACTOR, Person
from .state import UNIQUE

if TYPE_CHECKING:
    from .server import ThenaSandbox

DONE: Final = {"ok": True}
API: Final = "^/(v1|apps|incoming-webhook)/"


class AdminRoutes:
    """Handlers that exist at no real Thena."""

    def __init__(self, sandbox: ThenaSandbox) -> None:
        self.sandbox = sandbox

    def routes(self) -> Iterator[tuple[str, str, Handler]]:
        """Yield method, path below /sandbox/ and handler."""
        for kind in UNIQUE:
            yield "GET", kind, self._as_person(kind, self.list)
            yield "POST", kind, self._as_person(kind, self.create)
            yield "POST", f"{kind}/bulk", self._as_person(kind, self.bulk)
            yield "GET", f"{kind}/{{id}}", self._as_person(kind, self.read)
            yield "PUT", f"{kind}/{{id}}", self._as_person(kind, self.edit)
            yield "DELETE", f"{kind}/{{id}}", self._as_person(kind, self.delete)
        yield "GET", "state", lambda _: json_response(self.sandbox.dump())
        yield "GET", "counters", self.counters
        yield "GET", "settings", self.settings
        yield "POST", "settings", self.settings
        yield "GET", "fields", lambda r: self._rows(r, "fields")
        yield "POST", "fields", self.add_field
        yield "GET", "attributes", lambda r: self._rows(r, "attributes")
        yield "GET", "published", lambda r: self._rows(r, "published")
        yield "GET", "events", self.events
        yield "POST", "keys/revoke", self.revoke
        yield "POST", "apps/redact", self.redact
        yield "POST", "reset", self._after(self.sandbox.reset)
        yield "POST", "faults", self.fault
        yield "POST", "faults/clear", self._after(self.sandbox.faults.clear)

    def list(self, _: SandboxRequest, person: Person, kind: str) -> SandboxResponse:
        """Answer with all live records."""
        return json_response({kind: person.all(kind)})

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

    def counters(self, _: SandboxRequest) -> SandboxResponse:
        """Answer with the calls per method and path family."""
        calls = self.sandbox.counters.items()
        return json_response({f"{method} {path}": count for (method, path), count in calls})

    def settings(self, request: SandboxRequest) -> SandboxResponse:
        """Change switches of the behaviour and answer with all of them."""
        try:
            self.sandbox.change(**(request.json() if request.body else {}))
        except (KeyError, TypeError, ValueError):
            raise ApiError(
                400, "There is no such switch, or its value is of the wrong type"
            ) from None
        return json_response(asdict(self.sandbox.behaviour))

    def add_field(self, request: SandboxRequest) -> SandboxResponse:
        """Add a custom field as a person does."""
        org = self._person(request).org
        call = Call(org, ACTOR, request, self.sandbox.now())
        return json_response(self.sandbox.catalog.add_field(call, request.json()), 201)

    def events(self, _: SandboxRequest) -> SandboxResponse:
        """Answer with how many events wait, were delivered, and were given up."""
        hub = self.sandbox.hub
        waiting = len(hub.waiting) + len(hub.underway)
        return json_response(
            {"waiting": waiting, "delivered": hub.delivered, "given_up": hub.given_up}
        )

    def revoke(self, request: SandboxRequest) -> SandboxResponse:
        """Refuse a key (the organisation's first one) and accept a fresh one."""
        asked, org = request.json() if request.body else {}, self._person(request).org
        key = str(asked.get("key") or next(iter(org.keys), ""))
        self.sandbox.revoke(key, str(asked.get("fresh") or ""), org.id)
        return json_response(DONE)

    def redact(self, request: SandboxRequest) -> SandboxResponse:
        """Tell an app of a changed configuration, with its token blacked out."""
        app = self.sandbox.apps.get(str(request.json().get("app")))
        if app is None:
            raise ApiError(404, "App not found")
        org = self._person(request).org
        self.sandbox.app_calls.tell(app, org, "app:configuration:update", "[REDACTED]", "U-ADMIN")
        return json_response(DONE)

    def fault(self, request: SandboxRequest) -> SandboxResponse:
        """Let coming calls go wrong; without a path any call of the API, never these routes."""
        self.sandbox.faults.inject_asked(request.json(), API)
        return json_response(DONE)

    def _rows(self, request: SandboxRequest, name: str) -> SandboxResponse:
        held = getattr(self._person(request).org, name)
        return json_response({name: list(held.values()) if isinstance(held, dict) else held})

    def _person(self, request: SandboxRequest) -> Person:
        org_id = request.first("org") or next(iter(self.sandbox.orgs))
        if org_id not in self.sandbox.orgs:
            raise ApiError(404, "There is no such organisation")
        return self.sandbox.person(org_id)

    def _as_person(self, kind: str, act: Callable[..., SandboxResponse]) -> Handler:
        return lambda request, **names: act(request, self._person(request), kind, **names)

    def _after(self, act: Callable[[], None]) -> Handler:
        def handler(_: SandboxRequest) -> SandboxResponse:
            act()
            return json_response(DONE)

        return handler


def numbered(kind: str, count: int, prefix: str) -> Iterator[dict[str, object]]:
    """Yield the members of `count` made-up records."""
    for n in range(count):
        if kind == "accounts":
            yield {"name": f"{prefix.title()} {n}", "primaryDomain": f"{prefix}{n}.example"}
        else:
            yield {
                "firstName": f"First{n}",
                "lastName": f"{prefix.title()}{n}",
                "email": f"{prefix}{n}@patients.example",
            }
