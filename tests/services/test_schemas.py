"""A changed field pauses only itself, is shown with its repair, and goes on once it is mended."""

from __future__ import annotations

import pytest

from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.drift import Kind
from integrations.engine.edits import add_rule, set_filter
from integrations.engine.errors import Unavailable
from integrations.engine.filters import Condition, Filter, Operator
from integrations.engine.mapping import FieldRule
from integrations.engine.reasons import Reason
from integrations.engine.records import FieldType, Side
from integrations.engine.selecting import select_fields
from integrations.engine.specs import FieldSpec, Option
from integrations.models import AuditEntry, ConnectionState, JobRun, ObjectSync, RunKind, SyncState
from integrations.services import drafts, publishing, schemas, syncs
from tests.services.desk import TIERS, Desk
from tests.services.stage import Stage


@pytest.fixture
def live(desk: Desk) -> Desk:
    """Give a published sync of one person with name, city and tier."""
    desk.people(1, city="Bonn", tier="gold")
    desk.edit(lambda c, ground: select_fields(c, ["email", "name", "city", "tier"], ground))
    desk.publish()
    return desk


def kinds(desk: Desk) -> list[tuple[Kind, str]]:
    """Return what changed, as stored."""
    return [(drift.kind, drift.field) for drift in schemas.drifts(desk.sync)]


def mapped(desk: Desk) -> list[str]:
    """Return the fields that are synced now."""
    row = desk.sync
    return [rule.hubspot for rule in schemas.effective(row, syncs.config_of(row)).rules]


def change_person(desk: Desk, **values: str) -> dict[str, object]:
    """Change the person in HubSpot, let a full pass come by, and return what is in the target."""
    desk.hubspot.edit(desk.hubspot.live()[0], values)
    desk.pass_by()
    (row,) = desk.target.rows.values()
    return dict(row.values)


def test_nothing_changed_is_no_drift(live: Desk) -> None:
    assert schemas.refresh_all() == 0
    assert kinds(live) == []
    assert not AuditEntry.objects.filter(action="fields.changed").exists()


@pytest.mark.parametrize(
    ("name", "change", "kind"),
    [
        ("town", {"type": FieldType.DATE}, Kind.RETYPED),
        ("town", {"read_only": True}, Kind.READ_ONLY),
        ("cf:1", {"options": (Option("Silver", "Silver"),)}, Kind.REOPTIONED),
    ],
)
def test_a_changed_field_pauses_only_itself(
    live: Desk, name: str, change: dict[str, object], kind: Kind
) -> None:
    live.target.change(name, **change)
    schemas.refresh_all()
    assert kinds(live) == [(kind, name)]
    paused = "city" if name == "town" else "tier"
    assert mapped(live) == [f for f in ("email", "name", "city", "tier") if f != paused]
    there = change_person(live, name="Ida", city="Rome", tier="silver")
    assert there["title"] == "Ida"
    assert (there["town"], there["cf:1"]) == (
        ("Bonn", "Silver") if paused == "city" else ("Rome", "Gold")
    )
    assert live.sync.state == SyncState.ACTIVE
    (entry,) = AuditEntry.objects.filter(action="fields.changed")
    assert entry.object_sync_id == live.sync.pk


def test_a_vanished_field_is_dropped_by_its_repair(live: Desk) -> None:
    del live.target.specs["town"]
    schemas.refresh_all()
    (drift,) = schemas.drifts(live.sync)
    draft = live.draft
    drafts.repair(draft, drift, live.ada, draft.revision)
    publishing.publish(live.preview(), live.ada)
    assert [rule.hubspot for rule in syncs.config_of(live.sync).rules] == ["email", "name", "tier"]
    assert live.sync.drift == []
    schemas.refresh_all()
    assert kinds(live) == []


