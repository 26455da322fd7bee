"""Xentral in a history: addresses with their group and status, resubmissions and their stages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

from integrations.connectors.sandbox_kit import Sandbox
from integrations.connectors.xentral.sandbox.errors import ApiError
from integrations.engine.config import ExitRule, SyncConfig
from integrations.engine.mapping import Overwrite
from integrations.models import Integration, RunKind
from tests.services.xentral_stage import ADDRESS, XentralStage
from tests.world.places.place import Act, Edit, Place, in_step

if TYPE_CHECKING:
    from tests.world.people import People
    from tests.world.town import Town

ADDRESSES, RESUBMISSIONS = "addresses", "resubmissions"
AMOUNTS = ("1000.00", "2500.50", "17.30")
STAGES = ("appointmentscheduled", "qualifiedtobuy", "closedwon")
STATUSES = ("NEW", "OPEN", "IN_PROGRESS", "")
FIRST, LAST = ("Jörg", "Käthe", "Ada", "Ben"), ("Müller", "Groß", "Öztürk", "Ash")
CITIES = ("Köln", "Düsseldorf", "Berlin", "")


class Xentral(Place):
    """Acme's Xentral: filled fields are kept, only leads of the group go to HubSpot."""

    system = "xentral"
    keys = ("contacts", "deals")
    heard = {
        "contacts": ("firstname", "lastname", "email", "phone", "city", "hs_lead_status"),
        "deals": ("dealname", "amount", "dealstage", "closedate"),
    }
    hosts = (ADDRESS,)
    refusals = (ApiError,)
    reads = r"/api/Adresse(GruppenList|ListeGet)"
    stage: XentralStage

    def __init__(self) -> None:
        self.stage = XentralStage()
        self.clerk = self.stage.clerk
        self.by_hand: set[int] = set()
        """Addresses that a clerk entered: there may be several of one e-mail."""

    @property
    def sandbox(self) -> Sandbox:
        """Return the stand-in."""
        return self.stage.xentral

    def draw(self, rng: Random) -> None:
        """Choose a version of Xentral, and once for all whether HubSpot wins.

        Switching that later moves nothing by itself: what was kept had been agreed on.
        """
        self.wins = rng.random() < 0.3
        self.stage.xentral.behaviour.v3_beta = rng.random() < 0.5
        self.stage.xentral.behaviour.empty_list_404 = rng.random() < 0.5
        self.stage.xentral.behaviour.string_ids = rng.random() < 0.5

    def connect(self) -> Integration:
        """Connect and prepare Xentral."""
        integration = self.stage.connect()
        self.group = str(integration.settings["group_id"])
        self.board = [str(stage["id"]) for stage in self.clerk.stages(self._view())]
        return integration

    def vary(self, config: SyncConfig, key: str, rng: Random) -> SyncConfig:
        """Return the mapping with or without “HubSpot wins”, and another exit rule."""
        rules = tuple(
            replace(rule, overwrite=Overwrite.ALWAYS)
            if self.wins and rule.overwrite is Overwrite.IF_EMPTY and rule.target != "email"
            else rule
            for rule in config.rules
        )
        exit_rule = rng.choice((ExitRule.FREEZE, ExitRule.KEEP_SYNCING))
        return replace(config, rules=rules, exit_rule=exit_rule)

    def ids(self, target_object: str) -> Collection[str]:
        """Return the ids of live records, oldest first."""
        return [str(row["id"]) for row in self.clerk.all(target_object)]

    def check_doubles(self) -> None:
        """Check that every deal has one resubmission, and no address was made twice."""
        marks = Counter(
            str(row["beschreibung"]).partition("\n")[0]
            for row in self.clerk.all(RESUBMISSIONS)
            if str(row["beschreibung"]).startswith("HubSpot deal ")
        )
        assert not [mark for mark, count in marks.items() if count > 1]
        made = Counter(
            str(row["email"]).lower()
            for row in self.clerk.all(ADDRESSES)
            if row["email"] and row["id"] not in self.by_hand
        )
        assert not [email for email, count in made.items() if count > 1]

    def edits(self, town: Town) -> list[Edit]:
        """Return an edit of a deal in either system."""
        link = in_step(town.row("deals"))
        if link is None:
            return []
        hubspot_id, target_id = link.hubspot_id, link.target_id

        def in_hubspot() -> Callable[[], bool]:
            town.hubspot.edit("deals", hubspot_id, {"amount": "4711"})
            town.open(RunKind.RECONCILE, ["deals"])
            return lambda: float(self.clerk.get(RESUBMISSIONS, target_id)["betrag"]) == 4711

        def in_xentral() -> Callable[[], bool]:
            self.clerk.edit(RESUBMISSIONS, target_id, betrag="4712.00")
            town.open(RunKind.RECONCILE, ["deals"])
            return lambda: float(town.hubspot.read("deals", hubspot_id)["amount"]) == 4712

        return [in_hubspot, in_xentral]

    def _view(self) -> str:
        views = self.stage.xentral.instance["views"].rows.values()
        return str(next(row["id"] for row in views if row["name"] == "Hubspot"))

    # ------------------------------------------------ what people do

    def acts(self, people: People) -> Iterable[Act]:
        """Return what happens in both systems."""
        desk = Desk(self, people)
        return (
            ("contact", 3, desk.contact),
            ("deal", 3, desk.deal),
            ("edit contact", 4, desk.edit_contact),
            ("edit deal", 4, desk.edit_deal),
            ("give a deal", 2, lambda: people.assign("deals", "contacts")),
            ("merge contacts", 1, lambda: people.merge("contacts")),
            ("merge deals", 1, lambda: people.merge("deals")),
            ("delete", 1, lambda: people.delete("contacts", "deals")),
            ("restore", 1, people.restore),
            ("address", 3, desk.address),
            ("resubmission", 3, desk.resubmission),
            ("edit address", 4, desk.edit_address),
            ("edit resubmission", 4, desk.edit_resubmission),
            ("join or leave", 2, desk.join_or_leave),
            ("delete in xentral", 1, desk.delete),
        )


