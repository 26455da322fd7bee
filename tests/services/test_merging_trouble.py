"""What goes wrong while a merge is carried through costs nothing and is shown."""

from __future__ import annotations

import pytest

from integrations.engine.errors import AuthFailed, Rejected, ReplyLost, Unavailable
from integrations.engine.reasons import Reason
from integrations.engine.records import Record
from integrations.models import (
    Event,
    Intent,
    Merge,
    Notice,
    RecordLink,
    Review,
)
from integrations.services import lanes, leases, merging
from tests.services.merge_kit import Books, MergeKit


@pytest.fixture
def kit(db: None, monkeypatch: pytest.MonkeyPatch) -> MergeKit:
    """Give two syncs whose target can say what points to a record."""
    return MergeKit(monkeypatch)


def merged(kit: MergeKit, contacts: int = 2) -> tuple[str, str]:
    """Merge two linked companies; returns the kept and the extra account."""
    one, two = kit.two(contacts)
    kept, extra = kit.account(one), kit.account(two)
    kit.merge(one, two)
    return kept, extra


def test_a_refusal_is_shown_retried_and_told_after_the_last_attempt(kit: MergeKit) -> None:
    kept, extra = merged(kit)
    kit.note(extra)
    kit.accounts.refuses = Rejected("A rule forbids it.")
    kit.load()
    merge = kit.row()
    assert (merge.state, merge.reason, merge.attempts) == ("failing", Reason.REJECTED, 1)
    assert "A rule forbids it." in merge.detail
    assert extra in kit.accounts.live()
    for _attempt in range(6):
        kit.later()
    merge = kit.row()
    assert (merge.state, merge.due_at, merge.attempts) == ("failing", None, 6)
    assert Review.objects.filter(closed_at=None, link=merge.loser).exists()
    assert Notice.objects.filter(link=merge.loser).count() == 1
    kit.accounts.refuses = None
    Merge.objects.update(due_at=merge.created_at)
    kit.work()
    assert kit.accounts.live() == [kept]
    assert not Review.objects.filter(closed_at=None).exists()


def test_a_lost_answer_is_resolved_by_reading_again(kit: MergeKit) -> None:
    kept, _extra = merged(kit)
    kit.accounts.loses = ReplyLost("The answer was lost.")
    kit.load()
    assert kit.row().reason == Reason.WRITE_UNKNOWN
    assert Intent.objects.filter(state="unknown").count() == 2
    kit.later()
    assert kit.accounts.live() == [kept]
    assert kit.accounts.writes["repointed"] == 2, "nothing is written twice"
    assert not Intent.objects.exclude(state="confirmed").exists()


