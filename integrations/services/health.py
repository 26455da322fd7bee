"""Whether the portal works: the process, its database, its workers and its queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.core.exceptions import ImproperlyConfigured
from django.db import connection as database
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Min, Q
from django.utils import timezone

from integrations.models import ConnectionState, Heartbeat, Hint, SyncState
from integrations.services import carriage, vault

WORKER: Final = "worker"
HEARTBEAT_LIMIT: Final = timedelta(minutes=3)
QUEUE_LIMIT: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Check:
    """One aspect; `detail` is a sentence with its figure."""

    name: str
    ok: bool
    detail: str


def alive() -> bool:
    """Ask the database for an answer; raises OperationalError when there is none."""
    with database.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() is not None


def beat(name: str = WORKER) -> None:
    """Write down that a part of the portal works now."""
    now = timezone.now()
    Heartbeat.objects.update_or_create(name=name, defaults={"at": now})


def silent() -> bool:
    """Tell whether no worker has reported for too long."""
    return not _worker(timezone.now()).ok


def readiness() -> list[Check]:
    """Check the keys, migrations, the workers' heartbeat and the age of the oldest due hint."""
    now = timezone.now()
    return [_keys(), _migrations(), _worker(now), _queue(now)]


def _keys() -> Check:
    """Read the encryption keys: a mistyped one would first show when somebody connects."""
    try:
        vault.current_key_id()
    except ImproperlyConfigured as error:
        return Check("keys", False, str(error))
    return Check("keys", True, "The encryption keys can be used.")


def _migrations() -> Check:
    executor = MigrationExecutor(database)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    return Check("migrations", missing == 0, f"{missing} migrations are not applied.")


def _worker(now: datetime) -> Check:
    beat_at = Heartbeat.objects.filter(name=WORKER).values_list("at", flat=True).first()
    if beat_at is None:
        return Check("worker", False, "No worker has reported yet.")
    age = now - beat_at
    return Check(
        "worker", age < HEARTBEAT_LIMIT, f"Last heartbeat {int(age.total_seconds())} s ago."
    )


def _queue(now: datetime) -> Check:
    """Look at due hints that somebody should be working on; parked ones are no fault of ours."""
    backing_off = Q(object_sync__not_before__gt=now)
    rows = Hint.objects.filter(
        ~backing_off,
        due_at__lte=now,
        object_sync__state=SyncState.ACTIVE,
        object_sync__integration__state=SyncState.ACTIVE,
        object_sync__integration__hubspot__state=ConnectionState.ACTIVE,
        object_sync__integration__target__state=ConnectionState.ACTIVE,
    )
    oldest = carriage.without_waiting(rows).aggregate(oldest=Min("due_at"))["oldest"]
    age = now - oldest if oldest else timedelta()
    waits = int(age.total_seconds())
    return Check("queue", age < QUEUE_LIMIT, f"The oldest due hint waits {waits} s.")
