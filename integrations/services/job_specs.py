"""Which scheduled jobs an integration has: its connector's own, or one per object sync and pass.

Only what is declared; the rows that people change are in `jobs`, their starts in `starts`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext_noop

from integrations.engine.specs import ConnectorSpec, JobSpec, SyncSpec
from integrations.models import Integration, Job, RunKind
from integrations.services import connectors

DAILY: Final = 24 * 60
"""Minutes of a day; all periods are in minutes, 0 is never."""
POLLS: Final = (1, 2, 5, 10, 15, 30, 60)
SAFETY: Final = (4 * 60, 8 * 60, 12 * 60, DAILY)
FULL: Final = (DAILY, 7 * DAILY, 30 * DAILY, 0)


def of(integration: Integration) -> tuple[JobSpec, ...]:
    """Return an integration's jobs in the order they are shown; some have none."""
    spec = connectors.spec_of(integration.system)
    hubspot = connectors.spec_of(integration.hubspot.system)
    return spec.jobs or tuple(
        job for sync in spec.syncs if sync.configurable for job in _passes(sync, spec, hubspot)
    )


def find(integration: Integration, key: str) -> JobSpec | None:
    """Return one job, None for a key that the integration does not have (any more)."""
    return next((job for job in of(integration) if job.key == key), None)


def is_off(job: Job) -> bool:
    """Tell whether a job never starts by itself."""
    return not job.enabled or not job.minutes


def _passes(sync: SyncSpec, spec: ConnectorSpec, hubspot: ConnectorSpec) -> Iterator[JobSpec]:
    """Yield a pass over recent changes, a safety pass and a full one, as far as they can read."""
    sides = (hubspot.object(sync.hubspot_object), spec.object(sync.target_object))
    if any(side.has_modified_since and not side.lists_changes for side in sides):
        yield JobSpec(
            f"changes:{sync.key}",
            gettext_noop("Recent changes"),
            (sync.key,),
            kind=RunKind.INCREMENTAL.value,
            minutes=5,
            offered=POLLS,
            help_text=gettext_noop("Finds changes that no notice told of."),
        )
    if any(side.has_modified_since for side in sides):
        yield JobSpec(
            f"safety:{sync.key}",
            gettext_noop("Safety pass"),
            (sync.key,),
            kind=RunKind.SETTLED.value,
            minutes=4 * 60,
            offered=SAFETY,
            help_text=gettext_noop("Looks once more at what a search may have shown too late."),
        )
    if any(side.can_list for side in sides):
        yield JobSpec(
            f"full:{sync.key}",
            gettext_noop("Full pass"),
            (sync.key,),
            kind=RunKind.RECONCILE.value,
            minutes=7 * DAILY,
            offered=FULL,
            help_text=gettext_noop("Compares every record with its partner."),
        )
