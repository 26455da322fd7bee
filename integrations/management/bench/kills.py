"""Kill -9 of the worker while entries wait, at random moments; then look whether all came right."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.db.models import Count

from integrations.management.bench import ground
from integrations.management.bench.live import portal
from integrations.management.check.sandbox import HubSpot, Rxnt
from integrations.models import Event, EventOutcome, Hint, Intent, RecordLink
from portal.supervisor import Supervisor

PATIENCE: Final = 900.0
"""Seconds after the last kill by which everything must be settled."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was seen, as sentences, and what was wrong."""

    seen: tuple[str, ...]
    wrong: tuple[str, ...]


def torment(entries: int, kills: int, seed: int, say: Callable[[str], None]) -> Report:
    """Let `entries` contacts enter the stage at once and kill the worker `kills` times."""
    dice = random.Random(seed)  # noqa: S311 - repeatable
    with portal({}) as (supervisor, hubspot, rxnt):
        ground.connect()
        hubspot.call("PATCH", "/sandbox/settings", {"webhooks_paused": True})
        ids = {
            hubspot.create({name: str(value) for name, value in ground.contact(n).items()})
            for n in range(entries)
        }
        hubspot.call("PATCH", "/sandbox/settings", {"webhooks_paused": False})
        say(f"{entries} contacts entered the stage.")
        for number in range(1, kills + 1):
            saved = _some_progress(rxnt, entries)
            time.sleep(dice.uniform(0, 4))
            _kill(supervisor, whole=dice.random() < 0.7)
            say(f"kill {number} of {kills}: {saved} patients, {_open()} events open")
        _settled(hubspot)
        return _report(rxnt, ids)


def _some_progress(rxnt: Rxnt, entries: int) -> int:
    """Wait until the worker has saved something since the last look, or all is saved."""
    before = rxnt.call("GET", "/sandbox/count")["count"]
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        now: int = rxnt.call("GET", "/sandbox/count")["count"]
        if now > before or now >= entries:
            return now
        time.sleep(0.2)
    raise RuntimeError("The worker did not go on after a kill.")


def _kill(supervisor: Supervisor, *, whole: bool) -> None:
    """Kill the worker's main process, or only one of the processes it has made."""
    process = next(child.process for child in supervisor.children if child.name == "worker")
    if process is None:
        return
    if whole:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    else:
        process.kill()
        process.wait()
    supervisor.revive()


def _open() -> int:
    return EventOutcome.objects.filter(outcome="").count()


def _settled(hubspot: HubSpot) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        waiting = Hint.objects.exists() or _open() or Event.objects.filter(routed_at=None).exists()
        if not waiting and not hubspot.undelivered():
            return
        time.sleep(1)


def _report(rxnt: Rxnt, ids: set[str]) -> Report:
    patients = rxnt.patients()
    per_contact = Counter(row.external_id.removeprefix("hubspot_") for row in patients)
    twice = sum(1 for row in patients if row.saves > 1)
    per_event = EventOutcome.objects.values("event").annotate(n=Count("id"))
    links = RecordLink.objects.filter(hubspot_id__in=ids)
    wrong = {
        "contacts without exactly one patient": sum(per_contact[i] != 1 for i in ids),
        "patients of nobody": sum(1 for contact in per_contact if contact not in ids),
        "events without an outcome": _open() + Event.objects.filter(routed_at=None).count(),
        "events with several outcomes": per_event.filter(n__gt=1).count(),
        "links not linked": links.exclude(state="linked").count(),
        "contacts without exactly one link": abs(len(ids) - links.count()),
        "hints left": Hint.objects.count(),
        "intents without an end": Intent.objects.filter(state__in=("planned", "unknown")).count(),
    }
    seen = (
        f"{len(patients)} patients of {len(ids)} contacts; {twice} were saved again by a retry",
        f"{Event.objects.count()} events, {EventOutcome.objects.count()} outcomes: "
        f"{dict(Counter(EventOutcome.objects.values_list('outcome', flat=True)))}",
    )
    return Report(seen, tuple(f"{count} {what}" for what, count in wrong.items() if count))