class Desk:
    """Everybody who works in Xentral, and with deals in HubSpot."""

    def __init__(self, place: Xentral, people: People) -> None:
        self.place, self.people, self.rng = place, people, people.rng
        self.clerk, self.hubspot = place.clerk, people.hubspot

    # ------------------------------------------------ in HubSpot

    def contact(self) -> None:
        """Create a contact."""
        choose = self.rng.choice
        values = {"firstname": choose(FIRST), "lastname": choose(LAST), "city": choose(CITIES)}
        values |= {"email": self.people.email(), "hs_lead_status": choose(STATUSES)}
        self.hubspot.create("contacts", values)

    def deal(self) -> None:
        """Create a deal, often of a contact."""
        values = {
            "dealname": f"Geschäft {self.people.email()}",
            "pipeline": "default",
            "dealstage": self.rng.choice(STAGES),
            "amount": self.rng.choice(AMOUNTS),
        }
        made = self.hubspot.create("deals", values)
        if self.rng.random() < 0.6 and (contact := self.people.any("contacts")):
            self.hubspot.associate("deals", made, "contacts", contact)

    def edit_contact(self) -> None:
        """Change one field of a contact."""
        if contact := self.people.any("contacts"):
            changed = self.rng.choice(
                (
                    {"city": self.rng.choice(CITIES)},
                    {"hs_lead_status": self.rng.choice(STATUSES)},
                    {"lastname": self.rng.choice(LAST)},
                    {"phone": self.rng.choice(("+49 30 111", "+49 30 222"))},
                )
            )
            self.hubspot.edit("contacts", contact, changed)

    def edit_deal(self) -> None:
        """Change the amount or the stage of a deal."""
        if deal := self.people.any("deals"):
            changed = self.rng.choice(
                ({"amount": self.rng.choice(AMOUNTS)}, {"dealstage": self.rng.choice(STAGES)})
            )
            self.hubspot.edit("deals", deal, changed)

    # ------------------------------------------------ in Xentral

    def address(self) -> None:
        """Create an address, mostly a lead of the group."""
        first, last = self.rng.choice(FIRST), self.rng.choice(LAST)
        made = self.clerk.create(
            ADDRESSES,
            name=f"{first} {last}",
            vorname=first,
            nachname=last,
            email=self.people.email(),
            ort=self.rng.choice(CITIES),
            lead=self.rng.choice((1, 1, 1, 0)),
            land="DE",
        )
        self.place.by_hand.add(int(made))
        if self.rng.random() < 0.7:
            self.clerk.join(made, self.place.group)

    def resubmission(self) -> None:
        """Create a resubmission, mostly on the board."""
        stage = self.rng.choice((*self.place.board[:3], "0"))
        self.clerk.create(
            RESUBMISSIONS,
            bezeichnung=f"Wiedervorlage {self.people.email()}",
            datum_erinnerung="2026-12-15",
            zeit_erinnerung="09:00:00",
            betrag=self.rng.choice(AMOUNTS),
            stages=stage,
        )

    def edit_address(self) -> None:
        """Change one field of an address."""
        if address := self._any(ADDRESSES):
            changed = self.rng.choice(
                (
                    {"ort": self.rng.choice(CITIES)},
                    {"telefon": self.rng.choice(("+49 221 5", "+49 221 6"))},
                    {"lead": self.rng.choice((0, 1))},
                )
            )
            self.clerk.edit(ADDRESSES, address, **changed)

    def edit_resubmission(self) -> None:
        """Change the amount or the stage of a resubmission."""
        if record := self._any(RESUBMISSIONS):
            if self.rng.random() < 0.5:
                self.clerk.edit(RESUBMISSIONS, record, betrag=self.rng.choice(AMOUNTS))
            else:
                self.clerk.move(record, self.rng.choice((*self.place.board[:3], "0")))

    def join_or_leave(self) -> None:
        """Put an address into the group, or take it out."""
        if address := self._any(ADDRESSES):
            act = self.rng.choice((self.clerk.join, self.clerk.leave))
            act(address, self.place.group)

    def delete(self) -> None:
        """Delete a record."""
        kind = self.rng.choice((ADDRESSES, RESUBMISSIONS))
        if record := self._any(kind):
            self.clerk.delete(kind, record)

    def _any(self, kind: str) -> str:
        ids = list(self.place.ids(kind))
        return self.rng.choice(ids) if ids else ""
