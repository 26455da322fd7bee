"""Metadata of the Magentrix stand-in: entities, fields, rights, and the users it starts with."""

from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.magentrix.sandbox_rig import LINK, Desk

ENTITIES = ["User", "Account", "Contact", "Opportunity"]


def fields(desk: Desk, entity: str) -> dict[str, Any]:
    found = desk.data("GET", f"/entity/{entity}/metadata")["Fields"]
    return {field["Name"]: field for field in found}


def flagged(desk: Desk, entity: str, flag: str) -> set[str]:
    return {name for name, field in fields(desk, entity).items() if field[flag]}


def test_the_entities_are_named(desk: Desk) -> None:
    assert desk.data("GET", "/entity") == {"entities": ENTITIES}


def test_one_entity_is_described_alone_and_several_in_the_asked_order(desk: Desk) -> None:
    alone = desk.data("GET", "/entity/Contact/metadata")
    assert (alone["Name"], alone["KeyPrefix"], alone["EntityType"]) == ("Contact", "003", "Person")
    both = desk.data("GET", "/entity/metadata?entities=Opportunity,Contact")
    assert [one["Name"] for one in both] == ["Opportunity", "Contact"]
    assert both[1] == alone
    assert desk.data("GET", "/entity/metadata") == []


@pytest.mark.parametrize(
    "path", ["/entity/contact2/metadata", "/entity/metadata?entities=User,contact2"]
)
def test_an_unknown_entity_is_answered_404_with_its_name(desk: Desk, path: str) -> None:
    assert desk.refusal("GET", path) == (404, "Invalid entity: 'contact2'")


def test_the_prefix_of_an_entity_starts_its_ids(desk: Desk) -> None:
    for entity, values in (("Account", {"Name": "A"}), ("Contact", {"LastName": "B"})):
        prefix = desk.data("GET", f"/entity/{entity}/metadata")["KeyPrefix"]
        assert desk.create(entity, **values).startswith(prefix)


@pytest.mark.parametrize(
    ("entity", "flag", "names"),
    [
        ("Account", "IsRequired", {"Name", "OwnerId"}),
        ("Contact", "IsRequired", {"LastName", "OwnerId"}),
        ("Opportunity", "IsRequired", {"Name", "Stage", "OwnerId"}),
        ("User", "IsRequired", {"Username", "Email", "Lastname", "UserType"}),
        ("User", "IsUnique", {"Id", "Username", "Email"}),
        ("Account", "IsUnique", {"Id"}),
        ("Account", "IsAuditField", {"CreatedOn", "ModifiedOn", "CreatedById", "ModifiedById"}),
        ("Opportunity", "IsCalculated", {"ExpectedRevenue", "DealNumber__c"}),
        ("Account", "IsCustomField", {"PartnerTier__c", "Regions__c"}),
        ("Contact", "IsKey", {"Id"}),
        ("Contact", "IsNameField", {"Name"}),
    ],
)
def test_fields_say_what_is_asked_of_them(
    desk: Desk, entity: str, flag: str, names: set[str]
) -> None:
    assert flagged(desk, entity, flag) == names


def test_names_of_people_are_spelled_by_entity_and_are_read_only(desk: Desk) -> None:
    assert {"Firstname", "Lastname"} <= fields(desk, "User").keys()
    assert {"FirstName", "LastName"} <= fields(desk, "Contact").keys()
    for entity in ("User", "Contact"):
        assert fields(desk, entity)["Name"]["IsReadOnly"]
    assert not fields(desk, "Account")["Name"]["IsReadOnly"]


def test_lookups_name_their_entity_also_those_that_nobody_maps(desk: Desk) -> None:
    found = {
        (entity, name): field["ReferenceType"]
        for entity in ENTITIES
        for name, field in fields(desk, entity).items()
        if field["IsReference"] and not field["IsAuditField"] and name != "OwnerId"
    }
    assert found == {
        ("Account", "ParentId"): "Account",
        ("Contact", "AccountId"): "Account",
        ("Contact", "ReferredBy__c"): "Contact",
        ("Opportunity", "AccountId"): "Account",
        ("Opportunity", "ContactId"): "Contact",
        ("Opportunity", "PartnerAccount__c"): "Account",
    }
    told = desk.data("GET", "/entity/Account/metadata")["Relationships"]
    by_us = {(one["Entity"], one["Field"]) for one in told}
    assert by_us == {pair for pair, target in found.items() if target == "Account"}


def test_picklists_list_their_entries(desk: Desk) -> None:
    entries = fields(desk, "Account")["PartnerTier__c"]["PicklistEntries"]
    assert [entry["Value"] for entry in entries] == ["Registered", "Silver", "Gold"]
    assert [entry["IsDefaultValue"] for entry in entries] == [True, False, False]
    assert len({entry["Id"] for entry in entries}) == 3
    assert fields(desk, "Account")["Regions__c"]["FieldType"] == "PicklistMultiSelect"


def test_the_link_fields_are_absent_at_first(desk: Desk) -> None:
    for entity in ENTITIES:
        assert not {LINK, "HubSpotUserId__c"} & fields(desk, entity).keys()


def test_what_the_keys_owner_may_not_see_is_missing_everywhere(desk: Desk) -> None:
    account = desk.create("Account", Name="Acme", Phone="1")
    desk.person.change_field("Account", "Phone", hidden=True)
    desk.person.change_field("Contact", "AccountId", hidden=True)
    desk.person.hide("Opportunity")
    assert "Phone" not in fields(desk, "Account")
    assert "Phone" not in desk.read("Account", account)
    assert "does not exist" in desk.wrong("SELECT Phone FROM Account")
    refusal = desk.refusal("PATCH", f"/entity/Account/{account}", {"Phone": "2"})
    assert refusal == (400, [("INVALID_VALUE", "Phone")])
    assert desk.data("GET", "/entity")["entities"] == ["User", "Account", "Contact"]
    assert desk.refusal("GET", "/entity/Opportunity/metadata")[0] == 404
    assert "does not exist" in desk.wrong("SELECT Id FROM Opportunity")
    assert "does not exist" in desk.wrong("SELECT Account.Name FROM Contact")
    told = desk.data("GET", "/entity/Account/metadata")["Relationships"]
    assert [(one["Entity"], one["Field"]) for one in told] == [("Account", "ParentId")]
    desk.person.hide("Opportunity", hidden=False)
    assert desk.data("GET", "/entity")["entities"] == ENTITIES


def test_the_users_are_employees_a_partner_and_somebody_who_left(desk: Desk) -> None:
    rows = desk.query("SELECT Name, UserType, IsActive FROM User ORDER BY Id")["Records"]
    assert [(row["Name"], row["UserType"], row["IsActive"]) for row in rows] == [
        ("Ada Admin", "Employee", True),
        ("Mona Keller", "Employee", True),
        ("Raj Mehta", "Employee", True),
        ("Ines Duarte", "Employee", True),
        ("Otto Vance", "Employee", False),
        ("Pia Lund", "Partner", True),
    ]
