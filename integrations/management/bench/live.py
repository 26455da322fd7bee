"""Rows of the whole portal at work: web, worker and sandbox as processes of their own."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import requests
from django.conf import settings
from django.db.models import QuerySet

from integrations.management.bench import ground, notices
from integrations.management.bench.table import Row, percentile
from integrations.management.check.sandbox import HubSpot, Rxnt
from integrations.models import JobRun, ObjectSync, RunKind
from integrations.services import runs, sandbox_demo, sandbox_firm
from portal.supervisor import Supervisor, children

NO_LIMITS: Final = {
    "HUBSPOT_RATE": "0",
    "HUBSPOT_SEARCH_RATE": "0",
    "RXNT_RATE": "0",
    "THENA_RATE": "0",
    "THENA_EVENTS_RATE": "0",
}
ENTRIES: Final = 100
LONG_RUN: Final = 10_000
LONG_RUN_BOTH: Final = 3_000
"""Contacts that are loaded while the worker's memory is watched: to RXNT, and to Thena."""
PATIENCE: Final = 60.0
Person = Callable[[int], dict[str, str]]
"""Makes the values of the contact with a number."""
Arrived = Callable[[str, int], bool]
"""Tells of a HubSpot id and the contact's number whether it is in the other system."""


def measure(say: Callable[[str], None]) -> list[Row]:
    """Start everything, measure intake, latency and memory, end everything."""
    with portal(NO_LIMITS) as (supervisor, hubspot, rxnt):
        object_sync = ground.connect()
        hubspot.call("PATCH", "/sandbox/settings", {"rate_limits": False})
        say("webhooks come in ...")
        rows = notices.measure()
        say(f"{ENTRIES} contacts enter the stage, one after the other ...")
        rows.append(
            _latency("patient in RXNT", hubspot, _patient, lambda key, _n: _is_patient(rxnt, key))
        )
        say(f"{LONG_RUN} contacts are loaded while the worker's memory is watched ...")
        _fill(hubspot, _patient, LONG_RUN)
        rows.append(
            _memory(
                supervisor,
                object_sync,
                RunKind.MANUAL,
                LONG_RUN,
                "RXNT",
                {"fired": True, "approved": True},
            )
        )
        hubspot.call("PATCH", "/sandbox/settings", {"webhooks_paused": False})
        rows += _thena(supervisor, say)
    return rows


def _thena(supervisor: Supervisor, say: Callable[[str], None]) -> list[Row]:
    """Measure the same between HubSpot and Thena, over the demo's software firm."""
    app_id = int(settings.HUBSPOT_APP_ID)
    hubspot = HubSpot(settings.HUBSPOT_API_URL, sandbox_firm.PORTAL_ID, app_id)
    integration = ground.join("thena", sandbox_firm.THENA_LOGIN, sandbox_firm.PORTAL_ID)
    for key in ("companies", "contacts"):
        object_sync = integration.object_syncs.get(key=key)
        ground.publish(object_sync)
        _rest(supervisor, JobRun.objects.filter(object_sync=object_sync))
    say(f"{ENTRIES} contacts are made, one after the other ...")
    rows = [_latency("contact in Thena", hubspot, _colleague, _is_in_thena)]
    say(f"{LONG_RUN_BOTH} contacts are loaded while the worker's memory is watched ...")
    _fill(hubspot, _colleague, LONG_RUN_BOTH)
    return [
        *rows,
        _memory(
            supervisor, object_sync, RunKind.RECONCILE, LONG_RUN_BOTH, "Thena", {"approved": True}
        ),
    ]


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


def _latency(what: str, hubspot: HubSpot, person: Person, arrived: Arrived) -> Row:
    """Time from the moment a HubSpot user saves a contact until it is there."""
    seconds = [_entry(hubspot, number, person, arrived) for number in range(ENTRIES)]
    p50, p95 = percentile(seconds, 0.5), percentile(seconds, 0.95)
    return Row(
        f"contact saved in HubSpot → {what}, p50 / p95", f"{p50:.2f} s / {p95:.2f} s", "1 s / 3 s"
    )


def _entry(hubspot: HubSpot, number: int, person: Person, arrived: Arrived) -> float:
    start = time.perf_counter()
    contact_id = hubspot.create(person(number))
    while time.perf_counter() - start < PATIENCE:
        if arrived(contact_id, number):
            return time.perf_counter() - start
        time.sleep(0.01)
    raise RuntimeError("A contact did not arrive in a minute.")


def _patient(number: int) -> dict[str, str]:
    return {name: str(value) for name, value in ground.contact(number).items()}


def _colleague(number: int) -> dict[str, str]:
    return {name: str(value) for name, value in ground.colleague(number).items()}


def _is_patient(rxnt: Rxnt, contact_id: str) -> bool:
    found = rxnt.call("GET", f"/sandbox/patients?external_id=hubspot_{contact_id}")
    return bool(found["patients"])


def _is_in_thena(_contact_id: str, number: int) -> bool:
    address = f"{settings.THENA_API_URL}/sandbox/contacts"
    held = requests.get(address, timeout=10).json()["contacts"]
    return ground.contact(number)["email"] in {contact["email"] for contact in held}


def _fill(hubspot: HubSpot, person: Person, count: int) -> None:
    """Make contacts that nobody is told of."""
    hubspot.call("PATCH", "/sandbox/settings", {"webhooks_paused": True})
    with requests.Session() as session:
        hubspot.session = session
        for number in range(ENTRIES, ENTRIES + count):
            hubspot.create(person(number))


def _memory(
    supervisor: Supervisor,
    object_sync: ObjectSync,
    kind: RunKind,
    count: int,
    system: str,
    scope: Mapping[str, object],
) -> Row:
    samples: list[float] = []
    done = threading.Event()
    leader = next(c.process for c in supervisor.children if c.name == "worker")
    watcher = threading.Thread(target=_sample, args=(leader.pid if leader else 0, samples, done))
    run = runs.open_run(object_sync, kind, scope=scope)
    watcher.start()
    start = time.perf_counter()
    _rest(supervisor, JobRun.objects.filter(pk=run.pk))
    seconds = time.perf_counter() - start
    done.set()
    watcher.join()
    half = len(samples) // 2
    early, late = (sum(part) / max(1, len(part)) for part in (samples[:half], samples[half:]))
    return Row(
        f"worker's memory, {count:,} loaded to {system} over HTTP ({count / seconds:,.0f}/s): "
        "first half / second half / most",
        f"{early:.0f} / {late:.0f} / {max(samples):.0f} MB",
        "flat, < 300 MB",
    )


def _rest(supervisor: Supervisor, wanted: QuerySet[JobRun]) -> None:
    """Wait until these runs have ended."""
    while wanted.filter(state__in=runs.WORKABLE).exists():
        if supervisor.asked_to_end.wait(0.5):
            raise KeyboardInterrupt


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
