"""People who decide about a merge while the portal is at work on it, and what is left of that."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from integrations.engine.config import MergePolicy
from integrations.engine.errors import Rejected, ReplyLost
from integrations.engine.reasons import Reason
from integrations.models import AuditEntry, Intent, Merge, RecordLink, Review
from integrations.services import erasure, merge_choices, merge_rows, merging, unmerging
from integrations.services.merge_rows import MergeRefused
from tests.services.merge_kit import Books, MergeKit


@pytest.fixture
def kit(db: None, monkeypatch: pytest.MonkeyPatch) -> MergeKit:
    """Give two syncs whose merges wait for a person."""
    made = MergeKit(monkeypatch)
    made.use(merge=MergePolicy.HOLD)
    return made


def held(kit: MergeKit) -> tuple[str, str]:
    """Merge two linked companies; returns the kept and the extra account."""
    one, two = kit.two()
    kept, extra = kit.account(one), kit.account(two)
    kit.merge(one, two)
    kit.load()
    return kept, extra


def fails_first(kit: MergeKit, extra: str) -> None:
    """Let a person remove the extra record, and the first attempt be refused."""
    kit.note(extra)
    kit.accounts.refuses = Rejected("Not now.")
    merge_choices.remove(kit.row(), kit.ada)
    kit.work()
    kit.accounts.refuses = None
    assert kit.row().state == "failing"


def test_keeping_is_refused_while_the_record_is_being_removed(
    kit: MergeKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, extra = held(kit)
    fails_first(kit, extra)
    archive = Books.archive
    refused = []

    def meanwhile(self: Books, object_type: str, ids: Sequence[str]) -> object:
        for decide in (merge_choices.keep, merge_choices.done_by_hand):
            with pytest.raises(MergeRefused, match="just now") as caught:
                decide(kit.row(), kit.ada)
            refused.append(caught.value)
        return archive(self, object_type, ids)

    monkeypatch.setattr(Books, "archive", meanwhile)
    kit.later()
    assert len(refused) == 2
    assert (kit.row().state, kit.accounts.live()) == ("done", [kept])
    assert AuditEntry.objects.filter(action="archive").count() == 1


def test_keeping_is_refused_until_a_lost_removal_is_looked_up(
    kit: MergeKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    _kept, extra = held(kit)
    archive = Books.archive

    def lose(self: Books, object_type: str, ids: Sequence[str]) -> None:
        archive(self, object_type, ids)
        raise ReplyLost("Lost.")

    monkeypatch.setattr(Books, "archive", lose)
    merge_choices.remove(kit.row(), kit.ada)
    kit.work()
    Merge.objects.update(state="failing")
    with pytest.raises(MergeRefused, match="just now"):
        merge_choices.keep(kit.row(), kit.ada)
    monkeypatch.setattr(Books, "archive", archive)
    kit.later()
    assert kit.row().state == "done"
    assert extra not in kit.accounts.live()
    assert set(Intent.objects.filter(action="archive").values_list("state", flat=True)) == {
        "confirmed"
    }


def test_what_was_repointed_is_in_the_history_also_if_somebody_decides_meanwhile(
    kit: MergeKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, extra = held(kit)
    fails_first(kit, extra)
    note = kit.note(extra)
    repoint = Books.repoint

    def meanwhile(self: Books, found: Sequence[object], to: str) -> object:
        merge_choices.keep(kit.row(), kit.ada)
        return repoint(self, found, to)  # type: ignore[arg-type]

    monkeypatch.setattr(Books, "repoint", meanwhile)
    kit.later()
    merge = kit.row()
    assert merge.state == "done"
    assert merge.loser.detail == f"A person decided to keep {extra}."
    assert extra in kit.accounts.live()
    assert kit.notes.rows[note].values["about"] == (kept,)
    assert AuditEntry.objects.filter(action="repoint", target_id=note).exists()
    assert not Intent.objects.filter(state__in=("planned", "unknown")).exists()


def test_a_decision_is_remembered_however_many_steps_follow(
    kit: MergeKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merge_rows, "LISTED", 5)
    kept, extra = held(kit)
    kit.accounts.edit(extra, {"title": "Renamed there"})
    for _number in range(8):
        kit.note(extra)
    merge_choices.remove(kit.row(), kit.ada)
    kit.work()
    assert kit.row().state == "done"
    assert kit.accounts.live() == [kept]
    assert "decided" in {step["key"] for step in kit.row().steps}


def test_nobody_is_asked_about_a_merge_that_was_undone_meanwhile(
    kit: MergeKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = kit.two()
    kit.merge(one, two)
    rest = merging._rest

    def meanwhile(merge: Merge, fence: int, policy: MergePolicy, detail: str) -> None:
        again = kit.companies.put({"domain": "new.x", "name": "Firm 2"})
        unmerging.unmerge(kit.row(), kit.ada, again)
        rest(merge, fence, policy, detail)

    monkeypatch.setattr(merging, "_rest", meanwhile)
    kit.load()
    monkeypatch.setattr(merging, "_rest", rest)
    kit.load()
    assert kit.row().state == "undone"
    assert not Review.objects.filter(closed_at=None).exists()


def test_undoing_ends_what_was_open_about_the_named_record(kit: MergeKit) -> None:
    held(kit)
    for title in ("A", "B"):
        kit.accounts.put({"site": "dup.x", "title": title})
    named = kit.companies.put({"domain": "dup.x", "name": "Dup"})
    kit.look(named)
    before = kit.link(named)
    assert Review.objects.filter(link=before, closed_at=None).exists()
    unmerging.unmerge(kit.row(), kit.ada, named)
    before.refresh_from_db()
    assert before.state == "superseded"
    assert not Review.objects.filter(link=before, closed_at=None).exists()
    assert AuditEntry.objects.get(link_id=before.pk, reason=Reason.SUPERSEDED)


def test_an_erased_person_is_not_brought_back_by_undoing_a_merge(kit: MergeKit) -> None:
    other = kit.companies.put({"domain": "hopper.x", "name": "Grace Hopper"})
    _kept, extra = held(kit)
    link = kit.link(other)
    erasure.erase(link, kit.ada)
    kit.work()
    with pytest.raises(MergeRefused, match="erased"):
        unmerging.unmerge(kit.row(), kit.ada, other)
    link.refresh_from_db()
    assert (link.state, link.reason) == ("gone", Reason.ERASED)
    assert kit.accounts.rows[extra].values["title"] == "Firm 2"


def test_ids_of_a_chain_stay_known_as_old_ones(kit: MergeKit) -> None:
    one, two = kit.two()
    three = kit.company(3)
    kit.load()
    middle = kit.merge(one, two)
    kit.load()
    kit.merge(three, middle)
    kit.load()
    merge = Merge.objects.order_by("pk").first()
    assert merge is not None
    assert middle in merge.old_ids


def test_an_absorbed_link_leaves_no_question_open(kit: MergeKit) -> None:
    account = kit.accounts.put({"site": "late.x", "title": "Late"})
    kit.accounts.put({"site": "late.x", "title": "Twin"})
    company = kit.companies.put({"domain": "late.x", "name": "Late"})
    kit.load()
    assert Review.objects.filter(closed_at=None).exists()
    kit.accounts.edit(account, {"site": "other.x"})
    kit.load()
    kit.later()
    assert kit.link(company).state == "linked"
    ended = RecordLink.objects.filter(state="superseded")
    assert not Review.objects.filter(link__in=ended, closed_at=None).exists()
