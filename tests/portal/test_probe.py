"""The container health check against small servers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from portal import probe


class Answers(BaseHTTPRequestHandler):
    """200 to the public host over the public scheme on /healthz, 503 to the rest."""

    def do_GET(self) -> None:  # noqa: N802  named by the standard library
        known = self.headers["Host"] == "portal.test"
        secure = self.headers["X-Forwarded-Proto"] == "https"
        self.send_response(200 if known and secure and self.path == "/healthz" else 503)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_healthy_answer_is_exit_code_0(address: str) -> None:
    assert probe.main(f"{address}/healthz") == 0


def test_any_other_answer_is_exit_code_1(address: str) -> None:
    assert probe.main(f"{address}/readyz") == 1


def test_no_answer_is_exit_code_1() -> None:
    assert probe.main("http://127.0.0.1:9/healthz") == 1
