"""What the merge matrix needs of each pair of objects: making records, children. No tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random

import pytest
from django.utils import timezone

from integrations.connectors.hubspot.sandbox.webhooks import Delivery
from integrations.engine.config import MergePolicy, SyncConfig
from integrations.engine.ports import Priority
from integrations.engine.records import Side
from integrations.models import Alias, Merge, ObjectSync, RecordLink, RunKind
from integrations.services import connectors, hints, inbox
from integrations.services.hints import NewHint
from tests.world.checks import LIVE
from tests.world.places.magentrix import Magentrix
from tests.world.places.place import Place
from tests.world.places.rxnt import Rxnt
from tests.world.places.thena import Thena
from tests.world.places.xentral import Xentral
from tests.world.town import Town

Values = Mapping[str, str]


def company(number: int) -> Values:
    """Return a company."""
    return {"name": f"Firm {number}", "domain": f"firm{number}.example"}


def contact(number: int) -> Values:
    """Return a contact."""
    name = {"firstname": f"Käthe{number}", "lastname": "Groß"}
    return {**name, "email": f"k{number}@people.example"}


def deal(number: int) -> Values:
    """Return a deal."""
    stage = {"pipeline": "default", "dealstage": "qualifiedtobuy"}
    return {"dealname": f"Vertrag {number}", "amount": str(1000 + number), **stage}


def patient(number: int) -> Values:
    """Return a contact that becomes a patient."""
    born = {"rxnt_date_of_birth": "1980-02-29", "lifecyclestage": "customer"}
    return {"firstname": f"Ida{number}", "lastname": "Brandt", **born}


MAKE: Mapping[str, Callable[[int], Values]] = {
    "companies": company,
    "contacts": contact,
    "deals": deal,
    "patients": patient,
}


@dataclass(frozen=True)
class Line:
    """One object pair of one system. `edit` is a field to change; `children` point to its pairs.

    `removes`: the extra record is removed; `asks`: a person is asked about it.
    """

    place: type[Place]
    key: str
    edit: str
    children: tuple[str, ...] = ()
    removes: bool = False
    asks: bool = False

    def __str__(self) -> str:
        return f"{self.place.system}-{self.key}"

    @property
    def kind(self) -> str:
        """HubSpot's object type."""
        return "contacts" if self.key == "patients" else self.key


LINES = (
    Line(Thena, "companies", "description", ("contacts",), asks=True),
    Line(Thena, "contacts", "phone", asks=True),
    Line(Magentrix, "companies", "description", ("contacts", "deals"), removes=True),
    Line(Magentrix, "contacts", "phone", ("deals",), removes=True),
    Line(Magentrix, "deals", "amount", removes=True),
    Line(Xentral, "contacts", "city", ("deals",), asks=True),
    Line(Xentral, "deals", "amount", asks=True),
    Line(Rxnt, "patients", "lastname"),
)


