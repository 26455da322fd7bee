"""Deletions between real connectors: each policy both ways, restores, what people decide."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from integrations.engine.config import DeletePolicy, SideObject
from integrations.engine.pairs import Verdict
from integrations.models import AuditEntry, Intent, ObjectSync, RecordLink, Review, SyncVersion
from integrations.services import deletions
from tests.services.merge_kit import MergeKit
from tests.services.several_kit import Several

KEEP, ARCHIVE, HOLD = DeletePolicy.KEEP, DeletePolicy.ARCHIVE, DeletePolicy.HOLD
PERSON = {"firstname": "Grace", "lastname": "Hopper", "email": "grace@navy.example"}


def use(system: str, *, hubspot_can_archive: bool = False, **policies: DeletePolicy) -> None:
    """Publish policies for the contacts of a system, with no grace between the two looks."""
    row = ObjectSync.objects.select_related("version").get(
        key="contacts", integration__system=system
    )
    assert row.version is not None
    config = json.loads(json.dumps(row.version.config))
    config["config"] |= {"grace_seconds": 0, **policies}
    config["config"]["hubspot"]["can_archive"] = hubspot_can_archive
    row.version = SyncVersion.objects.create(
        object_sync=row, number=row.version.number + 1, config=config
    )
    row.save()


def states() -> dict[str, tuple[str, str]]:
    rows = RecordLink.objects.filter(object_sync__key="contacts")
    found = rows.values_list("object_sync__integration__system", "state", "reason")
    return {system: (state, reason) for system, state, reason in found}


@pytest.fixture
def several(db: None, unlimited: None, monkeypatch: pytest.MonkeyPatch) -> Several:
    """Acme's HubSpot account with three integrations."""
    return Several(monkeypatch)


def test_a_deletion_in_hubspot_follows_each_systems_policy_and_a_restore_revives_the_pairs(
    several: Several,
) -> None:
    use("thena", on_hubspot_delete=HOLD)
    use("magentrix", on_hubspot_delete=ARCHIVE)
    contact = several.person.create("contacts", PERSON)
    several.settle()
    bases = dict(RecordLink.objects.values_list("pk", "base"))

    several.person.delete("contacts", contact)
    several.settle()

    told = states()
    assert told["thena"] == ("held", "delete_held")
    assert {told[system][0] for system in ("magentrix", "xentral")} == {"gone"}
    assert AuditEntry.objects.filter(action="archive", reason="archived").count() == 1
    assert several.partner.all("Contact") == []
    assert (len(several.agent.all("contacts")), len(several.clerk.all("addresses"))) == (1, 1)
    [review] = Review.objects.filter(closed_at=None)
    assert not several.settle(), "later passes neither create it again nor archive more"
    assert [one.pk for one in Review.objects.filter(closed_at=None)] == [review.pk]

    several.person.restore("contacts", contact)
    several.settle()

    told = states()
    assert (told["thena"][0], told["xentral"][0]) == ("linked", "linked")
    assert told["magentrix"][0] == "gone", "what was archived there has to be restored there, too"
    assert dict(RecordLink.objects.values_list("pk", "base")) == bases
    assert not Review.objects.filter(closed_at=None).exists()
    assert (len(several.agent.all("contacts")), len(several.clerk.all("addresses"))) == (1, 1)


def test_a_deletion_in_a_target_follows_its_policy_and_restores_there_revive_it(
    several: Several,
) -> None:
    use("thena", on_target_delete=KEEP)
    use("magentrix", on_target_delete=HOLD)
    contact = several.person.create("contacts", PERSON)
    several.settle()
    for theirs in several.agent.all("contacts"):
        several.agent.delete("contacts", str(theirs["id"]))
    [theirs] = several.partner.all("Contact")
    several.partner.delete("Contact", str(theirs["Id"]))
    several.settle()
    assert states()["thena"][0] == "gone"
    assert states()["magentrix"] == ("held", "delete_held")
    assert several.person.read("contacts", contact)["firstname"] == "Grace"
    assert several.agent.all("contacts") == [], "a tombstone is not filled again"

    several.partner.restore("Contact", str(theirs["Id"]))
    several.settle()
    assert states()["magentrix"][0] == "linked"

    use("magentrix", on_target_delete=ARCHIVE)
    several.partner.delete("Contact", str(theirs["Id"]))
    several.settle()
    assert states()["magentrix"][0] == "gone"
    live = several.people[4711001].state.stores["contacts"].live
    assert live, "no connector of today lets records of HubSpot be archived"


def test_where_a_connector_allows_it_a_deletion_there_archives_hubspots_record(
    several: Several,
) -> None:
    use("magentrix", on_target_delete=ARCHIVE, hubspot_can_archive=True)
    several.person.create("contacts", PERSON)
    several.settle()
    [theirs] = several.partner.all("Contact")
    several.partner.delete("Contact", str(theirs["Id"]))
    several.settle()
    assert not several.people[4711001].state.stores["contacts"].live
    assert {state for state, _reason in states().values()} == {"gone"}
    assert not several.settle()


# ---------------------------------------------------------------- what people decide


@pytest.fixture
def kit(db: None, monkeypatch: pytest.MonkeyPatch, unlimited: None) -> MergeKit:
    """Give companies and contacts between systems in memory, deletions held."""
    made = MergeKit(monkeypatch)
    made.use(on_hubspot_delete=HOLD, grace_seconds=0)
    return made


