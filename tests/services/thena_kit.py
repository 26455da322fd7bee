"""Companies and contacts between the stand-ins of HubSpot and Thena. No tests here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import pytest

from integrations.connectors import REGISTRY
from integrations.connectors.sandbox_kit import Sandbox, SandboxAdapter
from integrations.connectors.thena.client import API_URL, APPS_URL
from integrations.connectors.thena.sandbox import DEMO_KEY, ThenaSandbox
from integrations.engine import stored
from integrations.models import Integration, JobRun, ObjectSync, RunKind, SyncState, SyncVersion
from integrations.services import connections, connectors, installs, lanes, runs, syncs
from tests.services.stage import PORTAL, Stage

READS: Final = re.compile("/(search|read|filter|oauth|token)|(list|ids)$|/batch/read")
LOAD: Final = RunKind.BACKFILL


class ThenaKit:
    """Acme's two syncs, published with the rules they start from, and ways to fill and run them."""

    def __init__(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stage, self.thena = stage, ThenaSandbox()
        for address in (API_URL, APPS_URL):
            monkeypatch.setitem(connectors.MOUNTS, address, SandboxAdapter(self.thena))
        scopes = ["oauth", *REGISTRY["thena"].spec.scopes]
        stage.app.required_scopes = scopes
        self.agent, self.person = self.thena.person(), stage.people[PORTAL]
        self.integration = self.connect()
        self.companies, self.contacts = (self._publish(key) for key in ("companies", "contacts"))

    def connect(self) -> Integration:
        """Install the app and connect Thena, the first time or again."""
        ada = self.stage.ada
        state, code = self.stage.consent(installs.start(self.stage.acme, ada, "thena"))
        hubspot = installs.finish(ada, state, code)[0]
        keys = {"api_key": DEMO_KEY, "organization_id": ""}
        return connections.connect_target(ada, hubspot, "thena", keys)

    def _publish(self, key: str) -> ObjectSync:
        row = self.integration.object_syncs.select_related("integration").get(key=key)
        config = stored.to_json(syncs.start_config_of(row))
        row.version = SyncVersion.objects.create(
            object_sync=row, number=1, config={syncs.SETTINGS: {}, syncs.CONFIG: config}
        )
        row.state = SyncState.ACTIVE
        row.save()
        return row

    def company(self, number: int, **values: str) -> str:
        """Create a company in HubSpot."""
        known = {"name": f"Firm {number}", "domain": f"firm{number}.example"}
        return self.person.create("companies", {**known, **values})

    def account(self, number: int, **values: object) -> str:
        """Create an account in Thena."""
        known = {"name": f"Shop {number}", "primaryDomain": f"shop{number}.example"}
        return self.agent.create("accounts", **{**known, **values})

    def contact(self, number: int, company: str = "", **values: str) -> str:
        """Create a contact in HubSpot, at a company if one is named."""
        known = {"firstname": "Ada", "lastname": f"L{number}", "email": f"ada{number}@firm.example"}
        made = self.person.create("contacts", {**known, **values})
        if company:
            self.person.associate("contacts", made, "companies", company)
        return made

    def run(self, sync: ObjectSync, kind: RunKind = LOAD, **scope: object) -> JobRun:
        """Open a run and let workers come by until both lanes rest."""
        run = runs.open_run(sync, kind, scope=scope)
        for _turn in range(20):
            for row in (self.companies, self.contacts):
                lanes.work(row.pk, seconds=60)
            run.refresh_from_db()
            if run.state not in runs.WORKABLE:
                break
        return run

    def writes(self) -> int:
        """Return how many writing calls both stand-ins have had."""
        return sum(written(stand_in) for stand_in in (self.stage.hubspot, self.thena))


def written(stand_in: Sandbox) -> int:
    """Return how many calls of a stand-in were writes."""
    counters: Mapping[tuple[str, str], int] = stand_in.counters
    return sum(
        count
        for (method, path), count in counters.items()
        if method != "GET" and not READS.search(path)
    )
