"""What the shared HTTP client makes of broken calls, waits and answers."""

from __future__ import annotations

import contextlib
import socket
import threading
import traceback
from collections.abc import Iterator, Mapping

import pytest
import requests
import responses
from urllib3.exceptions import MaxRetryError, NewConnectionError

from integrations.connectors.budget import Unlimited
from integrations.connectors.http import ApiClient, read_json
from integrations.engine.errors import (
    AuthFailed,
    RateLimited,
    Rejected,
    ReplyLost,
    SyncError,
    Unavailable,
)

BASE = "https://api.example.test"
SECRET = "s3cret-value"


class Budget(Unlimited):
    def __init__(self) -> None:
        self.asked: list[str] = []
        self.seen: list[tuple[str, int]] = []

    def acquire(self, lane: str) -> None:
        self.asked.append(lane)

    def observe(self, lane: str, status: int, headers: Mapping[str, str]) -> None:
        self.seen.append((lane, status))


class Spent(Unlimited):
    def acquire(self, lane: str) -> None:
        raise RateLimited("spent", retry_after=9)


def classify(response: requests.Response) -> SyncError | None:
    status = response.status_code
    if status == 429:
        return RateLimited("slow", retry_after=float(response.headers["Retry-After"]))
    if status >= 500:
        return Unavailable(f"HTTP {status}", correlation_id="c-1")
    return Rejected(f"HTTP {status}") if status >= 400 else None


@pytest.fixture
def budget() -> Budget:
    return Budget()


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def client(budget: Budget, pauses: list[float]) -> ApiClient:
    return ApiClient(BASE, requests.Session(), budget, classify=classify, sleep=pauses.append)


def unreachable() -> requests.ConnectionError:
    pool = requests.adapters.HTTPAdapter().poolmanager.connection_from_url(BASE)
    reason = NewConnectionError(pool, "refused")
    return requests.ConnectionError(MaxRetryError(pool, f"/?token={SECRET}", reason))


NEVER_SENT = [requests.ConnectTimeout(SECRET), unreachable(), requests.exceptions.InvalidURL("x")]
MAYBE_SENT = [
    requests.ReadTimeout(SECRET),
    requests.ConnectionError("Connection aborted", SECRET),
    requests.exceptions.ChunkedEncodingError(SECRET),
]


@responses.activate
def test_an_answer_is_counted_and_shown_to_the_budget(client: ApiClient, budget: Budget) -> None:
    responses.post(f"{BASE}/things", json={"id": 1})
    answer = client.call("POST", "/things", json={"a": 1}, lane="search")
    assert answer.json() == {"id": 1}
    assert (budget.asked, budget.seen) == (["search"], [("search", 200)])
    assert client.calls == 1
    assert client.seconds > 0


@responses.activate
def test_a_spent_budget_stops_the_call_before_it_is_sent() -> None:
    client = ApiClient(BASE, requests.Session(), Spent(), classify=classify)
    with pytest.raises(RateLimited) as caught:
        client.call("GET", "/things", safe=True)
    assert caught.value.retry_after == 9
    assert client.calls == 0
    assert len(responses.calls) == 0


def test_a_key_that_cannot_be_sent_is_the_customers_to_mend() -> None:
    client = ApiClient("http://127.0.0.1:9", requests.Session(), Unlimited(), classify=classify)
    with pytest.raises(AuthFailed, match="Copy it once more"):
        client.call("GET", "/x", headers={"Authorization": "Bearer abc…"}, safe=True)
    with pytest.raises(UnicodeEncodeError):
        client.call("GET", "/x", params={"name": "\ud800"}, safe=True)


@responses.activate
@pytest.mark.parametrize("failure", NEVER_SENT, ids=lambda error: type(error).__name__)
def test_a_write_that_never_left_is_unavailable_and_not_lost(
    client: ApiClient, failure: requests.RequestException
) -> None:
    responses.post(f"{BASE}/things", body=failure)
    with pytest.raises(Unavailable) as caught:
        client.call("POST", "/things")
    assert not isinstance(caught.value, ReplyLost)


@responses.activate
@pytest.mark.parametrize("failure", MAYBE_SENT, ids=lambda error: type(error).__name__)
def test_a_write_without_an_answer_is_lost_and_sent_once(
    client: ApiClient, failure: requests.RequestException
) -> None:
    responses.post(f"{BASE}/things", body=failure)
    with pytest.raises(ReplyLost):
        client.call("POST", "/things")
    assert client.calls == 1


