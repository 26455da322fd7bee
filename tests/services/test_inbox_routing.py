"""Stored notices become hints of the tenant's own syncs, or say why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from integrations.engine.reasons import Reason
from integrations.models import (
    Event,
    EventOutcome,
    Hint,
    ObjectSync,
    SyncState,
)
from integrations.services import inbox
from tests import factories
from tests.services.notice_kit import hints, notice, outcome, receive

pytestmark = pytest.mark.django_db


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
