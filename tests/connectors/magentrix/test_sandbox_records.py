"""Records of the Magentrix stand-in: create, change, upsert, delete, one by one and in batches."""

from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.magentrix.sandbox_rig import LINK, Desk, reasons, select

ACME = {"Name": "Acme"}
ADA = {"FirstName": "Ada", "LastName": "Byron"}
DEAL = {"Name": "Anvils", "Stage": "Proposal"}


# ---------------------------------------------------------------- create


def test_a_new_record_has_an_id_with_the_entitys_prefix_and_the_standard_fields(
    desk: Desk,
) -> None:
    answer = desk.ask("POST", "/entity/Account", ACME)
    made = answer.json()
    assert (answer.status, made) == (201, {"id": made["id"], "errors": [], "success": True})
    assert (len(made["id"]), made["id"][:3]) == (19, "006")
    row, admin = desk.read("Account", made["id"]), desk.person.id
    assert (row["CreatedOn"], row["ModifiedOn"]) == ("2026-11-20T09:00:00Z",) * 2
    assert (row["OwnerId"], row["CreatedById"], row["ModifiedById"]) == (admin,) * 3
    assert (row["IsDeleted"], row["IsActive"], row["PartnerTier__c"]) == (
        False,
        True,
        "Registered",
    )
    assert row["Website"] is None


def test_ids_grow_in_the_order_of_creation(desk: Desk) -> None:
    made = [desk.create("Contact", LastName=f"N{n}") for n in range(20)]
    assert made == sorted(set(made))


def test_the_name_of_a_person_follows_its_parts_and_cannot_be_written(desk: Desk) -> None:
    contact = desk.create("Contact", **ADA)
    assert desk.read("Contact", contact)["Name"] == "Ada Byron"
    desk.data("PATCH", f"/entity/Contact/{contact}", {"FirstName": None})
    assert desk.read("Contact", contact)["Name"] == "Byron"
    refusal = desk.refusal("PATCH", f"/entity/Contact/{contact}", {"Name": "Ada"})
    assert refusal == (400, [("READ_ONLY_FIELD", "Name")])


def test_formulas_and_running_numbers_come_by_themselves(desk: Desk) -> None:
    deals = [desk.create("Opportunity", **DEAL, Amount=99.99, Probability=50) for _ in range(2)]
    rows = [desk.read("Opportunity", deal) for deal in deals]
    assert [row["ExpectedRevenue"] for row in rows] == [50.0, 50.0]
    assert [row["DealNumber__c"] for row in rows] == ["00O-00001", "00O-00002"]


@pytest.mark.parametrize(
    ("entity", "body", "expected"),
    [
        ("Account", {}, [("REQUIRED_FIELD_MISSING", "Name")]),
        ("Account", {"Name": ""}, [("REQUIRED_FIELD_MISSING", "Name")]),
        ("Contact", {"FirstName": "Ada"}, [("REQUIRED_FIELD_MISSING", "LastName")]),
        ("Opportunity", {}, [("REQUIRED_FIELD_MISSING", name) for name in ("Name", "Stage")]),
        ("Account", {**ACME, "OwnerId": None}, [("REQUIRED_FIELD_MISSING", "OwnerId")]),
        ("Account", {**ACME, "name": "Acme"}, [("INVALID_VALUE", "name")]),
        ("Account", {**ACME, LINK: "1"}, [("INVALID_VALUE", LINK)]),
        ("Account", {**ACME, "Id": "1"}, [("READ_ONLY_FIELD", "Id")]),
        ("Account", {**ACME, "ModifiedOn": None}, [("READ_ONLY_FIELD", "ModifiedOn")]),
        ("Account", {**ACME, "IsDeleted": True}, [("READ_ONLY_FIELD", "IsDeleted")]),
        ("Opportunity", {**DEAL, "ExpectedRevenue": 5}, [("READ_ONLY_FIELD", "ExpectedRevenue")]),
        ("Account", {**ACME, "OwnerId": "nobody"}, [("INVALID_REFERENCE", "OwnerId")]),
        ("Contact", {**ADA, "AccountId": "006"}, [("INVALID_REFERENCE", "AccountId")]),
        ("Account", {"Phone": 5}, [("INVALID_VALUE", "Phone"), ("REQUIRED_FIELD_MISSING", "Name")]),
    ],
)
def test_a_record_that_does_not_fit_is_refused_with_every_reason(
    desk: Desk, entity: str, body: Any, expected: Any
) -> None:
    answer = desk.ask("POST", f"/entity/{entity}", body)
    result = answer.json()
    assert (answer.status, result["id"], result["success"]) == (400, None, False)
    assert reasons(result) == expected
    assert all(error["message"].endswith(".") for error in result["errors"])
    assert desk.query(select("Id", entity))["Count"] == 0


