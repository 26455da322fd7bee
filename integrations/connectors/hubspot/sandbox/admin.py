"""The sandbox's own JSON endpoints, for tools over HTTP: the sandbox page and the demo check.

They stand outside HubSpot's API and need no sign-in. Bodies and answers are JSON; a mistake
answers with HubSpot's error shape. `{type}` is contacts, companies or deals.

Accounts and records, changed as a person in the account would (webhooks say CRM_UI):

    GET    /sandbox/state                       accounts, apps, installs, settings, queue lengths
    POST   /sandbox/reset                       forget everything but the settings
    POST   /sandbox/accounts                    {portalId, name, email?}
    DELETE /sandbox/accounts/{portal}           close the account: refresh answers BAD_HUB
    What an account is set up with (owners, pipelines, refusals, service keys): `admin_accounts`.
    GET    /sandbox/records/{portal}/{type}     ?limit=50&archived=false, newest first
    POST   /sandbox/records/{portal}/{type}     {properties, added?: instant} -> 201 {id}
    GET    /sandbox/records/{portal}/{type}/{id}
    PATCH  /sandbox/records/{portal}/{type}/{id}          {properties}
    DELETE /sandbox/records/{portal}/{type}/{id}
    POST   /sandbox/records/{portal}/{type}/{id}/restore
    POST   /sandbox/records/{portal}/{type}/{id}/forget   GDPR delete
    POST   /sandbox/records/{portal}/{type}/merge         {primary, other} -> {id}
    POST   /sandbox/records/{portal}/{type}/bulk          {count, prefix?, properties?,
                                                          partners?: {type: [ids]}} -> {ids}
    GET    /sandbox/records/{portal}/{type}/{id}/partners/{type}      -> {ids}
    PUT    /sandbox/records/{portal}/{type}/{id}/partners/{type}      {ids, primary?} -> {ids}

Apps and installs:

    POST   /sandbox/apps        {appId, clientId, clientSecret, name?, redirectUris?,
                                requiredScopes?, optionalScopes?, webhookUrl?,
                                subscriptions?: [{event, propertyName?, typeId?}]}
    PATCH  /sandbox/apps/{app}  {webhookUrl?, redirectUris?, clientSecret?}
    POST   /sandbox/installs    {appId, portalId, scopes?} -> {accessToken, refreshToken}
    DELETE /sandbox/installs/{app}/{portal}     uninstall as the customer
    POST   /sandbox/tokens/expire               every access token runs out now

Behaviour, faults and time:

    PATCH  /sandbox/settings    any member of Behaviour, e.g. {"search_lag": [0, 20],
                                "webhooks_paused": true, "rate_limits": false}
    POST   /sandbox/clock       {advanceSeconds}: the sandbox's clock runs ahead by so much more
    POST   /sandbox/faults      {kind, method?, path?, status?, headers?, body?, delay?, times?}
    POST   /sandbox/faults/random   {seed, faults: [{..., rate}]}
    DELETE /sandbox/faults
    GET    /sandbox/counters    [{method, family, calls, kind}]; kind is read, write or access
    DELETE /sandbox/counters
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from integrations.connectors.sandbox_kit import (
    SandboxRequest,
    SandboxResponse,
    asked_fault,
    empty,
    json_response,
)

from .admin_records import Handler, tolerant
from .apps import App

if TYPE_CHECKING:
    from .server import HubSpotSandbox


class AdminApi:
    """Handlers of the endpoints listed in the module's docstring."""

    def __init__(self, sandbox: "HubSpotSandbox") -> None:
        self.sandbox = sandbox
        routes: list[tuple[str, str, Handler]] = [
            ("GET", "/sandbox/state", self.state),
            ("POST", "/sandbox/reset", self.reset),
            ("POST", "/sandbox/accounts", self.add_account),
            ("DELETE", "/sandbox/accounts/{portal}", self.close_account),
            ("POST", "/sandbox/apps", self.add_app),
            ("PATCH", "/sandbox/apps/{app}", self.change_app),
            ("POST", "/sandbox/installs", self.install),
            ("DELETE", "/sandbox/installs/{app}/{portal}", self.uninstall),
            ("POST", "/sandbox/tokens/expire", self.expire),
            ("PATCH", "/sandbox/settings", self.settings),
            ("POST", "/sandbox/clock", self.clock),
            ("POST", "/sandbox/faults", self.inject),
            ("POST", "/sandbox/faults/random", self.inject_randomly),
            ("DELETE", "/sandbox/faults", self.clear_faults),
            ("GET", "/sandbox/counters", self.counters),
            ("DELETE", "/sandbox/counters", self.clear_counters),
        ]
        for method, pattern, handler in routes:
            sandbox.router.add(method, pattern, tolerant(handler))

    def state(self, _: SandboxRequest) -> SandboxResponse:
        """What there is, without records and secrets."""
        sandbox = self.sandbox
        accounts = [
            {
                "portalId": account.portal_id,
                "name": account.name,
                "records": {name: len(store.live) for name, store in account.stores.items()},
            }
            for account in sandbox.accounts.values()
        ]
        apps = [
            {
                "appId": a.app_id,
                "name": a.name,
                "clientId": a.client_id,
                "webhookUrl": a.webhook_url,
            }
            for a in sandbox.registry.apps.values()
        ]
        installs = [
            {"appId": g.app_id, "portalId": g.portal_id, "scopes": g.scopes}
            for g in sandbox.registry.installs.values()
        ]
        hub = sandbox.webhooks
        return json_response(
            {
                "now": sandbox.now().isoformat(),
                "accounts": accounts,
                "apps": apps,
                "installs": installs,
                "settings": sandbox.behaviour.dump(),
                "webhooks": {
                    "pending": hub.pending(),
                    "delivered": hub.delivered,
                    "givenUp": hub.given_up,
                },
            }
        )

    def reset(self, _: SandboxRequest) -> SandboxResponse:
        """Forget everything but the settings."""
        self.sandbox.reset()
        return empty()

    def add_account(self, request: SandboxRequest) -> SandboxResponse:
        """Add an account with one admin."""
        body = request.json()
        self.sandbox.add_account(int(body["portalId"]), body["name"], body.get("email", ""))
        return json_response({"portalId": body["portalId"]}, 201)

    def close_account(self, _: SandboxRequest, portal: str) -> SandboxResponse:
        """Let the account's tokens answer BAD_HUB."""
        self.sandbox.close_account(self.sandbox.account(int(portal)).state.portal_id)
        return empty()

    def add_app(self, request: SandboxRequest) -> SandboxResponse:
        """Register an app."""
        body = request.json()
        app = App(
            app_id=int(body["appId"]),
            client_id=body["clientId"],
            client_secret=body["clientSecret"],
            name=body.get("name", "Portal"),
            redirect_uris=body.get("redirectUris", []),
            required_scopes=body.get("requiredScopes", ["oauth"]),
            optional_scopes=body.get("optionalScopes", []),
            webhook_url=body.get("webhookUrl", ""),
        )
        for row in body.get("subscriptions", []):
            app.subscribe(row["event"], row.get("propertyName", ""), row.get("typeId", ""))
        self.sandbox.add_app(app)
        return json_response({"appId": app.app_id}, 201)

    def change_app(self, request: SandboxRequest, app: str) -> SandboxResponse:
        """Change the addresses or the secret of an app."""
        body, found = request.json(), self.sandbox.registry.apps[int(app)]
        found.webhook_url = body.get("webhookUrl", found.webhook_url)
        found.redirect_uris = body.get("redirectUris", found.redirect_uris)
        found.client_secret = body.get("clientSecret", found.client_secret)
        return json_response({"appId": found.app_id})

    def install(self, request: SandboxRequest) -> SandboxResponse:
        """Install an app without the browser."""
        body = request.json()
        app_id, portal_id = int(body["appId"]), int(body["portalId"])
        tokens = self.sandbox.install(app_id, portal_id, body.get("scopes", ()))
        return json_response({"accessToken": tokens.access, "refreshToken": tokens.refresh}, 201)

    def uninstall(self, _: SandboxRequest, app: str, portal: str) -> SandboxResponse:
        """Uninstall as the customer."""
        self.sandbox.uninstall(int(app), int(portal))
        return empty()

    def expire(self, _: SandboxRequest) -> SandboxResponse:
        """Let every access token run out."""
        self.sandbox.expire_tokens()
        return empty()

    def settings(self, request: SandboxRequest) -> SandboxResponse:
        """Change the behaviour."""
        self.sandbox.behaviour.change(request.json())
        self.sandbox.webhooks.reseed()
        return json_response(self.sandbox.behaviour.dump())

    def clock(self, request: SandboxRequest) -> SandboxResponse:
        """Move the clock forward."""
        self.sandbox.clock_offset += timedelta(seconds=float(request.json()["advanceSeconds"]))
        return json_response({"now": self.sandbox.now().isoformat()})

    def inject(self, request: SandboxRequest) -> SandboxResponse:
        """Let the next matching requests go wrong."""
        self.sandbox.faults.inject_asked(request.json(), "")
        return empty()

    def inject_randomly(self, request: SandboxRequest) -> SandboxResponse:
        """Let requests go wrong at random, repeatably."""
        body = request.json()
        rates = [(asked_fault(row), float(row["rate"])) for row in body["faults"]]
        self.sandbox.faults.randomly(int(body["seed"]), rates)
        return empty()

    def clear_faults(self, _: SandboxRequest) -> SandboxResponse:
        """End every fault."""
        self.sandbox.faults.clear()
        return empty()

    def counters(self, _: SandboxRequest) -> SandboxResponse:
        """Calls since the last reset."""
        rows = [
            {"method": method, "family": family, "calls": calls, "kind": _kind(method, family)}
            for (method, family), calls in sorted(self.sandbox.counters.items())
        ]
        return json_response(rows)

    def clear_counters(self, _: SandboxRequest) -> SandboxResponse:
        """Start counting again."""
        self.sandbox.counters.clear()
        return empty()


def _kind(method: str, family: str) -> str:
    """Say whether a call reads records, writes them, or only signs in."""
    if family.startswith(("/oauth", "/appinstalls")):
        return "access"
    return "read" if method == "GET" or family.endswith(("/read", "/search")) else "write"
