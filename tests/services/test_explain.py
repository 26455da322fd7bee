"""The question "why?" and sync now; the commands that print and run them."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django_q.models import Schedule

from integrations import tasks
from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.errors import Unavailable
from integrations.engine.pairs import Action
from integrations.engine.ports import Priority
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.models import AuditEntry, Heartbeat, Hint, JobRun, RecordLink, RunState
from integrations.services import explain, schedules
from tests.services.lane_kit import LaneKit

pytestmark = pytest.mark.django_db


def why(kit: LaneKit, record_id: str, *, fired: bool = False) -> explain.Explanation:
    return explain.why(kit.sync, Side.HUBSPOT, record_id, fired=fired)


def test_why_decides_like_the_lane_and_writes_nothing(kit: LaneKit) -> None:
    contact = kit.contact()
    entries = AuditEntry.objects.count()
    found = why(kit, contact, fired=True)
    assert (found.action, found.reason) == (Action.CREATE, Reason.CREATED)
    assert "would be created" in found.sentence
    assert kit.stage.rxnt.count() == 0
    assert not RecordLink.objects.exists()
    assert AuditEntry.objects.count() == entries
    kit.sync_now(contact)
    assert kit.link(contact).reason == found.reason


def test_why_names_what_would_change_it(kit: LaneKit) -> None:
    waiting = why(kit, kit.contact())
    assert waiting.reason is Reason.WAITING_FOR_TRIGGER
    assert "Sync now" in waiting.remedy
    lacking = why(kit, kit.contact(2, lastname=""), fired=True)
    assert (lacking.action, lacking.reason) == (Action.FAIL, Reason.REQUIRED_MISSING)
    assert "Last Name" in lacking.sentence


def test_why_shows_fields_with_health_values_masked(kit: LaneKit) -> None:
    found = why(kit, kit.contact(zip="21401", city="Annapolis", state="MD"), fired=True)
    views = {view.label: view for view in found.fields}
    assert views["First Name"].hubspot_value == "Ida1"
    assert views["First Name"].would_be == "Ida1"
    assert views["Zip Code"].hubspot_value == explain.MASK
    assert views["Zip Code"].would_be == explain.MASK
    assert "21401" not in str(found)
    assert "1980" not in str(found)


def test_why_knows_links_merges_and_waiting_hints(kit: LaneKit) -> None:
    first, second = kit.contacts(2)
    kit.sync_now(first)
    merged = kit.person.merge("contacts", first, second)
    kit.hint(first)
    found = why(kit, first)
    assert found.stored is not None
    assert found.stored.target_id == found.target_id
    assert found.hubspot_id == merged
    assert found.waiting is not None


def test_why_of_a_record_nobody_knows(kit: LaneKit) -> None:
    found = why(kit, "999999999")
    assert found.found is False
    assert found.fields == ()


def test_why_says_when_a_system_cannot_be_read(kit: LaneKit) -> None:
    contact = kit.contact()
    kit.stage.hubspot.faults.inject(Fault(FaultKind.STATUS, path="batch/read"), times=20)
    with pytest.raises(Unavailable):
        why(kit, contact)


# ---------------------------------------------------------------- what people do


def test_sync_now_goes_first_and_starts_what_is_in_the_stage(kit: LaneKit) -> None:
    contact = kit.contact()
    explain.sync_now(kit.sync, Side.HUBSPOT, contact, kit.stage.ada)
    assert Hint.objects.get().priority == Priority.PERSON
    kit.work()
    assert kit.state(contact) == ("linked", "created")


def test_sync_now_does_not_send_what_is_outside_the_stage(kit: LaneKit) -> None:
    contact = kit.contact(lifecyclestage="lead")
    explain.sync_now(kit.sync, Side.HUBSPOT, contact, kit.stage.ada)
    kit.work()
    assert kit.stage.rxnt.count() == 0
    assert kit.link(contact).state == "excluded"


def test_viewers_and_strangers_may_not_sync(kit: LaneKit) -> None:
    for user in (kit.stage.vic, kit.stage.bob):
        with pytest.raises(PermissionDenied):
            explain.sync_now(kit.sync, Side.HUBSPOT, "1", user)
    assert not Hint.objects.exists()


# ---------------------------------------------------------------- commands and tasks


def printed(name: str, *arguments: str) -> str:
    out = StringIO()
    call_command(name, *arguments, stdout=out, no_color=True)
    return out.getvalue()


def test_the_explain_command_prints_the_reason(kit: LaneKit) -> None:
    text = printed("explain", str(kit.sync.integration_id), kit.contact(lastname=""), "--fired")
    assert "Required fields are empty: Last Name" in text
    assert "required_missing" in text


def test_the_run_command_plans_and_runs(kit: LaneKit) -> None:
    kit.contacts(3)
    text = printed("run_sync", str(kit.sync.pk), "--dry-run", "--fired")
    assert "would create: 3" in text
    assert kit.stage.rxnt.count() == 0
    text = printed("run_sync", str(kit.sync.integration_id), "--object", kit.sync.key, "--fired")
    assert "3 seen, 3 written, 0 failed" in text
    assert kit.stage.rxnt.count() == 3


def test_the_run_command_fails_when_the_run_cannot_go_on(kit: LaneKit) -> None:
    kit.stage.hubspot.faults.inject(Fault(FaultKind.STATUS, path="contacts"), times=50)
    with pytest.raises(CommandError):
        printed("run_sync", str(kit.sync.pk))
    assert JobRun.objects.get(kind="manual").state == RunState.QUEUED, "it goes on by itself"


@pytest.mark.parametrize("text", ["nonsense", "6f1b2c9e-1111-4111-8111-111111111111"])
def test_commands_refuse_ids_nobody_has(db: None, text: str) -> None:
    with pytest.raises(CommandError):
        printed("run_sync", text)


def test_setting_up_twice_leaves_each_schedule_once(db: None) -> None:
    assert f"{len(schedules.MINUTES)} were missing" in printed("setup")
    Schedule.objects.filter(name="portal: sweep").update(minutes=99)
    assert "0 were missing" in printed("setup")
    assert dict(Schedule.objects.values_list("func", "minutes")) == {
        f"integrations.tasks.{name}": minutes for name, minutes in schedules.MINUTES.items()
    }
    for name in schedules.MINUTES:
        assert callable(getattr(tasks, name))


def test_tasks_take_ids_and_may_run_twice(kit: LaneKit) -> None:
    contact = kit.contact()
    kit.hint(contact)
    for _delivery in range(2):
        tasks.run_lane(str(kit.sync.pk))
        tasks.sweep()
        tasks.route_events()
        tasks.seal_audit()
        tasks.prune()
    assert kit.stage.rxnt.count() == 1
    assert Heartbeat.objects.exists()
    assert kit.waiting() == {}
