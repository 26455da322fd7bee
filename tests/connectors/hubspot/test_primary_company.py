"""The primary company of contacts and deals, and a deal's one contact, as fields of one id."""

from __future__ import annotations

import json

import pytest

from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.errors import Rejected, VersionConflict
from integrations.engine.ports import CreateItem, Outcome, UpdateItem
from integrations.engine.records import ABSENT, BLANK, FieldType, Value
from tests.connectors.hubspot.association_rig import answers, calls, companies, spent
from tests.connectors.hubspot.rig import HubSpotRig
from tests.rig import record_of

COMPANY, COMPANIES, CONTACT, CONTACTS = "@company", "@companies", "@contact", "@contacts"
KINDS = ("contacts", "deals")


def make(rig: HubSpotRig, kind: str) -> str:
    rows = {
        "contacts": {"firstname": "Ada"},
        "deals": {"dealname": "Roof", "dealstage": "contractsent"},
    }
    return rig.person.create(kind, rows[kind])


def joined(rig: HubSpotRig, kind: str, *partners: str, primary: str = "") -> str:
    """Make a record with these companies, one of them its primary one."""
    made = make(rig, kind)
    for partner in partners:
        rig.person.associate(kind, made, "companies", partner, primary=partner == primary)
    return made


def put(rig: HubSpotRig, kind: str, record_id: str, **values: Value) -> Outcome:
    named = {f"@{name}": value for name, value in values.items()}
    [outcome] = rig.connector.update(kind, [UpdateItem("u", record_id, named)])
    return outcome


def seen(rig: HubSpotRig, kind: str, record_id: str, *names: str) -> dict[str, Value]:
    record = rig.connector.fetch(kind, [record_id], names)[record_id]
    listed = {one.id: one for one in rig.connector.scan(kind, "", names).records}[record_id]
    assert dict(record.values) == dict(listed.values), "both ways of reading say the same"
    return dict(record.values)


# ---------------------------------------------------------------- what they are


def test_contacts_and_deals_list_their_partner_fields(rig: HubSpotRig) -> None:
    fields = {
        kind: {
            spec.name: (spec.references, spec.type)
            for spec in rig.connector.describe(kind)
            if spec.type is FieldType.REFERENCE
        }
        for kind in (*KINDS, "companies")
    }
    reference = FieldType.REFERENCE
    one = {COMPANY: ("companies", reference), COMPANIES: ("companies", reference)}
    more = {CONTACT: ("contacts", reference), CONTACTS: ("contacts", reference)}
    assert fields == {"contacts": one, "deals": one | more, "companies": {}}


# ---------------------------------------------------------------- reading


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_primary_company_is_the_company(rig: HubSpotRig, kind: str) -> None:
    one, two = companies(rig, 2)
    made = joined(rig, kind, one, two, primary=two)
    assert seen(rig, kind, made, COMPANY, COMPANIES) == {COMPANY: (two,), COMPANIES: (one, two)}


@pytest.mark.parametrize("kind", KINDS)
def test_companies_without_a_primary_one_are_no_company(rig: HubSpotRig, kind: str) -> None:
    [one] = companies(rig, 1)
    made = joined(rig, kind, one)
    assert seen(rig, kind, made, COMPANY, COMPANIES) == {COMPANY: BLANK, COMPANIES: (one,)}


def test_a_deals_contact_is_the_one_with_the_smallest_id(rig: HubSpotRig) -> None:
    low, high = make(rig, "contacts"), make(rig, "contacts")
    made = make(rig, "deals")
    for contact in (high, low):
        rig.person.associate("deals", made, "contacts", contact)
    assert seen(rig, "deals", made, CONTACT, CONTACTS) == {CONTACT: (low,), CONTACTS: (low, high)}
    assert seen(rig, "deals", make(rig, "deals"), CONTACT) == {CONTACT: BLANK}


