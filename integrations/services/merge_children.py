"""Pairs that point to the pairs of a merge: they are looked at again, by the normal flow.

Which pairs point to which is stored nowhere. Whatever HubSpot knows is associated with the survivor
now, and what the target names as pointing to the extra record, is what a merge can have moved.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.db import transaction

from integrations.engine.config import SyncConfig
from integrations.engine.extras import Referrer, Relating
from integrations.engine.ports import Connector, Priority
from integrations.engine.records import Side
from integrations.models import ObjectSync, RunKind
from integrations.services import dependencies, hints, leases, runs, syncs
from integrations.services.hints import NewHint

CHUNK: Final = 1_000
Child = tuple[ObjectSync, SyncConfig]


def look_again(object_sync: ObjectSync, moved: Collection[Referrer]) -> None:
    """Ask to look at target records whose mapped field was changed; in the caller's transaction."""
    for row, config in _siblings(object_sync):
        fields = {rule.target for rule in config.rules}
        ids = [r.id for r in moved if r.object_type == row.target_object and r.field in fields]
        _raise(row, Side.TARGET, ids)


def look_at_all(object_sync: ObjectSync, hubspot: Connector, survivor: str) -> int:
    """Ask to look at every pair that may point to the survivor of a merge; returns how many.

    Where HubSpot's stand-in cannot tell, everything of the kind is passed through once.
    """
    count = 0
    for row, config in _siblings(object_sync):
        if not any(rule.reference == object_sync.key for rule in config.rules):
            continue
        if not isinstance(hubspot, Relating):
            runs.open_run(row, RunKind.RECONCILE)
            continue
        ids = hubspot.related(object_sync.hubspot_object, survivor, row.hubspot_object)
        for start in range(0, len(ids), CHUNK):
            with transaction.atomic():
                _raise(row, Side.HUBSPOT, ids[start : start + CHUNK])
        count += len(ids)
    return count


def _siblings(object_sync: ObjectSync) -> list[Child]:
    """Return the object syncs in use of the same integration with what is published for them."""
    rows = ObjectSync.objects.filter(
        integration=object_sync.integration_id, state__in=dependencies.IN_USE
    ).exclude(version=None)
    found = rows.select_related("integration__hubspot", "integration__target", "version", "tenant")
    return [(row, syncs.config_of(row)) for row in found.order_by("created_at")]


def _raise(row: ObjectSync, side: Side, ids: Collection[str]) -> None:
    if ids:
        leases.wait_for_settling([row.pk])
        wanted = [NewHint(side, one, Priority.RETRY) for one in sorted(set(ids))]
        hints.raise_hints(row.pk, wanted)
        hints.wake([row.pk])
