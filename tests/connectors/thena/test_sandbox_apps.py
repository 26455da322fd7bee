"""The sandbox's apps: installing, the calls of their addresses with retries, published events."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
import requests
import responses

from integrations.connectors.thena.sandbox import Delivery, deliver
from integrations.connectors.thena.webhooks import receive
from integrations.engine.extras import InstallKind, Received
from integrations.engine.ports import EventKind
from integrations.engine.records import Side
from tests.connectors.thena.rig import EVENTS, HOOK, MANIFEST, ContactRig, Watch

WAITS = (10, 20, 30, 50, 80)


def taken(rig: ContactRig) -> list[Delivery]:
    """Return what is due, and let it arrive."""
    due = rig.sandbox.take_deliveries()
    for delivery in due:
        rig.sandbox.delivery_result(delivery.id, ok=True)
    return due


def arrived(rig: ContactRig) -> list[Received]:
    return [receive(delivery.body) for delivery in taken(rig)]


def names(rig: ContactRig) -> list[str]:
    bodies = [json.loads(delivery.body) for delivery in taken(rig)]
    return [body.get("eventType") or body["message"]["eventType"] for body in bodies]


@pytest.fixture
def rig(contacts: ContactRig) -> ContactRig:
    """Return a rig whose app is installed and has heard of it."""
    contacts.install()
    taken(contacts)
    return contacts


def test_making_an_app_probes_its_address_and_installing_it_brings_the_token(
    contacts: ContactRig,
) -> None:
    installed = contacts.install()
    probe, news = taken(contacts)
    assert (probe.url, probe.body) == (HOOK, b"")
    assert receive(probe.body) == Received()
    told = receive(news.body)
    assert told.account_id == installed["installedByOrgId"] == "EORG1"
    assert told.installation is not None
    assert told.installation.kind is InstallKind.INSTALLED
    assert told.installation.secrets == {"bot_token": installed["botToken"]}
    [app] = contacts.sandbox.apps.values()
    assert app.reachable is True


def test_an_app_without_a_name_is_refused(contacts: ContactRig) -> None:
    answer = contacts.call("POST", "/apps/create-app", {"manifest": {"app": {}}})
    assert answer["statusCode"] == 400
    assert contacts.call("POST", "/apps/install", {"appId": "APP9"})["statusCode"] == 404


def test_the_bot_token_is_a_key_until_the_app_is_removed(rig: ContactRig) -> None:
    token = rig.vault.secrets["bot_token"]
    assert rig.call("GET", "/v1/accounts", key=token)["status"] is True
    [app] = rig.sandbox.apps
    assert rig.call("POST", "/apps/uninstall", {"appId": app}) == {"success": True}
    assert rig.call("GET", "/v1/accounts", key=token)["statusCode"] == 401
    [told] = arrived(rig)
    assert told.installation is not None
    assert told.installation.kind is InstallKind.UNINSTALLED
    assert rig.call("POST", "/apps/uninstall", {"appId": app})["statusCode"] == 404


def test_a_reinstallation_changes_the_token(rig: ContactRig) -> None:
    old = rig.vault.secrets["bot_token"]
    [app] = rig.sandbox.apps
    fresh = rig.call("POST", "/apps/reinstall", {"appId": app})["botToken"]
    assert fresh != old
    [told] = arrived(rig)
    assert told.installation is not None
    assert told.installation.secrets == {"bot_token": fresh}


@pytest.mark.parametrize("shape", ["flat", "wrapped"])
def test_changes_by_people_and_by_us_are_told_in_either_shape(rig: ContactRig, shape: str) -> None:
    rig.sandbox.change(event_shape=shape)
    account = rig.referred(1)
    [contact] = rig.fill(1)
    rig.person.delete("contacts", contact)
    events = [event for received in arrived(rig) for event in received.events]
    assert [(event.object_type, event.kind, event.record_id) for event in events] == [
        ("accounts", EventKind.CREATED, account),
        ("contacts", EventKind.CREATED, contact),
        ("contacts", EventKind.DELETED, contact),
    ]
    assert {event.account_id for event in events} == {"EORG1"}
    assert len({event.dedup_key for event in events}) == 3
    assert {event.occurred_at for event in events} == {rig.sandbox.now()}


def test_an_account_in_an_event_is_spelled_otherwise_than_in_rest(rig: ContactRig) -> None:
    rig.person.create("accounts", name="Acme", primaryDomain="acme.example", employees=40)
    [delivery] = taken(rig)
    account = json.loads(delivery.body)["payload"]["account"]
    assert (account["domain"], account["size"]) == ("acme.example", 40)
    assert not {"primaryDomain", "employees", "website"} & {*account}


def test_picklists_and_custom_fields_have_events_of_their_own(rig: ContactRig) -> None:
    account = rig.referred(1)
    [field] = rig.person.org.fields
    taken(rig)
    active = rig.person.option("accounts", "status", "ACTIVE")
    rig.person.edit("accounts", account, status=active)
    assert names(rig) == ["account:updated", "account-status:changed"]
    for values in (["Gold"], ["Silver"], []):
        rig.person.set_custom("accounts", account, field, *values)
    kinds = [name for name in names(rig) if name != "account:updated"]
    assert kinds == [f"account-custom_field_value:{k}" for k in ("added", "changed", "removed")]


def test_contact_events_may_not_come_at_all(rig: ContactRig) -> None:
    rig.sandbox.change(contact_events=False)
    rig.fill(1)
    assert taken(rig) == []


def test_an_app_hears_only_what_it_subscribed_to_and_only_of_its_organisation(
    contacts: ContactRig,
) -> None:
    picky: dict[str, Any] = {**MANIFEST, "events": {"subscribe": [{"event": "account:created"}]}}
    contacts.install(picky)
    contacts.sandbox.add_organisation("EORG2", "Other", "pk_live_two")
    taken(contacts)
    account = contacts.referred(1)
    contacts.person.edit("accounts", account, name="B")
    contacts.sandbox.person("EORG2").create("accounts", name="C", primaryDomain="c.example")
    assert names(contacts) == ["account:created"]


def test_a_failed_delivery_is_tried_five_more_times_and_then_given_up(
    rig: ContactRig, watch: Watch
) -> None:
    rig.fill(1)
    for attempt, wait in enumerate((*WAITS, 0)):
        [delivery] = rig.sandbox.take_deliveries()
        assert delivery.attempt == attempt
        rig.sandbox.delivery_result(delivery.id, ok=False)
        watch.pass_seconds(max(0, wait - 1))
        assert rig.sandbox.take_deliveries() == []
        watch.pass_seconds(1)
    assert rig.sandbox.take_deliveries() == []
    assert (rig.sandbox.hub.given_up, rig.sandbox.hub.delivered) == (1, 1)


def test_duplicates_and_disorder_can_be_switched_on_and_repeat_with_their_seed(
    rig: ContactRig,
) -> None:
    orders: list[list[str]] = []
    for _ in range(2):
        rig.sandbox.change(event_duplicates=0.5, event_reorder=True, event_seed=7)
        for number in range(20):
            rig.person.create(
                "accounts", name=f"{number}", primaryDomain=f"d{len(orders)}-{number}.example"
            )
        bodies = [json.loads(delivery.body) for delivery in taken(rig)]
        orders.append([body["payload"]["account"]["name"] for body in bodies])
    assert orders[0] == orders[1]
    assert 20 < len(orders[0]) < 40
    assert orders[0] != sorted(orders[0], key=int)
    assert max(Counter(orders[0]).values()) == 2


def test_nothing_goes_out_while_events_are_held_back(rig: ContactRig) -> None:
    rig.sandbox.change(events_paused=True)
    rig.fill(2)
    assert rig.sandbox.take_deliveries() == []
    rig.sandbox.change(events_paused=False)
    assert len(taken(rig)) == 2


def test_deliveries_go_out_over_http(rig: ContactRig, watch: Watch) -> None:
    rig.fill(1)
    with responses.RequestsMock() as http:
        http.post(HOOK, status=500)
        assert deliver(rig.sandbox, requests.Session()) == 1
    watch.pass_seconds(WAITS[0])
    with responses.RequestsMock() as http:
        http.post(HOOK, body=requests.ConnectionError("gone"))
        assert deliver(rig.sandbox, requests.Session()) == 1
    watch.pass_seconds(WAITS[1])
    with responses.RequestsMock() as http:
        sent = http.post(HOOK, status=200)
        assert deliver(rig.sandbox, requests.Session()) == 1
        assert json.loads(sent.calls[0].request.body)["eventType"] == "customer-contact:created"
    assert deliver(rig.sandbox, requests.Session()) == 0


@pytest.mark.parametrize("shape", ["flat", "wrapped"])
def test_a_blacked_out_token_is_told_and_left_out_by_the_reader(
    rig: ContactRig, shape: str
) -> None:
    rig.sandbox.change(event_shape=shape)
    [app] = rig.sandbox.apps
    rig.call("POST", "/sandbox/apps/redact", {"app": app})
    [delivery] = taken(rig)
    assert json.loads(delivery.body)["bot_token"] == "[REDACTED]"
    told = receive(delivery.body)
    assert told.installation is not None
    assert (told.installation.kind, told.installation.secrets) == (InstallKind.CHANGED, {})


def test_published_events_are_kept_and_undeclared_ones_refused(rig: ContactRig) -> None:
    for name in EVENTS:
        rig.connector.publish(name, {"side": Side.TARGET.value})
    kept = rig.call("GET", "/sandbox/published")["published"]
    assert [event["event_name"] for event in kept] == list(EVENTS)
    assert kept[0]["payload"] == {"side": "target"}
