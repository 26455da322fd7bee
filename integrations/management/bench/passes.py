"""Rows of whole passes over contacts: engine and ledger on PostgreSQL, sandboxes in process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from integrations.management.bench import ground
from integrations.management.bench.table import Row
from integrations.models import AuditEntry, JobRun, ObjectSync, RecordLink, RunKind, RunState
from integrations.services import lanes, runs, sandbox_demo
from integrations.services.sandbox import Stage

SHARE_CHANGED = 10
SETTINGS = {
    "HUBSPOT_API_URL": "http://hubspot.bench",
    "HUBSPOT_APP_URL": "http://hubspot.bench",
    "RXNT_API_URL": "http://rxnt.bench",
    "HUBSPOT_RATE": 0,
    "RXNT_RATE": 0,
}


def measure(directory: Path, contacts: int, say: Callable[[str], None]) -> list[Row]:
    """Measure a first load, a pass without changes and one with every tenth contact changed."""
    stage = Stage(directory)
    sandbox_demo.furnish(stage.hubspot)
    stage.hubspot.behaviour.change({"rate_limits": False, "webhooks_paused": True})
    for name, value in SETTINGS.items():
        setattr(settings, name, value)
    stage.mount()
    object_sync = ground.connect()
    say(f"{contacts} contacts are made ...")
    ids = ground.fill(stage, contacts)
    rows = [*_pass(stage, object_sync, "first load", contacts, "1,500", say)]
    rows += _pass(stage, object_sync, "pass, nothing changed", contacts, "5,000", say)
    person = stage.hubspot.account(sandbox_demo.PORTAL_ID)
    for number, contact_id in enumerate(ids):
        if number % SHARE_CHANGED == 0:
            person.edit_contact(contact_id, {"phone": f"443555{number % 10_000:04}"})
    rows += _pass(stage, object_sync, "pass, every 10th changed", contacts, "", say)
    rows.append(Row("patients / links / audit entries", _proof(stage, object_sync)))
    return rows


def _pass(
    stage: Stage,
    object_sync: ObjectSync,
    what: str,
    contacts: int,
    wanted: str,
    say: Callable[[str], None],
) -> Iterator[Row]:
    stage.hubspot.counters.clear()
    stage.rxnt.counters.clear()
    run = runs.open_run(object_sync, RunKind.MANUAL, scope={"fired": True})
    with _counted_queries() as queries:
        start = time.perf_counter()
        while JobRun.objects.filter(pk=run.pk, state__in=runs.WORKABLE).exists():
            lanes.work(object_sync.pk)
        seconds = time.perf_counter() - start
    run.refresh_from_db()
    if run.state != RunState.DONE:
        raise RuntimeError(f"{what}: the run ended {run.state}, {run.reason}: {run.reason_detail}")
    say(f"{what}: {seconds:.1f} s, {dict(run.counts)}")
    reads, saves = (sum(box.counters.values()) for box in (stage.hubspot, stage.rxnt))
    yield Row(f"{what}, records/s", f"{contacts / seconds:,.0f}", wanted)
    yield Row("  HubSpot requests per 100 records", f"{reads / contacts * 100:.2f}", "1.05")
    yield Row("  RXNT requests per 100 records", f"{saves / contacts * 100:.2f}")
    per_slice = queries[0] / contacts * 100
    yield Row("  queries per slice, lease and budget included", f"{per_slice:.1f}", "< 25")


@contextmanager
def _counted_queries() -> Iterator[list[int]]:
    count = [0]

    def wrapper(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        count[0] += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        yield count


def _proof(stage: Stage, object_sync: ObjectSync) -> str:
    """Return what is there afterwards, counted where it lies."""
    links = RecordLink.objects.filter(object_sync=object_sync, state="linked").count()
    entries = AuditEntry.objects.filter(object_sync_id=object_sync.pk).count()
    return f"{stage.rxnt.count():,} / {links:,} / {entries:,}"