def test_a_lookup_names_a_live_record_of_its_entity_and_never_itself(desk: Desk) -> None:
    account, contact = desk.create("Account", **ACME), desk.create("Contact", **ADA)
    for value in (contact, account[:-1], "x"):
        refusal = desk.refusal("PATCH", f"/entity/Contact/{contact}", {"AccountId": value})
        assert refusal == (400, [("INVALID_REFERENCE", "AccountId")])
    refusal = desk.refusal("PATCH", f"/entity/Account/{account}", {"ParentId": account})
    assert refusal == (400, [("INVALID_REFERENCE", "ParentId")])
    desk.data("PATCH", f"/entity/Contact/{contact}", {"AccountId": account})
    desk.data("DELETE", f"/entity/Account/{account}")
    refusal = desk.refusal("POST", "/entity/Contact", {**ADA, "AccountId": account})
    assert refusal == (400, [("INVALID_REFERENCE", "AccountId")])


def test_a_record_cannot_be_given_to_an_inactive_user_but_stays_with_one(desk: Desk) -> None:
    otto, mona = (
        desk.person.user(f"{n}@northfield.example") for n in ("otto.vance", "mona.keller")
    )
    refusal = desk.refusal("POST", "/entity/Account", {**ACME, "OwnerId": otto})
    assert refusal == (400, [("INVALID_REFERENCE", "OwnerId")])
    account = desk.create("Account", **ACME, OwnerId=mona)
    desk.person.edit("User", mona, IsActive=False)
    desk.data("PATCH", f"/entity/Account/{account}", {"Phone": "1", "OwnerId": mona})
    desk.sandbox.behaviour.change(inactive_owners=True)
    assert desk.create("Account", **ACME, OwnerId=otto)


def test_unique_values_are_taken_without_regard_to_case_until_their_record_is_deleted(
    desk: Desk,
) -> None:
    desk.link()
    first = desk.create("Account", **ACME, HubSpotId__c="A1")
    refusal = desk.refusal("POST", "/entity/Account", {**ACME, LINK: "a1"})
    assert refusal == (400, [("DUPLICATE_VALUE", LINK)])
    desk.data("PATCH", f"/entity/Account/{first}", {LINK: "a1"})
    assert [desk.create("Account", **ACME, HubSpotId__c=None) for _ in range(2)]
    desk.data("DELETE", f"/entity/Account/{first}")
    assert desk.create("Account", **ACME, HubSpotId__c="A1")


# ---------------------------------------------------------------- change


def test_a_patch_changes_what_it_names_and_always_the_instant(desk: Desk) -> None:
    account = desk.create("Account", **ACME, Phone="1")
    path = f"/entity/Account/{account}"
    desk.pass_seconds(1.5)
    result = desk.data("PATCH", path, {"Website": "acme.example"})
    assert result == {"id": account, "errors": [], "success": True}
    row = desk.read("Account", account)
    assert (row["Phone"], row["Website"], row["ModifiedOn"]) == (
        "1",
        "acme.example",
        "2026-11-20T09:00:01.5Z",
    )
    assert row["CreatedOn"] == "2026-11-20T09:00:00Z"
    desk.pass_seconds(1)
    desk.data("PATCH", path, {"Website": "acme.example"})
    assert desk.read("Account", account)["ModifiedOn"] == "2026-11-20T09:00:02.5Z"


def test_null_and_blank_text_clear_a_field(desk: Desk) -> None:
    account = desk.create("Account", **ACME, Phone="1", Website="a.b", NumberOfEmployees=4)
    cleared = {"Phone": None, "Website": "", "NumberOfEmployees": None}
    desk.data("PATCH", f"/entity/Account/{account}", cleared)
    row = desk.read("Account", account)
    assert [row[name] for name in cleared] == [None, None, None]
    refusal = desk.refusal("PATCH", f"/entity/Account/{account}", {"Name": None})
    assert refusal == (400, [("REQUIRED_FIELD_MISSING", "Name")])


def test_the_id_of_a_body_is_the_one_of_the_address(desk: Desk) -> None:
    one, two = (desk.create("Account", **ACME) for _ in range(2))
    assert desk.data("PATCH", f"/entity/Account/{one}", {"Id": one, "Phone": "1"})["id"] == one
    refusal = desk.refusal("PATCH", f"/entity/Account/{one}", {"Id": two})
    assert refusal == (400, [("INVALID_VALUE", "Id")])


def test_what_is_gone_answers_404_to_every_call(desk: Desk) -> None:
    account = desk.create("Account", **ACME)
    path = f"/entity/Account/{account}"
    assert desk.data("DELETE", path) == {"id": account, "errors": [], "success": True}
    assert desk.refusal("GET", path)[0] == 404
    for method in ("PATCH", "DELETE"):
        assert desk.refusal(method, path, {}) == (404, [("NOT_FOUND", "Id")])
    assert desk.refusal("GET", "/entity/Account/nothing")[0] == 404
    assert desk.query("SELECT Id FROM Account")["Count"] == 0


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "PUT", "DELETE"])
def test_an_entity_that_does_not_exist_is_named(desk: Desk, method: str) -> None:
    assert desk.refusal(method, "/entity/contact", {}) == (404, "Invalid entity: 'contact'")
