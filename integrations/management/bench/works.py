"""Rows of whole passes between HubSpot and Xentral: contacts and deals, both ways."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.auth.models import User

from integrations.management.bench import ground
from integrations.management.bench.measuring import Effort, Watch
from integrations.management.bench.table import Row
from integrations.models import ObjectSync, RecordLink, RunKind
from integrations.services import activation, sandbox_demo, sandbox_works
from integrations.services.sandbox import Stage

PORTAL_ID: Final = 4711029
SHARE_CHANGED: Final = 10
KEYS: Final = ("contacts", "deals")


def measure(directory: Path, records: int, say: Callable[[str], None]) -> list[Row]:
    """Measure first loads, passes without changes, and every tenth record changed per side."""
    watch = Watch(directory)
    stage = watch.stage
    sandbox_demo.furnish(stage.hubspot)
    person = stage.hubspot.add_account(PORTAL_ID, "Bench")
    syncs = _join()
    deals = -(-records // SHARE_CHANGED)
    counts = dict(zip(KEYS, (records, deals), strict=True))
    say(f"{records} contacts and {deals} deals are made ...")
    ids = [person.create("contacts", _contact(number)) for number in range(records)]
    worth = [person.create("deals", ground.deal(number)) for number in range(deals)]
    for deal, contact in zip(worth, ids, strict=False):
        person.associate("deals", deal, "contacts", contact)

    def passed(what: str, key: str, kind: RunKind, aim: str = "") -> list[Row]:
        effort: Effort = watch.run(syncs[key], kind)
        say(f"Xentral, {what}: {effort.seconds:.1f} s, {effort.run.counts}")
        return effort.rows(f"Xentral: {what}", counts[key], aim, "hubspot", "xentral")

    full, rows = RunKind.RECONCILE, list[Row]()
    for key in KEYS:
        rows += passed(f"first load of {key}", key, RunKind.BACKFILL, "1,500")
    for key in KEYS:
        rows += passed(f"pass over {key}, nothing changed", key, full, "5,000")
    for deal in worth[::SHARE_CHANGED]:
        person.edit("deals", deal, {"amount": "4711"})
    rows += passed("pass, every 10th deal changed in HubSpot", "deals", full)
    _change(stage)
    rows += passed("pass, every 10th resubmission changed in Xentral", "deals", full)
    return [*rows, Row("addresses / resubmissions / links", _proof(stage, syncs))]


def _join() -> dict[str, ObjectSync]:
    """Connect Xentral and let it be prepared; its mapping is fixed and in force at once."""
    login = {"address": settings.XENTRAL_API_URL, "token": sandbox_works.XENTRAL_TOKEN}
    integration = ground.join("xentral", login, PORTAL_ID)
    activation.prepare(integration, User.objects.get(username="bench"))
    return {key: integration.object_syncs.get(key=key) for key in KEYS}


def _contact(number: int) -> dict[str, object]:
    """Return an invented contact with what an address has."""
    whole = ground.contact(number)
    names = ("firstname", "lastname", "email", "phone", "address", "city", "zip")
    return {**{name: whole[name] for name in names}, "country": "Germany", "hs_lead_status": "NEW"}


def _change(stage: Stage) -> None:
    clerk = stage.xentral.person()
    for held in clerk.all("resubmissions")[::SHARE_CHANGED]:
        clerk.edit("resubmissions", str(held["id"]), betrag="815.00")


def _proof(stage: Stage, syncs: dict[str, ObjectSync]) -> str:
    """Return what is there afterwards, counted where it lies."""
    clerk = stage.xentral.person()
    counts = [len(clerk.all(kind)) for kind in ("addresses", "resubmissions")]
    linked = RecordLink.objects.filter(object_sync__in=syncs.values(), state="linked")
    return " / ".join(f"{count:,}" for count in (*counts, linked.count()))
