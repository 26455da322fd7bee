"""Plans as people look at them: counts and the first records. Decides nothing."""

from __future__ import annotations

from typing import Any, Final

from integrations.engine.plan import Plan

SAMPLES: Final = 20


def summary(plan: Plan) -> dict[str, Any]:
    """Return a plan as people look at it: counts, and the first records with field names."""
    return {
        "actions": {action.value: count for action, count in plan.actions.items()},
        "reasons": {reason.value: count for reason, count in plan.reasons.items()},
        "sample": [
            {
                "hubspot_id": item.pair.link.hubspot_id,
                "target_id": item.pair.link.target_id,
                "action": item.decision.action.value,
                "fields": sorted({n for patch in item.decision.patches.values() for n in patch}),
            }
            for item in plan.items
            if item.decision.is_write
        ][:SAMPLES],
    }
