"""The check's mails, signatures, waiting and playing of steps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import responses
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.filebased import EmailBackend

from integrations.connectors.hubspot.webhooks import SignatureError, verify_v3
from integrations.management.check.accounts import Crm, Thena
from integrations.management.check.client import Browser
from integrations.management.check.deliveries import Deliveries
from integrations.management.check.firm import Firm
from integrations.management.check.house import House
from integrations.management.check.mails import read_mails
from integrations.management.check.people import IDA, private
from integrations.management.check.receiver import Receiver
from integrations.management.check.sandbox import HubSpot, Rxnt
from integrations.management.check.scene import Failed, Scene, expect
from integrations.management.check.script import IMPATIENT, STEPS, play
from integrations.management.check.vendor import Portal, Vendor
from integrations.management.check.works import Works

HOOK = "http://127.0.0.1:9/hooks/hubspot/"
SECRET = "the-app's-secret"
HOME = "http://127.0.0.1:9/"


@pytest.fixture
def firm() -> Iterator[Firm]:
    receiver = Receiver()
    yield Firm(Browser(HOME), "Nobody's", Crm(HOME, 77), Thena(HOME), receiver, key="k")
    receiver.close()


@pytest.fixture
def scene(tmp_path: Path, firm: Firm) -> Scene:
    return Scene(
        amara=Browser(HOME),
        sam=Browser(HOME),
        stranger=Browser(HOME),
        hubspot=HubSpot(HOME, 77, 1),
        rxnt=Rxnt(HOME),
        firm=firm,
        works=Works(Browser(HOME), "Nobody's", Crm(HOME, 78), House(HOME), token="t"),
        vendor=Vendor(Browser(HOME), "Nobody's", Crm(HOME, 78), Portal(HOME), key="k"),
        deliveries=Deliveries(HOOK, SECRET),
        directory=tmp_path,
        passwords={},
    )


def sent(secret: str = "", age: float = 0) -> responses.Call:
    """Deliver a body and return the request that went out."""
    with responses.RequestsMock() as wire:
        wire.post(HOOK, status=204)
        assert Deliveries(HOOK, SECRET).send("[“ü”]".encode(), secret=secret, age=age) == 204
        return wire.calls[0]


def verified(call: responses.Call) -> None:
    body = call.request.body
    assert isinstance(body, bytes)
    verify_v3(SECRET, "POST", HOOK, call.request.headers, body, datetime.now(UTC))


def test_a_delivery_is_signed_as_the_portal_expects_of_hubspot() -> None:
    verified(sent())


@pytest.mark.parametrize(
    ("secret", "age", "fault"),
    [("another", 0, "wrong"), (SECRET, 360, "stale"), (SECRET, -360, "future")],
)
def test_a_forged_or_mistimed_delivery_is_not_believed(secret: str, age: int, fault: str) -> None:
    with pytest.raises(SignatureError, match=fault):
        verified(sent(secret, age))


def test_mails_are_read_back_with_their_parts(tmp_path: Path) -> None:
    for number in (1, 2):
        mail = EmailMultiAlternatives(
            f"Über {number}", "Grüße: http://a.example/x?id=1", to=["ida@b.example"]
        )
        mail.attach_alternative("<p>Grüße</p>", "text/html")
        EmailBackend(file_path=str(tmp_path)).send_messages([mail])
    first, second = read_mails(tmp_path)
    assert (first.subject, second.subject) == ("Über 1", "Über 2")
    assert (first.to, first.link()) == ("ida@b.example", "http://a.example/x?id=1")
    assert "<p>Grüße</p>" in first.body


def test_a_mail_that_is_still_being_written_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "1.log").write_text("Subject: half\n\nto be continued")
    assert read_mails(tmp_path) == []


def test_private_values_are_known_in_both_spellings() -> None:
    hidden = set(private(IDA))
    assert {IDA["phone"], "4105550142", IDA["rxnt_date_of_birth"], IDA["zip"]} <= hidden
    assert not hidden & {"F", "Maryland", "Ida", "Quillfeather"}


def test_waiting_returns_what_came_or_says_what_did_not(scene: Scene) -> None:
    answers = iter([None, None, "there"])
    assert scene.until(lambda: next(answers), "it") == "there"
    scene.patience = 0
    with pytest.raises(Failed, match="waited 0 s for the impossible"):
        scene.until(lambda: None, "the impossible")


def test_a_step_that_lacks_an_earlier_one_says_so(scene: Scene) -> None:
    with pytest.raises(Failed, match="needs the contact Ida"):
        scene.contact("Ida")


def fine(scene: Scene) -> str:
    """A step that works."""
    return f"patience {scene.patience}"


def broken(_: Scene) -> str:
    """A step that sees something else."""
    expect(False, "it was red")
    return ""


def crashing(_: Scene) -> str:
    """A step that trips."""
    raise KeyError("stage")


def test_playing_goes_on_after_a_failure_and_waits_less(scene: Scene) -> None:
    said: list[str] = []
    assert play(scene, said.append, (fine, broken, crashing, fine)) == 2
    assert said[0] == "step 1: A step that works."
    assert said[1].startswith("    ok     patience 30.0")
    assert said[3] == "    FAILED it was red"
    assert said[5] == "    FAILED KeyError: 'stage'"
    assert said[7].startswith(f"    ok     patience {IMPATIENT}")


def test_every_step_has_a_title_that_is_its_own() -> None:
    titles = [(step.__doc__ or "").splitlines()[0] for step in STEPS]
    assert all(titles)
    assert len(set(titles)) == len(STEPS)
