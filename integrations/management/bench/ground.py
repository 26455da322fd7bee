"""What every measurement stands on: a connected tenant and records by the thousand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qs, urlsplit

from django.contrib.auth.models import User

from integrations.models import Integration, ObjectSync, PreviewState, Tenant
from integrations.services import (
    connections,
    connectors,
    drafts,
    installs,
    lanes,
    previews,
    publishing,
    sandbox_demo,
    tenants,
)
from integrations.services.sandbox import Stage

AT_A_COMPANY: Final = 20
"""Contacts per company."""


def connect() -> ObjectSync:
    """Connect the demo's HubSpot account with RXNT the way a person does; returns the sync."""
    return join("rxnt", sandbox_demo.RXNT_LOGIN, sandbox_demo.PORTAL_ID).object_syncs.get()


def join(system: str, login: Mapping[str, str], portal: int) -> Integration:
    """Connect a HubSpot account with a system, for a tenant of its own."""
    user, _ = User.objects.get_or_create(username="bench")
    tenant: Tenant = tenants.create(f"Bench {system}", owner=user)
    page = installs.start(tenant, user, system)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(page).query).items()}
    form = asked | {"decision": "approve", "portal_id": str(portal)}
    with connectors.new_session() as browser:
        answer = browser.post(page, data=form, allow_redirects=False, timeout=10)
    back = parse_qs(urlsplit(answer.headers["Location"]).query)
    hubspot, _system = installs.finish(user, back["state"][0], back["code"][0])
    return connections.connect_target(user, hubspot, system, login)


def publish(object_sync: ObjectSync) -> None:
    """Preview the rules a sync starts from and put them into force; leaves its first load open.

    The preview is worked here unless a worker is faster: do this while there are few records.
    """
    user = User.objects.get(username="bench")
    drafts.of(object_sync)
    preview = previews.start(object_sync, user)
    while preview.state == PreviewState.RUNNING:
        lanes.work(object_sync.pk)
        preview.refresh_from_db()
    publishing.publish(preview, user)
    object_sync.refresh_from_db()


def fill(stage: Stage, count: int) -> list[str]:
    """Create complete contacts in Customer; returns their ids."""
    person = stage.hubspot.account(sandbox_demo.PORTAL_ID)
    return [person.create_contact(contact(number)) for number in range(count)]


def fill_firms(stage: Stage, portal: int, count: int) -> list[str]:
    """Create contacts, each twenty of them at a company of their own; returns the contacts' ids."""
    person, ids = stage.hubspot.account(portal), []
    for number in range(count):
        if number % AT_A_COMPANY == 0:
            firm = person.create("companies", company(number // AT_A_COMPANY))
        ids.append(person.create("contacts", colleague(number)))
        person.associate("contacts", ids[-1], "companies", firm)
    return ids


def company(number: int) -> dict[str, object]:
    """Return an invented company."""
    return {
        "name": f"Firm {number}",
        "domain": f"firm{number}.example",
        "numberofemployees": str(1 + number % 500),
    }


def colleague(number: int) -> dict[str, object]:
    """Return an invented contact with the fields that Thena takes."""
    return {name: contact(number)[name] for name in ("firstname", "lastname", "email", "phone")}


def deal(number: int) -> dict[str, object]:
    """Return an invented deal in the first stage of HubSpot's own pipeline."""
    return {
        "dealname": f"Deal {number}",
        "amount": f"{1_000 + number % 9_000}",
        "pipeline": "default",
        "dealstage": "appointmentscheduled",
        "closedate": "2027-03-01T12:00:00Z",
    }


def contact(number: int) -> dict[str, object]:
    """Return a complete, invented contact in Customer."""
    return {
        "firstname": f"First{number}",
        "lastname": f"Last{number}",
        "email": f"person{number}@bench.example",
        "phone": f"410555{number % 10_000:04}",
        "address": f"{number} Dock St",
        "city": "Annapolis",
        "state": "MD",
        "zip": f"{21_000 + number % 900}",
        "rxnt_date_of_birth": f"{1940 + number % 60}-0{1 + number % 9}-1{number % 9}",
        "rxnt_sex": "FMU"[number % 3],
        "lifecyclestage": "customer",
    }
