"""The sandbox's back door over its own routes."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.connectors.hubspot.sandbox import numbered
from integrations.connectors.thena.sandbox import DEMO_KEY, ApiError
from tests.connectors.thena.rig import ContactRig

ADA = {"firstName": "Ada", "email": "ada@acme.example"}


def back(rig: ContactRig, method: str, path: str, body: Any = None) -> Any:
    return rig.call(method, f"/sandbox/{path}", body, key="")


def test_records_are_made_changed_and_deleted_as_a_person_does(contacts: ContactRig) -> None:
    made = back(contacts, "POST", "contacts", ADA)["id"]
    back(contacts, "PUT", f"contacts/{made}", {"lastName": "Byron", "contactType": "LEGAL"})
    [row] = back(contacts, "GET", "contacts")["contacts"]
    assert (row["id"], row["lastName"], row["contactType"]) == (made, "Byron", "LEGAL")
    assert back(contacts, "DELETE", f"contacts/{made}") == {"ok": True}
    assert back(contacts, "GET", "contacts") == {"contacts": []}


def test_one_record_is_read_by_its_id(contacts: ContactRig) -> None:
    made = back(contacts, "POST", "contacts", ADA)["id"]
    assert back(contacts, "GET", f"contacts/{made}")["email"] == ADA["email"]
    assert back(contacts, "GET", "contacts/nobody")["statusCode"] == 404


def test_many_records_are_made_at_once_and_match_those_of_hubspots_sandbox(
    contacts: ContactRig,
) -> None:
    made = back(contacts, "POST", "contacts/bulk", {"count": 3, "prefix": "firm"})["ids"]
    assert [row["id"] for row in contacts.person.all("contacts")] == made
    theirs = [row["email"] for row in numbered("contacts", 3, "firm")]
    assert [row["email"] for row in contacts.person.all("contacts")] == theirs
    more = {"count": 2, "prefix": "firm", "values": {"status": "TRIAL"}}
    back(contacts, "POST", "accounts/bulk", more)
    domains = [row["domain"] for row in numbered("companies", 2, "firm")]
    assert [row["primaryDomain"] for row in contacts.person.all("accounts")] == domains
    assert {row["status"] for row in contacts.person.all("accounts")} == {"TRIAL"}


def test_a_person_is_held_to_the_same_rules(contacts: ContactRig) -> None:
    back(contacts, "POST", "contacts", ADA)
    assert back(contacts, "POST", "contacts", ADA)["statusCode"] == 409
    with pytest.raises(ApiError):
        contacts.person.create("contacts", firstName="Ada")
    with pytest.raises(KeyError):
        contacts.person.option("accounts", "status", "ASLEEP")


def test_calls_are_counted_but_not_these(contacts: ContactRig) -> None:
    contacts.fill(2)
    assert back(contacts, "GET", "counters") == {"POST /v1/accounts/contacts": 2}


def test_switches_are_shown_changed_and_checked(contacts: ContactRig) -> None:
    assert back(contacts, "GET", "settings")["search_lag"] == 2.0
    changed = back(contacts, "POST", "settings", {"search_lag": 9, "event_shape": "wrapped"})
    assert (changed["search_lag"], contacts.sandbox.behaviour.event_shape) == (9.0, "wrapped")
    for wrong in ({"weather": 1}, {"max_limit": "many"}):
        assert back(contacts, "POST", "settings", wrong)["statusCode"] == 400


def test_faults_hit_the_api_and_never_the_back_door(contacts: ContactRig) -> None:
    back(contacts, "POST", "faults", {"kind": "status", "status": 500, "times": 5})
    assert back(contacts, "GET", "events") == {"waiting": 0, "delivered": 0, "given_up": 0}
    with pytest.raises(ValueError, match="Expecting value"):
        contacts.call("GET", "/v1/accounts")
    back(contacts, "POST", "faults/clear")
    assert contacts.call("GET", "/v1/accounts")["data"] == []


def test_a_key_is_revoked_and_replaced(contacts: ContactRig) -> None:
    back(contacts, "POST", "keys/revoke", {"fresh": "pk_live_fresh"})
    assert contacts.call("GET", "/v1/accounts")["statusCode"] == 401
    assert contacts.call("GET", "/v1/accounts", key="pk_live_fresh")["status"] is True
    back(contacts, "POST", "keys/revoke", {"key": "pk_live_fresh"})
    assert contacts.call("GET", "/v1/accounts", key="pk_live_fresh")["statusCode"] == 401


def test_fields_picklists_and_state_can_be_looked_at(contacts: ContactRig) -> None:
    field = {"name": "Level", "source": "customer_contact", "fieldType": "single_line"}
    uid = back(contacts, "POST", "fields", field)["uid"]
    listed = [row["uid"] for row in back(contacts, "GET", "fields")["fields"]]
    assert uid in listed
    assert len(back(contacts, "GET", "attributes")["attributes"]) == 20
    assert back(contacts, "GET", "state")["orgs"][0]["id"] == "EORG1"
    assert back(contacts, "POST", "fields", {**field, "fieldType": "mood"})["statusCode"] == 400


def test_another_organisation_is_chosen_by_its_id(contacts: ContactRig) -> None:
    contacts.sandbox.add_organisation("EORG2", "Other", "pk_live_two")
    back(contacts, "POST", "contacts?org=EORG2", ADA)
    assert back(contacts, "GET", "contacts")["contacts"] == []
    assert len(back(contacts, "GET", "contacts?org=EORG2")["contacts"]) == 1
    assert back(contacts, "GET", "contacts?org=EORG3")["statusCode"] == 404


def test_a_reset_starts_over(contacts: ContactRig) -> None:
    contacts.fill(1)
    back(contacts, "POST", "keys/revoke", {})
    assert back(contacts, "POST", "reset") == {"ok": True}
    assert contacts.call("GET", "/v1/accounts/contacts", key=DEMO_KEY)["data"] == []


def test_an_unknown_app_cannot_be_told_anything(contacts: ContactRig) -> None:
    assert back(contacts, "POST", "apps/redact", {"app": "APP9"})["statusCode"] == 404
