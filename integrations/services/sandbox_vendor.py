"""What the demo's manufacturer has in HubSpot and in its Magentrix partner portal.

Some records match by domain or e-mail, some are on one side only; owners match but for one on
either side. All are invented; the addresses are of domains that cannot exist.
"""

from __future__ import annotations

from typing import Final

from integrations.connectors.hubspot.sandbox import HubSpotSandbox, Person
from integrations.connectors.magentrix.sandbox import DEMO_KEY, USERS, MagentrixSandbox

PORTAL_ID: Final = 4711003
PORTAL_NAME: Final = "Northfield Instruments"
INSTALLER: Final = USERS[0].email
MAGENTRIX_LOGIN: Final = {"api_key": DEMO_KEY}
UNMATCHED_USER: Final = USERS[3].email
"""An employee of Magentrix who is no owner in HubSpot."""
UNMATCHED_OWNER: Final = "lena.ortiz@northfield.example"
OWNERS: Final = {
    "20111": USERS[1].email,
    "20112": USERS[2].email,
    "20113": UNMATCHED_OWNER,
}
"""HubSpot's owners besides the installer; the one without a user in Magentrix is the last."""
PAST_OWNER: Final = ("20114", USERS[4].email)
"""Left the firm: archived in HubSpot, inactive in Magentrix."""
LEVEL: Final = "partner_level"
LEVELS: Final = ("Authorised", "Preferred", "Elite")
"""A property of companies that Magentrix lacks: mapping it makes a picklist there."""

_COMPANY: Final = ("name", "domain", "industry", "city", LEVEL, "hubspot_owner_id")
COMPANIES: Final = (
    ("Arden Optics", "arden-optics.example", "MEDICAL_DEVICES", "Leeds", "Elite", "20111"),
    ("Bellweather Labs", "bellweather.example", "BIOTECHNOLOGY", "Graz", "Preferred", "20112"),
    ("Calder Robotics", "calder-robotics.example", "COMPUTER_SOFTWARE", "Lyon", "", "20113"),
    ("Dunmore Supply", "dunmore.example", "WHOLESALE", "Cork", "Authorised", "20111"),
    ("Arden Optics Ltd", "arden.example", "MEDICAL_DEVICES", "Leeds", "", "20112"),
)
"""The last one is the first once more, for trying out a merge."""
_CONTACT: Final = ("firstname", "lastname", "email", "phone", "jobtitle")
CONTACTS: Final = (
    ("Orla", "Arden", "orla@arden-optics.example", "+44 113 555 0121", "Managing director", 0),
    ("Theo", "Marsh", "theo.marsh@arden-optics.example", "+44 113 555 0122", "Buyer", 0),
    ("Katrin", "Hofer", "katrin.hofer@bellweather.example", "+43 316 555 0177", "Lab lead", 1),
    ("Yann", "Calder", "yann@calder-robotics.example", "+33 4 5550 0133", "Founder", 2),
    ("Niamh", "", "niamh@dunmore.example", "+353 21 555 0109", "", 3),
    ("Gus", "Arden", "gus@arden.example", "+44 113 555 0150", "Sales partner", 4),
)
"""The last member is the place of the company; one has no last name, which Magentrix needs."""
_DEAL: Final = ("dealname", "amount", "dealstage", "closedate", "hubspot_owner_id")
DEALS: Final = (
    ("Spectrometers for Leeds", "48000", "qualifiedtobuy", "2027-02-15", "20111", 0, 0),
    ("Service contract", "7200.50", "contractsent", "2027-01-10", "20112", 0, 1),
    ("Lab refit", "125000", "presentationscheduled", "2027-03-31", "20112", 1, 2),
    ("Sensor pilot", "9900", "appointmentscheduled", "", "20113", 2, 3),
)
"""The last members are the places of the company and the contact; one has no close date."""

_ACCOUNT: Final = ("Name", "Website", "PartnerTier__c", "BillingCity")
ACCOUNTS: Final = (
    ("Arden Optics", "https://www.arden-optics.example", "Gold", "Leeds"),
    ("Bellweather Labs", "bellweather.example", "Silver", "Graz"),
    ("Elmstead Trading", "elmstead.example", "Registered", "Ghent"),
)
"""No Type: HubSpot's list for it is another one, and it would refuse theirs."""
PEOPLE: Final = (
    ("Orla", "Arden", "orla@arden-optics.example", 0),
    ("Katrin", "Hofer", "katrin.hofer@bellweather.example", 1),
    ("Wim", "Elmstead", "wim@elmstead.example", 2),
)


def furnish(hubspot: HubSpotSandbox, magentrix: MagentrixSandbox) -> None:
    """Give both stand-ins what the firm has, unless its HubSpot account is there already."""
    with hubspot.lock, magentrix.lock:
        if PORTAL_ID not in hubspot.accounts:
            _fill_hubspot(hubspot)
            _fill_magentrix(magentrix)


def _fill_hubspot(hubspot: HubSpotSandbox) -> None:
    person = hubspot.add_account(PORTAL_ID, PORTAL_NAME, INSTALLER)
    for owner_id, email in OWNERS.items():
        person.add_owner(owner_id, email)
    person.add_owner(*PAST_OWNER, archived=True)
    person.add_choice("companies", LEVEL, "Partner level", LEVELS)
    companies = [person.create("companies", _values(_COMPANY, row)) for row in COMPANIES]
    contacts = []
    for row in CONTACTS:
        contacts.append(person.create("contacts", _values(_CONTACT, row)))
        _at(person, "contacts", contacts[-1], companies[int(row[-1])])
    for deal in DEALS:
        made = person.create("deals", _values(_DEAL, deal))
        _at(person, "deals", made, companies[int(deal[-2])])
        person.associate("deals", made, "contacts", contacts[int(deal[-1])])


def _fill_magentrix(magentrix: MagentrixSandbox) -> None:
    person = magentrix.person()
    accounts = [person.create("Account", **_values(_ACCOUNT, row)) for row in ACCOUNTS]
    person.edit("Account", accounts[2], ParentId=accounts[0])
    contacts = []
    for first, last, email, place in PEOPLE:
        names = {"FirstName": first, "LastName": last, "Email": email}
        contacts.append(person.create("Contact", **names, AccountId=accounts[int(place)]))
    person.edit("Contact", contacts[2], ReferredBy__c=contacts[0])
    person.create(
        "Opportunity",
        Name="Demo units",
        Stage="Prospecting",
        AccountId=accounts[2],
        ContactId=contacts[2],
        PartnerAccount__c=accounts[0],
    )


def _at(person: Person, kind: str, record_id: str, company: str) -> None:
    person.associate(kind, record_id, "companies", company, primary=True)


def _values(names: tuple[str, ...], row: tuple[str | int, ...]) -> dict[str, object]:
    return {name: value for name, value in zip(names, row, strict=False) if value != ""}
