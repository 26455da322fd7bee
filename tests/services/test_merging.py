"""A HubSpot merge carried through in the target: kept pair, lookups, the extra record, failures."""

from __future__ import annotations

import pytest

from integrations.engine.config import MergePolicy
from integrations.engine.errors import Rejected
from integrations.engine.mapping import FieldRule
from integrations.engine.reasons import Reason
from integrations.engine.records import FieldType, Side
from integrations.models import (
    AuditEntry,
    Hint,
    Intent,
    Merge,
    Notice,
    Review,
)
from integrations.services import audit, merge_choices
from integrations.services.merge_steps import Carrier
from tests.services.merge_kit import MergeKit, Plain


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
    assert audit.changes_of(moved) == ({"account": extra}, {"account": kept})
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
    kept = kit.account(three)
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


def test_an_extra_record_with_a_change_that_nobody_took_over_waits_for_a_person(
    kit: MergeKit,
) -> None:
    kept, extra = merged(kit)
    kit.accounts.edit(extra, {"title": "Renamed there"})
    kit.load()
    merge = kit.row()
    assert (merge.state, merge.reason) == ("held", Reason.MERGE_CONFLICT)
    assert "edited there" in merge.detail
    assert "title" in merge.detail
    assert set(kit.accounts.live()) == {kept, extra}
    assert kit.owners() == {kept}, "mapped lookups follow all the same"
    assert Review.objects.get(closed_at=None).link_id == merge.loser_id
    merge_choices.remove(merge, kit.ada)
    kit.work()
    assert kit.row().state == "done"
    assert kit.accounts.live() == [kept]


def test_a_change_during_the_merge_is_seen_before_the_record_goes(
    kit: MergeKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    _kept, extra = merged(kit)
    repoint = Carrier.repoint

    def late(self: Carrier) -> None:
        repoint(self)
        kit.accounts.edit(extra, {"title": "Renamed there"})

    monkeypatch.setattr(Carrier, "repoint", late)
    kit.load()
    assert (kit.row().state, kit.row().reason) == ("failing", Reason.MERGE_CONFLICT)
    kit.later()
    assert kit.row().state == "held"
    assert extra in kit.accounts.live()


def test_what_points_elsewhere_is_no_edit_of_the_extra_record(kit: MergeKit) -> None:
    rule = FieldRule("parent", "parent", FieldType.REFERENCE, reference="companies", single=True)
    kit.use(rules=(*kit.configs["companies"].rules, rule))
    one, two = kit.two(0)
    kept, extra = kit.account(one), kit.account(two)
    kit.accounts.edit(extra, {"parent": (kept,)})
    kit.merge(one, two)
    kit.look(one, two)
    kit.later()
    assert kit.accounts.live() == [kept]


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
