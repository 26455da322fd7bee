"""What is decided about links that ended for good: merged away, or the person was erased. Pure."""

from __future__ import annotations

from integrations.engine.config import DeletePolicy, SyncConfig
from integrations.engine.pairs import Action, Decision, LinkState, Pair
from integrations.engine.reasons import Reason
from integrations.engine.records import Side


def at_rest(pair: Pair, config: SyncConfig) -> Decision | None:
    """Return the decision about a link that nothing revives, None for all others.

    Of an erased person, the target's record is archived where deletions in HubSpot are carried on
    and HubSpot's record is gone. That it changed meanwhile does not matter: it has to go.
    """
    if pair.link.state is LinkState.SUPERSEDED:
        return Decision(Action.NOTHING, Reason.SUPERSEDED, LinkState.SUPERSEDED)
    if not pair.link.is_erased:
        return None
    carried_on = config.on_hubspot_delete is DeletePolicy.ARCHIVE and config.target.can_archive
    if carried_on and pair.lives(Side.TARGET) and not pair.lives(Side.HUBSPOT):
        return Decision(Action.ARCHIVE, Reason.ERASED, LinkState.GONE)
    return Decision(Action.NOTHING, Reason.ERASED, LinkState.GONE)
