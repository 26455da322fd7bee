"""What to do with one pair, and why: the decision table. Pure; the caller does the reading."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from integrations.engine.chosen import as_meant
from integrations.engine.compare import NO_DOUBT, Comparison, Doubt, compare
from integrations.engine.config import ExitRule, SyncConfig, Trigger
from integrations.engine.erased import at_rest
from integrations.engine.filters import Condition, Operator, holds, passes, sentence
from integrations.engine.losing import gone
from integrations.engine.mapping import FieldNote, Mapper, Privacy, overwritten
from integrations.engine.pairs import (
    REMARKS,
    Action,
    Decision,
    Link,
    LinkState,
    Pair,
    Unmet,
)
from integrations.engine.reasons import Reason
from integrations.engine.records import ABSENT, Record, Side, Value, as_text, is_value
from integrations.engine.refusals import withhold


@dataclass(frozen=True, slots=True)
class Context:
    """What a decision needs besides the pair and the configuration.

    `fired` and `asked` are the hints' own. `candidates` are the ids of several matching records,
    or of one that is already linked with another. `matched` says that the other record was just
    found. `unresolved` says that reading could not tell whether an earlier create happened.
    `unmet` are the records that either record points to and that are no pairs.
    """

    now: datetime
    digest_key: bytes
    fired: bool = False
    asked: bool = False
    candidates: tuple[str, ...] = ()
    matched: bool = False
    unresolved: bool = False
    unmet: tuple[Unmet, ...] = ()


def decide(pair: Pair, config: SyncConfig, mapper: Mapper, context: Context) -> Decision:
    """Return what to do with one pair: the first row of the table that applies."""
    if (ended := at_rest(pair, config)) is not None:
        return ended
    decision: Decision = (
        gone(pair, config, context.now, context.digest_key)
        or _filtered(as_meant(pair, mapper, context.now, context.digest_key), config, mapper)
        or _not_triggered(pair, config, context)
        or _unclear(context)
        or _create(pair, config, mapper, context)
        or _compare(pair, config, mapper, context)
    )
    if not (context.asked or context.fired):
        first, key = config.hubspot_first, context.digest_key
        decision = withhold(decision, pair.link, mapper, key, hubspot_first=first)
    if config.trigger and context.fired and pair.hubspot:
        return _with_stage_seen(decision, config.trigger, pair.hubspot)
    return decision


def _filtered(pair: Pair, config: SyncConfig, mapper: Mapper) -> Decision | None:
    """Ask each side's filter about that side's record."""
    if pair.is_linked and config.exit_rule is ExitRule.KEEP_SYNCING:
        return None
    for side, wanted in config.filters:
        record = pair.record(side)
        if record is None or not config.side(side).readable:
            continue
        if pair.is_linked and side in config.creation_only:
            continue
        verdict = passes(wanted, record)
        if verdict.condition is not None:
            return _kept_out(pair, config, mapper, side, verdict.condition)
    return None


def _kept_out(
    pair: Pair, config: SyncConfig, mapper: Mapper, side: Side, condition: Condition
) -> Decision:
    """Exclude, freeze or unlink, naming the condition and the value it saw."""
    record = pair.record(side)
    seen = record.get(condition.field) if record else ABSENT
    privacy = mapper.privacy(side, condition.field)
    detail = sentence(condition, seen, privacy)
    named = "" if privacy is Privacy.HEALTH else sentence(condition, seen, Privacy.PUBLIC)
    action, reason, state = Action.FREEZE, Reason.FROZEN, LinkState.FROZEN
    if not pair.is_linked or config.exit_rule is ExitRule.UNLINK:
        action = Action.UNLINK if pair.is_linked else Action.EXCLUDE
        reason, state = Reason.FILTERED_OUT, LinkState.EXCLUDED
    return Decision(action, reason, state, detail, evidence=named)


def _not_triggered(pair: Pair, config: SyncConfig, context: Context) -> Decision | None:
    """Hold back what did not enter the trigger; an entry counts even if it has moved on."""
    trigger = config.trigger
    if trigger is None or context.fired or pair.link.unresolved or pair.hubspot is None:
        return None
    condition, seen = _entry(trigger), pair.hubspot.get(trigger.field)
    if not holds(condition, seen):
        detail = sentence(condition, seen, Privacy.PUBLIC)
        if pair.is_linked:
            return Decision(Action.FREEZE, Reason.FROZEN, LinkState.FROZEN, detail)
        return Decision(Action.EXCLUDE, Reason.FILTERED_OUT, LinkState.EXCLUDED, detail)
    if context.asked:
        return None
    state = LinkState.LINKED if pair.is_linked else LinkState.PENDING
    if pair.link.state in (LinkState.FAILING, LinkState.HELD):
        state = pair.link.state
    return Decision(Action.NOTHING, Reason.WAITING_FOR_TRIGGER, state)


def _entry(trigger: Trigger) -> Condition:
    return Condition(trigger.field, Operator.EQUALS, (trigger.value,), trigger.label)


def _with_stage_seen(decision: Decision, trigger: Trigger, record: Record) -> Decision:
    """Mention that the record has already left the trigger's value again."""
    seen = record.get(trigger.field)
    if holds(_entry(trigger), seen):
        return decision
    text = f"{decision.detail} {trigger.label or trigger.field} seen: {as_text(seen) or 'empty'}."
    return replace(decision, detail=text.strip())


def _unclear(context: Context) -> Decision | None:
    """Hold what reading could not settle: several matches, or a create that may have happened."""
    if context.candidates:
        detail = f"{', '.join(context.candidates)}."
        return Decision(Action.HOLD, Reason.AMBIGUOUS, LinkState.HELD, detail)
    if context.unresolved:
        return Decision(Action.HOLD, Reason.WRITE_UNKNOWN, LinkState.HELD)
    return None


