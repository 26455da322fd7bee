"""Steps: the vendor's records, and connecting its Magentrix portal with an API key."""

from __future__ import annotations

from typing import Final

from integrations.management.check.connecting import WRONG, agree, remember_tokens
from integrations.management.check.scene import Scene, contains, expect
from integrations.management.check.vendor import COMPANIES, CONTACTS, DEALS
from integrations.models import Integration
from integrations.services import demo, sandbox_vendor

FIRMS: Final = "marlowe"
PEOPLE: Final = "marlfolk"
ORDERS: Final = "marlorder"
"""How names and addresses of the added records begin; distinctive, so that a leak shows."""
STAFF: Final = 10
"""Contacts of the company that is merged into another one later."""
COMPANY_COUNT: Final = 30
CONTACT_COUNT: Final = 90
DEAL_COUNT: Final = 30
ADA: Final = sandbox_vendor.INSTALLER
INES: Final = sandbox_vendor.UNMATCHED_USER
OF_MONA, OF_RAJ, OF_LENA = sandbox_vendor.OWNERS
MONA, RAJ, _LENA = sandbox_vendor.OWNERS.values()
OF_OTTO: Final = sandbox_vendor.PAST_OWNER[0]


def fill(scene: Scene) -> str:
    """The vendor has companies, contacts at them and deals in HubSpot, some in Magentrix too."""
    crm, ids = scene.vendor.crm, scene.vendor.ids
    scene.names.add(PEOPLE)
    companies = crm.bulk(COMPANIES, COMPANY_COUNT, FIRMS, properties={"hubspot_owner_id": OF_MONA})
    people = crm.bulk(CONTACTS, CONTACT_COUNT, PEOPLE)
    deals = crm.bulk(DEALS, DEAL_COUNT, ORDERS, properties={"amount": "1200"})
    for place, contact in enumerate(people):
        company = companies[1] if place < STAFF else companies[2 + place % (COMPANY_COUNT - 2)]
        crm.join(CONTACTS, contact, COMPANIES, company, primary=company)
    for place, deal in enumerate(deals):
        company = companies[place]
        crm.join(DEALS, deal, COMPANIES, company, primary=company)
        crm.join(DEALS, deal, CONTACTS, people[place])
    crm.edit(COMPANIES, companies[3], hubspot_owner_id=OF_LENA)
    crm.edit(COMPANIES, companies[4], hubspot_owner_id=OF_OTTO)
    crm.edit(COMPANIES, companies[5], hubspot_owner_id=OF_RAJ)
    crm.edit(COMPANIES, companies[6], hubspot_owner_id="")
    ids |= {"kept": companies[0], "merged": companies[1], "of Lena": companies[3]}
    ids |= {"of Otto": companies[4], "of Raj": companies[5], "of nobody": companies[6]}
    ids |= {"first": people[STAFF], "second": people[STAFF + 1], "third": people[STAFF + 2]}
    ids |= {"deal": deals[0], "second deal": deals[1]}
    ids |= {f"staff {place}": people[place] for place in range(STAFF)}
    counts = [len(crm.all(kind)) for kind in (COMPANIES, CONTACTS, DEALS)]
    return f"{counts[0]} companies, {counts[1]} contacts, {counts[2]} deals with the demo's own"


def install(scene: Scene) -> str:
    """The vendor's admin installs the app in its HubSpot account; now Magentrix is asked for."""
    vendor = scene.vendor
    page = vendor.browser.log_in(demo.VENDOR_ADMIN, scene.passwords[demo.VENDOR_ADMIN])
    contains(page, demo.VENDOR, "Connect")
    expect(demo.FIRM not in page.text, "the page names another organisation")
    agree(vendor.browser, "Magentrix", vendor.crm.portal_id)
    contains(vendor.browser.page, "Log in to Magentrix", sandbox_vendor.PORTAL_NAME)
    return f"HubSpot account {vendor.crm.portal_id}; address and key of the portal are asked for"


def refuse_wrong_key(scene: Scene) -> str:
    """A wrong key for Magentrix is refused with a sentence, and nothing is stored."""
    vendor = scene.vendor
    page = vendor.browser.press("Authenticate", address=vendor.portal.base, api_key=WRONG)
    contains(page, "Log in to Magentrix", "API key")
    expect(WRONG not in page.html, "the page repeats the key")
    rows = Integration.objects.filter(tenant__name=demo.VENDOR)
    expect(not rows.exists(), "an integration was stored")
    return "the form again, with a sentence; nothing stored"


def enter_key(scene: Scene) -> str:
    """The right key connects Magentrix and leads to the activation; nothing is synced yet."""
    vendor = scene.vendor
    scene.hidden.add(vendor.key)
    page = vendor.browser.press("Authenticate", address=vendor.portal.base, api_key=vendor.key)
    contains(page, "Activation", "Nothing is synced yet", "Default Owner")
    remember_tokens(scene)
    states = {key: vendor.sync(key).state for key in (COMPANIES, CONTACTS, DEALS)}
    expect(not vendor.portal.writes(), "something was written to Magentrix")
    return f"the page “Activation”; {', '.join(f'{key} {s}' for key, s in states.items())}"


STEPS: Final = (fill, install, refuse_wrong_key, enter_key)
