"""One page of a run: read in order, planned, written, and only then passed by the cursor.

A run goes through stages, one per side to read. Where the safety breaker is armed, every side is
planned to its end before the first one is written; records that need no write are settled on the
way, so a pass over unchanged records reads once. A run's cursor is "<stage>|<connector's own>".
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from integrations.engine.errors import SyncError, UnsafePlan
from integrations.engine.mapping import Direction
from integrations.engine.pairs import LinkState
from integrations.engine.plan import Plan
from integrations.engine.ports import Hint, Priority
from integrations.engine.reconcile import Planned
from integrations.engine.records import Page, Side
from integrations.models import JobRun, RecordLink, RunKind, RunState
from integrations.services import connectors, hints, ledger_sql, runs
from integrations.services.failures import trace
from integrations.services.hints import NewHint
from integrations.services.progress import Progress
from integrations.services.slices import Session

log = logging.getLogger(__name__)

PLAN: Final = "plan:"
END: Final = "end"
SAMPLES: Final = 20
_WAYS: Final = {
    Side.HUBSPOT: (Direction.BOTH, Direction.TO_TARGET),
    Side.TARGET: (Direction.BOTH, Direction.TO_HUBSPOT),
}


def work_page(session: Session, run: JobRun) -> None:
    """Work on a run's next page; raises sync-wide errors with the cursor where it was."""
    if run.state == RunState.QUEUED:
        _begin(session, run)
    stage, _, cursor = run.cursor.partition("|")
    if stage.startswith(PLAN) and run.scope.get("approved"):
        stage, cursor = next(name for name in run.scope["stages"] if PLAN not in name), ""
        run.seen, run.failed, run.counts = 0, 0, {}
    if stage == END:
        runs.finish(run, timezone.now())
        return
    side = Side(stage.removeprefix(PLAN))
    page = _read(session, run, side, cursor)
    progress = _progress(session, run, stage, side, page)
    if stage.startswith(PLAN) or run.kind == RunKind.DRY_RUN:
        _plan(session, progress, side, page)
    else:
        _write(session, progress, side, page)
    if run.state != RunState.RUNNING:
        return
    if run.cursor.startswith(END):
        runs.finish(run, timezone.now())
    elif stage.startswith(PLAN) and not run.cursor.startswith(PLAN):
        _end_planning(run)


def _begin(session: Session, run: JobRun) -> None:
    sides = _sides(session, run.kind)
    linked = RecordLink.objects.filter(
        object_sync=session.object_sync, state=LinkState.LINKED
    ).count()
    stages = [side.value for side in sides]
    is_scan = run.kind not in (RunKind.INCREMENTAL, RunKind.DRY_RUN)
    if is_scan and linked > session.config.breaker.floor:
        stages = [f"{PLAN}{side}" for side in stages] + stages
    scope: dict[str, Any] = {"stages": stages, "linked": linked}
    if run.kind == RunKind.INCREMENTAL:
        scope["cursors"] = _cursors(session, sides)
    run.cursor = f"{stages[0] if stages else END}|"
    if stages and run.kind == RunKind.INCREMENTAL:
        run.cursor += scope["cursors"][stages[0]]
    run.save(update_fields=["cursor"])
    runs.start(run, session.config.version, scope, timezone.now())


def _sides(session: Session, kind: str) -> list[Side]:
    """Return the sides whose records may travel and that such a run can read; HubSpot first."""
    row, config = session.object_sync, session.config
    objects = {
        Side.HUBSPOT: (row.integration.hubspot.system, row.hubspot_object),
        Side.TARGET: (row.integration.system, row.target_object),
    }
    specs = {side: connectors.spec_of(key).object(name) for side, (key, name) in objects.items()}
    return [
        side
        for side, spec in specs.items()
        if (spec.has_modified_since if kind == RunKind.INCREMENTAL else spec.can_list)
        and any(rule.direction in _WAYS[side] for rule in config.rules)
    ]


def _cursors(session: Session, sides: Sequence[Side]) -> dict[str, str]:
    """Return where the last incremental run ended, per side; at first, when the sync was made."""
    row = session.object_sync
    earlier = JobRun.objects.filter(
        object_sync=row, kind=RunKind.INCREMENTAL, state=RunState.DONE
    ).order_by("-id")
    known: Mapping[str, str] = next(
        (run.scope["cursors"] for run in earlier[:1] if "cursors" in run.scope), {}
    )
    return {
        side.value: known.get(side.value)
        or session.pair[side].changes_since(session.config.side(side).object_type, row.created_at)
        for side in sides
    }


def _read(session: Session, run: JobRun, side: Side, cursor: str) -> Page:
    kind, fields = session.config.side(side).object_type, session.config.fields(side)
    connector = session.pair[side]
    if run.kind == RunKind.INCREMENTAL:
        return connector.changes(kind, cursor, fields)
    return connector.scan(kind, cursor, fields)


def _progress(session: Session, run: JobRun, stage: str, side: Side, page: Page) -> Progress:
    scope: dict[str, Any] = {}
    stages = run.scope["stages"]
    following = f"{stage}|{page.cursor}"
    if run.kind == RunKind.INCREMENTAL:
        scope["cursors"] = {**run.scope["cursors"], side.value: page.cursor}
    if not page.more:
        later = stages[stages.index(stage) + 1 :]
        following = f"{later[0] if later else END}|"
        if later and "cursors" in run.scope:
            following += run.scope["cursors"][later[0]]
    if page.total is not None and (run.total is None or run.total < page.total):
        run.total = page.total
    waiting = {(side.value, record.id) for record in page.records}
    return Progress(run, session.meter, following, waiting, scope)