def test_a_field_that_comes_back_is_caught_up_with(live: Desk) -> None:
    spec = live.target.specs.pop("town")
    schemas.refresh_all()
    assert change_person(live, city="Rome")["town"] == "Bonn"
    live.target.specs["town"] = spec
    schemas.refresh_all()
    assert kinds(live) == []
    assert JobRun.objects.filter(kind=RunKind.RECONCILE, state="queued").count() == 1
    live.work()
    (row,) = live.target.rows.values()
    assert row.values["town"] == "Rome"
    assert AuditEntry.objects.get(action="fields.mended").detail == "city|town"


def test_new_options_are_reported_with_a_longer_value_list(live: Desk) -> None:
    live.hubspot.change("tier", options=(*TIERS, Option("iron", "Iron")))
    live.target.change("cf:1", options=(*live.target.specs["cf:1"].options, Option("Iron", "Iron")))
    schemas.refresh_all()
    repair = schemas.drifts(live.sync)[0].repairs[0]
    assert dict(repair.arguments)["iron"] == "Iron"
    assert "tier" in mapped(live)


def test_without_a_field_that_a_filter_needs_the_sync_is_held_until_it_is_back(live: Desk) -> None:
    bonn = Filter(((Condition("city", Operator.EQUALS, ("Bonn",)),),))
    live.edit(lambda c, _: set_filter(c, Side.HUBSPOT, bonn))
    live.publish()
    spec = live.hubspot.specs.pop("city")
    schemas.refresh_all()
    row = live.sync
    assert (row.state, row.reason) == (SyncState.HELD, Reason.CONFIG_INVALID)
    assert "filter" in row.reason_detail
    live.hubspot.specs["city"] = spec
    schemas.refresh_all()
    assert (live.sync.state, live.sync.reason) == (SyncState.ACTIVE, "")


def test_a_sync_that_is_resumed_too_early_is_held_again(live: Desk) -> None:
    del live.hubspot.specs["email"]
    schemas.refresh_all()
    syncs.resume(live.sync, live.ada)
    assert live.sync.state == SyncState.ACTIVE
    live.pass_by()
    assert live.sync.state == SyncState.HELD


def test_a_field_that_new_records_need_is_reported(live: Desk) -> None:
    live.target.specs["zip"] = FieldSpec("zip", "ZIP", required=True)
    schemas.refresh_all()
    assert kinds(live) == [(Kind.REQUIRED, "zip")]
    assert len(mapped(live)) == 4


def test_a_required_field_known_at_publishing_is_no_drift(desk: Desk) -> None:
    desk.target.change("mail", required=True)
    desk.publish()
    desk.edit(lambda c, _: add_rule(c, FieldRule("city", "town")))
    schemas.refresh_all()
    assert kinds(desk) == []


def test_one_system_that_does_not_answer_does_not_stop_the_others(
    live: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_object_type: str) -> None:
        raise Unavailable("Down.")

    monkeypatch.setattr(live.hubspot, "describe", fail)
    live.target.change("town", read_only=True)
    assert schemas.refresh_all() == 1
    assert kinds(live) == [(Kind.READ_ONLY, "town")]


def test_paused_connections_and_ended_integrations_are_not_asked(
    live: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_object_type: str) -> None:
        raise AssertionError("It must not be asked.")

    monkeypatch.setattr(live.hubspot, "describe", fail)
    hubspot = live.sync.integration.hubspot
    hubspot.state = ConnectionState.PAUSED
    hubspot.save()
    assert schemas.refresh_all() == 0
    ObjectSync.objects.update(state=SyncState.UNINSTALLED)
    monkeypatch.setattr(live.target, "describe", fail)
    assert schemas.refresh_all() == 0


def test_a_fixed_mapping_is_not_judged_here(stage: Stage) -> None:
    stage.connect()
    stage.hubspot.faults.inject(
        Fault(FaultKind.STATUS, status=503, path="/crm/properties/"), times=9
    )
    assert schemas.refresh_all() == 0
