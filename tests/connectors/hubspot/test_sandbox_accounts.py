"""What an admin sets up in an account of the sandbox: refusals, service keys, owners by tool."""

from __future__ import annotations

import re
from typing import Any

import pytest

from integrations.connectors.hubspot.sandbox import HubSpotSandbox
from tests.connectors.hubspot.sandbox_rig import (
    API,
    COMPANIES,
    CONTACTS,
    DEALS,
    PORTAL,
    SCOPES,
    SandboxRig,
)

ADMIN = f"/sandbox/accounts/{PORTAL}"
KEY = re.compile(r"pat-eu1-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def tool(hub: SandboxRig, method: str, path: str, body: object = None, status: int = 200) -> Any:
    answer = hub.call(method, f"{ADMIN}/{path}", body)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def sign_in(hub: SandboxRig, key: str) -> None:
    hub.session.headers["Authorization"] = f"Bearer {key}"


def status(hub: SandboxRig, path: str = CONTACTS) -> int:
    return hub.call("GET", path).status_code


# ---------------------------------------------------------------- service keys


def test_a_service_key_opens_its_account_and_does_what_its_scopes_say(hub: SandboxRig) -> None:
    key = hub.sandbox.add_service_key(PORTAL, ["crm.objects.contacts.read"])
    assert KEY.fullmatch(key)
    sign_in(hub, key)
    assert hub.get("/account-info/2026-09/details")["portalId"] == PORTAL
    assert (status(hub), status(hub, COMPANIES)) == (200, 403)


def test_a_key_never_expires_by_itself(hub: SandboxRig) -> None:
    sign_in(hub, hub.sandbox.add_service_key(PORTAL, SCOPES))
    hub.wait(10**8)
    assert status(hub) == 200


@pytest.mark.parametrize("grace", [False, True])
def test_rotating_ends_the_old_key_at_once_or_in_seven_days(hub: SandboxRig, grace: bool) -> None:
    old = hub.sandbox.add_service_key(PORTAL, SCOPES)
    new = hub.sandbox.rotate_service_key(old, grace=grace)
    assert KEY.fullmatch(new)
    sign_in(hub, old)
    assert status(hub) == (200 if grace else 401)
    hub.wait(7 * 24 * 3600 + 1)
    assert status(hub) == 401
    sign_in(hub, new)
    assert status(hub) == 200


def test_what_a_key_writes_comes_from_itself_and_webhooks_go_to_apps_only(hub: SandboxRig) -> None:
    hub.app.subscribe("contact.creation")
    sign_in(hub, hub.sandbox.add_service_key(PORTAL, SCOPES))
    made = hub.contact()
    assert hub.values(made, "hs_object_source_id") == {"hs_object_source_id": "3000001"}
    assert [event["sourceId"] for event in hub.events()] == ["3000001"]


@pytest.mark.parametrize("most", [100, 190])
def test_a_key_has_its_own_allowance(hub: SandboxRig, most: int) -> None:
    hub.sandbox.behaviour.key_burst = most
    sign_in(hub, hub.sandbox.add_service_key(PORTAL, SCOPES))
    answers = [hub.call("GET", CONTACTS, limit=1) for _ in range(most + 1)]
    assert [answer.status_code for answer in answers].count(200) == most
    assert answers[-1].status_code == 429
    assert answers[0].headers["X-HubSpot-RateLimit-Max"] == str(most)
    hub.wait(11)
    assert status(hub) == 200


def test_tools_make_rotate_and_delete_keys(hub: SandboxRig) -> None:
    key = tool(hub, "POST", "keys", {"scopes": SCOPES}, 201)["key"]
    new = tool(hub, "POST", "keys/rotate", {"key": key})["key"]
    sign_in(hub, new)
    assert status(hub) == 200
    stranger = hub.call("POST", "/sandbox/accounts/1/keys/delete", {"key": new})
    assert stranger.status_code == 404
    tool(hub, "POST", "keys/delete", {"key": new}, 204)
    assert status(hub) == 401
    tool(hub, "POST", "keys/delete", {"key": new}, 404)


def test_keys_refusals_and_pipelines_survive_a_restart(hub: SandboxRig) -> None:
    key = hub.sandbox.add_service_key(PORTAL, SCOPES)
    hub.person.refuse("contacts", "city", "Bonn", "no")
    renewal = hub.person.add_pipeline("Renewal", {"asked": "Asked"})
    again = HubSpotSandbox(clock=lambda: hub.now)
    again.load(hub.sandbox.dump())
    hub.session.get_adapter(API).sandbox = again  # type: ignore[attr-defined]
    sign_in(hub, key)
    hub.post(CONTACTS, {"properties": {"firstname": "A", "city": "Bonn"}}, 400)
    hub.post(
        DEALS,
        {"properties": {"dealname": "R", "dealstage": "asked", "pipeline": renewal}},
        201,
    )
    assert again.add_service_key(PORTAL, SCOPES) != key


# ---------------------------------------------------------------- refusals


def test_a_refused_value_is_refused_to_programs_with_its_message(hub: SandboxRig) -> None:
    body = {"type": "contacts", "property": "city", "value": "Bonn", "message": "Not there."}
    tool(hub, "POST", "refusals", body, 204)
    made = hub.contact(city="Ulm")
    refused = hub.patch(f"{CONTACTS}/{made}", {"city": "Bonn", "phone": "1"}, 400)
    assert refused["category"] == "VALIDATION_ERROR"
    assert refused["errors"] == [
        {
            "message": "Not there.",
            "code": "INVALID_VALUE",
            "context": {"propertyName": ["city"]},
        }
    ]
    assert hub.values(made, "city", "phone") == {"city": "Ulm", "phone": None}
    hub.person.edit("contacts", made, {"city": "Bonn"})
    tool(hub, "DELETE", "refusals", status=204)
    hub.patch(f"{CONTACTS}/{made}", {"city": "Bonn"})


def test_a_conflict_answers_409_and_stops_only_its_item_in_a_batch(hub: SandboxRig) -> None:
    hub.person.refuse("companies", "phone", "*", "Taken.", status=409)
    hub.post(COMPANIES, {"properties": {"name": "A", "phone": "1"}}, 409)
    rows = [
        {"properties": {"name": "A", "phone": "1"}, "objectWriteTraceId": "a"},
        {"properties": {"name": "B"}, "objectWriteTraceId": "b"},
    ]
    found = hub.post(f"{COMPANIES}/batch/create", {"inputs": rows}, 207)
    assert [row["objectWriteTraceId"] for row in found["results"]] == ["b"]
    [error] = found["errors"]
    assert (error["category"], error["message"]) == ("CONFLICT", "Taken.")


# ---------------------------------------------------------------- owners and pipelines


def test_tools_change_owners_and_pipelines(hub: SandboxRig) -> None:
    tool(hub, "POST", "owners", {"id": "7", "email": "bo@acme.example"}, 201)
    tool(hub, "PATCH", "owners/7", {"archived": True})
    assert [o["id"] for o in hub.get("/crm/owners/2026-09", archived="true")["results"]] == ["7"]
    tool(hub, "PATCH", "owners/8", {"archived": True}, 404)
    body = {"label": "Renewal", "stages": {"asked": "Asked"}, "id": "9"}
    assert tool(hub, "POST", "pipelines", body, 201) == {"id": "9"}
    made = tool(hub, "POST", "pipelines/9/stages", {"label": "Done"}, 201)["id"]
    tool(hub, "PATCH", f"pipelines/9/stages/{made}", {"label": "Over"})
    shown = tool(hub, "GET", "pipelines")
    assert [stage["label"] for stage in shown[1]["stages"]] == ["Asked", "Over"]
    tool(hub, "DELETE", "pipelines/9/stages/asked", status=204)
    tool(hub, "DELETE", "pipelines/9", status=204)
    assert [row["id"] for row in tool(hub, "GET", "pipelines")] == ["default"]


# ---------------------------------------------------------------- labels


def test_one_label_is_taken_away_and_the_association_stays(hub: SandboxRig) -> None:
    company, contact = hub.person.create("companies", {"name": "Acme"}), hub.contact()
    hub.person.associate("contacts", contact, "companies", company, primary=True)
    row: dict[str, Any] = {"from": {"id": contact}, "to": {"id": company}}
    row["types"] = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
    many = "associations/{}/contacts/companies/batch/labels/archive"
    hub.post(f"/crm/{many.format('2026-09')}", {"inputs": [row]})
    assert hub.person.primary_company("contacts", contact) == ""
    assert hub.person.partners("contacts", contact, "companies") == [company]
    assert hub.values(contact, "associatedcompanyid") == {"associatedcompanyid": None}
    row["types"][0]["associationTypeId"] = 279
    hub.post("/crm/v4/associations/contacts/companies/batch/labels/archive", {"inputs": [row]}, 204)
    assert hub.person.partners("contacts", contact, "companies") == []
