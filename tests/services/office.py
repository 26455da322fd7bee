"""An admin's desk over the stand-ins of HubSpot and Thena. No tests here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.connectors.hubspot.spec import scopes_for
from integrations.connectors.sandbox_kit import Sandbox, SandboxAdapter
from integrations.connectors.thena.client import API_URL, APPS_URL
from integrations.connectors.thena.sandbox import DEMO_KEY, DEMO_ORG, ThenaSandbox
from integrations.connectors.thena.spec import THENA
from integrations.engine.config import SyncConfig
from integrations.engine.edits import Ground
from integrations.engine.pairs import LinkState
from integrations.models import Hint, JobRun, ObjectSync, Preview, RecordLink, RunKind
from integrations.services import (
    connections,
    connectors,
    drafts,
    installs,
    lanes,
    previews,
    publishing,
    runs,
)
from tests.services.stage import PORTAL, Stage

Step = Callable[[SyncConfig, Ground], SyncConfig]
READS = ("/search", "/batch/read", "/filter/ids")
CHANGING = ("POST", "PUT", "PATCH", "DELETE")


class Office:
    """The two syncs of a fresh connection, and short ways to set them up and fill the systems."""

    def __init__(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stage, self.thena = stage, ThenaSandbox()
        self.person, self.agent = stage.people[PORTAL], self.thena.person()
        for address in (API_URL, APPS_URL):
            monkeypatch.setitem(connectors.MOUNTS, address, SandboxAdapter(self.thena))
        stage.app.required_scopes = list(scopes_for([THENA]))
        state, code = stage.consent(installs.start(stage.acme, stage.ada, "thena"))
        hubspot, _system = installs.finish(stage.ada, state, code)
        login = {"api_key": DEMO_KEY, "organization_id": DEMO_ORG}
        self.integration = connections.connect_target(stage.ada, hubspot, "thena", login)

    def sync(self, key: str) -> ObjectSync:
        """Return an object sync as it is stored now."""
        rows = ObjectSync.objects.select_related(
            "tenant", "integration__hubspot", "integration__target", "version"
        )
        return rows.get(integration=self.integration, key=key)

    def company(self, name: str, **values: str) -> str:
        """Create a company in HubSpot."""
        domain = f"{name.lower()}.example"
        return self.person.create("companies", {"name": name, "domain": domain, **values})

    def contact(self, name: str, *companies: str, **values: str) -> str:
        """Create a contact in HubSpot, at some companies."""
        email = f"{name.lower()}@people.example"
        made = self.person.create(
            "contacts", {"firstname": name, "lastname": "B", "email": email, **values}
        )
        for company in companies:
            self.person.associate("contacts", made, "companies", company)
        return made

    def edit(self, key: str, *steps: Step) -> None:
        """Take steps on a draft."""
        draft = drafts.of(self.sync(key))
        config, ground = drafts.config_of(draft), drafts.ground(self.sync(key))
        for step in steps:
            config = step(config, ground)
        drafts.save(draft, config, self.stage.ada, draft.revision)

    def preview(self, key: str) -> Preview:
        """Preview to the end."""
        made = previews.start(self.sync(key), self.stage.ada)
        self.work(key)
        made = Preview.objects.get(pk=made.pk)
        made.object_sync = self.sync(key)
        assert made.state == "done", made.problem
        return made

    def publish(self, preview: Preview) -> None:
        """Publish and let everything come to its end, waits included."""
        key = preview.object_sync.key
        publishing.publish(preview, self.stage.ada)
        for _turn in range(6):
            self.work(key)
            Hint.objects.update(due_at=timezone.now() - timedelta(days=1))
        assert not JobRun.objects.filter(state__in=runs.OPEN).exists()

    def work(self, key: str) -> None:
        """Let a worker come by for as long as there is work."""
        row = self.sync(key)
        for _turn in range(30):
            lanes.work(row.pk, seconds=60)
            if (
                not JobRun.objects.filter(object_sync=row, state__in=runs.WORKABLE)
                .exclude(kind="webhook")
                .exists()
            ):
                break

    def pass_by(self, key: str) -> None:
        """Let a full pass come by: the first load leaves out what the filter does."""
        runs.open_run(self.sync(key), RunKind.RECONCILE)
        self.work(key)

    def outcomes(self, key: str) -> Counter[str]:
        """Return how many records ended with each reason."""
        rows = RecordLink.objects.filter(object_sync=self.sync(key))
        rows = rows.exclude(state=LinkState.SUPERSEDED)
        return Counter(rows.values_list("reason", flat=True))

    def writes(self) -> tuple[int, int]:
        """Return how many calls that change something HubSpot and Thena have had."""
        return _writes(self.stage.hubspot), _writes(self.thena)

    def made(self) -> Counter[str]:
        """Return how often Thena was asked to make something, by path."""
        posts = Counter[str]()
        for (method, path), count in self.thena.counters.items():
            posts[path] += count if method == "POST" else 0
        return posts


def _writes(sandbox: Sandbox) -> int:
    return sum(
        count
        for (method, path), count in sandbox.counters.items()
        if method in CHANGING and path.startswith(("/crm", "/v1")) and not path.endswith(READS)
    )
