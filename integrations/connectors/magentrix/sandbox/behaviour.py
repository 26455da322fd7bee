"""What can be switched on a Magentrix sandbox: where its public pages are silent or disagree.

Only settings; each is applied where its subject lives.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

from integrations.connectors.sandbox_kit import JsonObject

CHILDREN: Final = ("keep", "clear", "refuse")
SESSIONS: Final = ("valid_until", "expires_in")
_CHOICES: Final = {"deleted_children": CHILDREN, "session_shape": SESSIONS}


@dataclass(slots=True)
class Behaviour:
    """Nothing public decides these; each is assumed in the way that is harder for the portal."""

    token_ttl: float = 14_400.0
    """Seconds that a token lives; sources name one hour, four hours and thirty days."""
    session_shape: str = "valid_until"
    """How a token tells its end: `valid_until` (the instant) or `expires_in` (seconds)."""
    setup_api: bool = True
    """Serve the set-up calls that no real portal has."""
    query_rows: int = 10_000
    """The place in the order behind which a query shows nothing, also by its offset."""
    shuffle_ties: bool = False
    """Rows that are equal in the sort field come in another order with each query."""
    deleted_in_queries: bool = False
    """Whether `IsDeleted = true` finds deleted rows."""
    deleted_children: str = "keep"
    """What a deletion does to lookups to the record: `keep`, `clear` or `refuse` to delete."""
    inactive_owners: bool = False
    """Whether a record may be given to an inactive user."""
    max_delete: int = 200
    """Ids in one delete call."""
    max_body: int = 20 * 1024 * 1024
    """Bytes of one write."""
    restore_days: int = 30
    """Days in which a deleted record can be brought back."""

    def dump(self) -> JsonObject:
        """Return the settings as JSON-able data."""
        return asdict(self)

    def change(self, **switches: object) -> None:
        """Set the named switches; raises KeyError for an unknown one, ValueError for a value."""
        known = asdict(self)
        values = {name: type(known[name])(value) for name, value in switches.items()}
        for name, allowed in _CHOICES.items():
            if values.get(name, allowed[0]) not in allowed:
                raise ValueError(f"{name} must be one of {', '.join(allowed)}")
        for name, value in values.items():
            setattr(self, name, value)
