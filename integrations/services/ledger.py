"""The durable memory of one lane, as the engine sees it: links, intents and settlements.

A constant number of statements per slice; they are in `ledger_sql.py` and `intents_sql.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from integrations.engine.config import SyncConfig
from integrations.engine.merges import Relink
from integrations.engine.pairs import Action, Link
from integrations.engine.ports import NewIntent, Settlement
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.models import ObjectSync, RecordLink
from integrations.services import (
    audit,
    deliveries,
    dependencies,
    erasure,
    hints,
    inbox,
    intents_sql,
    merge_rows,
    notices,
    reviews,
)
from integrations.services import ledger_sql as sql
from integrations.services.endings import Ending, blameless, ending_of, grant, retry_hint
from integrations.services.hints import Ended, Taken
from integrations.services.history import History
from integrations.services.intents_sql import PlannedWrite
from integrations.services.link_rows import Row
from integrations.services.progress import Progress


class DjangoLedger:
    """Implements `engine.ports.Ledger` for the holder of a lane's lease.

    `taken` are the stored hints of the slice; `ladder` are the minutes between the attempts of a
    record. With `progress` settled pairs are counted in its run. Every writing method raises
    LeaseLost when another worker holds the lane.
    """

    def __init__(
        self,
        object_sync: ObjectSync,
        fence: int,
        config: SyncConfig,
        *,
        ladder: Sequence[int] = (),
        taken: Sequence[Taken] = (),
        progress: Progress | None = None,
    ) -> None:
        self._sync = object_sync
        self._fence = fence
        self._version = config.version
        self._config = config
        self._ladder = ladder
        self._events = {item.hint.key: item.last_event_id for item in taken}
        self._progress = progress
        self._run_id = progress.run.pk if progress else None
        self._history = History.of(object_sync, config, self._run_id)
        self._rows: dict[int, Row] = {}
        self._stored: dict[tuple[str, str], int] = {}
        self._siblings: Mapping[str, UUID] | None = None

    def links(self, side: Side, ids: Sequence[str]) -> Mapping[str, Link]:
        """Return links by any id ever seen on that side, with their unresolved intents."""
        if not ids:
            return {}
        links, rows = sql.find_links(self._sync.pk, side, ids)
        self._rows.update(rows)
        return links

    def parents(self, key: str, side: Side, ids: Sequence[str]) -> Mapping[str, Link] | None:
        """Return links of a sibling object sync; None while that one is not in use."""
        if self._siblings is None:
            self._siblings = dependencies.siblings(self._sync)
        return dependencies.parents(self._siblings.get(key), side, ids)

    def relink(self, relinks: Sequence[Relink]) -> None:
        """Apply merges in one transaction: the kept link inherits ids, aliases and intents."""
        if not relinks:
            return
        now = timezone.now()
        heirs = [(link.key, item.kept.key) for item in relinks for link in item.superseded]
        ids = [
            (Side.HUBSPOT, record_id, item.kept.key)
            for item in relinks
            for record_id in (*item.old_ids, item.new_id)
            if record_id
        ]
        with transaction.atomic():
            sql.check_fence(self._sync.pk, self._fence)
            merge_rows.remember(self._sync, self._config, relinks, now)
            sql.supersede([old for old, _ in heirs], Reason.SUPERSEDED.value, "", now)
            sql.move([(r.kept.key, r.new_id) for r in relinks], Reason.RELINKED.value, now)
            if heirs:
                sql.adopt(self._sync.pk, heirs)
                intents_sql.retarget(self._sync.pk, heirs)
            sql.insert_aliases(self._sync.pk, ids)
            audit.append(list(self._history.merged(relinks)))
        self._rows.clear()

    def open_intents(self, items: Sequence[NewIntent]) -> Mapping[str, int]:
        """Commit intents before their calls, storing unseen links first; ref to intent id."""
        now = timezone.now()
        with transaction.atomic():
            sql.check_fence(self._sync.pk, self._fence)
            self._store_unseen([item.link for item in items], now)
            writes = [
                PlannedWrite(
                    self._key(item.link),
                    item.side,
                    item.action,
                    item.external_key,
                    item.fields,
                    decided=item.action is Action.ARCHIVE and item.link.decided is not None,
                )
                for item in items
            ]
            keys = intents_sql.insert_intents(self._sync.pk, self._fence, self._run_id, writes, now)
        return {item.ref: key for item, key in zip(items, keys, strict=True)}

    def settle(self, items: Sequence[Settlement]) -> None:
        """Store links, bases, intents, audit entries and hint outcomes in one transaction."""
        now = timezone.now()
        with transaction.atomic():
            sql.check_fence(self._sync.pk, self._fence)
            endings = self._endings(items, now)
            self._store(endings, now)
            self._close_intents(items, now)
            calls = self._progress.meter.peek() if self._progress else 0
            audit.append(self._history.settled(endings, calls))
            dependencies.remember(self._sync, endings)
            self._answer(endings)
            dependencies.wake(self._sync, endings)
            self._tell_people(endings, now)
            deliveries.enqueue(self._sync, endings, now, self._run_id)
            if self._progress:
                self._progress.count([ending.item for ending in endings], now)

    def _endings(self, items: Sequence[Settlement], now: datetime) -> list[Ending]:
        before = self._rows_of({self._key(item.link) for item in items} - {0})
        endings = [
            ending_of(item, before.get(self._key(item.link)), self._ladder, now) for item in items
        ]
        claims = [claim for ending in endings for claim in ending.claims]
        absorbed = grant(endings, sql.holders(self._sync.pk, claims))
        sql.supersede(absorbed, Reason.SUPERSEDED.value, "It is part of a pair now.", now)
        reviews.close(absorbed, now)
        return endings

    def _rows_of(self, keys: set[int]) -> dict[int, Row]:
        """Return what is stored about links: as read in this slice, nobody else writes them."""
        known = {key: self._rows.pop(key) for key in keys if key in self._rows}
        return known | sql.read_rows(keys - known.keys())

    def _store(self, endings: Sequence[Ending], now: datetime) -> None:
        changed = [ending.row for ending in endings if ending.before and ending.changed]
        fresh = [ending.row for ending in endings if not ending.before and ending.storable]
        sql.update_links(changed, self._version, now)
        sql.insert_links(self._sync.tenant_id, self._sync.pk, fresh, self._version, now)
        claims = [
            (*claim, ending.row.id)
            for ending in endings
            if ending.before
            for claim in ending.claims
        ]
        sql.insert_aliases(self._sync.pk, claims)

    def _store_unseen(self, links: Sequence[Link], now: datetime) -> None:
        unseen = {(link.hubspot_id, link.target_id) for link in links if not self._key(link)}
        rows = [
            Row(0, hubspot_id, target_id, reason=Reason.PENDING.value)
            for hubspot_id, target_id in sorted(unseen)
        ]
        sql.insert_links(self._sync.tenant_id, self._sync.pk, rows, self._version, now)
        self._stored.update({(row.hubspot_id, row.target_id): row.id for row in rows})
        self._rows.update({row.id: row for row in rows})

    def _close_intents(self, items: Sequence[Settlement], now: datetime) -> None:
        ends = [
            (write.intent, write.state, write.error.reason.value if write.error else "")
            for item in items
            for write in item.writes
        ]
        ends += [(key, state, "") for item in items for key, state in item.resolved]
        intents_sql.close_intents(self._sync.pk, ends, now)

    def _answer(self, endings: Sequence[Ending]) -> None:
        """Finish or reschedule the stored hints; records of a page get one when they must wait."""
        ended, outcomes, raised = [], [], []
        for ending in endings:
            reason = ending.item.reason.value
            for hint in ending.item.hints:
                if hint.key:
                    ended.append(
                        Ended(hint.key, hint.version, ending.due_at, reason, blameless(ending.item))
                    )
                    if ending.due_at is None:
                        newest = self._events.get(hint.key, 0)
                        outcomes.append((hint.side.value, hint.record_id, newest, reason))
                elif ending.due_at is not None:
                    raised.append(retry_hint(hint, ending.due_at, reason))
        hints.raise_hints(self._sync.pk, raised)
        hints.settle(ended)
        inbox.settle(self._sync.pk, outcomes)

    def _tell_people(self, endings: Sequence[Ending], now: datetime) -> None:
        """Held decisions become reviews; failed attempts that somebody waits for become mails."""
        turns = [
            reviews.Turn(
                ending.row.id,
                was=ending.before.state if ending.before else "",
                state=ending.row.state,
                reason=ending.row.reason,
                detail=ending.row.detail,
                fields=ending.conflicts,
                in_vain=ending.row.spent,
            )
            for ending in endings
            if ending.row.id
            and (ending.turned or ending.row.spent or (ending.changed and ending.conflicts))
        ]
        reviews.follow(self._sync, turns, now)
        left = [e.row for e in endings if e.row.is_erased and e.item.error and e.due_at is None]
        erasure.ask_there(self._sync, [self._link_row(row) for row in left if row.target_id], now)
        reviews.close([e.row.id for e in endings if e.has_erased_there], now)
        for ending in endings:
            waiting = [h for h in ending.item.hints if h.key and (h.fired or h.asked)]
            if waiting and ending.row.id and ending.needs_person:
                notices.record_failed(
                    self._link_row(ending.row),
                    reason=ending.item.reason,
                    detail=ending.row.detail,
                    label=ending.item.label,
                    attempt_key=f"{waiting[0].key}:{ending.row.reason}",
                )

    def _key(self, link: Link) -> int:
        return link.key or self._stored.get((link.hubspot_id, link.target_id), 0)

    def _link_row(self, row: Row) -> RecordLink:
        return RecordLink(
            id=row.id,
            tenant_id=self._sync.tenant_id,
            object_sync=self._sync,
            hubspot_id=row.hubspot_id,
            target_id=row.target_id,
            state=row.state,
            reason=row.reason,
            detail=row.detail,
        )
