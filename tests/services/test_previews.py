"""A preview decides as publishing will, shows what it would write, and writes nothing."""

from __future__ import annotations

from collections import Counter

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection as database

from integrations.engine.edits import set_filter
from integrations.engine.errors import ConfigInvalid, Unavailable
from integrations.engine.filters import Condition, Filter, Operator
from integrations.engine.records import Side
from integrations.engine.selecting import select_fields
from integrations.models import (
    AuditEntry,
    JobRun,
    Preview,
    PreviewItem,
    RecordLink,
    RunKind,
    SyncState,
)
from integrations.services import preview_pages, previews, publishing, runs
from tests.services.desk import Desk

H, T = Side.HUBSPOT, Side.TARGET


def groups(preview: Preview) -> dict[str, int]:
    """Return how many records a preview puts into each reason."""
    assert sum(preview.actions.values()) == preview.seen == preview.items.count()
    return dict(preview.reasons)


def outcomes(desk: Desk) -> Counter[str]:
    """Return how many pairs ended with each reason once the lane was quiet."""
    return Counter(
        RecordLink.objects.filter(object_sync=desk.sync).values_list("reason", flat=True)
    )


def fill(desk: Desk) -> None:
    """Put in people known here, there, on both sides, twice, and one that cannot go."""
    desk.people(9)
    for number in (2, 3):
        desk.target.put({"mail": f"p{number}@x", "title": f"P{number}"})
    desk.target.put({"mail": "only@there", "title": "There"})
    for name in ("Twin", "Twin again"):
        desk.target.put({"mail": "p4@x", "title": name})
    for _copy in range(2):
        desk.hubspot.put({"email": "copy@x", "name": "Copy"})
    desk.hubspot.put({"email": "p5@x", "name": "Late copy"})


def test_a_preview_counts_what_publishing_then_does(desk: Desk) -> None:
    fill(desk)
    preview = desk.preview()
    said = groups(preview)
    publishing.publish(preview, desk.ada)
    desk.settle()
    assert outcomes(desk) == Counter(said)
    assert (said["created"], said["linked"], said["ambiguous"]) == (8, 2, 5)
    assert preview.writes == {"target": 7, "hubspot": 1}
    assert desk.writes() == 8


def test_a_later_preview_counts_what_its_full_pass_then_does(desk: Desk) -> None:
    desk.people(6, city="Bonn")
    desk.people(3, start=6, city="Rome")
    desk.publish()
    before = desk.writes()
    wanted = Filter(((Condition("city", Operator.EQUALS, ("Bonn",)),),))
    desk.edit(
        lambda config, ground: select_fields(config, ["email", "name", "city"], ground),
        lambda config, _ground: set_filter(config, H, wanted),
    )
    preview = desk.preview()
    assert groups(preview) == {"updated": 6, "frozen": 3}
    publishing.publish(preview, desk.ada)
    desk.work()
    assert outcomes(desk) == Counter(groups(preview))
    assert desk.writes() - before == 6


def test_a_preview_writes_nothing_and_stores_no_link(desk: Desk) -> None:
    fill(desk)
    desk.preview()
    assert desk.writes() == 0
    assert not RecordLink.objects.exists()
    assert desk.sync.state == SyncState.SETUP
    assert set(JobRun.objects.values_list("kind", "state")) == {("preview", "done")}


def test_fields_to_be_made_count_as_blank(desk: Desk) -> None:
    desk.people(1, visits="3")
    desk.edit(lambda c, ground: select_fields(c, ["email", "name", "visits"], ground))
    (record,) = previews.items(desk.preview())
    view = next(view for view in record.fields if view.hubspot_field == "visits")
    assert (view.target_field, view.hubspot_value, view.would_be) == ("new:visits", "3", "3")
    assert view.side == "target"
    assert desk.target.origins == {}


def test_each_record_is_shown_before_and_after_and_stored_sealed(desk: Desk) -> None:
    desk.people(1, blood="AB")
    desk.edit(lambda c, ground: select_fields(c, ["email", "name", "blood"], ground))
    (record,) = previews.items(desk.preview(), action="create")
    shown = {view.label: view for view in record.fields}
    assert (shown["Name"].hubspot_value, shown["Name"].target_value) == ("P0", "–")
    assert shown["Name"].would_be == "P0"
    assert (shown["Blood group"].hubspot_value, shown["Blood group"].would_be) == ("••••", "••••")
    with database.cursor() as cursor:
        cursor.execute("SELECT fields FROM integrations_previewitem")
        assert '"P0"' not in cursor.fetchone()[0]  # a cipher has no quotes, and P0 by chance


def test_a_sealed_record_cannot_be_moved_to_another_place(desk: Desk) -> None:
    desk.people(2)
    preview = desk.preview()
    one, two = preview.items.order_by("pk")
    PreviewItem.objects.filter(pk=two.pk).update(fields=one.fields)
    assert [bool(record.fields) for record in previews.items(preview)] == [True, False]


def test_items_are_grouped_and_paged(desk: Desk) -> None:
    desk.people(5)
    desk.target.put({"mail": "p0@x", "title": "P0"})
    preview = desk.preview()
    created = previews.items(preview, reason="created", limit=3)
    rest = previews.items(preview, reason="created", after=created[-1].item.pk)
    assert (len(created), len(rest)) == (3, 1)
    assert [r.item.action for r in previews.items(preview, action="link")] == ["link"]


