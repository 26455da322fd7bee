"""Rows of whole passes between HubSpot and Magentrix: companies, contacts and deals, both ways."""

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
from integrations.services import activation, sandbox_demo, sandbox_vendor, setting_values
from integrations.services.sandbox import Stage

PORTAL_ID: Final = 4711019
SHARE_CHANGED: Final = 10
KEYS: Final = ("companies", "contacts", "deals")


def measure(directory: Path, records: int, say: Callable[[str], None]) -> list[Row]:
    """Measure first loads, passes without changes, and every tenth record changed per side."""
    watch = Watch(directory)
    stage = watch.stage
    sandbox_demo.furnish(stage.hubspot)
    person = stage.hubspot.add_account(PORTAL_ID, "Bench")
    syncs = _join()
    firms, deals = -(-records // ground.AT_A_COMPANY), -(-records // SHARE_CHANGED)
    counts = dict(zip(KEYS, (firms, records, deals), strict=True))
    say(f"{records} contacts at {firms} companies with {deals} deals are made ...")
    ids = ground.fill_firms(stage, PORTAL_ID, records)
    worth = [person.create("deals", ground.deal(number)) for number in range(deals)]
    for deal, contact in zip(worth, ids, strict=False):
        person.associate("deals", deal, "contacts", contact)

    def passed(what: str, key: str, kind: RunKind, aim: str = "") -> list[Row]:
        effort: Effort = watch.run(syncs[key], kind)
        say(f"Magentrix, {what}: {effort.seconds:.1f} s, {effort.run.counts}")
        return effort.rows(f"Magentrix: {what}", counts[key], aim, "hubspot", "magentrix")

    full, rows = RunKind.RECONCILE, list[Row]()
    for key in KEYS:
        rows += passed(f"first load of {key}", key, RunKind.BACKFILL, "1,500")
    for key in KEYS:
        rows += passed(f"pass over {key}, nothing changed", key, full, "5,000")
    for deal in worth[::SHARE_CHANGED]:
        person.edit("deals", deal, {"amount": "4711"})
    rows += passed("pass, every 10th deal changed in HubSpot", "deals", full)
    _change(stage)
    rows += passed("pass, every 10th contact changed in Magentrix", "contacts", full)
    return [*rows, Row("accounts / contacts / opportunities / links", _proof(stage, syncs))]


def _join() -> dict[str, ObjectSync]:
    """Connect and activate Magentrix and publish what its syncs start from."""
    login = {**sandbox_vendor.MAGENTRIX_LOGIN, "address": settings.MAGENTRIX_API_URL}
    integration = ground.join("magentrix", login, PORTAL_ID)
    user = User.objects.get(username="bench")
    (owner,) = (f for f in setting_values.asked(integration) if f.key == "default_owner")
    first = setting_values.options_of(integration, owner)[0].value
    activation.update_settings(integration, {owner.key: first}, user)
    activation.prepare(integration, user)
    syncs = {key: integration.object_syncs.get(key=key) for key in KEYS}
    for object_sync in syncs.values():
        ground.publish(object_sync)
    return syncs


def _change(stage: Stage) -> None:
    partner = stage.magentrix.person()
    for held in partner.all("Contact")[::SHARE_CHANGED]:
        partner.edit("Contact", str(held["Id"]), Title="Head of everything")


def _proof(stage: Stage, syncs: dict[str, ObjectSync]) -> str:
    """Return what is there afterwards, counted where it lies."""
    partner = stage.magentrix.person()
    counts = [len(partner.all(kind)) for kind in ("Account", "Contact", "Opportunity")]
    linked = RecordLink.objects.filter(object_sync__in=syncs.values(), state="linked")
    return " / ".join(f"{count:,}" for count in (*counts, linked.count()))
