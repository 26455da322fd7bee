"""One tenant whose HubSpot and another system are kept in step by the portal itself. No tests."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection as database
from django.utils import timezone
from django_q.models import OrmQ

from integrations.connectors.sandbox_kit import Sandbox
from integrations.engine import stored
from integrations.engine.config import SyncConfig
from integrations.engine.records import Side
from integrations.models import (
    Hint,
    JobRun,
    Merge,
    ObjectSync,
    Review,
    RunKind,
    SyncState,
    SyncVersion,
)
from integrations.services import (
    conflicts,
    connectors,
    inbox,
    lanes,
    leases,
    runs,
    syncs,
)
from tests.services.lane_kit import expire_lease
from tests.services.stage import PORTAL
from tests.world.places.place import Place
from tests.world.trouble import DeadlyAdapter, Killed, Trouble
from tests.world.watch import Watch

EVENTS = ("creation", "deletion", "merge", "restore", "associationChange")
SINGULAR = {"contacts": "contact", "companies": "company", "deals": "deal"}
HUBSPOT_HOSTS = ("https://api.hubapi.com", "https://app.hubspot.com")


class Town:
    """The portal at work: notices arrive or do not, workers come by and die, time passes."""

    def __init__(
        self, seed: int, monkeypatch: pytest.MonkeyPatch, place: Place, *, share: float = 0.03
    ) -> None:
        self.seed = seed
        self.rng = random.Random(seed)  # noqa: S311 - histories, no secrets
        self.trouble, self.watch = Trouble(seed, 0.0), Watch(place.reads)
        self.place, self.stage = place, place.stage
        place.mount(monkeypatch)
        place.draw(self.rng)
        self.integration = place.connect()
        self.hubspot = self.stage.people[PORTAL]
        self.syncs = {row.key: self._publish(row) for row in self.integration.object_syncs.all()}
        self._listen()
        self.hear(all_of_them=True)
        for system, hosts, sandbox in (
            ("hubspot", HUBSPOT_HOSTS, self.stage.hubspot),
            (place.system, place.hosts, place.sandbox),
        ):
            for host in hosts:
                adapter = DeadlyAdapter(sandbox, self.trouble, self.watch.of(system))
                monkeypatch.setitem(connectors.MOUNTS, host, adapter)
        self.trouble.threaten(monkeypatch)
        self.trouble.overtake = self._overtake
        self.trouble.share = share
        self.trouble.haunt(self.sandboxes)

    @property
    def sandboxes(self) -> tuple[Sandbox, ...]:
        """Both stand-ins."""
        return (self.stage.hubspot, self.place.sandbox)

    def config(self, key: str) -> SyncConfig:
        """Return what is published."""
        return syncs.config_of(self.row(key))

    def row(self, key: str) -> ObjectSync:
        """Return an object sync as it is stored now."""
        related = ("integration__hubspot", "integration__target", "version", "tenant")
        return ObjectSync.objects.select_related(*related).get(pk=self.syncs[key].pk)

    # ------------------------------------------------ notices

    def hear(self, *, all_of_them: bool = False) -> None:
        """Let notices arrive: late, in any order, some twice, some never."""
        sent = self.stage.hubspot.take_deliveries()
        self.rng.shuffle(sent)
        for each in sent:
            for _ in range(self.times(all_of_them=all_of_them)):
                inbox.receive(
                    method="POST",
                    uri=each.url,
                    headers=each.headers,
                    body=each.body,
                    now=timezone.now(),
                )
            self.stage.hubspot.delivery_result(each.id, ok=True)
        self.place.hear(self, all_of_them=all_of_them)
        inbox.route()

    def times(self, *, all_of_them: bool) -> int:
        """Return how often a notice arrives: some do twice, some never."""
        lost = not all_of_them and self.rng.random() < 0.2
        return 0 if lost else self.rng.choice((1, 1, 1, 2))

    # ------------------------------------------------ workers

    def work(self) -> bool:
        """Let a worker do one slice of each lane; tells whether anything may be left."""
        return any([self._slice(self.syncs[key]) for key in self.place.keys])

    def _slice(self, row: ObjectSync) -> bool:
        if not lanes.workable().filter(pk=row.pk).exists():
            return False
        lease = leases.acquire(row.pk)
        assert lease is not None
        try:
            return lanes._slice(row.pk, lease.fence)
        except Killed:
            return True
        finally:
            leases.release(lease)

    def _overtake(self) -> None:
        """Let a frozen worker's lanes go to others, before it wakes and goes on (invariant 10)."""
        share, self.trouble.share = self.trouble.share, 0.0
        for row in self.syncs.values():
            if leases.held(row.pk):
                expire_lease(row.pk)
                self._slice(row)
        self.trouble.share = share

    def open(self, kind: RunKind, keys: Iterable[str] = ()) -> None:
        """Open a run of each object."""
        for key in keys or self.place.keys:
            runs.open_run(self.row(key), kind)

    def wait(self, minutes: float) -> None:
        """Let waits be over by so much sooner."""
        span = timedelta(minutes=minutes)
        with database.cursor() as cursor:
            for statement in (
                "UPDATE integrations_hint SET due_at = due_at - %s::interval",
                "UPDATE integrations_objectsync SET not_before = not_before - %s::interval",
                "UPDATE integrations_merge SET due_at = due_at - %s::interval",
            ):
                cursor.execute(statement, [str(span)])
            for statement in (
                "UPDATE integrations_recordlink SET missing_since = missing_since - %s "
                "WHERE missing_since > 0",
                "UPDATE integrations_bucket SET blocked_until = blocked_until - %s, ts = ts - %s",
            ):
                cursor.execute(statement, [span.total_seconds()] * statement.count("%s"))

    # ------------------------------------------------ the end

    def calm(self) -> None:
        """End all faults and work until nothing is due any more."""
        self.trouble.share = 0.0
        self.trouble.haunt(self.sandboxes)
        self.hear(all_of_them=True)
        for _ in range(400):
            self.wait(300)
            self.hear(all_of_them=True)
            if not self.work() and not self._waiting():
                return
        waiting = list(Hint.objects.values_list("record_id", "reason", "attempts"))
        raise AssertionError(f"it never comes to rest: {waiting} {self._open_runs()}")

    def _waiting(self) -> bool:
        merges = Merge.objects.filter(state__in=("open", "failing")).exclude(due_at=None)
        return Hint.objects.exists() or bool(self._open_runs()) or merges.exists()

    def full_pass(self) -> None:
        """Look at every record of both systems once, to the end."""
        self.open(RunKind.RECONCILE)
        for run in self._open_runs():
            assert run.state != "held", f"held: {run.reason_detail}"
        self.calm()

    def _open_runs(self) -> list[JobRun]:
        rows = JobRun.objects.filter(state__in=runs.OPEN).exclude(kind=RunKind.WEBHOOK)
        for run in rows.filter(state="held"):
            runs.approve(run)
        return list(rows)

    # ------------------------------------------------ set-up

    def publish(self, key: str) -> None:
        """Put a random variation of the rules into force, and have it applied."""
        self._publish(self.row(key))
        self.open(RunKind.RECONCILE, [key])

    def _publish(self, row: ObjectSync) -> ObjectSync:
        number = row.versions.count() + 1
        config = stored.to_json(self.place.vary(syncs.start_config_of(row), row.key, self.rng))
        row.version = SyncVersion.objects.create(
            object_sync=row, number=number, config={"settings": {}, "config": config}
        )
        row.state = SyncState.ACTIVE
        row.save()
        return row

    def decide_reviews(self) -> None:
        """Let a person decide every conflict."""
        held = Review.objects.select_related("link", "object_sync__integration", "tenant")
        side = self.rng.choice(list(Side))
        conflicts.resolve(held.filter(closed_at=None), side, self.stage.ada)

    def _listen(self) -> None:
        app = self.stage.app
        app.webhook_url = f"{settings.PUBLIC_URL}/hooks/hubspot/"
        for kind, properties in self.place.heard.items():
            for event in EVENTS:
                app.subscribe(f"{SINGULAR[kind]}.{event}")
            for name in properties:
                app.subscribe(f"{SINGULAR[kind]}.propertyChange", name)


def forget_wakes() -> None:
    """Throw away queued wake-ups: nobody runs them here."""
    OrmQ.objects.all().delete()
