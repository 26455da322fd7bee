"""The sandbox's webhooks: what fires, how it is signed, how often it is repeated."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests

from integrations.connectors.hubspot.sandbox import deliver_forever
from integrations.connectors.hubspot.sandbox.signing import sign_v1, sign_v3
from tests.connectors.hubspot.sandbox_rig import APP_ID, COMPANIES, CONTACTS, PORTAL, SandboxRig

SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
URI = "https://www.example.com/webhook_uri"


@pytest.mark.parametrize(
    ("body", "timestamp", "signature"),
    [
        (
            b"{'example_field':'example_value'}",
            1693657560000,
            "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y=",
        ),
        (
            b"{'example_field':'example_value'}",
            1700000300000,
            "RnbPH7+UMKVkbV32P8bz450N4M56aPmcru1+D3kSDtw=",
        ),
        (
            b'{"example_field":"example_value"}',
            1693657560000,
            "oaA3M5dEtt6kFsseJD/Hv/x+JNl1vsoxFj4oxmwP6Go=",
        ),
    ],
)
def test_the_signature_agrees_with_hubspots_own_examples(
    body: bytes, timestamp: int, signature: str
) -> None:
    assert sign_v3(SECRET, "POST", URI, body, timestamp) == signature


def test_the_old_signature_agrees_too() -> None:
    expected = "69fc6631a867edd4f9e9e627fc5c1148e3fbdd8b21837b6d2b8901c1fa57f750"
    assert sign_v1(SECRET, b"{'example_field':'example_value'}") == expected


def test_only_the_listed_escapes_of_the_address_are_decoded() -> None:
    decoded = sign_v3(SECRET, "POST", "https://a.example/x?u=b@c/%20", b"", 1)
    assert sign_v3(SECRET, "POST", "https://a.example/x?u=b%40c%2F%20", b"", 1) == decoded


def test_a_delivery_is_signed_with_the_apps_secret_and_the_present_time(hub: SandboxRig) -> None:
    hub.app.subscribe("contact.creation")
    hub.contact()
    (delivery,) = hub.sandbox.take_deliveries()
    timestamp = int(delivery.headers["X-HubSpot-Request-Timestamp"])
    assert timestamp == round(hub.now.timestamp() * 1000)
    signed = sign_v3(SECRET, "POST", delivery.url, delivery.body, timestamp)
    assert delivery.headers["X-HubSpot-Signature-v3"] == signed
    assert delivery.headers["X-HubSpot-Signature-Version"] == "v1"


def test_the_legacy_signature_can_be_left_out(hub: SandboxRig) -> None:
    hub.sandbox.behaviour.webhook_legacy_signature = False
    hub.app.subscribe("contact.creation")
    hub.contact()
    (delivery,) = hub.sandbox.take_deliveries()
    assert "X-HubSpot-Signature" not in delivery.headers


def test_an_edit_by_hand_and_a_write_of_the_app_name_their_source(hub: SandboxRig) -> None:
    hub.app.subscribe("contact.propertyChange", "lifecyclestage")
    contact = hub.person.create_contact({"firstname": "Ada"})
    hub.person.edit_contact(contact, {"lifecyclestage": "opportunity", "city": "Bonn"})
    hub.patch(f"{CONTACTS}/{contact}", {"lifecyclestage": "customer"})
    events = hub.events()
    assert [(e["propertyValue"], e["changeSource"], e["sourceId"]) for e in events] == [
        ("lead", "CRM_UI", "userId:990"),
        ("opportunity", "CRM_UI", "userId:990"),
        ("customer", "INTEGRATION", str(APP_ID)),
    ]
    assert {(e["portalId"], e["appId"], e["objectId"]) for e in events} == {
        (PORTAL, APP_ID, int(contact))
    }
    assert events[0]["subscriptionType"] == "contact.propertyChange"


def test_first_values_can_be_kept_from_firing(hub: SandboxRig) -> None:
    hub.sandbox.behaviour.creation_sends_properties = False
    hub.app.subscribe("contact.propertyChange", "firstname")
    hub.contact()
    assert hub.events() == []


def test_an_unchanged_value_fires_nothing_and_a_cleared_one_is_empty(hub: SandboxRig) -> None:
    hub.app.subscribe("contact.propertyChange", "city")
    contact = hub.contact(city="Bonn")
    hub.events()
    hub.patch(f"{CONTACTS}/{contact}", {"city": "Bonn"})
    assert hub.events() == []
    hub.patch(f"{CONTACTS}/{contact}", {"city": ""})
    assert [e["propertyValue"] for e in hub.events()] == [""]


def test_every_kind_of_change_has_its_event(hub: SandboxRig) -> None:
    for event in ("creation", "deletion", "restore", "privacyDeletion"):
        hub.app.subscribe(f"contact.{event}")
    contact = hub.contact()
    hub.person.delete_contact(contact)
    hub.person.restore_contact(contact)
    hub.person.forget_contact(contact)
    assert [e["subscriptionType"] for e in hub.events()] == [
        "contact.creation",
        "contact.deletion",
        "contact.restore",
        "contact.privacyDeletion",
        "contact.deletion",
    ]


def test_the_generic_form_names_its_object_type(hub: SandboxRig) -> None:
    hub.app.subscribe("object.creation", type_id="0-2")
    hub.contact()
    hub.post(COMPANIES, {"properties": {"name": "Acme"}}, 201)
    events = hub.events()
    assert [(e["subscriptionType"], e["objectTypeId"]) for e in events] == [
        ("object.creation", "0-2")
    ]


def test_events_of_several_accounts_share_batches_of_at_most_100(hub: SandboxRig) -> None:
    hub.app.subscribe("contact.creation")
    other = hub.sandbox.add_account(4711002, "Other")
    hub.sandbox.install(APP_ID, 4711002)
    rows = [{"firstname": str(n)} for n in range(75)]
    hub.person.create_many("contacts", rows)
    other.create_many("contacts", rows)
    batches = [delivery.events() for delivery in hub.sandbox.take_deliveries()]
    assert [len(batch) for batch in batches] == [100, 50]
    assert {e["portalId"] for e in batches[0]} == {PORTAL, 4711002}


def test_an_account_without_the_app_tells_nothing(hub: SandboxRig) -> None:
    hub.app.subscribe("contact.creation")
    hub.sandbox.uninstall(APP_ID, PORTAL)
    hub.person.create_contact({"firstname": "Ada"})
    assert hub.events() == []


def test_a_refused_batch_is_repeated_as_a_whole_ten_times_then_given_up(hub: SandboxRig) -> None:
    hub.app.subscribe("contact.creation")
    hub.contact()
    hub.contact()
    attempts = []
    for _ in range(40):
        for delivery in hub.sandbox.take_deliveries():
            attempts.append([event["attemptNumber"] for event in delivery.events()])
            hub.sandbox.delivery_result(delivery.id, ok=False)
        hub.wait(960)
    assert attempts == [[n, n] for n in range(11)]
    assert (hub.sandbox.webhooks.given_up, hub.sandbox.webhooks.pending()) == (2, 0)


def test_a_repeat_waits_and_is_signed_anew(hub: SandboxRig) -> None:
    hub.app.subscribe("contact.creation")
    hub.contact()
    (first,) = hub.sandbox.take_deliveries()
    hub.sandbox.delivery_result(first.id, ok=False)
    assert hub.sandbox.take_deliveries() == []
    hub.wait(2)
    (second,) = hub.sandbox.take_deliveries()
    assert second.headers["X-HubSpot-Signature-v3"] != first.headers["X-HubSpot-Signature-v3"]
    hub.sandbox.delivery_result(second.id, ok=True)
    assert hub.sandbox.webhooks.pending() == 0


def test_a_delivery_from_before_a_reset_is_ignored(hub: SandboxRig) -> None:
    hub.app.subscribe("contact.creation")
    hub.contact()
    (delivery,) = hub.sandbox.take_deliveries()
    hub.sandbox.reset()
    hub.sandbox.delivery_result(delivery.id, ok=False)
    assert hub.sandbox.webhooks.pending() == 0


def test_duplicates_and_disorder_repeat_with_their_seed(hub: SandboxRig) -> None:
    hub.sandbox.behaviour.change(
        {"webhook_seed": 5, "webhook_duplicates": 0.3, "webhook_reorder": True}
    )
    hub.app.subscribe("contact.creation")

    def told() -> list[int]:
        hub.sandbox.webhooks.reseed()
        start = int(hub.contact())
        hub.person.create_many("contacts", [{"firstname": str(n)} for n in range(30)])
        return [event["objectId"] - start for event in hub.events()]

    first, second = told(), told()
    assert first == second
    assert len(first) > len(set(first)) == 31
    assert first != sorted(first)


def test_a_paused_hub_keeps_its_events(hub: SandboxRig) -> None:
    hub.sandbox.behaviour.webhooks_paused = True
    hub.app.subscribe("contact.creation")
    hub.contact()
    assert hub.sandbox.take_deliveries() == []
    hub.sandbox.behaviour.webhooks_paused = False
    assert len(hub.events()) == 1


class Receiver(BaseHTTPRequestHandler):
    answers: list[int]
    bodies: list[bytes]
    done: threading.Event

    def do_POST(self) -> None:
        """Answer with the next status and remember the body."""
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        status = self.answers.pop(0)
        self.send_response(status)
        self.end_headers()
        if not self.answers:
            self.done.set()

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test output clean."""


@pytest.fixture
def receiver() -> Iterator[tuple[str, type[Receiver]]]:
    kind = type("OneReceiver", (Receiver,), {"bodies": [], "done": threading.Event()})
    server = HTTPServer(("127.0.0.1", 0), kind)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook", kind
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_delivery_thread_posts_and_repeats_after_an_error(
    hub: SandboxRig, receiver: tuple[str, type[Receiver]]
) -> None:
    url, kind = receiver
    kind.answers = [500, 302, 204]
    hub.app.webhook_url = url
    hub.sandbox.behaviour.webhook_retry_seconds = (0,)
    hub.app.subscribe("contact.creation")
    hub.contact()
    stop = threading.Event()
    thread = threading.Thread(
        target=deliver_forever, args=(hub.sandbox, requests.Session(), stop, 0.01)
    )
    thread.start()
    assert kind.done.wait(5)
    stop.set()
    thread.join()
    assert len(kind.bodies) == 3
    assert b'"attemptNumber":2' in kind.bodies[2]
    assert hub.sandbox.webhooks.delivered == 1
