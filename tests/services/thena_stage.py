"""Acme's HubSpot and Thena as stand-ins answering inside the process. No tests here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User

from integrations.connectors.hubspot.spec import scopes_for
from integrations.connectors.sandbox_kit import Sandbox, SandboxAdapter
from integrations.connectors.thena.sandbox import DEMO_KEY, DEMO_ORG, ThenaSandbox
from integrations.connectors.thena.spec import THENA
from integrations.models import Connection, Integration, Tenant
from integrations.services import connections, connectors, hooks, installs
from tests.services.stage import PORTAL, Stage

HUBSPOT_HOSTS = ("https://api.hubapi.com", "https://app.hubspot.com")
THENA_HOSTS = ("https://platform.thena.ai", "https://apps-studio.thena.ai")


class ThenaStage(Stage):
    """The stage with Thena in RXNT's place; the app is installed in both systems."""

    def __init__(self) -> None:
        super().__init__()
        self.thena = ThenaSandbox()
        self.agent = self.thena.person()
        self.app.required_scopes = list(scopes_for([THENA]))

    def hosts(self) -> Iterator[tuple[str, Sandbox]]:
        """Yield every address with the stand-in that answers there."""
        yield from ((host, self.hubspot) for host in HUBSPOT_HOSTS)
        yield from ((host, self.thena) for host in THENA_HOSTS)

    def mount(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let the stand-ins answer for both systems' addresses, for the length of a test."""
        super().mount(monkeypatch)
        for host, sandbox in self.hosts():
            monkeypatch.setitem(connectors.MOUNTS, host, SandboxAdapter(sandbox))

    def install(
        self, tenant: Tenant | None = None, user: User | None = None, portal: int = PORTAL
    ) -> Connection:
        """Install the app in a HubSpot account the way a person does."""
        tenant, user = tenant or self.acme, user or self.ada
        state, code = self.consent(installs.start(tenant, user, "thena"), portal)
        return installs.finish(user, state, code)[0]

    def connect(self) -> Integration:
        """Return Acme's HubSpot and Thena, joined but not set up yet."""
        login = {"api_key": DEMO_KEY, "organization_id": DEMO_ORG}
        return connections.connect_target(self.ada, self.install(), "thena", login)

    def install_app(self, connection: Connection) -> None:
        """Make the portal's app in Thena and install it, as its admin would."""
        with connectors.new_session() as admin:
            admin.headers["x-api-key"] = DEMO_KEY
            body = dict(hooks.manifest(connection))
            made = admin.post(f"{THENA_HOSTS[1]}/apps/create-app", json=body, timeout=5)
            assert made.status_code == 201, made.text
            asked = {"appId": made.json()["appId"], "teamIds": [], "appConfiguration": {}}
            done = admin.post(f"{THENA_HOSTS[1]}/apps/install", json=asked, timeout=5)
            assert done.status_code == 201, done.text

    def bodies(self) -> list[bytes]:
        """Take what Thena would send to the portal's addresses now."""
        sent = self.thena.take_deliveries()
        for each in sent:
            self.thena.delivery_result(each.id, ok=True)
        return [each.body for each in sent]

    def hubspot_ids(self, kind: str, portal: int = PORTAL) -> list[str]:
        """Return the ids of HubSpot's live records, sorted."""
        return [str(one) for one in sorted(self.people[portal].state.stores[kind].live)]

    def merged_ids(self, kind: str, portal: int = PORTAL) -> set[str]:
        """Return the ids of HubSpot records that were merged away."""
        return {str(one) for one in self.people[portal].state.stores[kind].aliases}

    def thena_ids(self, kind: str) -> list[str]:
        """Return the ids of Thena's live records, oldest first."""
        return [str(record["id"]) for record in self.agent.all(kind)]
