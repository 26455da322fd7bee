"""One page of a run: read in order, planned, written, and only then passed by the cursor.

A run goes through stages, one per side to read (see `stages.py`); a pair that an earlier stage met
is left out, so that it is counted once. Where the safety breaker is armed, every side is planned to
its end before the first one is written; records that need no write are settled on the way, so a
pass over unchanged records reads once. A run's cursor is "<stage>|<connector's own>".
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, cast

from django.db import transaction
from django.utils import timezone

from integrations.engine.errors import SyncError, UnsafePlan
from integrations.engine.extras import Selecting
from integrations.engine.plan import Plan
from integrations.engine.ports import Hint, Priority
from integrations.engine.reconcile import Planned
from integrations.engine.records import Page, Record, Side
from integrations.models import JobRun, RunKind, RunState
from integrations.services import eta, hints, ledger_sql, preview_pages, runs, seen, stages
from integrations.services.failures import trace
from integrations.services.hints import NewHint
from integrations.services.plans import summary
from integrations.services.progress import Progress
from integrations.services.slices import Session
from integrations.services.stages import END, PLAN, TRAILING, Way

log = logging.getLogger(__name__)

READ_ON: Final = 1.0
MOST_PAGES: Final = 50
"""Seconds and pages for which a slice reads on while it meets nothing to look at."""


def work_page(session: Session, run: JobRun) -> None:
    """Work on a run's next page; raises sync-wide errors with the cursor where it was."""
    if run.kind == RunKind.PREVIEW:
        preview_pages.work(session, run)
        return
    if not stages.is_under_way(session, run):
        return
    stage, _, cursor = run.cursor.partition("|")
    if stage.startswith(PLAN) and run.scope.get("approved"):
        first = next(name for name in run.scope["stages"] if not name.startswith(PLAN))
        stage, _, cursor = stages.opening(run, first).partition("|")
        _start_over(run)
    if stage == END:
        runs.finish(run, timezone.now())
        return
    began, side = timezone.now(), stages.side_of(stage)
    if stages.is_shut(session, side):
        return
    whole, page = _read_on(session, run, stage, cursor)
    progress = _progress(session, run, stage, whole, began)
    progress.waiting = {(side.value, record.id) for record in page.records}
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


def _read_on(session: Session, run: JobRun, stage: str, cursor: str) -> tuple[Page, Page]:
    """Read up to the first page with records to look at; returns all that was read, and those."""
    side, until, read = stages.side_of(stage), time.monotonic() + READ_ON, 1
    whole = _read(session, run, side, cursor)
    wanted = _wanted(session, run, stage, whole.records)
    while whole.more and not wanted and read < MOST_PAGES and time.monotonic() < until:
        following = _read(session, run, side, whole.cursor)
        wanted = _wanted(session, run, stage, following.records)
        records = (*whole.records, *following.records)
        whole, read = replace(following, records=records, total=whole.total), read + 1
    return whole, replace(whole, records=wanted)


def _read(session: Session, run: JobRun, side: Side, cursor: str) -> Page:
    kind, fields = session.config.side(side).object_type, session.config.fields(side)
    connector, way = session.pair[side], stages.way_of(run, side)
    if way is Way.CHANGES:
        return connector.changes(kind, cursor, fields)
    if way is Way.SELECT:
        wanted = session.config.filter_for(side)
        return cast(Selecting, connector).select(kind, wanted, cursor, fields)
    return connector.scan(kind, cursor, fields)


def _wanted(
    session: Session, run: JobRun, stage: str, records: Sequence[Record]
) -> tuple[Record, ...]:
    """Leave out pairs that an earlier stage met in this pass, and what the first load left out.

    A run whose cursor outlives it leaves nothing out: the pair may have changed after it was met.
    """
    side = stages.side_of(stage)
    floor = run.scope.get("floors", {}).get(side.value)
    is_later = stages.phase_of(run, stage)[0] != stage
    if run.kind in TRAILING or not (floor or is_later):
        return tuple(records)
    known = seen.marks(session.object_sync.pk, side, [record.id for record in records])
    number, oldest = _mark(run, stage), datetime.fromisoformat(floor) if floor else None
    return tuple(
        record
        for record in records
        if known.get(record.id) != number
        and (record.id in known or oldest is None or _is_since(record, oldest))
    )


def _is_since(record: Record, oldest: datetime) -> bool:
    return record.modified_at is None or record.modified_at >= oldest


def _mark(run: JobRun, stage: str) -> int:
    """Return the number of this run's phase: unique, and never 0."""
    return 2 * run.pk + (0 if stage.startswith(PLAN) else 1)


def _progress(session: Session, run: JobRun, stage: str, page: Page, began: datetime) -> Progress:
    side = stages.side_of(stage)
    scope: dict[str, Any] = {}
    following = f"{stage}|{page.cursor}" if page.more else stages.after(run, stage)
    if run.kind in TRAILING:
        scope["cursors"] = {**run.scope["cursors"], side.value: page.cursor}
    totals: dict[str, int] = run.scope.get("totals", {})
    if page.total is not None and page.total > totals.get(side.value, -1):
        scope["totals"] = totals = {**totals, side.value: page.total}
        run.total = max(totals.values())
    ids = [record.id for record in page.records]
    is_last = stages.phase_of(run, stage)[-1] == stage
    since = began - eta.idle(run, began)

    def passed(now: datetime) -> None:
        if not (is_last or run.kind in TRAILING):
            seen.mark(session.object_sync.pk, side, ids, _mark(run, stage))
        run.scope |= eta.paced(run, stage, len(ids), since, now)

    return Progress(run, session.meter, following, scope=scope, passed=passed)


def _flow_options(run: JobRun, side: Side, page: Page) -> dict[str, Any]:
    """A listed page is read strongly consistent; what a search found is read again by id."""
    preread = {}
    if stages.way_of(run, side) is Way.SCAN:
        preread = {side: {record.id: record for record in page.records}}
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
                runs.hold(run, session.fence, UnsafePlan(plan.unsafe), summary(plan))
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
        _start_over(run)
        run.save(update_fields=["seen", "failed", "counts", "scope"])
    else:
        runs.finish(run, timezone.now())


def _start_over(run: JobRun) -> None:
    """Count from the start: what was planned is written now."""
    run.seen, run.failed, run.counts = 0, 0, {}
    run.scope = {name: value for name, value in run.scope.items() if name != "pace"}


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
            runs.hold(run, session.fence, error, summary(plan))
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
