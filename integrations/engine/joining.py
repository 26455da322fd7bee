"""Membership: what a record is put into when it becomes part of a pair, once for each membership.

A side may give its records a membership that its own filter asks for, such as a group. Records
made here are born with it; a record that was there before gets it when it is found to be the
other one of a pair, and every pair gets it when the membership is another one than before. That a
pair has had it is kept with its base: what leaves afterwards has left, and the filter counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from integrations.engine.config import SyncConfig
from integrations.engine.filters import Filter, holds, passes
from integrations.engine.pairs import Action, Decision, LinkState, Pair
from integrations.engine.reasons import Reason
from integrations.engine.records import ABSENT, UNREADABLE, Record, Side, Value, digest
from integrations.engine.refusals import refused_before

Wishes = Mapping[Side, Mapping[str, Value]]


def wishes(pair: Pair, config: SyncConfig, half: Side | None = None) -> Wishes:
    """Return per side the memberships that a pair has never had, and what is written for them.

    A pair that never agreed gets them only if the record of the other side is in by its own
    filter: nothing is put anywhere for a record that is to stay out. On side `half` the record is
    one that we made, so that was asked already.
    """
    found: dict[Side, dict[str, Value]] = {}
    for side in Side:
        record, other = pair.record(side), pair.record(side.other)
        if record is None or other is None or not config.side(side).joins:
            continue
        agreed = pair.link.base.of(side)
        is_new = not agreed and side is not half
        if is_new and not passes(config.filter_for(side.other), other).passed:
            continue
        born = dict(config.side(side).born_with)
        names = [name for name in config.side(side).joins if name not in agreed]
        mine = {name: born[name] for name in names if _is_in(config, side, record, name) is False}
        if mine:
            found[side] = dict(mine)
    return found


def _is_in(config: SyncConfig, side: Side, record: Record, name: str) -> bool | None:
    """Tell whether a record has a membership, None where its answer does not say."""
    value = record.get(name)
    return None if value in (ABSENT, UNREADABLE) else _meets(config, side, name, value)


def _meets(config: SyncConfig, side: Side, name: str, value: Value) -> bool:
    groups = config.filter_for(side).groups
    return all(holds(c, value) for group in groups for c in group if c.field == name)


def granted(config: SyncConfig, wanted: Wishes) -> SyncConfig:
    """Return the configuration without the conditions that ask for what is about to be given."""
    if not wanted:
        return config
    filters = tuple((side, _without(each, wanted.get(side, {}))) for side, each in config.filters)
    return replace(config, filters=filters)


def _without(wanted: Filter, names: Mapping[str, Value]) -> Filter:
    return Filter(tuple(tuple(c for c in g if c.field not in names) for g in wanted.groups))


def joined(
    decision: Decision, pair: Pair, config: SyncConfig, wanted: Wishes, key: bytes
) -> Decision:
    """Return a decision about a pair in step that also writes its memberships, or notes them.

    What was refused the last time is left out once, so that the rest can go and people see it; the
    next look tries it again.
    """
    if decision.state is not LinkState.LINKED or decision.reason is Reason.WAITING_FOR_TRIGGER:
        return decision
    patches, refused = dict(decision.patches), []
    for side, mine in wanted.items():
        known = {name: refused_before(pair.link, side, name, v, key) for name, v in mine.items()}
        refused += [text for text in known.values() if text is not None]
        if left := {name: value for name, value in mine.items() if known[name] is None}:
            patches[side] = {**left, **patches.get(side, {})}
    if patches != decision.patches:
        decision = _writing(decision, patches)
    elif not wanted and _is_news(pair, config) and decision.action is Action.NOTHING:
        in_step = decision.reason is Reason.IN_STEP
        reason = Reason.SETTLED if in_step else decision.reason
        decision = replace(decision, action=Action.SETTLE, reason=reason)
    if refused:
        detail = " ".join(dict.fromkeys(refused))
        state, reason = LinkState.FAILING, Reason.REJECTED
        decision = replace(decision, state=state, reason=reason, detail=detail)
    return decision


def _writing(decision: Decision, patches: Wishes) -> Decision:
    action, reason = decision.action, decision.reason
    if action in (Action.NOTHING, Action.SETTLE):
        action = Action.UPDATE
    if reason in (Reason.IN_STEP, Reason.SETTLED):
        reason = Reason.UPDATED
    return replace(decision, action=action, reason=reason, patches=patches)


def _is_news(pair: Pair, config: SyncConfig) -> bool:
    """Tell whether a pair has a membership of which its base does not know yet."""
    return any(
        name not in pair.link.base.of(side) and _is_in(config, side, record, name)
        for side in Side
        if (record := pair.record(side)) is not None
        for name in config.side(side).joins
    )


def memberships(
    config: SyncConfig, side: Side, observed: Mapping[str, Value], key: bytes
) -> dict[str, str]:
    """Return the digests of the memberships that a record is known to have."""
    record = Record("", observed)
    names = config.side(side).joins
    return {n: digest(record.get(n), key) for n in names if _is_in(config, side, record, n)}


def lacks(config: SyncConfig, side: Side, observed: Mapping[str, Value]) -> bool:
    """Tell whether a record is known to be without a membership."""
    record = Record("", observed)
    return any(_is_in(config, side, record, n) is False for n in config.side(side).joins)
