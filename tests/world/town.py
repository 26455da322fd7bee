"""One tenant whose HubSpot and Thena accounts are kept in step by the portal itself. No tests."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection as database
from django.utils import timezone
from django_q.models import OrmQ

from integrations.connectors.sandbox_kit import Sandbox
from integrations.engine import stored
from integrations.engine.config import ExitRule, SyncConfig
from integrations.engine.filters import Condition, Filter, Operator
from integrations.engine.mapping import ConflictPolicy
from integrations.engine.records import Side
from integrations.models import (
    Connection,
    Hint,
    JobRun,
    ObjectSync,
    RecordLink,
    Review,
    RunKind,
    SyncState,
    SyncVersion,
)
from integrations.services import (
    conflicts,
    connectors,
    hook_calls,
    inbox,
    lanes,
    leases,
    runs,
    syncs,
)
from tests.services.lane_kit import expire_lease
from tests.services.stage import PORTAL
from tests.services.thena_stage import ThenaStage
from tests.world.trouble import DeadlyAdapter, Killed, Trouble
from tests.world.watch import Watch

EVENTS = ("creation", "deletion", "merge", "restore", "associationChange")
KINDS = ("contact", "company")
CALM = ("created", "updated", "linked", "settled", "in_step", "relinked")


class Town:
    """The portal at work: notices arrive or do not, workers come by and die, time passes."""

    def __init__(self, seed: int, monkeypatch: pytest.MonkeyPatch, *, share: float = 0.03) -> None:
        self.seed = seed
        self.rng = random.Random(seed)  # noqa: S311 - histories, no secrets
        self.trouble, self.watch = Trouble(seed, 0.0), Watch()
        self.stage = ThenaStage()
        self.stage.mount(monkeypatch)
        self.integration = self.stage.connect()
        self.hubspot, self.thena = self.stage.people[PORTAL], self.stage.agent
        self.syncs = {row.key: self._publish(row) for row in self.integration.object_syncs.all()}
        self._listen()
        self.stage.install_app(self._target())
        self.hear(all_of_them=True)
        for host, sandbox in self.stage.hosts():
            system = "hubspot" if sandbox is self.stage.hubspot else "thena"
            adapter = DeadlyAdapter(sandbox, self.trouble, self.watch.of(system))
            monkeypatch.setitem(connectors.MOUNTS, host, adapter)
        self.trouble.threaten(monkeypatch)
        self.trouble.overtake = self._overtake
        self.trouble.share = share
        self.trouble.haunt(self.sandboxes)

    @property
    def sandboxes(self) -> tuple[Sandbox, ...]:
        """Both stand-ins."""
        return (self.stage.hubspot, self.stage.thena)

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
            lost = not all_of_them and self.rng.random() < 0.2
            for _ in range(0 if lost else self.rng.choice((1, 1, 1, 2))):
                inbox.receive(
                    method="POST",
                    uri=each.url,
                    headers=each.headers,
                    body=each.body,
                    now=timezone.now(),
                )
            self.stage.hubspot.delivery_result(each.id, ok=True)
        bodies = self.stage.bodies()
        self.rng.shuffle(bodies)
        for body in bodies:
            lost = not all_of_them and self.rng.random() < 0.2
            for _ in range(0 if lost else self.rng.choice((1, 1, 1, 2))):
                hook_calls.receive(self._target(), body, timezone.now())
        inbox.route()

    def _target(self) -> Connection:
        target = self.integration.target
        assert target is not None
        return Connection.objects.get(pk=target.pk)

    # ------------------------------------------------ workers

    def work(self, keys: Iterable[str] = ("companies", "contacts")) -> bool:
        """Let a worker do one slice of each lane; tells whether anything may be left."""
        return any([self._slice(self.syncs[key]) for key in keys])

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

    def open(self, kind: RunKind, keys: Iterable[str] = ("companies", "contacts")) -> None:
        """Open a run of each object."""
        for key in keys:
            runs.open_run(self.row(key), kind)

    def wait(self, minutes: float) -> None:
        """Let waits be over by so much sooner."""
        span = timedelta(minutes=minutes)
        with database.cursor() as cursor:
            for statement in (
                "UPDATE integrations_hint SET due_at = due_at - %s::interval",
                "UPDATE integrations_objectsync SET not_before = not_before - %s::interval",
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
            if not self.work() and not Hint.objects.exists() and not self._open_runs():
                return
        waiting = list(Hint.objects.values_list("record_id", "reason", "attempts"))
        raise AssertionError(f"it never comes to rest: {waiting} {self._open_runs()}")

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

    # ------------------------------------------------ probes

    def edits(self) -> list[Callable[[], Callable[[], bool]]]:
        """Return one edit per system of a contact that is in step, each with its check."""
        row = self.row("contacts")
        link = RecordLink.objects.filter(object_sync=row, state="linked", reason__in=CALM).first()
        if link is None:
            return []
        hubspot_id, target_id = link.hubspot_id, link.target_id

        def in_hubspot() -> Callable[[], bool]:
            self.hubspot.edit("contacts", hubspot_id, {"lastname": "Edited"})
            return lambda: self.thena.get("contacts", target_id)["lastName"] == "Edited"

        def in_thena() -> Callable[[], bool]:
            self.thena.edit("contacts", target_id, lastName="Changed")
            return lambda: self.hubspot.read("contacts", hubspot_id)["lastname"] == "Changed"

        return [in_hubspot, in_thena]

    # ------------------------------------------------ set-up

    def publish(self, key: str) -> None:
        """Put a random variation of the rules into force, and have it applied."""
        self._publish(self.row(key))
        self.open(RunKind.RECONCILE, [key])

    def _publish(self, row: ObjectSync) -> ObjectSync:
        number = row.versions.count() + 1
        config = stored.to_json(self._varied(syncs.start_config_of(row), row.key))
        row.version = SyncVersion.objects.create(
            object_sync=row, number=number, config={"settings": {}, "config": config}
        )
        row.state = SyncState.ACTIVE
        row.save()
        return row

    def _varied(self, config: SyncConfig, key: str) -> SyncConfig:
        """Return rules with other policies, and now and then with a filter."""
        field, text = ("lastname", "Cedar") if key == "contacts" else ("name", "firm1.")
        condition = Condition(field, Operator.NOT_CONTAINS, (text,), field)
        return replace(
            config,
            conflict=self.rng.choice(list(ConflictPolicy)),
            exit_rule=self.rng.choice((ExitRule.FREEZE, ExitRule.KEEP_SYNCING)),
            filters=((Side.HUBSPOT, Filter(((condition,),))),) if self.rng.random() < 0.3 else (),
        )

    def decide_reviews(self) -> None:
        """Let a person decide every conflict."""
        held = Review.objects.select_related("link", "object_sync__integration", "tenant")
        side = self.rng.choice(list(Side))
        conflicts.resolve(held.filter(closed_at=None), side, self.stage.ada)

    def _listen(self) -> None:
        app = self.stage.app
        app.webhook_url = f"{settings.PUBLIC_URL}/hooks/hubspot/"
        for kind in KINDS:
            for event in EVENTS:
                app.subscribe(f"{kind}.{event}")
        for name in ("firstname", "lastname", "email", "phone"):
            app.subscribe("contact.propertyChange", name)
        for name in ("name", "domain", "description", "website"):
            app.subscribe("company.propertyChange", name)


def forget_wakes() -> None:
    """Throw away queued wake-ups: nobody runs them here."""
    OrmQ.objects.all().delete()