def test_with_too_many_records_a_preview_is_a_sample_of_both_sides(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview_pages, "LIMIT", 10)
    monkeypatch.setattr(preview_pages, "FIRST_SHARE", 8)
    desk.people(12)
    for number in range(5):
        desk.target.put({"mail": f"t{number}@x", "title": "There"})
    preview = desk.preview()
    assert (preview.seen, preview.sampled, preview.state) == (10, True, "done")
    assert set(preview.writes) == {"hubspot", "target"}
    publishing.publish(preview, desk.ada)
    assert "approved" not in JobRun.objects.latest("id").scope


def test_all_records_are_seen_when_they_just_fit(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview_pages, "LIMIT", 10)
    monkeypatch.setattr(preview_pages, "FIRST_SHARE", 4)
    desk.people(9)
    desk.target.put({"mail": "only@there", "title": "There"})
    preview = desk.preview()
    assert (preview.seen, preview.sampled) == (10, False)


def test_a_worker_that_is_killed_loses_a_page_of_a_preview_at_most(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.people(9)
    real, left = desk.hubspot.scan, [2]

    def scan(*arguments: object) -> object:
        left[0] -= 1
        if left[0] == 0:
            raise Unavailable("The system is down.")
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(desk.hubspot, "scan", scan)
    preview = previews.start(desk.sync, desk.ada)
    desk.work()
    assert (desk.again(preview).seen, desk.again(preview).state) == (4, "running")
    row = desk.sync
    row.not_before = None
    row.save()
    desk.work()
    assert (desk.again(preview).seen, desk.again(preview).state) == (9, "done")


def test_an_error_that_stays_ends_the_preview_and_not_the_sync(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.publish()

    def refuse(*_arguments: object) -> None:
        raise ConfigInvalid("There is no such list.")

    monkeypatch.setattr(desk.hubspot, "scan", refuse)
    preview = desk.preview()
    assert (preview.state, preview.problem) == ("failed", "There is no such list.")
    assert desk.sync.state == SyncState.ACTIVE


def test_an_error_of_our_own_ends_the_preview_without_its_words(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_arguments: object) -> None:
        raise RuntimeError("ada@acme.example")

    monkeypatch.setattr(desk.hubspot, "scan", break_down)
    preview = desk.preview()
    assert preview.state == "failed"
    assert "ada@" not in preview.problem


def test_a_new_preview_takes_the_place_of_the_earlier_one(desk: Desk) -> None:
    desk.people(1)
    first = desk.preview()
    running = previews.start(desk.sync, desk.ada)
    second = desk.preview()
    assert list(Preview.objects.values_list("pk", flat=True)) == [second.pk]
    assert {first.pk, running.pk, second.pk} == {first.pk, running.pk, second.pk}
    states = JobRun.objects.filter(kind=RunKind.PREVIEW).order_by("id")
    assert list(states.values_list("state", flat=True)) == ["done", "cancelled", "done"]


def test_a_preview_whose_run_was_cancelled_is_no_longer_running(desk: Desk) -> None:
    made = previews.start(desk.sync, desk.ada)
    assert previews.latest(desk.sync) == made
    assert made.run is not None
    runs.cancel(made.run, desk.ada)
    shown = previews.latest(desk.sync)
    assert shown is not None
    assert (shown.state, shown.problem) == ("failed", "The preview was stopped.")


def test_the_breakers_sentence_is_kept(desk: Desk) -> None:
    desk.people(60)
    desk.publish()
    for record_id in desk.hubspot.live()[:40]:
        desk.hubspot.edit(record_id, {"name": "Changed"})
    preview = desk.preview()
    assert "linked records" in preview.unsafe
    assert preview.reasons["updated"] == 40
    publishing.publish(preview, desk.ada)
    desk.work()
    assert desk.sync.state == SyncState.ACTIVE
    assert outcomes(desk)["updated"] == 40


def test_a_paused_or_held_sync_can_still_be_previewed(desk: Desk) -> None:
    desk.people(2)
    desk.publish()
    for state in (SyncState.PAUSED, SyncState.HELD):
        row = desk.sync
        row.state = state
        row.save()
        assert desk.preview().state == "done"
        assert desk.sync.state == state


def test_a_preview_is_current_until_draft_or_fields_change(desk: Desk) -> None:
    preview = desk.preview()
    assert previews.is_current(preview)
    desk.edit(lambda c, ground: select_fields(c, ["email", "name", "city"], ground))
    assert not previews.is_current(desk.again(preview))


def test_only_the_tenants_managers_preview(desk: Desk) -> None:
    for user in (desk.vic, desk.bob):
        with pytest.raises(PermissionDenied):
            previews.start(desk.sync, user)
    assert not AuditEntry.objects.filter(action__startswith="preview.").exists()


def test_what_the_first_load_left_out_is_left_out_of_a_later_preview(desk: Desk) -> None:
    desk.people(3)
    desk.publish(sides=[T])
    assert desk.preview().seen == 0
