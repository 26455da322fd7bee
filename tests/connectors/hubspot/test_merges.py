"""Merges of contacts, companies and deals: old ids, chains, notices, and without any notice."""

from __future__ import annotations

import json

import pytest

from integrations.connectors.hubspot.records import merged_ids
from integrations.connectors.hubspot.webhooks import parse
from integrations.engine.ports import EventKind, UpdateItem
from tests.connectors.hubspot.rig import HubSpotRig
from tests.connectors.hubspot.sandbox_rig import SandboxRig
from tests.rig import record_of

KINDS = ("contacts", "companies", "deals")
SINGULAR = {"contacts": "contact", "companies": "company", "deals": "deal"}
TYPE_IDS = {"contacts": "0-1", "companies": "0-2", "deals": "0-3"}
ROWS = {
    "contacts": {"firstname": "Ada"},
    "companies": {"name": "Acme"},
    "deals": {"dealname": "Roof", "dealstage": "contractsent"},
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def several(rig: HubSpotRig, kind: str, count: int) -> list[str]:
    return rig.person.create_many(kind, [ROWS[kind]] * count)


# ---------------------------------------------------------------- reading


@every_kind
@pytest.mark.parametrize("behaviour", ["survivor", "missing"])
def test_a_chain_answers_to_every_old_id(rig: HubSpotRig, kind: str, behaviour: str) -> None:
    rig.sandbox.behaviour.batch_read_merged = behaviour
    first, second, third = several(rig, kind, 3)
    middle = rig.person.merge(kind, first, second)
    last = rig.person.merge(kind, third, middle)
    asked = [first, second, third, middle, last]
    found = rig.connector.fetch(kind, asked, list(ROWS[kind]))
    assert {wanted: found[wanted].id for wanted in asked} == dict.fromkeys(asked, last)
    assert found[last].merged_ids == {first, second, third, middle}


@every_kind
def test_a_merge_whose_survivor_was_archived_is_still_known(rig: HubSpotRig, kind: str) -> None:
    first, second = several(rig, kind, 2)
    survivor = rig.person.merge(kind, first, second)
    rig.person.delete(kind, survivor)
    found = rig.connector.fetch(kind, [first, second], [])
    assert {(record.id, record.archived) for record in found.values()} == {(survivor, True)}


@every_kind
def test_survivors_show_in_changes_and_in_full_passes(rig: HubSpotRig, kind: str) -> None:
    first, second, other = several(rig, kind, 3)
    start = rig.connector.changes(kind, "", []).cursor
    survivor = rig.person.merge(kind, first, second)
    for page in (rig.connector.changes(kind, start, []), rig.connector.scan(kind, "", [])):
        found = {record.id: record.merged_ids for record in page.records}
        assert found[survivor] == {first, second}
        assert set(found) <= {survivor, other}


@every_kind
def test_search_may_hide_merged_ids_and_reading_by_id_shows_them(
    rig: HubSpotRig, kind: str
) -> None:
    rig.sandbox.behaviour.search_hides_merged_ids = True
    survivor = rig.person.merge(kind, *several(rig, kind, 2))
    [hint] = rig.connector.changes(kind, "", []).records
    assert hint.id == survivor
    assert len(rig.connector.fetch(kind, [hint.id], [])[hint.id].merged_ids) == 2


@pytest.mark.parametrize(
    ("properties", "ids"),
    [
        ({"hs_merged_object_ids": "1;2"}, {"1", "2"}),
        ({"hs_merged_object_ids": None, "hs_calculated_merged_vids": "1:17;2:17"}, {"1", "2"}),
        ({"hs_merged_object_ids": "1; 3", "hs_calculated_merged_vids": "1:17;2:17;9:1"}, "123"),
        ({"hs_merged_object_ids": "", "hs_calculated_merged_vids": ""}, set()),
        ({}, set()),
    ],
)
def test_old_ids_come_from_whichever_property_shows_them(
    properties: dict[str, str | None], ids: set[str]
) -> None:
    assert merged_ids({"id": "9", "properties": properties}) == set(ids)


@every_kind
def test_writing_by_an_old_id_asks_for_another_look(rig: HubSpotRig, kind: str) -> None:
    first, second = several(rig, kind, 2)
    survivor = rig.person.merge(kind, first, second)
    [name] = [key for key in ROWS[kind] if key != "dealstage"]
    old, new = rig.connector.update(
        kind, [UpdateItem("old", first, {name: "B"}), UpdateItem("new", survivor, {name: "C"})]
    )
    assert old.error is not None
    assert old.error.retryable
    assert record_of(new).get(name) == "C"


# ---------------------------------------------------------------- lookups


@pytest.mark.parametrize("kind", ["contacts", "deals"])
def test_records_of_a_merged_company_point_to_the_survivor(rig: HubSpotRig, kind: str) -> None:
    one, two, else_ = several(rig, "companies", 3)
    made = several(rig, kind, 4)
    for record_id, company in zip(made, (one, two, two, else_), strict=True):
        rig.person.associate(kind, record_id, "companies", company, primary=True)
    rig.person.associate(kind, made[2], "companies", one)
    survivor = rig.person.merge("companies", one, two)
    found = rig.connector.fetch(kind, made, ["@company", "@companies"])
    assert [found[record_id].get("@company") for record_id in made] == [
        (survivor,),
        (survivor,),
        (survivor,),
        (else_,),
    ]
    assert found[made[2]].get("@companies") == (survivor,)


def test_a_deal_of_a_merged_contact_points_to_the_survivor(rig: HubSpotRig) -> None:
    one, two = several(rig, "contacts", 2)
    [deal] = several(rig, "deals", 1)
    rig.person.associate("deals", deal, "contacts", two)
    survivor = rig.person.merge("contacts", one, two)
    found = rig.connector.fetch("deals", [deal], ["@contact", "@contacts"])[deal]
    assert found.get("@contact") == found.get("@contacts") == (survivor,)


# ---------------------------------------------------------------- notices


@every_kind
@pytest.mark.parametrize("generic", [False, True])
def test_a_merge_is_told_for_every_type_in_both_forms(
    hub: SandboxRig, kind: str, generic: bool
) -> None:
    name, type_id = ("object", TYPE_IDS[kind]) if generic else (SINGULAR[kind], "")
    for event in ("merge", "deletion"):
        hub.app.subscribe(f"{name}.{event}", type_id=type_id)
    first, second = hub.person.create_many(kind, [ROWS[kind]] * 2)
    survivor = hub.person.merge(kind, first, second)
    merge, *deletions = parse(json.dumps(hub.events()).encode()).events
    assert (merge.kind, merge.object_type, merge.record_id) == (EventKind.MERGED, kind, survivor)
    assert (merge.primary_id, merge.merged_ids) == (first, (second,))
    assert [(event.kind, event.record_id) for event in deletions] == [
        (EventKind.DELETED, first),
        (EventKind.DELETED, second),
    ]


@pytest.mark.parametrize("told", [False, True])
def test_associations_that_a_merge_hands_on_may_be_told(hub: SandboxRig, told: bool) -> None:
    hub.sandbox.behaviour.merge_sends_associations = told
    hub.app.subscribe("deal.associationChange")
    one, two = hub.person.create_many("companies", [ROWS["companies"]] * 2)
    deal = hub.person.create("deals", ROWS["deals"])
    hub.person.associate("deals", deal, "companies", two, primary=True)
    hub.events()
    hub.person.merge("companies", one, two)
    events = parse(json.dumps(hub.events()).encode()).events
    assert {(event.object_type, event.record_id) for event in events} == (
        {("deals", deal)} if told else set()
    )
