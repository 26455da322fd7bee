"""A stored link as a settlement sees it, before and after. The statements are in `ledger_sql`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from integrations.engine.pairs import LinkState
from integrations.engine.reasons import Reason
from integrations.engine.records import Side

ENDED: Final = frozenset({LinkState.SUPERSEDED.value, LinkState.GONE.value})
"""States whose ids another link may take over."""


@dataclass(slots=True)
class Row:
    """One link as stored or about to be; `id` 0: not stored yet.

    `base` and `refused` None: what is stored is kept. `choices` are those that were read: others
    that were stored since then outlive the settlement. A verdict among them does so only as long
    as its deletion is held; `spent`: it was tried and cannot be carried out.
    """

    id: int
    hubspot_id: str = ""
    target_id: str = ""
    external_key: str = ""
    state: str = LinkState.PENDING.value
    reason: str = ""
    detail: str = ""
    missing_since: float = 0.0
    base: dict[str, dict[str, str]] | None = None
    refused: dict[str, list[str]] | None = None
    choices: str = field(default="{}", compare=False)
    spent: bool = field(default=False, compare=False)

    @property
    def is_held_deletion(self) -> bool:
        """Tell whether a person has to say what becomes of what a deletion left over."""
        return self.state == LinkState.HELD and self.reason == Reason.DELETE_HELD

    @property
    def is_erased(self) -> bool:
        """Tell whether it is what is left of a person who was erased."""
        return self.reason == Reason.ERASED and self.state == LinkState.GONE

    def id_of(self, side: Side) -> str:
        """Return the id on one side, "" when there is none."""
        return self.hubspot_id if side is Side.HUBSPOT else self.target_id


def as_json(rows: Sequence[Row]) -> str:
    """Return rows as one document; escaping nested JSON in arrays takes far longer."""
    return json.dumps([_members(row) for row in rows])


def _members(row: Row) -> dict[str, object]:
    members: dict[str, object] = {
        "id": row.id,
        "hubspot_id": row.hubspot_id,
        "target_id": row.target_id,
        "external_key": row.external_key,
        "state": row.state,
        "reason": row.reason,
        "detail": row.detail[:1000],
        "missing_since": row.missing_since,
        "choices": row.choices,
        "keeps_verdict": row.is_held_deletion and not row.spent,
    }
    if row.base is not None:
        members["base"] = row.base
    if row.refused is not None:
        members["refused"] = row.refused
    return members
