"""An admin's desk over two systems in memory: draft, preview, publish, and look. No tests here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from integrations.connectors import REGISTRY, Registration
from integrations.engine.config import MatchKey, SideObject, SyncConfig
from integrations.engine.edits import Ground
from integrations.engine.errors import ReplyLost
from integrations.engine.mapping import FieldRule, Privacy
from integrations.engine.records import FieldType, Side
from integrations.engine.specs import ConnectorSpec, FieldSpec, ObjectSpec, Option, SyncSpec
from integrations.models import (
    Connection,
    Draft,
    Hint,
    JobRun,
    ObjectSync,
    Preview,
    Role,
    RunKind,
    SyncState,
    SyncVersion,
)
from integrations.services import connectors, drafts, lanes, previews, publishing, runs, tenants
from tests import factories
from tests.services.twin_kit import Listed

H, T = Side.HUBSPOT, Side.TARGET
Step = Callable[[SyncConfig, Ground], SyncConfig]
TIERS = (Option("gold", "Gold"), Option("silver", "Silver"))
CONFIG = SyncConfig(
    hubspot=SideObject("contacts"),
    target=SideObject("people"),
    rules=(
        FieldRule("email", "mail", label="E-mail"),
        FieldRule("name", "title", label="Name", clears=True),
    ),
    match_keys=(MatchKey("email", "mail"),),
    create_in=(H, T),
)
SPEC = ConnectorSpec(
    "desk",
    "Desk",
    objects=(ObjectSpec("people", "Person"),),
    syncs=(
        SyncSpec(
            "contacts",
            "contacts",
            "people",
            lambda _settings: CONFIG,
            configurable=True,
            locked=("email",),
        ),
    ),
    makes_fields=True,
)


class Described(Listed):
    """A system in memory whose fields can change, and which takes new ones."""

    def __init__(self, side: Side, specs: Sequence[FieldSpec]) -> None:
        super().__init__(side, [spec.name for spec in specs])
        self.specs = {spec.name: spec for spec in specs}
        self.origins: dict[str, str] = {}
        self.loses_reply = False

    def describe(self, object_type: str) -> Sequence[FieldSpec]:
        """Return the fields as they are now."""
        return list(self.specs.values())

    def change(self, name: str, **members: object) -> None:
        """Change a field's definition."""
        self.specs[name] = replace(self.specs[name], **members)  # type: ignore[arg-type]

    def make_field(self, object_type: str, spec: FieldSpec, origin: str) -> FieldSpec:
        """Make a field, or return the one made for the same property."""
        if origin not in self.origins:
            made = replace(spec, name=f"cf:{len(self.origins) + 1}", custom=True)
            if made.options:
                labels = tuple(Option(option.label, option.label) for option in made.options)
                made = replace(made, options=labels)
            self.specs[made.name], self.origins[origin] = made, made.name
            self.names = (*self.names, made.name)
        if self.loses_reply:
            self.loses_reply = False
            raise ReplyLost("The answer was lost.")
        return self.specs[self.origins[origin]]


class Desk:
    """The sync in its setup, Ada who owns it, Vic who may look, and Bob, a stranger."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hubspot = Described(
            H,
            [
                FieldSpec("email", "E-mail", unique=True),
                FieldSpec("name", "Name"),
                FieldSpec("city", "City"),
                FieldSpec("visits", "Visits", FieldType.NUMBER),
                FieldSpec("tier", "Tier", FieldType.CHOICE, TIERS),
                FieldSpec("blood", "Blood group", privacy=Privacy.HEALTH),
                FieldSpec("team", "Team", FieldType.REFERENCE),
            ],
        )
        self.target = Described(
            T, [FieldSpec("mail", "E-mail"), FieldSpec("title", "Name"), FieldSpec("town", "City")]
        )
        monkeypatch.setitem(REGISTRY, "desk", Registration(SPEC, _none, ""))  # type: ignore[arg-type]
        monkeypatch.setattr(connectors, "open_connector", self._open)
        self.ada, self.vic, self.bob = (
            User.objects.create_user(name, f"{name}@portal.test") for name in ("ada", "vic", "bob")
        )
        self.acme = tenants.create("Acme", owner=self.ada)
        tenants.set_role(self.acme, self.vic, Role.VIEWER, by=self.ada)
        self._key = self._make().pk

    @property
    def sync(self) -> ObjectSync:
        """The object sync as it is stored now."""
        rows = ObjectSync.objects.select_related(
            "tenant", "integration__hubspot", "integration__target", "version"
        )
        return rows.get(pk=self._key)

    @property
    def draft(self) -> Draft:
        """The draft as it is stored now."""
        return drafts.of(self.sync)

    def edit(self, *steps: Step) -> Draft:
        """Take steps on the draft as Ada."""
        draft = self.draft
        config, ground = drafts.config_of(draft), drafts.ground(self.sync)
        for step in steps:
            config = step(config, ground)
        return drafts.save(draft, config, self.ada, draft.revision)

    def preview(self) -> Preview:
        """Preview the draft to its end."""
        made = previews.start(self.sync, self.ada)
        self.work()
        return self.again(made)

    def again(self, preview: Preview) -> Preview:
        """Return a preview as it is stored now."""
        row = Preview.objects.select_related("run").get(pk=preview.pk)
        row.object_sync = self.sync
        return row

    def publish(self, **options: object) -> SyncVersion:
        """Preview and publish, and work until the run is over."""
        version = publishing.publish(self.preview(), self.ada, **options)  # type: ignore[arg-type]
        self.work()
        return version

    def work(self) -> None:
        """Let workers come by until nothing is left to do."""
        for _turn in range(40):
            lanes.work(self._key, seconds=60)
            if not JobRun.objects.filter(state__in=runs.WORKABLE).exclude(kind="webhook").exists():
                break

    def pass_by(self) -> JobRun:
        """Let a full pass come by."""
        run = runs.open_run(self.sync, RunKind.RECONCILE)
        self.work()
        run.refresh_from_db()
        return run

    def settle(self) -> None:
        """Let all waits be over, again and again, until nothing is due."""
        for _turn in range(6):
            past = timezone.now() - timedelta(days=1)
            Hint.objects.filter(object_sync_id=self._key).update(due_at=past)
            self.work()
            lanes.work(self._key, seconds=60)

    def people(self, count: int, start: int = 0, **values: str) -> list[str]:
        """Create people in HubSpot."""
        return [
            self.hubspot.put({"email": f"p{n}@x", "name": f"P{n}", **values})
            for n in range(start, start + count)
        ]

    def writes(self) -> int:
        """Return how many writes both systems have seen."""
        return self.hubspot.writes.total() + self.target.writes.total()

    def _open(self, connection: Connection, **_options: object) -> Described:
        return self.hubspot if connection.system == "hubspot" else self.target

    def _make(self) -> ObjectSync:
        row = factories.object_sync(self.acme)
        integration = row.integration
        assert integration.target is not None
        integration.system = integration.target.system = "desk"
        integration.target.save()
        integration.save()
        row.key, row.hubspot_object, row.target_object = "contacts", "contacts", "people"
        row.version, row.state = None, SyncState.SETUP
        row.save()
        row.versions.all().delete()
        return row


def _none(*_args: object) -> Mapping[str, str]:
    raise AssertionError("The systems are opened by the desk.")
