"""The breaker for deletions that come one by one, as notices: many in an hour wait for a person.

Runs have the engine's breaker. Nothing here archives; it counts intents and asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from integrations.engine.config import DeletePolicy, SyncConfig
from integrations.engine.errors import UnsafePlan
from integrations.engine.pairs import Action, LinkState
from integrations.engine.plan import EMPTIED_FLOOR, Plan
from integrations.engine.reasons import Reason
from integrations.models import Intent, JobRun, ObjectSync, RecordLink, RunKind, RunState
from integrations.services import runs

WINDOW: Final = timedelta(hours=1)
"""Over how long deletions are counted, and how long a person's answer to them holds."""
ARCHIVE: Final = DeletePolicy.ARCHIVE


def answered(object_sync: ObjectSync, config: SyncConfig) -> SyncConfig:
    """Return the configuration under which notices are worked on now.

    Within an hour of a person's refusal, deletions only end links. No query where no deletion is
    ever carried on.
    """
    if ARCHIVE not in (config.on_hubspot_delete, config.on_target_delete):
        return config
    if _answer(object_sync, timezone.now()) != RunState.CANCELLED:
        return config
    return replace(
        config,
        on_hubspot_delete=_without_archive(config.on_hubspot_delete),
        on_target_delete=_without_archive(config.on_target_delete),
    )


def _without_archive(policy: DeletePolicy) -> DeletePolicy:
    return DeletePolicy.KEEP if policy is ARCHIVE else policy


def check(object_sync: ObjectSync, config: SyncConfig, plan: Plan) -> None:
    """Raise UnsafePlan if this plan would archive too many records within an hour.

    Archives of earlier slices and other workers count, by their intents. What a person has just
    decided about does not. Plans without any other archive cost no query.
    """
    archives = sum(
        item.decision.action is Action.ARCHIVE and item.pair.link.verdict is None
        for item in plan.items
    )
    now = timezone.now()
    if not archives or _answer(object_sync, now) == RunState.DONE:
        return
    before = Intent.objects.filter(
        object_sync=object_sync, action=Action.ARCHIVE, created_at__gt=now - WINDOW
    ).count()
    live = RecordLink.objects.filter(object_sync=object_sync, state=LinkState.LINKED).count()
    linked, total = live + before, archives + before
    most = config.breaker.max_share * linked
    too_many = linked > config.breaker.floor and total > most
    emptied = total >= EMPTIED_FLOOR and total == linked
    if too_many or emptied:
        raise UnsafePlan(
            f"{total} of {linked} linked records would be archived within an hour.",
            reason=Reason.MASS_DELETE,
        )


def ask(object_sync: ObjectSync, error: UnsafePlan, plan: Mapping[str, Any]) -> None:
    """Hold the object sync with a run that a person approves or cancels; its hints wait."""
    with transaction.atomic():
        run, _created = JobRun.objects.get_or_create(
            object_sync=object_sync,
            kind=RunKind.DELETIONS,
            state__in=runs.OPEN,
            defaults={
                "tenant_id": object_sync.tenant_id,
                "state": RunState.RUNNING,
                "started_at": timezone.now(),
                "version_number": object_sync.version.number if object_sync.version else 0,
            },
        )
        run.object_sync = object_sync
        runs.hold(run, error, plan)


def _answer(object_sync: ObjectSync, now: datetime) -> str:
    """Return the state of the newest question somebody answered within the window, "" for none."""
    rows = JobRun.objects.filter(
        object_sync=object_sync, kind=RunKind.DELETIONS, ended_at__gt=now - WINDOW
    )
    return rows.order_by("-id").values_list("state", flat=True).first() or ""
