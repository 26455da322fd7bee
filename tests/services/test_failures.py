"""What lanes do when records, connections or this portal fail."""

from __future__ import annotations

import pytest

from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.errors import (
    ConfigInvalid,
    MissingScope,
    SyncError,
    Unavailable,
)
from integrations.engine.ports import Priority
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.models import (
    Connection,
    ConnectionState,
    Intent,
    Notice,
    ObjectSync,
    SyncState,
)
from integrations.services import connections, connectors, hints, slices
from integrations.services.carriage import Off
from tests.services.lane_kit import LaneKit
from tests.services.stage import LOGIN

pytestmark = pytest.mark.django_db


# ---------------------------------------------------------------- failures of records


def test_an_incomplete_contact_fails_with_a_name_and_one_mail_per_entry(kit: LaneKit) -> None:
    contact = kit.contact(lastname="")
    kit.sync_now(contact)
    link = kit.link(contact)
    assert (link.state, link.reason) == ("failing", Reason.REQUIRED_MISSING)
    assert "Last Name" in link.detail
    assert Notice.objects.count() == 1
    kit.sync_now(contact)
    assert Notice.objects.count() == 2
    kit.hint(contact, fired=False)
    kit.work()
    assert Notice.objects.count() == 2


def test_a_bad_record_does_not_stop_its_batch(kit: LaneKit) -> None:
    good, bad = kit.contacts(3), kit.contact(7, lastname="")
    kit.sync_now(bad, *good)
    assert kit.stage.rxnt.count() == 3
    assert kit.link(bad).state == "failing"


def test_a_lost_reply_never_creates_twice(kit: LaneKit) -> None:
    contact = kit.contact()
    kit.stage.rxnt.faults.inject(Fault(FaultKind.LOST_REPLY, path="SavePatient"))
    kit.sync_now(contact)
    assert Intent.objects.get().state == "unknown"
    kit.let_time_pass()
    kit.work()
    assert kit.stage.rxnt.count() == 1
    assert kit.state(contact)[0] == "linked"
    assert not Intent.objects.filter(state__in=("planned", "unknown")).exists()


def test_an_outage_is_retried_on_a_growing_ladder_and_then_given_up(kit: LaneKit) -> None:
    contact = kit.contact()
    kit.stage.rxnt.faults.inject(Fault(FaultKind.STATUS, path="SavePatient"), times=100)
    kit.hint(contact)
    waits = []
    for _attempt in range(7):
        kit.work()
        waiting = kit.waiting().get(contact)
        waits.append(waiting and (waiting.attempts, waiting.reason))
        kit.let_time_pass()
    assert waits[:6] == [(n, Reason.WRITE_UNKNOWN) for n in range(1, 7)]
    assert waits[6] is None
    assert kit.state(contact) == ("failing", Reason.GAVE_UP)
    assert Notice.objects.count() == 1


# ---------------------------------------------------------------- failures of connections


def test_a_refused_login_pauses_the_connection_and_parks_the_hints(kit: LaneKit) -> None:
    ids = kit.contacts(3)
    kit.stage.rxnt.add_user(LOGIN["UserName"], "another")
    kit.stage.rxnt.expire_tokens()
    kit.sync_now(*ids)
    target = Connection.objects.get(system="rxnt")
    assert target.state == ConnectionState.PAUSED
    assert set(kit.waiting()) == set(ids)
    assert {row.attempts for row in kit.waiting().values()} == {0}
    assert [notice.kind for notice in Notice.objects.all()] == ["reauth_needed"]
    kit.work()
    assert {row.attempts for row in kit.waiting().values()} == {0}
    connections.reauthenticate(
        target, kit.stage.ada, {"UserName": LOGIN["UserName"], "Password": "another"}
    )
    kit.work()
    assert kit.waiting() == {}
    assert kit.stage.rxnt.count() == 3
    assert Notice.objects.count() == 1


@pytest.mark.parametrize("side", Side)
def test_the_side_that_refused_is_the_one_that_is_paused(
    kit: LaneKit, side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise MissingScope("a permission")

    pair = connectors.open_pair(kit.sync, Priority.WEBHOOK)
    monkeypatch.setattr(pair[side], "fetch" if side is Side.HUBSPOT else "create", refuse)
    kit.sync_now(kit.contact())
    paused = Connection.objects.get(state=ConnectionState.PAUSED)
    assert (paused.system == "hubspot") is (side is Side.HUBSPOT)


def raising(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object) -> None:
        raise error

    monkeypatch.setattr(slices, "work_hints", fail)


@pytest.mark.parametrize("error", [Unavailable("down"), Unavailable("down", retry_after=90)])
def test_a_passing_failure_backs_the_lane_off_and_costs_no_attempt(
    kit: LaneKit, error: SyncError, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = kit.contact()
    kit.hint(contact)
    with monkeypatch.context() as patched:
        raising(error, patched)
        kit.work()
    row = ObjectSync.objects.get()
    assert row.not_before is not None
    assert (row.failures, row.state, row.reason) == (1, SyncState.ACTIVE, Reason.UNAVAILABLE)
    assert kit.waiting()[contact].attempts == 0
    kit.work()
    assert contact in kit.waiting()
    kit.let_time_pass()
    kit.work()
    assert kit.waiting() == {}
    row.refresh_from_db()
    assert (row.failures, row.reason) == (0, "")


def test_a_configuration_that_cannot_run_holds_the_sync_and_keeps_the_hints(
    kit: LaneKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = kit.contact()
    kit.hint(contact)
    raising(ConfigInvalid("The stage is gone."), monkeypatch)
    kit.work()
    row = ObjectSync.objects.get()
    assert (row.state, row.reason_detail) == (SyncState.HELD, "The stage is gone.")
    assert contact in kit.waiting()


def test_a_record_on_which_the_portal_fails_is_isolated_and_given_up(
    kit: LaneKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, poison = kit.contacts(4), kit.contact(8)
    real = slices.work_hints

    def fail(row: ObjectSync, fence: int, taken: list[hints.Taken], *more: Off) -> None:
        if any(item.hint.record_id == poison for item in taken):
            raise ZeroDivisionError(poison)
        real(row, fence, taken, *more)

    monkeypatch.setattr(slices, "work_hints", fail)
    kit.sync_now(poison, *good)
    assert kit.stage.rxnt.count() == 4
    assert kit.waiting()[poison].reason == Reason.INTERNAL_ERROR
    for _attempt in range(7):
        kit.let_time_pass()
        kit.work()
    assert kit.waiting() == {}
    assert kit.state(poison) == ("failing", Reason.GAVE_UP)
