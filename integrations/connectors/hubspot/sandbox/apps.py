"""Apps, their installs and their tokens: who may call for which account, and until when.

No HTTP; `oauth` speaks the protocol. Source: HubSpot docs, "working with OAuth", 2026-03-30.
"""

import secrets
from dataclasses import asdict, dataclass, field
from typing import NamedTuple

from integrations.connectors.sandbox_kit import JsonObject

ACCESS_SECONDS = 1800
CODE_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Subscription:
    """One webhook subscription: `contact.creation`, `object.propertyChange`, ...

    `type_id` only for `object.*`; `property_name` only for propertyChange.
    """

    id: int
    event: str
    property_name: str = ""
    type_id: str = ""
    active: bool = True


@dataclass(slots=True)
class App:
    """One app as its developer configured it."""

    app_id: int
    client_id: str
    client_secret: str
    name: str = "Portal"
    redirect_uris: list[str] = field(default_factory=list)
    required_scopes: list[str] = field(default_factory=lambda: ["oauth"])
    optional_scopes: list[str] = field(default_factory=list)
    webhook_url: str = ""
    subscriptions: list[Subscription] = field(default_factory=list)

    def subscribe(self, event: str, property_name: str = "", type_id: str = "") -> Subscription:
        """Add a webhook subscription."""
        number = self.app_id * 10_000 + len(self.subscriptions) + 1
        added = Subscription(number, event, property_name, type_id)
        self.subscriptions.append(added)
        return added


class Grant(NamedTuple):
    """What a token stands for; `expires` is epoch milliseconds, 0 for a refresh token."""

    app_id: int
    portal_id: int
    user_id: int
    scopes: tuple[str, ...]
    expires: int


class Code(NamedTuple):
    """An authorization code waiting to be exchanged."""

    grant: Grant
    redirect_uri: str
    challenge: str
    method: str


class Tokens(NamedTuple):
    """The pair an install or a refresh hands out."""

    access: str
    refresh: str
    grant: Grant


class AppRegistry:
    """Every app, install and token of the sandbox."""

    def __init__(self) -> None:
        self.apps: dict[int, App] = {}
        self.installs: dict[tuple[int, int], Grant] = {}
        self.access: dict[str, Grant] = {}
        self.refresh: dict[str, Grant] = {}
        self.codes: dict[str, Code] = {}
        self.closed_portals: set[int] = set()

    def by_client(self, client_id: str) -> App | None:
        """Return the app with a client id."""
        return next((app for app in self.apps.values() if app.client_id == client_id), None)

    def installed(self, portal_id: int) -> list[App]:
        """Return the apps an account has installed."""
        return [self.apps[app] for app, portal in self.installs if portal == portal_id]

    def authorize(self, grant: Grant, redirect_uri: str, challenge: str, method: str) -> str:
        """Return a new authorization code."""
        code = secrets.token_urlsafe(24)
        self.codes[code] = Code(grant, redirect_uri, challenge, method)
        return code

    def install(self, grant: Grant, now: int) -> Tokens:
        """Record the install and hand out its first tokens."""
        install = grant._replace(expires=0)
        self.installs[grant.app_id, grant.portal_id] = install
        refresh = f"eu1-{secrets.token_hex(20)}"
        self.refresh[refresh] = install
        return self.renew(refresh, now)

    def renew(self, refresh: str, now: int) -> Tokens:
        """Hand out a new access token for a refresh token, which stays the same."""
        grant = self.refresh[refresh]._replace(expires=now + ACCESS_SECONDS * 1000)
        access = f"CJ{secrets.token_urlsafe(160)}"
        self.access[access] = grant
        return Tokens(access, refresh, grant)

    def uninstall(self, app_id: int, portal_id: int) -> None:
        """Remove the install; its tokens are worthless at once."""
        self.installs.pop((app_id, portal_id), None)
        for tokens in (self.access, self.refresh):
            for token in [t for t, g in tokens.items() if g[:2] == (app_id, portal_id)]:
                del tokens[token]

    def expire_access(self, now: int) -> None:
        """Let every access token run out now."""
        self.access = {
            token: grant._replace(expires=min(grant.expires, now - 1000))
            for token, grant in self.access.items()
        }

    def dump(self) -> JsonObject:
        """Return the state as JSON-able data; codes are short-lived and not kept."""
        return {
            "apps": [asdict(app) for app in self.apps.values()],
            "installs": list(self.installs.values()),
            "access": list(self.access.items()),
            "refresh": list(self.refresh.items()),
            "closed_portals": sorted(self.closed_portals),
        }

    def load(self, state: JsonObject) -> None:
        """Replace the state by one that `dump` returned."""
        self.apps = {row["app_id"]: _app(row) for row in state["apps"]}
        self.installs = {(row[0], row[1]): _grant(row) for row in state["installs"]}
        self.access = {token: _grant(row) for token, row in state["access"]}
        self.refresh = {token: _grant(row) for token, row in state["refresh"]}
        self.closed_portals = set(state["closed_portals"])
        self.codes = {}


def _app(row: JsonObject) -> App:
    return App(**{**row, "subscriptions": [Subscription(**s) for s in row["subscriptions"]]})


def _grant(row: list[object]) -> Grant:
    app_id, portal_id, user_id, scopes, expires = row
    return Grant(app_id, portal_id, user_id, tuple(scopes), expires)  # type: ignore[arg-type]
