"""Call budgets shared by all processes: reservations on `Bucket` rows, in the database's clock.

Knows accounts and lanes only as keys; what a call is for is just its priority.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

from django.db import connection

from integrations.engine.errors import RateLimited
from integrations.engine.ports import Priority
from integrations.engine.specs import RateLimit

MAX_WAIT: Final = 5.0
"""Seconds a caller sleeps for its turn; a longer wait sends the lane back to the queue."""
BACKGROUND_SHARE: Final = 0.7
"""What retries, reconciliation and backfill may use; the rest is for people and webhooks."""
LOW_WATER: Final = 0.03
"""Below this share of the window something else uses the account too: slow down for a moment."""

_CLOCK: Final = "extract(epoch from clock_timestamp())"
_RESERVE: Final = f"""
    INSERT INTO integrations_bucket AS bucket (key, ts, blocked_until)
    VALUES (%(key)s, {_CLOCK} + (1 - %(burst)s) / %(rate)s, 0)
    ON CONFLICT (key) DO UPDATE SET ts =
        greatest(bucket.ts, bucket.blocked_until, {_CLOCK} - %(burst)s / %(rate)s) + 1 / %(rate)s
    WHERE greatest(bucket.ts, bucket.blocked_until, {_CLOCK} - %(burst)s / %(rate)s)
        + 1 / %(rate)s - {_CLOCK} <= %(max_wait)s
    RETURNING ts - {_CLOCK}"""  # noqa: S608  no value of a request is formatted in
_WAIT: Final = f"""
    SELECT greatest(ts, blocked_until) - {_CLOCK} FROM integrations_bucket WHERE key = %s"""  # noqa: S608
_BLOCK: Final = f"""
    INSERT INTO integrations_bucket AS bucket (key, ts, blocked_until)
    VALUES (%(key)s, 0, {_CLOCK} + %(seconds)s)
    ON CONFLICT (key) DO UPDATE
    SET blocked_until = greatest(bucket.blocked_until, excluded.blocked_until)"""  # noqa: S608


class AccountBudget:
    """The call budget of one account. A lane without a limit is not counted.

    Each grant reserves its own instant, so processes are served in turn and never more than
    `burst + rate * seconds` calls start in any window. Background work passes a smaller bucket
    of its own first. Inside a transaction (a token renewal) the bucket stays locked to its end.
    """

    def __init__(
        self,
        account_key: str,
        limits: Mapping[str, RateLimit],
        priority: Priority = Priority.WEBHOOK,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._account = account_key
        self._limits = limits
        self._background = priority > Priority.WEBHOOK
        self._sleep = sleep

    def acquire(self, lane: str) -> None:
        """Wait for a place; raises RateLimited when the wait would be too long."""
        limit = self._limits.get(lane)
        if limit is None:
            return
        if self._background:
            self._wait(f"{self._key(lane)}:background", _share(limit))
        self._wait(self._key(lane), limit)

    def observe(self, lane: str, status: int, headers: Mapping[str, str]) -> None:
        """Stop the account for all processes after a 429, or briefly when its window is used up.

        Header names: HubSpot docs, usage guidelines; other systems send `Retry-After` or nothing.
        """
        limit = self._limits.get(lane)
        if limit is None:
            return
        window = _number(headers, "X-HubSpot-RateLimit-Interval-Milliseconds") / 1000
        low = _number(headers, "X-HubSpot-RateLimit-Max") * LOW_WATER
        if status == 429:
            spent = limit.burst / limit.per_second
            self._block(lane, _number(headers, "Retry-After") or window or max(1.0, spent))
        elif "X-HubSpot-RateLimit-Remaining" in headers and (
            _number(headers, "X-HubSpot-RateLimit-Remaining") < low
        ):
            self._block(lane, window / 10)

    def _key(self, lane: str) -> str:
        return f"{self._account}:{lane}"

    def _wait(self, key: str, limit: RateLimit) -> None:
        values: dict[str, str | float] = {
            "key": key,
            "burst": float(limit.burst),
            "rate": float(limit.per_second),
            "max_wait": MAX_WAIT,
        }
        with connection.cursor() as cursor:
            cursor.execute(_RESERVE, values)
            granted = cursor.fetchone()
            if granted is None:
                cursor.execute(_WAIT, [key])
                (wait,) = cursor.fetchone() or (MAX_WAIT,)
                raise RateLimited(
                    "The account's call budget is used up for the moment.",
                    retry_after=max(1.0, float(wait) - MAX_WAIT / 2),
                )
        if granted[0] > 0:
            self._sleep(float(granted[0]))

    def _block(self, lane: str, seconds: float) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_BLOCK, {"key": self._key(lane), "seconds": seconds})


def _share(limit: RateLimit) -> RateLimit:
    burst = max(1, int(limit.burst * BACKGROUND_SHARE))
    return RateLimit(limit.per_second * BACKGROUND_SHARE, burst)


def _number(headers: Mapping[str, str], name: str) -> float:
    try:
        return max(0.0, float(headers.get(name, "")))
    except ValueError:
        return 0.0
