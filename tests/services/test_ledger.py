"""The ledger on its own: who owns an id, what merges move, what an outcome stores."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from integrations.engine.errors import LeaseLost, Rejected
from integrations.engine.merges import Relink
from integrations.engine.pairs import (
    Action,
    Base,
    Decision,
    IntentState,
    Link,
    LinkState,
)
from integrations.engine.ports import Hint, NewIntent, Settlement, WriteResult
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.models import (
    Alias,
    AuditEntry,
    Intent,
    JobRun,
    ObjectSync,
    RecordLink,
    Review,
    RunKind,
)
from integrations.services import audit, leases, syncs
from integrations.services.ledger import DjangoLedger
from integrations.services.progress import Meter, Progress
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def sync(db: None) -> ObjectSync:
    return factories.object_sync()


@pytest.fixture
def ledger(sync: ObjectSync) -> DjangoLedger:
    return new_ledger(sync)


def new_ledger(sync: ObjectSync, progress: Progress | None = None) -> DjangoLedger:
    lease = leases.acquire(sync.pk)
    assert lease is not None
    ledger = DjangoLedger(
        sync, lease.fence, syncs.config_of(sync), ladder=(1, 2), progress=progress
    )
    leases.release(lease)
    return ledger


def settled(
    link: Link,
    state: LinkState = LinkState.LINKED,
    reason: Reason = Reason.CREATED,
    action: Action = Action.NOTHING,
    **values: object,
) -> Settlement:
    ids = {"hubspot_id": link.hubspot_id, "target_id": link.target_id}
    decision = Decision(action, reason, state)
    return Settlement(link, decision, state, reason, (), **(ids | values))  # type: ignore[arg-type]


def states() -> dict[tuple[str, str], str]:
    return {(row.hubspot_id, row.target_id): row.state for row in RecordLink.objects.all()}


# ---------------------------------------------------------------- intents


def test_an_unseen_link_is_stored_before_its_first_write(ledger: DjangoLedger) -> None:
    new = Link(0, hubspot_id="1")
    items = [
        NewIntent("a", new, Side.TARGET, Action.CREATE, ("DOB",), "hubspot_1"),
        NewIntent("b", Link(0, hubspot_id="2"), Side.TARGET, Action.CREATE, ()),
    ]
    keys = ledger.open_intents(items)
    assert states() == {("1", ""): "pending", ("2", ""): "pending"}
    link = ledger.links(Side.HUBSPOT, ["1"])["1"]
    (intent,) = link.unresolved
    assert (intent.key, intent.external_key, intent.fields) == (keys["a"], "hubspot_1", ("DOB",))
    write = WriteResult(keys["a"], Side.TARGET, Action.CREATE, IntentState.CONFIRMED)
    ledger.settle([settled(new, target_id="9", writes=(write,))])
    assert states()["1", "9"] == "linked"
    assert Intent.objects.get(pk=keys["a"]).state == "confirmed"
    assert ledger.links(Side.TARGET, ["9"])["9"].key == link.key


def test_a_refused_write_is_told_in_the_history_without_its_values(
    ledger: DjangoLedger,
) -> None:
    new = Link(0, hubspot_id="1")
    key = ledger.open_intents([NewIntent("a", new, Side.TARGET, Action.CREATE, ("DOB",))])["a"]
    write = WriteResult(
        key, Side.TARGET, Action.CREATE, IntentState.FAILED, error=Rejected("DOB is wrong.")
    )
    ledger.settle([settled(new, LinkState.FAILING, Reason.REJECTED, writes=(write,))])
    intent, entry = Intent.objects.get(), AuditEntry.objects.get()
    assert (intent.state, intent.error) == ("failed", "rejected")
    assert (entry.reason, entry.detail, entry.after) == ("rejected", "DOB is wrong.", {})


def test_what_was_written_is_in_the_history_and_health_values_are_masked(
    ledger: DjangoLedger,
) -> None:
    new = Link(0, hubspot_id="1")
    key = ledger.open_intents([NewIntent("a", new, Side.TARGET, Action.CREATE, ("Zip",))])["a"]
    write = WriteResult(
        key,
        Side.TARGET,
        Action.CREATE,
        IntentState.CONFIRMED,
        after={"Zip": "21401", "Weight": Decimal("1.50")},
        seconds=0.25,
    )
    ledger.settle([settled(new, target_id="9", writes=(write,))])
    entry = AuditEntry.objects.get()
    assert entry.after == {"Zip": audit.MASK, "Weight": audit.MASK}
    assert entry.duration_ms == 250
    assert "21401" not in entry.sealed


# ---------------------------------------------------------------- who owns an id


def test_a_one_sided_link_is_absorbed_by_the_pair(sync: ObjectSync, ledger: DjangoLedger) -> None:
    factories.record_link(sync, "", "9", state="excluded", reason="filtered_out")
    pair = factories.record_link(sync, "1", state="excluded", reason="filtered_out")
    link = ledger.links(Side.HUBSPOT, ["1"])["1"]
    ledger.settle([settled(link, reason=Reason.LINKED, target_id="9")])
    assert states() == {("", "9"): "superseded", ("1", "9"): "linked"}
    assert ledger.links(Side.TARGET, ["9"])["9"].key == pair.pk


def test_an_id_is_never_taken_from_another_live_pair(
    sync: ObjectSync, ledger: DjangoLedger
) -> None:
    owner = factories.record_link(sync, "1", "9")
    ledger.settle(
        [
            settled(Link(0, hubspot_id="2"), target_id="9"),
            settled(Link(0, hubspot_id="3"), target_id="8"),
        ]
    )
    held = RecordLink.objects.get(hubspot_id="2")
    assert (held.state, held.reason, held.target_id) == ("held", "ambiguous", "")
    assert ledger.links(Side.TARGET, ["9"])["9"].key == owner.pk
    assert RecordLink.objects.get(hubspot_id="3").state == "linked"
    assert Review.objects.get().link_id == held.pk


def test_two_records_of_one_slice_cannot_both_have_an_id(ledger: DjangoLedger) -> None:
    ledger.settle([settled(Link(0, hubspot_id=n), target_id="9") for n in ("1", "2")])
    assert states() == {("1", "9"): "linked", ("2", ""): "held"}


def test_the_id_of_a_record_that_is_gone_may_be_taken_over(
    sync: ObjectSync, ledger: DjangoLedger
) -> None:
    factories.record_link(sync, "1", "9", state="gone", reason="gone")
    ledger.settle([settled(Link(0, hubspot_id="2"), target_id="9")])
    assert states() == {("1", "9"): "gone", ("2", "9"): "linked"}


# ---------------------------------------------------------------- merges


def test_a_merge_moves_the_link_its_ids_and_its_open_intents(
    sync: ObjectSync, ledger: DjangoLedger
) -> None:
    factories.record_link(sync, "1", "91")
    factories.record_link(sync, "2", "92")
    links = ledger.links(Side.HUBSPOT, ["1", "2"])
    ledger.open_intents([NewIntent("a", links["2"], Side.TARGET, Action.UPDATE, ("Zip",))])
    ledger.relink([Relink(links["1"], "3", ("1", "2"), (links["2"],))])
    found = ledger.links(Side.HUBSPOT, ["1", "2", "3"])
    assert {link.key for link in found.values()} == {links["1"].key}
    kept = found["3"]
    assert (kept.hubspot_id, kept.generation, len(kept.unresolved)) == ("3", 1, 1)
    loser = ledger.links(Side.TARGET, ["92"])["92"]
    assert (loser.key, loser.state) == (links["2"].key, LinkState.SUPERSEDED)
    assert list(AuditEntry.objects.order_by("id").values_list("action", "reason")) == [
        ("merge", "relinked"),
        ("merge", "superseded"),
    ]
    live = RecordLink.objects.exclude(state="superseded")
    assert not live.filter(hubspot_id__in=("1", "2")).exists()


def test_merges_chain(sync: ObjectSync, ledger: DjangoLedger) -> None:
    factories.record_link(sync, "1", "91")
    first = ledger.links(Side.HUBSPOT, ["1"])["1"]
    ledger.relink([Relink(first, "3", ("1", "2"))])
    second = ledger.links(Side.HUBSPOT, ["3"])["3"]
    ledger.relink([Relink(second, "5", ("3", "4"))])
    ids = ["1", "2", "3", "4", "5"]
    found = ledger.links(Side.HUBSPOT, ids)
    assert [found[i].hubspot_id for i in ids] == ["5"] * 5
    assert found["1"].generation == 2


# ---------------------------------------------------------------- what an outcome stores


def test_nothing_to_do_after_a_good_outcome_changes_no_row(
    sync: ObjectSync, ledger: DjangoLedger
) -> None:
    row = factories.record_link(sync, "1", "9", reason="updated")
    link = ledger.links(Side.HUBSPOT, ["1"])["1"]
    ledger.settle([settled(link, reason=Reason.IN_STEP)])
    again = RecordLink.objects.get()
    assert (again.reason, again.decided_at) == ("updated", row.decided_at)
    assert not AuditEntry.objects.exists()


def test_recovering_from_a_failure_is_told_once(sync: ObjectSync, ledger: DjangoLedger) -> None:
    factories.record_link(sync, "1", "9", state="failing", reason="rejected")
    for _pass in range(2):
        link = ledger.links(Side.HUBSPOT, ["1"])["1"]
        ledger.settle([settled(link, reason=Reason.IN_STEP)])
    assert AuditEntry.objects.get().reason == "in_step"


def test_a_base_is_kept_unless_a_new_one_is_given(sync: ObjectSync, ledger: DjangoLedger) -> None:
    base = Base({"zip": "a1"}, {"Zip": "b2"})
    ledger.settle([settled(Link(0, hubspot_id="1"), base=base, external_key="hubspot_1")])
    link = ledger.links(Side.HUBSPOT, ["1"])["1"]
    assert (link.base, link.external_key) == (base, "hubspot_1")
    ledger.settle([settled(link, LinkState.FAILING, Reason.REJECTED, external_key="hubspot_1")])
    assert ledger.links(Side.HUBSPOT, ["1"])["1"].base == base


def test_a_review_is_open_as_long_as_its_record_is_held(
    sync: ObjectSync, ledger: DjangoLedger
) -> None:
    for state, reason in (
        (LinkState.HELD, Reason.AMBIGUOUS),
        (LinkState.HELD, Reason.AMBIGUOUS),
        (LinkState.HELD, Reason.CONFLICT),
        (LinkState.LINKED, Reason.SETTLED),
    ):
        link = ledger.links(Side.HUBSPOT, ["1"]).get("1", Link(0, hubspot_id="1"))
        ledger.settle([settled(link, state, reason)])
    reviews = list(Review.objects.order_by("id"))
    assert [review.reason for review in reviews] == ["ambiguous", "conflict"]
    assert all(review.closed_at for review in reviews)


def test_every_writing_method_refuses_an_old_fence(sync: ObjectSync, ledger: DjangoLedger) -> None:
    factories.record_link(sync, "1", "9")
    link = ledger.links(Side.HUBSPOT, ["1"])["1"]
    new_ledger(sync)
    with pytest.raises(LeaseLost):
        ledger.open_intents([NewIntent("a", link, Side.TARGET, Action.UPDATE, ())])
    with pytest.raises(LeaseLost):
        ledger.relink([Relink(link, "3", ("1",))])
    with pytest.raises(LeaseLost):
        ledger.settle([settled(link, LinkState.FROZEN, Reason.FROZEN)])
    assert states() == {("1", "9"): "linked"}
    assert not Intent.objects.exists()
    assert Alias.objects.filter(side="hubspot").count() == 1


def test_a_cursor_moves_only_with_the_last_record_of_its_page(sync: ObjectSync) -> None:
    run = JobRun.objects.create(tenant=sync.tenant, object_sync=sync, kind=RunKind.MANUAL)
    page = {("hubspot", "1"), ("hubspot", "2")}
    progress = Progress(run, Meter(()), "next", set(page))
    ledger = new_ledger(sync, progress)
    for number, cursor in (("1", ""), ("2", "next")):
        item = settled(Link(0, hubspot_id=number), LinkState.EXCLUDED, Reason.FILTERED_OUT)
        ledger.settle([replace(item, hints=(Hint(Side.HUBSPOT, number),))])
        run.refresh_from_db()
        assert run.cursor == cursor
    assert (run.seen, run.counts) == (2, {"filtered_out": 2})
