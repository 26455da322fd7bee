"""What can be made to go wrong in the Magentrix stand-in."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from integrations.connectors.magentrix.sandbox import BatchFault
from integrations.connectors.sandbox_kit import Fault, FaultKind
from tests.connectors.magentrix.sandbox_rig import Desk, reasons

RULE = [("VALIDATION_RULE", "Website")]


def test_a_rule_refuses_the_records_whose_field_holds_a_text(desk: Desk) -> None:
    desk.person.add_rule("Account", "Website", "banned", message="Not this one.")
    account = desk.create("Account", Name="Acme", Website="fine.example")
    path, banned = f"/entity/Account/{account}", {"Website": "banned.example"}
    answer = desk.ask("PATCH", path, banned)
    assert (answer.status, reasons(answer.json())) == (400, RULE)
    assert answer.json()["errors"][0]["message"] == "Not this one."
    assert desk.refusal("POST", "/entity/Account", {"Name": "B", **banned}) == (400, RULE)
    assert desk.read("Account", account)["Website"] == "fine.example"
    assert desk.create("Contact", LastName="banned")
    desk.sandbox.trouble.clear()
    desk.data("PATCH", path, banned)


def test_a_rule_binds_a_record_that_meets_it_whatever_is_changed(desk: Desk) -> None:
    account = desk.create("Account", Name="Acme", Website="banned.example")
    desk.person.add_rule("Account", "Website", "banned")
    refusal = desk.refusal("PATCH", f"/entity/Account/{account}", {"Phone": "1"})
    assert refusal == (400, RULE)


def test_a_rule_may_refuse_every_write_of_a_field_or_of_an_entity(desk: Desk) -> None:
    account = desk.create("Account", Name="Acme")
    desk.person.add_rule("Account", "Website")
    path = f"/entity/Account/{account}"
    assert desk.refusal("PATCH", path, {"Website": None}) == (400, RULE)
    desk.data("PATCH", path, {"Phone": "1"})
    desk.person.add_rule("Contact")
    refusal = desk.refusal("POST", "/entity/Contact", {"LastName": "Byron"})
    assert refusal == (400, [("VALIDATION_RULE", None)])


def test_a_rule_may_refuse_a_deletion(desk: Desk) -> None:
    one, two = (desk.create("Account", Name=name) for name in ("Keep", "Drop"))
    desk.person.add_rule("Account", "Name", "Keep", on="delete")
    results = desk.data("DELETE", "/entity/Account", [one, two])
    assert [reasons(result) for result in results] == [[("VALIDATION_RULE", "Name")], []]
    desk.data("PATCH", f"/entity/Account/{one}", {"Phone": "1"})


@pytest.mark.parametrize(
    ("fault", "failed"),
    [
        (BatchFault(), [1, 3]),
        (BatchFault(entity="Account", method="POST", positions=(0, 2)), [0, 2]),
        (BatchFault(entity="Contact"), []),
        (BatchFault(method="PATCH"), []),
    ],
)
def test_a_batch_can_fail_in_part(desk: Desk, fault: BatchFault, failed: list[int]) -> None:
    desk.sandbox.trouble.inject(fault)
    bodies = [{"Name": f"N{n}"} for n in range(4)]
    results = desk.data("POST", "/entity/Account", bodies)
    assert [n for n, result in enumerate(results) if not result["success"]] == failed
    assert desk.query("SELECT Id FROM Account")["Count"] == 4 - len(failed)


def test_a_batch_fault_is_used_up_by_batches_alone(desk: Desk) -> None:
    desk.sandbox.trouble.inject(BatchFault(code="LOCKED", message="Busy."), times=2)
    desk.create("Account", Name="Alone")
    counts = []
    for _ in range(3):
        results = desk.data("POST", "/entity/Account", [{"Name": "A"}, {"Name": "B"}])
        counts.append(sum(result["success"] for result in results))
    assert counts == [1, 1, 2]


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_a_call_can_be_answered_with_any_status(desk: Desk, status: int) -> None:
    order = {"kind": "status", "status": status, "path": "/query$"}
    if status == 429:
        order["headers"] = {"Retry-After": "7"}
    desk.data("POST", "/sandbox/faults", order)
    assert desk.data("GET", "/entity")
    answer = desk.ask("POST", "/query", raw="FROM User")
    assert answer.status == status
    assert answer.json() == {"message": f"Injected: {status}.", "success": False}
    assert answer.headers.get("Retry-After") == ("7" if status == 429 else None)
    assert desk.query("FROM User")["Count"] == 6


def test_an_answer_can_be_lost_after_the_work_was_done(desk: Desk) -> None:
    desk.sandbox.faults.inject(Fault(FaultKind.LOST_REPLY, "POST", "/entity/Account$"))
    with pytest.raises(requests.ReadTimeout):
        desk.ask("POST", "/entity/Account", {"Name": "Acme"})
    assert desk.column("SELECT Name FROM Account") == ["Acme"]


def test_a_call_can_time_out_before_anything_was_done_or_be_slow(desk: Desk) -> None:
    faults: list[dict[str, Any]] = [{"kind": "timeout"}, {"kind": "delay", "delay": 0.01}]
    for fault in faults:
        desk.data("POST", "/sandbox/faults", {**fault, "method": "POST"})
    with pytest.raises(requests.ConnectTimeout):
        desk.ask("POST", "/entity/Account", {"Name": "Acme"})
    assert desk.create("Account", Name="Birch")
    assert desk.column("SELECT Name FROM Account") == ["Birch"]
