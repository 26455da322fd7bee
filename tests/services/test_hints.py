"""The queue: merging, taking, settling, waking."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from integrations.engine.ports import Priority
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.models import Hint, Lane, ObjectSync
from integrations.services import hints, leases
from integrations.services.hints import Ended, NewHint, Taken
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def sync(db: None) -> ObjectSync:
    return factories.object_sync()


def new(record_id: str = "1", **values: object) -> NewHint:
    return NewHint(Side.HUBSPOT, record_id, **values)  # type: ignore[arg-type]


def ended(taken: Taken, **values: object) -> Ended:
    return Ended(taken.hint.key, taken.hint.version, **values)  # type: ignore[arg-type]


def test_repeats_merge_into_the_most_urgent(sync: ObjectSync) -> None:
    now = timezone.now()
    soon, later = now - timedelta(minutes=1), now + timedelta(hours=1)
    first = new(priority=Priority.RETRY, due_at=later, fired=True, primary_id="7", last_event_id=5)
    hints.raise_hints(sync.pk, [first])
    hints.raise_hints(sync.pk, [new(priority=Priority.PERSON, due_at=soon, last_event_id=3)])
    hints.raise_hints(sync.pk, [new(priority=Priority.BACKFILL, asked=True, due_at=later)])
    row = Hint.objects.get()
    assert (row.priority, row.due_at, row.version) == (Priority.PERSON, soon, 3)
    assert (row.fired, row.asked, row.primary_id, row.last_event_id) == (True, True, "7", 5)


def test_repeats_within_one_call_merge_the_same_way(sync: ObjectSync) -> None:
    hints.raise_hints(
        sync.pk,
        [
            new(priority=Priority.WEBHOOK, last_event_id=8),
            new(priority=Priority.PERSON, fired=True, primary_id="9", last_event_id=4),
        ],
    )
    row = Hint.objects.get()
    assert (row.priority, row.fired, row.primary_id) == (Priority.PERSON, True, "9")
    assert (row.last_event_id, row.version) == (8, 1)


def test_any_order_of_the_same_hints_leaves_the_same_row(sync: ObjectSync) -> None:
    parts = [
        new(priority=Priority.RETRY, fired=True, last_event_id=2),
        new(priority=Priority.WEBHOOK, primary_id="7", last_event_id=9),
        new(priority=Priority.RECONCILE, asked=True),
    ]
    seen = set()
    for order in ((0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0)):
        Hint.objects.all().delete()
        for index in order:
            hints.raise_hints(sync.pk, [parts[index]])
        names = ("priority", "fired", "asked", "primary_id", "last_event_id", "version")
        seen.add(tuple(Hint.objects.values_list(*names).get()))
    assert len(seen) == 1


def test_hints_are_taken_by_urgency_and_only_when_due(sync: ObjectSync) -> None:
    later = timezone.now() + timedelta(minutes=5)
    hints.raise_hints(
        sync.pk,
        [
            new("backfill", priority=Priority.BACKFILL),
            new("later", priority=Priority.PERSON, due_at=later),
            new("webhook"),
            new("person", priority=Priority.PERSON),
        ],
    )
    taken = [item.hint.record_id for item in hints.take(sync.pk, 2)]
    assert taken == ["person", "webhook"]
    assert [item.hint.record_id for item in hints.take(sync.pk, 9)][2:] == ["backfill"]


def test_an_attempt_counts_when_it_begins(sync: ObjectSync) -> None:
    hints.raise_hints(sync.pk, [new()])
    (taken,) = hints.take(sync.pk, 10)
    assert taken.hint.attempts == 1
    assert Hint.objects.get().attempts == 1


def test_what_was_taken_twice_and_never_settled_goes_alone(sync: ObjectSync) -> None:
    past = timezone.now() - timedelta(hours=1)
    hints.raise_hints(
        sync.pk, [new("a", due_at=past), new("b", due_at=past + timedelta(seconds=1)), new("c")]
    )
    hints.take(sync.pk, 2)
    assert len(hints.take(sync.pk, 2)) == 2
    assert [item.hint.record_id for item in hints.take(sync.pk, 9)] == ["a"]
    hints.settle([ended(item) for item in hints.take(sync.pk, 9)])
    assert [item.hint.record_id for item in hints.take(sync.pk, 9)] == ["b"]


def test_a_notice_during_the_work_is_not_swallowed(sync: ObjectSync) -> None:
    hints.raise_hints(sync.pk, [new(last_event_id=1)])
    (taken,) = hints.take(sync.pk, 10)
    hints.raise_hints(sync.pk, [new(last_event_id=2)])
    hints.settle([ended(taken)])
    row = Hint.objects.get()
    assert (row.last_event_id, row.version, row.attempts) == (2, 2, 0)
    (again,) = hints.take(sync.pk, 10)
    assert again.last_event_id == 2
    hints.settle([ended(again)])
    assert not Hint.objects.exists()


def test_a_notice_during_the_work_beats_the_wait_of_a_retry(sync: ObjectSync) -> None:
    hints.raise_hints(sync.pk, [new()])
    (taken,) = hints.take(sync.pk, 10)
    hints.raise_hints(sync.pk, [new()])
    hints.settle([ended(taken, due_at=timezone.now() + timedelta(hours=1), reason="unavailable")])
    assert len(hints.take(sync.pk, 10)) == 1


def test_a_rescheduled_hint_waits_and_loses_its_urgency(sync: ObjectSync) -> None:
    hints.raise_hints(sync.pk, [new(priority=Priority.PERSON)])
    (taken,) = hints.take(sync.pk, 10)
    due = timezone.now() + timedelta(minutes=4)
    hints.settle([ended(taken, due_at=due, reason="unavailable", given_back=True)])
    row = Hint.objects.get()
    assert (row.due_at, row.priority, row.reason) == (due, Priority.RETRY, "unavailable")
    assert row.attempts == 0
    assert hints.take(sync.pk, 10) == []


def test_a_refund_gives_attempts_back_to_what_was_not_settled(sync: ObjectSync) -> None:
    hints.raise_hints(sync.pk, [new("a"), new("b")])
    taken = hints.take(sync.pk, 10)
    hints.settle([ended(taken[0], due_at=timezone.now(), reason="unavailable")])
    hints.refund(taken, Reason.RATE_LIMITED)
    assert dict(Hint.objects.values_list("record_id", "attempts")) == {"a": 1, "b": 0}


def test_two_object_syncs_never_share_a_hint(sync: ObjectSync) -> None:
    other = factories.object_sync()
    hints.raise_hints(sync.pk, [new()])
    hints.raise_hints(other.pk, [new()])
    assert Hint.objects.count() == 2
    assert len(hints.take(other.pk, 10)) == 1


# ---------------------------------------------------------------- wake-ups


def queued() -> int:
    return len(OrmQ.objects.all())


def test_a_burst_of_wake_ups_queues_one_task(sync: ObjectSync) -> None:
    for _notice in range(5):
        hints.wake([sync.pk])
    assert queued() == 1


def test_a_wake_up_that_seems_lost_is_queued_again(sync: ObjectSync) -> None:
    hints.wake([sync.pk])
    Lane.objects.update(wake_queued_at=timezone.now() - timedelta(minutes=1))
    hints.wake([sync.pk])
    assert queued() == 2


def test_a_lane_at_work_is_marked_instead_of_queued(sync: ObjectSync) -> None:
    lease = leases.acquire(sync.pk)
    assert lease is not None
    hints.wake([sync.pk])
    assert queued() == 0
    assert leases.release(lease) is True


@pytest.mark.django_db(transaction=True)
def test_waking_never_waits_for_a_lane_that_is_being_settled(
    in_thread: Callable[[Callable[[], object]], threading.Thread],
) -> None:
    sync = factories.object_sync()
    locked, done = threading.Event(), threading.Event()

    def settle() -> None:
        with transaction.atomic():
            Lane.objects.select_for_update().get(pk=sync.pk)
            locked.set()
            assert done.wait(20)

    in_thread(settle)
    assert locked.wait(20)
    hints.wake([sync.pk])
    done.set()
    assert queued() == 1