def held(kit: MergeKit, count: int) -> list[str]:
    """Delete some linked companies in HubSpot; returns their ids once they are held."""
    made = [kit.companies.put({"domain": f"d{n}.x", "name": f"N{n}"}) for n in range(count)]
    kit.load()
    for record_id in made:
        kit.companies.archive("companies", [record_id])
    for _look in range(2):
        for record_id in made:
            kit.look(record_id)
    assert {kit.link(one).reason for one in made} == {"delete_held"}
    return made


def waiting() -> list[Review]:
    rows = Review.objects.filter(closed_at=None, reason="delete_held")
    return list(rows.select_related("object_sync", "tenant").order_by("pk"))


def test_people_archive_what_is_left_many_at_once(kit: MergeKit) -> None:
    ids = held(kit, 12)
    assert deletions.decide(waiting(), Verdict.ARCHIVE, kit.ada) == (12, 0)
    kit.work()
    assert kit.accounts.live() == []
    assert {(kit.link(one).state, kit.link(one).reason) for one in ids} == {("gone", "archived")}
    assert not Review.objects.filter(closed_at=None).exists()
    assert set(Review.objects.values_list("closed_by", flat=True)) == {kit.ada.pk}
    assert Intent.objects.filter(action="archive", state="confirmed").count() == 12
    entries = AuditEntry.objects.filter(action="deletion.archive")
    assert set(entries.values_list("actor", "reason")) == {(kit.ada.pk, "delete_held")}


def test_people_keep_what_is_left_and_the_link_ends(kit: MergeKit) -> None:
    [one, other] = held(kit, 2)
    kept = next(review for review in waiting() if review.link_id == kit.link(one).pk)
    assert deletions.decide([kept], Verdict.KEEP, kit.ada) == (1, 0)
    kit.work()
    assert (kit.link(one).state, kit.link(one).reason) == ("gone", "gone")
    assert kit.link(one).choices == {}
    assert kit.link(other).reason == "delete_held"
    assert len(kit.accounts.live()) == 2
    kit.load()
    assert len(kit.accounts.live()) == len(set(kit.accounts.rows)) == 2
    assert not kit.companies.live(), "nobody makes it again in HubSpot"


def test_a_record_restored_before_its_verdict_is_carried_out_is_synced_again(
    kit: MergeKit,
) -> None:
    [one] = held(kit, 1)
    deletions.decide(waiting(), Verdict.ARCHIVE, kit.ada)
    kit.companies.rows[one] = replace(kit.companies.rows[one], archived=False)
    kit.work()
    assert (kit.link(one).state, kit.link(one).choices) == ("linked", {})
    assert len(kit.accounts.live()) == 1


def test_what_somebody_has_decided_is_not_decided_again(kit: MergeKit) -> None:
    [one, other] = held(kit, 2)
    first, second = waiting()
    assert deletions.decide([first], Verdict.ARCHIVE, kit.ada) == (1, 0)

    assert deletions.decide([first, second], Verdict.KEEP, kit.ada) == (1, 1)

    kit.work()
    assert (kit.link(one).reason, kit.link(other).reason) == ("archived", "gone")
    actions = AuditEntry.objects.filter(action__startswith="deletion.")
    assert sorted(actions.values_list("action", flat=True)) == ["deletion.archive", "deletion.keep"]


def test_a_verdict_that_cannot_be_carried_out_is_asked_for_again(kit: MergeKit) -> None:
    kit.use(target=SideObject("accounts"))
    [one] = held(kit, 1)
    assert deletions.decide(waiting(), Verdict.ARCHIVE, kit.ada) == (1, 0)
    kit.work()
    [review] = waiting()
    assert (kit.link(one).choices, review.closed_by) == ({}, None)
    assert review.detail == "It was deleted in HubSpot. What is left cannot be archived."
    assert len(kit.accounts.live()) == 1

    assert deletions.decide([review], Verdict.KEEP, kit.ada) == (1, 0)

    kit.work()
    assert (kit.link(one).state, kit.link(one).reason) == ("gone", "gone")


def test_looking_again_leaves_a_held_deletion_and_its_review_as_they_are(kit: MergeKit) -> None:
    [one] = held(kit, 1)
    [review] = waiting()
    for _look in range(3):
        kit.look(one)
    assert [each.pk for each in waiting()] == [review.pk]


def test_many_are_decided_with_as_many_queries_as_a_few(
    kit: MergeKit, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    held(kit, 9)
    few, many = waiting()[:2], waiting()[2:]
    with CaptureQueriesContext(connection) as queries:
        deletions.decide(few, Verdict.KEEP, kit.ada)
    with django_assert_max_num_queries(len(queries)):
        assert deletions.decide(many, Verdict.KEEP, kit.ada) == (7, 0)


def test_only_those_who_may_change_the_organisation_decide(kit: MergeKit) -> None:
    held(kit, 1)
    for user in (kit.vic, kit.bob):
        with pytest.raises(PermissionDenied):
            deletions.decide(waiting(), Verdict.ARCHIVE, user)
    assert len(kit.accounts.live()) == 1
    other = Review.objects.get()
    Review.objects.update(reason="conflict")
    assert deletions.decide([other], Verdict.ARCHIVE, kit.ada) == (0, 0)
