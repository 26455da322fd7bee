"""What becomes of a pair whose one side is missing or archived. Pure, part of `decide`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from integrations.engine.config import DeletePolicy, SyncConfig
from integrations.engine.diff import changed_fields
from integrations.engine.pairs import Action, Decision, LinkState, Pair, Verdict
from integrations.engine.reasons import Reason
from integrations.engine.records import Side

WHERE: Final = {
    Side.HUBSPOT: "It was deleted in HubSpot.",
    Side.TARGET: "It was deleted in the other system.",
}


def gone(pair: Pair, config: SyncConfig, now: datetime, key: bytes) -> Decision | None:
    """Judge a missing or archived side: first doubt it, then follow the policy."""
    link = pair.link
    lost = [side for side in Side if link.id_of(side) and not pair.lives(side)]
    if not lost:
        return None
    ended = Decision(Action.GONE, Reason.GONE, LinkState.GONE)
    if link.state is LinkState.GONE:
        return replace(ended, action=Action.NOTHING, reason=Reason.TOMBSTONE)
    if not pair.is_linked or (link.decided and len(lost) == len(Side)):
        return ended
    if link.is_held_deletion:
        return _judged(pair, config, lost[0], ended)
    policy = config.on_hubspot_delete if Side.HUBSPOT in lost else config.on_target_delete
    waited = now.timestamp() - link.missing_since >= config.grace_seconds
    certain = policy is DeletePolicy.KEEP and all(pair.record(side) for side in lost)
    if not certain and not (link.missing_since and waited):
        return Decision(Action.WAIT, Reason.GONE_GRACE, link.state)
    if policy is DeletePolicy.KEEP or len(lost) == len(Side):
        return ended
    other = lost[0].other
    if policy is DeletePolicy.ARCHIVE and not config.side(other).can_archive:
        return ended
    if policy is DeletePolicy.HOLD or _has_moved(pair, other, key):
        return _held(config, lost[0])
    return Decision(Action.ARCHIVE, Reason.ARCHIVED, LinkState.GONE)


def _judged(pair: Pair, config: SyncConfig, lost: Side, ended: Decision) -> Decision:
    """Do what a person said about a deletion that was certain, or go on waiting for it."""
    said = pair.link.decided
    policy = config.on_hubspot_delete if lost is Side.HUBSPOT else config.on_target_delete
    if said is Verdict.ARCHIVE and config.side(lost.other).can_archive:
        return Decision(Action.ARCHIVE, Reason.ARCHIVED, LinkState.GONE)
    over = not pair.lives(lost.other) or policy is DeletePolicy.KEEP
    if said is Verdict.KEEP or over:
        return ended
    return _held(config, lost)


def _held(config: SyncConfig, lost: Side) -> Decision:
    """Ask a person, who is told beforehand what cannot be done."""
    detail = WHERE[lost]
    if not config.side(lost.other).can_archive:
        detail = f"{detail} What is left cannot be archived."
    return Decision(Action.HOLD, Reason.DELETE_HELD, LinkState.HELD, detail)


def _has_moved(pair: Pair, side: Side, key: bytes) -> bool:
    record, base = pair.record(side), pair.link.base.of(side)
    return record is None or bool(changed_fields(record, base, key, base.keys()))
