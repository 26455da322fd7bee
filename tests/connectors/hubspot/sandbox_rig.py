"""One HubSpot sandbox with an account, an installed app and a clock that tests move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from integrations.connectors.hubspot.sandbox import App, HubSpotSandbox
from integrations.connectors.sandbox_kit import SandboxAdapter

PORTAL = 4711001
APP_ID = 202020
API = "https://api.hubapi.com"
CONTACTS = "/crm/objects/2026-09/contacts"
COMPANIES = "/crm/objects/2026-09/companies"
DEALS = "/crm/objects/2026-09/deals"
SCOPES = ["oauth", "crm.objects.owners.read"] + [
    f"crm.{part}.{plural}.{right}"
    for part in ("objects", "schemas")
    for plural in ("contacts", "companies", "deals")
    for right in ("read", "write")
]


class SandboxRig:
    """The sandbox, a person in its account, and a signed-in session."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
        self.sandbox = HubSpotSandbox(clock=lambda: self.now)
        self.person = self.sandbox.add_account(PORTAL, "Acme Clinic")
        self.app = self.sandbox.add_app(
            App(
                app_id=APP_ID,
                client_id="client-1",
                client_secret="yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy",
                redirect_uris=["https://portal.example/oauth/callback"],
                required_scopes=SCOPES,
                webhook_url="https://portal.example/webhooks/hubspot",
            )
        )
        self.tokens = self.sandbox.install(APP_ID, PORTAL)
        self.session = requests.Session()
        self.session.mount(API, SandboxAdapter(self.sandbox))
        self.session.headers["Authorization"] = f"Bearer {self.tokens.access}"

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)

    def call(
        self, method: str, path: str, body: object = None, **query: str | int
    ) -> requests.Response:
        """Make one API call."""
        return self.session.request(method, API + path, json=body, params=query)

    def get(self, path: str, **query: str | int) -> Any:
        """Make a GET that succeeds and return its JSON."""
        answer = self.call("GET", path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: object, status: int = 200) -> Any:
        """Make a POST with the expected status and return its JSON."""
        answer = self.call("POST", path, body)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def patch(self, path: str, properties: dict[str, Any], status: int = 200) -> Any:
        """Make a PATCH of a record with the expected status and return its JSON."""
        answer = self.call("PATCH", path, {"properties": properties})
        assert answer.status_code == status, answer.text
        return answer.json()

    def contact(self, **properties: str) -> str:
        """Create a contact through the API and return its id."""
        created = self.post(CONTACTS, {"properties": {"firstname": "Ada", **properties}}, 201)
        return str(created["id"])

    def values(self, contact_id: str, *names: str) -> dict[str, str | None]:
        """Return properties of a contact."""
        found = self.get(f"{CONTACTS}/{contact_id}", properties=",".join(names))["properties"]
        return {name: found[name] for name in names}

    def search(self, *filters: dict[str, Any], path: str = CONTACTS, **members: Any) -> Any:
        """Search with one filter group."""
        return self.post(f"{path}/search", {"filterGroups": [{"filters": filters}], **members})

    def events(self) -> list[dict[str, Any]]:
        """Return the events of every delivery that is due, and accept them all."""
        found = []
        for delivery in self.sandbox.take_deliveries():
            found += delivery.events()
            self.sandbox.delivery_result(delivery.id, ok=True)
        return found
