"""The group and HubSpot's contacts: who is put into it, when, and what happens where that fails."""

from __future__ import annotations

import pytest

from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.errors import ConfigInvalid, MissingScope
from integrations.engine.pairs import LinkState
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from tests.connectors.xentral.house import LISTS, House
from tests.connectors.xentral.test_flow import JOERG

H, T = Side.HUBSPOT, Side.TARGET
OPEN = {"hs_lead_status": "OPEN"}


@pytest.fixture
def house() -> House:
    return House(v3_beta=True)


def outside(house: House, **values: object) -> str:
    """Create a lead as somebody in Xentral does who does not think of the group."""
    named = {"name": "Größler", "nachname": "Größler", "email": JOERG["email"]}
    return house.erp.person.create("addresses", kundennummer="NEW", **{**named, "lead": 1} | values)


def state(house: House, contact: str) -> tuple[LinkState, Reason]:
    last = house.last("contacts", H, contact)
    return last.state, last.reason


def prepare_again(house: House, **settings: str) -> None:
    """Check again, as a person does after settings or Xentral have changed."""
    house.settings |= settings
    house.settings |= house.erp.connect().prepare(house.settings, LISTS).settings


# ---------------------------------------------------------------- addresses that were there


def test_the_address_of_a_contact_goes_to_the_group_and_is_filled(house: House) -> None:
    address = outside(house, land="CH")
    contact = house.hub.person.create("contacts", JOERG)
    house.sync()
    row = house.address_of(contact)
    assert str(row["id"]) == address
    assert house.erp.person.groups_of(address) == [house.group]
    assert (row["telefon"], row["freifeld1"]) == (JOERG["phone"], "NEW")
    assert (row["email"], row["land"]) == (JOERG["email"], "CH")
    assert house.link("contacts", H, contact).state is LinkState.LINKED
    house.sync(1)
    assert house.writes() == 0


def test_it_stays_in_its_other_groups(house: House) -> None:
    address = outside(house)
    other = house.erp.person.add_group("Newsletter Süd", "NL")
    house.erp.person.join(address, other)
    house.hub.person.create("contacts", JOERG)
    house.sync()
    assert set(house.erp.person.groups_of(address)) == {house.group, other}


def test_who_takes_it_out_of_the_group_freezes_it(house: House) -> None:
    address = outside(house)
    contact = house.hub.person.create("contacts", JOERG)
    house.sync()
    house.erp.person.leave(address, house.group)
    house.hub.person.edit("contacts", contact, OPEN)
    house.sync()
    assert state(house, contact)[1] is Reason.FROZEN
    assert house.erp.person.groups_of(address) == []


def test_with_a_status_to_export_it_goes_to_the_group_too() -> None:
    house = House({"export_status": "OPEN"}, v3_beta=True)
    address = outside(house)
    house.hub.person.create("contacts", JOERG)
    house.sync()
    assert house.erp.person.groups_of(address) == [house.group]


def test_no_address_is_put_into_the_group_for_a_contact_that_stays_out() -> None:
    house = House({"lead_status": "OPEN"}, v3_beta=True)
    address = outside(house)
    contact = house.hub.person.create("contacts", JOERG)
    house.sync()
    assert state(house, contact)[1] is Reason.FILTERED_OUT
    assert house.erp.person.groups_of(address) == []


def test_a_customer_who_is_no_lead_stays_as_he_is(house: House) -> None:
    address = outside(house, lead=0)
    contact = house.hub.person.create("contacts", JOERG)
    house.sync()
    assert state(house, contact)[1] is Reason.FROZEN
    assert "Lead" in house.last("contacts", H, contact).detail
    assert house.erp.person.groups_of(address) == []


def test_a_found_address_keeps_its_country_when_its_creation_was_lost(house: House) -> None:
    contact = house.hub.person.create("contacts", JOERG)
    house.erp.sandbox.faults.inject(Fault(FaultKind.LOST_REPLY, "POST", "^/api/v1/adressen$"))
    house.one_pass("contacts", H)
    house.sync()
    assert house.address_of(contact)["land"] == "AT"


