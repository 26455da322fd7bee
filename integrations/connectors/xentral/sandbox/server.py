"""A stand-in for one Xentral instance: sign-in, rights, limits, error bodies, state.

Paths: the old API (`/api/v1/wiedervorlagen`, `/api/v1/adressen`, ...), which knows Digest and
Bearer, and the present one (`/api/v2/customers`, `/api/v3/customers`, ...), which knows Bearer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import asdict
from email.utils import format_datetime
from typing import Final, NoReturn

from integrations.connectors.sandbox_kit import (
    TOOLS,
    Clock,
    Handler,
    JsonObject,
    Sandbox,
    SandboxRequest,
    SandboxResponse,
    utc_now,
)

from .address_calls import AddressCalls
from .addresses import Addresses
from .admin import AdminRoutes
from .behaviour import Behaviour
from .call import Call, Caller, Handle
from .contact_persons import ContactPersonCalls
from .customers import CustomerCalls
from .customers_v3 import CustomerV3Calls
from .errors import ApiError, Problem, Refusal, TooMany
from .free_fields import FreeFieldCalls
from .groups import GroupCalls
from .person import Person
from .resubmission_calls import ResubmissionCalls
from .resubmissions import Resubmissions
from .roles import Roles
from .sign_in import SignIn
from .state import ApiAccount, Instance, Token
from .webhooks import Delivery, WebhookCalls

DEMO_TOKEN: Final = "xt_demo_personal_access_token"  # noqa: S105 - of a stand-in
DEMO_APP: Final = "HubSpotPortal"
DEMO_INIT_KEY: Final = "demo-init-key"
STANDARD_STAGES: Final = (
    ("Erste Anfrage", 10),
    ("Kontakt aufgenommen", 25),
    ("Beratung durchgeführt", 50),
    ("Angebot verschickt", 75),
)
API: Final = "/api/"
V3: Final = "/api/v3/"
METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


class XentralSandbox(Sandbox):
    """One instance with a token DEMO_TOKEN and an API account DEMO_APP with all rights."""

    def __init__(self, clock: Clock = utc_now) -> None:
        super().__init__(clock)
        self.behaviour = Behaviour()
        self.instance = Instance()
        self.sign_in = SignIn(self.behaviour)
        self.roles = Roles(self)
        self.addresses = Addresses(self)
        self.resubmissions = Resubmissions(self)
        self.resubmission_calls = ResubmissionCalls(self)
        self.group_calls = GroupCalls(self)
        self.free_fields = FreeFieldCalls(self)
        self.contact_calls = ContactPersonCalls(self)
        self.webhooks = WebhookCalls(self)
        self._calls: dict[str, deque[float]] = {}
        for family in (AddressCalls(self), self.resubmission_calls, self.group_calls):
            for method, path, permission, handle in family.routes():
                self.router.add(method, path, self._old(permission, handle))
        modern = (CustomerCalls(self), CustomerV3Calls(self), self.contact_calls)
        for group in (*modern, self.free_fields, self.webhooks):
            for method, path, scope, handle in group.routes():
                self.router.add(method, path, self._present(scope, handle))
        for method, path, handler in AdminRoutes(self).routes():
            self.router.add(method, TOOLS + path, handler)
        self._furnish()

    # ------------------------------------------------------------ behind the scenes

    def person(self) -> Person:
        """Return somebody who works in this instance."""
        return Person(self)

    def add_account(self, app: str, key: str, permissions: list[str] | None = None) -> None:
        """Add an API account of the old API, or replace it; no list means every permission."""
        self.instance.accounts[app] = ApiAccount(key, permissions)

    def add_token(
        self, token: str, scopes: list[str] | None = None, expires: float | None = None
    ) -> None:
        """Add a personal access token; no list means every scope, `expires` is a unix time."""
        self.instance.tokens[token] = Token(scopes, expires)

    def revoke(self, token: str, fresh: str = "") -> None:
        """Refuse a token from now on, and accept a fresh one in its place."""
        held = self.instance.tokens.pop(token, Token())
        if fresh:
            self.instance.tokens[fresh] = held

    def take_deliveries(self) -> list[Delivery]:
        """Return every webhook call that is due."""
        with self.lock:
            return self.webhooks.take()

    def delivery_result(self, delivery_id: int, *, ok: bool) -> None:
        """Note how a delivery went; none is repeated."""
        with self.lock:
            self.webhooks.result(ok=ok)

    def _furnish(self) -> None:
        """Give a new instance what a fresh system has, and the demo's ways in."""
        self.add_account(DEMO_APP, DEMO_INIT_KEY)
        self.add_token(DEMO_TOKEN)
        person = self.person()
        person.add_project("Standardprojekt", "STANDARD")
        board = person.add_view("Standard")
        for name, chance in STANDARD_STAGES:
            person.add_stage(board, name, chance=chance)

    # ------------------------------------------------------------ the rules of every call

    def dispatch(
        self,
        request: SandboxRequest,
        family: str,
        handler: Handler | None,
        names: Mapping[str, str],
    ) -> SandboxResponse:
        """Run the handler; refusals become bodies, and every answer tells the time."""
        try:
            if handler is None:
                self._unknown(request, family)
            else:
                answer = handler(request, **names)
        except Refusal as refusal:
            answer = refusal.response()
        answer.headers["Date"] = format_datetime(self.now(), usegmt=True)
        return answer

    def _unknown(self, request: SandboxRequest, family: str) -> NoReturn:
        """Refuse what has no route, below `/api/` after the log-in."""
        if request.path.startswith(API):
            self.sign_in.old(self.instance, request, self.now())
        if family:
            known = [m for m in METHODS if self.router.find(m, request.path)[1]]
            message = f"Method not allowed. Allowed methods: {', '.join(known)}"
            raise ApiError(7432, message, headers={"Allow": ", ".join(known)})
        is_action = request.path.startswith(API) and request.path.count("/") == 2
        raise (
            ApiError(7433, "API method not found")
            if is_action
            else ApiError(7431, "Route not found")
        )

    def _old(self, permission: str, handle: Handle) -> Handler:
        """Wrap a handler of the old API: a missing permission is a 401 there."""

        def checked(request: SandboxRequest, **names: str) -> SandboxResponse:
            caller = self.sign_in.old(self.instance, request, self.now())
            self._spend(caller)
            if not caller.may(permission):
                challenge = self.sign_in.challenge(self.now())
                raise ApiError(
                    7421,
                    f"Permission missing: {permission}",
                    headers={"WWW-Authenticate": challenge},
                )
            return handle(Call(request, caller, self.now()), **names)

        return checked

    def _present(self, scope: str, handle: Handle) -> Handler:
        """Wrap a handler of the present API; the beta may be off, a token may not cover it."""

        def checked(request: SandboxRequest, **names: str) -> SandboxResponse:
            caller = self.sign_in.present(self.instance, request, self.now())
            self._spend(caller)
            if request.path.startswith(V3) and not self.behaviour.v3_beta:
                raise _forbidden("The beta of this API is not enabled.")
            if scope and not caller.has_scope(scope):
                raise _forbidden(f"The token lacks the scope {scope}.")
            return handle(Call(request, caller, self.now()), **names)

        return checked

    def _spend(self, caller: Caller) -> None:
        """Count one call in the running minute; raises TooMany."""
        limit = self.behaviour.rate_limit
        if not limit:
            return
        now = self.now().timestamp()
        window = self._calls.setdefault(caller.name, deque())
        while window and window[0] <= now - 60:
            window.popleft()
        if len(window) >= limit:
            raise TooMany
        window.append(now)

    # ------------------------------------------------------------ dump and load

    def dump(self) -> JsonObject:
        """Return the whole state as JSON-able data."""
        return {"behaviour": asdict(self.behaviour), "instance": self.instance.dump()}

    def load(self, state: JsonObject) -> None:
        """Replace everything by what `dump` returned."""
        self.change(**state["behaviour"])
        self.instance = Instance.load(state["instance"])

    def reset(self) -> None:
        """Start over with a fresh instance; the behaviour stays."""
        self.instance = Instance()
        self.faults.clear()
        self.counters.clear()
        self._calls.clear()
        self.webhooks.forget()
        self._furnish()

    def change(self, **switches: object) -> None:
        """Change the behaviour; raises KeyError for an unknown switch."""
        known = asdict(self.behaviour)
        for name, value in switches.items():
            setattr(self.behaviour, name, type(known[name])(value))


def _forbidden(sentence: str) -> Problem:
    return Problem(403, "generic-validation", "Forbidden", messages=[sentence])
