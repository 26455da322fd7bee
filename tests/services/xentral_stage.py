"""Acme's HubSpot and Xentral as stand-ins answering inside the process. No tests here."""

from __future__ import annotations

from typing import Final

import pytest

from integrations.connectors.hubspot.spec import scopes_for
from integrations.connectors.sandbox_kit import SandboxAdapter
from integrations.connectors.xentral.sandbox import DEMO_TOKEN, XentralSandbox
from integrations.connectors.xentral.spec import XENTRAL
from integrations.models import Integration
from integrations.services import activation, connections, connectors, installs
from tests.services.stage import Stage

ADDRESS: Final = "https://acme.xentral.example"


class XentralStage(Stage):
    """The stage with Xentral in RXNT's place."""

    def __init__(self) -> None:
        super().__init__()
        self.xentral = XentralSandbox()
        self.clerk = self.xentral.person()
        self.app.required_scopes = list(scopes_for([XENTRAL]))

    def mount(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let the stand-ins answer for both systems' addresses, for the length of a test."""
        super().mount(monkeypatch)
        monkeypatch.setitem(connectors.MOUNTS, ADDRESS, SandboxAdapter(self.xentral))
        monkeypatch.setattr("django.conf.settings.XENTRAL_API_URL", ADDRESS, raising=False)

    def connect(self, **settings: str) -> Integration:
        """Return Acme's HubSpot and Xentral, joined and prepared."""
        url = installs.start(self.acme, self.ada, "xentral")
        state, code = self.consent(url)
        hubspot = installs.finish(self.ada, state, code)[0]
        login = {"address": ADDRESS, "token": DEMO_TOKEN, "time_zone": "Europe/Berlin"}
        integration = connections.connect_target(self.ada, hubspot, "xentral", login)
        activation.update_settings(integration, settings, self.ada)
        activation.prepare(integration, self.ada)
        integration.refresh_from_db()
        return integration
