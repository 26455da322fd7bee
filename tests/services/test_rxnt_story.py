"""HubSpot to RXNT as the guide tells it: what starts a sync, and what is sent."""

from __future__ import annotations

import pytest

from integrations.engine.explanations import explain
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.models import Event, EventOutcome, SyncVersion
from integrations.services import activation
from integrations.services.explain import why
from integrations.services.retries import retry
from tests.services.story import PLACE, Story

pytestmark = pytest.mark.django_db


# ---------------------------------------------------------------- what starts a sync


def test_a_contact_becomes_a_patient_when_it_enters_the_stage_and_not_before(story: Story) -> None:
    contact = story.lead()
    assert story.state(contact) == ("excluded", Reason.FILTERED_OUT)
    assert story.fields(contact) == {}
    story.enter(contact)
    assert story.state(contact) == ("linked", Reason.CREATED)
    assert story.fields(contact)["FirstName"] == "Ida1"
    assert not EventOutcome.objects.filter(outcome="").exists()


def test_a_contact_created_in_the_stage_becomes_one_patient(story: Story) -> None:
    contact = story.contact()
    story.tell()
    assert story.saves(contact) == 1


def test_a_contact_created_in_the_stage_needs_no_change_notice(story: Story) -> None:
    story.stage.hubspot.behaviour.creation_sends_properties = False
    contact = story.contact()
    story.tell()
    assert story.saves(contact) == 1


def test_an_edit_in_the_stage_waits_for_the_next_entry(story: Story) -> None:
    contact = story.customer()
    story.person.edit("contacts", contact, {"firstname": "Idabel"})
    story.tell()
    assert story.saves(contact) == 1
    story.enter(contact, "lead")
    assert story.state(contact) == ("frozen", Reason.FROZEN)
    story.enter(contact)
    assert story.fields(contact)["FirstName"] == "Idabel"
    assert story.saves(contact) == 2
    assert story.stage.rxnt.count() == 1


def test_toggling_without_a_change_writes_nothing_and_ends_linked(story: Story) -> None:
    contact = story.customer()
    story.enter(contact, "lead")
    story.enter(contact)
    assert story.saves(contact) == 1
    assert story.state(contact)[0] == "linked"


def test_a_contact_that_moved_on_before_it_was_read_is_sent_and_the_stage_noted(
    story: Story,
) -> None:
    contact = story.lead()
    for stage in ("customer", "evangelist"):
        story.person.edit("contacts", contact, {"lifecyclestage": stage})
    story.tell()
    assert story.saves(contact) == 1
    link = story.link(contact)
    assert (link.state, link.reason) == ("linked", Reason.CREATED)
    assert "evangelist" in explain(link.reason, link.detail)


def test_notices_twice_and_in_any_order_make_one_patient(story: Story) -> None:
    story.stage.hubspot.behaviour.webhook_duplicates = 1.0
    story.stage.hubspot.behaviour.webhook_reorder = True
    contact = story.lead()
    for stage in ("customer", "lead", "customer"):
        story.person.edit("contacts", contact, {"lifecyclestage": stage})
    deliveries = story.deliveries()
    story.receive(deliveries)
    story.work()
    story.receive(deliveries[::-1])
    story.work()
    assert story.saves(contact) == 1
    assert story.state(contact)[0] == "linked"
    assert Event.objects.filter(routed_at=None).count() == 0


def test_a_late_notice_of_another_stage_hides_no_failure(story: Story) -> None:
    contact = story.lead(lastname="")
    story.enter(contact)
    assert story.state(contact) == ("failing", Reason.REQUIRED_MISSING)
    story.hint(contact, fired=False)
    story.work()
    link = story.link(contact)
    assert (link.state, link.reason) == ("failing", Reason.REQUIRED_MISSING)
    assert "Last Name" in link.detail
    assert len(story.mails()) == 1


def test_a_late_notice_of_another_stage_leaves_a_patients_outcome(story: Story) -> None:
    contact = story.customer()
    story.hint(contact, fired=False)
    story.work()
    assert story.state(contact) == ("linked", Reason.CREATED)


# ---------------------------------------------------------------- what is sent


