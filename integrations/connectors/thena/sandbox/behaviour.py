"""What can be switched on a Thena sandbox, each switch with the behaviour a test mostly wants."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Behaviour:
    """Thena documents none of these; each is assumed in the way that is harder for the portal."""

    search_lag: float = 2.0
    """Seconds until the search shows a change."""
    rate_limit: int = 0
    """Calls a minute for each key; 0 limits nothing."""
    max_limit: int = 100
    """Records per page at most, whatever is asked for."""
    custom_fields_replace: bool = True
    """A PUT replaces all custom field values, as it does with `accountIds`."""
    accounts_by_ids: bool = False
    """Serve `POST /v1/accounts/filter/ids`, which is in the menu of the docs by title only."""
    event_shape: str = "flat"
    """Either flat or wrapped."""
    contact_events: bool = True
    """The list of events of webhook apps leaves contacts out; other pages name them."""
    event_duplicates: float = 0.0
    """Share of events that are delivered twice."""
    event_reorder: bool = False
    events_paused: bool = False
    event_seed: int = 0
