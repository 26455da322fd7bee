"""Incoming notices: stored once, routed to the tenant's own syncs, settled exactly once."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from integrations.connectors.hubspot.sandbox.signing import headers
from integrations.engine.reasons import Reason
from integrations.models import (
    AuditEntry,
    Connection,
    ConnectionState,
    Event,
    EventOutcome,
    Hint,
    ObjectSync,
    SyncState,
    Wake,
)
from integrations.services import inbox
from integrations.services.inbox import PayloadError, Receipt, SignatureError
from tests import factories

pytestmark = pytest.mark.django_db
URI = "https://portal.test/hooks/hubspot/"
Notice = dict[str, Any]


@pytest.fixture
def object_sync() -> ObjectSync:
    """A tenant whose HubSpot account 4711001 feeds RXNT."""
    return factories.object_sync(account_id="4711001")


def notice(**members: Any) -> Notice:
    return {
        "eventId": 1,
        "subscriptionId": 7,
        "portalId": 4711001,
        "occurredAt": 1_795_132_800_000,
        "subscriptionType": "contact.propertyChange",
        "objectId": 901,
        "propertyName": "lifecyclestage",
        "propertyValue": "customer",
    } | members


def receive(*notices: Notice, secret: str = "", at: datetime | None = None) -> Receipt:
    body = json.dumps(notices).encode()
    now = at or timezone.now()
    signed = headers(
        secret or settings.HUBSPOT_CLIENT_SECRET,
        URI,
        body,
        int(now.timestamp() * 1000),
        legacy=False,
    )
    return inbox.receive(method="POST", uri=URI, headers=signed, body=body, now=timezone.now())


def routers() -> int:
    """Return how many wake-ups of the router wait in the queue."""
    return [row.func() for row in OrmQ.objects.all()].count("integrations.tasks.route_events")


def hints() -> list[tuple[str, bool, bool]]:
    return sorted(Hint.objects.values_list("record_id", "fired", "asked"))


def outcome() -> str:
    return EventOutcome.objects.get().outcome


# ------------------------------------------------------------ receiving


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


def test_one_malformed_notice_stores_nothing_of_its_delivery(object_sync: ObjectSync) -> None:
    with pytest.raises(PayloadError):
        receive(notice(), {"portalId": 4711001})
    assert not Event.objects.exists()


def test_values_of_other_properties_are_not_kept(object_sync: ObjectSync) -> None:
    receive(notice(propertyName="rxnt_date_of_birth", propertyValue="1988-02-29"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(e)::text FROM integrations_event e")
        (text,) = cursor.fetchone()
    assert "1988" not in text


# ------------------------------------------------------------ routing


def test_entry_into_the_stage_fires(object_sync: ObjectSync) -> None:
    receive(notice())
    assert inbox.route() == {object_sync.pk}
    assert hints() == [("901", True, False)]
    assert outcome() == ""


def test_another_stage_only_asks_to_look(object_sync: ObjectSync) -> None:
    receive(notice(propertyValue="lead"))
    inbox.route()
    assert hints() == [("901", False, False)]


def test_leaving_the_stage_before_the_router_runs_does_not_undo_the_entry(
    object_sync: ObjectSync,
) -> None:
    receive(notice(), notice(eventId=2, propertyValue="evangelist"))
    inbox.route()
    assert hints() == [("901", True, False)]


def test_a_creation_is_asked_for_and_does_not_fire(object_sync: ObjectSync) -> None:
    receive(notice(subscriptionType="contact.creation"))
    inbox.route()
    assert hints() == [("901", False, True)]


def test_another_property_raises_no_hint_and_says_why(object_sync: ObjectSync) -> None:
    receive(notice(propertyName="phone"))
    inbox.route()
    assert hints() == []
    assert outcome() == Reason.EVENT_NOT_TRIGGER


def test_a_merge_asks_to_look_at_every_id(object_sync: ObjectSync) -> None:
    receive(
        notice(
            subscriptionType="contact.merge",
            primaryObjectId=901,
            mergedObjectIds=[902],
            newObjectId=903,
            objectId=903,
        )
    )
    inbox.route()
    assert [record_id for record_id, _, _ in hints()] == ["902", "903"]
    assert set(Hint.objects.values_list("primary_id", flat=True)) == {"901"}


def test_a_deletion_asks_to_look(object_sync: ObjectSync) -> None:
    receive(notice(subscriptionType="contact.deletion"))
    inbox.route()
    assert hints() == [("901", False, False)]


def test_an_unknown_kind_is_named_irrelevant(object_sync: ObjectSync) -> None:
    receive(notice(subscriptionType="contact.somethingNew"))
    inbox.route()
    assert outcome() == Reason.EVENT_IRRELEVANT


def test_an_object_nobody_syncs_is_named(object_sync: ObjectSync) -> None:
    receive(notice(subscriptionType="deal.creation"))
    inbox.route()
    assert Event.objects.get().outcome == Reason.EVENT_NO_SYNC
    assert not EventOutcome.objects.exists()


def test_an_uninstalled_integration_takes_nothing(object_sync: ObjectSync) -> None:
    integration = object_sync.integration
    integration.state = SyncState.UNINSTALLED
    integration.save()
    receive(notice())
    inbox.route()
    assert Event.objects.get().outcome == Reason.EVENT_NO_SYNC


def test_events_never_reach_another_tenants_sync(object_sync: ObjectSync) -> None:
    other = factories.object_sync(account_id="4711002")
    receive(notice())
    inbox.route()
    assert not other.hints.exists()


def test_routing_again_changes_nothing(object_sync: ObjectSync) -> None:
    receive(notice())
    inbox.route()
    before = list(Hint.objects.values())
    assert inbox.route() == set()
    assert list(Hint.objects.values()) == before


def test_routing_many_events_takes_a_constant_number_of_queries(
    object_sync: ObjectSync, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    receive(*(notice(eventId=n, objectId=n) for n in range(1, 201)))
    with django_assert_max_num_queries(25):
        inbox.route()
    assert Hint.objects.count() == 200


# ------------------------------------------------------------ settling and replay


def settle(object_sync: ObjectSync, newest: int, reason: str = Reason.CREATED) -> None:
    inbox.settle(object_sync.pk, [("hubspot", "901", newest, reason)])


def test_settling_gives_every_covered_event_its_outcome(object_sync: ObjectSync) -> None:
    receive(notice(), notice(eventId=2))
    inbox.route()
    settle(object_sync, Hint.objects.get().last_event_id)
    assert set(EventOutcome.objects.values_list("outcome", flat=True)) == {Reason.CREATED}


def test_an_event_that_came_later_stays_open(object_sync: ObjectSync) -> None:
    receive(notice())
    inbox.route()
    covered = Hint.objects.get().last_event_id
    receive(notice(eventId=2))
    inbox.route()
    settle(object_sync, covered)
    assert sorted(EventOutcome.objects.values_list("outcome", flat=True)) == ["", Reason.CREATED]


def test_an_outcome_is_given_once(object_sync: ObjectSync) -> None:
    receive(notice())
    inbox.route()
    newest = Hint.objects.get().last_event_id
    settle(object_sync, newest)
    settle(object_sync, newest, Reason.IN_STEP)
    assert outcome() == Reason.CREATED


def test_another_syncs_outcomes_are_left_alone(object_sync: ObjectSync) -> None:
    receive(notice())
    inbox.route()
    inbox.settle(uuid.uuid4(), [("hubspot", "901", 10**9, Reason.CREATED)])
    assert outcome() == ""


def test_a_replayed_event_is_routed_again_and_audited(
    object_sync: ObjectSync, admin_user: User
) -> None:
    receive(notice())
    inbox.route()
    Hint.objects.all().delete()
    assert inbox.replay(Event.objects.all(), admin_user) == 1
    assert inbox.route() == {object_sync.pk}
    assert hints() == [("901", True, False)]
    assert AuditEntry.objects.filter(action="event.replayed", actor=admin_user).count() == 1


def test_the_time_of_the_notice_is_kept_as_an_instant(object_sync: ObjectSync) -> None:
    receive(notice())
    assert Event.objects.get().occurred_at == datetime.fromtimestamp(1_795_132_800, UTC)
