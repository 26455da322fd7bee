"""The sandbox's batch calls answer 200, 201, 204 and 207 as HubSpot does."""

from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.hubspot.sandbox_rig import CONTACTS, SandboxRig


def inputs(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"inputs": list(rows)}


def new(email: str, trace: str = "") -> dict[str, Any]:
    row: dict[str, Any] = {"properties": {"email": email}}
    return {**row, "objectWriteTraceId": trace} if trace else row


def test_a_batch_read_answers_207_and_names_what_is_missing(hub: SandboxRig) -> None:
    first, second = hub.contact(), hub.contact()
    body = {**inputs({"id": second}, {"id": "1"}, {"id": first}), "properties": ["phone"]}
    answer = hub.post(f"{CONTACTS}/batch/read", body, 207)
    assert [row["id"] for row in answer["results"]] == [first, second]
    assert answer["numErrors"] == 1
    error = answer["errors"][0]
    assert (error["category"], error["context"]) == ("OBJECT_NOT_FOUND", {"ids": ["1"]})


def test_a_batch_read_by_email_also_finds_an_additional_address(hub: SandboxRig) -> None:
    contact = hub.contact(email="ada@acme.example", hs_additional_emails="ada@home.example")
    body = {**inputs({"id": "ADA@home.example"}), "properties": ["email"], "idProperty": "email"}
    answer = hub.post(f"{CONTACTS}/batch/read", body)
    assert [row["id"] for row in answer["results"]] == [contact]


def test_one_conflict_without_trace_ids_rejects_the_whole_create(hub: SandboxRig) -> None:
    hub.contact(email="taken@acme.example")
    rows = inputs(new("a@acme.example"), new("taken@acme.example"))
    hub.post(f"{CONTACTS}/batch/create", rows, 409)
    assert len(hub.get(CONTACTS)["results"]) == 1
    assert hub.sandbox.webhooks.pending() == 0


def test_with_trace_ids_the_good_ones_are_created_and_the_bad_named(hub: SandboxRig) -> None:
    hub.contact(email="taken@acme.example")
    rows = inputs(
        new("a@acme.example", "t1"), new("taken@acme.example", "t2"), new("no address", "t3")
    )
    answer = hub.post(f"{CONTACTS}/batch/create", rows, 207)
    assert [row["objectWriteTraceId"] for row in answer["results"]] == ["t1"]
    traces = [error["context"]["objectWriteTraceId"] for error in answer["errors"]]
    assert traces == [["t2"], ["t3"]]
    assert answer["errors"][0]["category"] == "CONFLICT"


def test_two_inputs_of_one_create_may_not_share_an_email(hub: SandboxRig) -> None:
    rows = inputs(new("a@acme.example", "t1"), new("A@acme.example", "t2"))
    answer = hub.post(f"{CONTACTS}/batch/create", rows, 207)
    assert len(answer["results"]) == 1
    assert answer["errors"][0]["context"]["objectWriteTraceId"] == ["t2"]


def test_a_create_without_errors_is_201(hub: SandboxRig) -> None:
    answer = hub.post(f"{CONTACTS}/batch/create", inputs(new("a@acme.example")), 201)
    assert "errors" not in answer
    assert answer["status"] == "COMPLETE"


def test_an_update_names_unknown_ids_but_leaves_merged_ones_out_silently(
    hub: SandboxRig,
) -> None:
    kept, primary, other = hub.contact(), hub.contact(), hub.contact()
    hub.person.merge_contacts(primary, other)
    rows = [{"id": i, "properties": {"city": "Bonn"}} for i in (kept, primary, other)]
    answer = hub.post(f"{CONTACTS}/batch/update", inputs(*rows))
    assert [row["id"] for row in answer["results"]] == [kept]
    rows.append({"id": "1", "properties": {"city": "Bonn"}})
    answer = hub.post(f"{CONTACTS}/batch/update", inputs(*rows), 207)
    assert answer["errors"][0]["context"] == {"ids": ["1"]}


