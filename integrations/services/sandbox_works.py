"""What the demo's machine builder has in HubSpot and in Xentral: contacts, deals, addresses.

Some match by email, some are on one side only, some are no leads or have a status of their own. All
are invented; the addresses are of domains that cannot exist.
"""

from __future__ import annotations

from typing import Final

from integrations.connectors.hubspot.sandbox import HubSpotSandbox
from integrations.connectors.xentral.sandbox import (
    DEMO_APP,
    DEMO_INIT_KEY,
    DEMO_TOKEN,
    XentralSandbox,
)

PORTAL_ID: Final = 4711004
PORTAL_NAME: Final = "Größler Maschinenbau"
INSTALLER: Final = "vertrieb@groessler.example"
XENTRAL_TOKEN: Final = DEMO_TOKEN
XENTRAL_ACCOUNT: Final = {"app": DEMO_APP, "init_key": DEMO_INIT_KEY}
"""The API account of the old interface."""
OWNER: Final = ("Jörg Bäcker", "joerg.baecker@groessler.example")
"""In both systems, so that the owner of a contact becomes its sales person."""

_COMPANY: Final = ("name", "domain", "city")
COMPANIES: Final = (
    ("Süßwaren Höfer GmbH", "hoefer.example", "Köln"),
    ("Kühlhaus Förde KG", "foerde.example", "Flensburg"),
)
_CONTACT: Final = (
    "firstname", "lastname", "email", "phone", "address", "zip", "city", "state", "country",
    "hs_lead_status", "lifecyclestage",
)  # fmt: skip
CONTACTS: Final = (
    ("Änne", "Höfer", "aenne@hoefer.example", "+49 221 5550134", "Große Straße 1", "50667", "Köln",
     "Nordrhein-Westfalen", "Germany", "NEW", "lead", 0),
    ("Jürgen", "Weiß", "j.weiss@hoefer.example", "", "", "50667", "Köln", "", "Deutschland",
     "OPEN", "salesqualifiedlead", 0),
    ("Frauke", "Thomsen", "thomsen@foerde.example", "+49 461 5550116", "Am Kai 7", "24937",
     "Flensburg", "Schleswig-Holstein", "Germany", "NEW", "opportunity", 1),
    ("Léa", "Müller", "lea@alpenzahn.example", "+43 1 5550121", "Ringstraße 9", "1010", "Wien",
     "", "Austria", "UNQUALIFIED", "lead", None),
    ("", "Größe", "", "+49 30 5550188", "", "", "Berlin", "", "", "NEW", "lead", None),
)  # fmt: skip
"""The last member of a row is the place of its company; one has neither email nor first name."""
_DEAL: Final = ("dealname", "amount", "dealstage", "closedate")
DEALS: Final = (
    ("Höfer: Rührwerk 400 l", "18500", "qualifiedtobuy", "2026-12-15T11:00:00Z", 0),
    ("Förde: Wartung 2027", "4200.50", "presentationscheduled", "2027-01-20T09:30:00Z", 2),
    ("KÜ", "", "appointmentscheduled", "", 3),
)
"""The last member of a row is the place of its contact; one title is too short for Xentral."""
_ADDRESS: Final = (
    "typ", "vorname", "nachname", "name", "email", "telefon", "strasse", "plz", "ort", "land",
    "bundesstaat", "lead",
)  # fmt: skip
ADDRESSES: Final = (
    ("frau", "Frauke", "Thomsen", "Frauke Thomsen", "thomsen@foerde.example", "", "", "24937",
     "Flensburg", "DE", "SH", 1),
    ("herr", "Björn", "Größmann", "Björn Größmann", "b.groessmann@saege.example",
     "+49 89 5550142", "Sägewerk 3", "80331", "München", "DE", "BY", 1),
    ("firma", "", "", "Überseehandel Böhm & Söhne", "info@boehm.example", "", "Kontor 2", "20457",
     "Hamburg", "DE", "HH", 0),
)  # fmt: skip
FREE_FIELD: Final = "Kundenklasse"
"""The house uses one of the twenty already."""


def furnish(hubspot: HubSpotSandbox, xentral: XentralSandbox) -> None:
    """Give both stand-ins what the works has, unless its HubSpot account is there already."""
    with hubspot.lock, xentral.lock:
        if PORTAL_ID not in hubspot.accounts:
            _fill_hubspot(hubspot)
            _fill_xentral(xentral)


def _fill_hubspot(hubspot: HubSpotSandbox) -> None:
    person = hubspot.add_account(PORTAL_ID, PORTAL_NAME, INSTALLER)
    person.add_owner("7700001", OWNER[1])
    companies = [person.create("companies", _values(_COMPANY, row)) for row in COMPANIES]
    contacts = []
    for row in CONTACTS:
        made = person.create("contacts", _values(_CONTACT, row))
        contacts.append(made)
        if row[-1] is not None:
            company = companies[int(row[-1])]
            person.associate("contacts", made, "companies", company, primary=True)
    for deal in DEALS:
        made = person.create("deals", _values(_DEAL, deal) | {"pipeline": "default"})
        person.associate("deals", made, "contacts", contacts[int(deal[-1])])


def _fill_xentral(xentral: XentralSandbox) -> None:
    person = xentral.person()
    xentral.change(v3_beta=True)  # without it nobody can be put into a group from outside
    person.add_free_field(FREE_FIELD, number=1)
    person.add_employee(*OWNER)
    for row in ADDRESSES:
        person.create("addresses", **_values(_ADDRESS, row), kundennummer="NEW")


def _values(names: tuple[str, ...], row: tuple[str | int | None, ...]) -> dict[str, object]:
    return {name: value for name, value in zip(names, row, strict=False) if value != ""}
