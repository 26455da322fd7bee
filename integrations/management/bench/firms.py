"""Rows of whole passes over companies and contacts between HubSpot and Thena, both ways."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from integrations.management.bench import ground
from integrations.management.bench.measuring import Effort, Watch
from integrations.management.bench.table import Row
from integrations.models import ObjectSync, RecordLink, RunKind
from integrations.services import sandbox_demo, sandbox_firm
from integrations.services.sandbox import Stage

PORTAL_ID: Final = 4711009
SHARE_CHANGED: Final = 10


def measure(directory: Path, records: int, say: Callable[[str], None]) -> list[Row]:
    """Measure first loads, passes without changes, and every tenth contact changed per side."""
    watch = Watch(directory)
    stage = watch.stage
    sandbox_demo.furnish(stage.hubspot)
    person = stage.hubspot.add_account(PORTAL_ID, "Bench")
    integration = ground.join("thena", sandbox_firm.THENA_LOGIN, PORTAL_ID)
    companies, contacts = (
        integration.object_syncs.get(key=key) for key in ("companies", "contacts")
    )
    for object_sync in (companies, contacts):
        ground.publish(object_sync)
    firms = -(-records // ground.AT_A_COMPANY)
    say(f"{records} contacts at {firms} companies are made ...")
    ids = ground.fill_firms(stage, PORTAL_ID, records)

    def passed(what: str, sync: ObjectSync, count: int, kind: RunKind, aim: str = "") -> list[Row]:
        effort: Effort = watch.run(sync, kind)
        say(f"Thena, {what}: {effort.seconds:.1f} s, {effort.run.counts}")
        return effort.rows(f"Thena: {what}", count, aim, "hubspot", "thena")

    full = RunKind.RECONCILE
    rows = passed("first load of companies", companies, firms, RunKind.BACKFILL, "1,500")
    rows += passed("first load of contacts", contacts, records, RunKind.BACKFILL, "1,500")
    rows += passed("pass over companies, nothing changed", companies, firms, full, "5,000")
    rows += passed("pass over contacts, nothing changed", contacts, records, full, "5,000")
    for contact_id in ids[::SHARE_CHANGED]:
        person.edit("contacts", contact_id, {"phone": "4435550100"})
    rows += passed("pass, every 10th contact changed in HubSpot", contacts, records, full)
    _change(stage)
    rows += passed("pass, every 10th contact changed in Thena", contacts, records, full)
    made = _arrive(stage, records // SHARE_CHANGED)
    rows += passed(f"pass, {made:,} contacts new in Thena", contacts, records + made, full)
    return [*rows, Row("accounts / contacts / links", _proof(stage, companies, contacts))]


def _change(stage: Stage) -> None:
    agent = stage.thena.person()
    for held in agent.all("contacts")[::SHARE_CHANGED]:
        agent.edit("contacts", held["id"], lastName=f"{held['lastName']}-Jones")


def _arrive(stage: Stage, count: int) -> int:
    """Create contacts in Thena that HubSpot does not know; returns how many."""
    agent = stage.thena.person()
    account = agent.all("accounts")[0]["id"]
    for number in range(count):
        agent.create(
            "contacts",
            firstName=f"New{number}",
            lastName="Comer",
            email=f"new{number}@bench.example",
            accountIds=[account],
        )
    return count


def _proof(stage: Stage, *syncs: ObjectSync) -> str:
    """Return what is there afterwards, counted where it lies."""
    counts = [len(stage.thena.person().all(kind)) for kind in ("accounts", "contacts")]
    counts.append(RecordLink.objects.filter(object_sync__in=syncs, state="linked").count())
    return " / ".join(f"{count:,}" for count in counts)
