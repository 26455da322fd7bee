"""The breaker for deletions that come one by one, as notices: many in an hour wait for a person.

Runs have the engine's breaker. Nothing here archives; it counts intents and asks. An approval lets
as many go as the person was told of; a refusal holds for everything the lane does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from integrations.models import JobRun, ObjectSync, RecordLink, RunKind, RunState
from integrations.services import intents_sql, runs

WINDOW: Final = timedelta(hours=1)
"""Over how long deletions are counted, and how long a person's answer to them holds."""
ARCHIVE: Final = DeletePolicy.ARCHIVE
TOTAL: Final = "archives"
"""The member of a question's scope that says how many archives it is about."""


class ManyDeletions(UnsafePlan):
    """Too many records would be archived within an hour; `total` is how many in all."""

    default_reason = Reason.MASS_DELETE

    def __init__(self, total: int, linked: int) -> None:
        super().__init__(f"{total} of {linked} linked records would be archived within an hour.")
        self.total = total


def answered(object_sync: ObjectSync, config: SyncConfig) -> SyncConfig:
    """Return the configuration under which a lane works now.

    Within an hour of a person's refusal, deletions only end links. No query where no deletion is
    ever carried on.
    """
    if ARCHIVE not in (config.on_hubspot_delete, config.on_target_delete):
        return config
    answer = _answer(object_sync, timezone.now())
    if answer is None or answer.state != RunState.CANCELLED:
        return config
    return replace(
        config,
        on_hubspot_delete=_without_archive(config.on_hubspot_delete),
        on_target_delete=_without_archive(config.on_target_delete),
    )


def _without_archive(policy: DeletePolicy) -> DeletePolicy:
    return DeletePolicy.KEEP if policy is ARCHIVE else policy


def check(object_sync: ObjectSync, config: SyncConfig, plan: Plan) -> None:
    """Raise ManyDeletions if this plan would archive too many records within an hour.

    Archives of earlier slices and other workers count, by their intents. What a person has decided
    one by one does not. Plans without any other archive cost no query.
    """
    links = (item.pair.link for item in plan.items if item.decision.action is Action.ARCHIVE)
    keys = [link.key for link in links if link.decided is None]
    now = timezone.now()
    if not keys or _is_approved(object_sync, keys, now):
        return
    before = intents_sql.count_archives(object_sync.pk, now - WINDOW, keys)
    live = RecordLink.objects.filter(object_sync=object_sync, state=LinkState.LINKED)
    linked, total = live.count() + before, len(keys) + before
    most = config.breaker.max_share * linked
    too_many = linked > config.breaker.floor and total > most
    emptied = total >= EMPTIED_FLOOR and total == linked
    if too_many or emptied:
        # What is missing already and has its grace left is asked about, too: one question will do.
        missing = live.filter(missing_since__gt=0).count()
        raise ManyDeletions(before + max(len(keys), missing), linked)


def ask(object_sync: ObjectSync, fence: int, error: ManyDeletions, plan: Mapping[str, Any]) -> None:
    """Hold the object sync with a run that a person approves or cancels; its hints wait.

    Raises LeaseLost.
    """
    with transaction.atomic():
        runs.lock_lane(object_sync.pk, fence)
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
        run.scope = {**run.scope, TOTAL: error.total}
        runs.hold(run, fence, error, plan)


def _is_approved(object_sync: ObjectSync, keys: Sequence[int], now: datetime) -> bool:
    """Tell whether a person has just let these links go: those asked about, and no further ones.

    They were told of all since an hour before they were asked, so that is what is counted.
    """
    answer = _answer(object_sync, now)
    if answer is None or answer.state != RunState.DONE:
        return False
    before = intents_sql.count_archives(object_sync.pk, answer.created_at - WINDOW, keys)
    return before + len(keys) <= int(answer.scope.get(TOTAL, 0))


def _answer(object_sync: ObjectSync, now: datetime) -> JobRun | None:
    """Return the newest question that somebody answered within the window."""
    rows = JobRun.objects.filter(
        object_sync=object_sync, kind=RunKind.DELETIONS, ended_at__gt=now - WINDOW
    )
    return rows.order_by("-id").first()
