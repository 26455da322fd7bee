"""Thena's own sandbox and the portal tell each other: installing, events in, synced-events out."""

from __future__ import annotations

import json
from typing import Any

import pytest
import responses
from django.conf import settings
from django.test import Client
from django.utils import timezone

from integrations.connectors.sandbox_kit import Fault, FaultKind, SandboxRequest
from integrations.connectors.thena.sandbox import DEMO_KEY, DEMO_ORG
from integrations.models import (
    Connection,
    ConnectionState,
    Delivery,
    Event,
    EventOutcome,
    Hint,
    ObjectSync,
    Publishing,
    SyncState,
)
from integrations.services import connectors, hooks, inbox, lanes, sending, vault
from integrations.services.hooks import HookKind
from tests.services import delivery_kit
from tests.services.delivery_kit import states, waiting
from tests.services.stage import Stage
from tests.services.thena_kit import ThenaKit

pytestmark = pytest.mark.django_db
EVENTS = "https://apps-studio.thena.ai/incoming-webhook/events"


class ThenaStory(ThenaKit):
    """Acme's two syncs with Thena, and a Thena that calls our addresses."""

    def __init__(self, stage: Stage, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(stage, monkeypatch)
        assert self.integration.target is not None
        self.target: Connection = self.integration.target
        self.client = client
        self.app = ""

    def call(self, path: str, body: object) -> dict[str, Any]:
        """Call Thena as its admin does."""
        headers = {"x-api-key": DEMO_KEY}
        sent = json.dumps(body).encode()
        answer: dict[str, Any] = self.thena.handle(
            SandboxRequest.build("POST", path, headers=headers, body=sent)
        ).json()
        return answer

    def install(self) -> str:
        """Make the app from our manifest and install it; returns its token."""
        described = hooks.manifest(self.target)
        self.app = self.call("/apps/create-app", described)["appId"]
        token: str = self.call("/apps/install", {"appId": self.app})["botToken"]
        self.deliver()
        return token

    def deliver(self) -> list[int]:
        """Let Thena call our addresses; returns our answers."""
        answers = []
        for sent in self.thena.take_deliveries():
            path = sent.url.removeprefix(settings.PUBLIC_URL)
            answer = self.client.post(path, sent.body, content_type="application/json")
            answers.append(answer.status_code)
            self.thena.delivery_result(sent.id, ok=answer.status_code == 200)
        self.target.refresh_from_db()
        return answers

    def follow(self) -> None:
        """Let everything that Thena tells be done, and everything that is to be told be sent."""
        self.deliver()
        inbox.route()
        for row in (self.companies, self.contacts):
            lanes.work(row.pk, seconds=60)
        sending.send()

    def published(self) -> list[dict[str, Any]]:
        """Return what Thena was told."""
        return list(self.thena.orgs[DEMO_ORG].published)


@pytest.fixture
def thena(
    stage: Stage, client: Client, monkeypatch: pytest.MonkeyPatch, unlimited: None
) -> ThenaStory:
    return ThenaStory(stage, client, monkeypatch)


def test_installing_from_our_manifest_probes_and_brings_the_token(thena: ThenaStory) -> None:
    assert thena.target.publishing == Publishing.OFF
    token = thena.install()
    assert vault.secrets_of(thena.target)["bot_token"] == token
    assert thena.target.publishing == Publishing.ON
    assert thena.thena.apps[thena.app].reachable


@pytest.mark.parametrize("shape", ["flat", "wrapped"])
def test_a_change_in_thena_becomes_a_hint_in_either_shape(shape: str, thena: ThenaStory) -> None:
    thena.thena.behaviour.event_shape = shape
    thena.install()
    contacts = thena.contacts
    person = thena.thena.person()
    record_id = person.create("contacts", firstName="Ada", email="ada@acme.example")
    person.edit("contacts", record_id, lastName="Byron")
    assert set(thena.deliver()) == {200}
    assert inbox.route() == {contacts.pk}
    assert list(Hint.objects.values_list("side", "record_id")) == [("target", record_id)]
    assert "ada@acme.example" not in str(list(Event.objects.values()))


def test_events_that_come_twice_and_out_of_order_are_one_hint(thena: ThenaStory) -> None:
    thena.install()
    thena.thena.behaviour.event_duplicates = 1.0
    thena.thena.behaviour.event_reorder = True
    person = thena.thena.person()
    account = person.create("accounts", name="Acme", primaryDomain="acme.example")
    person.edit("accounts", account, description="Rockets")
    person.delete("accounts", account)
    thena.deliver()
    assert Event.objects.filter(object_type="accounts").count() == 3
    inbox.route()
    assert Hint.objects.count() == 1


def test_events_before_anything_is_published_are_kept_and_raise_nothing(
    thena: ThenaStory,
) -> None:
    thena.install()
    ObjectSync.objects.update(version=None, state=SyncState.SETUP)
    thena.thena.person().create("contacts", firstName="Ada", email="ada@acme.example")
    thena.deliver()
    assert inbox.route() == set()
    assert Event.objects.get().outcome == "event_no_sync"


def test_a_blacked_out_token_overwrites_nothing(thena: ThenaStory) -> None:
    token = thena.install()
    notice = {
        "event_type": "app:configuration:update",
        "organization_id": DEMO_ORG,
        "bot_token": "pk_live_****",
    }
    path = hooks.address(thena.target, HookKind.INSTALLATIONS).removeprefix(settings.PUBLIC_URL)
    answer = thena.client.post(path, json.dumps(notice), content_type="application/json")
    assert answer.status_code == 200
    thena.target.refresh_from_db()
    assert vault.secrets_of(thena.target)["bot_token"] == token


def test_uninstalling_pauses_and_reinstalling_resumes(thena: ThenaStory) -> None:
    first = thena.install()
    thena.call("/apps/uninstall", {"appId": thena.app})
    thena.deliver()
    assert thena.target.state == ConnectionState.PAUSED
    assert "bot_token" not in vault.secrets_of(thena.target)
    thena.call("/apps/reinstall", {"appId": thena.app})
    thena.deliver()
    assert thena.target.state == ConnectionState.ACTIVE
    assert vault.secrets_of(thena.target)["bot_token"] not in ("", first)


def test_a_synced_event_reaches_thena_with_our_id(thena: ThenaStory) -> None:
    thena.install()
    [row] = waiting(thena.contacts, thena.target)
    sending.send()
    [told] = thena.published()
    assert told["event_name"] == delivery_kit.EVENT
    assert told["payload"]["deliveryId"] == str(row.pk)
    row.refresh_from_db()
    assert (row.state, row.message_id) == ("sent", told["messageId"])


def test_a_lost_answer_is_sent_again_under_the_same_id(thena: ThenaStory) -> None:
    thena.install()
    waiting(thena.contacts, thena.target)
    thena.thena.faults.inject(Fault(FaultKind.LOST_REPLY, path="incoming-webhook"))
    sending.send()
    assert states() == [("waiting", 1)]
    delivery_kit.let_all_be_due()
    sending.send()
    first, second = thena.published()
    assert first["payload"] == second["payload"]
    assert states() == [("sent", 2)]


def test_a_token_that_thena_took_back_stops_publishing_only(thena: ThenaStory) -> None:
    thena.install()
    thena.thena.apps[thena.app].tokens.clear()
    waiting(thena.contacts, thena.target)
    sending.send()
    thena.target.refresh_from_db()
    assert thena.target.publishing == Publishing.REFUSED
    assert thena.target.state == ConnectionState.ACTIVE
    thena.call("/apps/reinstall", {"appId": thena.app})
    thena.deliver()
    delivery_kit.let_all_be_due()
    sending.send()
    assert states() == [("sent", 1)]


@responses.activate
def test_a_slowed_down_thena_is_waited_for(
    thena: ThenaStory, monkeypatch: pytest.MonkeyPatch
) -> None:
    thena.install()
    contacts = thena.contacts
    monkeypatch.setattr(connectors, "MOUNTS", {})
    reset = str(int(timezone.now().timestamp()) + 50)
    responses.post(EVENTS, status=429, headers={"X-RateLimit-Reset": reset})
    waiting(contacts, thena.target, 3)
    sending.send()
    assert len(responses.calls) == 1
    assert states() == [("waiting", 0)] * 3


@responses.activate
def test_the_token_and_nothing_else_opens_the_apps_host(
    thena: ThenaStory, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = thena.install()
    contacts = thena.contacts
    monkeypatch.setattr(connectors, "MOUNTS", {})
    responses.post(EVENTS, json={"success": True, "messageId": "m1", "timestamp": "now"})
    waiting(contacts, thena.target)
    sending.send()
    headers = responses.calls[0].request.headers
    assert headers["x-bot-key"] == token
    assert "x-api-key" not in headers
    assert Delivery.objects.get().message_id == "m1"


def test_a_first_load_tells_thena_of_every_record_with_both_ids(thena: ThenaStory) -> None:
    thena.install()
    firm = thena.company(1)
    person = thena.contact(1, firm)
    thena.run(thena.companies)
    thena.run(thena.contacts)
    sending.send()
    told = {each["event_name"]: each["payload"] for each in thena.published()}
    assert set(told) == {"hubspot.company.synced", "hubspot.contact.synced"}
    company, contact = told["hubspot.company.synced"], told["hubspot.contact.synced"]
    assert company["hubspot"] == {"portalId": "4711001", "companyId": firm}
    assert contact["hubspot"] == {"portalId": "4711001", "contactId": person}
    assert company["thena"]["accountId"] == thena.agent.all("accounts")[0]["id"]
    assert contact["thena"]["contactId"] == thena.agent.all("contacts")[0]["id"]
    for payload in told.values():
        assert (payload["status"], payload["operation"]) == ("SUCCESS", "created")
        assert payload["direction"] == "hubspot_to_thena"
        assert payload["jobId"].isdigit()


def test_an_edit_in_thena_reaches_hubspot_and_its_echoes_do_nothing(thena: ThenaStory) -> None:
    thena.install()
    firm = thena.company(1)
    thena.run(thena.companies)
    thena.follow()
    told, account = len(thena.published()), thena.agent.all("accounts")[0]["id"]
    thena.agent.edit("accounts", account, description="Makes rockets")
    thena.follow()
    assert thena.person.read("companies", firm)["description"] == "Makes rockets"
    [news] = thena.published()[told:]
    assert news["payload"]["direction"] == "thena_to_hubspot"
    assert news["payload"]["operation"] == "updated"
    writes = thena.writes()
    thena.follow()
    thena.follow()
    assert thena.writes() == writes
    assert len(thena.published()) == told + 1
    assert not EventOutcome.objects.filter(outcome="").exists()
