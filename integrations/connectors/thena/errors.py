"""What Thena's statuses and error bodies mean: the customer, us, one record, or a bad moment.

Bodies are NestJS's: `{"statusCode", "message": text or list, "error"}`. Messages can quote values,
so only the names of fields and our own words remain of them.
Source: docs.thena.ai, API introduction (rate headers) and account pages, read 2026-11-20.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final

import requests

from integrations.connectors.thena.fields import STANDARD
from integrations.engine.errors import (
    AuthFailed,
    Duplicate,
    Misconfigured,
    MissingScope,
    NotFound,
    RateLimited,
    Rejected,
    SyncError,
    Unavailable,
)
from integrations.engine.reasons import Reason

WAIT_AFTER_429: Final = 60.0
"""Seconds, where Thena does not say: its windows are assumed to be minutes."""
LONGEST_WAIT: Final = 3600.0

_FIELDS: Final = {
    spec.name for specs in STANDARD.values() for spec in specs
} | {"customFieldValues", "metadata", "options", "fieldType"}  # fmt: skip
_WORD = re.compile(r"[A-Za-z]\w*")
_TAKEN = re.compile(r"\balready\b|\bexists\b|\bunique\b|\bduplicate|\bin use\b|\btaken\b", re.I)
_NO_ROUTE = re.compile(r"Cannot (GET|POST|PUT|DELETE|PATCH) /")
_SAYINGS: Final = (
    (re.compile(r"not be empty|required|missing|must be defined", re.I), "is missing"),
    (re.compile(r"shorter|too long|at most|maximum|longer than", re.I), "is too long"),
    (re.compile(r"must be an email|valid email", re.I), "is not an email address"),
    (re.compile(r"must be a number|numeric|integer", re.I), "is not a fitting number"),
    (re.compile(r"must be a (valid )?url", re.I), "is not a web address"),
    (re.compile(r"should not exist|unknown property", re.I), "is not known to Thena"),
    (re.compile(r"not found|does not exist|unknown", re.I), "names something that is not there"),
    (re.compile(r"one of|not a valid|invalid", re.I), "is not one of the allowed values"),
)


def classify(response: requests.Response) -> SyncError | None:
    """Return the error an answer stands for, None for a success."""
    status = response.status_code
    if status < 300:
        return None
    if status == 401:
        return AuthFailed("Thena no longer accepts the API key. Enter one that is valid.")
    if status == 403:
        return MissingScope(
            "The API key may not do this in Thena. It must be allowed to read and write accounts, "
            "contacts and their custom fields."
        )
    if status == 429:
        return RateLimited("Thena asks us to slow down.", retry_after=wait_of(response.headers))
    if status >= 500 or status == 408:
        return Unavailable(
            f"Thena answered HTTP {status}.", retry_after=_number(response.headers, "Retry-After")
        )
    return _record_error(status, messages_of(response))


def _record_error(status: int, messages: tuple[str, ...] | None) -> SyncError:
    """Return what is wrong with one record. A 404 that is not Thena's own proves nothing."""
    if status in (404, 405):
        if messages is None:
            return Unavailable(f"Something in between answered HTTP {status} for Thena.")
        if status == 405 or any(_NO_ROUTE.match(message) for message in messages):
            return Misconfigured(
                f"Thena does not know the operation (HTTP {status}): check THENA_API_URL, "
                "THENA_APPS_URL and THENA_ACCOUNTS_BY_IDS."
            )
        return NotFound("Thena has no such record.")
    messages = messages or ()
    fields, said = _summary(messages)
    if status == 409 or any(_TAKEN.search(message) for message in messages):
        return Duplicate(f"Thena already has a record with this value: {said or 'not named'}.")
    reason = Reason.REQUIRED_MISSING if said.endswith("is missing") else None
    return Rejected(
        f"Thena refused it: {said or f'HTTP {status}'}.",
        reason=reason,
        system_code=str(status),
        fields=fields,
    )


def messages_of(response: requests.Response) -> tuple[str, ...] | None:
    """Return the sentences of an error body, None when it is not one of Thena's."""
    try:
        parsed: Any = response.json()
    except ValueError:
        return None
    if not isinstance(parsed, dict) or "message" not in parsed:
        return None
    said = parsed["message"]
    return tuple(str(one) for one in said) if isinstance(said, list) else (str(said),)


def _summary(messages: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """Return the fields the messages name, and what is wrong with them in our words."""
    fields: dict[str, None] = {}
    said: dict[str, None] = {}
    for message in messages:
        named = [word for word in _WORD.findall(message) if word in _FIELDS]
        fields |= dict.fromkeys(named)
        what = next((words for pattern, words in _SAYINGS if pattern.search(message)), "")
        if named or what:
            said[" ".join(part for part in (", ".join(dict.fromkeys(named)), what) if part)] = None
    return tuple(fields), "; ".join(said)


def wait_of(headers: Mapping[str, str]) -> float:
    """Return how many seconds to wait after a 429.

    `X-RateLimit-Reset` is an instant in Thena's clock (unix seconds); the answer's own `Date` says
    what time it is there. `Retry-After` is not documented, but believed.
    """
    given = _number(headers, "Retry-After")
    reset = _number(headers, "X-RateLimit-Reset")
    if given:
        return min(given, LONGEST_WAIT)
    if not reset:
        return WAIT_AFTER_429
    return min(max(1.0, reset - clock_of(headers)), LONGEST_WAIT)


def clock_of(headers: Mapping[str, str]) -> float:
    """Return the time of an answer in its sender's clock (unix seconds), ours if it has none."""
    try:
        return parsedate_to_datetime(headers.get("Date", "")).timestamp()
    except ValueError:
        return time.time()


def _number(headers: Mapping[str, str], name: str) -> float:
    text = headers.get(name, "")
    return float(text) if text.isdecimal() else 0.0
