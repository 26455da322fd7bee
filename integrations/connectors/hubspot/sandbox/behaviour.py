"""The switches of the HubSpot sandbox: where HubSpot's behaviour varies or is not certain.

Only settings; each is applied where its subject lives.
"""

from dataclasses import asdict, dataclass, fields

from integrations.connectors.sandbox_kit import JsonObject


@dataclass(slots=True)
class Behaviour:
    """How this sandbox behaves; every value may be changed at any time."""

    rate_limits: bool = True
    """Refuse calls beyond 110 per 10 s and app, and 5 searches per second and account."""
    search_lag: tuple[float, float] = (0.0, 0.0)
    """Seconds until search sees a change: from, to. Each record has its own fixed lag."""
    search_seed: int = 0
    search_negates_blanks: bool = True
    """Whether NEQ, NOT_IN and NOT_CONTAINS_TOKEN also find records without a value."""
    backward_lifecycle: str = "ignore"
    """What an API write of an earlier lifecycle stage does: `ignore` or `reject`."""
    batch_read_merged: str = "survivor"
    """What batch/read answers for a merged-away id: `survivor` or `missing`."""
    creation_sends_properties: bool = True
    """Whether a creation is followed by propertyChange events for its first values."""
    merge_sends_creation: bool = False
    """Whether the survivor of a merge also sends a creation event."""
    merge_sends_associations: bool = False
    """Whether the associations that a merge hands on are announced as association changes."""
    search_hides_merged_ids: bool = False
    """Whether search shows no `hs_merged_object_ids`, as one report of contacts says."""
    refuse_archived_owners: bool = False
    """Whether a record may not be given an owner who was deactivated."""
    key_burst: int = 100
    """Calls per 10 s with one service key: 100 in small accounts, 190 in large ones."""
    auto_companies: bool = False
    """Associate a contact with the company of its e-mail domain, creating it if needed."""
    webhooks_paused: bool = False
    webhook_seed: int = 0
    webhook_duplicates: float = 0.0
    """Share of events that are delivered twice."""
    webhook_reorder: bool = False
    webhook_legacy_signature: bool = True
    """Send the v1 signature headers next to v3."""
    webhook_retry_seconds: tuple[float, ...] = (2, 5, 10, 20, 40, 60, 120, 240, 480, 960)
    """Waits before each repeat; HubSpot spreads ten over 24 hours."""

    def dump(self) -> JsonObject:
        """Return the settings as JSON-able data."""
        return asdict(self)

    def change(self, values: JsonObject) -> None:
        """Set the named switches; raises ValueError for a name that does not exist."""
        known = {field.name for field in fields(self)}
        if unknown := set(values) - known:
            raise ValueError(f"unknown switches: {', '.join(sorted(unknown))}")
        for name, value in values.items():
            setattr(self, name, tuple(value) if isinstance(value, list) else value)
