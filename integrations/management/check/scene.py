"""What the steps of the scenario share: people, sandboxes, contacts, and how they wait."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from integrations.management.check.client import Browser
from integrations.management.check.deliveries import Deliveries
from integrations.management.check.firm import Firm
from integrations.management.check.mails import Mail, read_mails
from integrations.management.check.office import Failed, Office, contains, expect
from integrations.management.check.page import Page
from integrations.management.check.people import CUSTOMER, STAGE, private
from integrations.management.check.sandbox import HubSpot, Patient, Rxnt
from integrations.management.check.vendor import Vendor
from integrations.management.check.works import Works
from integrations.models import Event, EventOutcome, Hint, Integration, RecordLink
from integrations.services import demo

__all__ = ["Failed", "Scene", "contains", "expect"]
T = TypeVar("T")
PAUSE: Final = 0.05
LONG_PAUSE: Final = 0.8


def unsettled() -> bool:
    """Tell whether a stored notice has no outcome yet, or a hint was never worked on."""
    return (
        Event.objects.filter(routed_at=None).exists()
        or EventOutcome.objects.filter(outcome="").exists()
        or Hint.objects.filter(reason="").exists()
    )


@dataclass(slots=True)
class Scene:
    """The running portal with everybody around it.

    `contacts` maps the names the steps use to contact ids, `keys` to the external ids of their
    patients, which stay when a merge gives the contact another id. `hidden` collects every
    credential, token and health value of the scenario, `names` the people's last names: neither
    may be readable afterwards. `patience` is in seconds.
    """

    amara: Browser
    sam: Browser
    stranger: Browser
    hubspot: HubSpot
    rxnt: Rxnt
    firm: Firm
    works: Works
    vendor: Vendor
    deliveries: Deliveries
    directory: Path
    passwords: Mapping[str, str]
    contacts: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    patience: float = 30.0

    # ------------------------------------------------------------ HubSpot's user

    def add(self, name: str, properties: Mapping[str, str]) -> str:
        """Create a contact under a name of the steps'; returns its id."""
        self.hidden.update(private(properties))
        self.names.add(properties.get("lastname", ""))
        self.contacts[name] = self.hubspot.create(properties)
        self.keys[name] = f"hubspot_{self.contacts[name]}"
        return self.contacts[name]

    def change(self, name: str, **properties: str) -> None:
        """Edit a contact."""
        self.hidden.update(private(properties))
        self.hubspot.edit(self.contact(name), **properties)

    def enter(self, name: str) -> None:
        """Move a contact to Customer; one that is there already leaves first."""
        self.change(name, **{STAGE: "lead"})
        self.change(name, **{STAGE: CUSTOMER})

    def merge(self, name: str, other: str) -> str:
        """Merge one contact into another, which goes on under its name; returns the new id."""
        survivor = self.hubspot.merge(self.contact(name), self.contact(other))
        self.contacts[name] = survivor
        return survivor

    def contact(self, name: str) -> str:
        """Return a contact's id; raises Failed when an earlier step did not get so far."""
        expect(name in self.contacts, f"needs the contact {name} of an earlier step")
        return self.contacts[name]

    # ------------------------------------------------------------ waiting

    def until(self, look: Callable[[], T | None], what: str, longer: float = 0) -> T:
        """Look until there is something and return it; raises Failed when patience ends.

        `longer` is the patience for what takes its time even when all is well; looking all the
        time would only slow that down.
        """
        patience = max(longer, self.patience)
        end = time.monotonic() + patience
        while not (seen := look()):
            expect(time.monotonic() < end, f"waited {patience:.0f} s for {what}")
            time.sleep(LONG_PAUSE if longer else PAUSE)
        return seen

    def quiet(self, longer: float = 0) -> None:
        """Wait until every notice was delivered, routed and has its outcome."""
        self.until(lambda: not self.hubspot.undelivered(), "HubSpot to deliver its notices", longer)
        self.until(lambda: not self.firm.thena.undelivered(), "Thena to deliver its events", longer)
        self.until(lambda: not unsettled(), "all notices to have an outcome", longer)

    def patient(self, name: str, saves: int = 1) -> Patient:
        """Wait for the patient of a contact, saved exactly so many times."""
        self.contact(name)
        key = self.keys[name]

        def look() -> Patient | None:
            found = self.rxnt.patient(key)
            return found if found and found.saves >= saves else None

        found = self.until(look, f"the patient {key} with {saves} saves")
        expect(found.saves == saves, f"{key} was saved {found.saves} times instead of {saves}")
        return found

    def outcome(self, name: str, reason: str) -> RecordLink:
        """Wait until a contact's link has this reason."""
        rows = RecordLink.objects.filter(hubspot_id=self.contact(name), reason=reason)
        return self.until(rows.first, f"{name}'s contact to end with “{reason}”")

    def mail(self, subject: str, more_than: int = 0) -> Mail:
        """Wait for a mail whose subject contains something, the newest of them."""
        return self.until(lambda: self.mails(subject)[more_than:], f"a mail “{subject}”")[-1]

    def mails(self, subject: str = "") -> list[Mail]:
        """Return the mails whose subject contains something."""
        return [mail for mail in read_mails(self.directory / "mail") if subject in mail.subject]

    # ------------------------------------------------------------ the portal

    @property
    def practice(self) -> Office:
        """Amara at the pages of the practice."""
        return Office(self.amara, demo.TENANT)

    @property
    def integration(self) -> Integration:
        """The practice's integration; raises Failed while there is none."""
        return self.practice.integration

    def address(self, name: str, *more: object) -> str:
        """Return the path of a page of the practice's integration."""
        return self.practice.address(name, *more)

    def show(self, name: str, query: str = "") -> Page:
        """Open a page of the practice's integration as its admin."""
        return self.practice.show(name, query)

    def why(self, name: str) -> Page:
        """Open the page that explains a contact."""
        return self.show("why", f"?id={self.contact(name)}")
