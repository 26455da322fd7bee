"""Steps: webhook requests that are forged, stale, foreign, broken or repeated change nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Final

from django.conf import settings

from integrations.management.check.people import CUSTOMER, STAGE
from integrations.management.check.scene import Scene, expect
from integrations.models import (
    AuditEntry,
    Event,
    EventOutcome,
    Hint,
    Intent,
    JobRun,
    Notice,
    RecordLink,
)

TABLES = (Event, EventOutcome, Hint, RecordLink, Intent, AuditEntry, JobRun, Notice)
FIRST_EVENT = 990_000_000
FORGER = "the-secret-of-another-app"


def refuse_unproven(scene: Scene) -> str:
    """A wrong signature and a stale timestamp are refused with 401 and change nothing."""
    send, body = scene.deliveries.send, _body(_notice(scene, 1))
    return _nothing_changes(
        scene,
        ("wrong signature", lambda: send(body, secret=FORGER), 401),
        ("six minutes old", lambda: send(body, age=360), 401),
        ("six minutes ahead", lambda: send(body, age=-360), 401),
    )


def refuse_unreadable(scene: Scene) -> str:
    """Malformed and oversized bodies are refused; an unknown portal is answered and dropped."""
    send = scene.deliveries.send
    foreign = _body(_notice(scene, 2) | {"portalId": 9_999_999})
    return _nothing_changes(
        scene,
        ("malformed", lambda: send(b'[{"portalId": '), 400),
        ("no array", lambda: send(b'{"portalId": 1}'), 400),
        ("oversized", lambda: send(b" " * (settings.WEBHOOK_MAX_BYTES + 1)), 413),
        ("unknown portal", lambda: send(foreign), 200),
    )


def ignore_repeats(scene: Scene) -> str:
    """The same delivery four times over is one event and one save."""
    saves = scene.patient("Ida", saves=3).saves
    scene.change("Ida", phone="240-555-0170")
    notices = [_notice(scene, number) for number in (3, 4)]
    statuses = [scene.deliveries.send(_body(*notices))]
    scene.patient("Ida", saves=saves + 1)
    scene.quiet()
    before = _counts(scene)
    for attempt in (1, 2, 3):
        repeated = [notice | {"attemptNumber": attempt} for notice in notices]
        statuses.append(scene.deliveries.send(_body(*repeated)))
    scene.quiet()
    expect(statuses == [200] * 4, f"answered {statuses}")
    _expect_same(scene, before)
    return "four times 200, two events stored, one save"


def _nothing_changes(scene: Scene, *tries: tuple[str, Callable[[], int], int]) -> str:
    """Make deliveries; each has its status, and no row and no patient is another afterwards."""
    scene.quiet()
    before = _counts(scene)
    answers = [(what, send(), wanted) for what, send, wanted in tries]
    scene.quiet()
    wrong = [f"{what}: {got}" for what, got, wanted in answers if got != wanted]
    expect(not wrong, f"answered {', '.join(wrong)}")
    _expect_same(scene, before)
    return ", ".join(f"{what} {got}" for what, got, _ in answers) + "; nothing changed"


def _expect_same(scene: Scene, before: Mapping[str, int]) -> None:
    changed = [name for name, count in _counts(scene).items() if count != before[name]]
    expect(not changed, f"these changed: {', '.join(changed)}")


def _counts(scene: Scene) -> dict[str, int]:
    counts = {table.__name__: table._default_manager.count() for table in TABLES}
    return counts | {"saves": sum(patient.saves for patient in scene.rxnt.patients())}


def signed_entry(scene: Scene, name: str) -> int:
    """Deliver a notice that a contact entered Customer; returns the answer's status."""
    contact = {"objectId": int(scene.contact(name))}
    return scene.deliveries.send(_body(_notice(scene, 5) | contact))


def _notice(scene: Scene, number: int) -> dict[str, object]:
    return {
        "eventId": FIRST_EVENT + number,
        "subscriptionId": 10_006,
        "portalId": scene.hubspot.portal_id,
        "appId": scene.hubspot.app_id,
        "occurredAt": int(time.time() * 1000),
        "subscriptionType": "contact.propertyChange",
        "attemptNumber": 0,
        "objectId": int(scene.contact("Ida")),
        "propertyName": STAGE,
        "propertyValue": CUSTOMER,
    }


def _body(*notices: Mapping[str, object]) -> bytes:
    return json.dumps(notices).encode()


STEPS: Final = (refuse_unproven, refuse_unreadable, ignore_repeats)
