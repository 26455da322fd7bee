"""Which sides a run reads: in which order, in which way and from where. Reads no records itself.

A stage is a side's name, with `PLAN` before it while nothing is written yet. A run that reads both
sides starts with the one that is dear to read by id, so that each pair is read once.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, cast

from django.utils import timezone

from integrations.engine.extras import Counting, Selecting
from integrations.engine.filters import Filter
from integrations.engine.mapping import Direction
from integrations.engine.pairs import LinkState
from integrations.engine.ports import Priority
from integrations.engine.records import Side
from integrations.engine.specs import ObjectSpec
from integrations.models import JobRun, ObjectSync, RecordLink, RunKind, RunState
from integrations.services import connectors, runs, syncs
from integrations.services.slices import Session

PLAN: Final = runs.PLAN
END: Final = "end"
OVERLAP: Final = timedelta(hours=1)
"""How far a safety pass starts before the one before it: searches may lag, clocks may differ."""
MANY: Final = 20_000
"""From so many records on a first load may leave it to a search which of them it reads."""
TRAILING: Final = (RunKind.INCREMENTAL, RunKind.SETTLED)
"""Kinds whose cursors outlive them: they pass nothing that was not looked at after it changed."""
_TRAVELS: Final = {
    Side.HUBSPOT: (Direction.BOTH, Direction.TO_TARGET),
    Side.TARGET: (Direction.BOTH, Direction.TO_HUBSPOT),
}


class Way(enum.StrEnum):
    """How a side is read. Only what `SCAN` lists is data; the others find ids to read again."""

    SCAN = "scan"
    CHANGES = "changes"
    SELECT = "select"


def is_under_way(session: Session, run: JobRun) -> bool:
    """Let a run begin that has not, or that began with another version; tells whether it goes on.

    It does not if somebody cancelled it meanwhile.
    """
    if run.state == RunState.RUNNING and run.version_number != session.config.version:
        runs.start_over(run)
    if run.state == RunState.QUEUED:
        begin(session, run)
    return run.state == RunState.RUNNING


def begin(session: Session, run: JobRun) -> None:
    """Let a queued run begin: choose its stages, their ways, and where each starts.

    A first load takes from its scope `since` (an ISO instant: only what changed from then on) and
    `sides` (names: only these are read). Both hold on for later full passes, as floors.
    """
    row, specs = session.object_sync, _specs(session)
    sides = _sides(session, run, specs)
    linked = RecordLink.objects.filter(object_sync=row, state=LinkState.LINKED).count()
    stages = [side.value for side in sides]
    plans_first = run.kind not in (*TRAILING, RunKind.DRY_RUN)
    if plans_first and linked > session.config.breaker.floor:
        stages = [f"{PLAN}{side}" for side in stages] + stages
    ways = {side: _way(session, run, side, specs[side]) for side in sides}
    if run.kind == RunKind.BACKFILL:
        _set_floors(row, run)
    scope: dict[str, Any] = {
        "stages": stages,
        "linked": linked,
        "ways": {side.value: way.value for side, way in ways.items()},
        "starts": _starts(session, run, ways),
        "totals": _totals(session, run, ways),
    }
    if run.kind in TRAILING:
        scope["cursors"] = scope["starts"]
    elif row.floors:
        scope["floors"] = row.floors
    run.scope = {**run.scope, **scope}
    run.total = max(scope["totals"].values(), default=None)
    run.cursor = opening(run, stages[0]) if stages else f"{END}|"
    run.save(update_fields=["cursor", "total"])
    runs.start(run, session.config.version, scope, timezone.now())


def sides_of(session: Session, run: JobRun) -> list[Side]:
    """Return the sides a run reads, in their order."""
    return _sides(session, run, _specs(session))


def is_shut(session: Session, side: Side) -> bool:
    """Tell whether nothing travels from a side for now."""
    return side.other in session.config.closed


def opening(run: JobRun, stage: str) -> str:
    """Return a run's cursor at the start of a stage."""
    starts: Mapping[str, str] = run.scope.get("starts") or {}
    return f"{stage}|{starts.get(side_of(stage).value, '')}"


def after(run: JobRun, stage: str) -> str:
    """Return a run's cursor once a stage is over."""
    later = run.scope["stages"][run.scope["stages"].index(stage) + 1 :]
    return opening(run, later[0]) if later else f"{END}|"


def side_of(stage: str) -> Side:
    """Return the side a stage reads."""
    return Side(stage.removeprefix(PLAN))


def phase_of(run: JobRun, stage: str) -> list[str]:
    """Return the stages of a stage's phase, planning or writing, in their order."""
    planning = stage.startswith(PLAN)
    return [each for each in run.scope.get("stages", ()) if each.startswith(PLAN) == planning]


def way_of(run: JobRun, side: Side) -> Way:
    """Return how a run reads a side."""
    usual = Way.CHANGES if run.kind in TRAILING else Way.SCAN
    return Way((run.scope.get("ways") or {}).get(side.value, usual))


def _specs(session: Session) -> dict[Side, ObjectSpec]:
    row = session.object_sync
    objects = {
        Side.HUBSPOT: (row.integration.hubspot.system, row.hubspot_object),
        Side.TARGET: (row.integration.system, row.target_object),
    }
    return {side: connectors.spec_of(key).object(name) for side, (key, name) in objects.items()}


