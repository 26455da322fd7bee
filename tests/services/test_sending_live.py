"""Senders and lanes at the same time, on committed rows: nobody waits for a slow receiver."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from pytest_django import Settings

from integrations.models import Delivery
from integrations.services import sending
from tests.services import delivery_kit
from tests.services.delivery_kit import Listener, listening, states, waiting
from tests.services.lane_kit import LaneKit

pytestmark = pytest.mark.django_db(transaction=True)
Start = Callable[[Callable[[], object]], threading.Thread]


@pytest.fixture
def heard(settings: Settings) -> Iterator[Listener]:
    settings.ENDPOINTS_PRIVATE = True
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"workers": 8}
    with listening() as listener:
        yield listener


def test_a_receiver_that_does_not_answer_holds_up_no_lane(
    kit: LaneKit, heard: Listener, in_thread: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery_kit.tell(monkeypatch)
    own = delivery_kit.endpoint(kit.sync, heard.url)
    waiting(kit.sync, own)
    heard.wait = threading.Event()
    sender = in_thread(sending.send)
    try:
        while not heard.requests:
            assert sender.is_alive()
        contact = kit.contact()
        kit.sync_now(contact)
        assert kit.state(contact)[0] == "linked"
        assert sender.is_alive()
        assert Delivery.objects.filter(state="waiting").count() == 2
    finally:
        heard.wait.set()
    sender.join(10)
    assert states()[0] == ("sent", 1)


def test_several_senders_send_everything_once(
    kit: LaneKit, heard: Listener, in_thread: Start
) -> None:
    own = delivery_kit.endpoint(kit.sync, heard.url)
    rows = waiting(kit.sync, own, 60)
    for thread in [in_thread(sending.send) for _number in range(3)]:
        thread.join(30)
    sending.send()
    told = [headers["X-Portal-Delivery"] for _path, headers, _body in heard.requests]
    assert sorted(told) == sorted(str(row.pk) for row in rows)
    assert set(states()) == {("sent", 1)}
