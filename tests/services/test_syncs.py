"""Settings become immutable versions, checked against HubSpot as it is now."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django_q.models import OrmQ

from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.errors import ConfigInvalid, SyncError
from integrations.engine.mapping import IncompleteGroup
from integrations.engine.ports import Ensured
from integrations.engine.reasons import Reason
from integrations.models import AuditEntry, Integration, ObjectSync, SyncState, SyncVersion
from integrations.services import activation, hubspot_fields, setting_values, syncs, uninstalls
from tests.services.stage import PORTAL, Stage


@pytest.fixture
def integration(stage: Stage) -> Integration:
    return stage.connect()


def only(integration: Integration) -> ObjectSync:
    return integration.object_syncs.select_related("integration", "version").get()


# ---------------------------------------------------------------- configurations


def test_the_first_version_holds_the_specs_defaults(integration: Integration) -> None:
    config = syncs.config_of(only(integration))
    assert config.version == 1
    assert config.trigger is not None
    assert (config.trigger.field, config.trigger.value) == ("lifecyclestage", "customer")
    assert config.groups[0].incomplete is IncompleteGroup.FAIL


def test_specs_are_found_by_the_rows_keys(integration: Integration) -> None:
    assert syncs.spec_of(only(integration)).target_object == "patients"
    assert syncs.connector_spec_of(integration).label == "RXNT"


def test_a_sync_without_a_version_cannot_run(integration: Integration) -> None:
    row = only(integration)
    row.version = None
    with pytest.raises(ConfigInvalid):
        syncs.config_of(row)


def test_a_version_whose_setting_is_not_known_any_more_cannot_run(integration: Integration) -> None:
    row = only(integration)
    assert row.version is not None
    row.version.config = {"settings": {"incomplete_address": "gone"}}
    with pytest.raises(ConfigInvalid):
        syncs.config_of(row)


# ---------------------------------------------------------------- publishing


def test_a_changed_setting_is_a_new_version_and_the_old_one_stays(
    stage: Stage, integration: Integration
) -> None:
    (version,) = activation.update_settings(
        integration, {"incomplete_address": "quarantine"}, stage.ada
    )
    assert (version.number, version.published_by) == (2, stage.ada)
    config = syncs.config_of(only(integration))
    assert (config.version, config.groups[0].incomplete) == (2, IncompleteGroup.QUARANTINE)
    first = SyncVersion.objects.get(number=1)
    assert first.config["settings"]["incomplete_address"] == "fail"
    entry = AuditEntry.objects.get(action="settings.published")
    assert (entry.actor_id, entry.detail) == (stage.ada.pk, "incomplete_address = quarantine")


def test_the_same_settings_make_no_version(stage: Stage, integration: Integration) -> None:
    assert activation.update_settings(integration, {"trigger_stage": "customer"}, stage.ada) == []
    assert not AuditEntry.objects.filter(action="settings.published").exists()


def test_settings_left_out_keep_their_value(stage: Stage, integration: Integration) -> None:
    activation.update_settings(integration, {"trigger_stage": "opportunity"}, stage.ada)
    activation.update_settings(integration, {"incomplete_address": "quarantine"}, stage.ada)
    integration.refresh_from_db()
    assert integration.settings["trigger_stage"] == "opportunity"


def test_a_setting_that_went_with_an_update_does_not_block(
    stage: Stage, integration: Integration
) -> None:
    integration.settings["old_switch"] = "on"
    integration.save()
    activation.update_settings(integration, {"incomplete_address": "quarantine"}, stage.ada)
    assert "old_switch" not in integration.settings


def test_the_choices_are_hubspots_stages_as_they_are_now(
    stage: Stage, integration: Integration
) -> None:
    field = next(f for f in syncs.connector_spec_of(integration).settings if f.options_from)
    stage.people[PORTAL].state.add_lifecycle_stage("Patient", "customer")
    options = setting_values.options_of(integration, field)
    assert {"customer", "lead"} <= {option.value for option in options}
    assert "Patient" in {option.label for option in options}


@pytest.mark.parametrize(
    ("key", "value"),
    [("trigger_stage", "gone"), ("incomplete_address", "maybe"), ("colour", "red")],
)
def test_settings_that_cannot_run_are_refused_by_name(
    stage: Stage, integration: Integration, key: str, value: str
) -> None:
    with pytest.raises(setting_values.SettingsInvalid) as caught:
        activation.update_settings(integration, {key: value}, stage.ada)
    assert list(caught.value.errors) == [key]
    assert SyncVersion.objects.count() == 1


def test_without_hubspots_answer_nothing_is_published(
    stage: Stage, integration: Integration
) -> None:
    stage.hubspot.faults.inject(
        Fault(FaultKind.STATUS, status=503, path="/crm/properties/"), times=9
    )
    with pytest.raises(SyncError):
        activation.update_settings(integration, {"incomplete_address": "quarantine"}, stage.ada)
    assert SyncVersion.objects.count() == 1


def test_only_the_tenants_managers_publish(stage: Stage, integration: Integration) -> None:
    for user in (stage.vic, stage.bob):
        with pytest.raises(PermissionDenied):
            activation.update_settings(integration, {}, user)


# ---------------------------------------------------------------- fields


def test_repairing_makes_what_is_missing_and_reuses_the_rest(
    stage: Stage, integration: Integration
) -> None:
    assert {f.outcome for f in hubspot_fields.repair(integration, stage.ada)} == {Ensured.REUSED}
    assert stage.people[PORTAL].state.catalogs["contacts"].definitions.pop("rxnt_sex")
    ensured = {f.spec.name: f.outcome for f in hubspot_fields.repair(integration, stage.ada)}
    assert ensured == {"rxnt_sex": Ensured.CREATED, "rxnt_date_of_birth": Ensured.REUSED}
    entry = AuditEntry.objects.filter(action="fields.repaired").latest("id")
    assert entry.detail == "created: rxnt_sex"


# ---------------------------------------------------------------- pausing


def test_pausing_parks_and_resuming_wakes(stage: Stage, integration: Integration) -> None:
    syncs.pause(integration, stage.ada)
    row = only(integration)
    assert (row.integration.state, row.state) == (SyncState.PAUSED, SyncState.PAUSED)
    assert row.reason == Reason.SYNC_PAUSED
    OrmQ.objects.all().delete()
    row.lane.wake_queued_at = None
    row.lane.save()
    syncs.resume(integration, stage.ada)
    row = only(integration)
    assert (row.integration.state, row.state, row.reason) == ("active", "active", "")
    assert OrmQ.objects.count() == 1


def test_resuming_an_integration_leaves_held_object_syncs_held(
    stage: Stage, integration: Integration
) -> None:
    ObjectSync.objects.update(state=SyncState.HELD, reason=Reason.PLAN_UNSAFE)
    syncs.pause(integration, stage.ada)
    syncs.resume(integration, stage.ada)
    assert (only(integration).state, only(integration).reason) == ("held", Reason.PLAN_UNSAFE)


def test_one_object_sync_is_paused_alone(stage: Stage, integration: Integration) -> None:
    syncs.pause(only(integration), stage.ada)
    row = only(integration)
    assert (row.integration.state, row.state) == (SyncState.ACTIVE, SyncState.PAUSED)
    entry = AuditEntry.objects.get(action="sync.paused")
    assert (entry.object_sync_id, entry.actor_id) == (row.pk, stage.ada.pk)


def test_what_was_uninstalled_does_not_resume(stage: Stage, integration: Integration) -> None:
    uninstalls.disconnect(integration, stage.ada)
    with pytest.raises(ConfigInvalid):
        syncs.resume(integration, stage.ada)


def test_strangers_and_viewers_do_not_pause(stage: Stage, integration: Integration) -> None:
    for user in (stage.vic, stage.bob):
        with pytest.raises(PermissionDenied):
            syncs.pause(integration, user)
