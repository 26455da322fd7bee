"""Erasing a person: no value of them is left, and nothing brings them back."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from integrations.engine.config import DeletePolicy, MergePolicy
from integrations.engine.errors import LeaseLost, Rejected, ReplyLost
from integrations.engine.ports import CreateItem
from integrations.engine.reasons import Reason
from integrations.models import AuditEntry, Event, Merge, RecordKey, RecordLink, Review
from integrations.services import audit, audit_seals, erasure, leases, ledger_sql, lookup
from tests import factories
from tests.services.erasure_kit import NAME, SITE, notice, person, places, scatter
from tests.services.merge_kit import Books, MergeKit

VALUES = (NAME, SITE)


@pytest.fixture
def kit(db: None, monkeypatch: pytest.MonkeyPatch, unlimited: None) -> MergeKit:
    """Give two syncs between systems in memory."""
    return MergeKit(monkeypatch)


def gone(kit: MergeKit, record_id: str) -> None:
    """Let HubSpot erase somebody and say so."""
    kit.companies.rows.pop(record_id, None)
    notice(kit, record_id, "privacy_deleted")
    kit.work()


def test_no_text_of_the_database_holds_a_value_afterwards(kit: MergeKit) -> None:
    one = person(kit)
    scatter(kit, one)
    assert len(places(*VALUES)) >= 10
    link = kit.link(one)
    entries = list(AuditEntry.objects.filter(link_id=link.pk).exclude(sealed=""))
    assert any(NAME in str(pair) for pair in audit.changes_of_all(entries, show_health=True))
    audit_seals.seal()
    gone(kit, one)
    assert places(*VALUES) == []
    assert not RecordKey.objects.filter(link_id=link.pk).exists()
    assert not any(NAME in str(pair) for pair in audit.changes_of_all(entries, show_health=True))
    assert audit_seals.verify().problems == ()


def test_the_ids_stay_as_a_tombstone_that_no_pass_revives(kit: MergeKit) -> None:
    one = person(kit)
    before = kit.link(one)
    gone(kit, one)
    writes = kit.writes()
    kit.load()
    kit.look(one)
    link = kit.link(one)
    assert (link.pk, link.hubspot_id, link.target_id) == (before.pk, one, before.target_id)
    assert (link.state, link.reason, link.base) == ("gone", "erased", {})
    assert (kit.writes(), RecordLink.objects.filter(object_sync=link.object_sync).count()) == (
        writes, 1,
    )  # fmt: skip
    assert places(*VALUES) == []


@pytest.mark.parametrize("kinds", [["deleted", "privacy_deleted"], ["privacy_deleted", "deleted"]])
def test_the_order_of_both_notices_does_not_matter(kit: MergeKit, kinds: list[str]) -> None:
    one = person(kit)
    kit.companies.rows.pop(one, None)
    for kind in kinds:
        notice(kit, one, kind)
        kit.work()
    kit.later()
    assert kit.link(one).reason == "erased"
    assert places(*VALUES) == []
    assert Review.objects.filter(closed_at=None, reason=Reason.ERASE_THERE).count() == 1


def test_by_default_a_person_is_asked_to_erase_it_in_the_target(kit: MergeKit) -> None:
    one = person(kit)
    account = kit.account(one)
    gone(kit, one)
    assert kit.accounts.live() == [account]
    review = Review.objects.get(closed_at=None)
    assert (review.reason, review.detail) == ("erase_there", f"{account}.")
    assert erasure.done_there(review, kit.ada)
    assert not erasure.done_there(review, kit.ada)
    review.refresh_from_db()
    assert review.closed_by_id == kit.ada.pk
    for stranger in (kit.vic, kit.bob):
        with pytest.raises(PermissionDenied):
            erasure.done_there(review, stranger)


def test_where_deletions_are_carried_on_the_target_is_archived(kit: MergeKit) -> None:
    kit.use(on_hubspot_delete=DeletePolicy.ARCHIVE)
    one = person(kit)
    kit.accounts.edit(kit.account(one), {"title": "Changed since"})
    gone(kit, one)
    assert kit.accounts.live() == []
    assert kit.link(one).reason == "erased"
    assert not Review.objects.filter(closed_at=None).exists()
    assert places(*VALUES) == []


def test_it_may_be_repeated_and_says_so_once(kit: MergeKit) -> None:
    one = person(kit)
    gone(kit, one)
    Review.objects.update(closed_at="2026-01-01T00:00Z")
    notice(kit, one, "privacy_deleted")
    erasure.erase(kit.link(one), kit.ada)
    entry = AuditEntry.objects.get(action="record.erased")
    assert (entry.hubspot_id, entry.before, entry.after, entry.sealed) == (one, {}, {}, "")
    assert not Review.objects.filter(closed_at=None).exists()


@pytest.mark.parametrize("named", [0, 1, 2])
def test_whoever_was_merged_into_the_person_goes_too(kit: MergeKit, named: int) -> None:
    kit.use(merge=MergePolicy.HOLD)
    one, two = person(kit), kit.company(2, name=f"{NAME} II")
    kit.load()
    survivor = kit.merge(one, two)
    kit.load()
    assert Merge.objects.exclude(sealed="").exists()
    kit.companies.rows.pop(survivor, None)
    notice(kit, (survivor, one, two)[named], "privacy_deleted")
    kit.work()
    rows = RecordLink.objects.filter(object_sync__key="companies")
    assert {(row.state, row.reason) for row in rows} == {("gone", "erased")}
    merge = Merge.objects.get()
    assert (merge.state, merge.sealed, merge.due_at) == ("done", "", None)
    asked = Review.objects.filter(closed_at=None).values_list("detail", flat=True)
    assert sorted(asked) == sorted(f"{row.target_id}." for row in rows)
    assert not RecordKey.objects.filter(link_id__in=rows.values("pk")).exists()
    assert places(*VALUES) == []


def test_the_same_person_anew_is_not_linked_with_what_has_to_go(kit: MergeKit) -> None:
    one = person(kit)
    gone(kit, one)
    again = kit.companies.put({"domain": SITE, "name": NAME})
    kit.load()
    link = kit.link(again)
    assert (link.state, link.reason, link.target_id) == ("held", "ambiguous", "")
    assert kit.link(one).reason == "erased"


def test_a_worker_that_had_read_the_person_before_settles_nothing(kit: MergeKit) -> None:
    one = person(kit)
    row = kit.syncs["companies"]
    lease = leases.acquire(row.pk)
    assert lease is not None
    erasure.erase(kit.link(one), kit.ada)
    with transaction.atomic(), pytest.raises(LeaseLost):
        ledger_sql.check_fence(row.pk, lease.fence)


def test_others_of_the_account_and_of_other_tenants_are_spared(kit: MergeKit) -> None:
    one, other = person(kit), kit.company(7)
    kit.load()
    foreign = factories.object_sync(kit.bolt)
    foreign.hubspot_object = "companies"
    foreign.save()
    theirs = factories.record_link(foreign, one, "t")
    gone(kit, one)
    theirs.refresh_from_db()
    assert (theirs.state, kit.link(other).state) == ("linked", "linked")
    assert kit.link(other).base != {}


def test_a_disconnected_integration_of_the_account_is_erased_too(kit: MergeKit) -> None:
    one = person(kit)
    kit.syncs["companies"].integration.__class__.objects.update(state="uninstalled")
    gone(kit, one)
    assert kit.link(one).reason == "erased"


def test_people_erase_by_hand_and_viewers_and_strangers_do_not(kit: MergeKit) -> None:
    one = person(kit)
    for stranger in (kit.vic, kit.bob):
        with pytest.raises(PermissionDenied):
            erasure.erase(kit.link(one), stranger)
    assert kit.link(one).state == "linked"
    writes = kit.writes()
    erasure.erase(kit.link(one), kit.ada)
    kit.load()
    assert one in kit.companies.live()
    assert (kit.link(one).reason, kit.writes()) == ("erased", writes)
    assert AuditEntry.objects.get(action="record.erased").actor_id == kit.ada.pk
    assert places(*VALUES) == []


def test_an_archive_that_fails_for_good_is_asked_of_a_person(
    kit: MergeKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit.use(on_hubspot_delete=DeletePolicy.ARCHIVE)
    one = person(kit)
    monkeypatch.setattr(kit.accounts, "archive", refuse)
    gone(kit, one)
    for _turn in range(8):
        kit.later()
    link = kit.link(one)
    assert (link.state, link.reason) == ("gone", "erased")
    assert Review.objects.get(closed_at=None).reason == Reason.ERASE_THERE
    assert places(*VALUES) == []


def refuse(*_args: object) -> object:
    raise Rejected(f"{NAME} may not be removed.")


def test_the_notice_itself_is_kept_without_values(kit: MergeKit) -> None:
    one = person(kit)
    notice(kit, one, "changed", value=NAME)
    gone(kit, one)
    kept = Event.objects.filter(record_id=one)
    assert {row.raw and row.raw["value"] for row in kept} == {None}
    assert lookup.find(kit.syncs["companies"].integration, one)


def test_erasing_by_hand_asks_for_the_target_also_where_deletions_are_carried_on(
    kit: MergeKit,
) -> None:
    kit.use(on_hubspot_delete=DeletePolicy.ARCHIVE, grace_seconds=0)
    one = person(kit)
    account = kit.account(one)
    erasure.erase(kit.link(one), kit.ada)
    kit.work()
    assert kit.accounts.live() == [account], "HubSpot's record lives, so nothing was deleted"
    asked = Review.objects.get(closed_at=None)
    assert (asked.reason, asked.detail) == (Reason.ERASE_THERE, f"{account}.")
    kit.companies.archive("companies", [one])
    kit.look(one)
    kit.later()
    assert kit.accounts.live() == []
    asked.refresh_from_db()
    assert asked.closed_at is not None


def test_a_record_that_may_just_have_been_made_is_asked_for(
    kit: MergeKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = Books.create

    def lose(self: Books, object_type: str, items: Sequence[CreateItem]) -> object:
        create(self, object_type, items)
        raise ReplyLost("Lost.")

    monkeypatch.setattr(Books, "create", lose)
    one = kit.companies.put({"domain": SITE, "name": NAME})
    kit.load()
    monkeypatch.setattr(Books, "create", create)
    assert kit.link(one).target_id == ""
    gone(kit, one)
    asked = Review.objects.get(closed_at=None)
    assert asked.reason == Reason.ERASE_THERE
    assert one in asked.detail
    assert "look for the person there" in asked.detail


def test_the_extra_record_of_a_merge_is_archived_without_a_full_pass(kit: MergeKit) -> None:
    kit.use(on_hubspot_delete=DeletePolicy.ARCHIVE, grace_seconds=0, merge=MergePolicy.HOLD)
    one, two = person(kit), kit.companies.put({"domain": "two.x", "name": NAME})
    kit.load()
    survivor = kit.companies.merge(one, two)
    kit.load()
    kit.companies.rows.pop(survivor)
    erasure.erase(kit.link(survivor), kit.ada)
    kit.work()
    kit.later()
    assert kit.accounts.live() == []


@pytest.mark.parametrize("linked", [True, False])
def test_a_merge_does_not_bring_an_erased_person_back(kit: MergeKit, linked: bool) -> None:
    one = person(kit)
    other = kit.companies.put({"domain": "other.x", "name": "Other"})
    if linked:
        kit.load()
    account = kit.account(one)
    erasure.erase(kit.link(one), kit.ada)
    kit.work()
    kit.accounts.archive("accounts", [account])
    survivor = kit.companies.merge(one, other)
    kit.companies.edit(survivor, {"name": NAME})
    kit.load()
    kit.load()
    assert (kit.link(one).state, kit.link(one).reason) == ("gone", "erased")
    held = kit.link(survivor)
    assert (held.state, held.reason) == ("held", "ambiguous")
    assert "erased person" in held.detail
    assert NAME not in {row.values.get("title") for row in kit.accounts.rows.values()}
    assert Review.objects.filter(link=held, closed_at=None).exists()
