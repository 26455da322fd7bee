"""What people decide about merges, and undoing what a merge did to links."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from pytest_django.fixtures import Settings

from integrations.engine.config import MergePolicy
from integrations.engine.errors import Rejected
from integrations.engine.reasons import Reason
from integrations.engine.records import BLANK, Side
from integrations.models import AuditEntry, Intent, Merge, RecordLink, Review
from integrations.services import ledger_sql, merge_choices, merge_rows, unmerging
from integrations.services.merge_rows import MergeRefused
from tests.services.merge_kit import MergeKit, Plain

Decide = Callable[[Merge, AbstractBaseUser], None]


@pytest.fixture
def kit(db: None, monkeypatch: pytest.MonkeyPatch) -> MergeKit:
    """Give two syncs whose merges wait for a person."""
    made = MergeKit(monkeypatch)
    made.use(merge=MergePolicy.HOLD)
    return made


def held(kit: MergeKit) -> tuple[str, str, str]:
    """Merge two linked companies; returns the survivor, the kept and the extra account."""
    one, two = kit.two()
    kept, extra = kit.account(one), kit.account(two)
    survivor = kit.merge(one, two)
    kit.load()
    return survivor, kept, extra


# ---------------------------------------------------------------- deciding


def test_a_person_lets_the_extra_record_be_removed(kit: MergeKit) -> None:
    _survivor, kept, extra = held(kit)
    note = kit.note(extra)
    merge_choices.remove(kit.row(), kit.ada)
    kit.work()
    assert kit.accounts.live() == [kept]
    assert kit.notes.rows[note].values["about"] == (kept,)
    merge = kit.row()
    assert (merge.state, merge.policy) == ("done", "archive")
    assert Review.objects.get().closed_by_id == kit.ada.pk
    assert AuditEntry.objects.get(action="merge.remove").actor_id == kit.ada.pk


@pytest.mark.parametrize("decide", [merge_choices.keep, merge_choices.done_by_hand])
def test_a_person_ends_it_without_a_write(kit: MergeKit, decide: Decide) -> None:
    _survivor, kept, extra = held(kit)
    before = kit.writes()
    decide(kit.row(), kit.ada)
    kit.load()
    assert set(kit.accounts.live()) == {kept, extra}
    merge = kit.row()
    assert (merge.state, merge.ended_by_id, kit.writes()) == ("done", kit.ada.pk, before)
    assert extra in merge.loser.detail
    assert not Review.objects.filter(closed_at=None).exists()
    with pytest.raises(MergeRefused, match="decided meanwhile"):
        decide(merge, kit.ada)


def test_a_failed_step_is_tried_again_at_once(kit: MergeKit) -> None:
    _survivor, kept, extra = held(kit)
    kit.note(extra)
    kit.accounts.refuses = Rejected("A rule forbids it.")
    merge_choices.remove(kit.row(), kit.ada)
    kit.work()
    assert kit.row().state == "failing"
    kit.accounts.refuses = None
    merge_choices.retry(kit.row(), kit.ada)
    kit.work()
    assert kit.accounts.live() == [kept]


@pytest.mark.parametrize(
    "decide",
    [merge_choices.remove, merge_choices.keep, merge_choices.retry, unmerging.unmerge],
)
def test_viewers_and_strangers_decide_nothing(kit: MergeKit, decide: Decide) -> None:
    held(kit)
    for user in (kit.vic, kit.bob):
        with pytest.raises(PermissionDenied):
            decide(kit.row(), user)
    assert kit.row().state == "held"


def test_what_the_portal_cannot_remove_is_said(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    kit = MergeKit(monkeypatch, Plain)
    held(kit)
    with pytest.raises(MergeRefused, match="cannot find what points"):
        merge_choices.remove(kit.row(), kit.ada)


# ---------------------------------------------------------------- undoing


def test_the_extra_record_gets_the_named_hubspot_record(kit: MergeKit) -> None:
    survivor, kept, extra = held(kit)
    again = kit.companies.put({"domain": "firm2.x", "name": "Firm 2"})
    unmerging.unmerge(kit.row(), kit.ada, again)
    kit.load()
    assert (kit.account(again), kit.account(survivor)) == (extra, kept)
    assert {link.state for link in RecordLink.objects.all()} == {"linked"}
    merge = kit.row()
    assert (merge.state, merge.ended_by_id) == ("undone", kit.ada.pk)
    entry = AuditEntry.objects.get(action="merge.undone")
    assert (entry.reason, entry.link_id) == (Reason.UNMERGED, merge.loser_id)
    before = kit.writes()
    kit.load()
    assert kit.writes() == before
    kit.companies.edit(again, {"name": "New name"})
    kit.accounts.edit(kept, {"title": "Kept name"})
    kit.load()
    assert kit.accounts.rows[extra].values["title"] == "New name"
    assert kit.companies.rows[survivor].values["name"] == "Kept name"


def test_old_ids_go_on_leading_to_the_survivor(kit: MergeKit) -> None:
    survivor, _kept, _extra = held(kit)
    before = merge_rows.before(kit.row())
    again = kit.companies.put({"domain": "firm2.x", "name": "Firm 2"})
    unmerging.unmerge(kit.row(), kit.ada, again)
    kit.load()
    assert kit.link(before.loser.hubspot_id).hubspot_id == survivor
    assert kit.link(again).hubspot_id == again


def test_an_edit_made_since_the_merge_travels_and_blanks_are_filled(kit: MergeKit) -> None:
    _survivor, _kept, extra = held(kit)
    kit.accounts.edit(extra, {"title": "Edited since"})
    again = kit.companies.put({"domain": BLANK, "name": "Firm 2"})
    unmerging.unmerge(kit.row(), kit.ada, again)
    kit.load()
    assert kit.companies.rows[again].values == {"domain": "firm2.x", "name": "Edited since"}
    assert kit.accounts.rows[extra].values["site"] == "firm2.x", "nothing is cleared"


def test_a_new_hubspot_record_is_made_from_the_extra_one(kit: MergeKit) -> None:
    _survivor, _kept, extra = held(kit)
    count = len(kit.companies.live())
    unmerging.unmerge(kit.row(), kit.ada)
    kit.work()
    link = RecordLink.objects.get(object_sync=kit.syncs["companies"], target_id=extra)
    assert link.state == "linked"
    assert kit.companies.rows[link.hubspot_id].values["name"] == "Firm 2"
    assert len(kit.companies.live()) == count + 1


def test_contacts_of_the_named_record_follow_to_the_extra_one(kit: MergeKit) -> None:
    _survivor, kept, extra = held(kit)
    again = kit.companies.put({"domain": "firm2.x", "name": "Firm 2"})
    contact = kit.contacts.live()[0]
    kit.contacts.rows[contact].values["@company"] = (again,)
    unmerging.unmerge(kit.row(), kit.ada, again)
    kit.work()
    assert kit.owners() == {kept, extra}


def test_a_merge_that_was_undone_can_come_again(kit: MergeKit) -> None:
    survivor, _kept, extra = held(kit)
    again = kit.companies.put({"domain": "firm2.x", "name": "Firm 2"})
    unmerging.unmerge(kit.row(), kit.ada, again)
    kit.load()
    kit.merge(survivor, again)
    kit.load()
    rows = Merge.objects.order_by("pk")
    assert list(rows.values_list("state", flat=True)) == ["undone", "held"]
    assert {row.loser.target_id for row in rows} == {extra}


def test_a_record_that_others_have_is_refused(kit: MergeKit) -> None:
    survivor, _kept, _extra = held(kit)
    gone = kit.company(5)
    kit.companies.set_archived(gone, True)
    for wrong, said in (
        (survivor, "linked with"),
        (gone, "no live record"),
        ("h999", "no live record"),
        (merge_rows.before(kit.row()).loser.hubspot_id, "answers with"),
    ):
        with pytest.raises(MergeRefused, match=said):
            unmerging.unmerge(kit.row(), kit.ada, wrong)
    assert kit.row().state == "held"


def test_a_removed_record_must_be_restored_first(kit: MergeKit) -> None:
    _survivor, _kept, extra = held(kit)
    merge_choices.remove(kit.row(), kit.ada)
    kit.work()
    again = kit.companies.put({"domain": "new.x", "name": "Firm 2"})
    assert "Restore it there" in unmerging.outlook(kit.row()).problem
    with pytest.raises(MergeRefused, match="Restore it there"):
        unmerging.unmerge(kit.row(), kit.ada, again)
    kit.accounts.set_archived(extra, False)
    assert unmerging.outlook(kit.row()).problem == ""
    unmerging.unmerge(kit.row(), kit.ada, again)
    kit.load()
    assert kit.account(again) == extra


def test_nothing_is_undone_while_the_record_is_being_removed(kit: MergeKit) -> None:
    _survivor, _kept, extra = held(kit)
    merge = kit.row()
    Intent.objects.create(
        object_sync=merge.object_sync, link=merge.loser, side=Side.TARGET, action="archive",
        external_key=extra, state="planned", fence=1, created_at=merge.created_at,
    )  # fmt: skip
    again = kit.companies.put({"domain": "new.x", "name": "Firm 2"})
    with pytest.raises(MergeRefused, match="just now"):
        unmerging.unmerge(merge, kit.ada, again)


def test_nothing_is_undone_while_a_record_is_being_made_for_the_named_one(kit: MergeKit) -> None:
    _survivor, _kept, _extra = held(kit)
    named = kit.company(6)
    now = timezone.now()
    link = RecordLink.objects.create(
        tenant=kit.acme, object_sync=kit.syncs["companies"], hubspot_id=named, state="pending",
        created_at=now, decided_at=now,
    )  # fmt: skip
    ledger_sql.insert_aliases(link.object_sync_id, [(Side.HUBSPOT, named, link.pk)])
    intent = Intent.objects.create(
        object_sync=link.object_sync, link=link, side=Side.TARGET, action="create",
        external_key=named, state="unknown", fence=1, created_at=now,
    )  # fmt: skip
    with pytest.raises(MergeRefused, match="being made"):
        unmerging.unmerge(kit.row(), kit.ada, named)
    link.refresh_from_db()
    assert link.state == "pending"
    intent.state = "failed"
    intent.save()
    unmerging.unmerge(kit.row(), kit.ada, named)
    assert kit.row().state == "undone"


def test_new_records_are_refused_where_the_integration_makes_none(kit: MergeKit) -> None:
    held(kit)
    kit.use(create_in=(Side.TARGET,))
    assert not unmerging.outlook(kit.row()).can_create
    with pytest.raises(MergeRefused, match="name it here"):
        unmerging.unmerge(kit.row(), kit.ada)


# ---------------------------------------------------------------- the sealed copy


def test_the_copy_holds_both_links_as_they_were(kit: MergeKit) -> None:
    one, two = kit.two()
    links = {key: kit.link(key) for key in (one, two)}
    kit.merge(one, two)
    kit.load()
    before = merge_rows.before(kit.row())
    for key, was in ((one, before.kept), (two, before.loser)):
        link = links[key]
        assert (was.hubspot_id, was.target_id, was.state) == (key, link.target_id, "linked")
        assert was.base == link.base
        assert [*was.aliases] == [["hubspot", key], ["target", link.target_id]]
    assert f'"{two}"' not in kit.row().sealed


def test_a_copy_that_cannot_be_opened_says_what_to_do(kit: MergeKit, settings: Settings) -> None:
    held(kit)
    key_id = settings.ENCRYPTION_KEYS[0].partition(":")[0]
    settings.ENCRYPTION_KEYS = ["other:" + settings.ENCRYPTION_KEYS[0].partition(":")[2]]
    with pytest.raises(MergeRefused, match=f"'{key_id}'.*put the key"):
        unmerging.unmerge(kit.row(), kit.ada)
    assert "put the key" in unmerging.outlook(kit.row()).problem


def test_a_copy_that_was_moved_to_another_row_does_not_open(kit: MergeKit) -> None:
    held(kit)
    merge = kit.row()
    merge.pk += 1
    with pytest.raises(MergeRefused, match="changed or moved"):
        merge_rows.before(merge)


def test_a_forgotten_copy_cannot_be_undone(kit: MergeKit) -> None:
    held(kit)
    merge_rows.forget([kit.row().loser_id])
    assert kit.row().sealed == ""
    with pytest.raises(MergeRefused, match="was deleted"):
        unmerging.unmerge(kit.row(), kit.ada)