def _create(pair: Pair, config: SyncConfig, mapper: Mapper, context: Context) -> Decision | None:
    """Create the side that does not exist, where direction and capability allow."""
    source = Side.HUBSPOT if pair.hubspot else Side.TARGET
    to = source.other
    record = pair.record(source)
    if record is None or pair.record(to) is not None:
        return None
    if to not in config.create_in or not config.side(to).can_create:
        return Decision(Action.NOTHING, Reason.CANNOT_CREATE, LinkState.EXCLUDED)
    translated = mapper.translate(record, source, context.now)
    if translated.failure:
        return _failed(*translated.failure)
    if any(unmet.waits for unmet in context.unmet):
        detail = in_words(_about(context.unmet))
        return Decision(Action.WAIT, Reason.WAITING_FOR_PARENT, LinkState.PENDING, detail)
    values: dict[str, Value] = {}
    for bound in mapper.rules:
        new = translated.values.get(bound.name(to), ABSENT)
        value = overwritten(bound.rule, to, new, ABSENT, creating=True)
        if is_value(value):
            values[bound.name(to)] = value
    if not values:
        return Decision(Action.NOTHING, Reason.DIRECTION_FORBIDS, LinkState.EXCLUDED)
    notes = (*translated.notes.values(), *translated.remarks, *_about(context.unmet))
    notes += tuple(
        bound.note(Reason.FIELD_UNSEEN, f"{bound.label}.")
        for bound in mapper.rules
        if to in bound.ways and record.get(bound.name(source)) is ABSENT
    )
    reason = Reason.FIELDS_QUARANTINED if translated.notes else Reason.CREATED
    return Decision(Action.CREATE, reason, LinkState.LINKED, in_words(notes), {to: values}, notes)


def _failed(reason: Reason, detail: str) -> Decision:
    return Decision(Action.FAIL, reason, LinkState.FAILING, detail)


def _compare(pair: Pair, config: SyncConfig, mapper: Mapper, context: Context) -> Decision:
    """Fold the fields of two existing records into one decision."""
    if pair.hubspot is None or pair.target is None:
        raise ValueError("A pair is compared only when both records were read.")
    link = pair.link
    found = compare(
        {Side.HUBSPOT: pair.hubspot, Side.TARGET: pair.target},
        {side: link.base.of(side) for side in Side},
        config,
        mapper,
        now=context.now,
        key=context.digest_key,
        doubt=_doubt(link),
        choices=link.choices,
        waiting=frozenset((one.side, one.field) for one in context.unmet if one.field),
    )
    found.notes += _about(context.unmet)
    return _fold(found, is_new=context.matched or not (link.base.hubspot or link.base.target))


def _fold(found: Comparison, *, is_new: bool) -> Decision:
    """Choose one action, reason and state for all fields: the most serious one counts."""
    notes = tuple(found.notes)
    reasons = {note.reason for note in notes}
    detail = in_words(notes)
    action = Action.UPDATE if found.patches else Action.SETTLE if found.agreed else Action.NOTHING
    action = Action.LINK if is_new else action
    if found.failure:
        action = Action.FAIL if not found.patches else action
        return Decision(action, found.failure[0], LinkState.FAILING, detail, found.patches, notes)
    if Reason.CONFLICT in reasons:
        action = Action.HOLD if not found.patches else action
        return Decision(action, Reason.CONFLICT, LinkState.HELD, detail, found.patches, notes)
    reason = next((r for r in _BY_WEIGHT if r in reasons), None)
    if reason in (Reason.VALUE_INVALID, Reason.GROUP_INCOMPLETE):
        reason = Reason.FIELDS_QUARANTINED
    elif is_new or found.patches:
        reason = Reason.LINKED if is_new else Reason.UPDATED
        detail = in_words(tuple(note for note in notes if note.reason in REMARKS))
    elif reason is None:
        reason = Reason.SETTLED if found.agreed else Reason.IN_STEP
    return Decision(action, reason, LinkState.LINKED, detail, found.patches, notes)


_BY_WEIGHT = (
    Reason.VALUE_INVALID,
    Reason.GROUP_INCOMPLETE,
    Reason.CANNOT_UPDATE,
    Reason.FIELD_UNSEEN,
    Reason.DIRECTION_FORBIDS,
)


def _doubt(link: Link) -> Doubt:
    """Return which fields lost writes may have changed, per side.

    Writes to another record do not count: a merge hands over the intents of the ended link. So a
    create concerns only a link that never agreed, and an update only the record it names.
    """
    fields: dict[Side, tuple[str, ...] | None] = {}
    for intent in link.unresolved:
        creating = intent.action is Action.CREATE
        own = (link.external_key, link.id_of(intent.side), "")
        if link.base.hubspot if creating else intent.external_key not in own:
            continue
        known = fields.get(intent.side, ())
        whole = creating or not intent.fields or known is None
        fields[intent.side] = None if whole else (*(known or ()), *intent.fields)
    return Doubt(fields) if fields else NO_DOUBT


def _about(unmet: tuple[Unmet, ...]) -> tuple[FieldNote, ...]:
    """Say of each record pointed to that it is no pair, or not yet."""
    return tuple(
        FieldNote(
            *(each.field or (each.reference, each.record_id)),
            Reason.WAITING_FOR_PARENT if each.waits else Reason.PARENT_NOT_SYNCED,
            f"{each.label or each.reference} {each.record_id}.",
            keeps_open=each.field is not None,
        )
        for each in unmet
    )


def in_words(notes: tuple[FieldNote, ...]) -> str:
    """Return the notes' details, each once."""
    return " ".join(dict.fromkeys(note.detail for note in notes if note.detail))
