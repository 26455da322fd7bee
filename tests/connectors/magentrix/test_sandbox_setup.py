"""The set-up calls we invented for the Magentrix stand-in, and that they can be switched off."""

from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.magentrix.sandbox_rig import LINK, Desk

SETUP = "/sandbox-setup"
FIELDS = f"{SETUP}/fields/Account"
TEXT = {"Name": LINK, "FieldType": "Text", "Label": "HubSpot Id", "Length": 50, "IsUnique": True}


def test_a_field_is_made_described_and_usable_at_once(desk: Desk) -> None:
    account = desk.create("Account", Name="Acme")
    made = desk.data("POST", FIELDS, TEXT)
    assert (made["Name"], made["Label"], made["Length"]) == (LINK, "HubSpot Id", 50)
    assert (made["IsUnique"], made["IsCustomField"], made["IsRequired"]) == (True, True, False)
    assert made in desk.data("GET", "/entity/Account/metadata")["Fields"]
    assert desk.read("Account", account)[LINK] is None
    desk.data("PATCH", f"/entity/Account/{account}", {LINK: "77"})
    again = desk.data("PUT", f"/entity/Account?uniqueField={LINK}", {LINK: "77", "Phone": "1"})
    assert again["id"] == account


def test_a_field_without_more_has_the_usual_length_and_decimals(desk: Desk) -> None:
    sizes = {}
    for kind in ("Text", "TextArea", "Number", "Currency"):
        made = desk.data("POST", FIELDS, {"Name": f"{kind}__c", "FieldType": kind})
        sizes[kind] = (made["Length"], made["Precision"])
    assert sizes == {
        "Text": (255, 0),
        "TextArea": (3999, 0),
        "Number": (16, 0),
        "Currency": (16, 2),
    }


def test_a_lookup_and_a_picklist_are_made(desk: Desk) -> None:
    other = {"Name": "Boss__c", "FieldType": "Lookup", "ReferenceType": "Contact"}
    assert desk.data("POST", FIELDS, other)["ReferenceType"] == "Contact"
    entries = [{"Value": "hot"}, {"Value": "cold", "Label": "Cold", "IsDefaultValue": True}]
    made = desk.data(
        "POST", FIELDS, {"Name": "Mood__c", "FieldType": "Picklist", "PicklistEntries": entries}
    )
    assert [(e["Value"], e["Label"]) for e in made["PicklistEntries"]] == [
        ("hot", "hot"),
        ("cold", "Cold"),
    ]
    account = desk.create("Account", Name="Acme")
    assert desk.read("Account", account)["Mood__c"] == "cold"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {**TEXT, "Name": "HubSpotId"},
        {**TEXT, "Name": "Hub Spot__c"},
        {**TEXT, "Name": "PARTNERTIER__c"},
        {**TEXT, "FieldType": "text"},
        {**TEXT, "FieldType": "Formula"},
        {**TEXT, "FieldType": "AutoNumber"},
        {**TEXT, "FieldType": "Lookup"},
        {**TEXT, "ReferenceType": "Account"},
        {**TEXT, "FieldType": "Lookup", "ReferenceType": "Planet"},
        {**TEXT, "Length": "50"},
        {**TEXT, "Length": -1},
        {**TEXT, "PicklistEntries": [{"Value": "a"}]},
        {"Name": "A__c", "FieldType": "Picklist", "PicklistEntries": [{"Value": "a;b"}]},
        {"Name": "A__c", "FieldType": "Picklist", "PicklistEntries": ["a"]},
    ],
)
def test_a_field_that_cannot_be_is_refused_and_not_made(desk: Desk, body: Any) -> None:
    before = desk.data("GET", "/entity/Account/metadata")
    assert desk.refusal("POST", FIELDS, body)[0] == 400
    assert desk.data("GET", "/entity/Account/metadata") == before


def test_values_are_added_to_a_picklist_once(desk: Desk) -> None:
    path = f"{SETUP}/picklists/Account/Industry"
    desk.data("POST", path, {"Value": "BIOTECH", "Label": "Biotechnology"})
    found = desk.data("POST", path, [{"Value": "BIOTECH", "Label": "Other"}, {"Value": "LAW"}])
    labels = {entry["Value"]: entry["Label"] for entry in found}
    assert (labels["BIOTECH"], labels["LAW"], labels["Retail"]) == (
        "Biotechnology",
        "LAW",
        "Retail",
    )
    assert len({entry["Id"] for entry in found}) == len(found) == 6
    assert desk.create("Account", Name="Acme", Industry="BIOTECH")


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("Account/Name", {"Value": "x"}, 400),
        ("Account/Industry", {"Label": "x"}, 400),
        ("Account/Industry", {"Value": ""}, 400),
        ("Account/Industry", ["x"], 400),
        ("Account/Nothing__c", {"Value": "x"}, 404),
        ("Planet/Industry", {"Value": "x"}, 404),
    ],
)
def test_a_value_that_cannot_be_is_refused(desk: Desk, path: str, body: Any, status: int) -> None:
    assert desk.refusal("POST", f"{SETUP}/picklists/{path}", body)[0] == status


def test_a_probe_tells_that_the_calls_are_there(desk: Desk) -> None:
    answer = desk.data("GET", SETUP)
    assert answer["setup"] is True
    assert {"Text", "TextArea", "PicklistMultiSelect", "Lookup"} <= set(answer["fieldTypes"])


def test_switched_off_every_call_answers_404(desk: Desk) -> None:
    desk.sandbox.behaviour.change(setup_api=False)
    for method, path in (
        ("GET", SETUP),
        ("POST", FIELDS),
        ("POST", f"{SETUP}/picklists/Account/Industry"),
    ):
        assert desk.refusal(method, path, TEXT)[0] == 404
    assert desk.data("GET", "/entity/Account/metadata")["Name"] == "Account"


def test_the_calls_take_the_log_in_of_the_api(desk: Desk) -> None:
    desk.sandbox.expire_tokens()
    for method, path in (("GET", SETUP), ("POST", FIELDS)):
        assert desk.refusal(method, path, TEXT)[0] == 401
