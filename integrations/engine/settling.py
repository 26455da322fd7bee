"""From what was stored to what is remembered: one Settlement per pair. Writes nothing itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from integrations.engine.config import SyncConfig
from integrations.engine.diff import next_digests
from integrations.engine.errors import Duplicate, RateLimited, Rejected, SyncError, Unavailable
from integrations.engine.joining import lacks, memberships
from integrations.engine.mapping import Mapper
from integrations.engine.pairs import Action, Base, IntentState, Link, LinkState, Pair, Refusal
from integrations.engine.ports import Settlement
from integrations.engine.reasons import Reason
from integrations.engine.records import UNREADABLE, Side, Value
from integrations.engine.refusals import fresh, is_final, kept, named
from integrations.engine.writing import Job

UNDECIDED = frozenset({Action.HOLD, Action.FAIL, Action.WAIT, Action.EXCLUDE, Action.FREEZE})
"""After these an earlier write of unknown end stays unknown."""


@dataclass(frozen=True, slots=True)
class Settler:
    """Turns finished jobs into settlements.

    `failed_creates` tells by link which open creates reading has disproved.
    """

    config: SyncConfig
    mapper: Mapper
    now: datetime
    key: bytes
    failed_creates: Mapping[int, tuple[tuple[int, IntentState], ...]] = field(default_factory=dict)

    def settle(self, job: Job, taken: bool = False) -> Settlement:
        """Return everything that one job's end changes.

        `taken` says that the record which refused a create is linked with another one already.
        """
        pair, decision = job.item.pair, job.item.decision
        link = pair.link
        ids = {side: self._id(job, side) for side in Side}
        error = job.error
        state, reason, detail = decision.state, decision.reason, decision.detail
        if error is not None:
            state, reason, detail = self._after_error(job, error)
            if (found := _found_meanwhile(job)) and not taken:
                ids[_failed_side(job)] = found
                state, reason = LinkState.PENDING, Reason.CHANGED_MEANWHILE
        elif _is_unsure(job):
            reason = Reason.WRITE_UNKNOWN
        return Settlement(
            link=link,
            decision=decision,
            state=state,
            reason=reason,
            hints=job.item.hints,
            detail=detail,
            hubspot_id=ids[Side.HUBSPOT],
            target_id=ids[Side.TARGET],
            external_key=job.key or link.external_key,
            base=self._base(job),
            missing_since=self._missing_since(job),
            writes=tuple(job.results),
            resolved=self._resolved(job),
            error=error,
            retry_after=self._retry_after(job, reason),
            label=_label(pair),
            unmet=job.item.unmet,
            refused=self._refused(job, reason),
        )

    def _id(self, job: Job, side: Side) -> str:
        if job.item.decision.action is Action.UNLINK and side is Side.TARGET:
            return ""
        return job.ids.get(side) or job.item.pair.link.id_of(side)

    def _refused(self, job: Job, reason: Reason) -> Mapping[str, Refusal]:
        """Return what is not sent again; a record that was found instead was not refused."""
        earlier = kept(job.item.decision, job.item.pair.link)
        if job.error is None or not is_final(job.error) or reason is Reason.CHANGED_MEANWHILE:
            return earlier
        side = _failed_side(job)
        patch = job.item.decision.patches.get(side, {})
        return earlier | fresh(patch, side, self._named(job), job.error.detail, self.key)

    def _named(self, job: Job) -> tuple[str, ...]:
        """Return the fields that a refusal leaves behind while the others can go."""
        side = _failed_side(job)
        patch = job.item.decision.patches.get(side, {})
        return named(patch, side, job.error, self.mapper) if job.error else ()

    def _after_error(self, job: Job, error: SyncError) -> tuple[LinkState, Reason, str]:
        if self._is_untaken(job, error):
            return LinkState.FAILING, error.reason, error.detail
        if not is_final(error) or self._named(job):
            return _still(job.item.pair.link), error.reason, error.detail
        held = LinkState.HELD if error.reason is Reason.AMBIGUOUS else LinkState.FAILING
        return held, error.reason, error.detail

    def _is_untaken(self, job: Job, error: SyncError) -> bool:
        """Tell whether a pair waits for HubSpot, which is first, to take a change.

        It is failing until then, also if HubSpot only did not answer: nobody may think that both
        systems agree.
        """
        first = self.config.hubspot_first and _failed_side(job) is Side.HUBSPOT
        return first and job.item.pair.is_linked and isinstance(error, Unavailable | Rejected)

    def _retry_after(self, job: Job, reason: Reason) -> float | None:
        if job.error is not None:
            if isinstance(job.error, RateLimited | Unavailable):
                return job.error.retry_after
            again = not is_final(job.error) or reason is Reason.CHANGED_MEANWHILE
            return 0.0 if again or self._named(job) else None
        again = job.item.decision.wants_another_look or self._is_half(job)
        if job.todo or _is_unsure(job) or again:
            return 0.0
        if job.item.decision.reason is Reason.GONE_GRACE:
            passed = self.now.timestamp() - self._missing_since(job)
            return max(0.0, self.config.grace_seconds - passed)
        return None

    def _is_half(self, job: Job) -> bool:
        """Tell whether a record was made, but could not be put where it belongs."""
        made = (write.side for write in job.results if write.action is Action.CREATE)
        return any(lacks(self.config, side, self._observed(job, side)) for side in made)

    def _missing_since(self, job: Job) -> float:
        if job.item.decision.reason is not Reason.GONE_GRACE:
            return 0.0
        return job.item.pair.link.missing_since or self.now.timestamp()

    def _base(self, job: Job) -> Base | None:
        """Return the new base: what both sides are known to hold where they agree."""
        pair, decision = job.item.pair, job.item.decision
        changed = decision.action in (Action.SETTLE, Action.LINK) or job.stored
        if not changed or decision.action is Action.ARCHIVE:
            return None
        observed = {side: self._observed(job, side) for side in Side}
        fresh = next_digests(
            self.mapper.rules,
            {side: pair.link.base.of(side) for side in Side},
            observed,
            decision.open_fields | self._unconfirmed(job),
            self.key,
        )
        for side in Side:
            fresh[side] |= memberships(self.config, side, observed[side], self.key)
        return Base(fresh[Side.HUBSPOT], fresh[Side.TARGET])

    def _observed(self, job: Job, side: Side) -> Mapping[str, Value]:
        record = job.item.pair.record(side)
        if record is None and not self.config.side(side).readable:
            blank: dict[str, Value] = dict.fromkeys(self.config.fields(side), UNREADABLE)
            return {**blank, **job.stored.get(side, {})}
        seen = record.values if record else job.blanks.get(side, {})
        return {**seen, **job.stored.get(side, {})}

    def _unconfirmed(self, job: Job) -> frozenset[tuple[str, str]]:
        """Return the fields that were to be written but are not known to be stored."""
        return frozenset(
            (bound.rule.hubspot, bound.rule.target)
            for side, patch in job.item.decision.patches.items()
            for bound in self.mapper.rules
            if bound.name(side) in patch and bound.name(side) not in job.stored.get(side, {})
        )

    def _resolved(self, job: Job) -> tuple[tuple[int, IntentState], ...]:
        """Say how earlier writes of unknown end turned out, as far as reading has shown it."""
        link, decision = job.item.pair.link, job.item.decision
        ends = dict(self.failed_creates.get(link.key, ()))
        if job.error is None and not job.todo and decision.action not in UNDECIDED:
            for intent in link.unresolved:
                repeated = intent.side in decision.patches
                end = IntentState.FAILED if repeated else IntentState.CONFIRMED
                ends.setdefault(intent.key, end)
        return tuple(ends.items())


def _failed_side(job: Job) -> Side:
    return job.results[-1].side


def _found_meanwhile(job: Job) -> str:
    """Return the id of the record because of which a create was refused, "" for anything else."""
    creating = job.results[-1].action is Action.CREATE
    return job.error.existing_id if creating and isinstance(job.error, Duplicate) else ""


def _still(link: Link) -> LinkState:
    """Return the state of a link whose write is yet to happen: it is not kept out any more."""
    if link.state not in (LinkState.EXCLUDED, LinkState.FROZEN):
        return link.state
    return LinkState.LINKED if link.hubspot_id and link.target_id else LinkState.PENDING


def _is_unsure(job: Job) -> bool:
    """Tell whether a write was answered without saying what became of every field."""
    return job.error is None and any(w.state is IntentState.UNKNOWN for w in job.results)


def _label(pair: Pair) -> str:
    return next((r.label for r in (pair.hubspot, pair.target) if r is not None and r.label), "")
