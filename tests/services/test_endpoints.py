"""A tenant's own webhook: who may set it, what it gets, when it is switched off."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from pytest_django import Settings

from integrations.engine.reasons import Reason
from integrations.models import AuditEntry, Delivery, Endpoint, Notice, ObjectSync
from integrations.services import endpoints, notices, rotation, sending, vault
from tests.services import delivery_kit
from tests.services.delivery_kit import EVENT, SECRET, Listener, listening, waiting
from tests.services.stage import Stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard(settings: Settings) -> Iterator[Listener]:
    """Give a listener on this machine, which this portal may call."""
    settings.ENDPOINTS_PRIVATE = True
    with listening() as listener:
        yield listener


@pytest.fixture
def sync(stage: Stage) -> ObjectSync:
    return stage.connect().object_syncs.get()


@pytest.fixture
def own(sync: ObjectSync, heard: Listener) -> Endpoint:
    return delivery_kit.endpoint(sync, heard.url)


def verify(secret: str, header: str, body: bytes) -> bool:
    """Check a signature as docs/webhooks.md tells receivers to."""
    parts = dict(part.split("=", 1) for part in header.split(","))
    signed = hmac.new(secret.encode(), parts["t"].encode() + b"." + body, hashlib.sha256)
    return hmac.compare_digest(signed.hexdigest(), parts["v1"])


def actions() -> list[str]:
    found = AuditEntry.objects.filter(action__startswith="endpoint").order_by("id")
    return list(found.values_list("action", flat=True))


def test_the_secret_is_shown_once_and_stored_sealed(
    sync: ObjectSync, stage: Stage, heard: Listener
) -> None:
    shown = endpoints.set_endpoint(sync.integration, f" {heard.url} ", stage.ada)
    assert shown.secret.startswith("whsec_")
    row = Endpoint.objects.get()
    assert row.url == heard.url
    assert shown.secret not in row.secret
    assert vault.unseal(row.secret, aad=vault.place(row, "secret")).decode() == shown.secret
    again = endpoints.set_endpoint(sync.integration, heard.url + "2", stage.ada)
    assert again.secret == ""
    assert Endpoint.objects.get().secret == row.secret
    assert "endpoint.secret" in {str(column) for column in rotation.COLUMNS}


def test_the_audit_names_the_host_and_not_the_rest(
    sync: ObjectSync, stage: Stage, heard: Listener
) -> None:
    endpoints.set_endpoint(sync.integration, heard.url, stage.ada)
    entry = AuditEntry.objects.get(action="endpoint.set")
    assert entry.detail == "127.0.0.1"


def test_only_who_may_change_things_touches_it(own: Endpoint, stage: Stage) -> None:
    for person in (stage.vic, stage.bob):
        for act in (
            lambda person=person: endpoints.set_endpoint(own.integration, own.url, person),
            lambda person=person: endpoints.rotate(own, person),
            lambda person=person: endpoints.switch(own, person, on=False),
            lambda person=person: endpoints.test(own, person),
        ):
            with pytest.raises(PermissionDenied):
                act()


def test_an_event_arrives_signed_with_ids_and_no_values(
    own: Endpoint, sync: ObjectSync, heard: Listener
) -> None:
    [row] = waiting(sync, own)
    sending.send()
    [(path, headers, body)] = heard.requests
    assert path == "/in?key=private"
    assert verify(SECRET, headers["X-Portal-Signature"], body)
    assert not verify("another", headers["X-Portal-Signature"], body)
    assert not verify(SECRET, headers["X-Portal-Signature"], body + b" ")
    assert headers["X-Portal-Event"] == EVENT
    sent = json.loads(body)
    assert (sent["id"], sent["event"]) == (str(row.pk), EVENT)
    assert sent["data"] == {"status": "SUCCESS", "number": 0}
    assert Delivery.objects.get().state == "sent"


def test_the_signature_is_the_documented_one() -> None:
    at = datetime(2026, 11, 20, 9, tzinfo=UTC)
    wanted = hmac.new(b"whsec_x", b'1795165200.{"a": 1}', hashlib.sha256).hexdigest()
    assert endpoints.sign("whsec_x", b'{"a": 1}', at) == f"t=1795165200,v1={wanted}"


def test_a_rotated_secret_signs_from_then_on(
    own: Endpoint, sync: ObjectSync, heard: Listener, stage: Stage
) -> None:
    fresh = endpoints.rotate(own, stage.ada).secret
    waiting(sync, own)
    sending.send()
    [(_path, headers, body)] = heard.requests
    assert verify(fresh, headers["X-Portal-Signature"], body)
    assert not verify(SECRET, headers["X-Portal-Signature"], body)


def test_a_ping_tells_how_it_went_and_counts_nothing(
    own: Endpoint, heard: Listener, stage: Stage
) -> None:
    assert endpoints.test(own, stage.ada).ok
    heard.status = 500
    trial = endpoints.test(own, stage.ada)
    assert not trial.ok
    assert trial.detail == "127.0.0.1: it answered HTTP 500"
    own.refresh_from_db()
    assert own.failures == 0
    assert json.loads(heard.requests[0][2])["event"] == "ping"


def test_twenty_failures_in_a_row_switch_it_off_and_say_so_once(
    own: Endpoint, sync: ObjectSync, heard: Listener
) -> None:
    heard.status = 503
    waiting(sync, own, 30)
    for _turn in range(endpoints.MOST_FAILURES + 5):
        delivery_kit.let_all_be_due()
        sending.send()
    own.refresh_from_db()
    assert not own.enabled
    assert own.failures == endpoints.MOST_FAILURES
    assert own.last_error == "127.0.0.1: it answered HTTP 503"
    assert len(heard.requests) == endpoints.MOST_FAILURES
    assert actions() == ["endpoint.switched_off"]
    notice = Notice.objects.get()
    assert (notice.kind, notice.reason) == ("events_stopped", Reason.ENDPOINT_OFF)
    assert notices.send(notice.pk)
    [message] = mail.outbox
    assert message.subject == "RXNT: synced-events stopped"
    assert f"/{own.integration.pk}/settings/" in message.body
    assert "HTTP 503" in message.body
    assert "private" not in message.body


def test_a_success_starts_the_count_again(own: Endpoint, sync: ObjectSync, heard: Listener) -> None:
    waiting(sync, own, 2)
    heard.status = 500
    sending.send()
    own.refresh_from_db()
    assert own.failures == 1
    heard.status = 204
    delivery_kit.let_all_be_due()
    sending.send()
    own.refresh_from_db()
    assert (own.failures, own.last_error) == (0, "")


def test_switching_it_on_again_sends_what_still_waits(
    own: Endpoint, sync: ObjectSync, heard: Listener, stage: Stage
) -> None:
    waiting(sync, own)
    endpoints.switch(own, stage.ada, on=False)
    sending.send()
    assert heard.requests == []
    endpoints.switch(own, stage.ada, on=True)
    sending.send()
    assert len(heard.requests) == 1
    assert actions() == ["endpoint.switched_off", "endpoint.switched_on"]


def test_nothing_of_an_answer_is_stored(own: Endpoint, sync: ObjectSync, heard: Listener) -> None:
    heard.status, heard.location = 302, "https://elsewhere.example/token=abc"
    waiting(sync, own)
    sending.send()
    assert len(heard.requests) == 1
    own.refresh_from_db()
    assert "elsewhere" not in str(Endpoint.objects.values().get())
    assert "elsewhere" not in str(Delivery.objects.values().get())
    assert own.last_error == "127.0.0.1: it answered HTTP 302"
