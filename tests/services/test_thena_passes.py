"""Passes over the stand-ins of HubSpot and Thena: each pair once, resumed, quiet, as scoped."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django_q.models import Schedule

from integrations.engine.filters import Condition, Filter, Operator
from integrations.engine.records import Side
from integrations.models import Job, JobRun, ObjectSync, RecordLink, RunKind, RunState, SyncState
from integrations.services import eta, leases, pages, runs, stages, syncs, uninstalls
from integrations.services.ledger import DjangoLedger
from integrations.services.slices import Session
from tests.services.lane_kit import expire_lease
from tests.services.thena_kit import ThenaKit

pytestmark = pytest.mark.django_db


def test_a_first_load_meets_every_pair_once_and_the_next_pass_writes_nothing(
    thena: ThenaKit,
) -> None:
    firms = [thena.company(number) for number in range(5)]
    thena.account(7)
    thena.account(0, name="Firm 0", primaryDomain="firm0.example")
    people = [thena.contact(number, firms[number]) for number in range(4)]
    run = thena.run(thena.companies)
    assert (run.state, run.seen, sum(run.counts.values())) == (RunState.DONE, 6, 6)
    assert run.scope["stages"] == ["target", "hubspot"], "accounts are dear to read by id"
    run = thena.run(thena.contacts)
    assert (run.state, run.seen) == (RunState.DONE, 4)
    assert len(thena.agent.all("accounts")) == 6
    assert len(thena.agent.all("contacts")) == len(people)
    before = thena.writes()
    for sync, count in ((thena.companies, 6), (thena.contacts, 4)):
        run = thena.run(sync, RunKind.RECONCILE)
        assert (run.state, run.seen, run.written) == (RunState.DONE, count, 0)
        assert set(run.counts) <= {"in_step", "settled"}
        assert thena.run(sync, RunKind.MANUAL).counts == {"in_step": count}
    assert thena.writes() == before


def test_a_slice_reads_on_over_pages_whose_pairs_were_all_met(
    thena: ThenaKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    firm = thena.company(1)
    thena.run(thena.companies)
    for number in range(6):
        thena.contact(number, firm)
    thena.run(thena.contacts)
    thena.thena.behaviour.max_limit = 2
    real, slices = pages.work_page, []

    def counted(session: Session, run: JobRun) -> None:
        slices.append(run.cursor.partition("|")[0])
        real(session, run)

    monkeypatch.setattr(pages, "work_page", counted)
    run = thena.run(thena.contacts, RunKind.RECONCILE)
    assert (run.state, run.seen, len(slices)) == (RunState.DONE, 6, 2), "one per side"
    assert run.scope["read"] == {"hubspot": 6, "target": 6}
    monkeypatch.setattr(pages, "MOST_PAGES", 1)
    slices.clear()
    run = thena.run(thena.contacts, RunKind.RECONCILE)
    assert (run.seen, slices) == (6, ["", *["target"] * 4])


def test_one_edit_makes_one_write(thena: ThenaKit) -> None:
    firm = thena.company(1)
    thena.run(thena.companies)
    thena.run(thena.companies, RunKind.RECONCILE)
    before = thena.writes()
    thena.person.edit("companies", firm, {"name": "Firm One"})
    thena.run(thena.companies, RunKind.RECONCILE)
    assert thena.writes() == before + 1
    assert [row["name"] for row in thena.agent.all("accounts")] == ["Firm One"]


def test_a_killed_first_load_goes_on_where_it_was_and_makes_nothing_twice(
    thena: ThenaKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        thena.company(number)
        thena.account(number)
    real, calls = DjangoLedger.settle, []

    def die_on_second(ledger: DjangoLedger, items: object) -> None:
        calls.append(items)
        if len(calls) == 2:
            raise SystemExit(9)
        real(ledger, items)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(DjangoLedger, "settle", die_on_second)
        patched.setattr(leases, "release", lambda _lease: False)
        with pytest.raises(SystemExit):
            thena.run(thena.companies)
    run = JobRun.objects.get(kind=RunKind.BACKFILL)
    assert run.cursor.startswith("hubspot|")
    expire_lease(thena.companies.pk)
    run = thena.run(thena.companies)
    assert (run.state, JobRun.objects.filter(kind=RunKind.BACKFILL).count()) == (RunState.DONE, 1)
    assert len(thena.agent.all("accounts")) == 6
    assert RecordLink.objects.filter(state="linked").count() == 6
    assert eta.progress_of(run).share == 1


def test_a_start_date_and_a_side_are_kept_to(thena: ThenaKit) -> None:
    thena.company(1)
    thena.account(2)
    run = thena.run(thena.companies, since="2100-01-01T00:00:00+00:00")
    assert (run.state, run.seen) == (RunState.DONE, 0)
    run = thena.run(thena.companies, sides=["target"])
    assert (run.state, run.seen, run.scope["stages"]) == (RunState.DONE, 1, ["target"])
    thena.run(thena.companies, RunKind.RECONCILE)
    assert len(thena.agent.all("accounts")) == 1, "the company was left out until it changes"


def test_hubspot_tells_how_many_there_are_to_load(thena: ThenaKit) -> None:
    for number in range(3):
        thena.company(number)
    run = runs.open_run(thena.companies, RunKind.BACKFILL)
    run = thena.run(thena.companies)
    assert run.scope["totals"]["hubspot"] == 3
    assert run.total == 3


def test_a_first_load_asks_hubspot_for_what_the_filter_lets_pass(
    thena: ThenaKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages, "MANY", 4)
    config = syncs.config_of(thena.companies)
    only = Filter(((Condition("numberofemployees", Operator.GREATER, ("2",)),),))
    chosen = replace(config, filters=((Side.HUBSPOT, only),))
    monkeypatch.setattr(syncs, "config_of", lambda _row: chosen)
    for number in range(4):
        thena.company(number, numberofemployees=str(number))
    run = thena.run(thena.companies)
    assert run.scope["ways"] == {"target": "scan", "hubspot": "select"}
    assert (run.seen, run.written) == (1, 1)
    assert [row["name"] for row in thena.agent.all("accounts")] == ["Firm 3"]


def test_a_sync_that_was_never_published_waits_for_that_when_it_is_connected_again(
    thena: ThenaKit,
) -> None:
    ObjectSync.objects.filter(pk=thena.contacts.pk).update(version=None, state=SyncState.SETUP)
    uninstalls.disconnect(thena.integration, thena.stage.ada)
    thena.connect()
    states = dict(thena.integration.object_syncs.values_list("key", "state"))
    assert states == {"companies": SyncState.ACTIVE, "contacts": SyncState.SETUP}
    names = set(Schedule.objects.values_list("name", flat=True))
    jobs = Job.objects.filter(integration=thena.integration)
    working = {job.key for job in jobs if f"job: {job.pk}" in names}
    assert len(working) == 3
    assert all("companies" in key for key in working), working
