"""Records of the Magentrix stand-in: create, change, upsert, delete, one by one and in batches."""

from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.magentrix.sandbox_rig import Desk, reasons, select

ACME = {"Name": "Acme"}
ADA = {"FirstName": "Ada", "LastName": "Byron"}
DEAL = {"Name": "Anvils", "Stage": "Proposal"}
LINK = "HubSpotId__c"


def linked(desk: Desk, entity: str = "Account") -> None:
    """Give an entity the unique link field, as the portal asks an administrator to."""
    desk.person.add_field(entity, Name=LINK, FieldType="Text", Length=50, IsUnique=True)


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
    linked(desk)
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


# ---------------------------------------------------------------- upsert


def test_an_upsert_creates_once_and_then_changes(desk: Desk) -> None:
    linked(desk)
    path, body = f"/entity/Account?uniqueField={LINK}", {**ACME, LINK: "77"}
    first = desk.data("PUT", path, body)
    desk.pass_seconds(1)
    again = desk.data("PUT", path, {LINK: "77", "Phone": "1"})
    assert first["id"] == again["id"]
    row = desk.read("Account", first["id"])
    assert (row["Name"], row["Phone"], row["ModifiedOn"]) == ("Acme", "1", "2026-11-20T09:00:01Z")


@pytest.mark.parametrize("key", [{}, {LINK: ""}, {LINK: None}])
def test_an_upsert_without_a_key_creates_each_time(desk: Desk, key: Any) -> None:
    linked(desk)
    path = f"/entity/Account?uniqueField={LINK}"
    ids = {desk.data("PUT", path, ACME | key)["id"] for _ in range(2)}
    assert len(ids) == 2


def test_an_upsert_by_id_is_the_default_and_an_unknown_id_is_a_new_record(desk: Desk) -> None:
    account = desk.create("Account", **ACME)
    assert desk.data("PUT", "/entity/Account", {"Id": account, "Phone": "1"})["id"] == account
    other = desk.data("PUT", "/entity/Account", {"Id": "nothing", **ACME})["id"]
    assert other not in (account, "nothing")


@pytest.mark.parametrize("name", ["Name", "Nothing__c", LINK, "username"])
def test_an_upsert_needs_a_field_that_is_flagged_as_unique(desk: Desk, name: str) -> None:
    status, message = desk.refusal("PUT", f"/entity/Account?uniqueField={name}", ACME)
    assert (status, message) == (400, f"'{name}' is not a unique field of Account.")


def test_an_upsert_that_finds_several_fails(desk: Desk) -> None:
    for _ in range(2):
        desk.create("Contact", **ADA, Email="ada@acme.example")
    desk.person.change_field("Contact", "Email", unique=True)
    path, body = "/entity/Contact?uniqueField=Email", {**ADA, "Email": "ada@acme.example"}
    assert desk.refusal("PUT", path, body) == (400, [("DUPLICATE_VALUE", "Email")])


def test_a_deleted_record_is_not_found_by_an_upsert(desk: Desk) -> None:
    linked(desk)
    path, body = f"/entity/Account?uniqueField={LINK}", {**ACME, LINK: "77"}
    first = desk.data("PUT", path, body)["id"]
    desk.data("DELETE", f"/entity/Account/{first}")
    assert desk.data("PUT", path, body)["id"] != first


# ---------------------------------------------------------------- batches


def test_each_record_of_a_batch_succeeds_or_fails_for_itself(desk: Desk) -> None:
    answer = desk.ask("POST", "/entity/Account", [ACME, {}, "Acme", {"Name": "B"}])
    results = answer.json()
    assert answer.status == 201
    assert [result["success"] for result in results] == [True, False, False, True]
    assert reasons(results[1]) == [("REQUIRED_FIELD_MISSING", "Name")]
    assert reasons(results[2]) == [("INVALID_VALUE", None)]
    assert desk.column("SELECT Name FROM Account ORDER BY Id") == ["Acme", "B"]


def test_a_batch_of_changes_names_its_records_by_id(desk: Desk) -> None:
    one, two = (desk.create("Account", **ACME) for _ in range(2))
    body = [{"Id": one, "Phone": "1"}, {"Id": "x", "Phone": "2"}, {"Phone": "3"}, {"Id": two}]
    answer = desk.ask("PATCH", "/entity/Account", body)
    assert answer.status == 200
    assert [reasons(result) for result in answer.json()] == [
        [],
        [("NOT_FOUND", "Id")],
        [("REQUIRED_FIELD_MISSING", "Id")],
        [],
    ]
    assert desk.read("Account", one)["Phone"] == "1"
    assert desk.refusal("PATCH", f"/entity/Account/{one}", [{}]) == (400, "One record is expected.")


def test_the_same_key_twice_in_a_batch_is_one_record(desk: Desk) -> None:
    linked(desk)
    rows = [{**ACME, LINK: "1"}, {**ACME, LINK: "2"}, {"Phone": "5", LINK: "1"}]
    first, second, third = desk.data("PUT", f"/entity/Account?uniqueField={LINK}", rows)
    assert first["id"] == third["id"] != second["id"]


def test_a_batch_of_deletions_takes_ids_and_answers_one_by_one(desk: Desk) -> None:
    one, two = (desk.create("Account", **ACME) for _ in range(2))
    results = desk.data("DELETE", "/entity/Account", [one, "x", two, one])
    assert [result["success"] for result in results] == [True, False, True, False]
    assert desk.query("SELECT Id FROM Account")["Count"] == 0


@pytest.mark.parametrize("body", [{}, "x", [1], [{"Id": "x"}]])
def test_deletions_take_nothing_but_an_array_of_ids(desk: Desk, body: Any) -> None:
    assert desk.refusal("DELETE", "/entity/Account", body) == (400, "An array of ids is expected.")


def test_a_batch_has_its_limits(desk: Desk) -> None:
    assert desk.ask("DELETE", "/entity/Account", ["x"] * 200).status == 200
    assert desk.refusal("DELETE", "/entity/Account", ["x"] * 201)[0] == 400
    rows = [{"Name": "Acme", "Description": "x" * 3900}] * 5400
    for method in ("POST", "PATCH", "PUT"):
        status, message = desk.refusal(method, "/entity/Account", rows)
        assert (status, message) == (400, "At most 20971520 bytes can be sent in one call.")
    assert desk.data("POST", "/entity/Account", []) == []


def test_a_body_that_is_no_json_is_refused(desk: Desk) -> None:
    for method in ("POST", "PATCH", "PUT", "DELETE"):
        answer = desk.ask(method, "/entity/Account", raw="{")
        assert (answer.status, answer.json()["message"]) == (400, "The body is not valid JSON.")


def test_filters_of_a_list_are_ignored(desk: Desk) -> None:
    desk.create("Account", **ACME)
    assert desk.data("GET", "/entity/Account?Name=Other")["Count"] == 1
