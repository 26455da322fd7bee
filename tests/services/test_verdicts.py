"""A person's word about one deletion: how long it counts, and that it says nothing of the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from integrations.engine.config import DeletePolicy, MergePolicy
from integrations.engine.errors import Rejected, ReplyLost, SyncError, Unavailable
from integrations.engine.pairs import Verdict
from integrations.engine.ports import Outcome, Settlement
from integrations.models import RecordLink, Review
from integrations.services import deletions
from integrations.services.ledger import DjangoLedger
from tests.services.merge_kit import Books, MergeKit
from tests.services.test_deletions import held, waiting

HOLD, KEEP = DeletePolicy.HOLD, DeletePolicy.KEEP


@pytest.fixture
def kit(db: None, monkeypatch: pytest.MonkeyPatch, unlimited: None) -> MergeKit:
    """Give companies between systems in memory, deletions held at the second look."""
    made = MergeKit(monkeypatch)
    made.use(on_hubspot_delete=HOLD, grace_seconds=0)
    return made


def restore(kit: MergeKit, record_id: str) -> None:
    kit.companies.rows[record_id] = replace(kit.companies.rows[record_id], archived=False)


def refuse(monkeypatch: pytest.MonkeyPatch, error: SyncError) -> None:
    """Let the target archive nothing."""

    def archive(_self: Books, _kind: str, ids: Sequence[str]) -> Sequence[Outcome]:
        return [Outcome(record_id, error=error) for record_id in ids]

    monkeypatch.setattr(Books, "archive", archive)


def stored(kit: MergeKit, record_id: str) -> tuple[str, str, object]:
    link = kit.link(record_id)
    return link.state, link.reason, link.choices


# ---------------------------------------------------------------- it ends with its deletion


def test_a_verdict_given_while_the_restored_record_is_read_does_not_outlive_its_deletion(
    kit: MergeKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    [one] = held(kit, 1)
    restore(kit, one)
    real, asked = DjangoLedger.settle, waiting()

    def settle(self: DjangoLedger, items: Sequence[Settlement]) -> None:
        if asked:
            deletions.decide([asked.pop()], Verdict.ARCHIVE, kit.ada)
        real(self, items)

    monkeypatch.setattr(DjangoLedger, "settle", settle)
    kit.look(one)
    assert (kit.link(one).state, kit.link(one).choices) == ("linked", {})

    kit.use(on_hubspot_delete=KEEP, grace_seconds=3600)
    kit.companies.archive("companies", [one])
    kit.look(one)
    assert len(kit.accounts.live()) == 1


def test_a_record_that_comes_back_merged_brings_no_verdict_along(kit: MergeKit) -> None:
    kit.use(merge=MergePolicy.HOLD)
    one, two = kit.two(0)
    kit.companies.archive("companies", [two])
    for _look in range(2):
        kit.look(two)
    deletions.decide(waiting(), Verdict.ARCHIVE, kit.ada)
    restore(kit, two)

    survivor = kit.companies.merge(two, one)
    kit.look(survivor)

    assert kit.link(survivor).state == "linked"
    assert not RecordLink.objects.exclude(choices={}).exists()
    assert len(kit.accounts.live()) == 2


def test_a_record_restored_with_edits_on_both_sides_is_in_conflict_and_no_longer_decided(
    kit: MergeKit,
) -> None:
    [one] = held(kit, 1)
    deletions.decide(waiting(), Verdict.ARCHIVE, kit.ada)
    restore(kit, one)
    kit.companies.edit(one, {"name": "A"})
    kit.accounts.edit(kit.account(one), {"title": "B"})
    kit.work()
    assert stored(kit, one) == ("held", "conflict", {})


def test_a_verdict_that_was_left_behind_is_forgotten_at_the_next_look(kit: MergeKit) -> None:
    one = kit.companies.put({"domain": "d.x", "name": "N"})
    kit.load()
    for names in ({"name": "A"}, {"name": "A again"}):
        kit.companies.edit(one, names)
        kit.accounts.edit(kit.account(one), {"title": "B"})
        kit.look(one)
        RecordLink.objects.update(choices={"@verdict": "archive"})
    assert kit.link(one).reason == "conflict"
    kit.look(one)
    assert stored(kit, one) == ("held", "conflict", {})

    RecordLink.objects.update(state="linked", reason="in_step", choices={"@verdict": "archive"})
    kit.companies.archive("companies", [one])
    for _look in range(2):
        kit.look(one)
    assert stored(kit, one) == ("held", "delete_held", {})


# ---------------------------------------------------------------- it is kept until it is done


@pytest.mark.parametrize("error", [Unavailable("down"), ReplyLost("lost")])
def test_an_archive_that_fails_for_now_is_tried_again_without_asking_anew(
    kit: MergeKit, monkeypatch: pytest.MonkeyPatch, error: SyncError
) -> None:
    [one] = held(kit, 1)
    [review] = waiting()
    deletions.decide([review], Verdict.ARCHIVE, kit.ada)
    with monkeypatch.context() as patched:
        refuse(patched, error)
        kit.work()
    assert stored(kit, one) == ("held", "delete_held", {"@verdict": "archive"})
    assert [each.pk for each in waiting()] == [review.pk]

    kit.later()

    assert stored(kit, one) == ("gone", "archived", {})
    assert kit.accounts.live() == []


def test_a_refused_archive_asks_anew(kit: MergeKit, monkeypatch: pytest.MonkeyPatch) -> None:
    [one] = held(kit, 1)
    deletions.decide(waiting(), Verdict.ARCHIVE, kit.ada)
    refuse(monkeypatch, Rejected("locked there"))
    kit.work()
    assert stored(kit, one) == ("failing", "rejected", {})
    for _look in range(2):
        kit.look(one)
    [review] = waiting()
    assert (stored(kit, one), review.closed_by) == (("held", "delete_held", {}), None)
    assert Review.objects.count() == 2
