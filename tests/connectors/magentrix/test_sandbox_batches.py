"""Upserts and batches of the Magentrix stand-in: one record per key, one result per item."""

from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.magentrix.sandbox_rig import LINK, Desk, reasons

ACME = {"Name": "Acme"}
ADA = {"FirstName": "Ada", "LastName": "Byron"}


# ---------------------------------------------------------------- upsert


def test_an_upsert_creates_once_and_then_changes(desk: Desk) -> None:
    desk.link()
    path, body = f"/entity/Account?uniqueField={LINK}", {**ACME, LINK: "77"}
    first = desk.data("PUT", path, body)
    desk.pass_seconds(1)
    again = desk.data("PUT", path, {LINK: "77", "Phone": "1"})
    assert first["id"] == again["id"]
    row = desk.read("Account", first["id"])
    assert (row["Name"], row["Phone"], row["ModifiedOn"]) == ("Acme", "1", "2026-11-20T09:00:01Z")


@pytest.mark.parametrize("key", [{}, {LINK: ""}, {LINK: None}])
def test_an_upsert_without_a_key_creates_each_time(desk: Desk, key: Any) -> None:
    desk.link()
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
    desk.link()
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
    desk.link()
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
