"""Every notice gets its outcome exactly once, and can be replayed."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.auth.models import User

from integrations.engine.reasons import Reason
from integrations.models import (
    AuditEntry,
    Event,
    EventOutcome,
    Hint,
    ObjectSync,
)
from integrations.services import inbox
from tests.services.notice_kit import hints, notice, outcome, receive

pytestmark = pytest.mark.django_db


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
