"""The contacts and deals of the machine builder's story, as somebody types them into HubSpot.

All invented. Names and addresses are distinctive, so that finding one anywhere proves a leak.
"""

from __future__ import annotations

from typing import Final

from integrations.management.check.house import ADDRESSES
from integrations.management.check.scene import Scene
from integrations.management.check.works import CONTACTS, DEALS
from integrations.services import sandbox_works

FAMILY: Final = "Quellmüller"
"""Everybody's last name begins so."""
ZOE: Final = {
    "salutation": "Frau",
    "firstname": "Zoë",
    "lastname": f"{FAMILY}-Groß",
    "email": "zoe@quellmueller.example",
    "phone": "+49 211 5550178",
    "address": "Straße der Färber 7",
    "zip": "40217",
    "city": "Düsseldorf",
    "state": "Nordrhein-Westfalen",
    "country": "Germany",
    "hs_lead_status": "NEW",
    "lifecyclestage": "lead",
}
ZOE_IN_XENTRAL: Final = {
    "typ": "frau",
    "vorname": "Zoë",
    "nachname": f"{FAMILY}-Groß",
    "name": f"Zoë {FAMILY}-Groß",
    "email": "zoe@quellmueller.example",
    "telefon": "+49 211 5550178",
    "strasse": "Straße der Färber 7",
    "plz": "40217",
    "ort": "Düsseldorf",
    "bundesstaat": "NW",
    "land": "DE",
}
OTHERS: Final = {
    "Reto": {"country": "Switzerland", "state": "Bern", "hs_lead_status": "NEW"},
    "Uwe": {"hs_lead_status": "OPEN"},
    "Old": {"hs_lead_status": "NEW"},
    "Edge": {"hs_lead_status": "NEW"},
    "Pia": {"hs_lead_status": "NEW"},
    "Pit": {"hs_lead_status": "NEW"},
}
ADDED: Final = {"Old": "2025-12-31T22:59:59+00:00", "Edge": "2025-12-31T23:00:00+00:00"}
"""Old was added a second before the start time, Edge at that very instant."""
WINTER: Final = {
    "dealname": "Rührwerk für Süßmost",
    "amount": "18500.5",
    "closedate": "2026-12-15T11:00:00Z",
    "dealstage": "qualifiedtobuy",
}
SUMMER: Final = {
    "dealname": "Kühlstraße",
    "amount": "99000",
    "closedate": "2027-07-15T09:30:00Z",
    "dealstage": "presentationscheduled",
}
TWINS: Final = {"dealname": "Prüfstand", "amount": "700", "dealstage": "appointmentscheduled"}


def fill(scene: Scene) -> None:
    """Let the contacts and deals be in HubSpot, and take note of one address of the demo's."""
    works, crm = scene.works, scene.works.crm
    scene.names.add(FAMILY)
    for name, values in {"Zoë": ZOE, **OTHERS}.items():
        email = f"{name.lower()}@quellmueller.example"
        basic = {"firstname": name, "lastname": f"{FAMILY} {name}", "email": email}
        made = {**basic, **values}
        if name in ADDED:
            works.contacts[name] = crm.create_then(CONTACTS, ADDED[name], **made)
        else:
            works.contacts[name] = crm.create(CONTACTS, **made)
        scene.hidden.add(values.get("email", email))
    scene.hidden.update((ZOE["phone"], ZOE["address"]))
    for name, values in (("winter", WINTER), ("summer", SUMMER), ("one", TWINS), ("two", TWINS)):
        works.deals[name] = deal(scene, "Zoë", **values)
    known = {row["email"]: key for key, row in works.house.all(ADDRESSES).items()}
    works.addresses["Frauke"] = known[FRAUKE]
    works.contacts["Frauke"] = next(
        key for key, row in crm.all(CONTACTS).items() if row.get("email") == FRAUKE
    )


def deal(scene: Scene, contact: str, **values: str) -> str:
    """Create a deal of a contact; returns its id."""
    works = scene.works
    made = works.crm.create(DEALS, **{"pipeline": "default", **values})
    works.crm.join(DEALS, made, CONTACTS, works.contacts[contact])
    return made


FRAUKE: Final = sandbox_works.CONTACTS[2][2]
"""Whom both systems of the demo have."""
