"""What does not travel because a scheduled job is switched off, and going on once it is on again.

The flow itself keeps closed sides (`engine.closing`); here is which sides those are, which hints
and pages wait meanwhile, and that everything kept back is looked at again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from integrations.engine.config import SyncConfig
from integrations.engine.ports import Priority
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.engine.specs import JobSpec
from integrations.models import Hint, Job, ObjectSync
from integrations.services import connectors, job_specs, ledger_sql, retries

OFF: Final = Q(enabled=False) | Q(minutes=0)


@dataclass(frozen=True, slots=True)
class Off:
    """The sides from which nothing travels for now, and the labels of the jobs that are off."""

    sides: tuple[Side, ...] = ()
    labels: tuple[str, ...] = ()

    def closing(self, config: SyncConfig) -> SyncConfig:
        """Return a configuration by which nothing is written for records of these sides."""
        if not self.sides:
            return config
        closed = tuple(side.other for side in self.sides)
        return replace(config, closed=closed, closed_by=", ".join(self.labels))


NOTHING: Final = Off()


def of(object_sync: ObjectSync) -> Off:
    """Return what is off for an object sync: one query, and none where no job carries anything."""
    specs = _carriers(object_sync)
    if not specs:
        return NOTHING
    keys = [spec.key for spec in specs]
    rows = Job.objects.filter(integration=object_sync.integration_id, key__in=keys)
    off = set(rows.filter(OFF).values_list("key", flat=True))
    return _off(specs, off) if off else NOTHING


def enter(object_sync: ObjectSync, fence: int) -> Off:
    """Return what is off for the slice that begins now; to be called by the lane's holder.

    What an earlier slice kept back, of a side that is open again, is looked at: the object sync
    says what was shut in its last slice, so nothing is forgotten when a worker dies. Raises
    LeaseLost.
    """
    off = of(object_sync)
    shut = " ".join(side.value for side in off.sides)
    if shut != object_sync.shut:
        if set(object_sync.shut.split()) - set(shut.split()):
            for reason in (Reason.JOB_OFF, Reason.DELETE_HELD):
                retries.look_again(object_sync, reason)
        with transaction.atomic():
            ledger_sql.check_fence(object_sync.pk, fence)
            ObjectSync.objects.filter(pk=object_sync.pk).update(shut=shut)
        object_sync.shut = shut
    return off


def without_waiting(rows: QuerySet[Hint]) -> QuerySet[Hint]:
    """Leave out hints of any lane that wait for a job."""
    for row, side in _shut():
        rows = rows.exclude(object_sync=row.pk, side=side.value, priority=Priority.WEBHOOK)
    return rows


def reopened() -> list[ObjectSync]:
    """Return the object syncs whose last slice kept something back that may go on now."""
    rows = ObjectSync.objects.exclude(shut="").select_related("integration__hubspot")
    return [row for row in rows if set(row.shut.split()) - {side.value for side in of(row).sides}]


def _shut() -> list[tuple[ObjectSync, Side]]:
    specs = connectors.target_specs()
    systems = [spec.key for spec in specs if any(job.carries for job in spec.jobs)]
    if not systems:
        return []
    jobs = Job.objects.filter(OFF, integration__system__in=systems)
    rows = ObjectSync.objects.filter(integration__in=jobs.values("integration"))
    rows = rows.select_related("integration__hubspot")
    return [(row, side) for row in rows for side in of(row).sides]


def _carriers(object_sync: ObjectSync) -> list[JobSpec]:
    specs = job_specs.of(object_sync.integration)
    return [spec for spec in specs if spec.carries and object_sync.key in spec.syncs]


def _off(specs: list[JobSpec], off: set[str]) -> Off:
    """Close the sides of which every job that carries them is off."""
    carried = {side for spec in specs if spec.key not in off for side in spec.sides}
    sides = tuple(
        side for side in Side if side not in carried and any(side in spec.sides for spec in specs)
    )
    labels = [spec.label for spec in specs if set(spec.sides).intersection(sides)]
    return Off(sides, tuple(f"“{label}”" for label in labels))
