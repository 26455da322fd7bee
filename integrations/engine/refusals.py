"""What a system refused is not sent again as it was: remembering it, and leaving it out.

A refusal that names fields concerns these; any other one concerns everything that was sent. A
person who asks for another try gets one. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from integrations.engine.errors import Scope, SyncError
from integrations.engine.mapping import FieldNote, Mapper
from integrations.engine.pairs import Action, Decision, Link, LinkState, Refusal
from integrations.engine.reasons import Reason
from integrations.engine.records import Side, Value, canonical, digest

WHOLE: Final = "*"
Patch = Mapping[str, Value]
Refusals = dict[str, Refusal]


def withhold(
    decision: Decision, link: Link, mapper: Mapper, key: bytes, *, hubspot_first: bool = False
) -> Decision:
    """Return a decision without what was refused before and has not changed since.

    With `hubspot_first` a pair of which HubSpot has refused anything is failing.
    """
    if not link.refused or not decision.patches:
        return decision
    patches: dict[Side, Patch] = {}
    notes: list[FieldNote] = []
    failing = False
    for side, patch in decision.patches.items():
        left = {}
        for name, value in patch.items():
            known = link.refused.get(_place(side, name))
            if known is None or known.digest != digest(value, key):
                left[name] = value
            else:
                notes += _notes(mapper, side, name, known)
                failing |= hubspot_first and side is Side.HUBSPOT
        whole = link.refused.get(_place(side, WHOLE))
        if left and whole is not None and whole.digest == _digest(left, key):
            return Decision(Action.FAIL, Reason.REFUSED_BEFORE, link.state, whole.detail)
        if left:
            patches[side] = left
    return _without(decision, patches, notes, failing) if notes else decision


def _without(
    decision: Decision, patches: Mapping[Side, Patch], notes: list[FieldNote], failing: bool
) -> Decision:
    """Return a decision that writes less, and says so unless something worse is said."""
    said = (*decision.notes, *notes)
    changed = replace(decision, patches=patches, notes=said)
    if decision.action is Action.CREATE and not patches:
        detail = " ".join(note.detail for note in notes)
        return Decision(Action.FAIL, Reason.REJECTED, LinkState.FAILING, detail, notes=said)
    if decision.action is Action.UPDATE and not patches:
        changed = replace(changed, action=Action.NOTHING)
    if decision.state is not LinkState.LINKED:
        return changed
    detail = " ".join(dict.fromkeys(note.detail for note in said if note.detail))
    if failing:
        return replace(changed, reason=Reason.REJECTED, state=LinkState.FAILING, detail=detail)
    return replace(changed, reason=Reason.FIELDS_QUARANTINED, detail=detail)


def refused_before(link: Link, side: Side, name: str, value: Value, key: bytes) -> str | None:
    """Return what was said when exactly this was refused the last time; None: it was not."""
    known = link.refused.get(_place(side, name))
    return known.detail if known is not None and known.digest == digest(value, key) else None


def kept(decision: Decision, link: Link) -> Refusals:
    """Return the earlier refusals that a decision still goes by."""
    rejected = [note for note in decision.notes if note.reason is Reason.REJECTED]
    noted = {name for note in rejected for name in (note.hubspot, note.target)}
    again = decision.reason is Reason.REFUSED_BEFORE
    return {
        place: refusal
        for place, refusal in link.refused.items()
        if again or place.partition(":")[2] in noted
    }


def fresh(patch: Patch, side: Side, names: Sequence[str], detail: str, key: bytes) -> Refusals:
    """Return a new refusal: of the fields it names, or of everything that was sent."""
    if not names:
        return {_place(side, WHOLE): Refusal(_digest(patch, key), detail)}
    return {_place(side, name): Refusal(digest(patch[name], key), detail) for name in names}


def named(patch: Patch, side: Side, error: SyncError, mapper: Mapper) -> tuple[str, ...]:
    """Return the fields a refusal names, without which the others can go; none: it is about all.

    Required fields cannot stay behind, nor can a part of a group.
    """
    names = tuple(name for name in error.fields if name in patch)
    bound = {rule.rule.target for rule in mapper.rules if rule.rule.required}
    bound |= {member for group in mapper.groups for member in group.members}
    needed = (bound if side is Side.TARGET else set()) | set(mapper.always_send.get(side, ()))
    return names if is_final(error) and not needed.intersection(names) else ()


def is_final(error: SyncError) -> bool:
    """Tell whether the same data would be refused again."""
    return error.scope is Scope.RECORD and not error.retryable


def _notes(mapper: Mapper, side: Side, name: str, known: Refusal) -> list[FieldNote]:
    return [
        bound.note(Reason.REJECTED, f"{bound.label}: {known.detail}")
        for bound in mapper.rules
        if bound.name(side) == name
    ]


def _digest(patch: Patch, key: bytes) -> str:
    return digest(tuple(f"{name}={canonical(value)}" for name, value in patch.items()), key)


def _place(side: Side, name: str) -> str:
    return f"{side.value}:{name}"
