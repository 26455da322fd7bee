"""A stand-in for Thena's platform and its apps platform: sign-in, limits, error bodies, state."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import asdict
from email.utils import format_datetime
from typing import Final

from integrations.connectors.sandbox_kit import (
    TOOLS,
    BadJson,
    Clock,
    Handler,
    JsonObject,
    Sandbox,
    SandboxRequest,
    SandboxResponse,
    utc_now,
)

from .admin import AdminRoutes
from .apps import AppCalls
from .behaviour import Behaviour
from .call import Call, Handle
from .calls import RecordCalls
from .catalog import CatalogCalls
from .errors import ApiError
from .events import Delivery, EventHub
from .person import ACTOR, Person
from .records import Records
from .state import App, Organisation

DEMO_ORG: Final = "EORG1"
DEMO_KEY: Final = "pk_live_demo_key"
PUBLISH: Final = "/incoming-webhook/events"


class ThenaSandbox(Sandbox):
    """Both hosts of Thena in one object, with the organisation DEMO_ORG and its key DEMO_KEY."""

    def __init__(self, clock: Clock = utc_now) -> None:
        super().__init__(clock)
        self.behaviour = Behaviour()
        self.orgs: dict[str, Organisation] = {}
        self.apps: dict[str, App] = {}
        self.hub = EventHub(self.behaviour, self.apps)
        self.records = Records(
            self.behaviour,
            self.now,
            lambda org, name, payload, actor: self.hub.record(
                org, name, payload, actor, self.now()
            ),
        )
        self._calls: dict[str, deque[float]] = {}
        self.catalog = CatalogCalls(self.records)
        self.app_calls = AppCalls(self)
        for family in (self.catalog, RecordCalls(self.records, self.behaviour), self.app_calls):
            for method, path, handle in family.routes():
                self.router.add(method, path, self._signed(handle))
        self.router.add("POST", PUBLISH, self.app_calls.publish)
        for method, path, handler in AdminRoutes(self).routes():
            self.router.add(method, TOOLS + path, handler)
        self.add_organisation(DEMO_ORG, "Demo Support", DEMO_KEY)

    # ------------------------------------------------------------ behind the scenes

    def add_organisation(self, org_id: str, name: str, key: str) -> Organisation:
        """Make an organisation with Thena's defaults and one API key."""
        org = self.orgs[org_id] = Organisation(org_id, name, {key: "U-ADMIN"})
        self.catalog.furnish(org, Call(org, ACTOR, SandboxRequest.build("GET", "/"), self.now()))
        return org

    def person(self, org_id: str = DEMO_ORG) -> Person:
        """Return an agent of an organisation."""
        return Person(self.records, self.orgs[org_id])

    def revoke(self, key: str, fresh: str = "", org_id: str = DEMO_ORG) -> None:
        """Refuse a key from now on, and accept a fresh one in its place."""
        user = self.orgs[org_id].keys.pop(key, "U-ADMIN")
        if fresh:
            self.orgs[org_id].keys[fresh] = user

    def take_deliveries(self) -> list[Delivery]:
        """Return every call of an app's address that is due."""
        with self.lock:
            return self.hub.take(self.now())

    def delivery_result(self, delivery_id: int, *, ok: bool) -> None:
        """Note how a delivery went."""
        with self.lock:
            self.hub.result(delivery_id, ok=ok, now=self.now())

    # ------------------------------------------------------------ the rules of every call

    def dispatch(
        self,
        request: SandboxRequest,
        family: str,
        handler: Handler | None,
        names: Mapping[str, str],
    ) -> SandboxResponse:
        """Run the handler; refusals become NestJS's bodies, and every answer tells the time."""
        try:
            if handler is None:
                raise ApiError(404, f"Cannot {request.method} {request.path}")
            answer = handler(request, **names)
        except ApiError as error:
            answer = error.response()
        except BadJson:
            answer = ApiError(400, "Unexpected token in JSON").response()
        answer.headers["Date"] = format_datetime(self.now(), usegmt=True)
        return answer

    def _signed(self, handle: Handle) -> Handler:
        def checked(request: SandboxRequest, **names: str) -> SandboxResponse:
            key = request.headers.get("x-api-key", "")
            org, actor = self._caller(key)
            limits = self._spend(key)
            try:
                answer = handle(Call(org, actor, request, self.now()), **names)
            except ApiError as error:
                error.headers |= limits
                raise
            answer.headers.update(limits)
            return answer

        return checked

    def _caller(self, key: str) -> tuple[Organisation, JsonObject]:
        """Return whose key it is: a person's, or the bot token of an installed app."""
        for org in self.orgs.values():
            if key in org.keys:
                return org, {"id": org.keys[key], "type": "USER", "email": "admin@thena.example"}
        for app in self.apps.values():
            for org_id, token in app.tokens.items():
                if token == key:
                    return self.orgs[org_id], {"id": f"B-{app.uid}", "type": "BOT", "email": ""}
        raise ApiError(401, "Unauthorized")

    def _spend(self, key: str) -> dict[str, str]:
        """Count one call in the running minute and return the rate headers; raises ApiError 429."""
        limit = self.behaviour.rate_limit
        if not limit:
            return {}
        now = self.now().timestamp()
        window = self._calls.setdefault(key, deque())
        while window and window[0] <= now - 60:
            window.popleft()
        reset = int((window[0] if window else now) + 61)
        headers = {"X-RateLimit-Limit": str(limit), "X-RateLimit-Reset": str(reset)}
        if len(window) >= limit:
            raise ApiError(429, "Too Many Requests", {**headers, "X-RateLimit-Remaining": "0"})
        window.append(now)
        return {**headers, "X-RateLimit-Remaining": str(limit - len(window))}

    # ------------------------------------------------------------ dump and load

    def dump(self) -> JsonObject:
        """Return the whole state as JSON-able data."""
        return {
            "number": self.records.number,
            "behaviour": asdict(self.behaviour),
            "orgs": [org.dump() for org in self.orgs.values()],
            "apps": [app.dump() for app in self.apps.values()],
            "events": self.hub.dump(),
        }

    def load(self, state: JsonObject) -> None:
        """Replace everything by what `dump` returned."""
        self.records.number = state["number"]
        self.change(**state["behaviour"])
        self.orgs = {row["id"]: Organisation.load(dict(row)) for row in state["orgs"]}
        self.apps.clear()
        self.apps.update({row["uid"]: App(**row) for row in state["apps"]})
        self.hub.load(state["events"])

    def reset(self) -> None:
        """Start over with the demo organisation alone; the behaviour stays."""
        self.orgs = {}
        self.apps.clear()
        self.hub.load({"number": 0, "waiting": []})
        self.hub.delivered = self.hub.given_up = 0
        self.faults.clear()
        self.counters.clear()
        self._calls.clear()
        self.add_organisation(DEMO_ORG, "Demo Support", DEMO_KEY)

    def change(self, **switches: object) -> None:
        """Change the behaviour; raises KeyError for an unknown switch."""
        known = asdict(self.behaviour)
        for name, value in switches.items():
            setattr(self.behaviour, name, type(known[name])(value))
        self.hub.reseed()