def _flow_options(run: JobRun, side: Side, page: Page) -> dict[str, Any]:
    """A listed page is read strongly consistent; what a search found is read again by id."""
    preread = {} if run.kind == RunKind.INCREMENTAL else {
        side: {record.id: record for record in page.records}
    }  # fmt: skip
    return {
        "preread": preread,
        "linked_total": run.scope["linked"],
        "approved": bool(run.scope.get("approved")),
    }


def _hints(run: JobRun, side: Side, page: Page) -> list[Hint]:
    ids = dict.fromkeys(record.id for record in page.records)
    asked = bool(run.scope.get("fired"))
    return [Hint(side, record_id, asked=asked, priority=Priority.BACKFILL) for record_id in ids]


def _plan(session: Session, progress: Progress, side: Side, page: Page) -> None:
    """Decide the page and count it. What needs no write is settled, nothing is written."""
    run = progress.run
    asked = _hints(run, side, page)
    if asked:
        changed, following = run.scope.get("planned_changes", 0), progress.cursor
        is_dry = run.kind == RunKind.DRY_RUN
        ledger = session.ledger(progress=None if is_dry else progress)
        options = _flow_options(run, side, page)
        try:
            flow = session.flow(asked, ledger, changed_before=changed, **options)
            plan = next(step.plan for step in flow if isinstance(step, Planned))
            _tally(progress, plan)
            if plan.unsafe and not is_dry:
                runs.hold(run, UnsafePlan(plan.unsafe), summary(plan))
                return
            if not (is_dry or writes(plan)):
                for _step in flow:
                    pass
        except SyncError:
            raise
        except Exception as error:
            log.error("A page of run %s cannot be planned: %s", run.pk, trace(error))
            run.refresh_from_db()
            progress.cursor = following
            progress.scope["planned_writes"] = run.scope.get("planned_writes", 0) + len(asked)
    if progress.cursor is not None:
        _pass(session, progress, timezone.now())


def _tally(progress: Progress, plan: Plan) -> None:
    """Add a page's plan to what the run's scope and, for a dry run, its counts tell."""
    run, scope = progress.run, progress.run.scope
    actions = Counter(scope.get("actions", {}))
    actions.update({action.value: count for action, count in plan.actions.items()})
    progress.scope |= {
        "actions": dict(actions),
        "planned_changes": scope.get("planned_changes", 0) + plan.changed_links,
        "planned_writes": scope.get("planned_writes", 0) + writes(plan),
    }
    if run.kind == RunKind.DRY_RUN:
        run.seen += len(plan.items)
        counts = Counter(run.counts)
        counts.update({reason.value: count for reason, count in plan.reasons.items()})
        run.counts = dict(counts)
        progress.scope["unsafe"] = plan.unsafe or scope.get("unsafe", "")


def writes(plan: Plan) -> int:
    """Count the pairs that would be written or relinked."""
    return len(plan.relinks) + sum(item.decision.is_write for item in plan.items)


def _end_planning(run: JobRun) -> None:
    """Go on to the writing, counting from the start, or end a run that has nothing to write."""
    if run.scope.get("planned_writes"):
        run.seen, run.failed, run.counts = 0, 0, {}
        run.save(update_fields=["seen", "failed", "counts"])
    else:
        runs.finish(run, timezone.now())


def _write(session: Session, progress: Progress, side: Side, page: Page) -> None:
    run = progress.run
    asked = _hints(run, side, page)
    if asked:
        changed, following = run.scope.get("changed", 0), progress.cursor
        ledger = session.ledger(progress=progress)
        flow = session.flow(asked, ledger, changed_before=changed, **_flow_options(run, side, page))
        plan = Plan()
        try:
            for step in flow:
                if isinstance(step, Planned):
                    plan = step.plan
                    progress.scope["changed"] = changed + plan.changed_links
        except UnsafePlan as error:
            runs.hold(run, error, summary(plan))
            return
        except SyncError:
            raise
        except Exception as error:
            log.error("A page of run %s failed; its records go alone: %s", run.pk, trace(error))
            _hand_over(session, asked)
            run.refresh_from_db()
            progress.cursor = following
    if progress.cursor is not None:
        _pass(session, progress, timezone.now())


def _hand_over(session: Session, asked: Sequence[Hint]) -> None:
    """Turn a page on which this portal fails into hints: they are isolated, the run goes on."""
    with transaction.atomic():
        ledger_sql.check_fence(session.object_sync.pk, session.fence)
        hints.raise_hints(
            session.object_sync.pk,
            [NewHint(h.side, h.record_id, h.priority, asked=h.asked) for h in asked],
        )


def _pass(session: Session, progress: Progress, now: datetime) -> None:
    """Move the cursor past a page of which nothing is left to store."""
    progress.waiting.clear()
    with transaction.atomic():
        ledger_sql.check_fence(session.object_sync.pk, session.fence)
        progress.save(now)


def summary(plan: Plan) -> dict[str, Any]:
    """Return a plan as people look at it: counts, and the first records with field names."""
    return {
        "actions": {action.value: count for action, count in plan.actions.items()},
        "reasons": {reason.value: count for reason, count in plan.reasons.items()},
        "sample": [
            {
                "hubspot_id": item.pair.link.hubspot_id,
                "target_id": item.pair.link.target_id,
                "action": item.decision.action.value,
                "fields": sorted({n for patch in item.decision.patches.values() for n in patch}),
            }
            for item in plan.items
            if item.decision.is_write
        ][:SAMPLES],
    }
