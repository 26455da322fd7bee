"""HubSpot and Xentral in step: what travels, what stays, and what the next pass does not touch."""

from __future__ import annotations

import pytest

from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.pairs import LinkState
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from tests.connectors.xentral.house import House

H, T = Side.HUBSPOT, Side.TARGET
JOERG = {
    "email": "joerg@mueller.example",
    "firstname": "Jörg",
    "lastname": "Größler",
    "phone": "+49 221 123",
    "salutation": "Herr",
    "address": "Große Straße 1",
    "zip": "50667",
    "city": "Köln",
    "state": "Nordrhein-Westfalen",
    "country": "Österreich",
    "hs_lead_status": "NEW",
}
DEAL = {
    "dealname": "Müller – 40 Plätze",
    "amount": "1500",
    "closedate": "2026-12-15T08:30:15Z",
    "pipeline": "default",
    "dealstage": "appointmentscheduled",
}


@pytest.fixture
def house() -> House:
    return House(v3_beta=True)


def entered(house: House, **values: object) -> str:
    """Create an address as somebody in Xentral does: a lead in the group."""
    made = house.erp.person.create("addresses", lead=1, kundennummer="NEW", **values)
    house.erp.person.join(made, house.group)
    return made


# ---------------------------------------------------------------- contacts


def test_a_contact_becomes_an_address_in_the_group(house: House) -> None:
    contact = house.hub.person.create("contacts", JOERG)
    house.sync()
    row = house.address_of(contact)
    wanted = {
        "name": "Jörg Größler",
        "email": "joerg@mueller.example",
        "land": "AT",
        "bundesstaat": "NW",
        "ort": "Köln",
        "typ": "herr",
        "lead": 1,
        "freifeld1": "NEW",
    }
    assert {name: row[name] for name in wanted} == wanted
    assert house.erp.person.groups_of(str(row["id"])) == [house.group]
    house.sync(1)
    assert house.writes() == 0


def test_a_lead_in_the_group_becomes_a_contact(house: House) -> None:
    made = entered(
        house, vorname="Käthe", nachname="Müßig", name="Käthe Müßig", email="kaethe@oe.example",
        land="CH", ort="Zürich", typ="frau",
    )  # fmt: skip
    house.sync()
    contact = house.contact_of(made)
    assert (contact["firstname"], contact["lastname"]) == ("Käthe", "Müßig")
    assert (contact["country"], contact["salutation"]) == ("Schweiz", "Frau")
    house.sync(1)
    assert house.writes() == 0


def test_only_leads_of_the_group_go_to_hubspot(house: House) -> None:
    outside = house.erp.person.create("addresses", name="Außen", lead=1, email="a@oe.example")
    customer = entered(house, name="Kunde", email="k@oe.example")
    house.erp.person.edit("addresses", customer, lead=0)
    house.sync()
    for address, said in ((outside, "In the group Hubspot"), (customer, "Lead")):
        last = house.last("contacts", T, address)
        assert (last.state, last.reason) == (LinkState.EXCLUDED, Reason.FILTERED_OUT)
        assert said in last.detail


def test_an_address_that_leaves_the_group_is_frozen_and_thaws(house: House) -> None:
    contact = house.hub.person.create("contacts", JOERG)
    house.sync()
    address = str(house.address_of(contact)["id"])
    house.erp.person.leave(address, house.group)
    house.hub.person.edit("contacts", contact, {"hs_lead_status": "OPEN"})
    house.sync()
    assert house.last("contacts", H, contact).reason is Reason.FROZEN
    assert house.address_of(contact)["freifeld1"] == "NEW"
    house.erp.person.join(address, house.group)
    house.watch.wait(minutes=1)
    house.sync()
    assert house.address_of(contact)["freifeld1"] == "OPEN"


def test_what_is_filled_in_xentral_stays_and_what_is_empty_is_filled(house: House) -> None:
    contact = house.hub.person.create("contacts", JOERG)
    house.sync()
    house.hub.person.edit(
        "contacts",
        contact,
        {"email": "neu@mueller.example", "phone": "+49 30 9", "mobilephone": "+49 170 1"},
    )
    house.sync()
    row = house.address_of(contact)
    assert row["email"] == "joerg@mueller.example"
    assert row["telefon"] == "+49 221 123"
    assert row["mobil"] == "+49 170 1"


def test_if_hubspot_wins_its_values_replace_all_but_the_email() -> None:
    house = House({"hubspot_wins": "yes"}, v3_beta=True)
    contact = house.hub.person.create("contacts", JOERG)
    house.sync()
    house.hub.person.edit("contacts", contact, {"email": "neu@oe.example", "phone": "+49 30 9"})
    house.sync()
    row = house.address_of(contact)
    assert (row["telefon"], row["email"]) == ("+49 30 9", "joerg@mueller.example")


