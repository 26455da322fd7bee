"""The sandbox's back door: `/sandbox/*` routes for people, demos and checks. JSON in, JSON out.

GET  state            GET counters          GET/POST settings      POST reset
GET  {kind}           POST {kind}           GET/PUT/DELETE {kind}/{id}
                      kind: addresses, resubmissions
POST {kind}/bulk {count, prefix?, values?}: many with running numbers in their names -> {ids}
POST resubmissions/{id}/stage {stage}       GET resubmissions/{id}/moves
GET  addresses/{id}/groups                  POST/DELETE addresses/{id}/groups/{group}
GET  groups, views, stages, fields          POST groups {name, code, kind?}
POST views {name}     POST stages {view, name}                     POST fields {name, type, ...}
DELETE fields/{number}: not in use any more
POST employees {name, email}                POST orders {customer}: releases a sales order
POST accounts {app, key, permissions?}      POST tokens/revoke {token?, fresh?}
GET  events           POST faults {kind, path?, method?, status?, headers?, body?, delay?, times?}
POST faults/clear
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from integrations.connectors.sandbox_kit import (
    BadJson,
    Handler,
    JsonObject,
    SandboxRequest,
    SandboxResponse,
    json_response,
)

from .errors import ApiError
from .person import ADDRESSES, RESUBMISSIONS

if TYPE_CHECKING:
    from .server import XentralSandbox

DONE: Final = {"ok": True}
API: Final = "^/api/"


class AdminRoutes:
    """Handlers that exist at no real Xentral."""

    def __init__(self, sandbox: XentralSandbox) -> None:
        self.sandbox = sandbox
        self.person = sandbox.person()

    def routes(self) -> Iterator[tuple[str, str, Handler]]:
        """Yield method, path below /sandbox/ and handler."""
        for method, path, handler in (*self._records(), *self._house(), *self._tools()):
            yield method, path, tolerant(handler)

    def _records(self) -> Iterator[tuple[str, str, Handler]]:
        for kind in (ADDRESSES, RESUBMISSIONS):
            yield "GET", kind, self._of(kind, self.list)
            yield "POST", kind, self._of(kind, self.create)
            yield "POST", f"{kind}/bulk", self._of(kind, self.bulk)
            yield "GET", f"{kind}/{{id}}", self._of(kind, self.read)
            yield "PUT", f"{kind}/{{id}}", self._of(kind, self.edit)
            yield "DELETE", f"{kind}/{{id}}", self._of(kind, self.delete)
        yield "POST", "resubmissions/{id}/stage", self.move
        yield "GET", "resubmissions/{id}/moves", self.moves
        yield "GET", "addresses/{id}/groups", self.groups_of
        yield "POST", "addresses/{id}/groups/{group}", self.join
        yield "DELETE", "addresses/{id}/groups/{group}", self.leave

    def _house(self) -> Iterator[tuple[str, str, Handler]]:
        for table in ("groups", "views", "stages"):
            yield "GET", table, self._table(table)
        yield "GET", "fields", lambda _: json_response({"fields": self.sandbox.free_fields.all()})
        yield "DELETE", "fields/{number}", self.free_field
        for path, add in (
            ("groups", lambda b: self.person.add_group(b["name"], b["code"], **_kind(b))),
            ("views", lambda b: self.person.add_view(b["name"])),
            ("stages", lambda b: self.person.add_stage(str(b.pop("view")), **b)),
            ("fields", lambda b: str(self.sandbox.free_fields.add(b))),
            ("employees", lambda b: self.person.add_employee(b["name"], b["email"])),
            ("orders", lambda b: self.person.release_order(str(b["customer"]))),
        ):
            yield "POST", path, self._adding(add)

    def _tools(self) -> Iterator[tuple[str, str, Handler]]:
        yield "GET", "state", lambda _: json_response(self.sandbox.dump())
        yield "GET", "counters", self.counters
        yield "GET", "settings", self.settings
        yield "POST", "settings", self.settings
        yield "GET", "events", self.events
        yield "POST", "accounts", self.account
        yield "POST", "tokens/revoke", self.revoke
        yield "POST", "reset", self._after(self.sandbox.reset)
        yield "POST", "faults", self.fault
        yield "POST", "faults/clear", self._after(self.sandbox.faults.clear)

    # ------------------------------------------------------------ records

    def list(self, _: SandboxRequest, kind: str) -> SandboxResponse:
        """Answer with all records."""
        return json_response({kind: self.person.all(kind)})

    def create(self, request: SandboxRequest, kind: str) -> SandboxResponse:
        """Create a record as a person does."""
        return json_response({"id": self.person.create(kind, **request.json())}, 201)

    def bulk(self, request: SandboxRequest, kind: str) -> SandboxResponse:
        """Create many records; HubSpot's sandbox numbers its own in the same way, so they match."""
        body = request.json()
        rows = numbered(kind, int(body["count"]), str(body.get("prefix", "bulk")))
        shared = body.get("values", {})
        ids = [self.person.create(kind, **{**row, **shared}) for row in rows]
        return json_response({"ids": ids}, 201)

    def read(self, _: SandboxRequest, kind: str, id: str) -> SandboxResponse:
        """Answer with one record."""
        return json_response(self.person.get(kind, id))

    def edit(self, request: SandboxRequest, kind: str, id: str) -> SandboxResponse:
        """Change a record as a person does."""
        self.person.edit(kind, id, **request.json())
        return json_response(self.person.get(kind, id))

    def delete(self, _: SandboxRequest, kind: str, id: str) -> SandboxResponse:
        """Delete a record as a person does."""
        self.person.delete(kind, id)
        return json_response(DONE)

    def move(self, request: SandboxRequest, id: str) -> SandboxResponse:
        """Move a resubmission to a stage."""
        self.person.move(id, str(request.json()["stage"]))
        return json_response(self.person.get(RESUBMISSIONS, id))

    def moves(self, _: SandboxRequest, id: str) -> SandboxResponse:
        """Answer with the history of a resubmission's stages."""
        return json_response({"moves": self.person.moves_of(id)})

    def groups_of(self, _: SandboxRequest, id: str) -> SandboxResponse:
        """Answer with the ids of an address's groups."""
        return json_response({"groups": self.person.groups_of(id)})

    def join(self, _: SandboxRequest, id: str, group: str) -> SandboxResponse:
        """Put an address into a group."""
        self.person.join(id, group)
        return json_response(DONE)

    def leave(self, _: SandboxRequest, id: str, group: str) -> SandboxResponse:
        """Take an address out of a group."""
        self.person.leave(id, group)
        return json_response(DONE)

    # ------------------------------------------------------------ tools

    def counters(self, _: SandboxRequest) -> SandboxResponse:
        """Answer with the calls per method and path family."""
        calls = self.sandbox.counters.items()
        return json_response({f"{method} {path}": count for (method, path), count in calls})

    def settings(self, request: SandboxRequest) -> SandboxResponse:
        """Change switches of the behaviour and answer with all of them."""
        self.sandbox.change(**(request.json() if request.body else {}))
        return json_response(asdict(self.sandbox.behaviour))

    def events(self, _: SandboxRequest) -> SandboxResponse:
        """Answer with how many webhooks wait, were delivered, and failed."""
        hub = self.sandbox.webhooks
        waiting = len(hub.waiting)
        return json_response({"waiting": waiting, "delivered": hub.delivered, "failed": hub.failed})

    def account(self, request: SandboxRequest) -> SandboxResponse:
        """Add an API account of the old API, or replace it."""
        body = request.json()
        self.sandbox.add_account(body["app"], body["key"], body.get("permissions"))
        return json_response(DONE)

    def revoke(self, request: SandboxRequest) -> SandboxResponse:
        """Refuse a token (the first one) and accept a fresh one."""
        asked = request.json() if request.body else {}
        token = str(asked.get("token") or next(iter(self.sandbox.instance.tokens), ""))
        self.sandbox.revoke(token, str(asked.get("fresh") or ""))
        return json_response(DONE)

    def fault(self, request: SandboxRequest) -> SandboxResponse:
        """Let coming calls go wrong; without a path any call of the API, never these routes."""
        self.sandbox.faults.inject_asked(request.json(), API)
        return json_response(DONE)

    def free_field(self, _: SandboxRequest, number: str) -> SandboxResponse:
        """Take a free field out of use."""
        self.person.drop_free_field(number)
        return json_response(DONE)

    def _of(self, kind: str, act: Callable[..., SandboxResponse]) -> Handler:
        return lambda request, **names: act(request, kind, **names)

    def _table(self, name: str) -> Handler:
        return lambda _: json_response({name: list(self.sandbox.instance[name].rows.values())})

    def _adding(self, add: Callable[[JsonObject], str]) -> Handler:
        return lambda request: json_response({"id": add(request.json())}, 201)

    def _after(self, act: Callable[[], None]) -> Handler:
        def handler(_: SandboxRequest) -> SandboxResponse:
            act()
            return json_response(DONE)

        return handler


def tolerant(handler: Handler) -> Handler:
    """Answer 400 where a body lacks something or has what does not exist."""

    def guarded(request: SandboxRequest, **names: str) -> SandboxResponse:
        try:
            return handler(request, **names)
        except (BadJson, KeyError, TypeError, ValueError) as error:
            raise ApiError(7451, f"Bad request: {error}") from None

    return guarded


def numbered(kind: str, count: int, prefix: str) -> Iterator[JsonObject]:
    """Yield the columns of `count` made-up records."""
    for n in range(count):
        if kind == RESUBMISSIONS:
            yield {
                "bezeichnung": f"{prefix.title()} {n}",
                "datum_erinnerung": "2026-12-15",
                "zeit_erinnerung": "09:00:00",
            }
        else:
            first, last = f"First{n}", f"{prefix.title()}{n}"
            yield {
                "vorname": first,
                "nachname": last,
                "name": f"{first} {last}",
                "email": f"{prefix}{n}@patients.example",
                "kundennummer": "NEW",
            }


def _kind(body: JsonObject) -> JsonObject:
    return {"kind": body["kind"]} if "kind" in body else {}
