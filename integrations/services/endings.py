"""How settlements end: what a link becomes, when it is tried again, who owns an id. No database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from zlib import crc32

from integrations.engine.errors import RateLimited, Scope
from integrations.engine.explanations import EXPLANATIONS, Tone, explain
from integrations.engine.pairs import Action, LinkState
from integrations.engine.ports import Hint, Priority, Settlement
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.services.hints import NewHint
from integrations.services.link_json import read_verdict
from integrations.services.link_rows import ENDED, Row

JITTER: Final = 0.2
"""Share by which waits are stretched, by record id, so that retries do not come in one burst."""
Claim = tuple[Side, str]


@dataclass(slots=True)
class Ending:
    """One settlement with what is stored before and after it. `claims` are ids it newly holds.

    `due_at` None: its hints are done.
    """

    item: Settlement
    row: Row
    before: Row | None = None
    due_at: datetime | None = None
    claims: list[Claim] = field(default_factory=list)

    @property
    def turned(self) -> bool:
        """Tell whether the link's state or reason is another than before."""
        old = self.before
        return old is None or (old.state, old.reason) != (self.row.state, self.row.reason)

    @property
    def changed(self) -> bool:
        """Tell whether anything of the link has to be stored."""
        return self.row != self.before or self._forgets_verdict

    @property
    def _forgets_verdict(self) -> bool:
        """Tell whether a person's word about a deletion is stored that is over, or was in vain."""
        old, row = self.before, self.row
        if old is None or old.choices == "{}" or read_verdict(old.choices) is None:
            return False
        return row.spent or not (old.is_held_deletion and row.is_held_deletion)

    @property
    def conflicts(self) -> list[tuple[str, str]]:
        """Return the fields (HubSpot and target name) that both sides changed apart."""
        notes = self.item.decision.notes if self.row.state == LinkState.HELD else ()
        return [(n.hubspot, n.target) for n in notes if n.reason is Reason.CONFLICT]

    @property
    def storable(self) -> bool:
        """Tell whether there is a record to keep a row for."""
        return bool(self.row.hubspot_id or self.row.target_id)

    @property
    def has_erased_there(self) -> bool:
        """Tell whether the record of an erased person has just been archived in the target."""
        archived = self.item.decision.action is Action.ARCHIVE and self.item.error is None
        return self.row.is_erased and archived

    @property
    def needs_person(self) -> bool:
        """Tell whether the attempt ended in a way that only a person can mend."""
        tone = EXPLANATIONS[Reason(self.row.reason)].tone
        stuck = self.row.state in (LinkState.FAILING, LinkState.HELD)
        return self.due_at is None and stuck and tone is Tone.ACTION


def ending_of(item: Settlement, before: Row | None, ladder: Sequence[int], now: datetime) -> Ending:
    """Work out one settlement; `ladder` are the minutes between attempts."""
    item, due_at = _retry(item, ladder, now)
    if before is not None and before.is_erased:
        item = _kept_erased(item)
    ending = Ending(item, _row(item, before), before, due_at)
    if before is not None and _is_put_off(item, before, due_at):
        ending.row.state, ending.row.reason = before.state, before.reason
        ending.row.detail = before.detail
    if ending.row.state in ENDED:
        return ending
    revived = before is not None and before.state in ENDED
    for side in Side:
        held = "" if before is None or revived else before.id_of(side)
        if ending.row.id_of(side) not in ("", held):
            ending.claims.append((side, ending.row.id_of(side)))
    return ending


def grant(endings: Sequence[Ending], holders: Mapping[Claim, Row]) -> list[int]:
    """Give every claimed id to one link; returns the one-sided links that are absorbed by it.

    `holders` are the links the ids belong to so far. An id is never taken from another live
    pair: the claimant is held instead.
    """
    settled = {ending.row.id: ending.row for ending in endings if ending.row.id}
    taken: set[Claim] = set()
    absorbed: list[int] = []
    for ending in endings:
        for claim in list(ending.claims):
            holder = holders.get(claim)
            rival = settled.get(holder.id, holder) if holder else None
            if rival is not None and rival.is_erased and rival.id != ending.row.id:
                _hold(ending, claim)
                continue
            if rival is not None and not _is_rival(rival, ending.row, claim):
                rival = None
            if claim in taken or (rival is not None and rival.id_of(claim[0].other)):
                _hold(ending, claim)
                continue
            taken.add(claim)
            if rival is not None:
                rival.state, rival.reason = LinkState.SUPERSEDED.value, Reason.SUPERSEDED.value
                absorbed.append(rival.id)
    return absorbed


def blameless(item: Settlement) -> bool:
    """Tell whether the attempt failed for a reason that has nothing to do with the record."""
    error = item.error
    return error is not None and (
        isinstance(error, RateLimited) or error.scope in (Scope.CONNECTION, Scope.INSTALLATION)
    )