def test_edits_in_xentral_go_to_hubspot(house: House) -> None:
    contact = house.hub.person.create("contacts", JOERG)
    house.sync()
    address = str(house.address_of(contact)["id"])
    house.erp.person.edit("addresses", address, land="FR", email="j@ue.example", freifeld1="OPEN")
    house.sync()
    held = house.hub.person.read("contacts", contact)
    assert (held["country"], held["email"]) == ("Frankreich", "j@ue.example")
    assert held["hs_lead_status"] == "OPEN"


def test_nothing_that_was_made_up_travels_to_hubspot(house: House) -> None:
    contact = house.hub.person.create("contacts", {"email": "nur@oe.example", "city": "Köln"})
    house.sync()
    assert house.address_of(contact)["name"] == "Hubspot - nur@oe.example"
    house.erp.person.edit("addresses", str(house.address_of(contact)["id"]), telefon="+49 1")
    house.sync()
    held = house.hub.person.read("contacts", contact)
    assert held["phone"] == "+49 1"
    for name in ("firstname", "lastname", "country", "salutation"):
        assert not held.get(name), name


def test_contacts_of_before_the_start_time_stay_out() -> None:
    house = House({"start_time": "2026-11-21T00:00:00+01:00"}, v3_beta=True)
    early = house.hub.person.create("contacts", JOERG)
    house.watch.wait(days=1)
    late = house.hub.person.create("contacts", {**JOERG, "email": "spaet@oe.example"})
    house.sync()
    assert house.last("contacts", H, early).reason is Reason.FILTERED_OUT
    assert house.address_of(late)["email"] == "spaet@oe.example"


def test_an_address_of_the_same_email_is_taken_and_two_wait_for_a_person(house: House) -> None:
    one = entered(house, name="Jörg Größler", email="JOERG@mueller.example")
    for _ in range(2):
        entered(house, name="Doppelt", email="doppelt@oe.example")
    contact = house.hub.person.create("contacts", JOERG)
    twice = house.hub.person.create("contacts", {"email": "doppelt@oe.example"})
    house.one_pass("contacts", H)
    assert house.address_of(contact)["id"] == int(one)
    assert house.last("contacts", H, twice).reason is Reason.AMBIGUOUS


@pytest.mark.parametrize("path", ["^/api/v1/adressen$", "^/api/v3/customers/"])
def test_a_create_of_which_an_answer_is_lost_is_finished_and_not_repeated(
    house: House, path: str
) -> None:
    """Whether the making or the joining of the group got lost."""
    contact = house.hub.person.create("contacts", JOERG)
    house.erp.sandbox.faults.inject(Fault(FaultKind.LOST_REPLY, "POST", path))
    house.erp.sandbox.faults.inject(Fault(FaultKind.STATUS, "PATCH", path, status=503), 3)
    house.one_pass("contacts", H)
    house.sync()
    [row] = house.erp.person.all("addresses")
    assert house.erp.person.groups_of(str(row["id"])) == [house.group]
    assert house.link("contacts", H, contact).state is LinkState.LINKED
    house.sync(1)
    assert house.writes() == 0


def test_a_finished_address_stays_in_the_groups_it_is_in(house: House) -> None:
    house.hub.person.create("contacts", JOERG)
    house.erp.sandbox.faults.inject(Fault(FaultKind.LOST_REPLY, "POST", "^/api/v1/adressen$"))
    house.one_pass("contacts", H)
    [row] = house.erp.person.all("addresses")
    other = house.erp.person.add_group("Newsletter Süd", "NL")
    house.erp.person.join(str(row["id"]), other)
    house.sync()
    assert set(house.erp.person.groups_of(str(row["id"]))) == {house.group, other}


def test_without_any_way_into_the_group_imported_addresses_go_on(house: House) -> None:
    plain = House()
    contact = plain.hub.person.create("contacts", JOERG)
    plain.sync()
    address = str(plain.address_of(contact)["id"])
    assert plain.erp.person.groups_of(address) == []
    plain.erp.person.edit("addresses", address, mobil="+49 170 1")
    plain.sync()
    assert plain.hub.person.read("contacts", contact)["mobilephone"] == "+49 170 1"


def test_an_owner_who_is_an_employee_becomes_the_representative(house: House) -> None:
    boss = house.erp.person.add_employee("Jürgen Öhm", "oehm@mueller.example")
    house.tables["owners"] = {"77": boss}
    house.hub.person.add_owner("77", "oehm@mueller.example")
    house.hub.person.add_owner("78", "niemand@mueller.example")
    known = house.hub.person.create("contacts", {**JOERG, "hubspot_owner_id": "77"})
    other = {**JOERG, "email": "b@oe.example", "hubspot_owner_id": "78"}
    unknown = house.hub.person.create("contacts", other)
    house.sync()
    assert house.address_of(known)["vertrieb"] == int(boss)
    assert house.address_of(unknown)["vertrieb"] == 0
    assert house.link("contacts", H, unknown).state is LinkState.LINKED
