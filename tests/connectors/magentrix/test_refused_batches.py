"""Answers about a whole batch: it is taken apart, and only the record concerned is refused."""

from __future__ import annotations

from integrations.engine.errors import Rejected
from integrations.engine.ports import UpdateItem
from tests.connectors.magentrix.rig import AccountRig, answers


def test_one_answer_for_all_of_them_is_asked_for_each(accounts: AccountRig) -> None:
    good, bad = accounts.fill(2)
    said = {"code": "INVALID_VALUE", "fieldName": "Phone", "message": "Bad"}
    answers(accounts, "/entity/Account$", {"id": None, "success": False, "errors": [said]}, 400)
    items = [UpdateItem("1", good, {"Phone": "1"}), UpdateItem("2", bad, {"Phone": "2"})]
    told = accounts.connector.update("Account", items)
    assert [outcome.error for outcome in told] == [None, None], "each is sent once more, alone"
    assert accounts.person.get("Account", good)["Phone"] == "1"


def test_a_firewalls_refusal_of_one_record_concerns_that_record(accounts: AccountRig) -> None:
    [made] = accounts.fill(1)
    answers(accounts, "/entity/Account$", "<html>Blocked</html>", 403)
    [told] = accounts.connector.update("Account", [UpdateItem("1", made, {"Phone": "1"})])
    assert isinstance(told.error, Rejected)
    assert "Something in between" in told.error.detail
