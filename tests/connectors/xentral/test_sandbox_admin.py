"""The stand-in's free fields, webhooks, back door, and what outlives a restart."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from integrations.connectors.hubspot.sandbox import numbered
from integrations.connectors.xentral.sandbox.free_fields import PATH as FREE_FIELDS
from integrations.connectors.xentral.sandbox.webhooks import PATH as WEBHOOKS
from integrations.connectors.xentral.sandbox.webhooks import RELEASED
from tests.connectors.xentral.sandbox_rig import ADDRESSES, DEAL, RESUBMISSIONS, Desk
from tests.connectors.xentral.test_sandbox_customers import refused

KEY = "0123456789abcdefghijÜ"
HOOK = {
    "name": "Portal",
    "url": "https://portal.example/x",
    "signatureKey": KEY,
    "events": [{"id": RELEASED}],
}
OPTIONS = [{"label": "Neu", "value": "NEW"}]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def back(desk: Desk, method: str, path: str, body: Any = None) -> Any:
    return desk.ask(method, f"/sandbox/{path}", body, token="").json()


# ---------------------------------------------------------------- free fields


def test_a_new_free_field_takes_the_first_number_that_is_free(desk: Desk) -> None:
    assert desk.data("GET", FREE_FIELDS) == []
    desk.person.add_free_field("Kundenklasse", number=1)
    desk.person.add_free_field("Währung", number=3)
    body = {"name": "Lead-Status", "type": "select", "allowedValues": OPTIONS}
    answer = desk.ask("POST", FREE_FIELDS, body)
    assert (answer.status, answer.headers["Location"]) == (201, f"{FREE_FIELDS}/2")
    rows = desk.data("GET", FREE_FIELDS)
    assert [row["id"] for row in rows] == ["1", "2", "3"]
    assert rows[1] == {"id": "2", **body}


def test_there_are_twenty_free_fields(desk: Desk) -> None:
    body = {"name": "Feld", "type": "single_line"}
    assert {desk.ask("POST", FREE_FIELDS, body).status for _ in range(20)} == {201}
    assert refused(desk, "POST", FREE_FIELDS, body)[0] == 409
    page = {"page[number]": 2, "page[size]": 10}
    assert len(desk.data("GET", FREE_FIELDS, **page)) == 10


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["name", "type"]),
        ({"name": "A", "type": "number"}, ["type"]),
        ({"name": "A", "type": "select"}, ["allowedValues"]),
        ({"name": "A", "type": "select", "allowedValues": ["NEW"]}, ["allowedValues"]),
        ({"name": "A", "type": "select", "allowedValues": [{"value": "x"}]}, ["allowedValues"]),
    ],
)
def test_a_wrong_free_field_is_refused(desk: Desk, body: Any, fields: list[str]) -> None:
    assert refused(desk, "POST", FREE_FIELDS, body) == (400, fields)


# ---------------------------------------------------------------- webhooks


def test_a_released_order_is_told_with_a_signature_over_body_and_time(desk: Desk) -> None:
    assert desk.ask("POST", WEBHOOKS, HOOK).headers["Location"] == f"{WEBHOOKS}/1"
    order = desk.person.release_order(str(desk.address()))
    (delivery,) = desk.sandbox.take_deliveries()
    assert delivery.url == HOOK["url"]
    assert json.loads(delivery.body) == {
        "type": RELEASED,
        "body": {
            "salesOrderId": int(order),
            "project": {"id": 1},
            "updatedAt": "2026-11-20T09:00:00Z",
        },
    }
    stamp = delivery.headers["xentral-request-timestamp"]
    assert int(stamp) == desk.now.timestamp()
    wanted = hmac.new(KEY.encode(), delivery.body + stamp.encode(), hashlib.sha256).hexdigest()
    assert delivery.headers["xentral-signature"] == wanted
    desk.sandbox.delivery_result(delivery.id, ok=False)
    assert desk.sandbox.take_deliveries() == []
    assert back(desk, "GET", "events") == {"waiting": 0, "delivered": 0, "failed": 1}


def test_one_action_may_be_told_several_times(desk: Desk) -> None:
    desk.sandbox.change(event_duplicates=2)
    desk.ask("POST", WEBHOOKS, HOOK)
    desk.person.release_order(str(desk.address()))
    assert len({one.id for one in desk.sandbox.take_deliveries()}) == 3


def test_nothing_is_told_of_addresses_and_resubmissions(desk: Desk) -> None:
    desk.ask("POST", WEBHOOKS, HOOK)
    desk.person.move(desk.person.create("resubmissions", **DEAL), "2")
    desk.person.edit("addresses", str(desk.address()), ort="Bonn")
    assert desk.sandbox.take_deliveries() == []


def test_a_subscription_is_read_changed_and_ended(desk: Desk) -> None:
    desk.ask("POST", WEBHOOKS, HOOK)
    shown = {"id": "1", **{name: HOOK[name] for name in ("name", "url", "events")}}
    assert desk.data("GET", f"{WEBHOOKS}/1") == shown
    assert desk.data("GET", WEBHOOKS) == [shown]
    assert desk.ask("PATCH", f"{WEBHOOKS}/1", {"name": "Neu"}).status == 204
    assert desk.data("GET", f"{WEBHOOKS}/1")["name"] == "Neu"
    assert refused(desk, "PATCH", f"{WEBHOOKS}/1", {"url": "ftp://x"}) == (400, ["url"])
    assert desk.ask("DELETE", f"{WEBHOOKS}/1").status == 204
    assert refused(desk, "GET", f"{WEBHOOKS}/1")[0] == 404
    assert desk.data("GET", "/api/v1/webhookEventTypes") == [{"id": RELEASED}]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", ""),
        ("name", "x" * 101),
        ("url", "http://portal.example/x"),
        ("url", "https://" + "x" * 255),
        ("signatureKey", "short"),
        ("signatureKey", "x" * 256),
        ("events", []),
        ("events", [{"id": "com.xentral.customer.updated.v1"}]),
    ],
)
def test_a_wrong_subscription_is_refused(desk: Desk, name: str, value: Any) -> None:
    assert refused(desk, "POST", WEBHOOKS, {**HOOK, name: value}) == (400, [name])


# ---------------------------------------------------------------- the back door


def test_records_are_made_changed_moved_and_deleted_as_a_person_does(desk: Desk) -> None:
    made = back(desk, "POST", "addresses", {"name": "Bär", "typ": "frau"})["id"]
    assert back(desk, "PUT", f"addresses/{made}", {"ort": "Köln"})["ort"] == "Köln"
    deal = back(desk, "POST", "resubmissions", DEAL)["id"]
    assert back(desk, "POST", f"resubmissions/{deal}/stage", {"stage": 2})["stages"] == 2
    assert [row["to"] for row in back(desk, "GET", f"resubmissions/{deal}/moves")["moves"]] == [2]
    group = back(desk, "POST", "groups", {"name": "Hubspot", "code": "HUBSPOT"})["id"]
    assert back(desk, "POST", f"addresses/{made}/groups/{group}") == {"ok": True}
    assert back(desk, "GET", f"addresses/{made}/groups") == {"groups": [group]}
    back(desk, "DELETE", f"addresses/{made}/groups/{group}")
    assert back(desk, "GET", f"addresses/{made}/groups") == {"groups": []}
    for kind, row_id in (("addresses", made), ("resubmissions", deal)):
        assert len(back(desk, "GET", kind)[kind]) == 1
        assert back(desk, "DELETE", f"{kind}/{row_id}") == {"ok": True}
        assert back(desk, "GET", kind) == {kind: []}
        assert back(desk, "GET", f"{kind}/{row_id}")["error"]["code"] == 7452


def test_the_house_is_furnished(desk: Desk) -> None:
    view = back(desk, "POST", "views", {"name": "Hubspot"})["id"]
    stage = back(desk, "POST", "stages", {"view": view, "name": "Gewonnen", "chance": 100})["id"]
    back(desk, "POST", "groups", {"name": "Süd", "code": "SUED", "kind": "verband"})
    back(desk, "POST", "fields", {"name": "Lead-Status", "type": "single_line"})
    employee = back(desk, "POST", "employees", {"name": "Jörg", "email": "j@f.example"})["id"]
    back(desk, "POST", "orders", {"customer": employee})
    assert back(desk, "GET", "views")["views"][-1]["name"] == "Hubspot"
    assert str(back(desk, "GET", "stages")["stages"][-1]["id"]) == stage
    assert back(desk, "GET", "groups")["groups"][0]["art"] == "verband"
    assert back(desk, "GET", "fields")["fields"][0]["name"] == "Lead-Status"


def test_many_records_are_made_at_once_and_match_those_of_hubspots_sandbox(desk: Desk) -> None:
    asked = {"count": 3, "prefix": "firm", "values": {"lead": 1}}
    made = back(desk, "POST", "addresses/bulk", asked)["ids"]
    rows = desk.person.all("addresses")
    assert [str(row["id"]) for row in rows] == made
    theirs = [row["email"] for row in numbered("contacts", 3, "firm")]
    assert [row["email"] for row in rows] == theirs
    assert {row["lead"] for row in rows} == {1}
    back(desk, "POST", "resubmissions/bulk", {"count": 2})
    names = [row["dealname"] for row in numbered("deals", 2, "bulk")]
    assert [row["bezeichnung"] for row in desk.person.all("resubmissions")] == names


def test_calls_are_counted_but_not_these(desk: Desk) -> None:
    desk.address()
    assert back(desk, "GET", "counters") == {"POST /api/v1/adressen": 1}


def test_switches_are_shown_changed_and_checked(desk: Desk) -> None:
    assert back(desk, "GET", "settings")["stage_addon"] is True
    assert back(desk, "POST", "settings", {"rate_limit": 100})["rate_limit"] == 100
    for wrong in ({"weather": 1}, {"rate_limit": "many"}):
        assert back(desk, "POST", "settings", wrong)["error"]["http_code"] == 400


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("groups", {"name": "x"}),
        ("views", {}),
        ("stages", {"view": 9, "name": "x"}),
        ("stages", {"name": "x"}),
        ("resubmissions/1/stage", {}),
        ("addresses/9/groups/1", {}),
        ("addresses/bulk", {"count": "many"}),
        ("faults", {"kind": "weather"}),
        ("orders", {"customer": 9}),
        ("accounts", {}),
    ],
)
def test_a_wrong_request_is_refused(desk: Desk, path: str, body: Any) -> None:
    assert desk.ask("POST", f"/sandbox/{path}", body).status in (400, 404)


def test_faults_hit_the_api_and_never_the_back_door(desk: Desk) -> None:
    back(desk, "POST", "faults", {"kind": "status", "status": 500, "times": 5})
    assert back(desk, "GET", "addresses") == {"addresses": []}
    assert desk.ask("GET", ADDRESSES).status == 500
    back(desk, "POST", "faults/clear")
    assert desk.data("GET", ADDRESSES) == []


def test_ways_in_are_changed(desk: Desk) -> None:
    back(desk, "POST", "accounts", {"app": "Reader", "key": "k", "permissions": []})
    assert desk.sandbox.instance.accounts["Reader"].permissions == []
    back(desk, "POST", "tokens/revoke", {"fresh": "fresh"})
    assert desk.ask("GET", ADDRESSES).status == 401
    assert desk.ask("GET", ADDRESSES, token="fresh").status == 200


def test_everything_outlives_a_restart(desk: Desk) -> None:
    made = str(desk.address())
    desk.person.join(made, desk.person.add_group("Hubspot", "HUBSPOT"))
    desk.person.move(desk.person.create("resubmissions", **DEAL), "2")
    desk.person.add_free_field("Lead-Status")
    desk.ask("POST", WEBHOOKS, HOOK)
    desk.sandbox.change(v3_beta=True)
    state = json.loads(json.dumps(desk.sandbox.dump()))
    again = Desk()
    again.sandbox.load(state)
    assert json.loads(json.dumps(again.sandbox.dump())) == state == back(again, "GET", "state")
    assert again.data("GET", RESUBMISSIONS) == desk.data("GET", RESUBMISSIONS)
    assert again.person.groups_of(made) == ["1"]
    again.person.leave(made, "1")
    assert again.person.groups_of(made) == []
    assert desk.person.groups_of(made) == ["1"]
    assert again.address() == 2
    assert again.data("GET", f"{ADDRESSES}/2")["kundennummer"] == "10002"


def test_a_reset_leaves_a_fresh_instance(desk: Desk) -> None:
    desk.person.join(str(desk.address()), desk.person.add_group("Hubspot", "HUBSPOT"))
    desk.sandbox.change(rate_limit=7)
    back(desk, "POST", "reset")
    assert desk.ids(ADDRESSES) == []
    assert desk.person.groups_of(str(desk.address())) == []
    assert [row["name"] for row in desk.person.stages("1")][0] == "Erste Anfrage"
    assert desk.sandbox.behaviour.rate_limit == 7
