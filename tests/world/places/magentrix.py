"""Magentrix in a history: accounts, contacts, opportunities, their owners and stages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

from integrations.connectors.magentrix.sandbox import ApiError
from integrations.connectors.sandbox_kit import Sandbox
from integrations.engine.config import DeletePolicy, ExitRule, MergePolicy, SyncConfig
from integrations.engine.mapping import ConflictPolicy
from integrations.models import Integration, RunKind
from tests.services.magentrix_stage import ADDRESS, EMPLOYEES, MagentrixStage
from tests.world.places.place import Act, Edit, Place, in_step

if TYPE_CHECKING:
    from tests.world.people import People
    from tests.world.town import Town

TEXTS = ("short", "a longer remark", "")
AMOUNTS = ("1000", "2500.50", "")
DELETIONS = (DeletePolicy.KEEP, DeletePolicy.KEEP, DeletePolicy.ARCHIVE)
STAGES = ("appointmentscheduled", "qualifiedtobuy", "closedwon")
ENTITIES = {"companies": "Account", "contacts": "Contact", "deals": "Opportunity"}
LOOKUPS = (("Contact", "AccountId"), ("Contact", "ReferredBy__c"), ("Account", "ParentId"),
           ("Opportunity", "AccountId"), ("Opportunity", "PartnerAccount__c"))  # fmt: skip


class Magentrix(Place):
    """Acme's partner portal; HubSpot is written first, and merges remove the loser."""

    system = "magentrix"
    keys = ("companies", "contacts", "deals")
    heard = {
        "companies": ("name", "domain", "phone", "description", "hubspot_owner_id"),
        "contacts": ("firstname", "lastname", "email", "phone", "hubspot_owner_id"),
        "deals": ("dealname", "amount", "dealstage", "closedate", "hubspot_owner_id"),
    }
    hosts = (ADDRESS,)
    refusals = (ApiError,)
    reads = r"/api/3\.0/(query|token|search)(\?|$)"
    stage: MagentrixStage

    def __init__(self) -> None:
        self.stage = MagentrixStage()
        self.partner = self.stage.partner

    @property
    def sandbox(self) -> Sandbox:
        """Return the stand-in."""
        return self.stage.magentrix

    def connect(self) -> Integration:
        """Connect and activate Magentrix."""
        return self.stage.connect()

    def vary(self, config: SyncConfig, key: str, rng: Random) -> SyncConfig:
        """Return rules with other policies; deletions are carried on now and then."""
        return replace(
            config,
            conflict=rng.choice((ConflictPolicy.HUBSPOT_WINS, ConflictPolicy.HOLD)),
            exit_rule=rng.choice((ExitRule.FREEZE, ExitRule.KEEP_SYNCING)),
            merge=rng.choice((MergePolicy.ARCHIVE, MergePolicy.ARCHIVE, MergePolicy.HOLD)),
            on_hubspot_delete=rng.choice(DELETIONS),
        )

    def ids(self, target_object: str) -> Collection[str]:
        """Return the ids of live records, oldest first."""
        return [str(row["Id"]) for row in self.partner.all(target_object)]

    def check_doubles(self) -> None:
        """Check that no HubSpot record has two partners, and that no lookup leads nowhere."""
        for entity in ENTITIES.values():
            keys = Counter(row.get("HubSpotId__c") for row in self.partner.all(entity))
            assert not [key for key, count in keys.items() if key and count > 1]

    def edits(self, town: Town) -> list[Edit]:
        """Return an edit of a contact in either system."""
        link = in_step(town.row("contacts"))
        if link is None:
            return []
        hubspot_id, target_id = link.hubspot_id, link.target_id

        def in_hubspot() -> Callable[[], bool]:
            town.hubspot.edit("contacts", hubspot_id, {"jobtitle": "Edited"})
            town.open(RunKind.RECONCILE, ["contacts"])
            return lambda: self.partner.get("Contact", target_id)["Title"] == "Edited"

        def in_magentrix() -> Callable[[], bool]:
            self.partner.edit("Contact", target_id, Title="Changed")
            town.open(RunKind.INCREMENTAL, ["contacts"])
            return lambda: town.hubspot.read("contacts", hubspot_id)["jobtitle"] == "Changed"

        return [in_hubspot, in_magentrix]

    # ------------------------------------------------ what people do

    def acts(self, people: People) -> Iterable[Act]:
        """Return what happens in both systems."""
        desk = Desk(self, people)
        return (
            ("company", 2, people.company),
            ("contact", 3, people.contact),
            ("deal", 3, desk.deal),
            ("edit company", 2, people.edit_company),
            ("edit contact", 3, people.edit_contact),
            ("edit deal", 4, desk.edit_deal),
            ("own", 3, desk.own),
            ("assign", 2, people.assign),
            ("assign deal", 2, lambda: people.assign("deals")),
            ("merge contacts", 1, lambda: people.merge("contacts")),
            ("merge companies", 2, lambda: people.merge("companies")),
            ("merge deals", 1, lambda: people.merge("deals")),
            ("delete", 1, lambda: people.delete("contacts", "companies", "deals")),
            ("restore", 1, people.restore),
            ("account", 2, desk.account),
            ("magentrix contact", 3, desk.contact),
            ("opportunity", 2, desk.opportunity),
            ("edit in magentrix", 6, desk.edit),
            ("point", 3, desk.point),
            ("own in magentrix", 2, desk.own_there),
            ("delete in magentrix", 1, desk.delete),
        )