@responses.activate
@pytest.mark.parametrize("failure", [*NEVER_SENT, *MAYBE_SENT], ids=lambda e: type(e).__name__)
def test_a_read_without_an_answer_is_tried_again_and_never_called_lost(
    client: ApiClient, pauses: list[float], failure: requests.RequestException
) -> None:
    responses.get(f"{BASE}/things", body=failure)
    with pytest.raises(Unavailable) as caught:
        client.call("GET", "/things", safe=True)
    assert not isinstance(caught.value, ReplyLost)
    assert client.calls == 3
    assert len(pauses) == 2


@responses.activate
def test_a_read_that_works_at_the_second_try_is_returned(client: ApiClient) -> None:
    responses.get(f"{BASE}/things", status=503)
    responses.get(f"{BASE}/things", json=[])
    assert client.call("GET", "/things", safe=True).json() == []
    assert client.calls == 2


@responses.activate
def test_a_server_error_on_a_write_may_have_happened(client: ApiClient) -> None:
    responses.post(f"{BASE}/things", status=502)
    with pytest.raises(ReplyLost) as caught:
        client.call("POST", "/things")
    assert caught.value.correlation_id == "c-1"


@responses.activate
@pytest.mark.parametrize(("wait", "calls"), [("1", 3), ("10", 1)])
def test_a_read_waits_out_only_short_limits(
    client: ApiClient, pauses: list[float], wait: str, calls: int
) -> None:
    responses.get(f"{BASE}/things", status=429, headers={"Retry-After": wait})
    with pytest.raises(RateLimited):
        client.call("GET", "/things", safe=True)
    assert client.calls == calls
    assert all(pause >= float(wait) for pause in pauses)


@responses.activate
def test_a_refusal_is_raised_at_once(client: ApiClient) -> None:
    responses.get(f"{BASE}/things", status=400)
    with pytest.raises(Rejected):
        client.call("GET", "/things", safe=True)
    assert client.calls == 1


@responses.activate
def test_a_redirect_is_not_followed_with_our_token(client: ApiClient) -> None:
    responses.get(f"{BASE}/things", status=302, headers={"Location": "https://evil.test/"})
    with pytest.raises(Unavailable):
        client.call("GET", "/things", headers={"Authorization": f"Bearer {SECRET}"})
    assert len(responses.calls) == 1


@responses.activate
@pytest.mark.parametrize(("safe", "expected"), [(True, Unavailable), (False, ReplyLost)])
def test_a_body_that_is_no_json_is_a_missing_answer(
    client: ApiClient, safe: bool, expected: type[SyncError]
) -> None:
    responses.post(f"{BASE}/things", body=f'{{"name": "{SECRET}')
    answer = client.call("POST", "/things", safe=safe)
    with pytest.raises(expected) as caught:
        read_json(answer, safe=safe)
    assert type(caught.value) is expected
    assert SECRET not in "".join(traceback.format_exception(caught.value))


@responses.activate
@pytest.mark.parametrize("failure", [*NEVER_SENT, *MAYBE_SENT, None])
def test_errors_quote_no_query_no_body_and_no_header(
    client: ApiClient, failure: requests.RequestException | None
) -> None:
    responses.post(f"{BASE}/people/{SECRET}", body=failure or SECRET, status=500)
    with pytest.raises(SyncError) as caught:
        client.call(
            "POST",
            f"/people/{SECRET}",
            json={"name": SECRET},
            params={"q": SECRET},
            headers={"Authorization": SECRET},
        )
    assert caught.value.__context__ is None
    assert SECRET not in repr(vars(caught.value)) + str(caught.value)


# ---------------------------------------------------------------- over real sockets


@pytest.fixture
def rude_server() -> Iterator[str]:
    """Serve an address that reads a request and hangs up without a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            with contextlib.suppress(OSError):
                while True:
                    caller, _ = server.accept()
                    caller.recv(65536)
                    caller.close()

        threading.Thread(target=hang_up, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def test_a_server_that_hangs_up_may_have_written(rude_server: str) -> None:
    client = ApiClient(rude_server, requests.Session(), Unlimited(), classify=classify)
    with pytest.raises(ReplyLost):
        client.call("POST", "/things", json={})


def test_a_closed_port_has_surely_written_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    client = ApiClient(
        f"http://127.0.0.1:{port}", requests.Session(), Unlimited(), classify=classify
    )
    with pytest.raises(Unavailable) as caught:
        client.call("POST", "/things", json={})
    assert not isinstance(caught.value, ReplyLost)
