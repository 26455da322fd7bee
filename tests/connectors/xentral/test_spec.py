"""What Xentral declares about itself is complete, builds by its settings, and fits its parts."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from integrations.connectors.hubspot.spec import HUBSPOT
from integrations.connectors.xentral.connector import XentralConnector
from integrations.connectors.xentral.fields import FIELDS
from integrations.connectors.xentral.jobs import JOBS
from integrations.connectors.xentral.rules import build_contacts, build_deals
from integrations.connectors.xentral.spec import SETTINGS, XENTRAL
from integrations.engine.config import SyncConfig
from integrations.engine.extras import Foreseeing, Preparing, Staffed, Staging
from integrations.engine.filters import passes
from integrations.engine.mapping import ConflictPolicy, Direction, FieldRule, Overwrite
from integrations.engine.reconcile import mapper_of
from integrations.engine.records import FieldType, Record, Side, Value
from integrations.engine.specs import SyncSpec
from integrations.engine.stored import from_json, to_json

READY = {
    "group_id": "5",
    "group_mode": "v3",
    "lead_field": "freifeld1",
    "lifecycle_field": "freifeld2",
}


@pytest.fixture(params=XENTRAL.syncs, ids=lambda sync: sync.key)
def sync(request: pytest.FixtureRequest) -> SyncSpec:
    found: SyncSpec = request.param
    return found


def contacts(**settings: str) -> SyncConfig:
    return build_contacts({**READY, **settings})


def rules(config: SyncConfig) -> dict[str, FieldRule]:
    return {rule.hubspot: rule for rule in config.rules}


def is_in(config: SyncConfig, side: Side, **values: Value) -> bool:
    named = {name.replace("gruppe5", "gruppe:5"): value for name, value in values.items()}
    return passes(config.filter_for(side), Record("1", named)).passed


def test_both_pairs_exist_on_both_sides(sync: SyncSpec) -> None:
    assert HUBSPOT.object(sync.hubspot_object)
    assert XENTRAL.object(sync.target_object)
    assert (sync.configurable, sync.loads) == (False, True)
    assert sync.switch in {field.key for field in SETTINGS}


def test_rules_can_be_bound_stored_and_read_back(sync: SyncSpec) -> None:
    for settings in ({}, READY):
        config = sync.build(settings)
        assert mapper_of(config).rules
        assert from_json(json.loads(json.dumps(to_json(config)))) == config


def test_every_rule_names_a_field_of_xentral(sync: SyncSpec) -> None:
    known = {spec.name: spec for spec in FIELDS[sync.target_object]}
    for rule in sync.build(READY).rules:
        assert not known[rule.target].read_only


def test_jobs_and_settings_name_what_exists() -> None:
    keys = {sync.key for sync in XENTRAL.syncs}
    assert all(set(job.syncs) <= keys for job in JOBS)
    starters = [(job.key, job.minutes, job.sides, job.carries) for job in JOBS[:3]]
    assert starters == [
        ("queue", 10, (Side.TARGET,), True),
        ("contacts", 60, (Side.HUBSPOT,), True),
        ("deals", 60, (Side.HUBSPOT,), True),
    ]
    asked = {field.key for field in SETTINGS if not field.derived}
    assert {table.mode for table in XENTRAL.tables} - {""} <= asked


def test_both_kinds_can_be_polled_every_few_minutes() -> None:
    for spec in XENTRAL.objects:
        assert spec.has_modified_since
        assert not spec.lists_changes


def test_the_connector_can_do_what_the_services_ask_for() -> None:
    for protocol in (Staffed, Staging, Preparing, Foreseeing):
        assert issubclass(XentralConnector, protocol)


# ---------------------------------------------------------------- contacts


def test_xentrals_filled_fields_stay_unless_hubspot_wins() -> None:
    for settings, mode in (({}, Overwrite.IF_EMPTY), ({"hubspot_wins": "yes"}, Overwrite.ALWAYS)):
        found = rules(contacts(**settings))
        for name in ("firstname", "lastname", "phone", "address", "country", "website"):
            assert found[name].mode(Side.TARGET) is mode
            assert found[name].mode(Side.HUBSPOT) is Overwrite.ALWAYS


def test_a_filled_email_is_never_replaced_whoever_wins() -> None:
    for settings in ({}, {"hubspot_wins": "yes"}):
        email = rules(contacts(**settings))["email"]
        assert email.mode(Side.TARGET) is Overwrite.IF_EMPTY
        assert email.mode(Side.HUBSPOT) is Overwrite.ALWAYS


def test_the_status_fields_are_always_refreshed_and_hubspot_counts() -> None:
    found = rules(contacts())
    for name, column in (("hs_lead_status", "freifeld1"), ("lifecyclestage", "freifeld2")):
        assert found[name].target == column
        assert found[name].mode(Side.TARGET) is Overwrite.ALWAYS
        assert found[name].conflict is ConflictPolicy.HUBSPOT_WINS


def test_the_lifecycle_stage_can_be_kept_from_hubspot() -> None:
    assert rules(contacts())["lifecyclestage"].direction is Direction.BOTH
    kept = rules(contacts(export_lifecycle="never"))["lifecyclestage"]
    assert kept.direction is Direction.TO_TARGET


def test_without_free_fields_there_are_no_status_rules() -> None:
    assert not {"hs_lead_status", "lifecyclestage"} & rules(build_contacts({})).keys()


def test_a_kind_of_address_that_nobody_chose_tells_hubspot_nothing() -> None:
    assert rules(contacts())["salutation"].mode(Side.HUBSPOT) is Overwrite.ON_CREATE


@pytest.mark.parametrize(
    ("created", "passed"),
    [
        ("2026-01-01T07:59:59.999+00:00", False),
        ("2026-01-01T08:00:00+00:00", True),
        ("2026-03-29T02:30:00+02:00", True),
    ],
)
def test_the_start_time_includes_its_own_instant(created: str, passed: bool) -> None:
    config = contacts(start_time="2026-01-01T09:00:00+01:00")
    at = datetime.fromisoformat(created)
    assert is_in(config, Side.HUBSPOT, createdate=at) is passed


def test_the_lead_status_is_asked_of_new_contacts_only() -> None:
    config = contacts(lead_status="OPEN")
    assert is_in(config, Side.HUBSPOT, hs_lead_status="OPEN")
    assert not is_in(config, Side.HUBSPOT, hs_lead_status="NEW")
    assert Side.HUBSPOT in config.creation_only


def test_without_a_start_time_and_a_status_every_contact_is_in() -> None:
    assert not contacts().filter_for(Side.HUBSPOT).groups


def test_addresses_must_be_leads_in_the_group() -> None:
    config = contacts()
    assert is_in(config, Side.TARGET, lead=True, gruppe5=True)
    assert not is_in(config, Side.TARGET, lead=False, gruppe5=True)
    assert not is_in(config, Side.TARGET, lead=True, gruppe5=False)
    assert config.creation_only == (Side.HUBSPOT,), "leaving the group freezes"


def test_customers_go_to_hubspot_only_if_wanted() -> None:
    assert is_in(contacts(leads_only=""), Side.TARGET, lead=False, gruppe5=True)


def test_a_status_to_export_is_asked_of_new_addresses() -> None:
    config = contacts(export_status="OPEN")
    assert is_in(config, Side.TARGET, lead=True, gruppe5=True, freifeld1="OPEN")
    assert not is_in(config, Side.TARGET, lead=True, gruppe5=True, freifeld1="NEW")
    assert Side.TARGET in config.creation_only, "else a status of HubSpot's could never change it"


@pytest.mark.parametrize(("mode", "born"), [("v3", "v3"), ("verband", "verband"), ("own", "")])
def test_new_addresses_are_put_into_the_group_where_that_is_possible(mode: str, born: str) -> None:
    config = contacts(group_mode=mode)
    assert dict(config.target.born_with).get("gruppe:5", "") == born
    assert dict(config.target.born_with)["land"] == "DE", "and where they are, if nobody says"
    assert (Side.TARGET in config.creation_only) is (mode == "own")


def test_contacts_are_matched_by_email() -> None:
    [key] = contacts().match_keys
    assert (key.hubspot, key.target) == ("email", "email")


# ---------------------------------------------------------------- deals


def test_only_deals_and_resubmissions_in_an_assigned_stage_are_in() -> None:
    config = build_deals({})
    for side, field in ((Side.HUBSPOT, "@stage"), (Side.TARGET, "stages")):
        [[condition]] = config.filter_for(side).groups
        assert (condition.field, condition.operands) == (field, ("@table:stages",))
        assert side not in config.creation_only


def test_the_stage_of_a_resubmission_can_be_left_to_people() -> None:
    assert rules(build_deals({}))["@stage"].mode(Side.TARGET) is Overwrite.ALWAYS
    stays = rules(build_deals({"move_stages": ""}))["@stage"]
    assert stays.mode(Side.TARGET) is Overwrite.ON_CREATE
    assert stays.mode(Side.HUBSPOT) is Overwrite.ALWAYS


def test_a_deals_contact_is_one_pair_of_the_contacts() -> None:
    contact = rules(build_deals({}))["@contact"]
    assert (contact.type, contact.single) == (FieldType.REFERENCE, True)
    assert contact.reference == "contacts"
    assert contact.mode(Side.HUBSPOT) is Overwrite.ON_CREATE


def test_nothing_is_ever_deleted_in_xentral(sync: SyncSpec) -> None:
    assert not sync.build(READY).target.can_archive
