"""Deletions: out of sight at once, twice is once, a lost answer is no answer."""

from __future__ import annotations

from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.errors import (
    Rejected,
    Unavailable,
)
from integrations.engine.ports import Outcome, UpdateItem
from integrations.engine.records import Value
from tests.connectors.magentrix.rig import (
    AccountRig,
    MagentrixRig,
    answers,
)
from tests.rig import record_of


def update(rig: MagentrixRig, record_id: str, **values: Value) -> Outcome:
    [outcome] = rig.connector.update(rig.object_type, [UpdateItem("1", record_id, values)])
    return outcome


def kinds(outcomes: object) -> list[str]:
    assert isinstance(outcomes, list)
    return [type(outcome.error).__name__ for outcome in outcomes]


def test_deleted_is_out_of_sight_and_twice_is_once(accounts: AccountRig) -> None:
    made = list(accounts.fill(2))
    for _ in range(2):
        outcomes = accounts.connector.archive("Account", [*made, "NEVER", 'x"'])
        assert [record_of(outcome).archived for outcome in outcomes] == [True] * 4
    assert len(accounts.person.deleted("Account")) == 2


def test_a_refusal_to_delete_what_is_gone_counts_as_done_whatever_its_words(
    accounts: AccountRig,
) -> None:
    gone, stays = accounts.fill(2)
    accounts.person.delete("Account", gone)
    told = {"code": None, "fieldName": None, "message": "The record does not exist."}
    refusal = {"id": None, "errors": [told], "success": False}
    answers(accounts, "/entity/Account$", [refusal, refusal])
    first, second = accounts.connector.archive("Account", [gone, stays])
    assert record_of(first).archived
    assert type(second.error) is Rejected


def test_a_refusal_stands_where_nobody_can_tell_whether_the_record_is_there(
    accounts: AccountRig,
) -> None:
    [made] = accounts.fill(1)
    accounts.person.add_rule("Account", message="Never delete accounts.", on="delete")
    accounts.sandbox.faults.inject(Fault(FaultKind.STATUS, path="/query$", status=500), 3)
    [outcome] = accounts.connector.archive("Account", [made])
    assert type(outcome.error) is Rejected
    assert "Never delete accounts." in outcome.error.detail


def test_a_deletion_with_a_lost_answer_may_have_happened(accounts: AccountRig) -> None:
    made = list(accounts.fill(2))
    accounts.sandbox.faults.inject(Fault(FaultKind.LOST_REPLY, "DELETE"))
    assert kinds(list(accounts.connector.archive("Account", made))) == ["ReplyLost"] * 2


def test_a_rule_against_deleting_is_told(accounts: AccountRig) -> None:
    made = list(accounts.fill(2))
    accounts.person.add_rule("Account", message="Never delete accounts.", on="delete")
    outcomes = accounts.connector.archive("Account", made)
    assert {type(outcome.error) for outcome in outcomes} == {Rejected}
    assert not isinstance(outcomes[0].error, Unavailable)
    assert set(accounts.stored()) == set(made)
