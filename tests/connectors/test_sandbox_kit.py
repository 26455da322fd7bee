"""The shared sandbox kit: routing, faults, counters and both transports."""

import threading
from collections.abc import Iterator
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
import requests

from integrations.connectors.sandbox_kit import (
    BadJson,
    Fault,
    FaultKind,
    JsonObject,
    Sandbox,
    SandboxAdapter,
    SandboxRequest,
    SandboxResponse,
    empty,
    json_response,
    wsgi_app,
)


class Shelf(Sandbox):
    """A tiny sandbox: a list of names."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.router.add("GET", "/things", self.list_names)
        self.router.add("POST", "/things", self.add_name)
        self.router.add("GET", "/things/{name}", self.read)
        self.router.add("GET", "/sandbox/names", self.list_names)
        self.router.add("GET", "/things/special", lambda request: json_response({"special": True}))

    def list_names(self, request: SandboxRequest) -> SandboxResponse:
        wanted = request.query.get("name")
        return json_response({"names": [n for n in self.names if not wanted or n in wanted]})

    def add_name(self, request: SandboxRequest) -> SandboxResponse:
        self.names.append(request.json()["name"])
        return json_response({"name": self.names[-1]}, 201)

    def read(self, request: SandboxRequest, name: str) -> SandboxResponse:
        return json_response({"name": name}) if name in self.names else empty(404)

    def dump(self) -> JsonObject:
        return {"names": self.names}

    def load(self, state: JsonObject) -> None:
        self.names = list(state["names"])


class QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Keep the test output clean."""


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def session(shelf: Shelf) -> requests.Session:
    session = requests.Session()
    session.mount("https://shelf.example", SandboxAdapter(shelf))
    return session


@pytest.fixture
def served(shelf: Shelf) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, wsgi_app(shelf), handler_class=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


URL = "https://shelf.example/things"


def test_a_literal_segment_wins_over_a_name(session: requests.Session) -> None:
    assert session.get(f"{URL}/special").json() == {"special": True}


def test_an_unknown_path_is_404_and_a_known_path_with_another_method_405(
    session: requests.Session,
) -> None:
    assert session.get("https://shelf.example/nowhere").status_code == 404
    assert session.delete(URL).status_code == 405


def test_an_empty_segment_does_not_match_a_name(session: requests.Session) -> None:
    assert session.get(f"{URL}/").status_code == 404


def test_both_transports_reach_the_same_state(session: requests.Session, served: str) -> None:
    session.post(URL, json={"name": "über"})
    assert requests.get(f"{served}/things/%C3%BCber", timeout=5).json() == {"name": "über"}
    answer = requests.post(f"{served}/things", json={"name": "b"}, timeout=5)
    assert answer.status_code == 201
    assert session.get(URL).json() == {"names": ["über", "b"]}


def test_repeated_query_names_keep_all_values(session: requests.Session) -> None:
    for name in "abc":
        session.post(URL, json={"name": name})
    assert session.get(URL, params={"name": ["a", "c"]}).json() == {"names": ["a", "c"]}


def test_calls_are_counted_by_path_family(shelf: Shelf, session: requests.Session) -> None:
    session.get(f"{URL}/a")
    session.get(f"{URL}/b")
    assert shelf.counters["GET", "/things/{name}"] == 2
    shelf.counters.clear()
    assert not shelf.counters


def test_a_status_fault_answers_as_told_and_executes_nothing(
    shelf: Shelf, session: requests.Session
) -> None:
    shelf.faults.inject(
        Fault(FaultKind.STATUS, method="POST", status=477, headers={"Retry-After": "9"}, body=b"{}")
    )
    answer = session.post(URL, json={"name": "a"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (477, "9")
    assert shelf.names == []
    assert session.post(URL, json={"name": "a"}).status_code == 201


def test_a_timeout_executes_nothing_but_a_lost_reply_does(
    shelf: Shelf, session: requests.Session
) -> None:
    shelf.faults.inject(Fault(FaultKind.TIMEOUT))
    with pytest.raises(requests.Timeout):
        session.post(URL, json={"name": "a"})
    assert shelf.names == []
    shelf.faults.inject(Fault(FaultKind.LOST_REPLY))
    with pytest.raises(requests.Timeout):
        session.post(URL, json={"name": "a"})
    assert shelf.names == ["a"]


def test_over_http_a_lost_reply_breaks_the_connection(shelf: Shelf, served: str) -> None:
    shelf.faults.inject(Fault(FaultKind.LOST_REPLY))
    with pytest.raises(requests.RequestException):
        requests.post(f"{served}/things", json={"name": "a"}, timeout=5)
    assert shelf.names == ["a"]


def test_html_and_malformed_answers_are_not_json(shelf: Shelf, session: requests.Session) -> None:
    shelf.faults.inject(Fault(FaultKind.HTML, status=502))
    answer = session.get(URL)
    assert (answer.status_code, answer.headers["Content-Type"][:9]) == (502, "text/html")
    shelf.faults.inject(Fault(FaultKind.MALFORMED))
    with pytest.raises(requests.JSONDecodeError):
        session.get(URL).json()


def test_a_fault_waits_for_its_path_and_happens_as_often_as_told(
    shelf: Shelf, session: requests.Session
) -> None:
    shelf.faults.inject(Fault(FaultKind.STATUS, path=r"/special$", status=500), times=2)
    assert session.get(URL).status_code == 200
    statuses = [session.get(f"{URL}/special").status_code for _ in range(3)]
    assert statuses == [500, 500, 200]


def test_tools_are_neither_counted_nor_struck_by_faults(
    shelf: Shelf, session: requests.Session
) -> None:
    shelf.faults.inject(Fault(FaultKind.STATUS))
    assert session.get("https://shelf.example/sandbox/names").status_code == 200
    assert not shelf.counters
    assert session.get(URL).status_code == 503


def test_random_faults_repeat_with_their_seed(shelf: Shelf, session: requests.Session) -> None:
    def run() -> list[int]:
        shelf.faults.randomly(7, [(Fault(FaultKind.STATUS, status=503), 0.3)])
        return [session.get(URL).status_code for _ in range(50)]

    first, second = run(), run()
    assert first == second
    assert 5 < first.count(503) < 30


def test_clearing_ends_every_fault(shelf: Shelf, session: requests.Session) -> None:
    shelf.faults.inject(Fault(FaultKind.STATUS), times=100)
    shelf.faults.randomly(1, [(Fault(FaultKind.STATUS), 1.0)])
    shelf.faults.clear()
    assert session.get(URL).status_code == 200


def test_a_delayed_answer_is_still_the_answer(shelf: Shelf, session: requests.Session) -> None:
    shelf.faults.inject(Fault(FaultKind.DELAY, delay=0.001))
    assert session.get(URL).json() == {"names": []}


def test_state_survives_a_dump_and_load(shelf: Shelf, session: requests.Session) -> None:
    session.post(URL, json={"name": "kept"})
    other = Shelf()
    other.load(shelf.dump())
    assert other.names == ["kept"]


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff"])
def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(BadJson):
        SandboxRequest.build("POST", "/", body=body).json()


def test_a_form_body_is_read_as_pairs() -> None:
    asked = SandboxRequest.build("POST", "/", body=b"grant_type=a%20b&empty=")
    assert asked.form() == {"grant_type": "a b", "empty": ""}
