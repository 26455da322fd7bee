"""What a system's call brings: its own events, its app's credentials, and nobody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.connectors.hooks import PayloadError
from integrations.engine.errors import AuthFailed
from integrations.engine.reasons import Reason
from integrations.models import (
    AuditEntry,
    Connection,
    ConnectionState,
    Event,
    Hint,
    Notice,
    ObjectSync,
    Publishing,
)
from integrations.services import connections, hook_calls, hooks, inbox, vault
from integrations.services.inbox import Receipt
from tests.services import hook_kit
from tests.services.hook_kit import KEY, TOKEN, body
from tests.services.notice_kit import routers

pytestmark = pytest.mark.django_db
INSTALLED = body(account="ORG1", install="installed", secrets={"bot_token": TOKEN})
UNINSTALLED = body(account="ORG1", install="uninstalled")


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Connection:
    hook_kit.mount(monkeypatch)
    return hook_kit.connect()


def call(connection: Connection, sent: bytes) -> Receipt:
    """Call the address anew, as a process without memory would."""
    return hook_calls.receive(Connection.objects.get(pk=connection.pk), sent, timezone.now())


def secrets(connection: Connection) -> dict[str, str]:
    return vault.secrets_of(Connection.objects.get(pk=connection.pk))


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


def test_events_are_stored_for_the_connection_and_wake_one_router(desk: Connection) -> None:
    assert call(desk, body(account="ORG1", events=["P1", "P2"])) == Receipt(2, 0)
    assert set(Event.objects.of(desk.tenant).values_list("record_id", flat=True)) == {"P1", "P2"}
    assert routers() == 1


def test_a_repeated_call_is_stored_once(desk: Connection) -> None:
    for _time in range(3):
        call(desk, body(events=["P1"]))
    assert Event.objects.count() == 1


def test_events_become_hints_on_the_targets_side(desk: Connection, object_sync: ObjectSync) -> None:
    hook_kit.join(object_sync, desk)
    call(desk, body(events=["P1"]))
    assert inbox.route() == {object_sync.pk}
    assert list(Hint.objects.values_list("side", "record_id")) == [("target", "P1")]


def test_a_replayed_target_event_is_a_hint_again(
    desk: Connection, object_sync: ObjectSync, admin_user: object
) -> None:
    hook_kit.join(object_sync, desk)
    call(desk, body(events=["P1"]))
    inbox.route()
    Hint.objects.all().delete()
    inbox.replay(Event.objects.all(), admin_user)  # type: ignore[arg-type]
    assert inbox.route() == {object_sync.pk}
    assert Hint.objects.get().side == "target"


def test_a_call_for_another_organisation_is_dropped(
    desk: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    assert call(desk, body(account="ORG2", events=["P1"])) == Receipt(0, 1)
    foreign = body(account="ORG2", install="installed", secrets={"bot_token": "theirs"})
    call(desk, foreign)
    assert not Event.objects.exists()
    assert "bot_token" not in secrets(desk)
    assert "notice of another account" in caplog.text
    assert "ORG2" not in caplog.text


def test_notices_that_make_no_sense_are_counted_and_named(
    desk: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    assert call(desk, body(events=["P1"], refused=["Event 2 names no record."])) == Receipt(1, 1)
    assert "Event 2 names no record." in caplog.text


def test_an_unreadable_body_changes_nothing(desk: Connection) -> None:
    with pytest.raises(PayloadError):
        call(desk, b"{")
    assert not Event.objects.exists()


def test_that_the_system_calls_is_remembered_at_most_once_a_minute(desk: Connection) -> None:
    call(desk, body(events=["P1"]))
    first = Connection.objects.get(pk=desk.pk).hook_seen_at
    assert first is not None
    call(desk, body(events=["P2"]))
    assert Connection.objects.get(pk=desk.pk).hook_seen_at == first
    Connection.objects.update(hook_seen_at=first - timedelta(minutes=2))
    call(desk, body(events=["P3"]))
    assert Connection.objects.get(pk=desk.pk).hook_seen_at > first  # type: ignore[operator]


def test_an_installation_brings_the_apps_token_and_nothing_else(desk: Connection) -> None:
    before = secrets(desk)
    strange = {"bot_token": TOKEN, "api_key": "stolen", "hook": "known"}
    call(desk, body(install="installed", secrets=strange))
    assert secrets(desk) == before | {"bot_token": TOKEN}
    row = Connection.objects.get(pk=desk.pk)
    assert row.publishing == Publishing.ON
    assert actions() == ["app.installed"]


def test_an_installation_that_is_told_twice_is_followed_once(desk: Connection) -> None:
    call(desk, INSTALLED)
    call(desk, INSTALLED)
    assert actions() == ["app.installed"]


@pytest.mark.parametrize("left_out", [{}, {"bot_token": ""}])
def test_a_change_without_a_whole_token_overwrites_none(
    left_out: dict[str, str], desk: Connection
) -> None:
    call(desk, INSTALLED)
    call(desk, body(install="changed", secrets=left_out))
    assert secrets(desk)["bot_token"] == TOKEN
    assert Connection.objects.get(pk=desk.pk).publishing == Publishing.ON


def test_an_uninstall_drops_the_token_pauses_and_tells_a_person(desk: Connection) -> None:
    call(desk, INSTALLED)
    call(desk, UNINSTALLED)
    row = Connection.objects.get(pk=desk.pk)
    assert (row.state, row.reason) == (ConnectionState.PAUSED, Reason.APP_REMOVED)
    assert row.publishing == Publishing.OFF
    assert set(secrets(desk)) == {"api_key", "hook"}
    assert actions() == ["app.installed", "app.uninstalled", "connection.paused"]
    assert Notice.objects.get().reason == Reason.APP_REMOVED


def test_an_uninstall_told_twice_sends_one_mail(desk: Connection) -> None:
    call(desk, UNINSTALLED)
    call(desk, UNINSTALLED)
    assert Notice.objects.count() == 1
    assert actions() == ["app.uninstalled", "connection.paused"]


def test_installing_again_resumes_what_the_uninstall_had_parked(desk: Connection) -> None:
    call(desk, UNINSTALLED)
    call(desk, INSTALLED)
    row = Connection.objects.get(pk=desk.pk)
    assert (row.state, row.publishing) == (ConnectionState.ACTIVE, Publishing.ON)
    assert actions()[-2:] == ["app.installed", "connection.resumed"]


def test_installing_does_not_resume_a_connection_whose_key_is_refused(desk: Connection) -> None:
    connections.pause(desk.pk, AuthFailed("The key is refused."))
    call(desk, INSTALLED)
    assert Connection.objects.get(pk=desk.pk).state == ConnectionState.PAUSED
    assert secrets(desk)["bot_token"] == TOKEN


def test_another_tenants_connection_is_never_touched(desk: Connection) -> None:
    other = hook_kit.connect(account="ORG9")
    before = secrets(other)
    call(desk, INSTALLED)
    call(desk, UNINSTALLED)
    assert secrets(other) == before
    assert Connection.objects.get(pk=other.pk).state == ConnectionState.ACTIVE


def test_an_uninstalled_connection_takes_no_installation(desk: Connection) -> None:
    known = Connection.objects.get(pk=desk.pk)
    Connection.objects.update(state=ConnectionState.UNINSTALLED, secrets="", hook_digest=None)
    hook_calls.receive(known, INSTALLED, timezone.now())
    assert secrets(desk) == {}
    assert hooks.find("desk", "anything") is None


def test_the_key_for_syncing_outlives_everything(desk: Connection) -> None:
    for sent in (INSTALLED, UNINSTALLED, INSTALLED):
        call(desk, sent)
    assert secrets(desk)["api_key"] == KEY
