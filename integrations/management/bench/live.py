"""Rows of the whole portal at work: web, worker and sandbox as processes of their own."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import requests
from django.conf import settings

from integrations.management.bench import ground, notices
from integrations.management.bench.table import Row, percentile
from integrations.management.check.sandbox import HubSpot, Rxnt
from integrations.models import JobRun, ObjectSync, RunKind
from integrations.services import runs, sandbox_demo
from portal.supervisor import Supervisor, children

NO_LIMITS: Final = {"HUBSPOT_RATE": "0", "RXNT_RATE": "0"}
ENTRIES: Final = 100
LONG_RUN: Final = 10_000
PATIENCE: Final = 60.0


def measure(say: Callable[[str], None]) -> list[Row]:
    """Start everything, measure intake, latency and memory, end everything."""
    with portal(NO_LIMITS) as (supervisor, hubspot, rxnt):
        object_sync = ground.connect()
        hubspot.call("PATCH", "/sandbox/settings", {"rate_limits": False})
        say("webhooks come in ...")
        rows = notices.measure()
        say(f"{ENTRIES} contacts enter the stage, one after the other ...")
        rows.append(_latency(hubspot, rxnt))
        say(f"{LONG_RUN} contacts are loaded while the worker's memory is watched ...")
        rows.append(_memory(supervisor, hubspot, object_sync))
    return rows


@contextmanager
def portal(changes: dict[str, str]) -> Iterator[tuple[Supervisor, HubSpot, Rxnt]]:
    """Run web, worker and sandbox; yields their supervisor and both sandboxes."""
    env = {**os.environ, **changes}
    hubspot = HubSpot(
        settings.HUBSPOT_API_URL, sandbox_demo.PORTAL_ID, int(settings.HUBSPOT_APP_ID)
    )
    with Supervisor(children(env), env, echo=False) as supervisor:
        if not supervisor.wait_for(settings.PUBLIC_URL, settings.HUBSPOT_API_URL):
            raise RuntimeError("The portal or the sandbox did not come up.")
        yield supervisor, hubspot, Rxnt(settings.RXNT_API_URL)


def _latency(hubspot: HubSpot, rxnt: Rxnt) -> Row:
    """Time from the moment a HubSpot user saves the contact until the patient is there."""
    seconds = [_entry(hubspot, rxnt, number) for number in range(ENTRIES)]
    p50, p95 = percentile(seconds, 0.5), percentile(seconds, 0.95)
    return Row(
        "contact saved in HubSpot → patient, p50 / p95", f"{p50:.2f} s / {p95:.2f} s", "1 s / 3 s"
    )


def _entry(hubspot: HubSpot, rxnt: Rxnt, number: int) -> float:
    start = time.perf_counter()
    contact_id = hubspot.create({k: str(v) for k, v in ground.contact(number).items()})
    while time.perf_counter() - start < PATIENCE:
        found = rxnt.call("GET", f"/sandbox/patients?external_id=hubspot_{contact_id}")
        if found["patients"]:
            return time.perf_counter() - start
        time.sleep(0.01)
    raise RuntimeError("A patient did not arrive in a minute.")


def _memory(supervisor: Supervisor, hubspot: HubSpot, object_sync: ObjectSync) -> Row:
    hubspot.call("PATCH", "/sandbox/settings", {"webhooks_paused": True})
    with requests.Session() as session:
        hubspot.session = session
        for number in range(ENTRIES, ENTRIES + LONG_RUN):
            hubspot.create({k: str(v) for k, v in ground.contact(number).items()})
    samples: list[float] = []
    done = threading.Event()
    leader = next(c.process for c in supervisor.children if c.name == "worker")
    watcher = threading.Thread(target=_sample, args=(leader.pid if leader else 0, samples, done))
    run = runs.open_run(object_sync, RunKind.MANUAL, scope={"fired": True})
    watcher.start()
    start = time.perf_counter()
    while JobRun.objects.filter(pk=run.pk, state__in=runs.WORKABLE).exists():
        if supervisor.asked_to_end.wait(0.5):
            raise KeyboardInterrupt
    seconds = time.perf_counter() - start
    done.set()
    watcher.join()
    half = len(samples) // 2
    early, late = (sum(part) / max(1, len(part)) for part in (samples[:half], samples[half:]))
    return Row(
        f"worker's memory, {LONG_RUN:,} loaded over HTTP ({LONG_RUN / seconds:,.0f}/s): "
        "first half / second half / most",
        f"{early:.0f} / {late:.0f} / {max(samples):.0f} MB",
        "flat, < 300 MB",
    )


def _sample(leader: int, samples: list[float], done: threading.Event) -> None:
    """Note the size of the largest process of the worker's session, twice a second."""
    while not done.wait(0.5):
        sizes = [_resident(pid) for pid in _session(leader)]
        samples.append(max(sizes, default=0.0))


def _session(leader: int) -> Sequence[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if os.getsid(int(entry.name)) == leader:
                    found.append(int(entry.name))
            except ProcessLookupError:
                continue
    return found


def _resident(pid: int) -> float:
    """Return a process's resident memory in MB, 0 when it has just ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)
