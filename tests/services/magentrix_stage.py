"""Acme's HubSpot and Magentrix as stand-ins answering inside the process. No tests here."""

from __future__ import annotations

from typing import Final

import pytest

from integrations.connectors.hubspot.spec import scopes_for
from integrations.connectors.magentrix.sandbox import DEMO_KEY, USERS, MagentrixSandbox
from integrations.connectors.magentrix.spec import MAGENTRIX
from integrations.connectors.sandbox_kit import SandboxAdapter
from integrations.models import Integration
from integrations.services import activation, connections, connectors, installs
from tests.services.stage import PORTAL, Stage

ADDRESS: Final = "https://acme.magentrix.example"
EMPLOYEES: Final = tuple(user for user in USERS if user.kind == "Employee")


class MagentrixStage(Stage):
    """The stage with Magentrix in RXNT's place: every employee but one is a HubSpot owner."""

    def __init__(self) -> None:
        super().__init__()
        self.magentrix = MagentrixSandbox()
        self.partner = self.magentrix.person()
        self.app.required_scopes = list(scopes_for([MAGENTRIX]))
        self.owners = {}
        for number, user in enumerate(EMPLOYEES, 41):
            if user.in_hubspot:
                self.owners[user.email] = str(number)
                self.people[PORTAL].add_owner(str(number), user.email)

    def mount(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let the stand-ins answer for both systems' addresses, for the length of a test."""
        super().mount(monkeypatch)
        monkeypatch.setitem(connectors.MOUNTS, ADDRESS, SandboxAdapter(self.magentrix))
        monkeypatch.setattr("django.conf.settings.MAGENTRIX_API_URL", ADDRESS, raising=False)

    def connect(self) -> Integration:
        """Return Acme's HubSpot and Magentrix, joined and activated, but not published yet."""
        url = installs.start(self.acme, self.ada, "magentrix")
        state, code = self.consent(url)
        hubspot = installs.finish(self.ada, state, code)[0]
        login = {"address": ADDRESS, "api_key": DEMO_KEY}
        integration = connections.connect_target(self.ada, hubspot, "magentrix", login)
        owner = self.partner.user(EMPLOYEES[0].email)
        activation.update_settings(integration, {"default_owner": owner}, self.ada)
        activation.prepare(integration, self.ada)
        integration.refresh_from_db()
        return integration