# ---------------------------------------------------------------- joining that fails


def refuse(house: House, status: int, times: int) -> None:
    """Let putting anybody into a group end with a status."""
    path, body = "^/api/v3/customers/", b'{"title": "no"}'
    fault = Fault(FaultKind.STATUS, "PATCH", path, status=status, body=body)
    house.erp.sandbox.faults.inject(fault, times)


@pytest.mark.parametrize("status", [400, 403, 404, 422, 503])
@pytest.mark.parametrize("contact", [JOERG, {"lastname": "Größler"}])
def test_joining_that_failed_once_is_made_up_for(
    house: House, status: int, contact: dict[str, str]
) -> None:
    """Also of a contact that nothing could be found by."""
    refuse(house, status, 5 if status == 503 else 1)
    known = house.hub.person.create("contacts", contact)
    house.one_pass("contacts", H)
    assert house.last("contacts", H, known).retry_after == 0
    house.sync()
    [row] = house.erp.person.all("addresses")
    assert house.erp.person.groups_of(str(row["id"])) == [house.group]
    assert state(house, known) == (LinkState.LINKED, Reason.IN_STEP)


def test_an_address_that_is_refused_by_the_group_is_seen_and_goes_on(house: House) -> None:
    contact = house.hub.person.create("contacts", JOERG)
    refuse(house, 422, 99)
    for _ in range(3):
        house.one_pass("contacts", H)
    assert state(house, contact) == (LinkState.FAILING, Reason.REJECTED)
    assert "could not be put into the group" in house.last("contacts", H, contact).detail
    house.hub.person.edit("contacts", contact, OPEN)
    house.one_pass("contacts", H)
    house.one_pass("contacts", H)
    assert house.address_of(contact)["freifeld1"] == "OPEN"


def test_a_missing_permission_to_join_is_told(house: House) -> None:
    house.hub.person.create("contacts", JOERG)
    refuse(house, 403, 99)
    house.one_pass("contacts", H)
    with pytest.raises(MissingScope):
        house.one_pass("contacts", H)
    assert len(house.erp.person.all("addresses")) == 1


# ---------------------------------------------------------------- another group


def test_another_group_is_joined_by_all_imported_addresses(house: House) -> None:
    contact = house.hub.person.create("contacts", JOERG)
    house.sync()
    old, before = house.group, house.hub.person.read("contacts", contact)
    prepare_again(house, group="Händler")
    house.sync()
    address = str(house.address_of(contact)["id"])
    assert set(house.erp.person.groups_of(address)) == {old, house.group}
    assert house.group != old
    assert house.hub.person.read("contacts", contact) == before
    house.hub.person.edit("contacts", contact, OPEN)
    house.sync()
    assert house.address_of(contact)["freifeld1"] == "OPEN"
    house.sync(1)
    assert house.writes() == 0


def test_a_way_into_the_group_that_opens_later_is_taken_by_all() -> None:
    house = House()
    contact = house.hub.person.create("contacts", JOERG)
    house.sync()
    assert house.settings["group_mode"] == "own"
    house.erp.sandbox.change(v3_beta=True)
    prepare_again(house)
    house.hub.person.edit("contacts", contact, OPEN)
    house.sync()
    row = house.address_of(contact)
    assert house.settings["group_mode"] == "v3"
    assert house.erp.person.groups_of(str(row["id"])) == [house.group]
    assert row["freifeld1"] == "OPEN"


def test_a_group_that_is_gone_stops_the_sync_and_the_new_one_is_joined(house: House) -> None:
    contact = house.hub.person.create("contacts", JOERG)
    house.sync()
    house.erp.sandbox.instance["groups"].rows.pop(int(house.group))
    house.watch.wait(minutes=1)
    with pytest.raises(ConfigInvalid, match="Check again"):
        house.sync()
    assert house.link("contacts", H, contact).state is LinkState.LINKED
    prepare_again(house)
    house.sync()
    address = str(house.address_of(contact)["id"])
    assert house.erp.person.groups_of(address) == [house.group]
    assert state(house, contact)[0] is LinkState.LINKED
