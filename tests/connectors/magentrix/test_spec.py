"""What Magentrix declares about itself is complete, builds, and fits both systems' fields."""

from __future__ import annotations

import json

import pytest

from integrations.connectors.hubspot import spec as hubspot
from integrations.connectors.magentrix.rules import RULES, SPELLED
from integrations.connectors.magentrix.spec import (
    DEFAULT_OWNER,
    GROUP,
    HIDDEN,
    LACKING,
    MAGENTRIX,
    OFFERED,
    SYNC_KEY,
    lacking,
)
from integrations.engine.checks import Severity, check
from integrations.engine.compatibility import problem
from integrations.engine.config import DeletePolicy, MergePolicy, SyncConfig
from integrations.engine.mapping import ConflictPolicy, Direction
from integrations.engine.reconcile import mapper_of
from integrations.engine.records import FieldType, Side
from integrations.engine.specs import SettingKind, SyncSpec
from integrations.engine.stored import from_json, to_json
from tests.connectors.hubspot.rig import HubSpotRig
from tests.connectors.magentrix.rig import AccountRig


@pytest.fixture(params=MAGENTRIX.syncs, ids=lambda sync: sync.key)
def sync(request: pytest.FixtureRequest) -> SyncSpec:
    found: SyncSpec = request.param
    return found


@pytest.fixture
def config(sync: SyncSpec) -> SyncConfig:
    return sync.build({})


def test_accounts_come_before_contacts_and_contacts_before_opportunities() -> None:
    pairs = [(sync.key, sync.hubspot_object, sync.target_object) for sync in MAGENTRIX.syncs]
    assert pairs == [
        ("companies", "companies", "Account"),
        ("contacts", "contacts", "Contact"),
        ("deals", "deals", "Opportunity"),
    ]
    seen: set[str] = set()
    for sync in MAGENTRIX.syncs:
        needed = {rule.reference for rule in sync.build({}).rules if rule.reference}
        assert needed <= seen
        seen.add(sync.key)


def test_the_start_of_the_rules_can_be_bound_stored_and_read_back(config: SyncConfig) -> None:
    assert mapper_of(config).rules
    assert from_json(json.loads(json.dumps(to_json(config)))) == config


def test_every_rule_joins_fields_that_fit(sync: SyncSpec, config: SyncConfig) -> None:
    here = {spec.name: spec for spec in HubSpotRig().connector.describe(sync.hubspot_object)}
    there = {spec.name: spec for spec in AccountRig().connector.describe(sync.target_object)}
    for rule in config.rules:
        wrong = problem(rule, here[rule.hubspot], there[rule.target])
        assert wrong is None or "among its options" in wrong, rule
        assert not there[rule.target].read_only


def test_once_options_are_imported_the_start_can_be_published(sync: SyncSpec) -> None:
    here = {spec.name: spec for spec in HubSpotRig().connector.describe(sync.hubspot_object)}
    rig, config = AccountRig(), sync.build({})
    for rule in config.rules:
        if rule.type is FieldType.CHOICE and not rule.transform:
            options = here[rule.hubspot].options
            rig.connector.add_options(sync.target_object, rule.target, options)
    there = {spec.name: spec for spec in rig.connector.describe(sync.target_object)}
    problems = check(config, here, there, locked=sync.locked)
    assert [one for one in problems if one.severity is Severity.ERROR] == []


def test_what_magentrix_needs_is_mapped_and_never_cleared(sync: SyncSpec) -> None:
    there = AccountRig().connector.describe(sync.target_object)
    rules = {rule.target: rule for rule in sync.build({}).rules}
    for spec in there:
        if spec.required and not spec.read_only:
            assert not rules[spec.name].clears


def test_hubspot_is_written_first_wins_and_loses_nothing(config: SyncConfig) -> None:
    assert config.hubspot_first
    assert config.conflict is ConflictPolicy.HUBSPOT_WINS
    assert {config.on_hubspot_delete, config.on_target_delete} == {DeletePolicy.KEEP}
    assert config.merge is MergePolicy.ARCHIVE
    assert config.target.can_archive
    assert set(config.create_in) == set(Side)


def test_either_side_knows_a_key_of_ours(sync: SyncSpec, config: SyncConfig) -> None:
    assert config.target.upsert_key.format(id="77") == "77"
    assert config.hubspot.upsert_key.format(id="006A") == "magentrix:006A"
    assert sync.hubspot_fields == (SYNC_KEY,)
    known = hubspot.SYNC_KEY
    assert (SYNC_KEY.name, SYNC_KEY.label, SYNC_KEY.unique) == (known.name, known.label, True)
    assert hubspot.SYNC_GROUP == GROUP


def test_deals_are_matched_by_nothing_but_our_key() -> None:
    keys = {sync.key: sync.build({}).match_keys for sync in MAGENTRIX.syncs}
    assert [(key.hubspot, key.target) for key in keys["companies"]] == [
        ("domain", "Website"),
        ("name", "Name"),
    ]
    assert [(key.hubspot, key.target) for key in keys["contacts"]] == [("email", "Email")]
    assert keys["deals"] == ()


