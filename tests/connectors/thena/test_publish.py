"""Telling Thena what was synced: under the app's own key, and never at the API key's expense."""

from __future__ import annotations

import pytest

from integrations.connectors.budget import Unlimited
from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.connectors.thena.sandbox import ThenaSandbox
from integrations.engine.errors import ConfigInvalid, RateLimited, ReplyLost, Scope
from integrations.engine.extras import Publishing
from tests.connectors.thena.rig import ContactRig

NAME = "hubspot.contact.synced"
PAYLOAD = {"status": "SUCCESS", "hubspot": {"contactId": "501"}, "thena": {"contactId": "CC1"}}
PATH = "^/incoming-webhook/events$"


class Lanes(Unlimited):
    """A budget that remembers which lanes were asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def acquire(self, lane: str) -> None:
        self.asked.append(lane)


def kept(sandbox: ThenaSandbox) -> list[dict[str, object]]:
    return sandbox.orgs["EORG1"].published


def test_an_event_arrives_with_its_payload(contacts: ContactRig) -> None:
    contacts.install()
    assert isinstance(contacts.connector, Publishing)
    message = contacts.connector.publish(NAME, PAYLOAD)
    [event] = kept(contacts.sandbox)
    assert (event["event_name"], event["payload"], event["messageId"]) == (NAME, PAYLOAD, message)


def test_without_the_app_a_person_is_told_to_install_it(contacts: ContactRig) -> None:
    with pytest.raises(ConfigInvalid, match="Install the app"):
        contacts.connector.publish(NAME, PAYLOAD)
    assert contacts.connector.calls == 0


def test_an_event_that_the_manifest_lacks_is_a_matter_of_the_app(contacts: ContactRig) -> None:
    contacts.install()
    with pytest.raises(ConfigInvalid, match="manifest"):
        contacts.connector.publish("hubspot.deal.synced", PAYLOAD)
    assert kept(contacts.sandbox) == []


def test_a_refused_token_does_not_blame_the_connection(contacts: ContactRig) -> None:
    contacts.install()
    contacts.vault.secrets["bot_token"] = "pk_live_of_yesterday"
    with pytest.raises(ConfigInvalid) as caught:
        contacts.connector.publish(NAME, PAYLOAD)
    assert caught.value.scope is not Scope.CONNECTION
    assert "yesterday" not in str(caught.value)
    assert contacts.connector.check().account_id == "EORG1"


def test_a_lost_answer_and_a_429_are_passed_on(contacts: ContactRig) -> None:
    contacts.install()
    contacts.sandbox.faults.inject(Fault(FaultKind.LOST_REPLY, path=PATH))
    with pytest.raises(ReplyLost):
        contacts.connector.publish(NAME, PAYLOAD)
    contacts.sandbox.faults.inject(Fault(FaultKind.STATUS, path=PATH, status=429))
    with pytest.raises(RateLimited):
        contacts.connector.publish(NAME, PAYLOAD)
    assert len(kept(contacts.sandbox)) == 1


def test_it_counts_among_the_calls_in_a_lane_of_its_own(contacts: ContactRig) -> None:
    contacts.install()
    budget = Lanes()
    connector = contacts.connect(budget)
    connector.publish(NAME, PAYLOAD)
    assert budget.asked == ["events"]
    assert connector.calls == 1
