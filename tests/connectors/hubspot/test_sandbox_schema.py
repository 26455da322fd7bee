"""The sandbox's properties, groups, owners, pipelines, account details and associations."""

from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.hubspot.sandbox_rig import COMPANIES, CONTACTS, DEALS, SandboxRig

PROPERTIES = "/crm/properties/2026-09/contacts"
ASSOCIATIONS = "/crm/associations/2026-09"


def definition(name: str = "rxnt_sex", **changes: Any) -> dict[str, Any]:
    body = {
        "name": name,
        "label": "Sex",
        "type": "enumeration",
        "fieldType": "select",
        "groupName": "contactinformation",
        "options": [{"value": v, "label": v, "displayOrder": n} for n, v in enumerate("MFU")],
    }
    return {**body, **changes}


def test_standard_definitions_carry_what_makes_a_property_writable(hub: SandboxRig) -> None:
    found = {row["name"]: row for row in hub.get(PROPERTIES)["results"]}
    assert found["email"]["hasUniqueValue"] is True
    assert found["email"]["modificationMetadata"]["readOnlyValue"] is False
    assert found["lastmodifieddate"]["modificationMetadata"]["readOnlyValue"] is True
    assert found["hubspot_owner_id"]["referencedObjectType"] == "OWNER"
    stages = [option["value"] for option in found["lifecyclestage"]["options"]]
    assert stages[:2] == ["subscriber", "lead"]
    assert "customer" in stages


@pytest.mark.parametrize("base", ["2026-09", "2026-03"])
@pytest.mark.parametrize(("plural", "name"), [("companies", "domain"), ("deals", "dealstage")])
def test_every_type_has_its_standard_properties(
    hub: SandboxRig, base: str, plural: str, name: str
) -> None:
    assert hub.get(f"/crm/properties/{base}/{plural}/{name}")["name"] == name


def test_a_new_property_takes_values_at_once(hub: SandboxRig) -> None:
    made = hub.post(PROPERTIES, definition(), 201)
    assert (made["hubspotDefined"], made["archived"]) == (False, False)
    contact = hub.contact(rxnt_sex="F")
    assert hub.values(contact, "rxnt_sex") == {"rxnt_sex": "F"}


def test_a_name_that_is_taken_is_409(hub: SandboxRig) -> None:
    hub.post(PROPERTIES, definition(), 201)
    error = hub.post(PROPERTIES, definition(), 409)
    assert error["category"] == "OBJECT_ALREADY_EXISTS"
    assert error["subCategory"] == "Properties.PROPERTY_WITH_NAME_EXISTS"


def test_an_archived_property_is_hidden_and_comes_back_under_its_name(hub: SandboxRig) -> None:
    hub.post(PROPERTIES, definition(), 201)
    contact = hub.contact(rxnt_sex="F")
    assert hub.call("DELETE", f"{PROPERTIES}/rxnt_sex").status_code == 204
    assert hub.call("GET", f"{PROPERTIES}/rxnt_sex").json()["category"] == "OBJECT_NOT_FOUND"
    assert hub.get(f"{PROPERTIES}/rxnt_sex", archived="true")["archived"] is True
    assert "rxnt_sex" not in hub.get(f"{CONTACTS}/{contact}", properties="rxnt_sex")["properties"]
    assert hub.post(PROPERTIES, definition(label="Other"), 201)["label"] == "Sex"
    assert hub.values(contact, "rxnt_sex") == {"rxnt_sex": "F"}


def test_changing_options_replaces_the_list_and_leaving_them_out_keeps_it(
    hub: SandboxRig,
) -> None:
    hub.post(PROPERTIES, definition(), 201)
    kept = hub.call("PATCH", f"{PROPERTIES}/rxnt_sex", {"label": "Sex at birth"}).json()
    assert (kept["label"], len(kept["options"])) == ("Sex at birth", 3)
    one = {"options": [{"value": "X", "label": "X"}]}
    assert hub.call("PATCH", f"{PROPERTIES}/rxnt_sex", one).json()["options"] == one["options"]


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Sex"},
        {"name": "1sex"},
        {"groupName": "nowhere"},
        {"fieldType": "date"},
        {"type": "mystery"},
        {"label": None},
    ],
)
def test_a_malformed_definition_is_refused(hub: SandboxRig, changes: dict[str, Any]) -> None:
    hub.post(PROPERTIES, definition(**changes), 400)


def test_standard_properties_cannot_be_archived_or_renamed(hub: SandboxRig) -> None:
    assert hub.call("DELETE", f"{PROPERTIES}/email").status_code == 400
    assert hub.call("PATCH", f"{PROPERTIES}/email", {"label": "Mail"}).status_code == 400


def test_ten_properties_may_be_unique_and_no_more(hub: SandboxRig) -> None:
    plain = {"type": "string", "fieldType": "text", "hasUniqueValue": True, "options": []}
    for number in range(10):
        hub.post(PROPERTIES, definition(f"key_{number}", **plain), 201)
    hub.post(PROPERTIES, definition("key_10", **plain), 400)


