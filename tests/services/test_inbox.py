"""Incoming notices: verified and stored once, with one router for a burst."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from integrations.models import (
    Connection,
    ConnectionState,
    Event,
    ObjectSync,
    Wake,
)
from integrations.services import inbox
from integrations.services.inbox import PayloadError, Receipt, SignatureError
from tests import factories
from tests.services.notice_kit import notice, receive, routers

pytestmark = pytest.mark.django_db


def test_a_delivery_is_stored_and_one_router_is_queued(object_sync: ObjectSync) -> None:
    assert receive(notice(), notice(eventId=2, objectId=902)) == Receipt(stored=2, dropped=0)
    assert Event.objects.of(object_sync.tenant).count() == 2
    assert routers() == 1


def test_repeats_are_stored_once(object_sync: ObjectSync) -> None:
    receive(notice(), notice())
    receive(notice(attemptNumber=3))
    assert Event.objects.count() == 1


def test_a_burst_of_deliveries_queues_one_router(object_sync: ObjectSync) -> None:
    for number in range(20):
        receive(notice(eventId=number))
    assert routers() == 1


def test_a_router_that_has_started_is_followed_by_another(object_sync: ObjectSync) -> None:
    receive(notice())
    inbox.route()
    receive(notice(eventId=2))
    assert routers() == 2


def test_a_wake_up_that_was_lost_does_not_silence_the_next(object_sync: ObjectSync) -> None:
    receive(notice())
    Wake.objects.update(queued_at=timezone.now() - timedelta(minutes=1))
    receive(notice(eventId=2))
    assert routers() == 2


def test_events_of_unknown_portals_are_dropped_and_the_others_kept(
    object_sync: ObjectSync,
) -> None:
    assert receive(notice(), notice(portalId=99)) == Receipt(stored=1, dropped=1)
    assert set(Event.objects.values_list("connection__account_id", flat=True)) == {"4711001"}


def test_events_of_an_uninstalled_portal_are_dropped(object_sync: ObjectSync) -> None:
    Connection.objects.update(state=ConnectionState.UNINSTALLED)
    assert receive(notice()) == Receipt(stored=0, dropped=1)
    assert routers() == 0


def test_events_of_a_paused_connection_are_kept(object_sync: ObjectSync) -> None:
    Connection.objects.update(state=ConnectionState.PAUSED)
    assert receive(notice()).stored == 1


def test_one_delivery_may_carry_events_of_several_tenants(object_sync: ObjectSync) -> None:
    other = factories.object_sync(account_id="4711002")
    receive(notice(), notice(portalId=4711002))
    assert Event.objects.of(object_sync.tenant).count() == 1
    assert Event.objects.of(other.tenant).count() == 1


def test_a_wrong_signature_stores_nothing(object_sync: ObjectSync) -> None:
    with pytest.raises(SignatureError):
        receive(notice(), secret="another")  # noqa: S106
    assert not Event.objects.exists()


@pytest.mark.parametrize("shift", [timedelta(minutes=-6), timedelta(minutes=6)])
def test_a_stale_or_future_signature_stores_nothing(
    object_sync: ObjectSync, shift: timedelta
) -> None:
    with pytest.raises(SignatureError):
        receive(notice(), at=timezone.now() + shift)
    assert not Event.objects.exists()


def test_one_malformed_notice_is_dropped_and_the_others_kept(
    object_sync: ObjectSync, caplog: pytest.LogCaptureFixture
) -> None:
    assert receive(notice(), {"portalId": 4711001}) == Receipt(stored=1, dropped=1)
    assert "Notice 1 lacks its portalId or subscriptionType" in caplog.text


def test_a_delivery_of_malformed_notices_only_is_refused(object_sync: ObjectSync) -> None:
    with pytest.raises(PayloadError):
        receive({"portalId": 4711001})
    assert not Event.objects.exists()


def test_values_of_other_properties_are_not_kept(object_sync: ObjectSync) -> None:
    receive(notice(propertyName="rxnt_date_of_birth", propertyValue="1988-02-29"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(e)::text FROM integrations_event e")
        (text,) = cursor.fetchone()
    assert "1988" not in text


def test_the_time_of_the_notice_is_kept_as_an_instant(object_sync: ObjectSync) -> None:
    receive(notice())
    assert Event.objects.get().occurred_at == datetime.fromtimestamp(1_795_132_800, UTC)
