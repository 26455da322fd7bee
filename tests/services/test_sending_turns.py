"""Whose turn it is to be sent to: leases, seats, rests of slow places, killed senders."""

from __future__ import annotations

import pytest

from integrations.models import Connection, Delivery, Endpoint, ObjectSync
from integrations.services import lanes, sending, sending_sql
from tests.services import delivery_kit
from tests.services.delivery_kit import Publisher, senders, states, waiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def target(object_sync: ObjectSync) -> Connection:
    return delivery_kit.publish(object_sync)


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> Publisher:
    return delivery_kit.publisher(monkeypatch)


def test_a_slow_place_rests_as_long_as_it_took(
    object_sync: ObjectSync, target: Connection, system: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SLOW", -1.0)
    waiting(object_sync, target, 3)
    sending.send()
    assert system.calls <= 3
    assert states()[0] == ("sent", 1)


def test_the_task_ends_when_its_time_is_over_and_wakes_another(
    object_sync: ObjectSync, target: Connection, system: Publisher
) -> None:
    waiting(object_sync, target, 3)
    sending.send(seconds=0.0)
    assert system.calls == 0
    assert senders() == 1


def test_senders_take_half_of_the_workers_at_most(
    object_sync: ObjectSync, target: Connection, system: Publisher
) -> None:
    waiting(object_sync, target)
    assert sending_sql.sit_down(1, 60.0) is not None
    sending.send()
    assert system.calls == 0


def test_a_place_has_one_sender_at_a_time(
    object_sync: ObjectSync, target: Connection, system: Publisher
) -> None:
    waiting(object_sync, target)
    assert sending_sql.claim(60.0) == target.pk
    assert sending_sql.claim(60.0) is None
    sending.send()
    assert system.calls == 0


def test_events_of_a_killed_sender_are_sent_again(
    object_sync: ObjectSync, target: Connection, system: Publisher
) -> None:
    waiting(object_sync, target)
    assert len(sending_sql.take(target.pk, 20)) == 1
    assert sending_sql.take(target.pk, 20) == []
    delivery_kit.let_all_be_due()
    sending.send()
    assert states() == [("sent", 2)]


def test_the_sweep_wakes_a_sender_for_what_is_due(
    object_sync: ObjectSync, target: Connection
) -> None:
    lanes.sweep()
    assert senders() == 0
    waiting(object_sync, target)
    lanes.sweep()
    assert senders() == 1


def test_a_place_that_is_gone_is_not_called(object_sync: ObjectSync, target: Connection) -> None:
    own = delivery_kit.endpoint(object_sync)
    waiting(object_sync, own)
    Endpoint.objects.all().delete()
    sending.send()
    assert not Delivery.objects.exists()
