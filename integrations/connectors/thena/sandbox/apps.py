"""The apps platform: making and installing an app, and the events that apps publish.

Source: docs.thena.ai, "webhooks" of apps, "manifest" and "incoming webhook", read 2026-11-20. That
an event which the manifest does not declare is refused with 403 is assumed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from integrations.connectors.sandbox_kit import (
    JsonObject,
    SandboxRequest,
    SandboxResponse,
    json_response,
)

from .call import Call, Handle
from .errors import ApiError
from .events import install_notice
from .state import App, Organisation, iso

if TYPE_CHECKING:
    from .server import ThenaSandbox


class AppCalls:
    """Handlers of `/apps/...`; they answer without the envelope."""

    def __init__(self, sandbox: ThenaSandbox) -> None:
        self.sandbox = sandbox

    def routes(self) -> Iterator[tuple[str, str, Handle]]:
        """Yield method, path and handler of every call."""
        yield "POST", "/apps/create-app", self.create_app
        yield "POST", "/apps/install", self.install
        yield "POST", "/apps/uninstall", self.uninstall
        yield "POST", "/apps/reinstall", self.reinstall

    def create_app(self, call: Call) -> SandboxResponse:
        """Register a private app from its manifest and probe the address of its events."""
        body = call.request.json()
        manifest = body.get("manifest")
        if not isinstance(manifest, dict) or not manifest.get("app", {}).get("name"):
            raise ApiError(400, ["manifest.app.name should not be empty"])
        number = self.sandbox.records.new_id("")
        app = App(f"APP{number}", manifest, f"client-{number}", f"secret-{number}", call.org.id)
        self.sandbox.apps[app.uid] = app
        self.sandbox.hub.probe(app)
        return json_response(
            {
                "uid": app.uid,
                "appId": app.uid,
                "name": manifest["app"]["name"],
                "slug": manifest["app"].get("slug", app.uid.lower()),
                "visibility": body.get("app_visibility", "private"),
                "manifest": manifest,
                "clientId": app.client_id,
                "clientSecret": app.client_secret,
            },
            201,
        )

    def install(self, call: Call) -> SandboxResponse:
        """Install an app in the caller's organisation: a bot token, and a call of its webhook."""
        return self._install(call, "app:installation")

    def reinstall(self, call: Call) -> SandboxResponse:
        """Install it again: the token changes."""
        return self._install(call, "app:reinstall")

    def _install(self, call: Call, kind: str) -> SandboxResponse:
        app, body = self._app(call), call.request.json()
        app.configuration = dict(body.get("appConfiguration") or {})
        token = f"pk_live_{self.sandbox.records.new_id('BOT').lower()}"
        app.tokens[call.org.id] = token
        self.tell(app, call.org, kind, token, str(call.actor["id"]))
        return json_response(
            {
                "appName": app.manifest["app"]["name"],
                "botSub": f"B-{app.uid}",
                "botTokenKey": f"bot:{app.uid}",
                "botToken": token,
                "installedBySub": call.actor["id"],
                "installedByEmail": call.actor["email"],
                "appInstalledForTeams": list(body.get("teamIds") or ()),
                "appIdentifier": app.uid,
                "installedByOrgId": call.org.id,
                "metadata": {},
            },
            201,
        )

    def uninstall(self, call: Call) -> SandboxResponse:
        """Remove an app: its token is refused from now on."""
        app = self._app(call)
        if app.tokens.pop(call.org.id, None) is None:
            raise ApiError(404, "The app is not installed")
        self.tell(app, call.org, "app:uninstall", "", str(call.actor["id"]))
        return json_response({"success": True})

    def tell(self, app: App, org: Organisation, kind: str, token: str, by: str) -> None:
        """Call the app's address for installations."""
        notice = install_notice(app, org, kind, token, by, self.sandbox.now())
        self.sandbox.hub.installation(app, notice)

    def publish(self, request: SandboxRequest) -> SandboxResponse:
        """Take an event that an app publishes; kept for inspection in its organisation."""
        token = request.headers.get("x-bot-key", "")
        holders = (
            (app, org_id)
            for app in self.sandbox.apps.values()
            for org_id, held in app.tokens.items()
            if held == token
        )
        app, org_id = next(holders, (None, ""))
        if app is None or not token:
            raise ApiError(401, "Invalid bot key")
        body = request.json()
        name, payload = body.get("event_name"), body.get("payload")
        if not isinstance(name, str) or not isinstance(payload, dict):
            raise ApiError(400, ["event_name must be a string", "payload must be an object"])
        if not app.declares(name):
            raise ApiError(403, f"The app does not publish {name}")
        stamp, number = iso(self.sandbox.now()), self.sandbox.records.new_id("")
        kept: JsonObject = {"event_name": name, "payload": payload, "messageId": number}
        self.sandbox.orgs[org_id].published.append({**kept, "timestamp": stamp})
        return json_response({"success": True, "messageId": number, "timestamp": stamp})

    def _app(self, call: Call) -> App:
        app = self.sandbox.apps.get(str(call.request.json().get("appId")))
        if app is None or app.owner != call.org.id:
            raise ApiError(404, "App not found")
        return app