def test_small_is_by_number_and_not_by_letters(rig: HubSpotRig) -> None:
    made = make(rig, "deals")
    rows = [{"toObjectId": 1000}, {"toObjectId": 999}]
    answers(rig, "/associations/", {"results": [{"from": {"id": made}, "to": rows}]})
    assert rig.connector.fetch("deals", [made], [CONTACT])[made].get(CONTACT) == ("999",)


def test_a_hundred_deals_with_all_their_partners_cost_one_call_to_list(rig: HubSpotRig) -> None:
    [company] = companies(rig, 1)
    made = [joined(rig, "deals", company, primary=company) for _ in range(100)]
    names = ("dealname", "@stage", COMPANY, COMPANIES, CONTACT, CONTACTS)
    rig.connector.describe("deals")
    calls(rig)
    page = rig.connector.scan("deals", "", names)
    assert {record.get(COMPANY) for record in page.records} == {(company,)}
    assert spent(rig) == 1
    rig.connector.fetch("deals", made, names)
    assert calls(rig) == {"batch/read": 3}


# ---------------------------------------------------------------- writing


@pytest.mark.parametrize("kind", KINDS)
def test_another_company_becomes_primary_and_the_others_stay(rig: HubSpotRig, kind: str) -> None:
    one, two, three = companies(rig, 3)
    made = joined(rig, kind, one, two, primary=one)
    for wanted in (two, three, one):
        assert record_of(put(rig, kind, made, company=(wanted,))).values == {COMPANY: (wanted,)}
        assert rig.person.primary_company(kind, made) == wanted
    assert set(rig.person.partners(kind, made, "companies")) == {one, two, three}


@pytest.mark.parametrize("kind", KINDS)
def test_a_blank_takes_only_the_primary_away(rig: HubSpotRig, kind: str) -> None:
    one, two = companies(rig, 2)
    made = joined(rig, kind, one, two, primary=two)
    assert record_of(put(rig, kind, made, company=BLANK)).values == {COMPANY: BLANK}
    assert rig.person.primary_company(kind, made) == ""
    assert rig.person.partners(kind, made, "companies") == [one, two]
    calls(rig)
    put(rig, kind, made, company=BLANK)
    assert calls(rig) == {"batch/read": 1}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_primary_already_is_not_written(rig: HubSpotRig, kind: str) -> None:
    [one] = companies(rig, 1)
    made = joined(rig, kind, one, primary=one)
    rig.connector.describe(kind)
    calls(rig)
    assert record_of(put(rig, kind, made, company=(one,))).get(COMPANY) == (one,)
    assert calls(rig) == {"batch/read": 1}


def test_a_hundred_companies_are_made_primary_in_few_calls(rig: HubSpotRig) -> None:
    old, new = companies(rig, 2)
    made = [joined(rig, "deals", old, primary=old) for _ in range(100)]
    rig.connector.describe("deals")
    calls(rig)
    items = [UpdateItem(i, i, {"dealname": "Wall", COMPANY: (new,)}) for i in made]
    outcomes = rig.connector.update("deals", items)
    assert {record_of(o).get(COMPANY) for o in outcomes} == {(new,)}
    assert calls(rig) == {"batch/update": 1, "batch/read": 2, "batch/create": 1}


@pytest.mark.parametrize("kind", KINDS)
def test_a_create_brings_its_primary_company(rig: HubSpotRig, kind: str) -> None:
    rig.sandbox.behaviour.auto_companies = True
    one, two = companies(rig, 2)
    rows: dict[str, dict[str, Value]] = {
        "contacts": {"email": "a@acme.example"},
        "deals": {"dealname": "Roof", "@stage": "default:contractsent"},
    }
    item = CreateItem("1", {**rows[kind], COMPANY: (two,), COMPANIES: (one, two)})
    [outcome] = rig.connector.create(kind, [item])
    record = record_of(outcome)
    assert (record.get(COMPANY), record.get(COMPANIES)) == ((two,), (one, two))
    assert rig.person.primary_company(kind, record.id) == two


