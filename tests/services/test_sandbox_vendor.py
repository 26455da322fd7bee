"""What the demo's manufacturer has in both systems, and that starting again adds nothing."""

from __future__ import annotations

import pytest

from integrations.connectors.hubspot.sandbox import HubSpotSandbox
from integrations.connectors.magentrix.sandbox import USERS, MagentrixSandbox
from integrations.services import sandbox_vendor
from integrations.services.sandbox_vendor import (
    ACCOUNTS,
    COMPANIES,
    CONTACTS,
    DEALS,
    LEVEL,
    PAST_OWNER,
    PEOPLE,
    PORTAL_ID,
    UNMATCHED_OWNER,
)

Both = tuple[HubSpotSandbox, MagentrixSandbox]


@pytest.fixture
def furnished() -> Both:
    made = HubSpotSandbox(), MagentrixSandbox()
    sandbox_vendor.furnish(*made)
    return made


def values(furnished: Both, kind: str, name: str) -> set[str]:
    store = furnished[0].accounts[PORTAL_ID].stores[kind]
    return {store.records[one].properties.get(name, "") for one in store.live}


def test_both_systems_get_their_records_once(furnished: Both) -> None:
    sandbox_vendor.furnish(*furnished)
    stores, person = furnished[0].accounts[PORTAL_ID].stores, furnished[1].person()
    ours = [len(stores[kind].live) for kind in ("companies", "contacts", "deals")]
    assert ours == [len(COMPANIES), len(CONTACTS), len(DEALS)]
    theirs = [len(person.all(entity)) for entity in ("Account", "Contact", "User")]
    assert theirs == [len(ACCOUNTS), len(PEOPLE), len(USERS)]


def test_some_records_match_and_each_side_has_some_of_its_own(furnished: Both) -> None:
    ours = values(furnished, "contacts", "email")
    theirs = {row["Email"] for row in furnished[1].person().all("Contact")}
    assert ours & theirs
    assert ours - theirs
    assert theirs - ours
    websites = " ".join(row["Website"] for row in furnished[1].person().all("Account"))
    matched = {domain for domain in values(furnished, "companies", "domain") if domain in websites}
    assert len(matched) == 2


def test_owners_match_users_but_for_one_on_either_side(furnished: Both) -> None:
    owners = {owner.email: owner for owner in furnished[0].accounts[PORTAL_ID].owners}
    users = {user.email: user for user in USERS}
    assert owners.keys() - users.keys() == {UNMATCHED_OWNER}
    assert {email for email in users if email not in owners} == {
        user.email for user in USERS if not user.in_hubspot
    }
    past = PAST_OWNER[1]
    assert owners[past].archived
    assert not users[past].active


def test_a_level_of_partners_is_a_property_that_magentrix_lacks(furnished: Both) -> None:
    definition = furnished[0].accounts[PORTAL_ID].catalogs["companies"].definitions[LEVEL]
    assert not definition.hubspot_defined
    labels = {field.label for field in furnished[1].portal.entities["Account"].fields.values()}
    assert definition.label not in labels


def test_everybody_is_at_their_primary_company(furnished: Both) -> None:
    person = furnished[0].account(PORTAL_ID)
    for kind in ("contacts", "deals"):
        live = person.state.stores[kind].live
        assert all(person.primary_company(kind, str(one)) for one in live)


def test_there_are_lookups_that_nobody_maps(furnished: Both) -> None:
    person = furnished[1].person()
    assert [row for row in person.all("Account") if row["ParentId"]]
    assert [row for row in person.all("Contact") if row["ReferredBy__c"]]
    assert [row for row in person.all("Opportunity") if row["PartnerAccount__c"]]


def test_nobodys_address_can_exist(furnished: Both) -> None:
    addresses = values(furnished, "contacts", "email") | values(furnished, "companies", "domain")
    assert all(address.endswith(".example") for address in addresses)
    assert all("55" in phone for phone in values(furnished, "contacts", "phone"))
