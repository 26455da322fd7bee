"""Steps: who travels (group, lead status), and what is kept (filled fields, the e-mail first)."""

from __future__ import annotations

from typing import Final

from integrations.management.check.house import ADDRESSES
from integrations.management.check.scene import Scene, contains, expect
from integrations.management.check.works import CONTACTS
from integrations.management.check.xentral import people
from integrations.management.check.xentral.joining import GROUP
from integrations.management.check.xentral.starters import start

INSA: Final = {
    "typ": "frau",
    "vorname": "Insa",
    "nachname": f"{people.FAMILY} Insa",
    "name": f"Insa {people.FAMILY} Insa",
    "email": "insa@quellmueller.example",
    "strasse": "Färbergraben 3",
    "plz": "80331",
    "ort": "München",
    "land": "DE",
    "bundesstaat": "BY",
    "lead": 1,
}
NEW_EMAIL: Final = "zoe.neu@quellmueller.example"
WEBSITE: Final = "https://quellmueller.example"


def ask_group(scene: Scene) -> str:
    """An address outside the group stays in Xentral; it joins the group and is in HubSpot."""
    works, house = scene.works, scene.works.house
    scene.hidden.update((str(INSA["email"]), str(INSA["strasse"])))
    address = house.create(ADDRESSES, **INSA, kundennummer="NEW")
    start(scene, "queue")
    excluded = {"target_id": address, "state": "excluded"}
    scene.until(lambda: works.links(CONTACTS, **excluded), "the address to be left out")
    contains(works.why(CONTACTS, address, "target"), f"In the group {GROUP}")
    emails = [row.get("email") for row in works.crm.all(CONTACTS).values()]
    expect(INSA["email"] not in emails, "the address is in HubSpot")
    house.join(address, house.groups()[GROUP])
    house.edit(ADDRESSES, address, mobil="+49 89 5550163")
    scene.hidden.add("+49 89 5550163")
    start(scene, "queue")
    joined = {"target_id": address, "state": "linked"}
    (link,) = scene.until(lambda: works.links(CONTACTS, **joined), "the address to be linked")
    works.contacts["Insa"] = link.hubspot_id
    made = works.crm.read(CONTACTS, link.hubspot_id)
    place = made["city"], made["state"], made["country"], made["salutation"]
    expect(place == ("München", "Bayern", "Deutschland", "Frau"), f"she is in {place}")
    return f"contact {link.hubspot_id}: München, Bayern, Deutschland"


def keep_filled(scene: Scene) -> str:
    """A filled e-mail is never overwritten, and “why?” says so; an empty field is filled."""
    works, contact = scene.works, scene.works.contacts["Zoë"]
    other = "+49 211 5550999"
    scene.hidden.update((NEW_EMAIL, other))
    works.crm.edit(CONTACTS, contact, email=NEW_EMAIL, phone=other, website=WEBSITE)
    start(scene, "contacts")
    scene.until(
        lambda: works.twin(CONTACTS, contact)["internetseite"] == WEBSITE, "the website in Xentral"
    )
    zoe = works.twin(CONTACTS, contact)
    expect(zoe["email"] == people.ZOE["email"], "the e-mail was overwritten")
    expect(zoe["telefon"] == people.ZOE["phone"], "the phone was overwritten")
    noted = {"hubspot_id": contact, "detail__contains": "is kept"}
    scene.until(lambda: works.links(CONTACTS, **noted), "the outcome to be stored")
    contains(works.why(CONTACTS, contact), "Email is kept", "Phone is kept")
    expect(works.crm.read(CONTACTS, contact)["email"] == NEW_EMAIL, "HubSpot's was changed back")
    return "the website is filled, e-mail and phone are kept; “A value … was kept”"


def ask_status_once(scene: Scene) -> str:
    """The lead status is asked of new contacts only: what is in step stays so."""
    works, contact = scene.works, scene.works.contacts["Zoë"]
    works.crm.edit(CONTACTS, contact, hs_lead_status="OPEN", mobilephone="+49 170 5550172")
    works.crm.edit(CONTACTS, works.contacts["Uwe"], hs_lead_status="NEW")
    scene.hidden.add("+49 170 5550172")
    start(scene, "contacts")
    field = works.integration.settings["lead_field"]
    scene.until(lambda: works.twin(CONTACTS, contact)[field] == "OPEN", "the new lead status")
    expect(works.twin(CONTACTS, contact)["mobil"], "the mobile phone did not follow")
    uwe = works.contacts["Uwe"]
    scene.until(lambda: works.link(CONTACTS, uwe).state == "linked", "the other contact to go")
    address = works.target_id(CONTACTS, uwe)
    return f"{field} says OPEN and the rest follows; Uwe is address {address}"


STEPS: Final = (ask_group, keep_filled, ask_status_once)
