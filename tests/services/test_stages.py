"""Two-sided passes: each pair once, in the cheaper order, from a chosen start, from one side."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from integrations.engine.config import Breaker
from integrations.engine.filters import Condition, Filter, Operator
from integrations.engine.records import Page
from integrations.models import JobRun, RecordLink, RunKind, RunState
from integrations.services import leases, runs, stages
from integrations.services.ledger import DjangoLedger
from tests.engine.world.parts import EPOCH
from tests.services.lane_kit import expire_lease
from tests.services.twin_kit import CONFIG, H, Listed, T, TwinKit

pytestmark = pytest.mark.django_db

FIRST = RunKind.BACKFILL
ONLY_P1 = Filter(((Condition("name", Operator.EQUALS, ("P1",)),),))


def ways(system: Listed) -> set[str]:
    return {way for way, _cursor in system.pages}


# ---------------------------------------------------------------- each pair once


def test_a_first_load_of_both_sides_counts_each_pair_once(twin: TwinKit) -> None:
    twin.people(6)
    twin.target.put({"mail": "only@x", "title": "Only here"})
    twin.target.put({"mail": "0-1@x", "title": "P1"})
    run = twin.run(FIRST)
    assert (run.state, run.seen, sum(run.counts.values())) == (RunState.DONE, 7, 7)
    assert len(twin.hubspot.live()) == len(twin.target.live()) == 7


def test_the_next_full_pass_meets_each_pair_once_and_writes_nothing(twin: TwinKit) -> None:
    twin.people(6)
    twin.run(FIRST)
    before = twin.writes()
    run = twin.run()
    assert (run.seen, run.counts, run.written) == (6, {"in_step": 6}, 0)
    assert twin.writes() == before


def test_what_only_the_later_stage_can_meet_is_met(twin: TwinKit) -> None:
    gone, *_rest = twin.people(3)
    twin.run(FIRST)
    twin.hubspot.set_archived(gone, True)
    run = twin.run()
    assert run.seen == 3
    assert sum(run.counts.values()) == 3
    assert set(run.counts) > {"in_step"}


def test_hubspot_comes_first_unless_the_other_side_is_dear_to_read(twin: TwinKit) -> None:
    twin.people(1)
    assert twin.run().scope["stages"] == ["hubspot", "target"]
    twin.declare(batch_read=False)
    assert twin.run().scope["stages"] == ["target", "hubspot"]


def test_planning_and_writing_each_meet_every_pair(twin: TwinKit) -> None:
    twin.config = replace(CONFIG, breaker=Breaker(max_share=0.9, floor=2))
    first, *_rest = twin.people(6)
    twin.run(FIRST)
    twin.hubspot.edit(first, {"name": "Changed"})
    run = twin.run()
    assert run.scope["stages"] == ["plan:hubspot", "plan:target", "hubspot", "target"]
    assert (run.state, run.seen, run.written) == (RunState.DONE, 6, 1)
    assert run.scope["actions"] == {"nothing": 5, "update": 1}


def test_a_pass_over_what_changed_leaves_no_pair_out(
    twin: TwinKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    (person,) = twin.people(1)
    twin.run(FIRST)
    twin.settle_search()
    twin.hubspot.edit(person, {"name": "Changed here"})
    twin.settle_search()
    real = twin.target.changes

    def after_the_pair_was_met(*asked: object) -> Page:
        if twin.target.rows["t1"].values["mail"] != "there@x":
            twin.target.edit("t1", {"mail": "there@x"})
            twin.settle_search()
        return real(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(twin.target, "changes", after_the_pair_was_met)
    run = twin.run(RunKind.INCREMENTAL)
    assert run.seen == 2, "its cursor passes a change that nobody has looked at"
    assert twin.target.rows["t1"].values["title"] == "Changed here"
    assert twin.hubspot.rows[person].values["email"] == "there@x"


def test_a_page_costs_few_queries_whatever_its_size(
    twin: TwinKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin.people(8)
    twin.run(FIRST)

    def pages_of(size: int) -> int:
        monkeypatch.setattr("tests.services.twin_kit.PAGE", size)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            twin.run()
        return len(caught)

    two, four = pages_of(4), pages_of(2)
    assert (four - two) / 4 < 25


# ---------------------------------------------------------------- killed workers


def test_a_killed_first_load_goes_on_at_its_cursor_and_counts_once(
    twin: TwinKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin.people(10)
    real, calls = DjangoLedger.settle, []

    def die_on_third(ledger: DjangoLedger, items: object) -> None:
        calls.append(items)
        if len(calls) == 3:
            raise SystemExit(9)
        real(ledger, items)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(DjangoLedger, "settle", die_on_third)
        patched.setattr(leases, "release", lambda _lease: False)
        with pytest.raises(SystemExit):
            twin.run(FIRST)
    run = JobRun.objects.get()
    assert (run.cursor, run.seen) == ("hubspot|8", 8)
    expire_lease(twin.sync.pk)
    run = twin.run(FIRST)
    assert (run.state, run.seen, JobRun.objects.count()) == (RunState.DONE, 10, 1)
    assert len(twin.target.live()) == len(twin.hubspot.live()) == 10
    assert [cursor for way, cursor in twin.hubspot.pages] == ["", "4", "8", "8"]


# ---------------------------------------------------------------- start, sides, selection


def test_a_first_load_with_a_start_reads_only_what_changed_since(twin: TwinKit) -> None:
    twin.people(3, at=10)
    twin.people(2, at=100)
    twin.settle_search()
    run = twin.run(FIRST, since=(EPOCH + timedelta(seconds=50)).isoformat())
    assert (run.seen, len(twin.target.live())) == (2, 2)
    assert ways(twin.hubspot) == ways(twin.target) == {"changes"}


def test_a_full_pass_leaves_alone_what_the_first_load_left_out_until_it_changes(
    twin: TwinKit,
) -> None:
    old, *_rest = twin.people(3, at=10)
    twin.people(2, at=100)
    twin.settle_search()
    twin.run(FIRST, since=(EPOCH + timedelta(seconds=50)).isoformat())
    assert twin.run().seen == 2
    twin.hubspot.edit(old, {"name": "Newer"})
    assert twin.run().seen == 3
    twin.run(FIRST)
    assert twin.run().seen == 5, "a first load without a start takes all of them in"


@pytest.mark.parametrize("kind", [RunKind.INCREMENTAL, RunKind.SETTLED])
def test_the_first_pass_over_changes_leaves_alone_what_the_first_load_left_out(
    twin: TwinKit, kind: RunKind
) -> None:
    twin.people(2, at=0)
    new = twin.people(1, at=100)
    twin.settle_search()
    twin.run(FIRST, since=(EPOCH + timedelta(seconds=50)).isoformat())
    twin.run(kind)
    linked = set(RecordLink.objects.values_list("hubspot_id", flat=True))
    assert linked == set(new)


def test_a_first_load_of_one_side_leaves_the_other_side_alone(twin: TwinKit) -> None:
    twin.people(2)
    twin.target.put({"mail": "only@x", "title": "Only here"})
    run = twin.run(FIRST, sides=["hubspot"])
    assert (run.scope["stages"], run.seen) == (["hubspot"], 2)
    twin.run()
    assert len(twin.hubspot.live()) == 2
    assert len(twin.target.live()) == 3


def test_a_first_load_lets_hubspot_choose_from_many_what_its_search_understands(
    twin: TwinKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages, "MANY", 5)
    twin.config = replace(CONFIG, filters=((H, ONLY_P1),))
    twin.people(5)
    run = twin.run(FIRST)
    assert ways(twin.hubspot) == {"select"}
    assert ways(twin.target) == {"scan"}
    assert (run.seen, run.written, run.total) == (1, 1, 1)
    assert RecordLink.objects.count() == 1
    twin.hubspot.pages.clear()
    twin.run()
    assert ways(twin.hubspot) == {"scan"}, "a full pass also meets what left the filter"


def test_few_records_are_all_listed_so_that_each_has_a_row(twin: TwinKit) -> None:
    twin.config = replace(CONFIG, filters=((H, ONLY_P1),))
    twin.people(5)
    run = twin.run(FIRST)
    assert ways(twin.hubspot) == {"scan"}
    assert (run.seen, run.counts["filtered_out"], RecordLink.objects.count()) == (5, 4, 5)


def test_what_a_search_cannot_choose_is_listed(twin: TwinKit) -> None:
    twin.config = replace(CONFIG, filters=((H, ONLY_P1),))
    twin.hubspot = Listed(H, ("email", "name"))
    twin.people(5)
    run = twin.run(FIRST)
    assert ways(twin.hubspot) == {"scan"}
    assert (run.seen, run.counts["filtered_out"], run.total) == (5, 4, None)


# ---------------------------------------------------------------- safety passes


def test_a_safety_pass_starts_before_the_one_before_it(twin: TwinKit) -> None:
    twin.people(1)
    twin.settle_search()
    first = twin.run(RunKind.SETTLED)
    assert ("changes", "-1|") in twin.hubspot.pages, "the first one starts with the sync"
    assert first.started_at is not None
    twin.hubspot.pages.clear()
    twin.run(RunKind.SETTLED)
    restart = twin.hubspot.changes_since("contacts", first.started_at - timedelta(hours=1))
    assert twin.hubspot.pages[0] == ("changes", restart)


def test_a_safety_pass_finds_what_a_lagging_search_did_not_show_the_fast_one(
    twin: TwinKit,
) -> None:
    twin.people(1)
    twin.settle_search()
    twin.run(RunKind.INCREMENTAL)
    twin.run(RunKind.SETTLED)
    late = twin.hubspot.put({"email": "late@x", "name": "Late"})
    twin.hubspot.rows[late].modified = -1
    assert twin.run(RunKind.INCREMENTAL).seen == 0
    JobRun.objects.filter(kind=RunKind.SETTLED).update(started_at=EPOCH)
    twin.run(RunKind.SETTLED)
    assert len(twin.target.live()) == 2


def test_the_mark_of_a_pass_is_on_every_pair_it_met(twin: TwinKit) -> None:
    twin.people(3)
    twin.run(FIRST)
    run = runs.open_run(twin.sync, RunKind.RECONCILE)
    twin.run()
    assert set(RecordLink.objects.values_list("seen_mark", flat=True)) == {2 * run.pk + 1}
    assert T in twin.pair