def _sides(session: Session, run: JobRun, specs: Mapping[Side, ObjectSpec]) -> list[Side]:
    """Return the sides whose records may travel and that such a run can read, dear reads first.

    Where a job is off that carries a side's changes, a first load reads that side last, and waits
    with it; other runs leave it to those that come after the job is on again.
    """
    asked = run.scope.get("sides") or list(Side)
    found = [
        side
        for side, spec in specs.items()
        if side in asked
        and _can_read(spec, run)
        and any(rule.direction in _TRAVELS[side] for rule in session.config.rules)
        and (run.kind in (RunKind.BACKFILL, RunKind.PREVIEW) or not is_shut(session, side))
    ]
    return sorted(found, key=lambda side: (is_shut(session, side), specs[side].batch_read))


def _can_read(spec: ObjectSpec, run: JobRun) -> bool:
    if run.kind not in TRAILING:
        return spec.can_list
    dear = spec.lists_changes and run.kind == RunKind.INCREMENTAL
    return spec.has_modified_since and not dear


def _way(session: Session, run: JobRun, side: Side, spec: ObjectSpec) -> Way:
    quick = spec.has_modified_since and not spec.lists_changes
    if run.kind in TRAILING or (run.scope.get("since") and quick):
        return Way.CHANGES
    wanted = session.config.filter_for(side)
    connector = connectors.open_pair(session.object_sync, Priority.BACKFILL)[side]
    if run.kind == RunKind.BACKFILL and wanted.groups and isinstance(connector, Selecting):
        selecting = cast(Selecting, session.pair[side])
        object_type = session.config.side(side).object_type
        if selecting.selects(object_type, wanted) and _is_spare(session, side, wanted):
            return Way.SELECT
    return Way.SCAN


def _is_spare(session: Session, side: Side, wanted: Filter) -> bool:
    """Tell whether a filter leaves out so much that reading only the rest is worth it.

    What is not read has no row that says why it is left out, until the next full pass.
    """
    connector = connectors.open_pair(session.object_sync, Priority.BACKFILL)[side]
    if not isinstance(connector, Counting):
        return False
    object_type = session.config.side(side).object_type
    every, some = connector.count(object_type), connector.count(object_type, wanted)
    return every is not None and some is not None and every >= MANY and 2 * some <= every


def _starts(session: Session, run: JobRun, ways: Mapping[Side, Way]) -> dict[str, str]:
    """Return the cursors with which the sides that are read by their changes start.

    What a first load left out stays left out: a pass starts at its floor at the earliest.
    """
    floors: Mapping[str, str] = session.object_sync.floors if run.kind in TRAILING else {}
    found = {}
    for side in (side for side, way in ways.items() if way is Way.CHANGES):
        last = _last_of(session.object_sync, run.kind, side) if run.kind in TRAILING else None
        if run.kind == RunKind.INCREMENTAL and last is not None:
            found[side.value] = last.scope["cursors"][side.value]
            continue
        since = session.object_sync.created_at
        if last is not None and last.started_at:
            since = max(since, last.started_at - OVERLAP)
        elif run.kind not in TRAILING and run.scope.get("since"):
            since = datetime.fromisoformat(run.scope["since"])
        since = _not_before(floors.get(side.value), since)
        kind = session.config.side(side).object_type
        found[side.value] = session.pair[side].changes_since(kind, since)
    return found


def _last_of(row: ObjectSync, kind: str, side: Side) -> JobRun | None:
    """Return the newest run of a kind that read a side to its end, whichever job opened it.

    Two jobs may read one side each: the newest run of all would know the other side's cursor only.
    """
    done = JobRun.objects.filter(object_sync=row, kind=kind, state=RunState.DONE)
    return done.filter(scope__cursors__has_key=side.value).order_by("-id").first()


def _not_before(floor: str | None, since: datetime) -> datetime:
    return max(since, datetime.fromisoformat(floor)) if floor else since


def _totals(session: Session, run: JobRun, ways: Mapping[Side, Way]) -> dict[str, int]:
    """Return how many records there are to read per side, as far as the systems can say."""
    asked = run.kind == RunKind.MANUAL and syncs.spec_of(session.object_sync).configurable
    if not (asked or run.kind in (RunKind.BACKFILL, RunKind.RECONCILE)):
        return {}
    pair, totals = connectors.open_pair(session.object_sync, Priority.BACKFILL), {}
    for side, way in ways.items():
        if way is not Way.CHANGES and isinstance(pair[side], Counting):
            wanted = session.config.filter_for(side) if way is Way.SELECT else None
            counting = cast(Counting, session.pair[side])
            count = counting.count(session.config.side(side).object_type, wanted)
            if count is not None:
                totals[side.value] = count
    return totals


def _set_floors(row: ObjectSync, run: JobRun) -> None:
    """Remember what a first load left out: full passes leave it alone until it changes."""
    since, sides = run.scope.get("since"), run.scope.get("sides") or list(Side)
    floors = {side.value: since if side in sides else run.created_at.isoformat() for side in Side}
    row.floors = {side: instant for side, instant in floors.items() if instant}
    row.save(update_fields=["floors"])
