"""Trying records again: which, how urgently, and many of them in the background."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from integrations import tasks
from integrations.engine.ports import Priority
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.models import AuditEntry, Hint
from integrations.services import retries
from tests import factories
from tests.services.lane_kit import LaneKit

pytestmark = pytest.mark.django_db


def failing(kit: LaneKit, count: int) -> None:
    """Give the sync links that were rejected, the last of them without a HubSpot id."""
    for number in range(count - 1):
        factories.record_link(kit.sync, f"9{number}", state="failing", reason="rejected")
    factories.record_link(kit.sync, "", "T1", state="failing", reason="rejected")


def test_retry_takes_a_reason_or_links(kit: LaneKit) -> None:
    bad = [kit.contact(number, lastname="") for number in range(3)]
    kit.sync_now(*bad)
    for contact in bad:
        kit.person.edit("contacts", contact, {"lastname": "Mended"})
    one = kit.link(bad[0]).pk
    assert retries.retry(kit.sync, kit.stage.ada, link_ids=[one]) == 1
    kit.work()
    assert kit.stage.rxnt.count() == 1
    assert retries.retry(kit.sync, kit.stage.ada, reason=Reason.REQUIRED_MISSING) == 2
    kit.work()
    assert kit.stage.rxnt.count() == 3
    assert AuditEntry.objects.filter(action="records.retried").count() == 2


def test_many_records_go_behind_notices(kit: LaneKit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "URGENT", 2)
    failing(kit, 9)
    factories.record_link(kit.sync, "old", state="superseded", reason="rejected")
    assert retries.retry(kit.sync, kit.stage.ada, reason=Reason.REJECTED) == 9
    waiting = kit.waiting()
    assert len(waiting) == 9
    assert {hint.priority for hint in waiting.values()} == {Priority.RETRY}
    assert waiting["T1"].side == Side.TARGET
    entry = AuditEntry.objects.get(action="records.retried")
    assert (entry.detail, entry.reason) == ("9 records", Reason.REJECTED)


def test_too_many_for_a_request_are_left_to_a_task_that_knows_ids_and_codes_alone(
    kit: LaneKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued: list[tuple[str, ...]] = []
    monkeypatch.setattr(retries, "async_task", lambda *args: queued.append(args))
    monkeypatch.setattr(retries, "AT_ONCE", 4)
    monkeypatch.setattr(retries, "CHUNK", 2)
    failing(kit, 5)
    assert retries.retry(kit.sync, kit.stage.ada, reason=Reason.REJECTED) == 5
    assert not Hint.objects.exists()
    ((name, *asked),) = queued
    assert (name, asked) == (retries.TASK, [str(kit.sync.pk), "rejected"])
    for _twice in range(2):
        getattr(tasks, name.rpartition(".")[2])(*asked)
        assert Hint.objects.count() == 5
    assert set(Hint.objects.values_list("priority", "asked")) == {(Priority.RETRY, True)}
    assert AuditEntry.objects.get(action="records.retried").detail == "5 records"


def test_a_sync_that_is_gone_by_then_is_let_be() -> None:
    retries.retry_reason(uuid4(), Reason.REJECTED)
    assert not Hint.objects.exists()


def test_viewers_and_strangers_may_not_retry(kit: LaneKit) -> None:
    for user in (kit.stage.vic, kit.stage.bob):
        with pytest.raises(PermissionDenied):
            retries.retry(kit.sync, user, reason=Reason.REJECTED)
    assert not Hint.objects.exists()
