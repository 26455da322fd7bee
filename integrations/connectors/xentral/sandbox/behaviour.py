"""What can be switched on a Xentral sandbox, each switch with what a normal instance does."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Behaviour:
    """One instance's version and set-up."""

    rate_limit: int = 0
    """Calls a minute for each caller (Xentral names 100 for its present API); 0 limits nothing."""
    empty_list_404: bool = False
    """The old API's docs say that an empty list is 404 / 7452; its code answers 200 with []."""
    string_ids: bool = False
    """Ids and other whole numbers of the old API come as strings, as some versions send them."""
    tokens_on_old_api: bool = True
    """Since 23.0.16; before that a token is refused there with 7419."""
    stage_addon: bool = True
    """Serve the add-on routes for boards and stages, which no Xentral has: we invented them."""
    v3_beta: bool = False
    """The beta of `/api/v3` is enabled."""
    time_zone: str = "Europe/Berlin"
    """The zone of all times the old API shows; they carry no offset."""
    event_duplicates: int = 0
    """Further copies of each webhook: one action may emit several."""
