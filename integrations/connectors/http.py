"""One way to call any system: budget, timeouts, retries of reads, lost replies, no leaks.

Knows nothing of one system: its statuses become errors in the `classify` it is given.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from integrations.connectors.budget import Budget
from integrations.engine.errors import AuthFailed, RateLimited, ReplyLost, SyncError, Unavailable

Classify = Callable[[requests.Response], SyncError | None]

TIMEOUT: Final = (5.0, 30.0)
"""Seconds to connect and to wait for each part of the answer."""
TRIES: Final = 3
PATIENCE: Final = 2.0
"""A read that has to wait longer than this many seconds goes back to its lane instead."""
HEADERS: Final = "latin-1"
"""What headers are sent in. Nothing of a record is: bodies and queries have other encodings."""


class ApiClient:
    """Calls one base address through a session and a budget.

    `calls` and `seconds` count what was sent and how long the answers took. Errors name the host
    and the kind of failure, never a path, a body, a query or a header.
    """

    def __init__(
        self,
        base_url: str,
        session: requests.Session,
        budget: Budget,
        *,
        classify: Classify,
        timeout: tuple[float, float] = TIMEOUT,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.calls = 0
        self.seconds = 0.0
        self._host = urlsplit(base_url).hostname or "the system"
        self._session = session
        self._budget = budget
        self._classify = classify
        self._timeout = timeout
        self._sleep = sleep
        self._environment: Mapping[str, Any] = {}

    def call(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        lane: str = "general",
        safe: bool = False,
    ) -> requests.Response:
        """Send one request and return its answer; every answer that `classify` names is raised.

        The body is one of `json`, `form` and `content`, bytes as they are.
        `safe` marks a read: passing failures are retried a few times. Anything else is sent once:
        Unavailable means it surely did not happen, ReplyLost that it may have.
        """
        send = partial(
            self._send,
            method,
            self.base_url + path,
            headers={**self._session.headers, **(headers or {})},
            json=json,
            data=form if content is None else content,
            params=params,
        )
        attempt = 0
        while True:
            attempt += 1
            answer = self._once(send, lane, safe)
            if not isinstance(answer, SyncError):
                return answer
            wait = _pause(answer, attempt)
            if not safe or wait is None:
                raise answer
            self._sleep(wait)

    def _send(self, method: str, url: str, **parts: Any) -> requests.Response:
        """Send a request as it is: without cookies, and with the environment read only once."""
        if not self._environment:
            read = self._session.merge_environment_settings(self.base_url, {}, None, None, None)
            self._environment = {**read}
        request = requests.Request(method, url, **parts).prepare()
        return self._session.send(
            request, timeout=self._timeout, allow_redirects=False, **self._environment
        )

    def _once(
        self, send: Callable[[], requests.Response], lane: str, safe: bool
    ) -> requests.Response | SyncError:
        self._budget.acquire(lane)
        self.calls += 1
        started = time.perf_counter()
        try:
            response = send()
        except UnicodeEncodeError as error:
            if error.encoding != HEADERS:
                raise
            return AuthFailed(
                "A key, token or name of the access holds a character that cannot be sent. Copy it "
                "once more, without anything around it."
            )
        except requests.RequestException as error:
            return self._broken(error, safe)
        finally:
            self.seconds += time.perf_counter() - started
        self._budget.observe(lane, response.status_code, response.headers)
        return self._judge(response, safe)

    def _judge(self, response: requests.Response, safe: bool) -> requests.Response | SyncError:
        status = response.status_code
        if 300 <= status < 400:
            return Unavailable(f"{self._host} redirects to another address (HTTP {status})")
        error = self._classify(response)
        if error is None:
            return response
        if status >= 500 and not safe and type(error) is Unavailable:
            return ReplyLost(
                error.detail, retry_after=error.retry_after, correlation_id=error.correlation_id
            )
        return error

    def _broken(self, error: requests.RequestException, safe: bool) -> SyncError:
        if _never_sent(error):
            return Unavailable(f"{self._host} cannot be reached")
        kind = Unavailable if safe else ReplyLost
        return kind(f"{self._host} did not answer ({type(error).__name__})")


def read_json(response: requests.Response, *, safe: bool) -> object:
    """Return the parsed body of an accepted call.

    An answer cut short or not JSON at all: Unavailable for a read, ReplyLost for a write.
    """
    try:
        parsed: object = response.json()
    except ValueError:
        kind = Unavailable if safe else ReplyLost
        failure = kind("the answer is not the promised JSON")
    else:
        return parsed
    raise failure


def _never_sent(error: requests.RequestException) -> bool:
    if isinstance(error, requests.ConnectTimeout | ValueError):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)


def _pause(error: SyncError, attempt: int) -> float | None:
    """Return the seconds to wait before the next try, None when there is none."""
    if attempt == TRIES or not isinstance(error, Unavailable | RateLimited):
        return None
    if error.retry_after > PATIENCE:
        return None
    return max(error.retry_after, 0.2 * attempt) * random.uniform(1.0, 1.5)  # noqa: S311
