"""What the sandbox accepts as values, what it stores for them, and what it refuses."""

from __future__ import annotations

import json

import pytest

from tests.connectors.hubspot.sandbox_rig import COMPANIES, CONTACTS, DEALS, SandboxRig


def test_null_does_nothing_and_an_empty_string_clears(hub: SandboxRig) -> None:
    contact = hub.contact(phone="1", city="Berlin")
    hub.patch(f"{CONTACTS}/{contact}", {"phone": None, "city": ""})
    assert hub.values(contact, "phone", "city") == {"phone": "1", "city": None}


def test_another_unique_property_answers_400(hub: SandboxRig) -> None:
    definition = {
        "name": "portal_sync_key",
        "label": "Sync key",
        "type": "string",
        "fieldType": "text",
        "groupName": "contactinformation",
        "hasUniqueValue": True,
    }
    hub.post("/crm/properties/2026-09/contacts", definition, 201)
    contact = hub.contact(portal_sync_key="a")
    answer = hub.call("POST", CONTACTS, {"properties": {"portal_sync_key": "a"}})
    assert answer.status_code == 400
    body = {"properties": {"firstname": "B", "portal_sync_key": "a"}}
    error = hub.post(CONTACTS, body, 400)["errors"][0]
    assert error["code"] == "CONFLICTING_UNIQUE_VALUE"
    found = hub.get(f"{CONTACTS}/a", idProperty="portal_sync_key")
    assert found["id"] == contact


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("nosuch", "x", "PROPERTY_DOESNT_EXIST"),
        ("createdate", "2026-01-01", "READ_ONLY_VALUE"),
        ("email", "no address", "INVALID_EMAIL"),
        ("lifecyclestage", "Customer", "INVALID_OPTION"),
        ("closedate", "31.12.2026", "INVALID_DATE"),
        ("hubspot_owner_id", "1", "INVALID_OWNER_ID"),
        ("message", "x" * 65_537, "INVALID_LENGTH"),
    ],
)
def test_one_bad_property_rejects_the_whole_record(
    hub: SandboxRig, name: str, value: str, code: str
) -> None:
    contact = hub.contact(city="Berlin")
    body = hub.patch(f"{CONTACTS}/{contact}", {"city": "Bonn", name: value}, 400)
    assert body["category"] == "VALIDATION_ERROR"
    assert body["errors"][0]["code"] == code
    assert body["errors"][0]["context"] == {"propertyName": [name]}
    legacy = json.loads(body["message"].partition(": ")[2])
    assert (legacy[0]["name"], legacy[0]["error"]) == (name, code)
    assert hub.values(contact, "city") == {"city": "Berlin"}


def test_numbers_are_kept_as_written_and_words_refused(hub: SandboxRig) -> None:
    company = hub.post(COMPANIES, {"properties": {"name": "A", "numberofemployees": 12}}, 201)
    assert company["properties"]["numberofemployees"] == "12"
    body = {"properties": {"name": "B", "numberofemployees": "1,000"}}
    assert hub.post(COMPANIES, body, 400)["errors"][0]["code"] == "INVALID_LONG"


def test_an_object_as_a_value_is_bad_json(hub: SandboxRig) -> None:
    assert hub.call("POST", CONTACTS, {"properties": {"email": {}}}).status_code == 400


@pytest.mark.parametrize(
    ("value", "stored"),
    [("2026-11-20", "2026-11-20"), ("1795132800000", "2026-11-20"), ("1795132800001", None)],
)
def test_a_date_is_a_day_or_midnight_utc(hub: SandboxRig, value: str, stored: str | None) -> None:
    definition = {
        "name": "dob",
        "label": "Date of Birth",
        "type": "date",
        "fieldType": "date",
        "groupName": "contactinformation",
    }
    hub.post("/crm/properties/2026-09/contacts", definition, 201)
    answer = hub.call("POST", CONTACTS, {"properties": {"firstname": "A", "dob": value}})
    if stored is None:
        assert answer.json()["errors"][0]["code"] == "INVALID_DATE"
    else:
        assert answer.json()["properties"]["dob"] == stored


def test_a_leading_semicolon_appends_to_a_list(hub: SandboxRig) -> None:
    contact = hub.contact(hs_buying_role="CHAMPION")
    hub.patch(f"{CONTACTS}/{contact}", {"hs_buying_role": ";OTHER"})
    assert hub.values(contact, "hs_buying_role") == {"hs_buying_role": "CHAMPION;OTHER"}
    hub.patch(f"{CONTACTS}/{contact}", {"hs_buying_role": "OTHER"})
    assert hub.values(contact, "hs_buying_role") == {"hs_buying_role": "OTHER"}


