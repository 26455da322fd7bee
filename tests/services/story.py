"""Acme's lane from HubSpot's webhook to RXNT's patient, as people live it. No tests here."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.utils import timezone

from integrations.connectors.hubspot.sandbox.webhooks import Delivery
from integrations.models import Connection, Notice
from integrations.services import inbox
from tests.services.lane_kit import LaneKit
from tests.services.stage import Stage

EVENTS = ("creation", "deletion", "merge", "restore")
PLACE = {"address": "12 Dock St", "city": "Annapolis", "state": "MD", "zip": "21401"}


class Story(LaneKit):
    """A lane that hears of HubSpot through signed webhooks only."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        stage.app.webhook_url = f"{settings.PUBLIC_URL}/hooks/hubspot/"
        for event in EVENTS:
            stage.app.subscribe(f"contact.{event}")
        stage.app.subscribe("contact.propertyChange", "lifecyclestage")

    def deliveries(self) -> list[Delivery]:
        """Take what HubSpot would send now."""
        return self.stage.hubspot.take_deliveries()

    def receive(self, deliveries: Sequence[Delivery]) -> None:
        """Let signed deliveries arrive and become hints."""
        for sent in deliveries:
            inbox.receive(
                method="POST",
                uri=sent.url,
                headers=sent.headers,
                body=sent.body,
                now=timezone.now(),
            )
            self.stage.hubspot.delivery_result(sent.id, ok=True)
        inbox.route()

    def tell(self) -> None:
        """Let HubSpot tell what happened, and a worker do what follows."""
        self.receive(self.deliveries())
        self.work()

    def enter(self, contact: str, stage: str = "customer", **values: str) -> None:
        """Move a contact to a stage and let everything follow."""
        self.person.edit("contacts", contact, {"lifecyclestage": stage, **values})
        self.tell()

    def lead(self, number: int = 1, **values: str) -> str:
        """Create a contact that is not a customer yet, and let HubSpot tell."""
        contact = self.contact(number, **{"lifecyclestage": "lead", **values})
        self.tell()
        return contact

    def customer(self, number: int = 1, **values: str) -> str:
        """Create a contact and move it to Customer."""
        contact = self.lead(number, **values)
        self.enter(contact)
        return contact

    def look_anew(self) -> None:
        """Let the portal forget what it knows of HubSpot's fields, as it does every minute."""
        Connection.objects.update(state_changed_at=timezone.now())

    def fields(self, contact: str) -> dict[str, str]:
        """Return what RXNT holds of the patient that was made from a contact, {} for none."""
        patient = self.stage.rxnt.patient(f"hubspot_{contact}")
        return dict(patient.fields) if patient else {}

    def saves(self, contact: str) -> int:
        """Return how often RXNT saved the patient made from a contact."""
        patient = self.stage.rxnt.patient(f"hubspot_{contact}")
        return patient.saves if patient else 0

    def mails(self) -> list[str]:
        """Return the reasons of all mails so far, oldest first."""
        return list(Notice.objects.order_by("occurred_at").values_list("reason", flat=True))
