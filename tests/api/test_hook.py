"""The secret address of a connection over HTTP: what it answers, and what strangers learn."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from integrations.models import Connection, Event
from integrations.services import hooks
from integrations.services.hooks import HookKind
from tests.services import hook_kit
from tests.services.hook_kit import body

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Connection:
    hook_kit.mount(monkeypatch)
    return hook_kit.connect()


def path(connection: Connection, kind: HookKind = HookKind.EVENTS) -> str:
    return hooks.address(connection, kind).removeprefix(settings.PUBLIC_URL)


@pytest.mark.parametrize("kind", list(HookKind))
def test_both_addresses_take_events(kind: HookKind, client: Client, desk: Connection) -> None:
    answer = client.post(path(desk, kind), body(events=["P1"]), content_type=JSON)
    assert (answer.status_code, answer.json()) == (200, {"stored": 1, "dropped": 0})
    assert Event.objects.get().connection == desk


def test_no_cross_site_token_is_asked_for(desk: Connection) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(path(desk), body(events=[]), content_type=JSON).status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_a_probe_is_answered_and_leaves_nothing(
    method: str, client: Client, desk: Connection
) -> None:
    answer = client.generic(method, path(desk))
    assert (answer.status_code, answer.content) == (200, b"")
    assert not Event.objects.exists()
    assert Connection.objects.get(pk=desk.pk).hook_seen_at is None


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE"])
def test_a_wrong_secret_looks_like_a_page_that_does_not_exist(
    method: str, client: Client, desk: Connection
) -> None:
    nowhere = client.generic(method, "/hooks/desk/nowhere/", body(events=["P1"]), JSON)
    wrong = client.generic(method, f"/hooks/desk/{'x' * 43}/events/", body(events=["P1"]), JSON)
    assert wrong.status_code == nowhere.status_code == 404
    assert wrong.content == nowhere.content
    assert set(wrong.headers) == set(nowhere.headers)
    assert not Event.objects.exists()


def test_another_method_is_not_answered(client: Client, desk: Connection) -> None:
    assert client.delete(path(desk)).status_code == 405


def test_an_oversized_body_is_refused_unread(client: Client, desk: Connection) -> None:
    answer = client.post(path(desk), b" " * (settings.WEBHOOK_MAX_BYTES + 1), content_type=JSON)
    assert answer.status_code == 413


@pytest.mark.parametrize("sent", [b"{", b"\xff\xfe", b"nonsense"])
def test_a_malformed_body_is_refused_with_a_sentence(
    sent: bytes, client: Client, desk: Connection
) -> None:
    answer = client.post(path(desk), sent, content_type=JSON)
    assert answer.status_code == 400
    assert answer.json()["detail"]


def test_the_secret_is_in_no_line_of_the_log(
    client: Client, desk: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    for sent in (body(events=["P1"]), b"{", b""):
        client.post(path(desk), sent, content_type=JSON)
    client.get(path(desk).replace("events", "elsewhere"))
    formatted = caplog.text
    assert path(desk).split("/")[3] not in formatted