def test_owner_and_pipeline_stay_out_of_mapping(sync: SyncSpec, config: SyncConfig) -> None:
    assert sync.hidden == HIDDEN == ("hubspot_owner_id", "pipeline", "dealstage")
    assert {*sync.locked} <= {rule.hubspot for rule in config.rules}
    assert "hubspot_owner_id" in sync.locked
    owner = next(rule for rule in config.rules if rule.hubspot == "hubspot_owner_id")
    assert (owner.target, owner.transform) == ("OwnerId", "table")
    assert dict(owner.arguments) == {"@name": "owners", "@unknown": "leave"}


def test_lookups_are_single_references_to_pairs() -> None:
    rules = {rule.target: rule for rule in MAGENTRIX.sync("deals").build({}).rules}
    company, contact = rules["AccountId"], rules["ContactId"]
    assert {company.type, contact.type} == {FieldType.REFERENCE}
    assert (company.hubspot, company.reference, company.single) == ("@company", "companies", True)
    assert (contact.hubspot, contact.reference, contact.single) == ("@contact", "contacts", True)
    assert (company.direction, contact.direction) == (Direction.BOTH, Direction.TO_TARGET)
    mine = {rule.target: rule for rule in MAGENTRIX.sync("contacts").build({}).rules}
    assert mine["AccountId"] == company


def test_what_is_made_without_an_owner_belongs_to_the_default_owner(sync: SyncSpec) -> None:
    assert sync.build({DEFAULT_OWNER: "0051"}).target.born_with == (("OwnerId", "0051"),)
    assert sync.build({}).target.born_with == ()


def test_fields_that_the_portal_lacks_are_not_in_the_start() -> None:
    settings = {LACKING: "Account.Website Contact.Website"}
    config = MAGENTRIX.sync("companies").build(settings)
    assert "Website" not in {rule.target for rule in config.rules}
    assert [key.target for key in config.match_keys] == ["Name"]
    assert lacking(settings, "Contact") == {"Website"}
    assert MAGENTRIX.sync("deals").build(settings) == MAGENTRIX.sync("deals").build({})


def test_names_of_fields_differ_by_more_than_capitals() -> None:
    for entity, rules in RULES.items():
        assert len(SPELLED[entity]) == len({rule.target for rule in rules}) == len(rules)


def test_every_pair_has_its_jobs_with_periods_that_are_offered() -> None:
    jobs = {job.key: job for job in MAGENTRIX.jobs}
    kinds = {"changes": "incremental", "safety": "settled", "refresh": "refresh"}
    kinds["full"] = "reconcile"
    assert set(jobs) == {f"{kind}:{sync.key}" for kind in kinds for sync in MAGENTRIX.syncs}
    for key, job in jobs.items():
        kind, _colon, name = key.partition(":")
        assert (job.kind, job.syncs, job.sides) == (kinds[kind], (name,), tuple(Side))
        assert job.minutes in job.offered
        assert all(offer == 0 or offer >= job.least for offer in job.offered)
    changes = jobs["changes:companies"]
    assert (changes.minutes, changes.offered) == (15, (5, 15, 30, 60, 360, 1440))
    assert changes.offered == OFFERED
    assert (jobs["refresh:deals"].minutes, jobs["full:deals"].minutes) == (1440, 7 * 1440)


def test_only_deals_can_be_switched_off() -> None:
    assert [sync.switch for sync in MAGENTRIX.syncs] == ["", "", "sync_deals"]
    settings = {field.key: field for field in MAGENTRIX.settings}
    assert settings["sync_deals"].default == "yes"
    assert settings["sync_deals"].kind is SettingKind.CHECK
    owner = settings[DEFAULT_OWNER]
    assert (owner.required, owner.options_from) == (True, "target:employees")
    assert settings[LACKING].derived


def test_tables_stand_for_the_rules_that_use_them() -> None:
    used = {
        dict(rule.arguments)["@name"]
        for rules in RULES.values()
        for rule in rules
        if rule.transform == "table"
    }
    tables = {table.key: table for table in MAGENTRIX.tables}
    assert set(tables) == used == {"owners", "stages"}
    assert tables["owners"].otherwise == DEFAULT_OWNER
    assert (tables["stages"].hubspot_field, tables["stages"].target_field) == (
        "deals.@stage",
        "Opportunity.Stage",
    )


def test_the_scopes_cover_three_objects_and_their_owners() -> None:
    assert set(MAGENTRIX.scopes) == {"crm.objects.owners.read"} | {
        f"crm.{part}.{kind}.{right}"
        for part in ("objects", "schemas")
        for kind in ("companies", "contacts", "deals")
        for right in ("read", "write")
    }


def test_the_key_is_the_only_secret_and_the_address_is_checked_as_one() -> None:
    fields = {field.key: field for field in MAGENTRIX.credentials}
    assert [key for key, field in fields.items() if field.secret] == ["api_key"]
    assert [key for key, field in fields.items() if field.is_address] == ["address"]
    assert MAGENTRIX.options == ("MAGENTRIX_API_URL",)


def test_a_records_page_is_its_id_behind_the_portals_domain() -> None:
    link = MAGENTRIX.object("Account").link_template
    assert link.format(ui="acme.magentrix.com", account="", id="006A") == (
        "https://acme.magentrix.com/006A"
    )
