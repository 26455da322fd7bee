"""The back door of the Magentrix stand-in, and that its state outlives a restart."""

from __future__ import annotations

import json
from typing import Any

import pytest

from integrations.connectors.hubspot.sandbox import numbered
from integrations.connectors.magentrix.sandbox import DEMO_KEY, MagentrixSandbox
from tests.connectors.magentrix.sandbox_rig import LINK, Desk


def back(desk: Desk, method: str, path: str, body: Any = None) -> Any:
    return desk.data(method, f"/sandbox/{path}", body)


def test_records_are_made_changed_deleted_and_restored(desk: Desk) -> None:
    made = back(desk, "POST", "Account", {"Name": "Acme"})["id"]
    assert back(desk, "PUT", f"Account/{made}", {"Phone": "1"})["Phone"] == "1"
    assert back(desk, "GET", f"Account/{made}") == desk.read("Account", made)
    back(desk, "DELETE", f"Account/{made}")
    assert back(desk, "GET", "Account") == {"Account": []}
    [gone] = back(desk, "GET", "Account?deleted=true")["Account"]
    assert (gone["Id"], gone["IsDeleted"]) == (made, True)
    assert back(desk, "POST", f"Account/{made}/restore")["IsDeleted"] is False


def test_many_records_match_those_of_hubspots_stand_in(desk: Desk) -> None:
    for kind in ("Account", "Contact", "Opportunity", "User"):
        made = back(desk, "POST", f"{kind}/bulk", {"count": 3, "prefix": "load"})["ids"]
        assert made == [row["Id"] for row in back(desk, "GET", kind)[kind]][-3:]
    ours = {(row["FirstName"], row["LastName"], row["Email"]) for row in desk.person.all("Contact")}
    theirs = numbered("contacts", 3, "load")
    assert ours == {(row["firstname"], row["lastname"], row["email"]) for row in theirs}
    shared = {"count": 1, "values": {"Type": "Partner"}}
    [account] = back(desk, "POST", "Account/bulk", shared)["ids"]
    assert desk.read("Account", account)["Type"] == "Partner"


def test_fields_are_made_changed_and_deleted_without_the_set_up_calls(desk: Desk) -> None:
    back(desk, "POST", "settings", {"setup_api": False})
    back(desk, "POST", "Account/fields", {"Name": LINK, "FieldType": "Text"})
    assert back(desk, "PUT", f"Account/fields/{LINK}", {"unique": True})["IsUnique"] is True
    values = back(desk, "POST", "Account/fields/Industry/values", {"Value": "LAW"})["values"]
    assert values[-1]["Value"] == values[-1]["Label"] == "LAW"
    back(desk, "DELETE", f"Account/fields/{LINK}")
    assert LINK not in desk.sandbox.portal.entities["Account"].fields


def test_switches_are_shown_and_changed(desk: Desk) -> None:
    assert back(desk, "GET", "settings")["token_ttl"] == 14_400
    assert back(desk, "POST", "settings", {"token_ttl": 60})["token_ttl"] == 60
    assert desk.sandbox.behaviour.token_ttl == 60


def test_keys_and_tokens_are_ended_and_the_clock_is_moved(desk: Desk) -> None:
    back(desk, "POST", "tokens/expire")
    assert desk.ask("GET", "/entity").status == 401
    back(desk, "POST", "keys/revoke", {"fresh": "second"})
    assert desk.sign_in().status == 403
    assert desk.sign_in(refresh_token="second").status == 200
    moved = back(desk, "POST", "clock", {"seconds": 3600})
    assert moved == {"now": "2026-11-20T10:00:00+00:00"}
    back(desk, "POST", "keys/revoke", {"key": "second"})
    assert desk.sandbox.portal.keys == {}


def test_rules_and_batch_faults_are_set_and_cleared(desk: Desk) -> None:
    rule = {"entity": "Account", "field": "Name", "contains": "x", "message": "No.", "on": "write"}
    back(desk, "POST", "rules", rule)
    assert back(desk, "GET", "rules") == {"rules": [rule]}
    assert desk.refusal("POST", "/entity/Account", {"Name": "x"})[0] == 400
    back(desk, "POST", "rules/clear")
    back(desk, "POST", "faults/batch", {"entity": "Account", "positions": [0], "times": 1})
    results = desk.data("POST", "/entity/Account", [{"Name": "x"}, {"Name": "y"}])
    assert [result["success"] for result in results] == [False, True]


def test_calls_are_counted_by_family_and_tools_are_not(desk: Desk) -> None:
    desk.create("Account", Name="Acme")
    desk.create("Account", Name="Birch")
    counted = back(desk, "GET", "counters")
    assert counted == {"POST /api/3.0/token": 1, "POST /api/3.0/entity/{entity}": 2}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "Account", {"Name": ""}),
        ("POST", "Account", {"Nothing": 1}),
        ("POST", "Account/bulk", {}),
        ("POST", "Account/fields/Industry/values", {}),
        ("PUT", "Account/fields/Name", {"nothing": True}),
        ("POST", "settings", {"nothing": 1}),
        ("POST", "settings", {"token_ttl": "soon"}),
        ("POST", "settings", {"deleted_children": "burn"}),
        ("POST", "settings", {"session_shape": "cookie"}),
        ("POST", "rules", {"nothing": 1}),
        ("POST", "faults", {"kind": "earthquake"}),
        ("POST", "faults/batch", {"nothing": 1}),
        ("POST", "clock", {}),
    ],
)
def test_a_wrong_order_is_refused_and_changes_nothing(
    desk: Desk, method: str, path: str, body: Any
) -> None:
    before = desk.sandbox.dump()
    assert desk.ask(method, f"/sandbox/{path}", body).status == 400
    assert desk.sandbox.dump() == before


# ---------------------------------------------------------------- state


def lived_in(desk: Desk) -> Desk:
    desk.link()
    account = desk.create("Account", Name="Acme", HubSpotId__c="7")
    desk.create("Contact", LastName="Byron", AccountId=account)
    desk.person.delete("Account", desk.create("Account", Name="Gone"))
    desk.person.add_rule("Account", "Name", "banned")
    desk.person.hide("Opportunity")
    desk.sandbox.behaviour.change(deleted_children="clear")
    desk.sandbox.advance(60)
    return desk


def test_everything_outlives_a_restart(desk: Desk) -> None:
    state = json.loads(json.dumps(lived_in(desk).sandbox.dump()))
    again = Desk()
    again.token = desk.token
    again.sandbox.load(state)
    assert again.sandbox.dump() == state
    assert again.person.all("Contact") == desk.person.all("Contact")
    assert again.refusal("POST", "/entity/Account", {"Name": "B", LINK: "7"})[0] == 400
    assert again.refusal("POST", "/entity/Account", {"Name": "banned"})[0] == 400
    [gone] = again.person.deleted("Account")
    again.person.restore("Account", gone["Id"])
    assert again.create("Account", Name="New") > gone["Id"]


def test_a_reset_leaves_the_first_users_alone_and_keeps_the_switches(desk: Desk) -> None:
    lived_in(desk)
    back(desk, "POST", "reset")
    fresh = MagentrixSandbox(lambda: desk.now)
    assert desk.sandbox.portal.keys.keys() == {DEMO_KEY}
    assert len(desk.person.all("User")) == len(fresh.person().all("User")) == 6
    assert desk.person.all("Account") == []
    assert LINK not in desk.sandbox.portal.entities["Account"].fields
    assert desk.sandbox.trouble.rules == []
    assert desk.sandbox.behaviour.deleted_children == "clear"
    assert desk.ask("GET", "/entity").status == 401
