"""Batches: how many go in one call, and what becomes of each record when one goes wrong."""

from __future__ import annotations

import pytest

from integrations.connectors.magentrix import errors, writing
from integrations.connectors.magentrix.fields import JsonObject
from integrations.connectors.magentrix.sandbox import BatchFault
from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.errors import RateLimited, Rejected, VersionConflict
from integrations.engine.ports import CreateItem, UpdateItem
from integrations.engine.reasons import Reason
from tests.connectors.magentrix.rig import AccountRig, answers
from tests.rig import record_of


def kinds(outcomes: object) -> list[str]:
    assert isinstance(outcomes, list)
    return [type(outcome.error).__name__ for outcome in outcomes]


def test_a_hundred_new_records_are_one_write_and_two_reads(accounts: AccountRig) -> None:
    accounts.connector.create("Account", [accounts.good(999)])
    before = accounts.connector.calls
    accounts.fill(100)
    assert accounts.connector.calls == before + 3
    assert accounts.counted("PUT", "/entity/{entity}") == 2


def test_records_beyond_the_vendors_advice_go_in_several_calls(
    accounts: AccountRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(writing.MOST, "PUT", 40)
    assert len(accounts.fill(100)) == 100
    assert accounts.counted("PUT", "/entity/{entity}") == 3


def test_long_texts_are_cut_into_bodies_that_magentrix_takes(
    accounts: AccountRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "MOST_BYTES", 5000)
    accounts.sandbox.behaviour.max_body = 5000
    items = [CreateItem(str(n), {"Name": "A", "Description": "x" * 2000}, f"{n}") for n in range(5)]
    outcomes = accounts.connector.create("Account", items)
    assert all(outcome.record for outcome in outcomes)
    assert accounts.counted("PUT", "/entity/{entity}") == 3


def test_more_than_two_hundred_are_deleted_in_several_calls(accounts: AccountRig) -> None:
    made = list(accounts.fill(230))
    assert kinds(list(accounts.connector.archive("Account", made))) == ["NoneType"] * 230
    assert accounts.counted("DELETE", "/entity/{entity}") == 2
    assert accounts.stored() == {}


def test_items_that_fail_in_passing_are_tried_again_alone(accounts: AccountRig) -> None:
    accounts.sandbox.trouble.inject(BatchFault("Account", positions=(1,)))
    items = [accounts.good(number) for number in (1, 2, 3)]
    outcomes = list(accounts.connector.create("Account", items))
    assert kinds(outcomes) == ["NoneType", "VersionConflict", "NoneType"]
    error = outcomes[1].error
    assert isinstance(error, VersionConflict)
    assert error.reason is Reason.UNAVAILABLE
    again = accounts.connector.create("Account", [items[1]])
    assert record_of(again[0]).id in accounts.stored()


def test_a_batch_that_is_refused_as_a_whole_is_sent_record_by_record(accounts: AccountRig) -> None:
    answers(accounts, "/entity/Account$", {"message": "Bad batch", "success": False}, 400)
    outcomes = accounts.connector.create("Account", [accounts.good(n) for n in (1, 2, 3)])
    assert all(outcome.record for outcome in outcomes)
    assert accounts.counted("PUT", "/entity/{entity}") == 4


def refused(*entries: JsonObject) -> JsonObject:
    return {"id": None, "errors": list(entries), "success": False}


def test_a_batch_refused_by_one_error_for_all_is_sent_record_by_record(
    accounts: AccountRig,
) -> None:
    told = {"code": "INVALID_VALUE", "fieldName": "Phone", "message": "No phone"}
    answers(accounts, "/entity/Account$", refused(told), 400)
    outcomes = accounts.connector.create("Account", [accounts.good(n) for n in (1, 2, 3)])
    assert all(outcome.record for outcome in outcomes)
    assert accounts.counted("PUT", "/entity/{entity}") == 4


def test_one_error_for_one_record_is_that_records_whatever_the_status(accounts: AccountRig) -> None:
    told = {"code": "INVALID_VALUE", "fieldName": "Phone", "message": "No phone"}
    for status in (200, 400):
        answers(accounts, "/entity/Account$", refused(told), status)
        [outcome] = accounts.connector.create("Account", [accounts.good(1)])
        assert isinstance(outcome.error, Rejected)
        assert (outcome.error.fields, "No phone" in outcome.error.detail) == (("Phone",), True)


def test_one_answer_for_several_records_that_were_accepted_may_mean_anything(
    accounts: AccountRig,
) -> None:
    answers(accounts, "/entity/Account$", refused())
    outcomes = list(accounts.connector.create("Account", [accounts.good(n) for n in (1, 2)]))
    assert kinds(outcomes) == ["ReplyLost", "ReplyLost"]
    assert accounts.counted("PUT", "/entity/{entity}") == 1


def test_a_firewalls_page_concerns_the_record_that_it_stops(accounts: AccountRig) -> None:
    made = list(accounts.fill(3))
    page = Fault(FaultKind.HTML, "PATCH", "/entity/Account$", status=403)
    accounts.sandbox.faults.inject(page, 2)
    items = [UpdateItem(one, one, {"Phone": "1"}) for one in made]
    first, *others = accounts.connector.update("Account", items)
    assert type(first.error) is errors.Blocked
    assert "Something in between" in first.error.detail
    assert [record_of(each).get("Phone") for each in others] == ["1", "1"]


def test_after_an_error_of_the_whole_nothing_more_is_sent(
    accounts: AccountRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(writing.MOST, "PUT", 1)
    fault = Fault(FaultKind.LOST_REPLY, "PUT")
    accounts.sandbox.faults.inject(fault)
    outcomes = list(accounts.connector.create("Account", [accounts.good(n) for n in (1, 2)]))
    assert kinds(outcomes) == ["ReplyLost", "Unavailable"]
    accounts.sandbox.faults.inject(Fault(FaultKind.STATUS, "PUT", status=429))
    outcomes = list(accounts.connector.create("Account", [accounts.good(n) for n in (1, 2)]))
    assert [type(outcome.error) for outcome in outcomes] == [RateLimited, RateLimited]
    assert len(accounts.stored()) == 1
