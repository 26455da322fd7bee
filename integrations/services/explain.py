"""Why a record is where it is: the same engine, stopped before it writes. And: sync now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from integrations.engine import explanations
from integrations.engine.explanations import Tone
from integrations.engine.mapping import FieldNote, FieldRule, Privacy
from integrations.engine.pairs import Action, Decision, Pair
from integrations.engine.plan import PlanItem
from integrations.engine.ports import Hint, Priority
from integrations.engine.reasons import Reason
from integrations.engine.reconcile import Planned
from integrations.engine.records import ABSENT, UNREADABLE, Side, Value, as_text
from integrations.models import Alias, ObjectSync, RecordLink
from integrations.models import Hint as HintRow
from integrations.services import audit, hints, tenants
from integrations.services.hints import NewHint
from integrations.services.slices import Session

MASK: Final = "••••"
NOWHERE: Final = "–"


@dataclass(frozen=True, slots=True)
class FieldView:
    """One mapped field as a person may see it; `would_be` is what would be written, "" nothing.

    `side` is where it would be written ("hubspot" or "target").
    """

    label: str
    hubspot_field: str
    target_field: str
    hubspot_value: str
    target_value: str
    would_be: str = ""
    note: str = ""
    side: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a record is where it is, and what would happen to it now.

    `stored` is the link as the last attempt left it, None for an unknown record; `waiting` is its
    hint, if one waits. `found` False: no such record on either side.
    """

    object_sync: ObjectSync
    side: Side
    record_id: str
    action: Action
    reason: Reason
    tone: Tone
    sentence: str
    remedy: str
    fields: tuple[FieldView, ...] = ()
    label: str = ""
    found: bool = True
    hubspot_id: str = ""
    target_id: str = ""
    stored: RecordLink | None = None
    waiting: HintRow | None = None


def why(object_sync: ObjectSync, side: Side, record_id: str, *, fired: bool = False) -> Explanation:
    """Decide on one record without writing; `fired` as if somebody chose "Sync now".

    Health values are masked. Raises a sync-wide SyncError when a system cannot be read.
    """
    session = Session.of(object_sync, 0, Priority.PERSON)
    hint = Hint(side, record_id, asked=fired, priority=Priority.PERSON)
    flow = session.flow([hint], session.ledger())
    item = next(
        item
        for step in flow
        if isinstance(step, Planned)
        for item in step.plan.items
        if hint in item.hints
    )
    decision, pair = item.decision, item.pair
    text = explanations.EXPLANATIONS[decision.reason]
    stored = stored_link(object_sync, side, record_id)
    found = pair.hubspot is not None or pair.target is not None
    return Explanation(
        object_sync=object_sync,
        side=side,
        record_id=record_id,
        action=decision.action,
        reason=decision.reason,
        tone=text.tone,
        sentence=_sentence(decision, will_write=decision.is_write),
        remedy=text.remedy,
        fields=fields_of(session.config.rules, item) if found else (),
        label=next((r.label for r in (pair.hubspot, pair.target) if r and r.label), ""),
        found=found,
        hubspot_id=pair.link.hubspot_id,
        target_id=pair.link.target_id,
        stored=stored,
        waiting=waiting_hint(object_sync, side, record_id),
    )


def stored_link(object_sync: ObjectSync, side: Side, record_id: str) -> RecordLink | None:
    """Return the link of an id, old ids included."""
    alias = Alias.objects.filter(object_sync=object_sync, side=side, record_id=record_id)
    row = alias.select_related("link").first()
    return row.link if row else None


def waiting_hint(object_sync: ObjectSync, side: Side, record_id: str) -> HintRow | None:
    """Return the hint of an id that waits for its turn."""
    rows = HintRow.objects.filter(object_sync=object_sync, side=side, record_id=record_id)
    return rows.first()


def sync_now(object_sync: ObjectSync, side: Side, record_id: str, user: AbstractBaseUser) -> None:
    """Let a record go first, as if it had just entered the trigger; raises PermissionDenied."""
    tenants.require(user, object_sync.tenant, change=True)
    with transaction.atomic():
        wanted = NewHint(side, record_id, Priority.PERSON, asked=True, due_at=timezone.now())
        hints.raise_hints(object_sync.pk, [wanted])
        hints.wake([object_sync.pk])
        audit.record(
            object_sync.tenant,
            "record.sync_now",
            user=user,
            object_sync=object_sync,
            detail=f"{side.value} {record_id}",
        )


def _sentence(decision: Decision, *, will_write: bool) -> str:
    """Say what would happen: the sentences of the reasons speak of what has happened."""
    if will_write and decision.action in _FUTURE:
        said = _FUTURE[decision.action]
        if decision.reason is Reason.FIELDS_QUARANTINED:
            return f"{said} {explanations.explain(decision.reason, decision.detail)}"
        return f"{said} {decision.detail}".strip()
    return explanations.explain(decision.reason, decision.evidence or decision.detail)


_FUTURE: Final = {
    Action.CREATE: "It would be created in the other system now.",
    Action.UPDATE: "Its changes would be written to the other system now.",
    Action.LINK: "It would be linked with the one matching record now.",
    Action.ARCHIVE: "It would be archived in the other system now.",
}


def fields_of(rules: Sequence[FieldRule], item: PlanItem) -> tuple[FieldView, ...]:
    """Return every mapped field of a planned pair as a person may see it, health values masked."""
    notes = {(note.hubspot, note.target): note for note in item.decision.notes}
    return tuple(
        _field(rule, item.pair, item.decision.patches, notes.get((rule.hubspot, rule.target)))
        for rule in rules
    )


def _field(
    rule: FieldRule,
    pair: Pair,
    patches: Mapping[Side, Mapping[str, Value]],
    note: FieldNote | None,
) -> FieldView:
    masked = rule.privacy is Privacy.HEALTH
    names = {Side.HUBSPOT: rule.hubspot, Side.TARGET: rule.target}
    new = [
        (side.value, shown(patch[names[side]], masked))
        for side, patch in patches.items()
        if names[side] in patch
    ]
    values = {}
    for side, name in names.items():
        record = pair.record(side)
        values[side] = shown(record.get(name) if record else ABSENT, masked)
    return FieldView(
        label=rule.label or rule.hubspot,
        hubspot_field=rule.hubspot,
        target_field=rule.target,
        hubspot_value=values[Side.HUBSPOT],
        target_value=values[Side.TARGET],
        would_be=new[0][1] if new else "",
        note=explanations.explain(note.reason, note.detail) if note else "",
        side=new[0][0] if new else "",
    )


def shown(value: Value, masked: bool) -> str:
    """Return a value as people may see it."""
    if value is ABSENT:
        return NOWHERE
    if value is UNREADABLE:
        return "?"
    text = as_text(value)
    return MASK if masked and text else text
