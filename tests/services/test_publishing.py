"""Publishing does what was previewed or refuses; versions stay, and can be put back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied

from integrations.engine.edits import add_rule, set_policies
from integrations.engine.errors import ReplyLost
from integrations.engine.mapping import ConflictPolicy, FieldRule
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.engine.selecting import select_fields
from integrations.engine.specs import FieldSpec
from integrations.models import (
    AuditEntry,
    Draft,
    JobRun,
    RecordLink,
    RunKind,
    SyncState,
    SyncVersion,
)
from integrations.services import drafts, previews, publishing, runs, syncs
from tests.services.desk import Desk

ALL = ["email", "name", "city", "tier"]


def select_all(desk: Desk) -> None:
    """Select the city and the tier too."""
    desk.edit(lambda config, ground: select_fields(config, ALL, ground))


# ---------------------------------------------------------------- the first time


def test_the_first_publishing_starts_the_sync_with_its_first_load(desk: Desk) -> None:
    desk.people(3)
    version = desk.publish(note="Go live")
    row = desk.sync
    assert (row.state, row.version, version.number) == (SyncState.ACTIVE, version, 1)
    assert (version.note, version.published_by, version.restored_from) == ("Go live", desk.ada, 0)
    run = JobRun.objects.get(kind=RunKind.BACKFILL)
    assert (run.state, run.version_number, run.requested_by) == ("done", 1, desk.ada)
    assert run.scope["approved"] is True
    assert len(desk.target.live()) == 3
    assert AuditEntry.objects.get(action="version.published").detail.startswith("version 1")


def test_an_old_preview_is_published_with_the_breaker_on(desk: Desk) -> None:
    desk.people(3)
    preview = desk.preview()
    assert preview.ended_at is not None
    preview.ended_at -= 2 * publishing.APPROVES
    preview.save(update_fields=["ended_at"])
    publishing.publish(preview, desk.ada)
    assert "approved" not in JobRun.objects.get(kind=RunKind.BACKFILL).scope


def test_start_date_and_sides_of_the_first_load_are_handed_on(desk: Desk) -> None:
    start = datetime(2026, 5, 1, tzinfo=UTC)
    publishing.publish(desk.preview(), desk.ada, start=start, sides=[Side.TARGET])
    scope = JobRun.objects.get(kind=RunKind.BACKFILL).scope
    assert (scope["since"], scope["sides"]) == (start.isoformat(), ["target"])


def test_a_later_publishing_is_carried_out_by_a_full_pass(desk: Desk) -> None:
    desk.people(2, city="Bonn")
    desk.publish()
    select_all(desk)
    version = desk.publish()
    assert version.number == 2
    run = JobRun.objects.get(kind=RunKind.RECONCILE)
    assert (run.state, run.version_number) == ("done", 2)
    assert {row.values["town"] for row in desk.target.rows.values()} == {"Bonn"}
    detail = AuditEntry.objects.filter(action="version.published").latest("id").detail
    assert "City" in detail


def test_the_runs_of_the_earlier_version_end(desk: Desk) -> None:
    desk.publish()
    old = runs.open_run(desk.sync, RunKind.RECONCILE)
    select_all(desk)
    preview = previews.start(desk.sync, desk.ada)
    JobRun.objects.filter(pk=old.pk).update(state="held")
    desk.work()
    publishing.publish(desk.again(preview), desk.ada)
    old.refresh_from_db()
    assert old.state == "cancelled"


def test_a_paused_sync_stays_paused_and_a_held_one_goes_on(desk: Desk) -> None:
    desk.publish()
    for state, after in ((SyncState.PAUSED, "paused"), (SyncState.HELD, "active")):
        row = desk.sync
        row.state, row.reason = state, Reason.CONFIG_INVALID
        row.save()
        conflict = ConflictPolicy.TARGET_WINS if after == "active" else ConflictPolicy.HUBSPOT_WINS
        desk.edit(lambda c, _, conflict=conflict: set_policies(c, conflict=conflict))  # type: ignore[misc]
        publishing.publish(desk.preview(), desk.ada)
        assert desk.sync.state == after


# ---------------------------------------------------------------- bound to the preview


def test_an_unfinished_preview_is_not_published(desk: Desk) -> None:
    with pytest.raises(publishing.PublishRefused):
        publishing.publish(previews.start(desk.sync, desk.ada), desk.ada)
    assert desk.sync.version is None


def test_a_draft_edited_since_is_not_published(desk: Desk) -> None:
    preview = desk.preview()
    select_all(desk)
    with pytest.raises(publishing.PublishRefused, match="draft was changed"):
        publishing.publish(desk.again(preview), desk.ada)


def test_a_preview_is_published_once(desk: Desk) -> None:
    preview = desk.preview()
    publishing.publish(preview, desk.ada)
    with pytest.raises(publishing.PublishRefused):
        publishing.publish(desk.again(preview), desk.ada)
    assert SyncVersion.objects.count() == 1


def test_a_version_published_since_is_noticed(desk: Desk) -> None:
    preview = desk.preview()
    row = desk.sync
    row.version = SyncVersion.objects.create(object_sync=row, number=1, config={"settings": {}})
    row.save()
    with pytest.raises(publishing.PublishRefused, match="Another version"):
        publishing.publish(desk.again(preview), desk.ada)


def test_fields_that_changed_since_are_noticed_by_asking_again(desk: Desk) -> None:
    preview = desk.preview()
    desk.target.change("title", read_only=True)
    with pytest.raises(publishing.PublishRefused, match="have changed"):
        publishing.publish(preview, desk.ada)


def test_fields_that_are_not_used_may_change(desk: Desk) -> None:
    preview = desk.preview()
    desk.target.specs["more"] = FieldSpec("more", "More")
    assert publishing.publish(preview, desk.ada).number == 1


def test_only_the_tenants_managers_publish(desk: Desk) -> None:
    preview = desk.preview()
    for user in (desk.vic, desk.bob):
        with pytest.raises(PermissionDenied):
            publishing.publish(preview, user)
        with pytest.raises(PermissionDenied):
            publishing.roll_back(desk.sync, 1, user)


# ---------------------------------------------------------------- fields to be made


def test_missing_fields_are_made_and_the_rules_name_them(desk: Desk) -> None:
    desk.people(2, tier="gold")
    select_all(desk)
    desk.publish()
    rule = next(r for r in syncs.config_of(desk.sync).rules if r.hubspot == "tier")
    assert (rule.target, rule.transform) == ("cf:1", "value_map")
    assert {row.values["cf:1"] for row in desk.target.rows.values()} == {"Gold"}
    assert desk.target.origins == {"tier": "cf:1"}
    desk.edit(lambda c, _: set_policies(c, create_in=[]))
    assert drafts.problems(desk.draft) == ()


def test_a_lost_reply_while_a_field_is_made_makes_no_second_one(desk: Desk) -> None:
    select_all(desk)
    preview = desk.preview()
    desk.target.loses_reply = True
    with pytest.raises(ReplyLost):
        publishing.publish(preview, desk.ada)
    assert desk.sync.version is None
    publishing.publish(desk.again(preview), desk.ada)
    assert desk.target.origins == {"tier": "cf:1"}
    assert [name for name in desk.target.specs if name.startswith("cf:")] == ["cf:1"]


def test_a_made_field_that_another_rule_writes_already_is_noticed(desk: Desk) -> None:
    select_all(desk)
    preview = desk.preview()
    desk.target.origins["tier"] = "town"
    with pytest.raises(drafts.DraftInvalid):
        publishing.publish(preview, desk.ada)
    assert desk.sync.version is None


# ---------------------------------------------------------------- versions


def test_an_earlier_version_is_put_back_through_a_draft(desk: Desk) -> None:
    desk.publish()
    select_all(desk)
    desk.publish()
    draft = publishing.roll_back(desk.sync, 1, desk.ada)
    assert [rule.hubspot for rule in drafts.config_of(draft).rules] == ["email", "name"]
    assert desk.sync.version is not None
    assert desk.sync.version.number == 2
    third = desk.publish()
    assert (third.number, third.restored_from) == (3, 1)
    newest, middle, first = publishing.versions(desk.sync)
    assert publishing.differences(desk.sync, first, newest) == ()
    assert {d.label for d in publishing.differences(desk.sync, middle, newest)} == {"City", "Tier"}


def test_rolling_back_replaces_a_draft_in_the_making(desk: Desk) -> None:
    desk.publish()
    select_all(desk)
    mine = desk.draft
    publishing.roll_back(desk.sync, 1, desk.ada)
    with pytest.raises(drafts.DraftChanged):
        drafts.save(mine, drafts.config_of(mine), desk.ada, mine.revision)
    assert AuditEntry.objects.get(action="draft.rolled_back").detail == "to version 1"
    assert Draft.objects.get().revision == mine.revision + 1


def test_an_unknown_version_is_not_put_back(desk: Desk) -> None:
    with pytest.raises(SyncVersion.DoesNotExist):
        publishing.roll_back(desk.sync, 7, desk.ada)


def test_links_survive_a_publishing(desk: Desk) -> None:
    desk.people(2)
    desk.publish()
    before = set(RecordLink.objects.values_list("pk", "hubspot_id", "target_id"))
    desk.edit(lambda c, _: add_rule(c, FieldRule("city", "town")))
    desk.publish()
    assert set(RecordLink.objects.values_list("pk", "hubspot_id", "target_id")) == before
