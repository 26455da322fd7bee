"""Deals and resubmissions through the engine, over both stand-ins."""

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


def test_a_deal_becomes_a_resubmission_of_its_contact(house: House) -> None:
    contact = house.hub.person.create("contacts", JOERG)
    deal = house.hub.person.create("deals", DEAL)
    house.hub.person.associate("deals", deal, "contacts", contact)
    house.sync()
    row = house.resubmission_of(deal)
    stage = house.tables["stages"]["default:appointmentscheduled"]
    wanted = {
        "bezeichnung": "Müller – 40 Plätze",
        "betrag": "1500.00",
        "stages": int(stage),
        "adresse": house.address_of(contact)["id"],
        "datum_erinnerung": "2026-12-15",
        "zeit_erinnerung": "09:30:15",
        "beschreibung": f"HubSpot deal {deal}",
        "datum_angelegt": "2026-11-20",
    }
    assert {name: row[name] for name in wanted} == wanted
    house.sync(1)
    assert house.writes() == 0


def test_a_resubmission_of_the_view_becomes_a_deal_and_moves_it(house: House) -> None:
    stages = house.tables["stages"]
    made = house.erp.person.create(
        "resubmissions",
        bezeichnung="Größe klären",
        betrag="99.50",
        stages=stages["default:appointmentscheduled"],
        datum_erinnerung="2027-07-01",
        zeit_erinnerung="10:00:00",
    )
    house.sync()
    deal = house.deal_of(made)
    assert (deal["dealname"], deal["amount"]) == ("Größe klären", "99.50")
    assert deal["closedate"] == "2027-07-01T08:00:00Z"
    house.erp.person.move(made, stages["default:contractsent"])
    house.erp.person.edit("resubmissions", made, betrag="120")
    house.sync()
    deal = house.deal_of(made)
    assert (deal["dealstage"], deal["amount"]) == ("contractsent", "120.00")
    house.sync(1)
    assert house.writes() == 0


def test_resubmissions_of_other_views_stay_in_xentral(house: House) -> None:
    made = house.erp.person.create(
        "resubmissions",
        bezeichnung="Anderes Brett",
        stages="1",
        datum_erinnerung="2027-07-01",
        zeit_erinnerung="10:00:00",
    )
    house.sync()
    assert house.last("deals", T, made).reason is Reason.FILTERED_OUT


def test_leaving_the_view_stops_updates_and_the_deal_stays(house: House) -> None:
    deal = house.hub.person.create("deals", DEAL)
    house.sync()
    made = str(house.resubmission_of(deal)["id"])
    house.erp.person.move(made, "1")
    house.erp.person.edit("resubmissions", made, betrag="9")
    house.sync()
    assert house.last("deals", H, deal).reason is Reason.FROZEN
    assert house.hub.person.read("deals", deal)["amount"] == "1500"
    house.erp.person.move(made, house.tables["stages"]["default:contractsent"])
    house.sync()
    held = house.hub.person.read("deals", deal)
    assert (held["amount"], held["dealstage"]) == ("9.00", "contractsent")


def test_a_deal_in_a_stage_that_means_nothing_in_xentral_stays_out(house: House) -> None:
    del house.tables["stages"]["default:appointmentscheduled"]
    deal = house.hub.person.create("deals", DEAL)
    house.sync()
    assert house.last("deals", H, deal).reason is Reason.FILTERED_OUT
    house.hub.person.edit("deals", deal, {"dealstage": "contractsent"})
    house.sync()
    assert house.resubmission_of(deal)["betrag"] == "1500.00"


def test_the_stage_of_resubmissions_can_be_left_to_people() -> None:
    house = House({"move_stages": ""}, v3_beta=True)
    deal = house.hub.person.create("deals", DEAL)
    house.sync()
    before = house.resubmission_of(deal)["stages"]
    house.hub.person.edit("deals", deal, {"dealstage": "contractsent", "amount": "7"})
    house.sync()
    row = house.resubmission_of(deal)
    assert (row["stages"], row["betrag"]) == (before, "7.00")


def test_a_lost_create_makes_no_second_resubmission(house: House) -> None:
    deal = house.hub.person.create("deals", DEAL)
    path = "^/api/v1/wiedervorlagen$"
    house.erp.sandbox.faults.inject(Fault(FaultKind.LOST_REPLY, "POST", path))
    house.one_pass("deals", H)
    house.sync()
    assert len(house.erp.person.all("resubmissions")) == 1
    assert len(house.deals()) == 1, "nor a second deal, seen from Xentral first"
    assert house.link("deals", H, deal).state is LinkState.LINKED


def test_a_resubmission_that_somebody_copied_makes_no_second_deal(house: House) -> None:
    deal = house.hub.person.create("deals", DEAL)
    house.sync()
    row = house.resubmission_of(deal)
    copied = {name: row[name] for name in ("beschreibung", "stages", "zeit_erinnerung")}
    copy = house.erp.person.create(
        "resubmissions", bezeichnung="Kopie", datum_erinnerung="2027-01-01", **copied
    )
    house.sync()
    assert house.last("deals", T, copy).reason is Reason.AMBIGUOUS
    assert len(house.deals()) == 1


def test_a_deal_without_a_close_date_gets_none_from_xentral(house: House) -> None:
    bare = {name: text for name, text in DEAL.items() if name != "closedate"}
    deal = house.hub.person.create("deals", bare)
    house.sync()
    assert house.resubmission_of(deal)["datum_erinnerung"] == "2026-11-20"
    made = str(house.resubmission_of(deal)["id"])
    house.erp.person.edit("resubmissions", made, betrag="8")
    house.sync()
    held = house.hub.person.read("deals", deal)
    assert (held["amount"], held.get("closedate") or "") == ("8.00", "")
    house.hub.person.edit("deals", deal, {"closedate": "2027-03-01T11:00:00Z"})
    house.sync()
    assert house.resubmission_of(deal)["datum_erinnerung"] == "2027-03-01"
