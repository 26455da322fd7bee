"""The vendor of the scenario: its admin's pages, its HubSpot account and its Magentrix portal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from integrations.management.check.accounts import Row
from integrations.management.check.joined import Joined
from integrations.management.check.page import Page
from integrations.management.check.sandbox import Endpoints
from integrations.models import Job

COMPANIES: Final = "companies"
CONTACTS: Final = "contacts"
DEALS: Final = "deals"
KINDS: Final = {COMPANIES: "Account", CONTACTS: "Contact", DEALS: "Opportunity"}
"""HubSpot's kinds of record and what they are in Magentrix, in the order of the first load."""
USERS: Final = "User"
READS: Final = ("/query", "/auth/", "/token")
"""Parts of the addresses of calls that change no record."""


class Portal(Endpoints):
    """The Magentrix portal as its people change it; `kind` is an entity's name."""

    def all(self, kind: str) -> dict[str, Row]:
        """Return all live records by id."""
        return {row["Id"]: row for row in self.call("GET", f"/sandbox/{kind}")[kind]}

    def read(self, kind: str, record_id: str) -> Row:
        """Return a live record."""
        return dict(self.call("GET", f"/sandbox/{kind}/{record_id}"))

    def create(self, kind: str, **values: object) -> str:
        """Create a record and return its id."""
        return str(self.call("POST", f"/sandbox/{kind}", values)["id"])

    def edit(self, kind: str, record_id: str, **values: object) -> None:
        """Change a record."""
        self.call("PUT", f"/sandbox/{kind}/{record_id}", values)

    def bin(self, kind: str) -> list[str]:
        """Return the ids of deleted records."""
        rows = self.call("GET", f"/sandbox/{kind}?deleted=true")[kind]
        return [row["Id"] for row in rows]

    def restore(self, kind: str, record_id: str) -> None:
        """Bring a record back from the recycle bin."""
        self.call("POST", f"/sandbox/{kind}/{record_id}/restore", {})

    def user(self, email: str) -> Row:
        """Return the user with this e-mail; raises LookupError without one."""
        for row in self.all(USERS).values():
            if row["Email"] == email:
                return row
        raise LookupError(f"Magentrix has no user {email}")

    def fields(self, kind: str) -> dict[str, Row]:
        """Return the fields of an entity by name, as the stand-in keeps them."""
        entities = self.call("GET", "/sandbox/state")["portal"]["entities"]
        (found,) = [entity for entity in entities if entity["name"] == kind]
        return {row["name"]: row for row in found["fields"]}

    def options(self, kind: str, name: str) -> list[str]:
        """Return the values that a picklist offers."""
        return [option["Value"] for option in self.fields(kind)[name]["options"]]

    def let_programs_make_fields(self, allowed: bool) -> None:
        """Switch the set-up calls, which a real portal does not have."""
        self.call("POST", "/sandbox/settings", {"setup_api": allowed})

    def writes(self) -> int:
        """Return how many writing calls there have been so far."""
        rows: Mapping[str, Any] = self.call("GET", "/sandbox/counters")
        return sum(
            int(calls)
            for call, calls in rows.items()
            if not call.startswith("GET") and not any(part in call for part in READS)
        )


@dataclass(slots=True)
class Vendor(Joined):
    """Vera at her pages. `ids` are HubSpot ids by the steps' names for the records."""

    portal: Portal
    key: str
    ids: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def twin(self, key: str, hubspot_id: str) -> Row:
        """Return what Magentrix holds of a HubSpot record; raises Failed without it."""
        return self.portal.read(KINDS[key], self.target_id(key, hubspot_id))

    def why(self, key: str, hubspot_id: str) -> Page:
        """Open the page that explains a record: ids of different kinds may be equal."""
        return self.show("why", f"?id={hubspot_id}&side=hubspot&sync={key}")

    def job(self, key: str) -> Job:
        """Return a scheduled job, as stored now."""
        return Job.objects.get(integration=self.integration, key=key)

    def run_job(self, key: str) -> Page:
        """Press “Run now” of a scheduled job on the page of the jobs."""
        self.show("jobs")
        address = self.address("job-run", key)
        form = next(form for form in self.browser.page.forms if form.action == address)
        return self.browser.post(address, **form.values)

    def writes(self) -> int:
        """Return how many writing calls both systems have had."""
        return self.crm.writes() + self.portal.writes()
