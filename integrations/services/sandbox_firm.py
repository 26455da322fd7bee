"""What the demo's software firm has in HubSpot and in Thena: companies and the people in them.

Some match by domain or email, some are on one side only, and some are meant to be left out by a
filter. All are invented; the addresses are of domains that cannot exist.
"""

from __future__ import annotations

from typing import Final

from integrations.connectors.hubspot.sandbox import HubSpotSandbox
from integrations.connectors.thena.sandbox import DEMO_KEY, ThenaSandbox

PORTAL_ID: Final = 4711002
PORTAL_NAME: Final = "Lanternworks Software"
INSTALLER: Final = "ops@lanternworks.example"
THENA_LOGIN: Final = {"api_key": DEMO_KEY}
TIER: Final = "support_tier"
"""A property of companies that Thena lacks: publishing can make its field there."""
TIERS: Final = ("Basic", "Premium", "Internal")

_COMPANY: Final = ("name", "domain", "numberofemployees", "city", TIER)
COMPANIES: Final = (
    ("Copperfield Logistics", "copperfield.example", "420", "Rotterdam", "Premium"),
    ("Halden Medical", "halden-medical.example", "85", "Oslo", "Premium"),
    ("Brightwater Hotels", "brightwater.example", "1300", "Lisbon", "Basic"),
    ("Tamarind Foods", "tamarind-foods.example", "56", "Pune", "Basic"),
    ("Orchard & Vine", "orchardvine.example", "12", "Bordeaux", ""),
    ("Lanternworks Test Lab", "testlab.lanternworks.example", "3", "Berlin", "Internal"),
    ("Walk-in customers", "", "", "", "Basic"),
)
_CONTACT: Final = ("firstname", "lastname", "email", "phone", "jobtitle")
CONTACTS: Final = (
    ("Mira", "Vos", "mira.vos@copperfield.example", "+31 10 555 0134", "Head of IT", 0),
    ("Jonas", "Aker", "jonas.aker@copperfield.example", "+31 10 555 0135", "Dispatcher", 0),
    ("Signe", "Halden", "signe@halden-medical.example", "+47 22 55 01 16", "Managing director", 1),
    ("Tiago", "Moura", "tiago.moura@brightwater.example", "", "Front office lead", 2),
    ("Anika", "Deshpande", "anika@tamarind-foods.example", "+91 20 5550 1178", "Buyer", 3),
    ("Luc", "Perrin", "luc.perrin@orchardvine.example", "", "", 4),
    ("Testa", "Testman", "testa@testlab.lanternworks.example", "", "Robot", 5),
    ("Wanda", "Walker", "", "+49 30 5550 0188", "", 6),
)
"""The last member of a row is the place of its company; one has no email, which Thena needs."""
_ACCOUNT: Final = ("name", "primaryDomain", "employees", "status")
ACCOUNTS: Final = (
    ("Copperfield Logistics B.V.", "copperfield.example", 400, "ACTIVE"),
    ("Halden Medical", "halden-medical.example", 85, "ACTIVE"),
    ("Nightingale Radio", "nightingale.example", 31, "TRIAL"),
    ("Old Mill Paper", "oldmill.example", 9, "CHURNED"),
)
_PERSON: Final = ("firstName", "lastName", "email", "phoneNumber")
PEOPLE: Final = (
    ("Mira", "Vos", "mira.vos@copperfield.example", "+31 10 555 0134", 0),
    ("Signe", "Halden", "signe@halden-medical.example", "", 1),
    ("Rosa", "Fink", "rosa@nightingale.example", "+49 40 5550 0121", 2),
    ("Paul", "Mill", "paul@oldmill.example", "", 3),
)


def furnish(hubspot: HubSpotSandbox, thena: ThenaSandbox) -> None:
    """Give both stand-ins what the firm has, unless its HubSpot account is there already."""
    with hubspot.lock, thena.lock:
        if PORTAL_ID not in hubspot.accounts:
            _fill_hubspot(hubspot)
            _fill_thena(thena)


def _fill_hubspot(hubspot: HubSpotSandbox) -> None:
    person = hubspot.add_account(PORTAL_ID, PORTAL_NAME, INSTALLER)
    person.add_choice("companies", TIER, "Support tier", TIERS)
    companies = [person.create("companies", _values(_COMPANY, row)) for row in COMPANIES]
    for row in CONTACTS:
        contact = person.create("contacts", _values(_CONTACT, row))
        company = companies[int(row[-1])]
        person.associate("contacts", contact, "companies", company, primary=True)


def _fill_thena(thena: ThenaSandbox) -> None:
    agent = thena.person()
    accounts = [agent.create("accounts", **_values(_ACCOUNT, row)) for row in ACCOUNTS]
    for row in PEOPLE:
        accounts_of = [accounts[int(row[-1])]]
        agent.create("contacts", **_values(_PERSON, row), accountIds=accounts_of)


def _values(names: tuple[str, ...], row: tuple[str | int, ...]) -> dict[str, object]:
    return {name: value for name, value in zip(names, row, strict=False) if value != ""}
