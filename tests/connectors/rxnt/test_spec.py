"""What RXNT declares about itself is complete and fits its parts."""

from __future__ import annotations

import pytest

from integrations.connectors.rxnt.payloads import PATIENT_KEYS
from integrations.connectors.rxnt.spec import PATIENT_FIELDS, RXNT, build
from integrations.engine.config import DeletePolicy, MergePolicy
from integrations.engine.mapping import IncompleteGroup, Privacy
from integrations.engine.records import FieldType, Side

SYNC = RXNT.sync("patients")


def test_the_default_trigger_is_the_customer_stage() -> None:
    trigger = build({}).trigger
    assert trigger is not None
    assert (trigger.field, trigger.value) == ("lifecyclestage", "customer")


def test_the_trigger_stage_and_the_address_rule_are_settings() -> None:
    config = build({"trigger_stage": "evangelist", "incomplete_address": "quarantine"})
    assert config.trigger is not None
    assert config.trigger.value == "evangelist"
    assert config.groups[0].incomplete is IncompleteGroup.QUARANTINE
    assert build({}).groups[0].incomplete is IncompleteGroup.FAIL


def test_an_unknown_address_rule_is_refused() -> None:
    with pytest.raises(ValueError, match="sometimes"):
        build({"incomplete_address": "sometimes"})


def test_every_setting_has_a_default_that_can_be_built() -> None:
    defaults = {setting.key: setting.default for setting in RXNT.settings}
    assert build(defaults) == build({})
    for setting in RXNT.settings:
        assert setting.options_from or setting.default in {o.value for o in setting.options}


def test_patients_are_only_ever_written_under_our_own_id() -> None:
    target = build({}).target
    assert target.upsert_key.format(id="901") == "hubspot_901"
    assert (target.readable, target.can_archive) == (False, False)
    assert build({}).create_in == (Side.TARGET,)


def test_deleting_or_merging_contacts_leaves_patients_alone() -> None:
    config = build({})
    assert (config.on_hubspot_delete, config.on_target_delete, config.merge) == (
        DeletePolicy.KEEP,
        DeletePolicy.KEEP,
        MergePolicy.KEEP,
    )


def test_every_rule_names_a_patient_field_with_a_key() -> None:
    known = {spec.name: spec for spec in PATIENT_FIELDS}
    for rule in build({}).rules:
        assert rule.target in PATIENT_KEYS
        assert known[rule.target].type is rule.type
        assert known[rule.target].privacy is rule.privacy
        assert known[rule.target].required is rule.required


def test_all_but_the_names_is_handled_as_health_data() -> None:
    rules = build({}).rules
    assert {rule.target for rule in rules if rule.privacy is not Privacy.HEALTH} == {
        "FirstName",
        "LastName",
    }


def test_the_two_hubspot_properties_are_a_dropdown_and_a_date() -> None:
    sex, birth = SYNC.hubspot_fields
    assert (sex.label, sex.type) == ("Sex", FieldType.CHOICE)
    assert [option.value for option in sex.options] == ["M", "F", "U"]
    assert (birth.label, birth.type) == ("Date of Birth", FieldType.DATE)
    assert SYNC.hubspot_group is not None
    assert {sex.group, birth.group} == {SYNC.hubspot_group.name}


def test_only_contact_permissions_are_asked_for() -> None:
    assert set(RXNT.scopes) == {
        f"crm.{kind}.contacts.{right}"
        for kind in ("objects", "schemas")
        for right in ("read", "write")
    }


def test_the_password_is_the_only_secret_credential() -> None:
    assert [field.key for field in RXNT.credentials if field.secret] == ["Password"]
    assert [field.key for field in RXNT.credentials if not field.required] == ["RequestCompanyId"]
