"""One page of a preview: listed, decided over the shadow of the pages before it, kept sealed.

Which side is read when: the one that is dear to read by id first, as in every full pass; but a
fifth of the limit is kept for the other side, so that a sample shows both.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Final, cast

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from integrations.engine.errors import Scope, SyncError
from integrations.engine.extras import Counting
from integrations.engine.pairs import Action, LinkState, Pair
from integrations.engine.plan import PlanItem
from integrations.engine.ports import Connector, Hint, Priority
from integrations.engine.reasons import Reason
from integrations.engine.reconcile import Planned
from integrations.engine.records import Page, Record, Side
from integrations.models import (
    JobRun,
    Preview,
    PreviewItem,
    PreviewState,
    RecordLink,
    RunState,
)
from integrations.services import (
    connectors,
    explain,
    ledger_sql,
    previews,
    runs,
    seen,
    shadows,
    stages,
    vault,
)
from integrations.services.failures import trace
from integrations.services.ledger import DjangoLedger
from integrations.services.previews import LIMIT
from integrations.services.shadows import Shadow, ShadowLedger
from integrations.services.slices import Session, digest_key

log = logging.getLogger(__name__)

FIRST_SHARE: Final = LIMIT * 4 // 5
_TELLING: Final = frozenset(Action) - {Action.NOTHING, Action.SETTLE, Action.GONE}
"""What is shown by name; the many that stay as they are do without being sealed."""


def work(session: Session, run: JobRun) -> None:
    """Work on a preview's next page; raises only what is worth another try.

    An error that another try would not mend ends the preview, never the sync it is about.
    """
    preview = previews.of_run(run)
    if preview is None or preview.state != PreviewState.RUNNING:
        runs.cancel(run)
        return
    preview.object_sync = session.object_sync
    try:
        _work(session, run, preview)
    except SyncError as error:
        if error.retryable or error.scope in (Scope.CONNECTION, Scope.INSTALLATION):
            raise
        _give_up(run, preview, error.detail)
    except Exception as error:
        log.error("A page of preview %s cannot be planned: %s", preview.pk, trace(error))
        _give_up(run, preview, "This portal met an error of its own. It was written down.")


def _work(session: Session, run: JobRun, preview: Preview) -> None:
    config = session.config  # the draft's, with the tables and settings of now
    shadow = Shadow.of(preview, config, digest_key(session.object_sync))
    session = replace(session, config=config, pair=shadows.around(session.pair, shadow))
    if run.state == RunState.QUEUED:
        _begin(session, run)
    if run.state != RunState.RUNNING:
        return
    side = _turn(run, preview)
    if side is None:
        _finish(run, preview)
        return
    object_type, fields = config.side(side).object_type, config.fields(side)
    page = session.pair[side].scan(object_type, run.scope["cursors"].get(side.value, ""), fields)
    fresh = _fresh(session, shadow, side, page)
    room = LIMIT - preview.seen
    systems = connectors.open_pair(session.object_sync, Priority.BACKFILL)
    found = _Found(preview, shadow, systems, run.scope["planned_changes"])
    _decide(session, found, side, fresh[:room], run.scope["linked"])
    with transaction.atomic():
        ledger_sql.check_fence(session.object_sync.pk, session.fence)
        found.store()
        _pass(session, run, side, page, found, cut=len(fresh) > room)


@dataclass(slots=True)
class _Found:
    """What one page adds to a preview. `changed` counts the linked pairs written to so far."""

    preview: Preview
    shadow: Shadow
    systems: Mapping[Side, Connector]
    changed: int
    rows: list[PreviewItem] = field(default_factory=list)
    absorbed: list[int] = field(default_factory=list)
    writes: Counter[str] = field(default_factory=Counter)
    unsafe: str = ""

    def take(self, item: PlanItem) -> None:
        """Add one planned pair, and count it as done for those that follow."""
        item = shadows.foreseen(item, self.systems, self.shadow.config)
        decision, pair = item.decision, item.pair
        ids = {side: _id(pair, side) for side in Side}
        row = PreviewItem(
            preview=self.preview,
            hubspot_id=ids[Side.HUBSPOT],
            target_id=ids[Side.TARGET],
            action=decision.action.value,
            reason=decision.reason.value,
            detail=decision.detail[:1000],
            match=self.shadow.match_of(item),
            fields=self._sealed(item, ids) if decision.action in _TELLING else "",
        )
        for half in self.shadow.absorbed(ids):
            self.rows = [known for known in self.rows if known is not half]
            self.absorbed.append(half.pk)
        self.rows.append(row)
        self.shadow.remember(row)
        self.writes.update(side.value for side in decision.patches)
        self.changed += item.touches_link

    def store(self) -> None:
        """Keep the pairs and their counts; in the caller's transaction."""
        preview = self.preview
        mine = PreviewItem.objects.filter(preview=preview)
        mine.filter(pk__in=[pk for pk in self.absorbed if pk]).delete()
        PreviewItem.objects.bulk_create(self.rows)
        preview.actions, preview.reasons = _counts(mine, "action"), _counts(mine, "reason")
        preview.seen = sum(preview.actions.values())
        preview.writes = dict(Counter(preview.writes) + self.writes)
        preview.unsafe = preview.unsafe or self.unsafe[:500]
        preview.save(update_fields=["seen", "actions", "reasons", "writes", "unsafe"])

    def _sealed(self, item: PlanItem, ids: Mapping[Side, str]) -> str:
        """Return what a person may see of the pair, bound to its place in the preview."""
        records = (item.pair.hubspot, item.pair.target)
        label = next((record.label for record in records if record and record.label), "")
        views = explain.fields_of(self.shadow.config.rules, item)
        text = json.dumps({"label": label, "fields": [asdict(view) for view in views]})
        where = previews.place(self.preview.pk, ids[Side.HUBSPOT], ids[Side.TARGET])
        return vault.seal(text.encode(), aad=where)


