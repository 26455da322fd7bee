"""Health checks: alive while the database answers, ready while work moves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from integrations.models import ConnectionState, Heartbeat, Hint
from integrations.services import health
from tests import factories

pytestmark = pytest.mark.django_db


def ready(client: Client) -> tuple[int, set[str]]:
    answer = client.get("/readyz")
    return answer.status_code, {name for name, check in answer.json().items() if not check["ok"]}


def waiting_hint(minutes: int) -> Hint:
    due = timezone.now() - timedelta(minutes=minutes)
    return Hint.objects.create(
        object_sync=factories.object_sync(), side="hubspot", record_id="1", priority=1, due_at=due
    )


def test_the_process_is_alive_while_its_database_answers(client: Client) -> None:
    assert client.get("/healthz").status_code == 200


def test_the_process_is_not_alive_without_its_database(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> bool:
        raise OperationalError

    monkeypatch.setattr(health, "alive", fail)
    assert client.get("/healthz").status_code == 503


def test_it_is_ready_with_a_fresh_heartbeat_and_an_empty_queue(client: Client) -> None:
    health.beat()
    assert ready(client) == (200, set())


def test_it_is_not_ready_with_a_mistyped_key_and_does_not_repeat_it(
    client: Client, settings: Settings
) -> None:
    health.beat()
    settings.ENCRYPTION_KEYS = ["k1:hush-hush"]
    assert ready(client) == (503, {"keys"})
    assert "hush" not in client.get("/readyz").content.decode()


def test_it_is_not_ready_before_a_worker_reported(client: Client) -> None:
    assert ready(client) == (503, {"worker"})


def test_it_is_not_ready_when_the_worker_fell_silent(client: Client) -> None:
    Heartbeat.objects.create(name=health.WORKER, at=timezone.now() - timedelta(minutes=10))
    assert ready(client) == (503, {"worker"})


def test_it_is_not_ready_when_a_due_hint_waits_too_long(client: Client) -> None:
    health.beat()
    waiting_hint(minutes=60)
    assert ready(client) == (503, {"queue"})


def test_a_short_wait_is_no_fault(client: Client) -> None:
    health.beat()
    waiting_hint(minutes=1)
    assert ready(client) == (200, set())


def test_work_parked_for_a_person_is_no_fault_of_ours(client: Client) -> None:
    health.beat()
    connection = waiting_hint(minutes=60).object_sync.integration.hubspot
    connection.state = ConnectionState.PAUSED
    connection.save()
    assert ready(client) == (200, set())


def test_a_system_that_is_down_is_no_fault_of_ours(client: Client) -> None:
    health.beat()
    object_sync = waiting_hint(minutes=60).object_sync
    object_sync.not_before = timezone.now() + timedelta(minutes=5)
    object_sync.save()
    assert ready(client) == (200, set())


def test_health_checks_need_no_log_in_and_name_no_tenant(client: Client) -> None:
    waiting_hint(minutes=60)
    text = client.get("/readyz").content.decode()
    assert "acme" not in text.lower()
