"""What every measurement stands on: a connected tenant and contacts by the thousand."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from django.contrib.auth.models import User

from integrations.models import Integration, ObjectSync
from integrations.services import connections, connectors, installs, sandbox_demo, tenants
from integrations.services.sandbox import Stage


def connect() -> ObjectSync:
    """Connect the demo's HubSpot account with RXNT the way a person does; returns the sync."""
    user, _ = User.objects.get_or_create(username="bench")
    tenant = tenants.create("Bench", owner=user)
    page = installs.start(tenant, user, "rxnt")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(page).query).items()}
    form = asked | {"decision": "approve", "portal_id": str(sandbox_demo.PORTAL_ID)}
    with connectors.new_session() as browser:
        answer = browser.post(page, data=form, allow_redirects=False, timeout=10)
    back = parse_qs(urlsplit(answer.headers["Location"]).query)
    hubspot, system = installs.finish(user, back["state"][0], back["code"][0])
    integration: Integration = connections.connect_target(
        user, hubspot, system, sandbox_demo.RXNT_LOGIN
    )
    return integration.object_syncs.get()


def fill(stage: Stage, count: int) -> list[str]:
    """Create complete contacts in Customer; returns their ids."""
    person = stage.hubspot.account(sandbox_demo.PORTAL_ID)
    return [person.create_contact(contact(number)) for number in range(count)]


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
