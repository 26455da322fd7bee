"""HubSpot to RXNT: what merging, deleting and restoring contacts does to patients."""

from __future__ import annotations

import pytest
from django.core import mail

from integrations.engine.errors import AuthFailed
from integrations.engine.explanations import explain
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.models import Connection, EventOutcome, Notice, RecordLink
from integrations.services import connections, notices
from integrations.services.explain import why
from tests.services.stage import LOGIN
from tests.services.story import Story

pytestmark = pytest.mark.django_db


def merge(story: Story, primary: str, other: str) -> str:
    """Merge two contacts and let everything follow."""
    survivor = story.person.merge("contacts", primary, other)
    story.tell()
    return survivor


def again(story: Story, contact: str) -> None:
    """Give a contact another name and let it enter the stage once more."""
    story.enter(contact, "lead")
    story.enter(contact, firstname="Renamed")


@pytest.mark.parametrize("linked_first", [True, False])
def test_a_linked_and_an_unlinked_contact_keep_the_one_patient(
    story: Story, linked_first: bool
) -> None:
    linked, other = story.customer(1), story.lead(2)
    pair = (linked, other) if linked_first else (other, linked)
    survivor = merge(story, *pair)
    assert story.link(survivor).external_key == f"hubspot_{linked}"
    assert story.link(linked) == story.link(other) == story.link(survivor)
    again(story, survivor)
    assert story.fields(linked)["FirstName"] == "Renamed"
    assert story.stage.rxnt.count() == 1
    assert story.mails() == []
    assert not EventOutcome.objects.filter(outcome="").exists()


def test_two_patients_keep_the_primarys_and_a_person_is_told_once(story: Story) -> None:
    first, second = story.customer(1), story.customer(2)
    kept = story.link(second)
    survivor = merge(story, second, first)
    assert story.link(survivor).pk == kept.pk
    ended = RecordLink.objects.get(external_key=f"hubspot_{first}")
    assert (ended.state, ended.reason) == ("superseded", Reason.SUPERSEDED)
    assert survivor in ended.detail
    assert kept.target_id in ended.detail
    again(story, survivor)
    assert story.fields(second)["FirstName"] == "Renamed"
    assert story.fields(first)["FirstName"] == "Ida1"
    assert story.mails() == [Reason.MERGE_CONFLICT]


def test_the_mail_about_a_merge_names_both_patients_and_no_person(story: Story) -> None:
    first, second = story.customer(1), story.customer(2)
    merge(story, first, second)
    assert notices.send(Notice.objects.get().pk)
    sent = mail.outbox[0]
    assert "merged" in sent.subject
    for link in RecordLink.objects.all():
        assert link.target_id in sent.body
    assert "could not be sent" not in sent.body
    assert "Ida" not in sent.body


def test_the_patient_of_an_ended_link_is_explained_by_its_own_id(story: Story) -> None:
    first, second = story.customer(1), story.customer(2)
    ended = story.link(second)
    survivor = merge(story, first, second)
    answer = why(story.sync, Side.TARGET, ended.target_id)
    assert answer.reason is Reason.SUPERSEDED
    stored = answer.stored
    assert stored is not None
    assert survivor in explain(stored.reason, stored.detail)
    assert why(story.sync, Side.HUBSPOT, second).hubspot_id == survivor


def test_a_chain_of_merges_ends_with_the_first_patient(story: Story) -> None:
    first = story.customer(1)
    middle = merge(story, first, story.lead(2))
    last = merge(story, story.lead(3), middle)
    again(story, last)
    assert story.fields(first)["FirstName"] == "Renamed"
    assert story.stage.rxnt.count() == 1
    assert {story.link(i).hubspot_id for i in (first, middle, last)} == {last}


def test_a_contact_that_failed_stays_failed_through_a_merge(story: Story) -> None:
    bad = story.lead(1, rxnt_date_of_birth="")
    story.enter(bad)
    other = story.lead(2, rxnt_date_of_birth="", lifecyclestage="customer")
    survivor = merge(story, bad, other)
    link = story.link(survivor)
    assert (link.state, link.reason) == ("failing", Reason.REQUIRED_MISSING)
    assert "Date of Birth" in link.detail


@pytest.mark.parametrize("turned", [False, True])
def test_the_order_of_merge_and_deletion_notices_does_not_matter(
    story: Story, turned: bool
) -> None:
    linked, other = story.customer(1), story.lead(2)
    survivor = story.person.merge("contacts", linked, other)
    if turned:
        story.stage.hubspot.webhooks._queues[story.stage.app.app_id].reverse()
    for sent in story.deliveries():
        story.receive([sent])
        story.work()
    assert story.state(survivor)[0] in ("linked", "frozen")
    assert story.link(linked).hubspot_id == survivor
    again(story, survivor)
    assert story.stage.rxnt.count() == 1


def test_a_merge_while_paused_is_followed_after_the_reconnect(story: Story) -> None:
    first, second = story.customer(1), story.customer(2)
    target = Connection.objects.get(system="rxnt")
    connections.pause(target.pk, AuthFailed("refused"))
    survivor = merge(story, first, second)
    assert story.link(first).hubspot_id == first
    connections.reauthenticate(target, story.stage.ada, LOGIN)
    story.work()
    assert story.link(survivor).external_key == f"hubspot_{first}"
    assert RecordLink.objects.filter(state="superseded").count() == 1
    assert story.waiting() == {}


def test_deleting_keeps_the_patient_and_restoring_revives_the_link(story: Story) -> None:
    contact = story.customer()
    story.person.delete("contacts", contact)
    story.tell()
    assert story.state(contact) == ("gone", Reason.GONE)
    assert story.saves(contact) == 1
    story.person.restore("contacts", contact)
    story.tell()
    assert story.state(contact)[0] == "linked"
    again(story, contact)
    assert story.fields(contact)["FirstName"] == "Renamed"
    assert story.stage.rxnt.count() == 1
    assert story.mails() == []


def test_a_contact_deleted_before_it_was_read_makes_no_patient_and_no_mail(story: Story) -> None:
    contact = story.lead()
    story.person.edit("contacts", contact, {"lifecyclestage": "customer"})
    story.person.delete("contacts", contact)
    story.tell()
    assert story.state(contact)[0] == "gone"
    assert story.saves(contact) == 0
    assert story.mails() == []


def test_a_contact_deleted_for_good_keeps_its_patient(story: Story) -> None:
    contact = story.customer()
    story.person.forget("contacts", contact)
    story.tell()
    story.let_time_pass()
    RecordLink.objects.filter(missing_since__gt=0).update(missing_since=1.0)
    story.work()
    assert story.state(contact) == ("gone", Reason.GONE)
    assert story.saves(contact) == 1
