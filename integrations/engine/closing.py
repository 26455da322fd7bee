"""What waits while nothing may be written to a side: its scheduled job is switched off."""

from __future__ import annotations

from typing import Final

from integrations.engine.config import SyncConfig
from integrations.engine.pairs import Action, Decision, LinkState, Pair
from integrations.engine.reasons import Reason
from integrations.engine.records import Side

_WORDS: Final = {Side.HUBSPOT: "HubSpot", Side.TARGET: "the other system"}


def keep_closed(decision: Decision, pair: Pair, config: SyncConfig) -> Decision:
    """Return the decision, or WAIT where carrying it out would write to a closed side.

    The whole pair waits and keeps its base, so that opening the side again finds every change.
    A deletion that a person has decided stays a held one, or the verdict would be forgotten.
    """
    closed = [side for side in config.closed if _writes(decision, pair, side)]
    if not closed:
        return decision
    state = LinkState.LINKED if pair.is_linked else LinkState.PENDING
    if pair.link.key and pair.link.state is not LinkState.EXCLUDED:
        state = pair.link.state
    named = f"{config.closed_by}: nothing" if config.closed_by else "Nothing"
    detail = f"{named} is written to {_WORDS[closed[0]]} meanwhile."
    if decision.action is Action.ARCHIVE and pair.link.decided:
        return Decision(Action.WAIT, Reason.DELETE_HELD, state, detail)
    return Decision(Action.WAIT, Reason.JOB_OFF, state, detail)


def _writes(decision: Decision, pair: Pair, side: Side) -> bool:
    if decision.action is Action.ARCHIVE:
        return pair.lives(side)
    return side in decision.patches