def _decide(
    session: Session, found: _Found, side: Side, records: Sequence[Record], linked: int
) -> None:
    """Plan some listed records. Those that wait for one of them are planned after it."""
    preread = {side: {record.id: record for record in records}}
    left = [Hint(side, record.id, priority=Priority.BACKFILL) for record in records]
    while left:
        ledger = cast(DjangoLedger, ShadowLedger(session.ledger(), found.shadow))
        flow = session.flow(
            left, ledger, preread=preread, linked_total=linked, changed_before=found.changed
        )
        plan = next(step.plan for step in flow if isinstance(step, Planned))
        found.unsafe = found.unsafe or plan.unsafe
        waiting = [item for item in plan.items if item.decision.reason is Reason.PENDING]
        again = [hint for item in waiting for hint in item.hints]
        is_stuck = len(waiting) == len(plan.items) or len(again) >= len(left)
        put_off = set() if is_stuck else {id(item) for item in waiting}
        for item in plan.items:
            if id(item) not in put_off:
                found.take(item)
        left = [] if is_stuck else again


def _fresh(session: Session, shadow: Shadow, side: Side, page: Page) -> list[Record]:
    """Leave out pairs that were met already, and what the first load left out."""
    records = [record for record in page.records if record.id not in shadow.met[side]]
    floor = session.object_sync.floors.get(side.value)
    if not floor:
        return records
    oldest = datetime.fromisoformat(floor)
    known = seen.marks(session.object_sync.pk, side, [record.id for record in records])
    return [
        record
        for record in records
        if record.id in known or record.modified_at is None or record.modified_at >= oldest
    ]


def _id(pair: Pair, side: Side) -> str:
    record = pair.record(side)
    return pair.link.id_of(side) or (record.id if record else "")


def _counts(rows: QuerySet[PreviewItem], name: str) -> dict[str, int]:
    return dict(rows.values_list(name).annotate(number=Count("pk")).order_by(name))


def _begin(session: Session, run: JobRun) -> None:
    linked = RecordLink.objects.filter(
        object_sync=session.object_sync, state=LinkState.LINKED
    ).count()
    order = stages.sides_of(session, run)
    scope: dict[str, Any] = {
        "stages": [side.value for side in order],
        "linked": linked,
        "cursors": {},
        "ended": [],
        "planned_changes": 0,
    }
    run.total = _total(session, order)
    run.save(update_fields=["total"])
    runs.start(run, session.config.version, scope, timezone.now())


def _turn(run: JobRun, preview: Preview) -> Side | None:
    """Return the side to read next; None once there is no more, or enough was seen."""
    if preview.seen >= LIMIT:
        return None
    left = [name for name in run.scope["stages"] if name not in run.scope["ended"]]
    if not left:
        return None
    is_first = left[0] == run.scope["stages"][0]
    if is_first and len(left) > 1 and preview.seen >= FIRST_SHARE:
        return Side(left[1])
    return Side(left[0])


def _pass(
    session: Session, run: JobRun, side: Side, page: Page, found: _Found, *, cut: bool
) -> None:
    """Move on in the side that was read; a page that was cut is where a sample ends."""
    ended = [*run.scope["ended"], side.value] if not (page.more or cut) else run.scope["ended"]
    cursors = {**run.scope["cursors"], side.value: page.cursor}
    run.scope = {**run.scope, "ended": ended, "cursors": cursors, "planned_changes": found.changed}
    run.seen, run.counts = found.preview.seen, found.preview.reasons
    run.calls += session.meter.reading()
    run.heartbeat_at = timezone.now()
    run.save(update_fields=["scope", "seen", "counts", "calls", "heartbeat_at"])


def _finish(run: JobRun, preview: Preview) -> None:
    with transaction.atomic():
        preview.sampled = len(run.scope["ended"]) < len(run.scope["stages"])
        preview.save(update_fields=["sampled"])
        previews.finish(preview, PreviewState.DONE)
        runs.finish(run, timezone.now())


def _give_up(run: JobRun, preview: Preview, problem: str) -> None:
    with transaction.atomic():
        previews.finish(preview, PreviewState.FAILED, problem)
        runs.cancel(run)


def _total(session: Session, order: Sequence[Side]) -> int | None:
    """Return how many pairs there are to look at, for the progress bar, if a system can say."""
    pair, counts = connectors.open_pair(session.object_sync, Priority.BACKFILL), []
    for side in order:
        connector = pair[side]
        if isinstance(connector, Counting):
            counts.append(connector.count(session.config.side(side).object_type))
    return min(LIMIT, max((count for count in counts if count is not None), default=0)) or None
