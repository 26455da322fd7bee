"""Two tenants, and HubSpot and RXNT as stand-ins answering inside the process. No tests here."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User

from integrations.connectors.hubspot.sandbox import App, HubSpotSandbox
from integrations.connectors.rxnt.sandbox import RxntSandbox
from integrations.connectors.rxnt.spec import RXNT
from integrations.connectors.sandbox_kit import SandboxAdapter
from integrations.models import Connection, Integration, Role, Tenant
from integrations.services import connections, connectors, installs, links, tenants

PORTAL, OTHER_PORTAL = 4711001, 4711002
PRACTICE = "731"
LOGIN = {"UserName": "acme_iface", "Password": "s3cret-Pw"}
SCOPES = ["oauth", *RXNT.scopes]


class Stage:
    """Acme with its owner Ada and viewer Vic; Bolt with its owner Bob; two HubSpot accounts."""

    def __init__(self) -> None:
        self.hubspot = HubSpotSandbox()
        self.rxnt = RxntSandbox()
        self.rxnt.add_user(LOGIN["UserName"], LOGIN["Password"])
        self.people = {
            portal: self.hubspot.add_account(portal, name)
            for portal, name in ((PORTAL, "Acme Health"), (OTHER_PORTAL, "Bolt Clinic"))
        }
        self.app = self.hubspot.add_app(
            App(
                202020,
                "client-id-of-the-tests",
                "client-secret-of-the-tests",
                redirect_uris=[links.oauth_callback()],
                required_scopes=SCOPES,
            )
        )
        self.ada, self.vic, self.bob = (
            User.objects.create_user(name, f"{name}@portal.test") for name in ("ada", "vic", "bob")
        )
        self.acme = tenants.create("Acme", owner=self.ada)
        self.bolt = tenants.create("Bolt", owner=self.bob)
        tenants.set_role(self.acme, self.vic, Role.VIEWER, by=self.ada)

    def mount(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let the stand-ins answer for both systems' addresses, for the length of a test."""
        for host, stand_in in (
            ("api.hubapi.com", self.hubspot),
            ("app.hubspot.com", self.hubspot),
            ("app2.rxnt.com", self.rxnt),
        ):
            monkeypatch.setitem(connectors.MOUNTS, f"https://{host}", SandboxAdapter(stand_in))

    def consent(self, url: str, portal: int = PORTAL) -> tuple[str, str]:
        """Say yes on HubSpot's page; returns the state and code of the redirect back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        form = asked | {"decision": "approve", "portal_id": str(portal)}
        with connectors.new_session() as browser:
            answer = browser.post(url, data=form, allow_redirects=False, timeout=5)
        assert answer.status_code in {302, 303}, answer.text
        back = parse_qs(urlsplit(answer.headers["Location"]).query)
        return back["state"][0], back["code"][0]

    def install(
        self, tenant: Tenant | None = None, user: User | None = None, portal: int = PORTAL
    ) -> Connection:
        """Install the app in a HubSpot account the way a person does."""
        tenant, user = tenant or self.acme, user or self.ada
        url = installs.start(tenant, user, "rxnt")
        state, code = self.consent(url, portal)
        return installs.finish(user, state, code)[0]

    def connect(self) -> Integration:
        """Return Acme's working HubSpot to RXNT integration."""
        return connections.connect_target(self.ada, self.install(), "rxnt", LOGIN)


def calls(sandbox: HubSpotSandbox | RxntSandbox, path: str) -> int:
    """Return how often a path was called."""
    return sum(n for (_method, called), n in sandbox.counters.items() if called.endswith(path))
