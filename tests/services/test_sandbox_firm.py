"""What the demo's software firm has in both systems, and that starting again adds nothing."""

from __future__ import annotations

import pytest

from integrations.connectors.hubspot.sandbox import HubSpotSandbox
from integrations.connectors.thena.sandbox import DEMO_ORG, ThenaSandbox
from integrations.services import sandbox_firm
from integrations.services.sandbox_firm import COMPANIES, CONTACTS, PEOPLE, PORTAL_ID, TIER


@pytest.fixture
def furnished() -> tuple[HubSpotSandbox, ThenaSandbox]:
    made = HubSpotSandbox(), ThenaSandbox()
    sandbox_firm.furnish(*made)
    return made


Both = tuple[HubSpotSandbox, ThenaSandbox]


def values(furnished: Both, kind: str, name: str) -> set[str]:
    store = furnished[0].accounts[PORTAL_ID].stores[kind]
    return {store.records[one].properties.get(name, "") for one in store.live}


def test_both_systems_get_their_records_once(furnished: Both) -> None:
    sandbox_firm.furnish(*furnished)
    stores = furnished[0].accounts[PORTAL_ID].stores
    assert (len(stores["companies"].live), len(stores["contacts"].live)) == (
        len(COMPANIES),
        len(CONTACTS),
    )
    assert len(furnished[1].person().all("contacts")) == len(PEOPLE)


def test_some_records_match_and_each_side_has_some_of_its_own(furnished: Both) -> None:
    ours = values(furnished, "companies", "domain")
    theirs = {row["primaryDomain"] for row in furnished[1].person().all("accounts")}
    assert ours & theirs
    assert ours - theirs
    assert theirs - ours
    emails = {row["email"] for row in furnished[1].person().all("contacts")}
    assert values(furnished, "contacts", "email") & emails


def test_there_is_something_to_leave_out_and_something_that_cannot_go(furnished: Both) -> None:
    assert "Internal" in values(furnished, "companies", TIER)
    assert "" in values(furnished, "companies", "domain")
    assert "" in values(furnished, "contacts", "email")


def test_the_tier_is_a_property_that_thena_lacks(furnished: Both) -> None:
    catalog = furnished[0].accounts[PORTAL_ID].catalogs["companies"]
    assert [option["value"] for option in catalog.definitions[TIER].options] == [
        *sandbox_firm.TIERS
    ]
    assert not catalog.definitions[TIER].hubspot_defined
    fields = furnished[1].orgs[DEMO_ORG].fields.values()
    assert "Support tier" not in {field["name"] for field in fields}


def test_every_contact_is_at_its_company(furnished: Both) -> None:
    person = furnished[0].account(PORTAL_ID)
    store = person.state.stores["contacts"]
    assert all(len(person.partners("contacts", str(one), "companies")) == 1 for one in store.live)
    assert all(row["accounts"] for row in furnished[1].person().all("contacts"))


def test_the_organisation_knows_the_key_that_the_demo_prints() -> None:
    assert sandbox_firm.THENA_LOGIN["api_key"] in ThenaSandbox().orgs[DEMO_ORG].keys


def test_nobodys_address_can_exist(furnished: Both) -> None:
    addresses = values(furnished, "contacts", "email") | values(furnished, "companies", "domain")
    assert all(address.endswith(".example") for address in addresses if address)
    assert all("55" in phone for phone in values(furnished, "contacts", "phone") if phone)
