"""RXNT in a history: contacts enter the stage Customer and become patients, one way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

from django.utils import timezone

from integrations.connectors.sandbox_kit import Sandbox
from integrations.engine.config import SyncConfig
from integrations.engine.mapping import IncompleteGroup
from integrations.engine.pairs import LinkState
from integrations.engine.ports import Priority
from integrations.engine.reconcile import mapper_of
from integrations.engine.records import Side, as_text, is_value
from integrations.models import Integration, ObjectSync, RecordLink, RunKind
from integrations.services import connectors, syncs
from tests.services.stage import Stage
from tests.world.places.place import Act, Edit, Place, in_step

if TYPE_CHECKING:
    from tests.world.people import People
    from tests.world.town import Town

VALUES = {
    "firstname": ("Ada", "Ben", "Cy", "Dee", "Eve", ""),
    "lastname": ("Ash", "Birch", "Cedar"),
    "rxnt_date_of_birth": (*["1980-02-29", "1991-07-01"] * 4, ""),
    "phone": ("410-555-0142", "(410) 555 0143", ""),
    "address": ("12 Dock St", "7 Main St", ""),
    "city": (*["Annapolis", "Reno"] * 4, ""),
    "state": (*["MD", "nevada"] * 4, "Atlantis"),
    "zip": (*["21401"] * 8, ""),
}
"""Mostly what a practice would write; now and then something is missing or nonsense."""
ENDS = {LinkState.LINKED, LinkState.FAILING}


class Rxnt(Place):
    """Acme's practice: written to, never read, and never told to remove anybody."""

    system = "rxnt"
    keys = ("patients",)
    heard = {"contacts": ("lifecyclestage",)}
    hosts = ("https://app2.rxnt.com",)
    busy = 3
    kinds = (RunKind.RECONCILE,)
    reads = r"AuthenticateUser|GetV1PatientInfo"

    def __init__(self) -> None:
        self.stage = Stage()

    @property
    def sandbox(self) -> Sandbox:
        """Return the stand-in."""
        return self.stage.rxnt

    def connect(self) -> Integration:
        """Connect RXNT; its mapping is fixed."""
        return self.stage.connect()

    def vary(self, config: SyncConfig, key: str, rng: Random) -> SyncConfig:
        """Return the mapping with another rule for incomplete addresses."""
        incomplete = rng.choice(list(IncompleteGroup))
        groups = tuple(replace(group, incomplete=incomplete) for group in config.groups)
        return replace(config, groups=groups)

    def ids(self, target_object: str) -> Collection[str]:
        """Return nothing: patients cannot be listed."""
        return ()

    def check_doubles(self) -> None:
        """Check that every external id and every contact has one patient."""
        keys = Counter(patient.external_id for patient in self.stage.rxnt.patients())
        assert not [key for key, count in keys.items() if count > 1]

    def check(self, town: Town, row: ObjectSync, links: list[RecordLink]) -> None:
        """Let every contact enter the stage once more; then every patient is up to date."""
        for contact in self.hubspot_ids("contacts"):
            self.enter(town, contact)
        town.calm()
        live = set(self.hubspot_ids("contacts"))
        found = RecordLink.objects.filter(object_sync=row, hubspot_id__in=live)
        state = {link.hubspot_id: link for link in found if link.state not in ("superseded",)}
        assert state.keys() == live
        config = syncs.config_of(row)
        hubspot = connectors.open_pair(row, Priority.PERSON)[Side.HUBSPOT]
        records = hubspot.fetch("contacts", sorted(live), config.fields(Side.HUBSPOT))
        mapper = mapper_of(config)
        for contact, link in state.items():
            assert link.state in ENDS or link.reason == "ambiguous", f"{link}: {link.reason}"
            if link.state != LinkState.LINKED:
                continue
            patient = self.stage.rxnt.patient(link.external_key)
            assert patient is not None, f"{link} has no patient"
            sent = mapper.translate(records[contact], Side.HUBSPOT, timezone.now()).values
            for name, value in sent.items():
                if is_value(value):
                    assert _like(patient.fields.get(name, ""), as_text(value)), f"{name} of {link}"

    def enter(self, town: Town, contact: str) -> None:
        """Move a contact out of the stage and into it."""
        town.hubspot.edit("contacts", contact, {"lifecyclestage": ""})
        town.hubspot.edit("contacts", contact, {"lifecyclestage": "customer"})

    def edits(self, town: Town) -> list[Edit]:
        """Return an edit that enters the stage again."""
        link = in_step(town.row("patients"))
        if link is None or link.hubspot_id not in self.hubspot_ids("contacts"):
            return []  # nobody told of its deletion, and no list of patients can show it
        contact, key = link.hubspot_id, link.external_key

        def in_hubspot() -> Callable[[], bool]:
            town.hubspot.edit("contacts", contact, {"lastname": "Edited"})
            self.enter(town, contact)

            def has_arrived() -> bool:
                patient = self.stage.rxnt.patient(key)
                return patient is not None and patient.fields["LastName"] == "Edited"

            return has_arrived

        return [in_hubspot]

    def acts(self, people: People) -> Iterable[Act]:
        """Return what HubSpot's users do."""
        rng = people.rng

        def some() -> dict[str, str]:
            return {name: rng.choice(values) for name, values in VALUES.items()}

        def contact() -> None:
            people.hubspot.create("contacts", {"email": people.email(), **some()})

        def edit() -> None:
            if record := people.any("contacts"):
                name = rng.choice(sorted(VALUES))
                people.hubspot.edit("contacts", record, {name: rng.choice(VALUES[name])})

        def move(stage: str) -> None:
            if record := people.any("contacts"):
                people.hubspot.edit("contacts", record, {"lifecyclestage": stage})

        return (
            ("contact", 5, contact),
            ("edit", 3, edit),
            ("enter", 5, lambda: move("customer")),
            ("leave", 2, lambda: move("")),
            ("merge", 1, lambda: people.merge("contacts")),
            ("delete", 1, lambda: people.delete("contacts")),
            ("restore", 1, people.restore),
        )


def _like(held: str, sent: str) -> bool:
    """Tell whether RXNT holds what was sent; it writes dates its own way."""
    return held == sent or sent.replace("-", "") in held.replace("-", "").replace("/", "")
