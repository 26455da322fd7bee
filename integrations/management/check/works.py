"""The machine builder of the scenario: its admin's pages, both systems, and its starters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from django.utils import timezone

from integrations.management.check.accounts import Row
from integrations.management.check.house import ADDRESSES, RESUBMISSIONS, House
from integrations.management.check.joined import Joined
from integrations.management.check.office import expect
from integrations.management.check.page import Page
from integrations.models import Hint, JobRun

CONTACTS: Final = "contacts"
DEALS: Final = "deals"
KINDS: Final = {CONTACTS: ADDRESSES, DEALS: RESUBMISSIONS}
"""HubSpot's kinds of record and what they are in Xentral."""
LABELS: Final = {
    "queue": "Process queue",
    "contacts": "Synchronise contacts",
    "deals": "Synchronise deals",
    "full": "Full pass",
}
"""Jobs as their page calls them."""


@dataclass(slots=True)
class Works(Joined):
    """Jana at her pages, with what a step leaves for the next ones.

    `contacts` and `deals` are HubSpot ids by the steps' names for them, `addresses` those of
    Xentral; `key` is HubSpot's service key, `token` Xentral's.
    """

    house: House
    token: str
    key: str = ""
    contacts: dict[str, str] = field(default_factory=dict)
    deals: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)

    def twin(self, kind: str, hubspot_id: str) -> Row:
        """Return what Xentral holds of a HubSpot record; raises Failed without it."""
        return self.house.read(KINDS[kind], self.target_id(kind, hubspot_id))

    def is_busy(self) -> bool:
        """Tell whether a run is open, or a hint was never worked on."""
        mine = {"object_sync__integration": self.integration}
        runs = JobRun.objects.filter(**mine, state__in=("queued", "running"))
        hints = Hint.objects.filter(**mine, due_at__lte=timezone.now())
        return runs.exclude(kind="webhook").exists() or hints.exists()

    def why(self, kind: str, record_id: str, side: str = "hubspot") -> Page:
        """Open the page that explains a record; ids of Xentral are the same for both kinds."""
        return self.show("why", f"?id={record_id}&side={side}&sync={kind}")

    def writes(self) -> int:
        """Return how many writing calls both systems have had."""
        return self.crm.writes() + self.house.writes()

    def press_start(self, key: str) -> list[JobRun]:
        """Press “Run now” of a job; returns the runs that it opened."""
        newest = JobRun.objects.filter(object_sync__integration=self.integration).order_by("-pk")
        last = newest.values_list("pk", flat=True).first() or 0
        self.show("jobs")
        self.browser.press(f"Run now {LABELS[key]}")
        return list(newest.filter(pk__gt=last, job__key=key))

    def ends(self, runs: list[JobRun]) -> Callable[[], bool]:
        """Return a look at whether all of these runs are over; it raises Failed for a bad end."""

        def look() -> bool:
            for run in runs:
                run.refresh_from_db()
                bad = run.state in ("failed", "cancelled", "held")
                expect(not bad, f"run {run.pk} is {run.state}: {run.reason} {run.reason_detail}")
            return all(run.state == "done" for run in runs)

        return look
