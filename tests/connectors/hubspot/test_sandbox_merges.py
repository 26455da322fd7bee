"""Merging in the sandbox: a third id, old ids that answer, and what is told about it."""

from __future__ import annotations

from tests.connectors.hubspot.sandbox_rig import COMPANIES, CONTACTS, DEALS, SandboxRig


def merged(hub: SandboxRig, primary: str, other: str, path: str = CONTACTS) -> str:
    body = {"primaryObjectId": primary, "objectIdToMerge": other}
    return str(hub.post(f"{path}/merge", body)["id"])


def test_the_survivor_has_a_third_id_for_which_both_old_ids_answer(hub: SandboxRig) -> None:
    primary, other = hub.contact(), hub.contact()
    survivor = merged(hub, primary, other)
    assert survivor not in (primary, other)
    for old in (primary, other):
        assert hub.get(f"{CONTACTS}/{old}")["id"] == survivor
    assert [row["id"] for row in hub.get(CONTACTS)["results"]] == [survivor]


def test_a_patch_on_an_old_id_reaches_the_survivor(hub: SandboxRig) -> None:
    primary, other = hub.contact(), hub.contact()
    survivor = merged(hub, primary, other)
    assert hub.patch(f"{CONTACTS}/{primary}", {"city": "Bonn"})["id"] == survivor
    assert hub.values(survivor, "city") == {"city": "Bonn"}


def test_the_primary_wins_and_the_other_fills_blanks(hub: SandboxRig) -> None:
    primary = hub.contact(firstname="Ada", city="Berlin")
    other = hub.contact(firstname="Eda", phone="1")
    survivor = merged(hub, primary, other)
    found = hub.values(survivor, "firstname", "city", "phone")
    assert found == {"firstname": "Ada", "city": "Berlin", "phone": "1"}


def test_the_second_email_stays_known_and_taken(hub: SandboxRig) -> None:
    primary = hub.contact(email="ada@acme.example")
    other = hub.contact(email="ada@home.example")
    survivor = merged(hub, primary, other)
    found = hub.values(survivor, "email", "hs_additional_emails")
    assert found == {"email": "ada@acme.example", "hs_additional_emails": "ada@home.example"}
    answer = hub.call("POST", CONTACTS, {"properties": {"email": "ada@home.example"}})
    assert answer.json()["message"].endswith(survivor)


def test_an_email_only_the_other_had_becomes_the_survivors(hub: SandboxRig) -> None:
    survivor = merged(hub, hub.contact(), hub.contact(email="ada@acme.example"))
    found = hub.values(survivor, "email", "hs_additional_emails")
    assert found == {"email": "ada@acme.example", "hs_additional_emails": None}


def test_a_chain_of_merges_remembers_every_id(hub: SandboxRig) -> None:
    a, b, c = hub.contact(), hub.contact(), hub.contact()
    middle = merged(hub, a, b)
    survivor = merged(hub, c, middle)
    names = ("hs_merged_object_ids", "hs_calculated_merged_vids")
    found = hub.values(survivor, *names)
    assert set(str(found["hs_merged_object_ids"]).split(";")) == {a, b, c, middle}
    assert a not in str(found["hs_calculated_merged_vids"])
    assert {hub.get(f"{CONTACTS}/{old}")["id"] for old in (a, b, c, middle)} == {survivor}


def test_a_record_cannot_be_merged_with_itself_or_through_its_old_id(hub: SandboxRig) -> None:
    primary, other = hub.contact(), hub.contact()
    survivor = merged(hub, primary, other)
    body = {"primaryObjectId": survivor, "objectIdToMerge": primary}
    hub.post(f"{CONTACTS}/merge", body, 400)


def test_a_merge_is_told_as_a_merge_and_two_deletions_without_values(hub: SandboxRig) -> None:
    for event in ("merge", "deletion", "creation"):
        hub.app.subscribe(f"contact.{event}")
    hub.app.subscribe("contact.propertyChange", "phone")
    primary, other = hub.contact(), hub.contact(phone="1")
    hub.events()
    survivor = hub.person.merge_contacts(primary, other)
    events = hub.events()
    assert [e["subscriptionType"] for e in events] == [
        "contact.merge",
        "contact.deletion",
        "contact.deletion",
    ]
    assert events[0]["primaryObjectId"] == int(primary)
    assert events[0]["mergedObjectIds"] == [int(other)]
    assert events[0]["newObjectId"] == int(survivor)
    assert events[0]["numberOfPropertiesMoved"] == 1
    assert {e["objectId"] for e in events[1:]} == {int(primary), int(other)}


def test_the_survivor_may_also_be_told_as_created(hub: SandboxRig) -> None:
    hub.sandbox.behaviour.merge_sends_creation = True
    hub.app.subscribe("contact.creation")
    primary, other = hub.contact(), hub.contact()
    hub.events()
    survivor = merged(hub, primary, other)
    assert [e["objectId"] for e in hub.events()] == [int(survivor)]


def test_associations_move_to_the_survivor(hub: SandboxRig) -> None:
    company = hub.person.create("companies", {"name": "Acme"})
    primary, other = hub.contact(), hub.contact()
    hub.person.associate("contacts", other, "companies", company, primary=True)
    survivor = merged(hub, primary, other)
    found = hub.get(f"{CONTACTS}/{survivor}", associations="companies")["associations"]
    assert {row["id"] for row in found["companies"]["results"]} == {company}


def test_companies_and_deals_merge_the_same_way(hub: SandboxRig) -> None:
    one = hub.person.create("companies", {"name": "Acme", "domain": "acme.example"})
    two = hub.person.create("companies", {"name": "Acme Inc", "domain": "acme.test"})
    survivor = merged(hub, one, two, COMPANIES)
    found = hub.get(f"{COMPANIES}/{two}", properties="domain,hs_additional_domains")
    assert found["id"] == survivor
    assert found["properties"]["hs_additional_domains"] == "acme.test"
    deals = [
        hub.person.create("deals", {"dealname": name, "dealstage": "contractsent"}) for name in "ab"
    ]
    survivor = merged(hub, deals[0], deals[1], DEALS)
    assert hub.get(f"{DEALS}/{deals[1]}")["id"] == survivor


def test_search_forgets_the_merged_and_knows_the_survivor(hub: SandboxRig) -> None:
    primary, other = hub.contact(), hub.contact()
    survivor = merged(hub, primary, other)
    assert [row["id"] for row in hub.search()["results"]] == [survivor]