def test_batches_of_definitions_answer_per_item(hub: SandboxRig) -> None:
    rows = {"inputs": [definition("one"), definition("email")]}
    made = hub.post(f"{PROPERTIES}/batch/create", rows, 207)
    assert [row["name"] for row in made["results"]] == ["one"]
    names = {"inputs": [{"name": "one"}, {"name": "nosuch"}]}
    found = hub.post(f"{PROPERTIES}/batch/read", names, 207)
    assert found["errors"][0]["context"] == {"name": ["nosuch"]}
    hub.post(f"{PROPERTIES}/batch/archive", names, 204)
    assert hub.call("GET", f"{PROPERTIES}/one").status_code == 404


def test_groups_are_made_changed_and_removed_when_empty(hub: SandboxRig) -> None:
    groups = f"{PROPERTIES}/groups"
    hub.post(groups, {"name": "rxnt", "label": "RXNT"}, 201)
    hub.post(groups, {"name": "rxnt", "label": "RXNT"}, 409)
    hub.post(PROPERTIES, definition(groupName="rxnt"), 201)
    assert hub.call("PATCH", f"{groups}/rxnt", {"label": "Rx"}).json()["label"] == "Rx"
    used = hub.call("DELETE", f"{groups}/rxnt").json()
    assert used["subCategory"] == "PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES"
    hub.call("DELETE", f"{PROPERTIES}/rxnt_sex")
    assert hub.call("DELETE", f"{groups}/rxnt").status_code == 204
    assert hub.call("GET", f"{groups}/rxnt").status_code == 404


def test_owners_are_listed_live_or_archived(hub: SandboxRig) -> None:
    hub.person.add_owner("7", "old.hand@acme.example", archived=True)
    live = hub.get("/crm/owners/2026-09")["results"]
    assert [owner["id"] for owner in live] == ["12236"]
    gone = hub.get("/crm/owners/2026-09", archived="true")["results"][0]
    assert (gone["id"], gone["firstName"], "userId" in gone) == ("7", "Old", False)
    assert hub.get("/crm/owners/2026-09/990", idProperty="userId")["id"] == "12236"
    assert hub.get("/crm/owners/2026-09", email="nobody@acme.example")["results"] == []
    assert hub.call("GET", "/crm/owners/2026-09/1").status_code == 404
    assert hub.contact(hubspot_owner_id="12236")


def test_the_deal_pipeline_has_its_stages_in_no_particular_order(hub: SandboxRig) -> None:
    (pipeline,) = hub.get("/crm/pipelines/2026-09/deals")["results"]
    stages = sorted(pipeline["stages"], key=lambda stage: stage["displayOrder"])
    assert stages != pipeline["stages"]
    assert (pipeline["id"], stages[0]["id"]) == ("default", "appointmentscheduled")
    assert stages[-1]["metadata"] == {"isClosed": "true", "probability": "0.0"}
    assert hub.get("/crm/pipelines/2026-09/deals/default/stages")["results"] == pipeline["stages"]
    assert hub.call("GET", "/crm/pipelines/2026-09/deals/nosuch").status_code == 404
    assert hub.get("/crm/pipelines/2026-09/contacts")["results"] == []


def test_account_details_say_where_the_account_lives(hub: SandboxRig) -> None:
    found = hub.get("/account-info/2026-09/details")
    assert (found["portalId"], found["timeZone"], found["utcOffset"]) == (
        4711001,
        "Europe/Berlin",
        "+01:00",
    )
    assert (found["utcOffsetMilliseconds"], found["uiDomain"]) == (3600000, "app-eu1.hubspot.com")


@pytest.fixture
def pair(hub: SandboxRig) -> tuple[str, str]:
    return hub.contact(), hub.person.create("companies", {"name": "Acme"})


def test_a_default_association_shows_from_both_sides(
    hub: SandboxRig, pair: tuple[str, str]
) -> None:
    contact, company = pair
    path = f"{CONTACTS}/{contact}/associations/default/companies/{company}"
    assert hub.call("PUT", path).status_code == 200
    found = hub.get(f"{CONTACTS}/{contact}/associations/companies")["results"]
    types = [{"category": "HUBSPOT_DEFINED", "typeId": 279, "label": None}]
    assert found == [{"toObjectId": company, "associationTypes": types}]
    back = hub.get(f"{COMPANIES}/{company}/associations/contacts")["results"]
    assert back[0]["associationTypes"][0]["typeId"] == 280


def test_a_primary_company_brings_the_unlabeled_type_and_displaces_the_former(
    hub: SandboxRig, pair: tuple[str, str]
) -> None:
    contact, company = pair
    other = hub.person.create("companies", {"name": "Other"})
    body = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
    for target in (company, other):
        answer = hub.call("PUT", f"{CONTACTS}/{contact}/associations/companies/{target}", body)
        assert answer.status_code == 201
    found = hub.get(f"{CONTACTS}/{contact}", associations="companies")["associations"]
    rows = [(row["id"], row["type"]) for row in found["companies"]["results"]]
    assert rows == [
        (company, "contact_to_company_unlabeled"),
        (other, "contact_to_company"),
        (other, "contact_to_company_unlabeled"),
    ]
    assert hub.values(contact, "associatedcompanyid") == {"associatedcompanyid": other}