class Desk:
    """Everybody who works in Magentrix, and with deals in HubSpot."""

    def __init__(self, place: Magentrix, people: People) -> None:
        self.place, self.people, self.rng = place, people, people.rng
        self.partner, self.hubspot = place.partner, people.hubspot
        self.owners = [*place.stage.owners.values(), ""]
        self.users = [self.partner.user(user.email) for user in EMPLOYEES if user.active]

    # ------------------------------------------------ in HubSpot

    def deal(self) -> None:
        """Create a deal, often of a company."""
        name = f"Deal {self.people.email()}"
        made = self.hubspot.create(
            "deals",
            {"dealname": name, "pipeline": "default", "dealstage": self.rng.choice(STAGES),
             "amount": self.rng.choice(AMOUNTS)},
        )  # fmt: skip
        if self.rng.random() < 0.6 and (company := self.people.any("companies")):
            self.hubspot.associate("deals", made, "companies", company)

    def edit_deal(self) -> None:
        """Change the amount or the stage of a deal."""
        if deal := self.people.any("deals"):
            changed = self.rng.choice(
                ({"amount": self.rng.choice(AMOUNTS)}, {"dealstage": self.rng.choice(STAGES)})
            )
            self.hubspot.edit("deals", deal, changed)

    def own(self) -> None:
        """Give a record another owner, or none."""
        kind = self.rng.choice(tuple(ENTITIES))
        if record := self.people.any(kind):
            self.hubspot.edit(kind, record, {"hubspot_owner_id": self.rng.choice(self.owners)})

    # ------------------------------------------------ in Magentrix

    def account(self) -> None:
        """Create an account, now and then one that HubSpot has already."""
        domain = self.people.domain()
        self.partner.create(
            "Account", Name=f"Firm {domain}", Website=f"https://{domain}", OwnerId=self._user()
        )

    def contact(self) -> None:
        """Create a contact, often of an account."""
        person = self.people.person("FirstName", "LastName", "Phone")
        person |= {"Email": self.people.email(), "LastName": person["LastName"] or "Elm"}
        if self.rng.random() < 0.6 and (account := self._any("Account")):
            person["AccountId"] = account
        self.partner.create("Contact", OwnerId=self._user(), **person)

    def opportunity(self) -> None:
        """Create an opportunity."""
        stage = self.rng.choice(("Qualification", "Proposal", "Closed Won"))
        name = f"Opportunity {self.people.email()}"
        self.partner.create("Opportunity", Name=name, Stage=stage, OwnerId=self._user())

    def edit(self) -> None:
        """Change one field of any record."""
        text = self.rng.choice(TEXTS) or None
        entity, values = self.rng.choice(
            (
                ("Account", {"Description": text}),
                ("Contact", {"Title": text}),
                ("Contact", {"Phone": self.rng.choice(("+4930111", "+4930333"))}),
                ("Opportunity", {"Amount": self.rng.choice((500, 750.25))}),
                ("Opportunity", {"Description": text}),
            )
        )
        if record := self._any(entity):
            self.partner.edit(entity, record, **values)

    def point(self) -> None:
        """Let a lookup point elsewhere, mapped or not."""
        entity, field = self.rng.choice(LOOKUPS)
        other = "Contact" if field == "ReferredBy__c" else "Account"
        record, to = self._any(entity), self._any(other)
        if record and to and record != to:
            self.partner.edit(entity, record, **{field: to})

    def own_there(self) -> None:
        """Give a record another owner."""
        entity = self.rng.choice(tuple(ENTITIES.values()))
        if record := self._any(entity):
            self.partner.edit(entity, record, OwnerId=self._user())

    def delete(self) -> None:
        """Delete a record."""
        entity = self.rng.choice(tuple(ENTITIES.values()))
        if record := self._any(entity):
            self.partner.delete(entity, record)

    def _user(self) -> str:
        return self.rng.choice(self.users)

    def _any(self, entity: str) -> str:
        ids = list(self.place.ids(entity))
        return self.rng.choice(ids) if ids else ""