def test_an_update_reports_a_bad_value_under_its_id_and_trace(hub: SandboxRig) -> None:
    good, bad = hub.contact(), hub.contact()
    rows = [
        {"id": good, "objectWriteTraceId": "t1", "properties": {"city": "Bonn"}},
        {"id": bad, "objectWriteTraceId": "t2", "properties": {"email": "no address"}},
    ]
    answer = hub.post(f"{CONTACTS}/batch/update", inputs(*rows), 207)
    assert [row["id"] for row in answer["results"]] == [good]
    context = answer["errors"][0]["context"]
    assert context == {"objectWriteTraceId": ["t2"], "ids": [bad]}


def test_an_update_without_trace_ids_is_all_or_nothing(hub: SandboxRig) -> None:
    good, bad = hub.contact(), hub.contact()
    rows = [
        {"id": good, "properties": {"city": "Bonn"}},
        {"id": bad, "properties": {"email": "no address"}},
    ]
    hub.post(f"{CONTACTS}/batch/update", inputs(*rows), 400)
    assert hub.values(good, "city") == {"city": None}


def test_the_same_id_twice_in_one_update_is_refused(hub: SandboxRig) -> None:
    contact = hub.contact()
    row = {"id": contact, "properties": {"city": "Bonn"}}
    hub.post(f"{CONTACTS}/batch/update", inputs(row, row), 400)


def test_an_upsert_updates_what_exists_and_creates_the_rest(hub: SandboxRig) -> None:
    contact = hub.contact(email="a@acme.example")
    rows = [
        {"id": f"{name}@acme.example", "idProperty": "email", "properties": {"city": "Bonn"}}
        for name in "ab"
    ]
    answer = hub.post(f"{CONTACTS}/batch/upsert", inputs(*rows))
    assert [row["new"] for row in answer["results"]] == [False, True]
    assert answer["results"][0]["id"] == contact
    created = answer["results"][1]["id"]
    assert hub.values(created, "email", "city") == {"email": "b@acme.example", "city": "Bonn"}


def test_an_upsert_needs_a_unique_property(hub: SandboxRig) -> None:
    row = {"id": "Bonn", "idProperty": "city", "properties": {}}
    hub.post(f"{CONTACTS}/batch/upsert", inputs(row), 400)


def test_an_archive_ignores_unknown_ids(hub: SandboxRig) -> None:
    contact = hub.contact()
    hub.post(f"{CONTACTS}/batch/archive", inputs({"id": contact}, {"id": "1"}), 204)
    assert hub.get(CONTACTS)["results"] == []


@pytest.mark.parametrize("verb", ["read", "create", "update", "upsert", "archive"])
def test_a_batch_holds_at_most_100_inputs(hub: SandboxRig, verb: str) -> None:
    rows = [{"id": str(n), "idProperty": "email", "properties": {}} for n in range(101)]
    hub.post(f"{CONTACTS}/batch/{verb}", inputs(*rows), 400)


@pytest.mark.parametrize("body", [{}, {"inputs": []}, {"inputs": ["1"]}, {"inputs": [{}]}])
def test_a_batch_without_proper_inputs_is_refused(hub: SandboxRig, body: dict[str, Any]) -> None:
    hub.post(f"{CONTACTS}/batch/read", body, 400)


@pytest.mark.parametrize("behaviour", ["survivor", "missing"])
def test_batch_read_of_a_merged_id_follows_the_chosen_behaviour(
    hub: SandboxRig, behaviour: str
) -> None:
    hub.sandbox.behaviour.batch_read_merged = behaviour
    primary, other = hub.contact(), hub.contact()
    survivor = hub.person.merge_contacts(primary, other)
    body = {**inputs({"id": primary}, {"id": other}), "properties": []}
    answer = hub.call("POST", f"{CONTACTS}/batch/read", body)
    found = [row["id"] for row in answer.json()["results"]]
    if behaviour == "survivor":
        assert (answer.status_code, found) == (200, [survivor, survivor])
    else:
        assert (answer.status_code, found) == (207, [])
