"""A lane between two systems in memory that both can be listed and written. No tests here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from random import Random

import pytest

from integrations.connectors import REGISTRY, Registration
from integrations.engine.config import MatchKey, SideObject, SyncConfig
from integrations.engine.filters import Filter, passes
from integrations.engine.mapping import FieldRule
from integrations.engine.records import Page, Side
from integrations.engine.specs import ConnectorSpec, FieldSpec, JobSpec, ObjectSpec, SyncSpec
from integrations.models import Job, JobRun, ObjectSync, RunKind
from integrations.services import connectors, lanes, runs, schedules, syncs
from tests import factories
from tests.engine.world.parts import EPOCH, LAG, Faults
from tests.engine.world.systems import FakeSystem

H, T = Side.HUBSPOT, Side.TARGET
PAGE = 4
CONFIG = SyncConfig(
    hubspot=SideObject("contacts"),
    target=SideObject("people"),
    rules=(FieldRule("email", "mail"), FieldRule("name", "title")),
    match_keys=(MatchKey("email", "mail"),),
    create_in=(H, T),
    version=1,
)
TWIN = ConnectorSpec(
    "twin",
    "Twin",
    objects=(ObjectSpec("people", "Person"),),
    syncs=(
        SyncSpec("contacts", "contacts", "people", lambda _settings: CONFIG, configurable=True),
    ),
)


class Listed(FakeSystem):
    """A fake system that can also be listed; `pages` are the ways and cursors it was read by."""

    calls = 0

    def __init__(self, side: Side, names: Sequence[str]) -> None:
        super().__init__(side, names, Faults(Random(0)))  # noqa: S311 - no secrets
        self.pages: list[tuple[str, str]] = []

    def describe(self, object_type: str) -> Sequence[FieldSpec]:
        """Return the fields by name."""
        return [FieldSpec(name, name) for name in self.names]

    def scan(self, object_type: str, cursor: str, fields: Sequence[str]) -> Page:
        """Return a few live records, in the order they were made."""
        self.pages.append(("scan", cursor))
        return self._page(self.live(), cursor, fields)

    def changes(self, object_type: str, cursor: str, fields: Sequence[str]) -> Page:
        """Return changed records by time."""
        self.pages.append(("changes", cursor))
        return super().changes(object_type, cursor, fields)

    def changes_since(self, object_type: str, since: datetime) -> str:
        """Return the cursor of an instant of this system's clock."""
        return f"{int((since - EPOCH).total_seconds()) - 1}|"

    def _page(self, ids: Sequence[str], cursor: str, fields: Sequence[str]) -> Page:
        ids, start = sorted(ids, key=lambda i: int(i[1:])), int(cursor or 0)
        end = start + PAGE
        shown = tuple(self._show(self.rows[i], fields) for i in ids[start:end])
        return Page(shown, str(end), end < len(ids))


class Choosy(Listed):
    """One that can count, and whose search understands every filter."""

    def count(self, object_type: str, wanted: Filter | None = None) -> int | None:
        """Return how many records pass."""
        return len(self._passing(wanted or Filter()))

    def selects(self, object_type: str, wanted: Filter) -> bool:
        """Say yes."""
        return True

    def select(self, object_type: str, wanted: Filter, cursor: str, fields: Sequence[str]) -> Page:
        """Return some of the records that pass, with nothing but their ids."""
        self.pages.append(("select", cursor))
        page = self._page(self._passing(wanted), cursor, fields)
        return replace(page, records=tuple(replace(r, values={}) for r in page.records))

    def _passing(self, wanted: Filter) -> list[str]:
        shown = [self._show(self.rows[i], self.names) for i in self.live()]
        return [record.id for record in shown if passes(wanted, record).passed]


class TwinKit:
    """The lane, both systems and short ways to fill and run them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hubspot: Listed = Choosy(H, ("email", "name"))
        self.target = Listed(T, ("mail", "title"))
        self.config = CONFIG
        monkeypatch.setitem(REGISTRY, "twin", Registration(TWIN, _none, ""))  # type: ignore[arg-type]
        self.patch = monkeypatch
        self.sync = object_sync()
        monkeypatch.setattr(connectors, "open_pair", lambda *_args: self.pair)
        monkeypatch.setattr(syncs, "config_of", lambda _row: self.config)

    @property
    def pair(self) -> Mapping[Side, Listed]:
        """Both systems."""
        return {H: self.hubspot, T: self.target}

    def declare(self, **changes: object) -> None:
        """Let the target's object type be another one."""
        spec = replace(TWIN.objects[0], **changes)  # type: ignore[arg-type]
        entry = Registration(replace(TWIN, objects=(spec,)), _none, "")  # type: ignore[arg-type]
        self.patch.setitem(REGISTRY, "twin", entry)

    def has_jobs(self, *specs: JobSpec) -> None:
        """Let the target's connector declare scheduled jobs of its own."""
        entry = Registration(replace(TWIN, jobs=specs), _none, "")  # type: ignore[arg-type]
        self.patch.setitem(REGISTRY, "twin", entry)
        schedules.follow(self.sync)

    def job(self, key: str) -> Job:
        """Return a scheduled job as it is stored now."""
        return Job.objects.get(integration=self.sync.integration_id, key=key)

    def people(self, count: int, *, at: int = 0) -> list[str]:
        """Create records in HubSpot that changed at a second of the systems' clock."""
        self.tick(at)
        return [self.hubspot.put({"email": f"{at}-{n}@x", "name": f"P{n}"}) for n in range(count)]

    def tick(self, second: int) -> None:
        """Set both systems' clocks."""
        self.hubspot.clock = self.target.clock = second

    def settle_search(self) -> None:
        """Let the clocks go on until every search shows everything."""
        self.tick(self.hubspot.clock + LAG)

    def run(self, kind: RunKind = RunKind.RECONCILE, **scope: object) -> JobRun:
        """Open a run and work on the lane until it is over."""
        run = runs.open_run(self.sync, kind, scope=scope)
        for _turn in range(20):
            lanes.work(self.sync.pk, seconds=60)
            run.refresh_from_db()
            if run.state not in runs.WORKABLE:
                break
        return run

    def writes(self) -> int:
        """Return how many writes both systems have seen."""
        return self.hubspot.writes.total() + self.target.writes.total()


def object_sync() -> ObjectSync:
    """Return contacts ↔ people, made at the systems' first second."""
    row = factories.object_sync()
    row.integration.system = row.integration.target.system = "twin"  # type: ignore[union-attr]
    row.integration.target.save()  # type: ignore[union-attr]
    row.integration.save()
    row.key, row.hubspot_object, row.target_object = "contacts", "contacts", "people"
    row.created_at = EPOCH
    row.save()
    return row


def _none(*_args: object) -> None:
    raise AssertionError("The systems are opened by the kit.")
