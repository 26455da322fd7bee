"""One HubSpot account joined with Magentrix, Thena and Xentral at once. No tests here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
from django.db import connection as database

from integrations.connectors.sandbox_kit import Sandbox, SandboxAdapter
from integrations.connectors.thena.sandbox import DEMO_KEY, DEMO_ORG, ThenaSandbox
from integrations.connectors.xentral.sandbox import DEMO_TOKEN, XentralSandbox
from integrations.engine import stored
from integrations.models import Connection, Hint, ObjectSync, RunKind, SyncState, SyncVersion
from integrations.services import activation, connections, connectors, lanes, runs, syncs
from tests.services.magentrix_stage import ADDRESS as MAGENTRIX_HOST
from tests.services.magentrix_stage import MagentrixStage
from tests.services.stage import PORTAL
from tests.services.thena_stage import HUBSPOT_HOSTS, THENA_HOSTS
from tests.services.xentral_stage import ADDRESS as XENTRAL_HOST

READS = ("/search", "/batch/read", "/filter/", "/query", "/token", "/oauth/", "/Adresse")


class Counted(SandboxAdapter):
    """A way to a system on which calls that change something are counted."""

    def __init__(self, sandbox: Sandbox, system: str, writes: Counter[str]) -> None:
        super().__init__(sandbox)
        self.system, self.writes = system, writes

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        """Count the call if it is a write, then make it."""
        reads = any(part in (request.url or "") for part in READS)
        self.writes[self.system] += request.method != "GET" and not reads
        return super().send(request, *args, **kwargs)


class Several(MagentrixStage):
    """Acme's HubSpot account with three integrations, all of them published."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self.thena, self.xentral = ThenaSandbox(), XentralSandbox()
        self.agent, self.clerk = self.thena.person(), self.xentral.person()
        self.person = self.people[PORTAL]
        self.writes: Counter[str] = Counter()
        self.mount(monkeypatch)
        monkeypatch.setattr("django.conf.settings.XENTRAL_API_URL", XENTRAL_HOST, raising=False)
        for system, host, sandbox in self._systems():
            monkeypatch.setitem(connectors.MOUNTS, host, Counted(sandbox, system, self.writes))
        hubspot = self.connect().hubspot
        self.xentral_group = self._join(hubspot)
        for row in ObjectSync.objects.select_related("integration").filter(version=None):
            _publish(row)
        self.settle()

    def _systems(self) -> Iterator[tuple[str, str, Sandbox]]:
        yield from (("hubspot", host, self.hubspot) for host in HUBSPOT_HOSTS)
        yield from (("thena", host, self.thena) for host in THENA_HOSTS)
        yield ("magentrix", MAGENTRIX_HOST, self.magentrix)
        yield ("xentral", XENTRAL_HOST, self.xentral)

    def _join(self, hubspot: Connection) -> str:
        """Join the account with the two other systems; returns Xentral's group."""
        login = {"api_key": DEMO_KEY, "organization_id": DEMO_ORG}
        connections.connect_target(self.ada, hubspot, "thena", login)
        login = {"address": XENTRAL_HOST, "token": DEMO_TOKEN, "time_zone": "Europe/Berlin"}
        xentral = connections.connect_target(self.ada, hubspot, "xentral", login)
        activation.prepare(xentral, self.ada)
        xentral.refresh_from_db()
        return str(xentral.settings["group_id"])

    def settle(self) -> Counter[str]:
        """Look at every record of every system until a round writes nothing; return all writes."""
        before = Counter(self.writes)
        for _round in range(8):
            known = Counter(self.writes)
            self._round()
            if self.writes == known:
                return self.writes - before
        raise AssertionError(f"the integrations keep each other busy: {self.writes - before}")

    def _round(self) -> None:
        rows = list(ObjectSync.objects.filter(state=SyncState.ACTIVE).order_by("created_at"))
        for row in rows:
            runs.open_run(row, RunKind.RECONCILE)
        for _turn in range(3):
            for row in rows:
                _let_time_pass()
                lanes.work(row.pk, seconds=60)
        assert not Hint.objects.exists(), list(Hint.objects.values_list("record_id", "reason"))


def _publish(row: ObjectSync) -> None:
    config = {"settings": {}, "config": stored.to_json(syncs.start_config_of(row))}
    row.version = SyncVersion.objects.create(object_sync=row, number=1, config=config)
    row.state = SyncState.ACTIVE
    row.save()


def _let_time_pass() -> None:
    with database.cursor() as cursor:
        for table in ("hint", "merge"):
            cursor.execute(
                f"UPDATE integrations_{table} SET due_at = due_at - %s::interval",  # noqa: S608
                [str(timedelta(hours=3))],
            )