def retry_hint(hint: Hint, due_at: datetime, reason: str) -> NewHint:
    """Return the stored hint with which a record of a run's page is tried again."""
    return NewHint(
        side=hint.side,
        record_id=hint.record_id,
        priority=Priority.RETRY,
        fired=hint.fired,
        asked=hint.asked,
        due_at=due_at,
        attempts=1,
        reason=reason,
    )


def _retry(
    item: Settlement, ladder: Sequence[int], now: datetime
) -> tuple[Settlement, datetime | None]:
    """Return when the pair is due again; at the end of the ladder it has failed for good."""
    if item.retry_after is None:
        return item, None
    asked = timedelta(seconds=item.retry_after)
    if blameless(item) or (item.error is None and asked):
        return item, now + asked
    attempts = max((hint.attempts for hint in item.hints), default=1) or 1
    if attempts <= len(ladder):
        spread = crc32((item.hubspot_id or item.target_id).encode()) / 2**32 * JITTER
        return item, now + max(asked, timedelta(minutes=ladder[attempts - 1] * (1 + spread)))
    detail = explain(item.reason, item.detail)
    failed = replace(item, state=LinkState.FAILING, reason=Reason.GAVE_UP, detail=detail)
    return failed, None


def _kept_erased(item: Settlement) -> Settlement:
    """Let what is left of an erased person stay so, whatever came of an attempt: without values.

    What a system answered may quote the person, so only the code of an error is kept.
    """
    code = f"It could not be archived there ({item.error.reason})." if item.error else ""
    return replace(
        item,
        state=LinkState.GONE,
        reason=Reason.ERASED,
        hubspot_id=item.link.hubspot_id,
        target_id=item.link.target_id,
        detail=code,
        base=None,
        refused=item.link.refused,
        label="",
        writes=tuple(replace(write, before={}, after={}, error=None) for write in item.writes),
    )


def _row(item: Settlement, before: Row | None) -> Row:
    row = Row(
        id=before.id if before else 0,
        hubspot_id=item.hubspot_id,
        target_id=item.target_id,
        external_key=item.external_key,
        state=item.state.value,
        reason=item.reason.value,
        detail=item.detail[:1000].replace("\0", ""),
        missing_since=item.missing_since,
        choices=before.choices if before else "{}",
        spent=item.decision.action is Action.HOLD and item.link.decided is not None,
    )
    if item.base is not None and item.base != item.link.base:
        row.base = {"hubspot": dict(item.base.hubspot), "target": dict(item.base.target)}
    if item.refused != item.link.refused:
        row.refused = {place: [r.digest, r.detail[:300]] for place, r in item.refused.items()}
    if before and before.state == row.state == LinkState.SUPERSEDED:
        row.hubspot_id = before.hubspot_id  # that it answers with another one by now is no news
    if before and _adds_nothing(item.reason, row, before):
        row.reason, row.detail = before.reason, before.detail
    return row


def _is_put_off(item: Settlement, before: Row, due_at: datetime | None) -> bool:
    """Tell whether a held deletion is still to be carried out as a person said.

    It stays held for that reason while it is tried again, so that what they said is kept.
    """
    tried = item.decision.action is Action.ARCHIVE and item.error is not None
    return before.is_held_deletion and tried and due_at is not None


def _adds_nothing(reason: Reason, row: Row, before: Row) -> bool:
    """Tell whether "nothing to do" says less than the link says already."""
    if reason is Reason.REFUSED_BEFORE:
        return row.state == before.state
    if reason is Reason.SUPERSEDED:
        return row.state == before.state and not row.detail
    if reason is Reason.WAITING_FOR_TRIGGER:
        return row.state == before.state != LinkState.PENDING
    good = EXPLANATIONS[Reason(before.reason)].tone is Tone.GOOD
    return reason is Reason.IN_STEP and before.state == LinkState.LINKED and good


def _is_rival(rival: Row, row: Row, claim: Claim) -> bool:
    side, record_id = claim
    other = rival.id != row.id and rival.state not in ENDED
    return other and rival.id_of(side) == record_id


def _hold(ending: Ending, claim: Claim) -> None:
    side, record_id = claim
    row, before = ending.row, ending.before
    former = before.id_of(side) if before else ""
    if side is Side.HUBSPOT:
        row.hubspot_id = former
    else:
        row.target_id = former
    row.state, row.reason = LinkState.HELD.value, Reason.AMBIGUOUS.value
    row.detail = f"{record_id} already belongs to another pair."
    row.base = None
    ending.claims.remove(claim)
    ending.item = replace(
        ending.item, state=LinkState.HELD, reason=Reason.AMBIGUOUS, detail=row.detail
    )
