"""What HubSpot tells when associations change, and which record that makes us look at."""

from __future__ import annotations

import json

import pytest

from integrations.connectors.hubspot.webhooks import parse
from integrations.engine.ports import EventKind
from tests.connectors.hubspot.sandbox_rig import CONTACTS, SandboxRig


def test_an_association_is_told_in_both_directions_and_a_primary_twice(hub: SandboxRig) -> None:
    hub.app.subscribe("contact.associationChange")
    hub.app.subscribe("company.associationChange")
    company, contact = hub.person.create("companies", {"name": "Acme"}), hub.contact()
    hub.person.associate("contacts", contact, "companies", company, primary=True)
    events = hub.events()
    assert [(e["associationType"], e["isPrimaryAssociation"]) for e in events] == [
        ("CONTACT_TO_COMPANY", False),
        ("COMPANY_TO_CONTACT", False),
        ("CONTACT_TO_COMPANY", True),
        ("COMPANY_TO_CONTACT", True),
    ]
    assert "objectId" not in events[0]


@pytest.mark.parametrize(
    ("event", "type_id"),
    [
        ("contact.associationChange", ""),
        ("company.associationChange", ""),
        ("object.associationChange", "0-1"),
        ("object.associationChange", "0-2"),
    ],
)
def test_every_way_to_associate_tells_of_the_contact(
    hub: SandboxRig, event: str, type_id: str
) -> None:
    hub.app.subscribe(event, type_id=type_id)
    company = hub.person.create("companies", {"name": "Acme"})
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]
    body = {
        "properties": {"firstname": "Ada"},
        "associations": [{"to": {"id": company}, "types": types}],
    }
    contact = str(hub.post(CONTACTS, body, 201)["id"])
    hub.wait(1)
    hub.person.dissociate("contacts", contact, "companies", company)
    hub.wait(1)
    path = f"{CONTACTS}/{contact}/associations/default/companies/{company}"
    assert hub.call("PUT", path).status_code == 200
    events = parse(json.dumps(hub.events()).encode()).events
    assert [(e.kind, e.object_type, e.record_id) for e in events] == [
        (EventKind.ASSOCIATED, "contacts", contact)
    ] * 3
    assert len({e.dedup_key for e in events}) == 3
