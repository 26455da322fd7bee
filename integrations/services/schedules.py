"""When what runs by itself: the portal's own tasks, and the passes of every object sync.

Rows of django-q2 that are kept in step with the code and with each object sync; they only open
runs. Only superusers may edit the rows, and every start of a worker puts them right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zlib import crc32

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django_q.models import Schedule
from django_q.tasks import async_task

from integrations.engine.errors import ConfigInvalid
from integrations.models import ObjectSync, RunKind, SyncState
from integrations.services import audit, connectors, tenants

DAILY: Final = 24 * 60
MINUTES: Final = {
    "sweep": 1,
    "seal_audit": 5,
    "refresh_totals": 10,
    "refresh_fields": 60,
    "prune": DAILY,
    "check_connections": DAILY,
}
"""Task of `integrations.tasks` to the minutes between two calls."""
POLL_MINUTES: Final = (1, 2, 5, 10, 15, 30, 60)
SAFETY_HOURS: Final = (4, 8, 12, 24)
FULL_DAYS: Final = (1, 7, 30, 0)
"""What may be chosen as periods; 0 is never."""
_PREFIX: Final = "sync: "
_OF_DAYS: Final = {1: Schedule.DAILY, 7: Schedule.WEEKLY, 30: Schedule.MONTHLY}


@dataclass(frozen=True, slots=True)
class _Pass:
    """One scheduled pass of an object sync, as its row says it."""

    object_sync: UUID
    kind: RunKind
    period: timedelta

    @property
    def name(self) -> str:
        return f"{_PREFIX}{self.object_sync} {self.kind}"

    def row(self) -> dict[str, Any]:
        """Return the columns of the row, without when it runs next."""
        days = self.period.days if self.kind == RunKind.RECONCILE else 0
        return {
            "func": "integrations.tasks.open_scheduled_run",
            "args": repr((str(self.object_sync), self.kind.value)),
            "schedule_type": _OF_DAYS[days] if days else Schedule.MINUTES,
            "minutes": None if days else int(self.period.total_seconds() // 60),
            "repeats": -1,
        }

    def first(self, now: datetime) -> datetime:
        """Return when it runs first: spread over the period, so that not all start together."""
        return now + self.period * (crc32(self.name.encode()) / 2**32)


def ensure() -> int:
    """Create or correct all schedules; returns how many had to be created. Safe to repeat.

    The next worker sweeps as soon as it starts: the scheduler looks only every half minute.
    """
    made = 0
    with transaction.atomic():
        for name, minutes in MINUTES.items():
            _row, created = Schedule.objects.update_or_create(
                name=f"portal: {name}",
                defaults={
                    "func": f"integrations.tasks.{name}",
                    "schedule_type": Schedule.MINUTES,
                    "minutes": minutes,
                    "repeats": -1,
                },
            )
            made += created
        rows = ObjectSync.objects.select_related("integration__hubspot")
        stored = Schedule.objects.filter(name__startswith=_PREFIX)
        made += _keep(rows, {row.name: row for row in stored})
        async_task("integrations.tasks.sweep")
    return made


def follow(*object_syncs: ObjectSync) -> None:
    """Bring the schedules of object syncs in line with their state and periods.

    To be called, in the same transaction, wherever one of these changes. What is paused, being set
    up or uninstalled has no schedules.
    """
    keys = [row.pk for row in object_syncs]
    rows = ObjectSync.objects.filter(pk__in=keys).select_related("integration__hubspot")
    with transaction.atomic():
        _keep(rows, {row.name: row for row in _stored(keys)})


def next_runs(*object_syncs: ObjectSync) -> dict[UUID, dict[RunKind, datetime]]:
    """Return when the passes of each object sync start next, with one query."""
    found: dict[UUID, dict[RunKind, datetime]] = {row.pk: {} for row in object_syncs}
    for name, at in _stored(found).values_list("name", "next_run"):
        key, _space, kind = name.removeprefix(_PREFIX).partition(" ")
        found[UUID(key)][RunKind(kind)] = at
    return found


def has_passes(object_sync: ObjectSync) -> bool:
    """Tell whether there is something to schedule: an admin configures it, a side can be polled."""
    return bool(_passes(object_sync))


def set_periods(
    object_sync: ObjectSync,
    user: AbstractBaseUser,
    *,
    poll: int | None = None,
    safety: int | None = None,
    full: int | None = None,
) -> None:
    """Choose how often changes are polled (minutes), made sure of (hours) and all read (days).

    None keeps a period. Raises ConfigInvalid for one that is not offered, PermissionDenied.
    """
    tenants.require(user, object_sync.tenant, change=True)
    wanted = {
        "poll_minutes": (poll, POLL_MINUTES),
        "safety_hours": (safety, SAFETY_HOURS),
        "full_days": (full, FULL_DAYS),
    }
    chosen = {name: value for name, (value, _offered) in wanted.items() if value is not None}
    if any(value not in wanted[name][1] for name, value in chosen.items()):
        raise ConfigInvalid(_("This period is not offered. Choose one of the list."))
    changed = {name: v for name, v in chosen.items() if getattr(object_sync, name) != v}
    if not changed:
        return
    with transaction.atomic():
        for name, value in changed.items():
            setattr(object_sync, name, value)
        object_sync.save(update_fields=list(changed))
        follow(object_sync)
        audit.record(
            object_sync.tenant,
            "schedule.changed",
            user=user,
            object_sync=object_sync,
            detail=", ".join(f"{name} = {value}" for name, value in changed.items()),
        )


def _keep(rows: Iterable[ObjectSync], stored: Mapping[str, Schedule]) -> int:
    """Create, correct and delete rows until they say what the object syncs want."""
    now, missing = timezone.now(), []
    wanted = {each.name: each for row in rows if _runs(row) for each in _passes(row)}
    for name, each in wanted.items():
        row, columns = stored.get(name), each.row()
        if row is None:
            missing.append(Schedule(name=name, next_run=each.first(now), **columns))
        elif any(getattr(row, column) != value for column, value in columns.items()):
            Schedule.objects.filter(pk=row.pk).update(**columns, next_run=each.first(now))
    Schedule.objects.bulk_create(missing)
    stale = [row.pk for name, row in stored.items() if name not in wanted]
    if stale:
        Schedule.objects.filter(pk__in=stale).delete()
    return len(missing)


def _runs(row: ObjectSync) -> bool:
    """Tell whether an object sync works by itself; one that is held may go on at any time."""
    working = row.state in (SyncState.ACTIVE, SyncState.HELD) and row.version_id is not None
    return working and row.integration.state == SyncState.ACTIVE


def _passes(row: ObjectSync) -> list[_Pass]:
    system = connectors.spec_of(row.integration.system)
    if not system.sync(row.key).configurable:
        return []
    sides = (
        connectors.spec_of(row.integration.hubspot.system).object(row.hubspot_object),
        system.object(row.target_object),
    )
    polls = any(side.has_modified_since and not side.lists_changes for side in sides)
    trails = any(side.has_modified_since for side in sides)
    lists = any(side.can_list for side in sides)
    periods = (
        (RunKind.INCREMENTAL, timedelta(minutes=row.poll_minutes) * polls),
        (RunKind.SETTLED, timedelta(hours=row.safety_hours) * trails),
        (RunKind.RECONCILE, timedelta(days=row.full_days) * lists),
    )
    return [_Pass(row.pk, kind, period) for kind, period in periods if period]


def _stored(keys: Iterable[UUID]) -> QuerySet[Schedule]:
    """Return the rows of these object syncs."""
    kinds = (RunKind.INCREMENTAL, RunKind.SETTLED, RunKind.RECONCILE)
    names = [f"{_PREFIX}{key} {kind}" for key in keys for kind in kinds]
    rows: QuerySet[Schedule] = Schedule.objects.filter(name__in=names)
    return rows