def test_each_failed_entry_sends_one_mail_and_a_retry_sends_the_patient(story: Story) -> None:
    contact = story.lead(rxnt_date_of_birth="")
    story.enter(contact)
    story.enter(contact, "lead")
    story.enter(contact)
    assert story.mails() == [Reason.REQUIRED_MISSING] * 2
    story.person.edit("contacts", contact, {"rxnt_date_of_birth": "1980-02-29"})
    assert retry(story.sync, story.stage.ada, reason=Reason.REQUIRED_MISSING) == 1
    story.work()
    assert story.fields(contact)["DOB"] == "1980-02-29"
    assert story.state(contact) == ("linked", Reason.CREATED)


def test_a_partial_address_fails_the_contact_or_is_left_out_as_set(story: Story) -> None:
    contact = story.lead(address="12 Dock St", city="Annapolis")
    story.enter(contact)
    link = story.link(contact)
    assert (link.state, link.reason) == ("failing", Reason.GROUP_INCOMPLETE)
    assert "State/Region is empty, Zip Code is empty" in link.detail
    integration = story.sync.integration
    activation.update_settings(integration, {"incomplete_address": "quarantine"}, story.stage.ada)
    story.enter(contact, "lead")
    story.enter(contact)
    assert story.state(contact) == ("linked", Reason.FIELDS_QUARANTINED)
    assert "City" not in story.fields(contact)
    story.enter(contact, "lead")
    story.enter(contact, **PLACE)
    assert story.fields(contact)["Zip"] == "21401"
    assert story.state(contact) == ("linked", Reason.UPDATED)


def test_a_street_missing_alone_is_sent_and_said(story: Story) -> None:
    contact = story.lead(1, **{**PLACE, "address": ""})
    asked = why(story.sync, Side.HUBSPOT, contact)
    assert asked.reason is Reason.FILTERED_OUT
    story.enter(contact)
    link = story.link(contact)
    assert (link.state, link.reason) == ("linked", Reason.CREATED)
    assert "Street Address is empty" in explain(link.reason, link.detail)
    assert story.fields(contact)["City"] == "Annapolis"
    assert story.mails() == []
    story.enter(contact, "lead")
    story.enter(contact)
    assert story.saves(contact) == 1


def test_an_unknown_sex_is_left_out_and_named(story: Story) -> None:
    definition = story.person.state.catalogs["contacts"].get("rxnt_sex")
    assert definition is not None
    definition.options.append({**definition.options[0], "label": "X", "value": "X"})
    contact = story.lead(rxnt_sex="X")
    story.enter(contact)
    link = story.link(contact)
    assert (link.state, link.reason) == ("linked", Reason.FIELDS_QUARANTINED)
    assert "Sex" in link.detail
    assert "Sex" not in story.fields(contact)


@pytest.mark.parametrize(
    ("field", "value", "label"),
    [("state", "Bavaria", "State/Region"), ("rxnt_date_of_birth", "2190-01-01", "Date of Birth")],
)
def test_a_value_that_cannot_be_sent_fails_by_name_and_shows_no_value(
    story: Story, field: str, value: str, label: str
) -> None:
    contact = story.lead(1, **{**PLACE, field: value})
    story.enter(contact)
    link = story.link(contact)
    assert (link.state, link.reason) == ("failing", Reason.VALUE_INVALID)
    assert label in link.detail
    assert value not in link.detail
    assert story.mails() == [Reason.VALUE_INVALID]


def test_a_name_too_long_for_rxnt_is_refused_by_name(story: Story) -> None:
    contact = story.lead(lastname="Featherstonehaugh" * 4)
    story.enter(contact)
    link = story.link(contact)
    assert (link.state, link.reason) == ("failing", Reason.REJECTED)
    assert "LastName" in link.detail
    assert "Feather" not in link.detail
    assert story.mails() == [Reason.REJECTED]


# ---------------------------------------------------------------- another stage


def test_another_trigger_stage_is_a_new_version_and_takes_effect(story: Story) -> None:
    integration = story.sync.integration
    activation.update_settings(integration, {"trigger_stage": "opportunity"}, story.stage.ada)
    assert SyncVersion.objects.count() == 2
    contact = story.lead()
    story.enter(contact, "opportunity")
    assert story.saves(contact) == 1
    assert story.link(contact).version_number == 2
    other = story.lead(2)
    story.enter(other, "customer")
    assert story.state(other) == ("excluded", Reason.FILTERED_OUT)
