"""The address HubSpot calls: what it answers, and that refused requests change nothing."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from integrations.connectors.hubspot.sandbox.signing import headers
from integrations.models import Event, ObjectSync
from tests import factories

pytestmark = pytest.mark.django_db
PATH = "/hooks/hubspot/"
NOTICE = {
    "eventId": 1,
    "subscriptionId": 7,
    "portalId": 4711001,
    "occurredAt": 1_795_132_800_000,
    "subscriptionType": "contact.creation",
    "objectId": 901,
}


@pytest.fixture
def object_sync() -> ObjectSync:
    return factories.object_sync(account_id="4711001")


def post(client: Client, body: bytes, path: str = PATH, **extra: Any) -> tuple[int, dict[str, Any]]:
    now = int(timezone.now().timestamp() * 1000)
    signed = headers(
        settings.HUBSPOT_CLIENT_SECRET, settings.PUBLIC_URL + path, body, now, legacy=True
    )
    answer = client.post(path, body, content_type="application/json", headers=signed | extra)
    return answer.status_code, answer.json()


def test_a_signed_delivery_is_accepted(client: Client, object_sync: ObjectSync) -> None:
    assert post(client, json.dumps([NOTICE]).encode()) == (200, {"stored": 1, "dropped": 0})
    assert Event.objects.of(object_sync.tenant).count() == 1


def test_the_query_is_part_of_the_signed_address(client: Client, object_sync: ObjectSync) -> None:
    status, _ = post(client, json.dumps([NOTICE]).encode(), path=PATH + "?a=1&b=%2F")
    assert status == 200


def test_an_unknown_portal_is_answered_2xx(client: Client, object_sync: ObjectSync) -> None:
    body = json.dumps([NOTICE | {"portalId": 5}]).encode()
    assert post(client, body) == (200, {"stored": 0, "dropped": 1})
    assert not Event.objects.exists()


def test_a_wrong_signature_is_refused(client: Client, object_sync: ObjectSync) -> None:
    status, answer = post(
        client, json.dumps([NOTICE]).encode(), **{"X-HubSpot-Signature-v3": "AAAA"}
    )
    assert status == 401
    assert "wrong" in answer["detail"]
    assert not Event.objects.exists()


def test_a_request_without_signature_is_refused(client: Client, object_sync: ObjectSync) -> None:
    answer = client.post(PATH, json.dumps([NOTICE]), content_type="application/json")
    assert answer.status_code == 401
    assert not Event.objects.exists()


def test_a_stale_timestamp_is_refused(client: Client, object_sync: ObjectSync) -> None:
    status, _ = post(
        client,
        json.dumps([NOTICE]).encode(),
        **{"X-HubSpot-Request-Timestamp": "1693657560000"},
    )
    assert status == 401


@pytest.mark.parametrize("body", [b"{", b"[1]", b'{"a": 1}', b"", b"\xff\xfe"])
def test_a_malformed_body_is_refused_with_a_sentence(
    client: Client, object_sync: ObjectSync, body: bytes
) -> None:
    status, answer = post(client, body)
    assert status == 400
    assert answer["detail"]
    assert not Event.objects.exists()


def test_an_oversized_body_is_refused_unread(client: Client, object_sync: ObjectSync) -> None:
    status, _ = post(client, b"[" + b" " * settings.WEBHOOK_MAX_BYTES + b"]")
    assert status == 413
    assert not Event.objects.exists()


@pytest.mark.parametrize(("blanks", "status"), [(0, 200), (settings.WEBHOOK_MAX_BYTES, 413)])
def test_a_body_that_a_proxy_sends_on_in_chunks_is_read(
    blanks: int, status: int, client: Client, object_sync: ObjectSync
) -> None:
    body = json.dumps([NOTICE]).encode() + b" " * blanks
    now = int(timezone.now().timestamp() * 1000)
    uri = settings.PUBLIC_URL + PATH
    signed = headers(settings.HUBSPOT_CLIENT_SECRET, uri, body, now, legacy=False)
    chunks: dict[str, Any] = {"wsgi.input": BytesIO(body), "wsgi.input_terminated": True}

    answer = client.post(PATH, headers=signed | {"Transfer-Encoding": "chunked"}, **chunks)

    assert answer.status_code == status
    assert Event.objects.exists() is (status == 200)


def test_a_notice_with_strange_characters_does_not_hold_up_its_batch(
    client: Client, object_sync: ObjectSync
) -> None:
    strange = {"eventId": 2, "subscriptionType": "\0.\0", "propertyName": "\ud800\0"}
    value = {"eventId": 3, "propertyName": "lifecyclestage", "propertyValue": "\0\ud800"}
    body = json.dumps([NOTICE, NOTICE | strange, NOTICE | value]).encode()
    assert post(client, body) == (200, {"stored": 3, "dropped": 0})


def test_only_post_is_answered(client: Client) -> None:
    assert client.get(PATH).status_code == 405


def test_a_body_of_another_content_type_is_judged_by_its_signature(
    client: Client, object_sync: ObjectSync
) -> None:
    answer = client.post(PATH, b"[]", content_type="text/plain")
    assert answer.status_code == 401
