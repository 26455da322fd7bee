"""What Xentral's integration does by itself and how often: the three starters, and passes."""

from __future__ import annotations

from typing import Final

from integrations.connectors.xentral.rules import CONTACTS
from integrations.engine.records import Side
from integrations.engine.specs import JobSpec

DEALS: Final = "deals"
BOTH: Final = (CONTACTS, DEALS)
LEAST: Final = 5
"""Minutes: a shorter period would leave a starter no time to ask for everything (seed)."""
_HOURS: Final = (60, 120, 240, 480, 720, 1440)

JOBS: Final = (
    JobSpec(
        "queue",
        "Process queue",
        BOTH,
        sides=(Side.TARGET,),
        minutes=10,
        least=LEAST,
        carries=True,
        help_text="Brings what changed in Xentral to HubSpot.",
    ),
    JobSpec(
        "contacts",
        "Synchronise contacts",
        (CONTACTS,),
        sides=(Side.HUBSPOT,),
        minutes=60,
        least=LEAST,
        carries=True,
        help_text="Brings what changed in HubSpot's contacts to Xentral.",
    ),
    JobSpec(
        "deals",
        "Synchronise deals",
        (DEALS,),
        sides=(Side.HUBSPOT,),
        minutes=60,
        least=LEAST,
        carries=True,
        help_text="Brings what changed in HubSpot's deals to Xentral.",
    ),
    JobSpec(
        "safety",
        "Safety pass",
        BOTH,
        kind="settled",
        minutes=720,
        offered=(*_HOURS[2:], 0),
        help_text="Looks again at what changed since the last one, and finds what a search missed.",
    ),
    JobSpec(
        "refresh",
        "Refresh stages and lists",
        BOTH,
        kind="refresh",
        minutes=1440,
        offered=(60, 360, 1440, 7 * 1440),
        least=60,
        help_text="Takes over new deal stages and owners, and reads the lists of statuses anew.",
    ),
    JobSpec(
        "full",
        "Full pass",
        BOTH,
        kind="reconcile",
        minutes=7 * 1440,
        offered=(1440, 7 * 1440, 30 * 1440, 0),
        help_text="Compares everything. Finds what was deleted or put into the group in Xentral.",
    ),
)
