"""Reads that follow merges, wide reads, and finding by values."""

from __future__ import annotations

import pytest

from integrations.connectors.hubspot.client import MAX_LIST_QUERY
from integrations.engine.ports import EXTERNAL_KEY, CreateItem
from tests.connectors.hubspot.rig import FIELDS, PORTAL, HubSpotRig, KeyedRig
from tests.rig import record_of

CONTACTS = "contacts"


def test_check_tells_account_zone_and_where_links_lead(rig: HubSpotRig) -> None:
    account = rig.connector.check()
    assert account.account_id == str(PORTAL)
    assert account.ui_host.startswith("app")
    assert account.time_zone


@pytest.mark.parametrize("behaviour", ["survivor", "missing"])
def test_a_chain_of_merges_answers_to_every_old_id(rig: HubSpotRig, behaviour: str) -> None:
    rig.sandbox.behaviour.batch_read_merged = behaviour
    first, second, third = rig.fill(3)
    middle = rig.merge(first, second)
    last = rig.merge(middle, third)
    found = rig.connector.fetch(CONTACTS, [second, first, middle, third, last], FIELDS)
    assert {record.id for record in found.values()} == {last}
    assert set(found) == {first, second, third, middle, last}
    assert {first, second} <= found[last].merged_ids


def test_records_that_answer_cost_one_call_per_hundred(rig: HubSpotRig) -> None:
    made = rig.fill(130)
    rig.sandbox.counters.clear()
    assert len(rig.connector.fetch(CONTACTS, [*made, *made], FIELDS)) == 130
    assert sum(rig.sandbox.counters.values()) == 2


def test_an_archived_record_comes_as_archived_and_a_forgotten_one_not_at_all(
    rig: HubSpotRig,
) -> None:
    gone, forgotten, stays = rig.fill(3)
    rig.person.delete_contact(gone)
    rig.person.forget_contact(forgotten)
    found = rig.connector.fetch(CONTACTS, [gone, forgotten, stays], FIELDS)
    assert {key: record.archived for key, record in found.items()} == {gone: True, stays: False}


def test_more_fields_than_an_address_can_hold_are_still_read(rig: HubSpotRig) -> None:
    made = rig.fill(3)
    fields = [*FIELDS, *(f"no_such_property_{number}" for number in range(400))]
    assert len(",".join(fields)) > MAX_LIST_QUERY
    page = rig.connector.scan(CONTACTS, "", fields)
    assert {record.id for record in page.records} == set(made)
    assert page.records[0].get("lastname") == "Lovelace"
    first, second, _ = made
    survivor = rig.merge(first, second)
    rig.sandbox.behaviour.batch_read_merged = "missing"
    found = rig.connector.fetch(CONTACTS, [first], fields)
    assert found[first].id == survivor
    assert found[first].get("lastname") == "Lovelace"


def test_a_merged_contact_is_found_by_both_addresses(rig: HubSpotRig) -> None:
    first, second = rig.fill(2)
    survivor = rig.merge(first, second)
    asked = ["ada1@acme.example", " ADA2@acme.example", "ada3@acme.example", ""]
    found = rig.connector.find(CONTACTS, "email", asked, ["firstname"])
    assert [[record.id for record in found[value]] for value in asked] == [
        [survivor],
        [survivor],
        [],
        [],
    ]
    assert found[asked[0]][0].values == {"firstname": "Ada"}


def test_finding_by_a_unique_property_never_asks_search(rig: HubSpotRig) -> None:
    rig.sandbox.behaviour.search_lag = (3600, 3600)
    [made] = rig.fill(1)
    found = rig.connector.find(CONTACTS, "email", ["ada1@acme.example"], FIELDS)
    assert [record.id for record in found["ada1@acme.example"]] == [made]
    assert rig.connector.find(CONTACTS, "hs_object_id", [made], FIELDS)[made][0].id == made


def test_finding_by_another_property_believes_the_records_and_not_the_index(
    rig: HubSpotRig,
) -> None:
    create = rig.person.create
    one, two, other = (
        create("companies", {"name": name, "domain": domain})
        for name, domain in (("A", "acme.example"), ("B", "acme.example"), ("C", "c.example"))
    )
    rig.sandbox.behaviour.search_lag = (3600, 3600)
    rig.person.edit("companies", two, {"domain": "b.example"})
    found = rig.connector.find("companies", "domain", ["Acme.example", "c.example"], ["name"])
    assert [record.id for record in found["Acme.example"]] == [one]
    assert [record.id for record in found["c.example"]] == [other]


def test_our_own_key_finds_what_was_upserted_by_it() -> None:
    rig = KeyedRig()
    [made] = rig.fill(1)
    found = rig.connector.find(CONTACTS, EXTERNAL_KEY, ["target_1", "target_2"], FIELDS)
    assert [record.id for record in found["target_1"]] == [made]
    assert not found["target_2"]
    assert HubSpotRig().connector.find(CONTACTS, EXTERNAL_KEY, ["target_1"], FIELDS) == {}


def test_a_text_that_is_no_id_belongs_to_nobody(rig: HubSpotRig) -> None:
    [made] = rig.fill(1)
    assert set(rig.connector.fetch(CONTACTS, ["abc", made, "", "../x"], FIELDS)) == {made}
    assert set(rig.connector.find(CONTACTS, "hs_object_id", ["abc"], FIELDS)["abc"]) == set()


def test_a_record_that_answers_to_many_values_is_one_match_for_each(rig: HubSpotRig) -> None:
    first, second = rig.fill(2)
    survivor = rig.merge(first, second)
    fillers = [f"nobody{number}@acme.example" for number in range(120)]
    asked = ["ada1@acme.example", *fillers, "ada2@acme.example", "ada1@acme.example"]
    found = rig.connector.find(CONTACTS, "email", asked, FIELDS)
    for value in ("ada1@acme.example", "ada2@acme.example"):
        assert [record.id for record in found[value]] == [survivor]
    assert not any(found[value] for value in fillers)


def test_our_own_keys_keep_their_case() -> None:
    rig = KeyedRig()
    item = CreateItem("1", rig.good(1).values, "Target_A")
    [made] = [record_of(outcome).id for outcome in rig.connector.create(CONTACTS, [item])]
    found = rig.connector.find(CONTACTS, EXTERNAL_KEY, ["Target_A", "target_a"], FIELDS)
    assert [record.id for record in found["Target_A"]] == [made]
    assert not found["target_a"]
