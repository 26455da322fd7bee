"""Every way a HubSpot merge can come about × every object pair of every system.

Each row ends as it must: one live link, old ids lead to it, nothing live names a loser, lookups
name the kept record, the extra one is treated by policy, and a second pass writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest

from integrations.engine.config import MergePolicy
from integrations.engine.ports import NewIntent
from integrations.models import Alias, RunKind
from integrations.services import merge_choices, unmerging
from integrations.services.ledger import DjangoLedger
from tests.services.merge_lines import LINES, Line, Stand
from tests.world.checks import _pairs_agree

pytestmark = pytest.mark.django_db


@pytest.fixture(params=LINES, ids=str)
def stand(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, unlimited: None
) -> Stand:
    """Give one object pair of one system at work."""
    line: Line = request.param
    return Stand(line, monkeypatch)


def ends_well(stand: Stand, survivor: str, old: Sequence[str], targets: Sequence[str]) -> None:
    """Check how a merge ended; `old` are the merged ids, `targets` what they were linked with."""
    links = stand.links()
    [kept] = [link for link in links if link.hubspot_id == survivor]
    assert kept.state == "linked", kept.reason
    assert kept.target_id in targets
    for record_id in (*old, survivor):
        assert stand.link(record_id).pk == kept.pk, f"{record_id} leads elsewhere"
    assert not {link.hubspot_id for link in links} & set(old), "something live names a loser"
    extra = set(targets) - {kept.target_id}
    assert not {link.target_id for link in links} & extra
    assert stand.live([*targets]) == ({kept.target_id} if stand.line.removes else set(targets))
    merges = stand.merges()
    assert {merge.loser.target_id for merge in merges} == extra
    state = {MergePolicy.ARCHIVE: "done", MergePolicy.HOLD: "held", MergePolicy.KEEP: "done"}
    assert {merge.state for merge in merges} <= {state[stand.policy]}
    assert (stand.policy is MergePolicy.ARCHIVE) == stand.line.removes
    assert (stand.policy is MergePolicy.HOLD) == stand.line.asks
    if stand.children:
        assert stand.pointed_to() == {kept.target_id}, "a lookup names another record"
    rests(stand)


def rests(stand: Stand) -> None:
    """Check that another pass over everything writes nothing, and that both sides agree."""
    stand.town.full_pass()
    before = len(stand.town.watch.log)
    stand.town.full_pass()
    assert stand.town.watch.log[before:] == []
    _pairs_agree(stand.row, stand.links())


# ---------------------------------------------------------------- two linked records


def test_two_linked_records_merged_with_a_notice(stand: Stand) -> None:
    one, two = stand.linked()
    targets = stand.targets(one, two)
    survivor = stand.merge(one, two)
    assert survivor not in (one, two), "HubSpot makes a third id"
    stand.settle()
    ends_well(stand, survivor, (one, two), targets)
    assert stand.link(survivor).target_id == targets[0], "the primary's record is kept"


@pytest.mark.parametrize("kind", [RunKind.INCREMENTAL, RunKind.RECONCILE])
def test_two_linked_records_found_merged_by_a_scheduled_check(stand: Stand, kind: RunKind) -> None:
    one, two = stand.linked()
    targets = stand.targets(one, two)
    survivor = stand.merge(two, one)
    stand.lose_notices()
    stand.check(kind)
    ends_well(stand, survivor, (one, two), targets)
    if stand.line.key != "patients":
        assert stand.link(survivor).target_id == targets[1], "the values are the second one's"


def test_the_survivor_comes_before_its_notice(stand: Stand) -> None:
    one, two = stand.linked()
    targets = stand.targets(one, two)
    survivor = stand.merge(one, two)
    stand.look(survivor)
    stand.settle()
    ends_well(stand, survivor, (one, two), targets)


@pytest.mark.parametrize("first", ["deletion", "merge", "creation"])
def test_the_notices_come_one_by_one_in_any_order(stand: Stand, first: str) -> None:
    one, two = stand.linked()
    targets = stand.targets(one, two)
    survivor = stand.merge(one, two)
    stand.tell(first)
    ends_well(stand, survivor, (one, two), targets)


def test_a_merge_between_reading_and_writing(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = stand.linked()
    targets = stand.targets(one, two)
    stand.touch(one, 1)
    stand.touch(two, 2)
    merged: list[str] = []
    real = DjangoLedger.open_intents

    def late(self: DjangoLedger, items: Sequence[NewIntent]) -> Mapping[str, int]:
        if not merged and any(item.link.hubspot_id in (one, two) for item in items):
            merged.append(stand.merge(one, two))
        return real(self, items)

    monkeypatch.setattr(DjangoLedger, "open_intents", late)
    stand.settle()
    [survivor] = merged
    ends_well(stand, survivor, (one, two), targets)


# ---------------------------------------------------------------- a linked and an unlinked one


@pytest.mark.parametrize("linked_first", [True, False])
@pytest.mark.parametrize("told", [True, False])
def test_a_linked_and_an_unlinked_record(stand: Stand, linked_first: bool, told: bool) -> None:
    [one] = stand.linked(1)
    targets = stand.targets(one)
    other = stand.make()
    stand.below(other)
    survivor = stand.merge(*((one, other) if linked_first else (other, one)))
    if not told:
        stand.lose_notices()
        for key in stand.line.children:
            stand.town.open(RunKind.RECONCILE, [key])
        stand.check(RunKind.RECONCILE)
    stand.settle()
    ends_well(stand, survivor, (one,), targets)
    known = Alias.objects.filter(object_sync=stand.row, side="hubspot", record_id=other)
    assert {alias.link_id for alias in known} == {stand.link(survivor).pk}


# ---------------------------------------------------------------- chains


def chain_at_once(stand: Stand, one: str, two: str, three: str) -> tuple[str, str]:
    """Merge three records before the portal looks; returns the middle and the last survivor."""
    middle = stand.merge(one, two)
    return middle, stand.merge(three, middle)


def chain_unseen(stand: Stand, one: str, two: str, three: str) -> tuple[str, str]:
    """Merge three, and never tell of the first merge."""
    middle = stand.merge(one, two)
    stand.lose_notices()
    return middle, stand.merge(three, middle)


def chain_step_by_step(stand: Stand, one: str, two: str, three: str) -> tuple[str, str]:
    """Let the portal follow in between."""
    middle = stand.merge(one, two)
    stand.settle()
    return middle, stand.merge(three, middle)


@pytest.mark.parametrize("chain", [chain_at_once, chain_unseen, chain_step_by_step])
def test_three_linked_records_become_one(
    stand: Stand, chain: Callable[[Stand, str, str, str], tuple[str, str]]
) -> None:
    one, two, three = stand.linked(3)
    targets = stand.targets(one, two, three)
    middle, last = chain(stand, one, two, three)
    stand.settle()
    ends_well(stand, last, (one, two, three), targets)
    assert not [link for link in stand.links() if link.hubspot_id == middle]


# ---------------------------------------------------------------- and back again


@pytest.mark.parametrize("line", LINES, ids=str)
def test_undone_links_are_two_pairs_again(
    line: Line, monkeypatch: pytest.MonkeyPatch, unlimited: None
) -> None:
    stand = Stand(line, monkeypatch, MergePolicy.HOLD)
    one, two = stand.linked()
    kept, extra = stand.targets(one, two)
    survivor = stand.merge(one, two)
    stand.settle()
    [merge] = stand.merges()
    assert merge.state == "held"
    merge.object_sync = stand.row
    again = stand.make()
    unmerging.unmerge(merge, stand.town.stage.ada, again)
    stand.settle()
    assert stand.targets(survivor, again) == [kept, extra]
    assert stand.live([kept, extra]) == {kept, extra}
    assert {stand.link(one).state for one in (survivor, again)} <= {"linked", "held"}
    rests(stand)


@pytest.mark.parametrize("line", [line for line in LINES if line.removes], ids=str)
def test_a_person_lets_a_held_extra_record_be_removed(
    line: Line, monkeypatch: pytest.MonkeyPatch, unlimited: None
) -> None:
    stand = Stand(line, monkeypatch, MergePolicy.HOLD)
    one, two = stand.linked()
    kept, extra = stand.targets(one, two)
    stand.merge(one, two)
    stand.settle()
    [merge] = stand.merges()
    merge.object_sync = stand.row
    merge_choices.remove(merge, stand.town.stage.ada)
    stand.settle()
    assert stand.live([kept, extra]) == {kept}
    rests(stand)
