"""The sandbox's rate limits, and the faults that HubSpot's own platform has."""

from __future__ import annotations

import pytest
import requests

from integrations.connectors.hubspot.sandbox import App
from integrations.connectors.sandbox_kit import Fault, FaultKind
from tests.connectors.hubspot.sandbox_rig import CONTACTS, PORTAL, SCOPES, SandboxRig


def test_every_answer_tells_what_is_left_of_the_burst(hub: SandboxRig) -> None:
    headers = hub.call("GET", CONTACTS).headers
    assert headers["X-HubSpot-RateLimit-Max"] == "110"
    assert headers["X-HubSpot-RateLimit-Remaining"] == "109"
    assert headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"


def test_the_111th_call_in_ten_seconds_is_429_without_retry_after(hub: SandboxRig) -> None:
    for _ in range(110):
        assert hub.call("GET", f"{CONTACTS}/1").status_code == 404
    refused = hub.call("GET", CONTACTS)
    body = refused.json()
    assert (refused.status_code, body["policyName"]) == (429, "TEN_SECONDLY_ROLLING")
    assert body["errorType"] == "RATE_LIMIT"
    assert "Retry-After" not in refused.headers
    assert refused.headers["X-HubSpot-RateLimit-Remaining"] == "0"
    hub.wait(10)
    assert hub.call("GET", CONTACTS).status_code == 200


def test_each_app_has_a_burst_of_its_own(hub: SandboxRig) -> None:
    for _ in range(110):
        hub.call("GET", CONTACTS)
    other = hub.sandbox.add_app(App(303030, "client-2", "secret-2", required_scopes=SCOPES))
    tokens = hub.sandbox.install(other.app_id, PORTAL)
    hub.session.headers["Authorization"] = f"Bearer {tokens.access}"
    assert hub.call("GET", CONTACTS).status_code == 200


def test_searches_are_limited_to_five_a_second_outside_the_burst(hub: SandboxRig) -> None:
    before = hub.call("GET", CONTACTS).headers["X-HubSpot-RateLimit-Remaining"]
    answers = [hub.call("POST", f"{CONTACTS}/search", {}) for _ in range(6)]
    assert [a.status_code for a in answers] == [200] * 5 + [429]
    assert answers[5].json()["policyName"] == "SECONDLY"
    assert "X-HubSpot-RateLimit-Max" not in answers[0].headers
    hub.wait(1)
    assert hub.call("POST", f"{CONTACTS}/search", {}).status_code == 200
    after = hub.call("GET", CONTACTS).headers["X-HubSpot-RateLimit-Remaining"]
    assert int(before) - int(after) == 1


def test_limits_can_be_switched_off(hub: SandboxRig) -> None:
    hub.sandbox.behaviour.rate_limits = False
    assert {hub.call("GET", CONTACTS).status_code for _ in range(120)} == {200}


@pytest.mark.parametrize(
    ("status", "headers"), [(423, {}), (477, {"Retry-After": "60"}), (502, {})]
)
def test_platform_errors_are_injected(
    hub: SandboxRig, status: int, headers: dict[str, str]
) -> None:
    hub.sandbox.faults.inject(Fault(FaultKind.STATUS, status=status, headers=headers))
    answer = hub.call("GET", CONTACTS)
    assert answer.status_code == status
    assert answer.headers.get("Retry-After") == headers.get("Retry-After")
    assert hub.call("GET", CONTACTS).status_code == 200


def test_a_lost_reply_leaves_the_record_behind(hub: SandboxRig) -> None:
    hub.sandbox.faults.inject(Fault(FaultKind.LOST_REPLY, method="POST"))
    with pytest.raises(requests.Timeout):
        hub.call("POST", CONTACTS, {"properties": {"email": "ada@acme.example"}})
    assert hub.get(f"{CONTACTS}/ada@acme.example", idProperty="email")["id"]
