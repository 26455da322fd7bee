"""A job that is off keeps everything back that it would carry, and nothing of it is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from integrations.engine.pairs import LinkState
from integrations.engine.reasons import Reason
from integrations.engine.specs import JobSpec
from integrations.models import (
    Hint,
    Job,
    JobRun,
    Membership,
    ObjectSync,
    RecordLink,
    Role,
    RunKind,
    RunState,
)
from integrations.services import (
    carriage,
    explain,
    health,
    hints,
    jobs,
    lanes,
    leases,
    retries,
    runs,
    starts,
)
from integrations.services.hints import NewHint
from tests.services.twin_kit import H, T, TwinKit

pytestmark = pytest.mark.django_db
QUEUE = JobSpec("queue", "Queue", ("contacts",), sides=(T,), minutes=10, carries=True)
CONTACTS = JobSpec("contacts", "Contacts", ("contacts",), sides=(H,), minutes=60, carries=True)
SAFETY = JobSpec("safe", "Safety", ("contacts",), kind="settled", minutes=60)


@pytest.fixture
def user(twin: TwinKit) -> User:
    """Give the owner of the twins, which have a starter for each side and one for both."""
    twin.has_jobs(QUEUE, CONTACTS, SAFETY)
    owner = User.objects.create_user("olga")
    Membership.objects.create(tenant=twin.sync.tenant, user=owner, role=Role.OWNER)
    return owner


def switch(twin: TwinKit, user: User, key: str, on: bool) -> None:
    """Switch a job on or off, and let the lane work if it was woken."""
    jobs.change(twin.sync.integration, key, user, enabled=on)
    lanes.work(twin.sync.pk, seconds=60)


def notice(twin: TwinKit, side: str, record_id: str) -> None:
    """Let a notice about a record come in, and the lane work."""
    wanted = NewHint(H if side == "hubspot" else T, record_id)
    hints.raise_hints(twin.sync.pk, [wanted])
    lanes.work(twin.sync.pk, seconds=60)


def paired(twin: TwinKit) -> tuple[str, str]:
    """Return the ids of a pair that is in step."""
    twin.people(1)
    twin.run(RunKind.BACKFILL)
    link = RecordLink.objects.get()
    return link.hubspot_id, link.target_id


# ---------------------------------------------------------------- while it is off


def test_notices_of_its_side_wait_due_and_nothing_is_read(twin: TwinKit, user: User) -> None:
    one, other = paired(twin)
    switch(twin, user, "contacts", on=False)
    twin.hubspot.edit(one, {"name": "New"})
    twin.patch.setattr(twin.hubspot, "fetch", _forbidden)
    notice(twin, "hubspot", one)
    waiting = Hint.objects.get()
    assert (waiting.attempts, waiting.due_at <= timezone.now()) == (0, True)
    assert twin.target.rows[other].values["title"] == "P0"


def test_the_other_side_goes_on(twin: TwinKit, user: User) -> None:
    one, other = paired(twin)
    switch(twin, user, "contacts", on=False)
    twin.target.edit(other, {"title": "Changed there"})
    notice(twin, "target", other)
    assert twin.hubspot.rows[one].values["name"] == "Changed there"


@pytest.mark.parametrize("way", ["person", "retry", "full pass", "safety pass", "poll"])
def test_no_way_leads_around_it(way: str, twin: TwinKit, user: User) -> None:
    one, other = paired(twin)
    switch(twin, user, "contacts", on=False)
    twin.tick(100)
    twin.hubspot.edit(one, {"name": "New"})
    twin.hubspot.put({"email": "fresh@x", "name": "Fresh"})
    twin.settle_search()
    before = twin.target.writes.total()
    if way == "person":
        explain.sync_now(twin.sync, H, one, user)
        lanes.work(twin.sync.pk, seconds=60)
    elif way == "retry":
        retries.retry(twin.sync, user, link_ids=[RecordLink.objects.get().pk])
        lanes.work(twin.sync.pk, seconds=60)
    else:
        kinds = {"full pass": RunKind.RECONCILE, "safety pass": RunKind.SETTLED}
        run = twin.run(kinds.get(way, RunKind.INCREMENTAL))
        assert (run.state, run.scope["stages"]) == (RunState.DONE, ["target"])
    assert twin.target.writes.total() == before
    assert twin.target.rows[other].values["title"] == "P0"


def test_a_record_that_changed_on_both_sides_waits_whole_and_keeps_its_base(
    twin: TwinKit, user: User
) -> None:
    one, other = paired(twin)
    base = RecordLink.objects.get().base
    switch(twin, user, "contacts", on=False)
    twin.hubspot.edit(one, {"name": "From HubSpot"})
    twin.target.edit(other, {"mail": "there@x"})
    notice(twin, "target", other)
    link = RecordLink.objects.get()
    assert (link.state, link.reason, link.base) == (LinkState.LINKED, Reason.JOB_OFF, base)
    assert link.detail == "“Contacts”: nothing is written to the other system meanwhile."
    switch(twin, user, "contacts", on=True)
    assert twin.target.rows[other].values == {"mail": "there@x", "title": "From HubSpot"}
    assert twin.hubspot.rows[one].values == {"email": "there@x", "name": "From HubSpot"}


def test_the_question_why_is_answered_with_the_jobs_name(twin: TwinKit, user: User) -> None:
    one, _ = paired(twin)
    switch(twin, user, "contacts", on=False)
    twin.hubspot.edit(one, {"name": "New"})
    answer = explain.why(twin.sync, H, one)
    assert answer.reason is Reason.JOB_OFF
    assert "“Contacts”" in answer.sentence


def test_a_period_of_never_is_off_as_well(twin: TwinKit, user: User) -> None:
    jobs.change(twin.sync.integration, "queue", user, minutes=0)
    assert carriage.of(twin.sync).sides == (T,)
    jobs.change(twin.sync.integration, "queue", user, minutes=5)
    assert carriage.of(twin.sync) == carriage.NOTHING


def test_a_side_that_another_job_carries_as_well_stays_open(twin: TwinKit, user: User) -> None:
    twin.has_jobs(CONTACTS, replace(CONTACTS, key="spare", label="Spare"))
    jobs.change(twin.sync.integration, "contacts", user, enabled=False)
    assert carriage.of(twin.sync).sides == ()
    jobs.change(twin.sync.integration, "spare", user, enabled=False)
    assert carriage.of(twin.sync) == carriage.Off((H,), ("“Contacts”", "“Spare”"))


def test_what_waits_for_it_is_neither_a_stuck_queue_nor_a_reason_to_wake(
    twin: TwinKit, user: User
) -> None:
    one, _ = paired(twin)
    switch(twin, user, "contacts", on=False)
    notice(twin, "hubspot", one)
    Hint.objects.update(due_at=timezone.now() - timedelta(hours=1))
    queue = next(check for check in health.readiness() if check.name == "queue")
    assert queue.ok
    assert lanes.idle_with_work() == []
    Job.objects.update(enabled=True)
    assert lanes.idle_with_work() == [twin.sync.pk]


# ---------------------------------------------------------------- runs that meet it


def test_a_first_load_reads_the_open_side_and_waits_with_the_other(
    twin: TwinKit, user: User
) -> None:
    twin.people(3)
    twin.target.put({"mail": "t@x", "title": "T"})
    switch(twin, user, "contacts", on=False)
    run = twin.run(RunKind.BACKFILL)
    assert (run.state, run.scope["stages"]) == (RunState.RUNNING, ["target", "hubspot"])
    assert len(twin.target.live()) == 1
    assert len(twin.hubspot.live()) == 4
    switch(twin, user, "contacts", on=True)
    run.refresh_from_db()
    assert run.state == RunState.DONE
    assert len(twin.target.live()) == 4


def test_a_first_load_that_waits_keeps_no_other_job_back(twin: TwinKit, user: User) -> None:
    switch(twin, user, "contacts", on=False)
    twin.run(RunKind.BACKFILL)
    assert len(starts.start(twin.job("safe").pk).opened) == 1


def test_a_run_in_the_middle_of_its_side_waits_at_its_page(twin: TwinKit, user: User) -> None:
    twin.people(10)
    run = runs.open_run(twin.sync, RunKind.RECONCILE)
    lease = leases.acquire(twin.sync.pk)
    assert lease is not None
    assert lanes._slice(twin.sync.pk, lease.fence)
    leases.release(lease)
    switch(twin, user, "contacts", on=False)
    run.refresh_from_db()
    assert (run.state, run.cursor) == (RunState.RUNNING, "hubspot|4")
    made = len(twin.target.live())
    switch(twin, user, "contacts", on=True)
    run.refresh_from_db()
    assert (made, run.state, len(twin.target.live())) == (4, RunState.DONE, 10)


# ---------------------------------------------------------------- once it is on again


def test_nothing_that_happened_meanwhile_is_lost(twin: TwinKit, user: User) -> None:
    one, other = paired(twin)
    for key in ("contacts", "queue"):
        switch(twin, user, key, on=False)
    twin.tick(300)
    twin.hubspot.edit(one, {"name": "Told of"})
    notice(twin, "hubspot", one)
    untold = twin.hubspot.put({"email": "untold@x", "name": "Untold"})
    there = twin.target.put({"mail": "there@x", "title": "There"})
    twin.settle_search()
    for kind in (RunKind.INCREMENTAL, RunKind.SETTLED, RunKind.RECONCILE):
        twin.run(kind)
    assert (len(twin.target.live()), len(twin.hubspot.live())) == (2, 2)
    for key in ("contacts", "queue"):
        switch(twin, user, key, on=True)
        starts.start(twin.job(key).pk)
        lanes.work(twin.sync.pk, seconds=60)
    assert twin.target.rows[other].values["title"] == "Told of"
    assert {row.values["title"] for row in twin.target.rows.values()} == {
        "Told of", "Untold", "There",
    }  # fmt: skip
    assert len(twin.hubspot.live()) == len(twin.target.live()) == 3
    assert RecordLink.objects.filter(state=LinkState.LINKED).count() == 3
    assert {untold, there} <= {*twin.hubspot.live(), *twin.target.live()}
    assert not Hint.objects.exists()
    before = twin.writes()
    twin.run(RunKind.RECONCILE)
    assert twin.writes() == before


def test_what_a_late_slice_kept_back_is_looked_at_as_well(twin: TwinKit, user: User) -> None:
    one, other = paired(twin)
    switch(twin, user, "contacts", on=False)
    twin.hubspot.edit(one, {"name": "New"})
    assert ObjectSync.objects.get(pk=twin.sync.pk).shut == "hubspot"
    Job.objects.update(enabled=True)
    RecordLink.objects.update(reason=Reason.JOB_OFF)
    assert [row.pk for row in carriage.reopened()] == [twin.sync.pk]
    lanes.work(twin.sync.pk, seconds=60)
    assert twin.target.rows[other].values["title"] == "New"
    assert carriage.reopened() == []


def test_looking_again_survives_a_worker_that_dies(
    twin: TwinKit, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = paired(twin)
    switch(twin, user, "contacts", on=False)
    twin.hubspot.edit(one, {"name": "New"})
    explain.sync_now(twin.sync, H, one, user)
    lanes.work(twin.sync.pk, seconds=60)
    assert RecordLink.objects.get().reason == Reason.JOB_OFF
    with monkeypatch.context() as patch:
        patch.setattr(retries, "look_again", _forbidden)
        with pytest.raises(AssertionError):
            switch(twin, user, "contacts", on=True)
    assert ObjectSync.objects.get(pk=twin.sync.pk).shut == "hubspot"
    lanes.work(twin.sync.pk, seconds=60)
    assert twin.target.rows[other].values["title"] == "New"


def test_switching_on_starts_the_job_at_once(twin: TwinKit, user: User) -> None:
    switch(twin, user, "contacts", on=False)
    OrmQ.objects.all().delete()
    jobs.change(twin.sync.integration, "contacts", user, enabled=True)
    queued = [SignedPackage.loads(row.payload) for row in OrmQ.objects.all()]
    assert ("integrations.tasks.start_job", (str(twin.job("contacts").pk),)) in [
        (task["func"], task["args"]) for task in queued
    ]
    assert not JobRun.objects.exists()


def _forbidden(*_args: object, **_options: object) -> None:
    raise AssertionError("Nobody may call this now.")
