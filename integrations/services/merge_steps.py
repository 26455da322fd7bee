"""The steps of one merge in the target: the kept pair, what points to the extra record, its end.

Each may be repeated at any time. Before every write its intent is committed under the lane's fence;
a lost answer is resolved by reading again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from django.utils.translation import gettext as _

from integrations.engine.config import MergePolicy, SyncConfig
from integrations.engine.diff import changed_fields
from integrations.engine.errors import NotFound, ReplyLost, Scope, SyncError
from integrations.engine.extras import Referrer, Repointing
from integrations.engine.pairs import Action, IntentState, LinkState
from integrations.engine.ports import Connector, Hint, Priority, UpdateItem
from integrations.engine.reasons import Reason
from integrations.engine.records import BLANK, Side
from integrations.models import Alias, Merge, ObjectSync, RecordLink
from integrations.services import dependencies, merge_children, merge_rows
from integrations.services.merge_journal import End, Journal, StepFailed
from integrations.services.merge_proof import is_proven
from integrations.services.merge_rows import MergeRefused
from integrations.services.progress import Progress
from integrations.services.slices import Session, digest_key

BATCH: Final = 200
"""Records pointed elsewhere between two commits."""
ROUNDS: Final = 5
"""How often is asked anew who points to the extra record, before it waits for the next attempt."""
Told = tuple[Referrer, SyncError | None]


def obstacle(object_sync: ObjectSync, config: SyncConfig, target: Connector) -> str:
    """Return why an extra record can never be removed by the portal, "" if it can be.

    Where other records may point to it, the system must be able to say which do.
    """
    if not config.target.can_archive:
        return _("The portal removes no record of this kind; it has to be done there by hand.")
    if dependencies.is_pointed_to(object_sync) and not isinstance(target, Repointing):
        return _("The portal cannot find what points to the record, so it removes none.")
    return ""


@dataclass
class Carrier:
    """One attempt at one merge. `merge` has its links and its object sync at hand."""

    session: Session
    merge: Merge
    progress: Progress

    # ------------------------------------------------------------ what is to be done

    @cached_property
    def journal(self) -> Journal:
        """Where everything is committed."""
        return Journal(self.session, self.merge, self.progress)

    @cached_property
    def policy(self) -> MergePolicy:
        """What is done with the extra record: what a person chose, else what is published now."""
        if self._is_decided or self.merge.policy != MergePolicy.ARCHIVE:
            return MergePolicy(self.merge.policy)
        return self.session.config.merge

    @cached_property
    def obstacle(self) -> str:
        """Why the extra record is not removed although it should be."""
        if self.policy is not MergePolicy.ARCHIVE:
            return ""
        always = obstacle(self.merge.object_sync, self.session.config, self._target)
        return always or ("" if self._is_decided else self._doubt())

    @property
    def removes(self) -> bool:
        """Tell whether the extra record is to be removed."""
        return self.policy is MergePolicy.ARCHIVE and not self.obstacle

    @property
    def _is_decided(self) -> bool:
        """Tell whether a person has decided that the extra record goes."""
        return any(step["key"] == merge_rows.DECIDED for step in self.merge.steps)

    def _doubt(self) -> str:
        """Return why a person should look at the extra record first, "" if there is no reason."""
        if self._is_taken():
            return ""
        try:
            known = merge_rows.before(self.merge).loser.digests.target
        except MergeRefused as refused:
            return str(refused)
        watched = [name for name in known if name not in self._pointing]
        extra = self.merge.loser.target_id
        record = self._target.fetch(self._kind, [extra], watched).get(extra)
        if record is None or record.archived or record.id != extra:
            return ""
        edited = changed_fields(record, known, digest_key(self.merge.object_sync), watched)
        if not edited:
            return ""
        names = ", ".join(sorted(edited))
        return _("It was edited there, and the change was not taken over: %s.") % names

    @cached_property
    def _pointing(self) -> frozenset[str]:
        """The target's fields that point to other records: an earlier merge may have moved them."""
        return frozenset(rule.target for rule in self.session.config.rules if rule.reference)

    @property
    def _target(self) -> Connector:
        return self.session.pair[Side.TARGET]

    @property
    def _kind(self) -> str:
        return self.session.config.target.object_type

    # ------------------------------------------------------------ the kept pair, and the children

    def settle_kept(self) -> None:
        """Bring the kept pair in step: what the survivor holds now is in its record."""
        hint = Hint(Side.HUBSPOT, self.merge.kept.hubspot_id, priority=Priority.RETRY)
        for _step in self.session.flow([hint], self.session.ledger(progress=self.progress)):
            pass
        self.merge.refresh_from_db(fields=["kept", "hubspot_id"])
        link = self.merge.kept
        if link.state != LinkState.LINKED or not link.target_id:
            raise StepFailed(Reason(link.reason), link.detail or f"{link.hubspot_id}.")
        self.journal.note("in_step", self._kind, link.target_id)

    def wake_children(self) -> None:
        """Let the pairs be looked at again that point to the survivor in HubSpot."""
        survivor = self.merge.kept.hubspot_id
        if not dependencies.is_pointed_to(self.merge.object_sync) or self._woken(survivor):
            return
        hubspot = self.session.pair[Side.HUBSPOT]
        count = merge_children.look_at_all(self.merge.object_sync, hubspot, survivor)
        self.journal.note("children", self.session.config.hubspot.object_type, survivor, str(count))

    def _woken(self, survivor: str) -> bool:
        return any((s["key"], s["id"]) == ("children", survivor) for s in self.merge.steps)

    # ------------------------------------------------------------ what points to the extra record

    def repoint(self) -> None:
        """Let everything point to the kept record instead, until nothing is found any more."""
        for _round in range(ROUNDS):
            found = self._referrers()
            self._resolve(found)
            if not found:
                return
            for start in range(0, len(found), BATCH):
                self._repoint(found[start : start + BATCH])
        raise StepFailed(Reason.STILL_REFERRED, f"{self.merge.loser.target_id}.")

    def _referrers(self) -> list[Referrer]:
        """Return what points to the extra record now; its own fields go with it."""
        target, extra = self._target, self.merge.loser.target_id
        if not isinstance(target, Repointing):
            return []
        try:
            found = target.referrers(self._kind, extra)
        except NotFound:
            return []
        return [one for one in found if (one.object_type, one.id) != (self._kind, extra)]

    def _resolve(self, found: Sequence[Referrer]) -> None:
        """Say how earlier attempts' writes ended: what does not point there any more was moved."""
        left = {_name(one) for one in found}
        known = self.journal.unsettled(Action.UPDATE)
        states = {True: IntentState.FAILED, False: IntentState.CONFIRMED}
        self.journal.close((key, states[name in left], "") for key, name in known.items())

    def _repoint(self, found: Sequence[Referrer]) -> None:
        keys = self.journal.plan(Action.UPDATE, {_name(one): (one.field,) for one in found})
        try:
            told = list(self._sent(found))
        except SyncError as error:
            self.journal.close((k, IntentState.UNKNOWN, error.reason) for k in keys.values())
            raise
        ends = {_name(one): (_state(error), error.reason if error else "") for one, error in told}
        unsaid = (IntentState.UNKNOWN, "")
        self.journal.moved(
            [(key, *ends.get(name, unsaid)) for name, key in keys.items()],
            [one for one, error in told if error is None],
        )
        _raise_for(told)

    def _sent(self, found: Sequence[Referrer]) -> Iterable[Told]:
        """Point records to the kept one; the kept one itself lets go instead."""
        target, kept = self._target, self.merge.kept.target_id
        assert isinstance(target, Repointing)  # noqa: S101  nobody is found without it
        own = [one for one in found if (one.object_type, one.id) == (self._kind, kept)]
        others = [one for one in found if one not in own]
        if others:
            yield from target.repoint(others, kept)
        for one in own:
            item = UpdateItem(one.field, one.id, {one.field: BLANK})
            [outcome] = self._target.update(self._kind, [item])
            yield one, outcome.error

    # ------------------------------------------------------------ the end of the extra record

    def remove(self) -> None:
        """Remove the extra record: only once the merge is proven and nothing points to it."""
        extra = self.merge.loser.target_id
        if self._is_taken():
            ends = self._earlier(IntentState.FAILED)
            self.journal.removed(ends, f"{extra} is part of another pair now.", by_us=False)
            return
        record = self._target.fetch(self._kind, [extra], ()).get(extra)
        if record is None or record.archived or record.id != extra:
            ends = self._earlier(IntentState.CONFIRMED)
            self.journal.removed(ends, f"{extra} was removed.", by_us=bool(ends))
            return
        self.journal.close(self._earlier(IntentState.FAILED))
        hubspot = self.session.pair[Side.HUBSPOT]
        if not is_proven(self.merge, hubspot, self.session.config.hubspot.object_type):
            raise StepFailed(Reason.MERGE_UNPROVEN, f"{', '.join(self.merge.old_ids)}.")
        if left := self._referrers():
            raise StepFailed(Reason.STILL_REFERRED, f"{left[0].object_type} {left[0].id}.")
        if not self._is_decided and (doubt := self._doubt()):
            raise StepFailed(Reason.MERGE_CONFLICT, doubt)
        self._archive(extra)

    def _is_taken(self) -> bool:
        """Tell whether the record has become another pair's, or is the kept one itself."""
        place = {"object_sync": self.merge.object_sync_id, "side": Side.TARGET.value}
        alias = Alias.objects.filter(**place, record_id=self.merge.loser.target_id)
        loser = RecordLink.objects.get(pk=self.merge.loser_id)
        return (
            loser.state != LinkState.SUPERSEDED
            or loser.target_id == self.merge.kept.target_id
            or alias.exclude(link=loser).exists()
        )

    def _earlier(self, state: IntentState) -> list[End]:
        return [(key, state, "") for key in self.journal.unsettled(Action.ARCHIVE)]

    def _archive(self, extra: str) -> None:
        [key] = self.journal.plan(Action.ARCHIVE, {extra: ()}).values()
        try:
            [outcome] = self._target.archive(self._kind, [extra])
        except SyncError as error:
            self.journal.close([(key, IntentState.UNKNOWN, error.reason)])
            raise
        if outcome.error is None:
            end = (key, IntentState.CONFIRMED, "")
            self.journal.removed([end], f"{extra} was removed.", by_us=True)
            return
        self.journal.close([(key, _state(outcome.error), outcome.error.reason)])
        _raise_for([(Referrer(self._kind, extra, ""), outcome.error)])


def _name(one: Referrer) -> str:
    """Return what an intent about a record that points elsewhere is known by."""
    return f"{one.object_type}:{one.id}:{one.field}"[:200]


def _state(error: SyncError | None) -> IntentState:
    if error is None:
        return IntentState.CONFIRMED
    return IntentState.UNKNOWN if isinstance(error, ReplyLost) else IntentState.FAILED


def _raise_for(told: Sequence[Told]) -> None:
    """Raise what went wrong, if something did: what concerns everything first."""
    errors = [(one, error) for one, error in told if error is not None]
    lost = [error for _one, error in errors if isinstance(error, ReplyLost)]
    certain = [(one, error) for one, error in errors if not isinstance(error, ReplyLost)]
    for _one, error in certain:
        if error.scope is not Scope.RECORD:
            raise error
    for one, error in certain:
        raise StepFailed(error.reason, f"{one.object_type} {one.id}: {error.detail}")
    if lost:
        raise StepFailed(Reason.WRITE_UNKNOWN, lost[0].detail)
