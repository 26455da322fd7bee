"""What Thena declares about itself is complete, builds, and fits its parts."""

from __future__ import annotations

import json

import pytest

from integrations.connectors.hubspot import spec as hubspot
from integrations.connectors.thena.fields import STANDARD
from integrations.connectors.thena.manifest import SUBSCRIBED, manifest
from integrations.connectors.thena.spec import GROUP, SYNC_KEY, THENA
from integrations.connectors.thena.webhooks import receive
from integrations.engine.config import DeletePolicy, SyncConfig
from integrations.engine.mapping import ConflictPolicy, Direction
from integrations.engine.ports import EventKind
from integrations.engine.reconcile import mapper_of
from integrations.engine.records import FieldType, Side
from integrations.engine.specs import SyncSpec
from integrations.engine.stored import from_json, to_json

HOOK = "https://portal.test/hooks/thena/s3cret/"


@pytest.fixture(params=THENA.syncs, ids=lambda sync: sync.key)
def sync(request: pytest.FixtureRequest) -> SyncSpec:
    found: SyncSpec = request.param
    return found


@pytest.fixture
def config(sync: SyncSpec) -> SyncConfig:
    return sync.build({})


def test_companies_come_before_the_contacts_that_wait_for_them() -> None:
    pairs = [(sync.key, sync.hubspot_object, sync.target_object) for sync in THENA.syncs]
    assert pairs == [("companies", "companies", "accounts"), ("contacts", "contacts", "contacts")]


def test_the_start_of_the_rules_can_be_bound_stored_and_read_back(config: SyncConfig) -> None:
    assert mapper_of(config).rules
    assert from_json(json.loads(json.dumps(to_json(config)))) == config


def test_every_rule_names_a_field_of_thena_with_its_type(config: SyncConfig) -> None:
    known = {spec.name: spec for spec in STANDARD[config.target.object_type]}
    for rule in config.rules:
        assert known[rule.target].type is rule.type
        assert not known[rule.target].read_only
        assert rule.direction is Direction.BOTH


def test_locked_fields_are_mapped_at_the_start(sync: SyncSpec, config: SyncConfig) -> None:
    assert {*sync.locked} <= {rule.hubspot for rule in config.rules}
    assert sync.configurable


def test_what_thena_needs_is_never_cleared(config: SyncConfig) -> None:
    known = {spec.name: spec for spec in STANDARD[config.target.object_type]}
    for rule in config.rules:
        assert rule.clears is not known[rule.target].required


def test_both_sides_create_conflicts_wait_and_deletions_change_nothing(config: SyncConfig) -> None:
    assert set(config.create_in) == set(Side)
    assert config.conflict is ConflictPolicy.HOLD
    assert {config.on_hubspot_delete, config.on_target_delete} == {DeletePolicy.KEEP}
    assert not config.target.can_archive


def test_records_are_matched_by_a_mapped_and_unique_field(config: SyncConfig) -> None:
    [match] = config.match_keys
    assert (match.hubspot, match.target) in {(rule.hubspot, rule.target) for rule in config.rules}
    unique = {spec.name for spec in STANDARD[config.target.object_type] if spec.unique}
    assert match.target in unique


def test_only_hubspot_knows_a_key_of_ours(config: SyncConfig) -> None:
    assert config.hubspot.upsert_key.format(id="CC1") == "thena:CC1"
    assert config.target.upsert_key == ""


def test_hubspots_key_is_the_one_its_connector_upserts_by() -> None:
    known = hubspot.SYNC_KEY
    assert (SYNC_KEY.name, SYNC_KEY.label, SYNC_KEY.unique) == (known.name, known.label, True)
    assert hubspot.SYNC_GROUP == GROUP
    assert all(sync.hubspot_fields == (SYNC_KEY,) for sync in THENA.syncs)


def test_a_contacts_companies_are_references_to_pairs_of_companies() -> None:
    rules = {rule.hubspot: rule for rule in THENA.sync("contacts").build({}).rules}
    companies = rules["@companies"]
    assert (companies.type, companies.reference) == (FieldType.REFERENCE, "companies")
    assert THENA.sync(companies.reference)


def test_the_scopes_cover_both_objects_and_their_fields() -> None:
    assert set(THENA.scopes) == {
        f"crm.{part}.{kind}.{right}"
        for part in ("objects", "schemas")
        for kind in ("contacts", "companies")
        for right in ("read", "write")
    }


def test_the_limits_stay_below_a_hundred_calls_a_minute() -> None:
    for limit in THENA.rate_limits.values():
        assert limit.burst + limit.per_second * 60 <= 100


def test_the_api_key_is_the_only_secret_a_person_enters() -> None:
    assert [field.key for field in THENA.credentials if field.secret] == ["api_key"]
    assert [field.key for field in THENA.credentials if field.required] == ["api_key"]
    assert THENA.app_secrets == ("bot_token",)


# ---------------------------------------------------------------- the app


def test_the_manifest_names_both_addresses_and_both_synced_events() -> None:
    body = manifest(HOOK, f"{HOOK}installations/")
    app = json.loads(json.dumps(body))["manifest"]
    assert app["integration"]["webhooks"] == {
        "events": HOOK,
        "installations": f"{HOOK}installations/",
    }
    published = [entry["event"] for entry in app["events"]["publish"]]
    assert published == [sync.synced_event for sync in THENA.syncs]
    assert app["integration"]["entry_points"]["main"] == "https://portal.test"
    assert body["app_visibility"] == "private"


def test_the_manifest_asks_for_no_right_to_delete() -> None:
    asked = manifest(HOOK, HOOK)["manifest"]["scopes"]["required"]["platform"]
    assert {entry["scope"].partition(":")[2] for entry in asked} == {"read", "write"}


@pytest.mark.parametrize("name", SUBSCRIBED)
def test_every_subscribed_event_is_understood(name: str) -> None:
    payload = {"account": {"id": "R1"}, "customerContact": {"id": "R1"}}
    [event] = receive(json.dumps({"eventType": name, "payload": payload}).encode()).events
    assert event.kind is not EventKind.OTHER
    assert event.object_type in STANDARD
