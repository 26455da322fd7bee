"""Rate limits: 110 calls per 10 seconds for each app and account, and 5 searches per second.

A service key may make fewer calls in small accounts. A 429 carries no Retry-After, and searches
carry no rate headers. Source: HubSpot docs, "usage guidelines", 2026-03-30.
"""

from collections import deque

from integrations.connectors.sandbox_kit import JsonObject

from .errors import ApiError

BURST, BURST_MS = 110, 10_000
SEARCHES, SEARCH_MS = 5, 1_000


class RateLimits:
    """Rolling windows of call instants (epoch milliseconds)."""

    def __init__(self) -> None:
        self._calls: dict[tuple[int, int], deque[int]] = {}
        self._searches: dict[int, deque[int]] = {}

    def spend(self, app_id: int, portal_id: int, now: int, most: int = BURST) -> dict[str, str]:
        """Count one call and return the rate headers; raises ApiError 429."""
        window = self._calls.setdefault((app_id, portal_id), deque())
        if not _take(window, now, most, BURST_MS):
            raise too_many("ten_secondly_rolling", "TEN_SECONDLY_ROLLING", rate_headers(0, most))
        return rate_headers(most - len(window), most)

    def spend_search(self, portal_id: int, now: int) -> dict[str, str]:
        """Count one search; raises ApiError 429."""
        window = self._searches.setdefault(portal_id, deque())
        if not _take(window, now, SEARCHES, SEARCH_MS):
            raise too_many("secondly", "SECONDLY", {})
        return {}


class TooMany(ApiError):
    """429 together with the headers of its answer."""

    def __init__(self, message: str, members: JsonObject, headers: dict[str, str]) -> None:
        super().__init__(429, message, extra=members)
        self.headers = headers


def too_many(limit: str, policy: str, headers: dict[str, str]) -> TooMany:
    """Return the 429 of a policy: TEN_SECONDLY_ROLLING, SECONDLY or DAILY."""
    members = {"errorType": "RATE_LIMIT", "policyName": policy, "groupName": "publicapi:crm"}
    return TooMany(f"You have reached your {limit} limit.", members, headers)


def rate_headers(remaining: int, most: int = BURST) -> dict[str, str]:
    """Return the headers of an answer."""
    return {
        "X-HubSpot-RateLimit-Max": str(most),
        "X-HubSpot-RateLimit-Remaining": str(remaining),
        "X-HubSpot-RateLimit-Interval-Milliseconds": str(BURST_MS),
    }


def _take(window: deque[int], now: int, most: int, length: int) -> bool:
    while window and window[0] <= now - length:
        window.popleft()
    if len(window) >= most:
        return False
    window.append(now)
    return True