def test_the_lifecycle_stage_moves_forward_only_unless_it_is_cleared_first(
    hub: SandboxRig,
) -> None:
    contact = hub.contact(lifecyclestage="customer")
    hub.patch(f"{CONTACTS}/{contact}", {"lifecyclestage": "lead"})
    assert hub.values(contact, "lifecyclestage") == {"lifecyclestage": "customer"}
    hub.patch(f"{CONTACTS}/{contact}", {"lifecyclestage": ""})
    hub.patch(f"{CONTACTS}/{contact}", {"lifecyclestage": "lead"})
    assert hub.values(contact, "lifecyclestage") == {"lifecyclestage": "lead"}


def test_a_backward_stage_can_be_made_an_error(hub: SandboxRig) -> None:
    hub.sandbox.behaviour.backward_lifecycle = "reject"
    contact = hub.contact(lifecyclestage="customer")
    hub.patch(f"{CONTACTS}/{contact}", {"lifecyclestage": "lead"}, 400)


def test_a_person_may_move_the_stage_backwards(hub: SandboxRig) -> None:
    contact = hub.contact(lifecyclestage="customer")
    hub.person.edit_contact(contact, {"lifecyclestage": "lead"})
    assert hub.values(contact, "lifecyclestage") == {"lifecyclestage": "lead"}


def test_a_portal_can_add_a_stage_with_a_numeric_value(hub: SandboxRig) -> None:
    stage = hub.person.state.add_lifecycle_stage("Patient", after="customer")
    contact = hub.contact(lifecyclestage=stage)
    hub.patch(f"{CONTACTS}/{contact}", {"lifecyclestage": "customer"})
    assert hub.values(contact, "lifecyclestage") == {"lifecyclestage": stage}
    hub.patch(f"{CONTACTS}/{contact}", {"lifecyclestage": "evangelist"})
    assert hub.values(contact, "lifecyclestage") == {"lifecyclestage": "evangelist"}


def test_rules_of_the_admin_are_enforced_by_the_newest_version_only(hub: SandboxRig) -> None:
    hub.person.state.required_on_create["contacts"] = ["phone"]
    body = {"properties": {"firstname": "Ada"}}
    assert hub.post(CONTACTS, body, 400)["errors"][0]["code"] == "MISSING_REQUIRED_PROPERTY"
    hub.post("/crm/v3/objects/contacts", body, 201)


def test_a_conditional_rule_names_what_is_missing(hub: SandboxRig) -> None:
    rule = {"type": "contacts", "property": "country", "value": "US", "requires": "state"}
    hub.person.state.conditional_rules.append(rule)
    error = hub.post(CONTACTS, {"properties": {"firstname": "A", "country": "US"}}, 400)
    assert error["errors"][0]["code"] == "MISSING_CONDITIONAL_REQUIRED_PROPERTY"
    assert error["errors"][0]["context"]["properties"] == ["state"]


@pytest.mark.parametrize(
    ("path", "properties"), [(CONTACTS, {"phone": "1"}), (DEALS, {"dealname": "Big"})]
)
def test_a_record_needs_its_minimum(hub: SandboxRig, path: str, properties: dict[str, str]) -> None:
    error = hub.post(path, {"properties": properties}, 400)
    assert error["errors"][0]["code"] == "MISSING_REQUIRED_PROPERTY"


def test_a_deal_gets_its_pipeline_and_noisy_computed_numbers(hub: SandboxRig) -> None:
    properties = {"dealname": "Big", "dealstage": "appointmentscheduled", "amount": "43"}
    deal = hub.post(DEALS, {"properties": properties}, 201)
    names = "pipeline,hs_is_closed,hs_deal_stage_probability"
    found = hub.get(f"/crm/objects/2026-09/0-3/{deal['id']}", properties=names)["properties"]
    assert (found["pipeline"], found["hs_is_closed"]) == ("default", "false")
    assert found["hs_deal_stage_probability"] == (
        "0.200000000000000011102230246251565404236316680908203125"
    )
    hub.patch(f"{DEALS}/{deal['id']}", {"dealstage": "closedwon"})
    found = hub.get(f"{DEALS}/{deal['id']}", properties=names)["properties"]
    assert found["hs_is_closed"] == "true"


def test_a_stage_of_no_pipeline_is_refused(hub: SandboxRig) -> None:
    error = hub.post(DEALS, {"properties": {"dealname": "Big", "dealstage": "nowhere"}}, 400)
    assert error["errors"][0]["code"] == "INVALID_OPTION"


def test_two_companies_may_share_a_domain(hub: SandboxRig) -> None:
    body = {"properties": {"domain": "acme.example"}}
    assert hub.post(COMPANIES, body, 201)["id"] != hub.post(COMPANIES, body, 201)["id"]
