"""A record that we made, but of which no answer came, is finished: what it is born with is added.

Making one can take several calls, so a lost answer may leave half of it. Until both sides have
agreed once, the filter of its side is not asked either: it may depend on what is lacking.
"""

from __future__ import annotations

from dataclasses import replace

from integrations.engine.config import SyncConfig
from integrations.engine.looking import open_creates
from integrations.engine.pairs import Action, Decision, LinkState, Pair
from integrations.engine.reading import Work
from integrations.engine.records import Side, is_value


def half_made(work: Work, config: SyncConfig) -> Side | None:
    """Return the side of a record that a create with a lost answer has made; None for none.

    A lost try to finish it counts as well. Mapped fields prove no such try, every edit writes them;
    memberships are tried again anyway (`joining.py`).
    """
    for side in Side:
        born = {name for name, _ in config.side(side).born_with}
        if born and side in work.records:
            own = born - set(config.side(side).joins) - _mapped(config, side)
            if _is_unsure(work, side) or _tried(work, side, own):
                return side
    return None


def _mapped(config: SyncConfig, side: Side) -> set[str]:
    return {rule.hubspot if side is Side.HUBSPOT else rule.target for rule in config.rules}


def _is_unsure(work: Work, side: Side) -> bool:
    base = work.link.base
    return not (base.hubspot or base.target) and bool(open_creates(work, side))


def _tried(work: Work, side: Side, born: set[str]) -> bool:
    return any(
        intent.side is side
        and intent.action is Action.UPDATE
        and intent.external_key in (work.link.external_key, work.link.id_of(side))
        and not born.isdisjoint(intent.fields)
        for intent in work.link.unresolved
    )


def unasked(config: SyncConfig, side: Side | None) -> SyncConfig:
    """Return the configuration without the filter of one side."""
    if side is None:
        return config
    return replace(config, filters=tuple(each for each in config.filters if each[0] is not side))


def finished(decision: Decision, config: SyncConfig, pair: Pair, side: Side | None) -> Decision:
    """Return the decision that also writes what such a record is born with and does not hold.

    What it holds was sent when it was made, and may be another value than the one it is born with
    when nothing is said.
    """
    record = pair.record(side) if side is not None else None
    if side is None or record is None or decision.state is not LinkState.LINKED:
        return decision
    joins = config.side(side).joins
    born = {
        name: value
        for name, value in config.side(side).born_with
        if name not in joins and not is_value(record.get(name))
    }
    patch = {**born, **decision.patches.get(side, {})}
    return replace(decision, patches={**decision.patches, side: patch}) if patch else decision
