"""The writing half of the flow: intents and batches. What follows is in `settling.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from integrations.engine.config import SyncConfig
from integrations.engine.errors import ReplyLost, Scope, SyncError
from integrations.engine.looking import external_key, match_mark
from integrations.engine.pairs import Action, IntentState
from integrations.engine.plan import PlanItem
from integrations.engine.ports import (
    Connector,
    CreateItem,
    Ledger,
    NewIntent,
    Outcome,
    UpdateItem,
    WriteResult,
)
from integrations.engine.records import ABSENT, BLANK, Record, Side, Value, is_value, same

DEFAULT_BATCH = 100


@dataclass(slots=True, eq=False)
class Job:
    """One item being carried out: the sides still to write, and what came of the others.

    `stored` is what a written side is known to hold in the fields that were sent, `blanks` the
    fields that a new record was not given.
    """

    item: PlanItem
    todo: list[Side]
    results: list[WriteResult] = field(default_factory=list)
    stored: dict[Side, dict[str, Value]] = field(default_factory=dict)
    blanks: dict[Side, dict[str, Value]] = field(default_factory=dict)
    ids: dict[Side, str] = field(default_factory=dict)
    key: str = ""
    error: SyncError | None = None

    def action(self, side: Side) -> Action:
        """Return what is done on one side."""
        if self.item.decision.action is Action.ARCHIVE:
            return Action.ARCHIVE
        return Action.UPDATE if self.item.pair.record(side) else Action.CREATE

    @property
    def is_done(self) -> bool:
        """Tell whether nothing more will be written."""
        return not self.todo or self.error is not None


def jobs_of(items: Sequence[PlanItem]) -> list[Job]:
    """Return one job per plan item, with the sides it writes to."""
    return [Job(item, _sides(item)) for item in items]


def _sides(item: PlanItem) -> list[Side]:
    if item.decision.action is Action.ARCHIVE:
        return [side for side in Side if item.pair.lives(side)]
    return [side for side in (Side.TARGET, Side.HUBSPOT) if side in item.decision.patches]


@dataclass(slots=True)
class Writer:
    """Carries out jobs batch by batch; stops at the first error that concerns the whole sync."""

    config: SyncConfig
    connectors: Mapping[Side, Connector]
    ledger: Ledger
    key: bytes
    batch_sizes: Mapping[Side, int]
    timer: Callable[[], float]
    broken: SyncError | None = None

    def run(self, jobs: Sequence[Job]) -> Iterator[list[Job]]:
        """Write everything; after each call yield the jobs that it brought to an end."""
        order = (Side.TARGET, Side.HUBSPOT)
        for side in reversed(order) if self.config.hubspot_first else order:
            for action in (Action.CREATE, Action.UPDATE, Action.ARCHIVE):
                mine = [j for j in jobs if side in j.todo and j.action(side) is action]
                size = self.batch_sizes.get(side, DEFAULT_BATCH)
                for start in range(0, len(mine), size):
                    batch = [job for job in mine[start : start + size] if not job.is_done]
                    if batch and self.broken is None:
                        self._write(batch, side, action)
                        yield [job for job in batch if job.is_done]

    def _write(self, batch: Sequence[Job], side: Side, action: Action) -> None:
        refs = {str(number): job for number, job in enumerate(batch)}
        intents = self.ledger.open_intents(
            [self._intent(ref, job, side, action) for ref, job in refs.items()]
        )
        started = self.timer()
        outcomes = self._call(refs, side, action)
        seconds = (self.timer() - started) / len(batch)
        self._confirm(refs, outcomes, side)
        for ref, job in refs.items():
            self._note(job, side, outcomes[ref], intents[ref], seconds)

    def _intent(self, ref: str, job: Job, side: Side, action: Action) -> NewIntent:
        link, source = job.item.pair.link, job.item.pair.record(side.other)
        job.key = link.external_key
        key = ""
        if action is Action.CREATE and source is not None:
            job.key = external_key(self.config, link, source, side) or job.key
            key = external_key(self.config, link, source, side) or match_mark(
                self.config, source, side.other, self.key
            )
        fields = tuple(job.item.decision.patches.get(side, ()))
        return NewIntent(
            ref, link, side, action, fields, key or link.external_key or link.id_of(side)
        )

    def _call(self, refs: Mapping[str, Job], side: Side, action: Action) -> dict[str, Outcome]:
        """Make the call; a raised error counts for every item, a missing answer as lost."""
        try:
            found = {outcome.ref: outcome for outcome in self._send(refs, side, action)}
        except SyncError as error:
            found = {ref: Outcome(ref, error=error) for ref in refs}
        lost = ReplyLost("The answer does not mention the record.")
        return {ref: found.get(ref) or Outcome(ref, error=lost) for ref in refs}

    def _send(self, refs: Mapping[str, Job], side: Side, action: Action) -> Sequence[Outcome]:
        connector, kind = self.connectors[side], self.config.side(side).object_type
        patches = {ref: job.item.decision.patches.get(side, {}) for ref, job in refs.items()}
        if action is Action.CREATE:
            upserts = bool(self.config.side(side).upsert_key)
            return connector.create(
                kind,
                [
                    CreateItem(
                        ref, {**self._born(job, side), **patches[ref]}, job.key if upserts else ""
                    )
                    for ref, job in refs.items()
                ],
            )
        ids = {ref: job.item.pair.link.id_of(side) for ref, job in refs.items()}
        if action is Action.UPDATE:
            return connector.update(
                kind,
                [UpdateItem(r, ids[r], patches[r], job.key) for r, job in refs.items()],
            )
        by_id = {id_: ref for ref, id_ in ids.items()}
        answers = connector.archive(kind, list(by_id))
        return [replace(answer, ref=by_id[answer.ref]) for answer in answers]

    def _confirm(self, refs: Mapping[str, Job], outcomes: dict[str, Outcome], side: Side) -> None:
        """Read once more what an answer did not repeat.

        A re-read value counts only where it is what was sent: anything else may be somebody's
        later edit, which must still be seen as one.
        """
        if not self.config.side(side).readable:
            return
        gaps = {ref: outcome.record for ref, outcome in outcomes.items() if outcome.record}
        gaps = {
            ref: record
            for ref, record in gaps.items()
            if any(n not in record.values for n in refs[ref].item.decision.patches.get(side, ()))
        }
        if not gaps:
            return
        config, names = self.config.side(side), self.config.fields(side)
        try:
            ids = sorted({record.id for record in gaps.values()})
            found = self.connectors[side].fetch(config.object_type, ids, names)
        except SyncError:
            found = {}
        for ref, record in gaps.items():
            again = found.get(record.id)
            sent = refs[ref].item.decision.patches[side]
            seen = {n: v for n, v in sent.items() if again and same(again.get(n), v)}
            outcomes[ref] = Outcome(ref, replace(record, values={**seen, **record.values}))

    def _born(self, job: Job, side: Side) -> dict[str, Value]:
        """Return what a new record gets besides what is mapped.

        Not where the other side says something that could not be carried over: a default would be
        wrong then, and would stand in the way of the value once it is corrected.
        """
        unsent = {names[side is Side.TARGET] for names in job.item.decision.open_fields}
        born = self.config.side(side).born_with
        return {name: value for name, value in born if name not in unsent}

    def _blanks(self, side: Side, record: Record, sent: Mapping[str, Value]) -> dict[str, Value]:
        """Return the fields in which a new record was born empty, whatever became of them since.

        Without them a field that both sides fill in next would look like a first contact, where
        HubSpot's value counts, instead of a conflict. What it was born with counts as agreed on,
        too: a default owner is nothing that somebody chose, and must not travel back.
        """
        names = [name for name in self.config.fields(side) if name not in sent]
        born = dict(self.config.side(side).born_with)
        given = {name: record.get(name) for name in names if name in born}
        blank = {name: BLANK for name in names if not is_value(record.get(name))}
        return {**given, **blank}

    def _note(self, job: Job, side: Side, outcome: Outcome, intent: int, seconds: float) -> None:
        job.todo.remove(side)
        sent = job.item.decision.patches.get(side, {})
        record, was = outcome.record, job.item.pair.record(side)
        state, after = IntentState.CONFIRMED, {}
        if record is None:
            job.error = outcome.error or ReplyLost("There was no answer.")
            lost = isinstance(job.error, ReplyLost)
            state = IntentState.UNKNOWN if lost else IntentState.FAILED
            if job.error.scope is not Scope.RECORD:
                self.broken = self.broken or job.error
        else:
            readable = self.config.side(side).readable
            after = {n: record.get(n) if readable else v for n, v in sent.items()}
            job.stored[side] = {n: v for n, v in after.items() if v is not ABSENT}
            if job.action(side) is Action.CREATE:
                job.blanks[side] = self._blanks(side, record, sent)
            job.ids[side] = record.id
            if job.stored[side].keys() != sent.keys():
                state = IntentState.UNKNOWN
        before = {n: was.get(n) for n in sent} if was else {}
        job.results.append(
            WriteResult(
                intent, side, job.action(side), state, before, after, outcome.error, seconds
            )
        )