def test_the_full_set_and_the_primary_one_are_written_together(rig: HubSpotRig) -> None:
    one, two, three = companies(rig, 3)
    made = joined(rig, "contacts", one, two, primary=one)
    record = record_of(put(rig, "contacts", made, companies=(two, three), company=(three,)))
    assert (record.get(COMPANIES), record.get(COMPANY)) == ((two, three), (three,))
    assert rig.person.contact(made)["associatedcompanyid"] == three


def test_a_contact_of_a_deal_is_added_and_none_removed(rig: HubSpotRig) -> None:
    low, high = make(rig, "contacts"), make(rig, "contacts")
    made = make(rig, "deals")
    assert record_of(put(rig, "deals", made, contact=(high,))).get(CONTACT) == (high,)
    assert record_of(put(rig, "deals", made, contact=(low,))).get(CONTACT) == (low,)
    assert record_of(put(rig, "deals", made, contact=BLANK)).get(CONTACT) == (low,)
    assert rig.person.partners("deals", made, "contacts") == [low, high]


def test_a_company_that_was_merged_becomes_primary_by_its_old_id(rig: HubSpotRig) -> None:
    one, two = companies(rig, 2)
    made = joined(rig, "contacts")
    survivor = rig.person.merge("companies", one, two)
    assert record_of(put(rig, "contacts", made, company=(two,))).get(COMPANY) == (survivor,)


# ---------------------------------------------------------------- what goes wrong


def test_one_lost_company_hits_only_the_record_that_asked_for_it(rig: HubSpotRig) -> None:
    [company] = companies(rig, 1)
    good, bad = make(rig, "deals"), make(rig, "deals")
    items = [
        UpdateItem("good", good, {COMPANY: (company,)}),
        UpdateItem("bad", bad, {COMPANY: ("987654321",)}),
    ]
    found = {outcome.ref: outcome for outcome in rig.connector.update("deals", items)}
    assert record_of(found["good"]).get(COMPANY) == (company,)
    error = found["bad"].error
    assert isinstance(error, VersionConflict)
    assert error.fields == (COMPANY,)


@pytest.mark.parametrize("named", [True, False])
def test_a_refused_association_names_the_field(rig: HubSpotRig, named: bool) -> None:
    [company] = companies(rig, 1)
    made = make(rig, "deals")
    context = {"fromObjectId": [made]} if named else {}
    entry = {"category": "VALIDATION_ERROR", "context": context}
    answers(rig, "/batch/create$", {"results": [], "errors": [entry]}, 207)
    error = put(rig, "deals", made, company=(company,)).error
    assert isinstance(error, Rejected)
    assert error.fields == (COMPANY,)


def test_a_primary_that_could_not_be_set_is_not_claimed(rig: HubSpotRig) -> None:
    one, two = companies(rig, 2)
    made = joined(rig, "deals", one, primary=one)
    rig.sandbox.faults.inject(Fault(FaultKind.STATUS, path="/batch/create$", status=502))
    items = [UpdateItem("1", made, {"dealname": "Wall", COMPANY: (two,)})]
    [outcome] = rig.connector.update("deals", items)
    assert record_of(outcome).values == {"dealname": "Wall"}
    assert rig.person.primary_company("deals", made) == one


def test_partners_that_cannot_be_read_are_unknown_and_kept(rig: HubSpotRig) -> None:
    one, two = companies(rig, 2)
    made = joined(rig, "contacts", one, primary=one)
    raw = json.dumps({"results": [], "errors": [{"category": "ODD"}]}).encode()
    rig.sandbox.faults.inject(Fault(FaultKind.STATUS, path="/batch/read$", status=207, body=raw), 2)
    assert record_of(put(rig, "contacts", made, company=(two,))).get(COMPANY) is ABSENT
    assert rig.person.partners("contacts", made, "companies") == [one, two]
