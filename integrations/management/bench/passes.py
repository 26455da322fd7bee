"""Rows of whole passes over contacts to RXNT: engine, ledger and PostgreSQL, one way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from integrations.management.bench import ground
from integrations.management.bench.measuring import Watch
from integrations.management.bench.table import Row
from integrations.models import AuditEntry, ObjectSync, RecordLink, RunKind
from integrations.services import sandbox_demo
from integrations.services.sandbox import Stage

SHARE_CHANGED: Final = 10


def measure(directory: Path, records: int, say: Callable[[str], None]) -> list[Row]:
    """Measure a first load, a pass without changes and one with every tenth contact changed."""
    watch = Watch(directory)
    sandbox_demo.furnish(watch.stage.hubspot)
    object_sync = ground.connect()
    say(f"{records} contacts are made ...")
    ids = ground.fill(watch.stage, records)

    def passed(what: str, wanted: str = "") -> list[Row]:
        effort = watch.run(object_sync, RunKind.MANUAL, fired=True)
        say(f"RXNT, {what}: {effort.seconds:.1f} s, {effort.run.counts}")
        return effort.rows(f"RXNT: {what}", records, wanted, "hubspot", "rxnt")

    rows = [*passed("first load", "1,500"), *passed("pass, nothing changed", "5,000")]
    person = watch.stage.hubspot.account(sandbox_demo.PORTAL_ID)
    for number, contact_id in enumerate(ids):
        if number % SHARE_CHANGED == 0:
            person.edit_contact(contact_id, {"phone": f"443555{number % 10_000:04}"})
    rows += passed("pass, every 10th changed")
    return [*rows, Row("patients / links / audit entries", _proof(watch.stage, object_sync))]


def _proof(stage: Stage, object_sync: ObjectSync) -> str:
    """Return what is there afterwards, counted where it lies."""
    links = RecordLink.objects.filter(object_sync=object_sync, state="linked").count()
    entries = AuditEntry.objects.filter(object_sync_id=object_sync.pk).count()
    return f"{stage.rxnt.count():,} / {links:,} / {entries:,}"
