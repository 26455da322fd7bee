"""Thena's own sandbox and the portal tell each other: installing, events in, synced-events out."""

from __future__ import annotations

import json
from typing import Any

import pytest
import responses
from django.conf import settings
from django.test import Client
from django.utils import timezone

from integrations.connectors.sandbox_kit import Fault, FaultKind, SandboxAdapter, SandboxRequest
from integrations.connectors.thena.sandbox import DEMO_KEY, DEMO_ORG, ThenaSandbox
from integrations.connectors.thena.spec import THENA
from integrations.engine import stored
from integrations.models import (
    Connection,
    ConnectionState,
    Delivery,
    Event,
    Hint,
    Integration,
    ObjectSync,
    Publishing,
    SyncState,
    SyncVersion,
)
from integrations.services import connections, connectors, hooks, inbox, installs, sending, vault
from integrations.services.hooks import HookKind
from tests.services import delivery_kit
from tests.services.delivery_kit import states, waiting
from tests.services.stage import Stage

pytestmark = pytest.mark.django_db
EVENTS = "https://apps-studio.thena.ai/incoming-webhook/events"


class ThenaStory:
    """Acme's connection to a Thena organisation, and what that organisation does."""

    def __init__(self, stage: Stage, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sandbox = ThenaSandbox()
        for host in ("platform.thena.ai", "apps-studio.thena.ai"):
            monkeypatch.setitem(connectors.MOUNTS, f"https://{host}", SandboxAdapter(self.sandbox))
        stage.app.required_scopes = ["oauth", *THENA.scopes]
        state, code = stage.consent(installs.start(stage.acme, stage.ada, "thena"))
        hubspot, _system = installs.finish(stage.ada, state, code)
        self.integration: Integration = connections.connect_target(
            stage.ada, hubspot, "thena", {"api_key": DEMO_KEY}
        )
        assert self.integration.target is not None
        self.target: Connection = self.integration.target
        self.client = client
        self.app = ""

    def call(self, path: str, body: object) -> dict[str, Any]:
        """Call Thena as its admin does."""
        headers = {"x-api-key": DEMO_KEY}
        sent = json.dumps(body).encode()
        answer: dict[str, Any] = self.sandbox.handle(
            SandboxRequest.build("POST", path, headers=headers, body=sent)
        ).json()
        return answer

    def install(self) -> str:
        """Make the app from our manifest and install it; returns its token."""
        described = hooks.manifest(self.target)
        manifest = described.get("manifest", described)
        self.app = self.call("/apps/create-app", {"manifest": manifest})["appId"]
        token: str = self.call("/apps/install", {"appId": self.app})["botToken"]
        self.deliver()
        return token

    def deliver(self) -> list[int]:
        """Let Thena call our addresses; returns our answers."""
        answers = []
        for sent in self.sandbox.take_deliveries():
            path = sent.url.removeprefix(settings.PUBLIC_URL)
            answer = self.client.post(path, sent.body, content_type="application/json")
            answers.append(answer.status_code)
            self.sandbox.delivery_result(sent.id, ok=answer.status_code == 200)
        self.target.refresh_from_db()
        return answers

    def sync(self, key: str = "contacts") -> ObjectSync:
        """Return one of the object syncs, published."""
        row = self.integration.object_syncs.get(key=key)
        if row.version is None:
            config = {"settings": {}, "config": stored.to_json(THENA.sync(key).build({}))}
            row.version = SyncVersion.objects.create(object_sync=row, number=1, config=config)
            row.state = SyncState.ACTIVE
            row.save()
        return row

    def published(self) -> list[dict[str, Any]]:
        """Return what Thena was told."""
        return list(self.sandbox.orgs[DEMO_ORG].published)


@pytest.fixture
def thena(stage: Stage, client: Client, monkeypatch: pytest.MonkeyPatch) -> ThenaStory:
    return ThenaStory(stage, client, monkeypatch)


def test_installing_from_our_manifest_probes_and_brings_the_token(thena: ThenaStory) -> None:
    assert thena.target.publishing == Publishing.OFF
    token = thena.install()
    assert vault.secrets_of(thena.target)["bot_token"] == token
    assert thena.target.publishing == Publishing.ON
    assert thena.sandbox.apps[thena.app].reachable


@pytest.mark.parametrize("shape", ["flat", "wrapped"])
def test_a_change_in_thena_becomes_a_hint_in_either_shape(shape: str, thena: ThenaStory) -> None:
    thena.sandbox.behaviour.event_shape = shape
    thena.install()
    contacts = thena.sync()
    person = thena.sandbox.person()
    record_id = person.create("contacts", firstName="Ada", email="ada@acme.example")
    person.edit("contacts", record_id, lastName="Byron")
    assert set(thena.deliver()) == {200}
    assert inbox.route() == {contacts.pk}
    assert list(Hint.objects.values_list("side", "record_id")) == [("target", record_id)]
    assert "ada@acme.example" not in str(list(Event.objects.values()))


def test_events_that_come_twice_and_out_of_order_are_one_hint(thena: ThenaStory) -> None:
    thena.install()
    thena.sync("companies")
    thena.sandbox.behaviour.event_duplicates = 1.0
    thena.sandbox.behaviour.event_reorder = True
    person = thena.sandbox.person()
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
    thena.sandbox.person().create("contacts", firstName="Ada", email="ada@acme.example")
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
    [row] = waiting(thena.sync(), thena.target)
    sending.send()
    [told] = thena.published()
    assert told["event_name"] == delivery_kit.EVENT
    assert told["payload"]["deliveryId"] == str(row.pk)
    row.refresh_from_db()
    assert (row.state, row.message_id) == ("sent", told["messageId"])


def test_a_lost_answer_is_sent_again_under_the_same_id(thena: ThenaStory) -> None:
    thena.install()
    waiting(thena.sync(), thena.target)
    thena.sandbox.faults.inject(Fault(FaultKind.LOST_REPLY, path="incoming-webhook"))
    sending.send()
    assert states() == [("waiting", 1)]
    delivery_kit.let_all_be_due()
    sending.send()
    first, second = thena.published()
    assert first["payload"] == second["payload"]
    assert states() == [("sent", 2)]


def test_a_token_that_thena_took_back_stops_publishing_only(thena: ThenaStory) -> None:
    thena.install()
    thena.sandbox.apps[thena.app].tokens.clear()
    waiting(thena.sync(), thena.target)
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
    contacts = thena.sync()
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
    contacts = thena.sync()
    monkeypatch.setattr(connectors, "MOUNTS", {})
    responses.post(EVENTS, json={"success": True, "messageId": "m1", "timestamp": "now"})
    waiting(contacts, thena.target)
    sending.send()
    headers = responses.calls[0].request.headers
    assert headers["x-bot-key"] == token
    assert "x-api-key" not in headers
    assert Delivery.objects.get().message_id == "m1"