def test_deleting_an_association_removes_every_type(hub: SandboxRig, pair: tuple[str, str]) -> None:
    contact, company = pair
    hub.person.associate("contacts", contact, "companies", company, primary=True)
    path = f"{CONTACTS}/{contact}/associations/companies/{company}"
    assert hub.call("DELETE", path).status_code == 204
    assert hub.get(f"{CONTACTS}/{contact}/associations/companies")["results"] == []
    assert hub.values(contact, "associatedcompanyid") == {"associatedcompanyid": None}


def test_a_deleted_partner_is_hidden_and_comes_back(hub: SandboxRig, pair: tuple[str, str]) -> None:
    contact, company = pair
    hub.person.associate("contacts", contact, "companies", company)
    hub.person.delete("companies", company)
    assert hub.get(f"{CONTACTS}/{contact}/associations/companies")["results"] == []
    hub.person.restore("companies", company)
    assert len(hub.get(f"{CONTACTS}/{contact}/associations/companies")["results"]) == 1


def test_a_record_is_created_together_with_its_associations(
    hub: SandboxRig, pair: tuple[str, str]
) -> None:
    contact, company = pair
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 341}]
    body = {
        "properties": {"dealname": "Big", "dealstage": "contractsent"},
        "associations": [{"to": {"id": company}, "types": types}],
    }
    deal = hub.post(DEALS, body, 201)["id"]
    found = hub.get(f"{DEALS}/{deal}/associations/companies")["results"]
    assert [row["toObjectId"] for row in found] == [company]


def test_batches_of_associations(hub: SandboxRig, pair: tuple[str, str]) -> None:
    contact, company = pair
    lonely = hub.contact()
    path = f"{ASSOCIATIONS}/contacts/companies/batch"
    row = {"from": {"id": contact}, "to": {"id": company}}
    hub.post(f"{path}/associate/default", {"inputs": [row]})
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
    unknown = {"from": {"id": "1"}, "to": {"id": company}, "types": types}
    made = hub.post(f"{path}/create", {"inputs": [{**row, "types": types}, unknown]}, 207)
    assert (len(made["results"]), made["numErrors"]) == (1, 1)
    asked = {"inputs": [{"id": contact}, {"id": lonely}]}
    found = hub.post(f"{path}/read", asked, 207)
    assert [r["from"]["id"] for r in found["results"]] == [contact]
    assert {t["typeId"] for t in found["results"][0]["to"][0]["associationTypes"]} == {1, 279}
    assert found["errors"][0]["subCategory"].endswith("NO_ASSOCIATIONS_FOUND")
    gone = {"inputs": [{"from": {"id": contact}, "to": [{"id": company}]}]}
    hub.post(f"{path}/archive", gone)
    assert hub.get(f"{CONTACTS}/{contact}/associations/companies")["results"] == []
    assert hub.call("POST", "/crm/v4/associations/0-1/0-2/batch/archive", gone).status_code == 204


def test_labels_name_the_types_of_a_pair(hub: SandboxRig) -> None:
    found = hub.get(f"{ASSOCIATIONS}/contacts/companies/labels")["results"]
    assert [(row["typeId"], row["label"]) for row in found] == [(279, None), (1, "Primary")]


def test_a_type_that_joins_other_objects_is_refused(hub: SandboxRig, pair: tuple[str, str]) -> None:
    body = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 3}]
    path = f"{CONTACTS}/{pair[0]}/associations/companies/{pair[1]}"
    assert hub.call("PUT", path, body).status_code == 400


@pytest.mark.parametrize(
    ("verb", "row"),
    [
        ("read", {}),
        ("associate/default", {"from": {"id": "1"}}),
        ("create", {"from": {"id": "1"}, "to": {"id": "2"}}),
        ("create", {"from": {"id": "1"}, "to": {"id": "2"}, "types": []}),
        ("archive", {"from": {"id": "1"}, "to": {"id": "2"}}),
    ],
)
def test_a_malformed_association_is_400(hub: SandboxRig, verb: str, row: dict[str, Any]) -> None:
    hub.post(f"{ASSOCIATIONS}/contacts/companies/batch/{verb}", {"inputs": [row]}, 400)


@pytest.mark.parametrize(
    "row", [{}, {"to": {"id": "1"}}, {"to": {"id": "1"}, "types": [{"associationTypeId": 3}]}]
)
def test_a_create_with_a_malformed_association_is_400(hub: SandboxRig, row: dict[str, Any]) -> None:
    hub.post(CONTACTS, {"properties": {"firstname": "Ada"}, "associations": [row]}, 400)
    assert hub.get(CONTACTS)["results"] == []
