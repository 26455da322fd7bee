"""How the stand-ins' webhooks go out: one by one or several at once, until told to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import requests

from integrations.connectors.sandbox_delivery import deliver, deliver_forever

PATIENCE = 10


@dataclass(frozen=True, slots=True)
class Request:
    """One webhook."""

    id: int
    url: str = "http://portal.test/"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"


class Sender:
    """A sandbox with some webhooks due; `results` is what it was told of each."""

    def __init__(self, count: int) -> None:
        self.due = [Request(number) for number in range(count)]
        self.results: dict[int, bool] = {}

    def take_deliveries(self) -> Sequence[Request]:
        due, self.due = self.due, []
        return due

    def delivery_result(self, delivery_id: int, *, ok: bool) -> None:
        self.results[delivery_id] = ok


class Line(requests.Session):
    """A session that answers with what `act` returns."""

    def __init__(self, act: Callable[[], int]) -> None:
        super().__init__()
        self.act = act

    def post(self, *_: object, **__: object) -> requests.Response:
        answer = requests.Response()
        answer.status_code = self.act()
        return answer


def test_every_webhook_is_sent_and_its_fate_told() -> None:
    sender, statuses = Sender(3), iter((204, 500, 302))
    assert deliver(sender, Line(lambda: next(statuses))) == 3
    assert sender.results == {0: True, 1: False, 2: False}


def test_a_host_that_cannot_be_reached_counts_as_failed() -> None:
    def act() -> int:
        raise requests.ConnectionError

    sender = Sender(1)
    deliver(sender, Line(act))
    assert sender.results == {0: False}


def test_several_are_under_way_together() -> None:
    sender, stop, meeting = Sender(4), threading.Event(), threading.Barrier(4)

    def act() -> int:
        meeting.wait(PATIENCE)
        return 204

    run(sender, Line(act), stop, at_once=4, until=lambda: len(sender.results) == 4)
    assert sender.results == dict.fromkeys(range(4), True)


def test_after_the_end_nothing_more_is_sent() -> None:
    sender, stop = Sender(50), threading.Event()

    def act() -> int:
        stop.set()
        return 204

    run(sender, Line(act), stop, at_once=1, until=stop.is_set)
    assert sender.results == {0: True}, "the others wait, and are kept with the sandbox's state"


def run(
    sender: Sender,
    line: Line,
    stop: threading.Event,
    *,
    at_once: int,
    until: Callable[[], bool],
) -> None:
    """Let a thread deliver until something holds."""
    thread = threading.Thread(
        target=deliver_forever, args=(sender, line, stop, 0.001), kwargs={"at_once": at_once}
    )
    thread.start()
    pause, left = threading.Event(), PATIENCE * 100
    while not until() and left:
        pause.wait(0.01)
        left -= 1
    stop.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()
