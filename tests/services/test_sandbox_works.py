"""What the demo's machine builder has in both systems, and that starting again adds nothing."""

from __future__ import annotations

import pytest

from integrations.connectors.hubspot.sandbox import HubSpotSandbox
from integrations.connectors.thena.sandbox import ThenaSandbox
from integrations.connectors.xentral.sandbox import XentralSandbox
from integrations.services import sandbox_firm, sandbox_works
from integrations.services.sandbox_works import ADDRESSES, CONTACTS, DEALS, OWNER, PORTAL_ID

Both = tuple[HubSpotSandbox, XentralSandbox]


@pytest.fixture
def furnished() -> Both:
    made = HubSpotSandbox(), XentralSandbox()
    sandbox_works.furnish(*made)
    return made


def values(furnished: Both, kind: str, name: str) -> list[str]:
    store = furnished[0].accounts[PORTAL_ID].stores[kind]
    return [store.records[one].properties.get(name, "") for one in store.live]


def test_both_systems_get_their_records_once(furnished: Both) -> None:
    sandbox_works.furnish(*furnished)
    assert len(values(furnished, "contacts", "email")) == len(CONTACTS)
    assert len(values(furnished, "deals", "dealname")) == len(DEALS)
    employees = 1
    assert len(furnished[1].person().all("addresses")) == len(ADDRESSES) + employees


def test_it_is_another_account_than_the_software_firms(furnished: Both) -> None:
    sandbox_firm.furnish(furnished[0], ThenaSandbox())
    assert len(furnished[0].accounts) == 2


def test_some_people_match_and_each_side_has_some_of_its_own(furnished: Both) -> None:
    ours = set(values(furnished, "contacts", "email"))
    theirs = {row["email"] for row in furnished[1].person().all("addresses")}
    assert ours & theirs
    assert ours - theirs
    assert theirs - ours


def test_there_is_something_to_leave_out_and_something_to_mend(furnished: Both) -> None:
    assert {"NEW", "UNQUALIFIED"} <= set(values(furnished, "contacts", "hs_lead_status"))
    assert "" in values(furnished, "contacts", "firstname")
    assert min(map(len, values(furnished, "deals", "dealname"))) < 3
    assert {row["lead"] for row in furnished[1].person().all("addresses")} == {0, 1}


def test_every_deal_has_a_contact_and_a_stage(furnished: Both) -> None:
    person = furnished[0].account(PORTAL_ID)
    store = person.state.stores["deals"]
    assert all(len(person.partners("deals", str(one), "contacts")) == 1 for one in store.live)
    assert all(values(furnished, "deals", "dealstage"))


def test_the_owner_is_known_in_both_systems(furnished: Both) -> None:
    owners = [owner.email for owner in furnished[0].accounts[PORTAL_ID].owners]
    assert OWNER[1] in owners
    assert OWNER[1] in {row["email"] for row in furnished[1].person().all("addresses")}


def test_one_free_field_is_in_use_and_no_group_is_there_yet(furnished: Both) -> None:
    assert [*furnished[1].instance.free_fields] == [1]
    assert not furnished[1].instance["groups"].rows


def test_the_instance_knows_the_token_that_the_demo_prints() -> None:
    assert sandbox_works.XENTRAL_TOKEN in XentralSandbox().instance.tokens


def test_nobodys_address_can_exist_and_names_are_german(furnished: Both) -> None:
    emails = [*values(furnished, "contacts", "email")]
    emails += [row["email"] for row in furnished[1].person().all("addresses")]
    assert all(address.endswith(".example") for address in emails if address)
    assert all("55" in phone for phone in values(furnished, "contacts", "phone") if phone)
    letters = set("".join(values(furnished, "contacts", "lastname")))
    assert letters & set("äöüß")
