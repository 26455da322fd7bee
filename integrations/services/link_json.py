"""How the JSON members of a stored link read; `ledger_sql` fetches them."""

from __future__ import annotations

import json
from typing import Final

from integrations.engine.pairs import Choice, Refusal, Verdict
from integrations.engine.records import Side

VERDICT: Final = "@verdict"
"""The member of a link's choices that is about the whole record, not about a field."""


def read_verdict(stored: str) -> Verdict | None:
    """Read what a person decided about a deletion; see `deletions.decide`."""
    found = json.loads(stored).get(VERDICT)
    return Verdict(found) if found else None


def read_choices(stored: str) -> dict[tuple[str, str], Choice]:
    """Read what people decided about fields; see `conflicts.resolve`."""
    found = {}
    for names, choice in json.loads(stored).items():
        if names == VERDICT:
            continue
        hubspot, _, target = names.partition("|")
        seen = choice["seen"]
        found[hubspot, target] = Choice(Side(choice["side"]), (seen[0], seen[1]))
    return found


def read_refusals(stored: str) -> dict[str, Refusal]:
    """Read what a system did not take; see `endings`."""
    return {place: Refusal(*members) for place, members in json.loads(stored).items()}
