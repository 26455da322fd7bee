"""The sandbox's own endpoints for tools, and its state across a restart."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import requests

from integrations.connectors.hubspot.sandbox import HubSpotSandbox
from integrations.connectors.sandbox_kit import SandboxAdapter, SandboxRequest
from tests.connectors.hubspot.sandbox_rig import API, APP_ID, CONTACTS, PORTAL, SandboxRig

RECORDS = f"/sandbox/records/{PORTAL}/contacts"


@pytest.fixture
def tool() -> requests.Session:
    """Give an unsigned session on an empty sandbox."""
    session = requests.Session()
    session.mount(API, SandboxAdapter(HubSpotSandbox()))
    return session


def send(session: requests.Session, method: str, path: str, body: object = None) -> Any:
    answer = session.request(method, API + path, json=body)
    assert answer.ok, answer.text
    return answer.json() if answer.content else None


def test_a_tool_sets_up_an_account_an_app_and_an_install(tool: requests.Session) -> None:
    send(tool, "POST", "/sandbox/accounts", {"portalId": 7, "name": "Seven"})
    app = {
        "appId": 5,
        "clientId": "c",
        "clientSecret": "s",
        "requiredScopes": ["oauth", "crm.objects.contacts.read"],
        "subscriptions": [{"event": "contact.propertyChange", "propertyName": "city"}],
    }
    send(tool, "POST", "/sandbox/apps", app)
    send(tool, "PATCH", "/sandbox/apps/5", {"webhookUrl": "http://127.0.0.1:1/hook"})
    tokens = send(tool, "POST", "/sandbox/installs", {"appId": 5, "portalId": 7})
    headers = {"Authorization": f"Bearer {tokens['accessToken']}"}
    assert tool.get(API + CONTACTS, headers=headers).json() == {"results": []}
    state = send(tool, "GET", "/sandbox/state")
    assert state["accounts"][0]["portalId"] == 7
    assert state["installs"][0]["appId"] == 5
    assert state["apps"][0]["webhookUrl"] == "http://127.0.0.1:1/hook"
    assert tokens["accessToken"] not in json.dumps(state)
    send(tool, "DELETE", "/sandbox/installs/5/7")
    assert tool.get(API + CONTACTS, headers=headers).status_code == 401
    send(tool, "POST", "/sandbox/reset")
    assert send(tool, "GET", "/sandbox/state")["accounts"] == []


def test_records_are_edited_as_a_person_would(hub: SandboxRig) -> None:
    hub.app.subscribe("contact.propertyChange", "lifecyclestage")
    one = send(hub.session, "POST", RECORDS, {"properties": {"firstname": "Ada"}})["id"]
    send(hub.session, "PATCH", f"{RECORDS}/{one}", {"properties": {"lifecyclestage": "customer"}})
    assert [e["changeSource"] for e in hub.events()] == ["CRM_UI", "CRM_UI"]
    found = send(hub.session, "GET", f"{RECORDS}/{one}")
    assert found["properties"]["lifecyclestage"] == "customer"
    two = send(hub.session, "POST", RECORDS, {"properties": {"firstname": "Eda"}})["id"]
    survivor = send(hub.session, "POST", f"{RECORDS}/merge", {"primary": one, "other": two})["id"]
    assert send(hub.session, "GET", f"{RECORDS}/{two}")["id"] == survivor
    send(hub.session, "DELETE", f"{RECORDS}/{survivor}")
    assert send(hub.session, "GET", RECORDS)["total"] == 0
    assert send(hub.session, "GET", f"{RECORDS}?archived=true")["total"] == 1
    send(hub.session, "POST", f"{RECORDS}/{survivor}/restore")
    send(hub.session, "POST", f"{RECORDS}/{survivor}/forget")
    assert send(hub.session, "GET", f"{RECORDS}?archived=true")["total"] == 0


@pytest.mark.parametrize("plural", ["contacts", "companies", "deals"])
def test_many_records_are_made_at_once_and_listed_newest_first(
    hub: SandboxRig, plural: str
) -> None:
    path = f"/sandbox/records/{PORTAL}/{plural}"
    made = send(hub.session, "POST", f"{path}/bulk", {"count": 120, "prefix": "demo"})["ids"]
    page = send(hub.session, "GET", f"{path}?limit=50")
    assert page["total"] == 120
    assert [row["id"] for row in page["results"]] == made[:-51:-1]


def test_a_person_sets_the_companies_of_a_contact(hub: SandboxRig) -> None:
    companies = f"/sandbox/records/{PORTAL}/companies"
    hub.app.subscribe("contact.associationChange")
    made = send(hub.session, "POST", f"{companies}/bulk", {"count": 3})["ids"]
    body = {"count": 4, "partners": {"companies": made[:2]}}
    contacts = send(hub.session, "POST", f"{RECORDS}/bulk", body)["ids"]
    paths = [f"{RECORDS}/{contact}/partners/companies" for contact in contacts]
    assert [send(hub.session, "GET", path)["ids"] for path in paths] == [[made[0]], [made[1]]] * 2
    wanted = {"ids": made[1:], "primary": made[2]}
    assert send(hub.session, "PUT", paths[0], wanted) == {"ids": made[1:]}
    assert hub.values(contacts[0], "associatedcompanyid") == {"associatedcompanyid": made[2]}
    assert send(hub.session, "PUT", paths[0], {"ids": []}) == {"ids": []}
    sources = {(event["changeSource"], event["associationRemoved"]) for event in hub.events()}
    assert sources == {("CRM_UI", False), ("CRM_UI", True)}
    assert hub.session.put(API + paths[0], json={"ids": ["5"]}).status_code == 404
    assert hub.session.put(API + paths[0], json={}).status_code == 404


def test_calls_are_counted_by_kind(hub: SandboxRig) -> None:
    contact = hub.contact()
    hub.get(f"{CONTACTS}/{contact}")
    hub.search()
    hub.post(f"{CONTACTS}/batch/read", {"properties": [], "inputs": [{"id": contact}]})
    hub.call("DELETE", f"{CONTACTS}/{contact}")
    hub.call("POST", "/oauth/2026-09/token")
    kinds: Counter[str] = Counter()
    for row in send(hub.session, "GET", "/sandbox/counters"):
        kinds[row["kind"]] += row["calls"]
    assert kinds == {"write": 2, "read": 3, "access": 1}


def test_bulk_records_share_the_given_values(hub: SandboxRig) -> None:
    body = {"count": 2, "properties": {"lifecyclestage": "customer"}}
    for contact in send(hub.session, "POST", f"{RECORDS}/bulk", body)["ids"]:
        assert hub.values(contact, "lifecyclestage") == {"lifecyclestage": "customer"}


def test_settings_faults_clock_and_counters_are_in_reach(hub: SandboxRig) -> None:
    changed = send(hub.session, "PATCH", "/sandbox/settings", {"search_lag": [0, 20]})
    assert changed["search_lag"] == [0, 20]
    send(hub.session, "POST", "/sandbox/faults", {"kind": "status", "path": "^/crm", "status": 502})
    assert hub.call("GET", CONTACTS).status_code == 502
    rule = {"kind": "html", "path": "^/crm", "rate": 1}
    send(hub.session, "POST", "/sandbox/faults/random", {"seed": 1, "faults": [rule]})
    assert hub.call("GET", CONTACTS).headers["Content-Type"].startswith("text/html")
    send(hub.session, "DELETE", "/sandbox/faults")
    send(hub.session, "DELETE", "/sandbox/counters")
    assert hub.call("GET", f"{CONTACTS}/1").status_code == 404
    calls = {row["family"]: row["calls"] for row in send(hub.session, "GET", "/sandbox/counters")}
    assert calls["/crm/objects/2026-09/{object_type}/{record_id}"] == 1
    send(hub.session, "POST", "/sandbox/clock", {"advanceSeconds": 1801})
    assert hub.call("GET", CONTACTS).status_code == 401


def test_tokens_expire_and_accounts_close_on_demand(hub: SandboxRig) -> None:
    send(hub.session, "POST", "/sandbox/tokens/expire")
    assert hub.call("GET", CONTACTS).json()["category"] == "EXPIRED_AUTHENTICATION"
    send(hub.session, "DELETE", f"/sandbox/accounts/{PORTAL}")
    assert PORTAL in hub.sandbox.registry.closed_portals


def test_an_owner_is_added_by_a_tool(hub: SandboxRig) -> None:
    body = {"id": "77", "email": "bob@acme.example"}
    send(hub.session, "POST", f"/sandbox/accounts/{PORTAL}/owners", body)
    assert hub.get("/crm/owners/2026-09/77")["email"] == "bob@acme.example"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/sandbox/records/1/contacts", None, 404),
        ("POST", RECORDS, {}, 404),
        ("POST", RECORDS, {"properties": {"email": "no address"}}, 400),
        ("PATCH", "/sandbox/settings", {"nosuch": 1}, 400),
        ("POST", "/sandbox/faults", {"kind": "earthquake"}, 400),
        ("GET", "/sandbox/records/x/contacts", None, 400),
    ],
)
def test_a_tools_mistake_is_answered_not_crashed(
    hub: SandboxRig, method: str, path: str, body: object, status: int
) -> None:
    assert hub.session.request(method, API + path, json=body).status_code == status


def test_everything_survives_a_dump_as_json_and_a_load(hub: SandboxRig) -> None:
    hub.app.subscribe("contact.creation")
    hub.sandbox.behaviour.search_lag = (1.0, 2.0)
    definition = {
        "name": "dob",
        "label": "Date of Birth",
        "type": "date",
        "fieldType": "date",
        "groupName": "contactinformation",
        "hasUniqueValue": True,
    }
    hub.post("/crm/properties/2026-09/contacts", definition, 201)
    one, two = hub.contact(dob="1815-12-10"), hub.contact()
    company = hub.person.create("companies", {"name": "Acme"})
    hub.person.associate("contacts", one, "companies", company, primary=True)
    survivor = hub.person.merge_contacts(one, two)
    gone = hub.contact()
    hub.person.delete_contact(gone)
    hub.sandbox.clock_offset = timedelta(seconds=90)
    state = json.loads(json.dumps(hub.sandbox.dump()))

    hub.sandbox = HubSpotSandbox(clock=lambda: hub.now)
    hub.sandbox.load(state)
    hub.session.mount(API, SandboxAdapter(hub.sandbox))

    assert hub.sandbox.now() == hub.now + timedelta(seconds=90)
    assert hub.get(f"{CONTACTS}/{one}")["id"] == survivor
    assert hub.get(f"{CONTACTS}/1815-12-10", idProperty="dob")["id"] == survivor
    assert hub.get(f"{CONTACTS}/{gone}", archived="true")["archived"] is True
    assert hub.search()["total"] == 1
    partners = hub.get(f"{CONTACTS}/{survivor}/associations/companies")["results"]
    assert partners[0]["toObjectId"] == company
    assert len(hub.events()) == 3
    assert int(hub.contact()) > int(gone)
    assert hub.sandbox.dump()["behaviour"]["search_lag"] == (1.0, 2.0)
    assert hub.sandbox.registry.apps[APP_ID].subscriptions[0].event == "contact.creation"


def test_a_reset_keeps_serving(hub: SandboxRig) -> None:
    hub.sandbox.reset()
    answer = hub.sandbox.handle(SandboxRequest.build("GET", CONTACTS))
    assert answer.status == 401
    person = hub.sandbox.add_account(PORTAL, "Again")
    assert person.create_contact({"firstname": "Ada"})