def test_a_lost_answer_to_the_removal_counts_once_it_is_gone(
    kit: MergeKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, _extra = merged(kit)
    real = Books.archive

    def lose(self: Books, object_type: str, ids: list[str]) -> None:
        real(self, object_type, ids)
        raise ReplyLost("The answer was lost.")

    monkeypatch.setattr(Books, "archive", lose)
    kit.load()
    assert kit.row().state == "open"
    assert Intent.objects.filter(action="archive").get().state == "unknown"
    monkeypatch.setattr(Books, "archive", _never)
    kit.later()
    assert (kit.row().state, kit.accounts.live()) == ("done", [kept])
    assert Intent.objects.filter(action="archive").get().state == "confirmed"


def _never(*_args: object) -> None:
    raise AssertionError("It was removed before.")


@pytest.mark.parametrize("error", [Unavailable("Down."), AuthFailed("Refused.")])
def test_an_outage_costs_no_attempt(
    kit: MergeKit, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    merged(kit)

    def fail(*_args: object) -> None:
        raise error

    monkeypatch.setattr(Books, "referrers", fail)
    kit.load()
    merge = kit.row()
    assert (merge.state, merge.attempts) == ("open", 0)
    assert merge.due_at is not None
    assert kit.syncs["companies"].pk not in lanes.idle_with_work(), "its lane rests"


def test_an_error_of_ours_is_stored_and_stops_nothing_else(
    kit: MergeKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    merged(kit)
    monkeypatch.setattr(Books, "referrers", lambda *_: 1 / 0)
    late = kit.company(9)
    kit.load()
    assert kit.row().reason == Reason.INTERNAL_ERROR
    assert kit.link(late).state == "linked"


def test_nothing_is_removed_while_something_is_pointed_there_again(
    kit: MergeKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    _kept, extra = merged(kit)
    monkeypatch.setattr(Books, "repoint", lambda _self, found, _to: [(one, None) for one in found])
    kit.load()
    assert (kit.row().state, kit.row().reason) == ("failing", Reason.STILL_REFERRED)
    assert extra in kit.accounts.live()


def test_nothing_is_removed_while_the_kept_pair_is_not_in_step(kit: MergeKit) -> None:
    one, two = kit.two()
    extra = kit.account(two)
    survivor = kit.merge(one, two)
    kit.companies.edit(survivor, {"name": "poison"})
    kit.load()
    assert kit.row().state == "failing"
    assert "not allowed" in kit.row().detail
    assert extra in kit.accounts.live()
    kit.companies.edit(survivor, {"name": "Good"})
    kit.later()
    assert extra not in kit.accounts.live()


def test_a_merge_is_proven_by_two_ways_only(kit: MergeKit, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = kit.two()
    extra = kit.account(two)
    survivor = kit.merge(one, two)
    show = kit.companies._show

    def forgetful(*args: object) -> Record:
        shown = show(*args)  # type: ignore[arg-type]
        return Record(shown.id, shown.values, shown.modified_at, shown.archived)

    monkeypatch.setattr(kit.companies, "_show", forgetful)
    kit.look(one, two)
    assert kit.row().reason == Reason.MERGE_UNPROVEN
    assert extra in kit.accounts.live()
    notice(kit, survivor, one, two)
    kit.later()
    assert extra not in kit.accounts.live()


def notice(kit: MergeKit, survivor: str, primary: str, other: str) -> None:
    """Store HubSpot's notice of a merge."""
    row = kit.syncs["companies"]
    at = row.created_at
    Event.objects.create(
        tenant=kit.acme, connection=row.integration.hubspot, dedup_key="m", kind="merged",
        object_type="companies", record_id=survivor, occurred_at=at, received_at=at, routed_at=at,
        raw={"primary_id": primary, "merged_ids": [other]},
    )  # fmt: skip


def test_a_record_that_another_pair_has_taken_is_left_alone(kit: MergeKit) -> None:
    _kept, extra = merged(kit)
    kit.accounts.refuses = Rejected("Not now.")
    kit.load()
    kit.accounts.refuses = None
    kit.company(7, domain="firm2.x")
    kit.load()
    kit.later()
    assert extra in kit.accounts.live()
    assert kit.row().state == "done"
    links = RecordLink.objects.filter(object_sync=kit.syncs["companies"], target_id=extra)
    assert set(links.values_list("state", flat=True)) == {"superseded", "linked"}


def test_an_account_that_somebody_removed_meanwhile_is_done(kit: MergeKit) -> None:
    kept, extra = merged(kit)
    kit.accounts.refuses = Rejected("Not now.")
    kit.load()
    kit.accounts.refuses = None
    kit.accounts.set_archived(extra, True)
    kit.later()
    assert (kit.row().state, kit.accounts.live()) == ("done", [kept])


def test_a_worker_that_lost_its_lane_writes_nothing(kit: MergeKit) -> None:
    merged(kit)
    kit.accounts.refuses = Rejected("Not now.")
    kit.load()
    kit.accounts.refuses = None
    Merge.objects.update(due_at=kit.row().created_at)
    row = kit.syncs["companies"]
    lease = leases.acquire(row.pk)
    assert lease is not None
    before = kit.writes()
    with pytest.raises(Exception, match="Another worker"):
        merging.work(row, lease.fence - 1)
    assert kit.writes() == before
