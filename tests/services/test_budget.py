"""Budgets hold over many workers: judged by the instants that were granted, not by waiting."""

from __future__ import annotations

import bisect
import threading
import time
from collections.abc import Mapping

import pytest
from django.db import connection as database

from integrations.engine.errors import RateLimited
from integrations.engine.ports import Priority
from integrations.engine.specs import RateLimit
from integrations.models import Bucket
from integrations.services import budget
from integrations.services.budget import AccountBudget

LIMIT = RateLimit(per_second=40.0, burst=8)
LIMITS = {"general": LIMIT, "search": RateLimit(per_second=2.0, burst=1)}
pytestmark = pytest.mark.django_db


class Sleeps:
    """Stands in for time.sleep and remembers how long each wait was."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.waits.append(seconds)


def account(sleep: Sleeps, priority: Priority = Priority.WEBHOOK, key: str = "a") -> AccountBudget:
    return AccountBudget(key, LIMITS, priority, sleep=sleep)


def take(own: AccountBudget, lane: str = "general", most: int = 10_000) -> int:
    """Acquire without really waiting until refused; return how many were granted."""
    for count in range(most):
        try:
            own.acquire(lane)
        except RateLimited:
            return count
    return most


def test_a_burst_is_free_and_then_each_call_waits_its_turn() -> None:
    sleeps = Sleeps()
    own = account(sleeps)
    for _ in range(LIMIT.burst):
        own.acquire("general")
    assert sleeps.waits == []
    for _ in range(20):
        own.acquire("general")
    assert sleeps.waits
    assert sleeps.waits == sorted(sleeps.waits)


def test_a_wait_that_would_be_too_long_is_refused_with_the_time_to_come_back() -> None:
    own = account(Sleeps())
    granted = take(own)
    most = LIMIT.burst + LIMIT.per_second * budget.MAX_WAIT
    assert most <= granted
    with pytest.raises(RateLimited) as caught:
        own.acquire("general")
    assert 1.0 <= caught.value.retry_after <= budget.MAX_WAIT


def test_lanes_and_accounts_do_not_share_a_bucket() -> None:
    sleeps = Sleeps()
    own = account(sleeps)
    take(own)
    waits = len(sleeps.waits)
    own.acquire("search")
    account(sleeps, key="b").acquire("general")
    assert len(sleeps.waits) == waits


def test_a_lane_without_a_limit_is_not_counted() -> None:
    own = account(Sleeps())
    for _ in range(3):
        own.acquire("imports")
        own.observe("imports", 429, {})
    assert not Bucket.objects.exists()


@pytest.mark.parametrize("background", [Priority.RETRY, Priority.RECONCILE, Priority.BACKFILL])
@pytest.mark.parametrize("urgent", [Priority.PERSON, Priority.WEBHOOK])
def test_urgent_work_gets_through_while_background_work_floods(
    background: Priority, urgent: Priority
) -> None:
    sleeps = Sleeps()
    flooded = take(account(sleeps, background))
    assert flooded >= LIMIT.burst
    sleeps.waits.clear()
    urgent_granted = take(account(sleeps, urgent))
    share = 1 - budget.BACKGROUND_SHARE
    assert urgent_granted >= share * LIMIT.per_second * budget.MAX_WAIT * 0.9


def test_background_work_stays_within_its_share() -> None:
    granted = take(account(Sleeps(), Priority.BACKFILL))
    horizon = LIMIT.burst + LIMIT.per_second * budget.MAX_WAIT
    assert granted <= budget.BACKGROUND_SHARE * horizon * 1.1


# ---------------------------------------------------------------- learning from answers


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "3"}, 3.0),
        ({"X-HubSpot-RateLimit-Interval-Milliseconds": "4000"}, 4.0),
        ({"Retry-After": "tomorrow"}, 1.0),
        ({}, 1.0),
    ],
)
def test_a_429_stops_the_account_for_everyone(headers: Mapping[str, str], seconds: float) -> None:
    sleeps = Sleeps()
    account(sleeps).observe("general", 429, headers)
    account(sleeps, Priority.PERSON).acquire("general")
    assert sleeps.waits == [pytest.approx(seconds, abs=0.5)]


def test_a_long_block_sends_the_caller_away() -> None:
    own = account(Sleeps())
    own.observe("general", 429, {"Retry-After": "600"})
    with pytest.raises(RateLimited) as caught:
        own.acquire("general")
    assert caught.value.retry_after > 500


def test_a_shorter_block_never_shortens_a_longer_one() -> None:
    own = account(Sleeps())
    own.observe("general", 429, {"Retry-After": "600"})
    own.observe("general", 429, {"Retry-After": "1"})
    with pytest.raises(RateLimited):
        own.acquire("general")


def test_a_window_used_up_by_others_slows_everyone_for_a_moment() -> None:
    sleeps = Sleeps()
    own = account(sleeps)
    headers = {
        "X-HubSpot-RateLimit-Max": "110",
        "X-HubSpot-RateLimit-Remaining": "2",
        "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
    }
    own.observe("general", 200, headers | {"X-HubSpot-RateLimit-Remaining": "50"})
    own.observe("general", 200, {})
    assert not Bucket.objects.exists()
    own.observe("general", 200, headers)
    own.acquire("general")
    assert sleeps.waits == [pytest.approx(1.0, abs=0.5)]


# ---------------------------------------------------------------- many workers


@pytest.mark.django_db(transaction=True)
def test_no_window_ever_holds_more_than_the_limit_over_many_workers() -> None:
    """Each worker notes the instant its reservation is for, in the database's clock."""
    granted: list[float] = []
    start = threading.Barrier(6)

    def work(priority: Priority) -> None:
        instants: list[float] = []
        own = AccountBudget("a", {"general": LIMIT}, priority, sleep=time.sleep)
        start.wait()
        for _ in range(25):
            own.acquire("general")
            with database.cursor() as cursor:
                cursor.execute("SELECT extract(epoch from clock_timestamp())::float8")
                instants.append(cursor.fetchone()[0])
        granted.extend(instants)
        database.close()

    priorities = [Priority.WEBHOOK] * 3 + [Priority.BACKFILL] * 3
    workers = [threading.Thread(target=work, args=(each,)) for each in priorities]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    granted.sort()
    assert len(granted) == 150
    late = 0.25  # seconds a woken worker may take to read the clock on a busy machine
    for window in (0.5, 1.0, 2.0):
        for index, first in enumerate(granted):
            inside = bisect.bisect_left(granted, first + window) - index
            assert inside <= LIMIT.burst + LIMIT.per_second * (window + late)
