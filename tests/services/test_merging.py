"""A HubSpot merge carried through in the target: kept pair, lookups, the extra record, failures."""

from __future__ import annotations

import pytest

from integrations.engine.config import MergePolicy
from integrations.engine.errors import AuthFailed, Rejected, ReplyLost, Unavailable
from integrations.engine.reasons import Reason
from integrations.engine.records import Record, Side
from integrations.models import (
    AuditEntry,
    Event,
    Hint,
    Intent,
    Merge,
    Notice,
    RecordLink,
    Review,
)
from integrations.services import lanes, leases, merging
from tests.services.merge_kit import Books, MergeKit, Plain


@pytest.fixture
def kit(db: None, monkeypatch: pytest.MonkeyPatch) -> MergeKit:
    """Give two syncs whose target can say what points to a record."""
    return MergeKit(monkeypatch)


@pytest.fixture
def plain(db: None, monkeypatch: pytest.MonkeyPatch) -> MergeKit:
    """Give two syncs whose target cannot."""
    return MergeKit(monkeypatch, Plain)


def keys(merge: Merge) -> list[str]:
    """Return what was done about a merge."""
    return [step["key"] for step in merge.steps]


def merged(kit: MergeKit, contacts: int = 2) -> tuple[str, str]:
    """Merge two linked companies; returns the kept and the extra account."""
    one, two = kit.two(contacts)
    kept, extra = kit.account(one), kit.account(two)
    kit.merge(one, two)
    return kept, extra


# ---------------------------------------------------------------- as it should be


def test_the_extra_account_goes_after_everything_points_to_the_kept_one(kit: MergeKit) -> None:
    one, two = kit.two()
    kept, extra = kit.account(one), kit.account(two)
    note = kit.note(extra)
    survivor = kit.merge(one, two)
    kit.load()
    assert kit.link(two) == kit.link(one) == kit.link(survivor)
    assert kit.owners() == {kept}
    assert kit.notes.rows[note].values["about"] == (kept,), "what no sync knows follows too"
    assert kit.accounts.live() == [kept]
    merge = kit.row()
    assert (merge.state, merge.reason) == ("done", "")
    assert keys(merge) == ["in_step", "repoint", "repoint", "repoint", "children", "remove"]
    assert merge.loser.reason == Reason.EXTRA_REMOVED
    before = kit.writes()
    kit.load()
    assert kit.writes() == before
    assert not Review.objects.exists()


def test_every_step_is_in_the_history_of_the_extra_record(kit: MergeKit) -> None:
    kept, extra = merged(kit)
    kit.load()
    entries = AuditEntry.objects.filter(link_id=kit.row().loser_id).order_by("pk")
    assert [e.action for e in entries][-4:] == ["merge", "repoint", "repoint", "archive"]
    moved = entries.filter(action="repoint").first()
    assert moved is not None
    assert (moved.before, moved.after) == ({"account": extra}, {"account": kept})
    assert set(Intent.objects.values_list("state", flat=True)) == {"confirmed"}


def test_the_kept_account_has_what_the_merge_left(kit: MergeKit) -> None:
    one, two = kit.two()
    kept = kit.account(one)
    survivor = kit.merge(one, two)
    kit.companies.edit(survivor, {"name": "Both"})
    kit.load()
    assert kit.accounts.rows[kept].values["title"] == "Both"
    assert kit.accounts.rows[kept].values["site"] == "firm1.x"


def test_an_account_that_belongs_below_the_extra_one_moves_and_the_kept_one_lets_go(
    kit: MergeKit,
) -> None:
    one, two = kit.two(0)
    kept, extra = kit.account(one), kit.account(two)
    below = kit.accounts.put({"site": "below.x", "title": "Below", "parent": (extra,)})
    kit.accounts.edit(kept, {"parent": (extra,)})
    kit.merge(one, two)
    kit.load()
    assert kit.accounts.rows[below].values["parent"] == (kept,)
    assert "parent" not in {n for n, v in kit.accounts.rows[kept].values.items() if v == (kept,)}
    assert extra not in kit.accounts.live()


def test_a_merge_of_three_and_a_chain_end_with_one_account(kit: MergeKit) -> None:
    one, two = kit.two()
    three = kit.company(3)
    kit.load()
    kept = kit.account(one)
    last = kit.merge(three, kit.merge(one, two))
    kit.load()
    assert kit.accounts.live() == [kept]
    assert {kit.link(one).hubspot_id, kit.link(three).hubspot_id} == {last}
    assert set(Merge.objects.values_list("state", flat=True)) == {"done"}
    assert Merge.objects.count() == 2


def test_a_merge_that_waits_follows_when_its_kept_record_is_merged_too(kit: MergeKit) -> None:
    kit.use(merge=MergePolicy.HOLD)
    one, two = kit.two()
    three = kit.company(3)
    kit.load()
    middle = kit.merge(one, two)
    kit.load()
    last = kit.merge(three, middle)
    Hint.objects.all().delete()
    kit.load()
    heir = kit.link(last)
    assert set(Merge.objects.values_list("kept", "hubspot_id")) == {(heir.pk, last)}


# ---------------------------------------------------------------- the other policies


@pytest.mark.parametrize(("policy", "state"), [("keep", "done"), ("hold", "held")])
def test_a_record_that_is_kept_stays_and_only_mapped_lookups_follow(
    kit: MergeKit, policy: str, state: str
) -> None:
    kit.use(merge=MergePolicy(policy))
    one, two = kit.two()
    kept, extra = kit.account(one), kit.account(two)
    note = kit.note(extra)
    kit.merge(one, two)
    kit.load()
    assert kit.owners() == {kept}
    assert set(kit.accounts.live()) == {kept, extra}
    assert kit.notes.rows[note].values["about"] == (extra,)
    assert kit.row().state == state
    assert Review.objects.filter(closed_at=None).count() == (state == "held")
    assert Notice.objects.count() == 1
    before = kit.writes()
    kit.load()
    assert kit.writes() == before


def test_nothing_is_removed_where_nobody_can_tell_what_points_to_it(plain: MergeKit) -> None:
    kept, extra = merged(plain)
    plain.load()
    merge = plain.row()
    assert (merge.state, merge.reason) == ("held", Reason.MERGE_CONFLICT)
    assert "cannot find what points" in merge.detail
    assert set(plain.accounts.live()) == {kept, extra}
    assert plain.owners() == {kept}, "mapped lookups follow all the same"


def test_a_policy_that_was_changed_meanwhile_counts(kit: MergeKit) -> None:
    _kept, extra = merged(kit)
    kit.note(extra)
    kit.accounts.refuses = Rejected("A rule forbids it.")
    kit.load()
    kit.accounts.refuses = None
    kit.use(merge=MergePolicy.KEEP)
    kit.later()
    assert kit.row().state == "done"
    assert extra in kit.accounts.live()


def test_a_target_that_is_closed_for_now_is_not_written(kit: MergeKit) -> None:
    kept, extra = merged(kit)
    kit.use(closed=(Side.TARGET,))
    kit.load()
    assert kit.row().reason == Reason.JOB_OFF
    assert set(kit.accounts.live()) == {kept, extra}
    kit.use(closed=())
    kit.later()
    assert kit.accounts.live() == [kept]


# ---------------------------------------------------------------- what goes wrong


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
