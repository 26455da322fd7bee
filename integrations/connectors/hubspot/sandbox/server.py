"""The HubSpot sandbox itself: sign-in, rate limits, state. No endpoint lives here."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial

from integrations.connectors.sandbox_kit import (
    Clock,
    JsonObject,
    Sandbox,
    SandboxRequest,
    SandboxResponse,
    utc_now,
)

from .account import Account, Happening, Owner, User
from .apps import App, AppRegistry, Grant, Tokens
from .behaviour import Behaviour
from .call import Call
from .errors import ApiError
from .limits import BURST, RateLimits, TooMany
from .person import Person
from .routes import add_routes
from .service_keys import ServiceKeys
from .times import to_ms
from .webhooks import Delivery, WebhookHub

MAX_QUERY = 8_000
"""Characters in the values of a query; longer ones answer 414."""

Endpoint = Callable[..., SandboxResponse]


class HubSpotSandbox(Sandbox):
    """Several HubSpot accounts, the apps that may call them, and their webhooks."""

    accounts: dict[int, Account]
    registry: AppRegistry
    keys: ServiceKeys
    webhooks: WebhookHub
    limits: RateLimits

    def __init__(self, clock: Clock = utc_now) -> None:
        super().__init__(clock)
        self.behaviour = Behaviour()
        self.reset()
        add_routes(self)

    def reset(self) -> None:
        """Forget every account, app, token, event, fault and count; settings stay."""
        with self.lock:
            self.accounts = {}
            self.registry = AppRegistry()
            self.keys = ServiceKeys()
            self.webhooks = WebhookHub(self.registry, self.behaviour)
            self.limits = RateLimits()
            self.faults.clear()
            self.counters.clear()

    def add_account(self, portal_id: int, name: str, email: str = "") -> Person:
        """Add an account with one admin, who is also an owner, and return the admin's hands."""
        user = User(990, email or f"admin@{name.lower().replace(' ', '-')}.example")
        owner = Owner("12236", user.email, "Ada", "Admin", user.id)
        with self.lock:
            self.accounts[portal_id] = Account(
                portal_id, name, self.behaviour, self._record, [user], [owner]
            )
        return self.account(portal_id)

    def account(self, portal_id: int) -> Person:
        """Return what a person signed in to an account can do; raises KeyError."""
        return Person(self, self.accounts[portal_id])

    def add_app(self, app: App) -> App:
        """Add or replace an app."""
        with self.lock:
            self.registry.apps[app.app_id] = app
        return app

    def install(self, app_id: int, portal_id: int, scopes: Sequence[str] = ()) -> Tokens:
        """Install an app without the browser; by default with every scope it knows."""
        app, account = self.registry.apps[app_id], self.accounts[portal_id]
        granted = tuple(scopes or (*app.required_scopes, *app.optional_scopes))
        with self.lock:
            grant = Grant(app_id, portal_id, account.users[0].id, granted, 0)
            return self.registry.install(grant, self.now_ms())

    def add_service_key(self, portal_id: int, scopes: Sequence[str]) -> str:
        """Make a service key of an account as its admin does, and return it."""
        account = self.accounts[portal_id]
        with self.lock:
            user = account.users[0].id
            return self.keys.add(portal_id, user, tuple(scopes), account.hublet)

    def rotate_service_key(self, key: str, *, grace: bool = False) -> str:
        """Replace a service key; the old one ends at once, or with grace in seven days."""
        with self.lock:
            return self.keys.rotate(key, self.now_ms(), grace=grace)

    def uninstall(self, app_id: int, portal_id: int) -> None:
        """Remove an app as the customer does; nobody is told."""
        with self.lock:
            self.registry.uninstall(app_id, portal_id)

    def close_account(self, portal_id: int) -> None:
        """Let a portal disappear: its refresh tokens answer BAD_HUB from now on."""
        with self.lock:
            self.registry.closed_portals.add(portal_id)

    def expire_tokens(self) -> None:
        """Let every access token run out now."""
        with self.lock:
            self.registry.expire_access(self.now_ms())

    def take_deliveries(self) -> list[Delivery]:
        """Return the webhook requests that are due now; report each to `delivery_result`."""
        with self.lock:
            return self.webhooks.take(self.now())

    def delivery_result(self, delivery_id: int, *, ok: bool) -> None:
        """Note how a delivery went; a failed one is repeated later."""
        with self.lock:
            self.webhooks.result(delivery_id, ok=ok, now=self.now())

    def now_ms(self) -> int:
        """Return the sandbox's instant in epoch milliseconds."""
        return to_ms(self.now())

    def api(self, method: str, pattern: str, endpoint: Endpoint, *, search: bool = False) -> None:
        """Register an endpoint behind sign-in and rate limits; it is called with a Call."""
        self.router.add(method, pattern, partial(self._guarded, endpoint, search))

    def dispatch(
        self,
        request: SandboxRequest,
        family: str,
        handler: Endpoint | None,
        names: Mapping[str, str],
    ) -> SandboxResponse:
        """Run the handler and turn errors into answers; every answer has a correlation id."""
        try:
            if handler is None:
                status = 405 if family else 404
                raise ApiError(status, f"No resource for {request.method} {request.path}")
            answer = handler(request, **names)
        except TooMany as error:
            answer = error.response()
            answer.headers.update(error.headers)
        except ApiError as error:
            answer = error.response()
        answer.headers["X-HubSpot-Correlation-Id"] = str(uuid.uuid4())
        return answer

    def _guarded(
        self, endpoint: Endpoint, search: bool, request: SandboxRequest, **names: str
    ) -> SandboxResponse:
        now = self.now_ms()
        grant = self._signed_in(request, now)
        headers = self._spend(grant, now, search=search)
        try:
            if sum(len(v) for values in request.query.values() for v in values) > MAX_QUERY:
                raise ApiError(414, "URI Too Long")
            call = Call(request, self.accounts[grant.portal_id], grant, now)
            answer = endpoint(call, **names)
        except ApiError as error:
            answer = error.response()
        answer.headers.update(headers)
        return answer

    def _signed_in(self, request: SandboxRequest, now: int) -> Grant:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        grant = self.registry.access.get(token) or self.keys.grants.get(token)
        if scheme.lower() != "bearer":
            grant = None
        if grant is None:
            raise ApiError(
                401,
                "Authentication credentials not found. This API supports OAuth 2.0 authentication.",
                "INVALID_AUTHENTICATION",
            )
        if 0 < grant.expires <= now:
            ago = (now - grant.expires) // 1000
            text = f"The OAuth token used to make this call expired {ago} second(s) ago."
            raise ApiError(401, text, "EXPIRED_AUTHENTICATION")
        return grant

    def _spend(self, grant: Grant, now: int, *, search: bool) -> dict[str, str]:
        if not self.behaviour.rate_limits:
            return {}
        if search:
            return self.limits.spend_search(grant.portal_id, now)
        is_key = grant.app_id not in self.registry.apps
        most = self.behaviour.key_burst if is_key else BURST
        return self.limits.spend(grant.app_id, grant.portal_id, now, most)

    def _record(self, happening: Happening) -> None:
        self.webhooks.record(happening)

    def dump(self) -> JsonObject:
        """Return the whole state as JSON-able data."""
        with self.lock:
            return {
                "behaviour": self.behaviour.dump(),
                "clock_offset": self.clock_offset.total_seconds(),
                "registry": self.registry.dump(),
                "keys": self.keys.dump(),
                "webhooks": self.webhooks.dump(),
                "accounts": [account.dump() for account in self.accounts.values()],
            }

    def load(self, state: JsonObject) -> None:
        """Replace the state by one that `dump` returned."""
        with self.lock:
            self.reset()
            self.behaviour.change(state["behaviour"])
            self.clock_offset = timedelta(seconds=state.get("clock_offset", 0))
            self.registry.load(state["registry"])
            if "keys" in state:
                self.keys.load(state["keys"])
            self.webhooks.load(state["webhooks"])
            self.webhooks.reseed()
            for row in state["accounts"]:
                account = Account(row["settings"]["portal_id"], "", self.behaviour, self._record)
                account.load(row)
                self.accounts[account.portal_id] = account