class Stand:
    """One line at work: everything published as it starts, nothing ever goes wrong by chance."""

    def __init__(
        self, line: Line, monkeypatch: pytest.MonkeyPatch, policy: MergePolicy | None = None
    ) -> None:
        def vary(_place: Place, config: SyncConfig, _key: str, _rng: Random) -> SyncConfig:
            return replace(config, merge=policy or config.merge)

        monkeypatch.setattr(line.place, "vary", vary)
        monkeypatch.setattr(line.place, "draw", Place.draw)
        self.line, self.town = line, Town(1, monkeypatch, line.place(), share=0.0)
        self.number = 0
        self.children: list[tuple[str, str]] = []

    @property
    def row(self) -> ObjectSync:
        """The object sync whose records are merged."""
        return self.town.row(self.line.key)

    # ------------------------------------------------ what people do

    def make(self, key: str = "") -> str:
        """Create a record in HubSpot."""
        self.number += 1
        key = key or self.line.key
        values = dict(MAKE[key](self.number))
        if key != "patients":
            return self.town.hubspot.create(key, values)
        made = self.town.hubspot.create("contacts", {**values, "lifecyclestage": "lead"})
        self.town.hubspot.edit("contacts", made, {"lifecyclestage": "customer"})
        return made

    def below(self, parent: str) -> None:
        """Create one child of each kind."""
        for key in self.line.children:
            made = self.make(key)
            primary = self.line.key == "companies"
            self.town.hubspot.associate(key, made, self.line.key, parent, primary=primary)
            self.children.append((key, made))

    def linked(self, count: int = 2) -> list[str]:
        """Create linked records, the last one with children; returns their HubSpot ids."""
        made = [self.make() for _ in range(count)]
        self.below(made[-1])
        self.settle()
        for one in made:
            assert self.link(one).state == "linked", self.link(one).reason
        return made

    def merge(self, primary: str, other: str) -> str:
        """Merge two records in HubSpot."""
        return self.town.hubspot.merge(self.line.kind, primary, other)

    def touch(self, record_id: str, number: int) -> None:
        """Change a record in HubSpot so that it is to be written."""
        value = str(2000 + number) if self.line.edit == "amount" else f"Edited {number}"
        self.town.hubspot.edit(self.line.kind, record_id, {self.line.edit: value})
        if self.line.key == "patients":
            for stage in ("lead", "customer"):
                self.town.hubspot.edit("contacts", record_id, {"lifecyclestage": stage})

    # ------------------------------------------------ what the portal does

    def settle(self) -> None:
        """Let every notice arrive and everything come to its end."""
        self.town.calm()

    def lose_notices(self) -> None:
        """Let HubSpot's notices of what happened so far never arrive."""
        for each in self.town.stage.hubspot.take_deliveries():
            self.town.stage.hubspot.delivery_result(each.id, ok=True)

    def check(self, kind: RunKind) -> None:
        """Let a scheduled pass come by."""
        self.town.open(kind, [self.line.key])
        self.settle()

    def look(self, record_id: str) -> None:
        """Let a worker look at one id."""
        hints.raise_hints(self.row.pk, [NewHint(Side.HUBSPOT, record_id, Priority.WEBHOOK)])
        while self.town.work():
            pass

    def tell(self, first: str) -> None:
        """Let notices arrive one by one, those that hold a word first, and work after each."""
        sent: list[Delivery] = self.town.stage.hubspot.take_deliveries()
        for each in sorted(sent, key=lambda one: first.encode() not in one.body):
            inbox.receive(
                method="POST", uri=each.url, headers=each.headers, body=each.body,
                now=timezone.now(),
            )  # fmt: skip
            self.town.stage.hubspot.delivery_result(each.id, ok=True)
            inbox.route()
            while self.town.work():
                pass
        self.settle()

    # ------------------------------------------------ what there is

    def link(self, record_id: str, key: str = "") -> RecordLink:
        """Return the link that answers for a HubSpot id."""
        alias = Alias.objects.select_related("link").get(
            object_sync=self.town.row(key or self.line.key), side="hubspot", record_id=record_id
        )
        return alias.link

    def targets(self, *ids: str) -> list[str]:
        """Return the target records of HubSpot ids."""
        return [self.link(one).target_id for one in ids]

    def live(self, ids: list[str]) -> set[str]:
        """Return which target records live; a system that cannot be read loses none."""
        row = self.row
        if not self.town.config(self.line.key).target.readable:
            return set(ids)
        target = connectors.open_pair(row, Priority.PERSON)[Side.TARGET]
        found = target.fetch(row.target_object, ids, ())
        return {one for one, record in found.items() if not record.archived}

    def pointed_to(self) -> set[str]:
        """Return the target records that the children point to there."""
        found: set[str] = set()
        for key, child in self.children:
            row = self.town.row(key)
            rules = [r for r in self.town.config(key).rules if r.reference == self.line.key]
            target = connectors.open_pair(row, Priority.PERSON)[Side.TARGET]
            link = self.link(child, key)
            names = [rule.target for rule in rules]
            record = target.fetch(row.target_object, [link.target_id], names)[link.target_id]
            for name in names:
                value = record.get(name)
                found.update(value if isinstance(value, tuple) else ())
        return found

    def links(self) -> list[RecordLink]:
        """Return the live links."""
        return list(RecordLink.objects.filter(object_sync=self.row, state__in=LIVE))

    def merges(self) -> list[Merge]:
        """Return the merges, oldest first."""
        rows = Merge.objects.filter(object_sync=self.row).order_by("pk")
        return list(rows.select_related("kept", "loser"))

    @property
    def policy(self) -> MergePolicy:
        """What is published for merges."""
        return self.town.config(self.line.key).merge
