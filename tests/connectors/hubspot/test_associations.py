"""Associations as a field: what is read with a record, and what it costs."""

from __future__ import annotations

import pytest

from integrations.connectors.hubspot.associations import partners
from integrations.engine.records import ABSENT, BLANK, FieldType
from tests.connectors.hubspot.association_rig import (
    COMPANIES,
    CONTACTS,
    FIELDS,
    answers,
    calls,
    companies,
    contact,
    spent,
)
from tests.connectors.hubspot.rig import HubSpotRig

READ = "/crm/associations/2026-09/{from_type}/{to_type}/batch/read"


# ---------------------------------------------------------------- what it is


def test_contacts_have_their_companies_as_a_field(rig: HubSpotRig) -> None:
    [field] = [spec for spec in rig.connector.describe(CONTACTS) if spec.name == COMPANIES]
    assert (field.label, field.type) == ("Companies", FieldType.REFERENCE)
    assert field.references == "companies"
    assert not field.read_only


# ---------------------------------------------------------------- reading


def test_a_pass_reads_companies_with_its_one_call_per_hundred(rig: HubSpotRig) -> None:
    one, two = companies(rig, 2)
    both, lonely = contact(rig, one, two), contact(rig)
    rig.person.associate(CONTACTS, both, "companies", one, primary=True)
    rig.connector.describe(CONTACTS)
    calls(rig)
    records = {r.id: r for r in rig.connector.scan(CONTACTS, "", FIELDS).records}
    assert spent(rig) == 1
    assert records[both].get(COMPANIES) == (one, two)
    assert records[lonely].get(COMPANIES) is BLANK
    assert records[both].get("firstname") == "Ada"


def test_reading_a_hundred_by_id_costs_one_call_more_and_only_if_asked(rig: HubSpotRig) -> None:
    [company] = companies(rig, 1)
    made = [contact(rig, company) for _ in range(100)]
    rig.connector.describe(CONTACTS)
    calls(rig)
    found = rig.connector.fetch(CONTACTS, made, FIELDS)
    assert spent(rig) == 2
    assert {record.get(COMPANIES) for record in found.values()} == {(company,)}
    rig.connector.fetch(CONTACTS, made, ["email"])
    assert spent(rig) == 1


def test_more_than_a_hundred_share_one_call_for_their_companies(rig: HubSpotRig) -> None:
    made = [contact(rig) for _ in range(250)]
    rig.connector.describe(CONTACTS)
    calls(rig)
    found = rig.connector.fetch(CONTACTS, made, FIELDS)
    assert {record.get(COMPANIES) for record in found.values()} == {BLANK}
    assert rig.sandbox.counters["POST", READ] == 1


def test_wide_reads_keep_the_companies(rig: HubSpotRig) -> None:
    [company] = companies(rig, 1)
    made = contact(rig, company)
    fields = [*FIELDS, *(f"no_such_property_{number}" for number in range(400))]
    [record] = rig.connector.scan(CONTACTS, "", fields).records
    assert (record.id, record.get(COMPANIES)) == (made, (company,))
    assert record.get("firstname") == "Ada"


@pytest.mark.parametrize("behaviour", ["survivor", "missing"])
def test_an_old_contact_id_shows_the_companies_of_the_survivor(
    rig: HubSpotRig, behaviour: str
) -> None:
    rig.sandbox.behaviour.batch_read_merged = behaviour
    one, two = companies(rig, 2)
    first, second = contact(rig, one), contact(rig, two)
    survivor = rig.merge(first, second)
    found = rig.connector.fetch(CONTACTS, [first, second, survivor], FIELDS)
    assert {record.get(COMPANIES) for record in found.values()} == {(one, two)}


def test_an_archived_contact_says_nothing_of_its_companies(rig: HubSpotRig) -> None:
    [company] = companies(rig, 1)
    made = contact(rig, company)
    rig.person.delete_contact(made)
    record = rig.connector.fetch(CONTACTS, [made], FIELDS)[made]
    assert record.archived
    assert record.get(COMPANIES) is ABSENT


def test_finding_brings_the_companies_too(rig: HubSpotRig) -> None:
    [company] = companies(rig, 1)
    made = rig.person.create_contact({"email": "x@acme.example"})
    rig.person.associate(CONTACTS, made, "companies", company)
    [record] = rig.connector.find(CONTACTS, "email", ["x@acme.example"], FIELDS)["x@acme.example"]
    assert record.get(COMPANIES) == (company,)


def test_search_hits_say_nothing_of_companies(rig: HubSpotRig) -> None:
    [company] = companies(rig, 1)
    contact(rig, company)
    [record] = rig.connector.changes(CONTACTS, "", FIELDS).records
    assert record.get(COMPANIES) is ABSENT


def test_long_lists_are_read_to_their_end(rig: HubSpotRig) -> None:
    many = companies(rig, 620)
    made = contact(rig, *many)
    for record in (
        *rig.connector.scan(CONTACTS, "", FIELDS).records,
        rig.connector.fetch(CONTACTS, [made], FIELDS)[made],
    ):
        assert record.get(COMPANIES) == tuple(many)


def test_a_part_that_failed_is_not_taken_for_empty(rig: HubSpotRig) -> None:
    one, two, three = (contact(rig) for _ in "123")
    entries = [
        {"subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND", "context": {"x": [one]}},
        {"category": "INTERNAL_ERROR", "context": {"fromObjectId": [two]}},
    ]
    answers(rig, "/batch/read$", {"results": [], "errors": entries}, 207)
    client = rig.connector.client
    assert partners(client, CONTACTS, "companies", [one, two]) == {one: (), two: None}
    answers(rig, "/associations/", {"results": [], "errors": [{"category": "ODD"}]}, 207)
    found = rig.connector.fetch(CONTACTS, [three], FIELDS)
    assert found[three].get(COMPANIES) is ABSENT


def test_ids_come_as_texts_and_once_whatever_the_answer_looks_like(rig: HubSpotRig) -> None:
    first = {
        "from": {"id": "1"},
        "to": [{"toObjectId": 7}, {"toObjectId": "8"}],
        "paging": {"next": {"after": "8"}},
    }
    for page in (first, {"from": {"id": "1"}, "to": [{"toObjectId": 9}, {"toObjectId": 7}]}):
        answers(rig, "/associations/", {"results": [page]})
    found = partners(rig.connector.client, CONTACTS, "companies", ["1"])["1"]
    assert [one.id for one in found or ()] == ["7", "8", "9"]
