"""Deliveries reach their place, or are tried again, or are given up; a sync never notices."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.engine.errors import (
    AuthFailed,
    MissingScope,
    RateLimited,
    Rejected,
    ReplyLost,
    SyncError,
    Unavailable,
)
from integrations.engine.reasons import Reason
from integrations.models import (
    AuditEntry,
    Bucket,
    Connection,
    ConnectionState,
    Delivery,
    Notice,
    ObjectSync,
    Publishing,
)
from integrations.services import retention, sending
from tests import factories
from tests.services import delivery_kit, hook_kit
from tests.services.delivery_kit import Publisher, states, waiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def target(object_sync: ObjectSync, monkeypatch: pytest.MonkeyPatch) -> Connection:
    """Give a connection of a system whose app has a credential of its own."""
    hook_kit.mount(monkeypatch)
    row = hook_kit.connect(object_sync.tenant)
    hook_kit.join(object_sync, row)
    object_sync.refresh_from_db()
    Connection.objects.filter(pk=row.pk).update(publishing=Publishing.ON)
    return row


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> Publisher:
    return delivery_kit.publisher(monkeypatch)


def rest_of(target: Connection) -> float:
    """Return for how many seconds nothing will be sent to a place."""
    until = Bucket.objects.get(key=f"deliveries:{target.pk}").blocked_until
    return until - time.time()


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


def test_what_waits_is_sent_once_with_its_id(
    object_sync: ObjectSync, target: Connection, system: Publisher
) -> None:
    first, second = waiting(object_sync, target, 2)
    sending.send()
    sending.send()
    assert [payload["deliveryId"] for _event, payload in system.got] == [
        str(first.pk),
        str(second.pk),
    ]
    assert states() == [("sent", 1), ("sent", 1)]
    first.refresh_from_db()
    assert first.message_id == "m1"
    assert first.sent_at is not None


def test_what_is_not_due_yet_waits(
    object_sync: ObjectSync, target: Connection, system: Publisher
) -> None:
    waiting(object_sync, target)
    Delivery.objects.update(due_at=timezone.now() + timedelta(minutes=5))
    sending.send()
    assert system.calls == 0


@pytest.mark.parametrize("error", [Unavailable("down"), ReplyLost("lost")])
def test_a_passing_failure_is_tried_again_later(
    error: SyncError, object_sync: ObjectSync, target: Connection, system: Publisher
) -> None:
    system.answers = [error]
    waiting(object_sync, target)
    sending.send()
    assert states() == [("waiting", 1)]
    assert Delivery.objects.get().last_error == error.detail
    assert Delivery.objects.get().due_at > timezone.now()
    delivery_kit.let_all_be_due()
    sending.send()
    assert states() == [("sent", 2)]


def test_a_failure_lets_the_place_rest_and_the_others_of_its_batch_keep_their_tries(
    object_sync: ObjectSync, target: Connection, system: Publisher
) -> None:
    system.answers = [Unavailable("down")]
    waiting(object_sync, target, 5)
    sending.send()
    assert system.calls == 1
    assert states() == [("waiting", 1), *[("waiting", 0)] * 4]
    assert 20 < rest_of(target) <= 30


def test_rests_grow_with_each_failure_in_a_row_and_success_ends_them(
    object_sync: ObjectSync, target: Connection, system: Publisher
) -> None:
    system.answers = [Unavailable("down")] * 3
    waiting(object_sync, target, 3)
    rests = []
    for _turn in range(3):
        delivery_kit.let_all_be_due()
        sending.send()
        rests.append(round(rest_of(target), -1))
    assert rests == [30, 60, 120]
    delivery_kit.let_all_be_due()
    sending.send()
    target.refresh_from_db()
    assert (target.publish_failures, target.publish_detail) == (0, "")


def test_after_the_last_try_it_is_given_up_with_one_warning(
    object_sync: ObjectSync, target: Connection, system: Publisher
) -> None:
    system.answers = [Unavailable("down")] * 50
    waiting(object_sync, target)
    for _turn in range(len(sending.WAITS) + 3):
        delivery_kit.let_all_be_due()
        sending.send()
    assert states() == [("dropped", len(sending.WAITS) + 1)]
    assert actions() == ["delivery.dropped"]
    entry = AuditEntry.objects.get()
    assert (entry.connection_id, entry.tenant) == (target.pk, object_sync.tenant)
    assert "down" in entry.detail


def test_what_is_a_day_old_is_given_up_with_one_warning_an_hour(
    object_sync: ObjectSync, target: Connection, system: Publisher
) -> None:
    waiting(object_sync, target, 3, hours=25)
    waiting(object_sync, target, 1)
    sending.sweep()
    waiting(object_sync, target, 3, hours=25)
    sending.sweep()
    assert [state for state, _tries in states()].count("dropped") == 6
    assert actions() == ["delivery.dropped"]
    Bucket.objects.filter(key__startswith="dropped:").update(blocked_until=0)
    waiting(object_sync, target, 1, hours=25)
    sending.sweep()
    assert len(actions()) == 2


def test_a_refused_event_is_given_up_alone(
    object_sync: ObjectSync, target: Connection, system: Publisher
) -> None:
    system.answers = [Rejected("Unknown payload.")]
    waiting(object_sync, target, 2)
    sending.send()
    assert [state for state, _tries in states()] == ["dropped", "sent"]


@pytest.mark.parametrize("error", [AuthFailed("The token is dead."), MissingScope("Undeclared.")])
def test_a_refused_token_stops_publishing_and_not_the_syncing(
    error: SyncError, object_sync: ObjectSync, target: Connection, system: Publisher
) -> None:
    system.answers = [error]
    waiting(object_sync, target, 3)
    sending.send()
    target.refresh_from_db()
    assert target.state == ConnectionState.ACTIVE
    assert (target.publishing, target.publish_detail) == (Publishing.REFUSED, error.detail)
    assert actions() == ["events.refused"]
    assert Notice.objects.get().reason == Reason.EVENTS_REFUSED
    assert states() == [("waiting", 0)] * 3
    delivery_kit.let_all_be_due()
    sending.send()
    assert system.calls == 1


def test_the_same_credential_for_both_pauses_the_connection(
    object_sync: ObjectSync, system: Publisher
) -> None:
    plain = delivery_kit.publish(object_sync)
    system.answers = [AuthFailed("The login is refused.")]
    waiting(object_sync, plain)
    sending.send()
    plain.refresh_from_db()
    assert plain.state == ConnectionState.PAUSED


def test_being_slowed_down_costs_no_try(
    object_sync: ObjectSync, target: Connection, system: Publisher
) -> None:
    system.answers = [None, RateLimited("slow down", retry_after=40.0)]
    waiting(object_sync, target, 3)
    sending.send()
    assert states() == [("sent", 1), ("waiting", 0), ("waiting", 0)]
    assert 35 < rest_of(target) <= 40


def test_a_system_that_cannot_be_told_is_marked(
    object_sync: ObjectSync, target: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "integrations.services.connectors.open_connector", lambda connection, priority: object()
    )
    waiting(object_sync, target)
    sending.send()
    target.refresh_from_db()
    assert target.publishing == Publishing.REFUSED


def test_a_fault_of_our_own_stops_one_event_only(
    object_sync: ObjectSync, target: Connection, system: Publisher
) -> None:
    system.answers = [KeyError("customer's name")]  # type: ignore[list-item]
    waiting(object_sync, target, 2)
    sending.send()
    assert states() == [("waiting", 1), ("sent", 1)]
    assert Delivery.objects.order_by("id")[0].last_error == sending.INTERNAL


def test_a_dead_place_does_not_hold_up_another_tenants(
    object_sync: ObjectSync, target: Connection, system: Publisher
) -> None:
    other_sync = factories.object_sync(account_id="4711002")
    other = delivery_kit.publish(other_sync)
    system.answers = [Unavailable("down")]
    waiting(object_sync, target, 50)
    waiting(other_sync, other, 2)
    sending.send()
    assert Delivery.objects.filter(destination=other.pk, state="sent").count() == 2


def test_old_deliveries_go_with_the_events_and_waiting_ones_stay(
    object_sync: ObjectSync, target: Connection
) -> None:
    for state in ("sent", "dropped", "waiting"):
        [row] = waiting(object_sync, target, hours=24 * 400)
        Delivery.objects.filter(pk=row.pk).update(state=state)
    retention.prune()
    assert [state for state, _tries in states()] == ["waiting"]
