"""The fields that hold HubSpot's ids are found, made, or described step by step."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.connectors.magentrix.spec import DEFAULT_OWNER, LACKING, MAGENTRIX, SYNC_DEALS
from integrations.engine import extras
from integrations.engine.extras import Step, StepState
from tests.connectors.magentrix.rig import AccountRig

FOUND, MADE = StepState.FOUND, StepState.MADE
BY_HAND, REMARK = StepState.BY_HAND, StepState.REMARK
LINKS = ("Account.HubSpotId__c", "Contact.HubSpotId__c", "Opportunity.HubSpotId__c")
KEYS = (*LINKS, "Contact.HubSpotFilledIn__c", "User.HubSpotUserId__c")


@pytest.fixture
def rig() -> AccountRig:
    return AccountRig(prepared=False)


def steps(rig: AccountRig, **settings: str) -> dict[str, Step]:
    prepared = rig.connect().prepare(settings, {})
    return {step.key: step for step in prepared.steps}


def add(rig: AccountRig, entity: str = "Account", **body: Any) -> None:
    usual = {"Name": "HubSpotId__c", "FieldType": "Text", "Length": 50, "IsUnique": True}
    rig.person.add_field(entity, **{**usual, **body})


def test_missing_fields_are_made_and_then_found(rig: AccountRig) -> None:
    assert isinstance(rig.connector, extras.Preparing)
    assert {key: step.state for key, step in steps(rig).items()} == dict.fromkeys(KEYS, MADE)
    assert {key: step.state for key, step in steps(rig).items()} == dict.fromkeys(KEYS, FOUND)


def test_the_fields_are_texts_of_fifty_characters_and_unique(rig: AccountRig) -> None:
    steps(rig)
    for entity in ("Account", "Contact", "Opportunity"):
        field = rig.person.field(entity, "HubSpotId__c")
        assert (field.type.value, field.length, field.unique) == ("Text", 50, True)
    user = rig.person.field("User", "HubSpotUserId__c")
    assert (user.label, user.length, user.unique) == ("HubSpot User ID", 50, True)
    assert not rig.person.field("Contact", "HubSpotFilledIn__c").unique


def test_a_portal_without_set_up_calls_gets_exact_steps(rig: AccountRig) -> None:
    rig.sandbox.behaviour.setup_api = False
    found = steps(rig)
    assert {step.state for step in found.values()} == {BY_HAND}
    detail = found["Account.HubSpotId__c"].detail
    for word in ("entity Account", "type Text", "length 50", "unique", "name HubSpotId__c"):
        assert word in detail
    assert "“HubSpot User ID”" in found["User.HubSpotUserId__c"].detail
    assert "unique" not in found["Contact.HubSpotFilledIn__c"].detail
    assert not rig.connect().prepare({}, {}).is_ready


def test_what_a_person_made_is_found_afterwards(rig: AccountRig) -> None:
    rig.sandbox.behaviour.setup_api = False
    add(rig, Name="hubspotid__c")
    assert steps(rig)["Account.HubSpotId__c"].state is FOUND


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"IsUnique": False}, "must be unique"),
        ({"Length": 10}, "must take 50 characters"),
        ({"FieldType": "Number"}, "of the type Text"),
    ],
)
def test_a_field_that_will_not_do_says_why(rig: AccountRig, body: dict[str, Any], why: str) -> None:
    add(rig, **body)
    step = steps(rig)["Account.HubSpotId__c"]
    assert step.state is BY_HAND
    assert why in step.detail


def test_without_deals_nothing_of_opportunities_is_touched(rig: AccountRig) -> None:
    rig.person.hide("Opportunity")
    found = steps(rig, **{SYNC_DEALS: ""})
    assert not [key for key in found if key.startswith("Opportunity")]


def test_the_marker_is_not_needed_where_last_names_may_be_empty(rig: AccountRig) -> None:
    rig.person.change_field("Contact", "LastName", required=False)
    rig.sandbox.behaviour.setup_api = False
    step = steps(rig)["Contact.HubSpotFilledIn__c"]
    assert step.state is FOUND
    assert "Not needed" in step.detail


@pytest.mark.parametrize(
    ("email", "state"),
    [
        ("mona.keller@northfield.example", FOUND),
        ("otto.vance@northfield.example", BY_HAND),
        ("pia.lund@northfield.example", BY_HAND),
    ],
)
def test_the_default_owner_must_be_an_active_employee(
    rig: AccountRig, email: str, state: StepState
) -> None:
    found = steps(rig, **{DEFAULT_OWNER: rig.person.user(email)})
    assert found["owner"].state is state


def test_a_standard_field_that_the_portal_lacks_is_left_out_of_the_start(rig: AccountRig) -> None:
    rig.person.change_field("Contact", "Title", hidden=True)
    rig.person.change_field("Opportunity", "ContactId", hidden=True)
    rig.person.field("Account", "Industry").type = rig.person.field("Account", "Name").type
    prepared = rig.connector.prepare({}, {})
    assert prepared.settings[LACKING] == "Account.Industry Contact.Title Opportunity.ContactId"
    remark = next(step for step in prepared.steps if step.key == "fields")
    assert remark.state is REMARK
    assert "Contact: Job title (Title)" in remark.detail
    assert prepared.is_ready
    for sync in MAGENTRIX.syncs:
        rules = {rule.target for rule in sync.build(prepared.settings).rules}
        described = {spec.name for spec in rig.connector.describe(sync.target_object)}
        assert rules <= described
        assert not rules & {"Industry", "Title", "ContactId"}


def test_stages_kept_as_texts_will_do(rig: AccountRig) -> None:
    rig.person.field("Opportunity", "Stage").type = rig.person.field("Opportunity", "Name").type
    assert rig.connector.prepare({}, {}).settings[LACKING] == ""
