"""What a pass took: time, its share inside the stand-ins, CPU, statements, calls. Judges nothing.

The stand-ins answer in this process. What they cost is measured apart, for it is no cost of ours.
"""

from __future__ import annotations

import gc
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import requests
from django.conf import settings
from django.db import connection
from requests.adapters import BaseAdapter

from integrations.management.bench.table import Row
from integrations.models import JobRun, ObjectSync, RunKind, RunState
from integrations.services import connectors, hints, lanes, runs
from integrations.services.sandbox import Stage

SETTINGS: Final = {
    "HUBSPOT_API_URL": "http://hubspot.bench",
    "HUBSPOT_APP_URL": "http://hubspot.bench",
    "RXNT_API_URL": "http://rxnt.bench",
    "THENA_API_URL": "http://thena.bench",
    "THENA_APPS_URL": "http://apps.thena.bench",
    "MAGENTRIX_API_URL": "http://magentrix.bench",
    "XENTRAL_API_URL": "http://xentral.bench",
    "HUBSPOT_RATE": 0,
    "HUBSPOT_SEARCH_RATE": 0,
    "RXNT_RATE": 0,
    "THENA_RATE": 0,
    "THENA_EVENTS_RATE": 0,
    "MAGENTRIX_RATE": 0,
    "XENTRAL_RATE": 0,
}
READS: Final = re.compile(r"/(read|search|filter|token|query|AdresseGruppenList|AdresseListeGet)\b")
"""Path families whose POSTs only read."""


@dataclass(slots=True)
class Inside:
    """Seconds and CPU seconds spent inside the stand-ins."""

    seconds: float = 0.0
    cpu: float = 0.0


class TimedAdapter(BaseAdapter):
    """Hands requests on to a stand-in and adds up what its answers take."""

    def __init__(self, stand_in: BaseAdapter, inside: Inside) -> None:
        super().__init__()
        self.stand_in, self.inside = stand_in, inside

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Answer."""
        start, cpu = time.perf_counter(), time.thread_time()
        try:
            return self.stand_in.send(request)
        finally:
            self.inside.seconds += time.perf_counter() - start
            self.inside.cpu += time.thread_time() - cpu

    def close(self) -> None:
        """Hold nothing open, so nothing to close."""


@dataclass(frozen=True, slots=True)
class Effort:
    """What a pass took. `cpu` is that of this process and of its database session.

    `inside` is the stand-ins' part of both; `reads` and `writes` are calls by stand-in. A slice
    takes a page of records that are new to the pass, and before it pages that hold none.
    """

    seconds: float
    cpu: float
    inside: Inside
    queries: int
    slices: int
    reads: Mapping[str, int]
    writes: Mapping[str, int]
    run: JobRun

    def rows(self, what: str, records: int, wanted: str, *systems: str) -> list[Row]:
        """Return the rows of a pass over so many records."""
        own_cpu = max(self.cpu - self.inside.cpu, 0.001)
        found = [
            Row(f"{what}, records/s", f"{records / self.seconds:,.0f}", wanted),
            Row(
                "  per second without the stand-ins / of CPU without them",
                f"{records / max(self.seconds - self.inside.seconds, 0.001):,.0f} / "
                f"{records / own_cpu:,.0f}",
            ),
            Row(
                "  queries per slice / per 100 records, lease and budget included",
                f"{self.queries / self.slices:.1f} / {self._per(self.queries, records)}",
                "< 25",
            ),
        ]
        for system in systems:
            read = self._per(self.reads[system], records)
            written = self._per(self.writes[system], self.run.written)
            label = label_of(system)
            found.append(Row(f"  {label} requests per 100 read / written", f"{read} / {written}"))
        return found

    @staticmethod
    def _per(count: int, records: int) -> str:
        return f"{count / records * 100:.2f}" if records and count else "–"


def label_of(system: str) -> str:
    """Return what people call a system."""
    return connectors.spec_of(system).label


class Watch:
    """The stand-ins mounted without limits, and everything that is counted around a pass."""

    def __init__(self, directory: Path) -> None:
        self.stage = Stage(directory)
        self.inside = Inside()
        for name, value in SETTINGS.items():
            setattr(settings, name, value)
        self.stage.mount()
        for address, adapter in connectors.MOUNTS.items():
            connectors.MOUNTS[address] = TimedAdapter(adapter, self.inside)
        self.stage.hubspot.behaviour.change({"rate_limits": False, "webhooks_paused": True})
        self.stage.thena.change(rate_limit=0)

    def run(self, object_sync: ObjectSync, kind: RunKind, **scope: object) -> Effort:
        """Work one run to its end; raises RuntimeError if it ends in any other way than done."""
        for sandbox in self.stage.sandboxes.values():
            sandbox.counters.clear()
        self.inside.seconds = self.inside.cpu = 0.0
        run = runs.open_run(object_sync, kind, scope=scope)
        gc.collect()
        gc.freeze()  # what the stand-ins hold is no burden of a worker
        with counted_queries() as queries:
            start, cpu = time.perf_counter(), _cpu()
            while JobRun.objects.filter(pk=run.pk, state__in=runs.WORKABLE).exists():
                lanes.work(object_sync.pk)
            seconds, cpu = time.perf_counter() - start, _cpu() - cpu
        run.refresh_from_db()
        if run.state != RunState.DONE:
            raise RuntimeError(f"The run ended {run.state}, {run.reason}: {run.reason_detail}")
        reads, writes = self._calls()
        inside = Inside(self.inside.seconds, self.inside.cpu)
        gc.unfreeze()
        slices = queries[hints.TAKE]
        return Effort(seconds, cpu, inside, queries.total(), slices, reads, writes, run)

    def _calls(self) -> tuple[Counter[str], Counter[str]]:
        reads, writes = Counter[str](), Counter[str]()
        for system, sandbox in self.stage.sandboxes.items():
            for (method, path), count in sandbox.counters.items():
                is_read = method == "GET" or READS.search(path)
                (reads if is_read else writes)[system] += count
        return reads, writes


@contextmanager
def counted_queries() -> Iterator[Counter[str]]:
    """Count the statements of this thread by their text."""
    count = Counter[str]()

    def wrapper(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        count[sql] += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        yield count


def _cpu() -> float:
    """Return the CPU seconds of this process and, where it can be seen, its database session."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return time.process_time()
    return time.process_time() + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
