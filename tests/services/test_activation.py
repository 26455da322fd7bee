"""A target is prepared before anything is synced; what is missing holds everything, visibly."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied

from integrations.connectors.magentrix.sandbox import DEMO_KEY
from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.errors import ConfigInvalid, SyncError
from integrations.engine.extras import StepState
from integrations.engine.reasons import Reason
from integrations.models import AuditEntry, Integration, JobRun, ObjectSync, RunKind, SyncState
from integrations.services import (
    activation,
    connections,
    installs,
    lanes,
    previews,
    publishing,
    readiness,
    setting_values,
    syncs,
)
from tests.services.magentrix_stage import ADDRESS, EMPLOYEES, MagentrixStage
from tests.services.xentral_stage import XentralStage


@pytest.fixture
def stage(db: None, unlimited: None, monkeypatch: pytest.MonkeyPatch) -> MagentrixStage:
    made = MagentrixStage()
    made.mount(monkeypatch)
    return made


@pytest.fixture
def fresh(stage: MagentrixStage) -> Integration:
    """Magentrix just connected: nothing is chosen or prepared."""
    state, code = stage.consent(installs.start(stage.acme, stage.ada, "magentrix"))
    hubspot = installs.finish(stage.ada, state, code)[0]
    login = {"address": ADDRESS, "api_key": DEMO_KEY}
    return connections.connect_target(stage.ada, hubspot, "magentrix", login)


@pytest.fixture
def erp(db: None, unlimited: None, monkeypatch: pytest.MonkeyPatch) -> XentralStage:
    made = XentralStage()
    made.mount(monkeypatch)
    return made


def row_of(integration: Integration, key: str) -> ObjectSync:
    rows = ObjectSync.objects.select_related("integration__target", "tenant", "version")
    return rows.get(integration=integration, key=key)


def states(integration: Integration) -> dict[str, str]:
    return dict(integration.object_syncs.values_list("key", "state"))


# ---------------------------------------------------------------- what is missing


def test_right_after_connecting_the_required_setting_and_the_preparation_are_missing(
    fresh: Integration,
) -> None:
    lack = readiness.lack_of(fresh)
    assert "Default Owner is not chosen yet." in lack
    assert "not prepared yet" in lack


def test_nothing_is_published_before_everything_is_there(
    stage: MagentrixStage, fresh: Integration
) -> None:
    preview = previews.start(row_of(fresh, "companies"), stage.ada)
    with pytest.raises(ConfigInvalid) as caught:
        publishing.publish(preview, stage.ada)
    assert caught.value.reason is Reason.NOT_PREPARED


def test_without_its_required_setting_nothing_is_saved(
    stage: MagentrixStage, fresh: Integration
) -> None:
    with pytest.raises(setting_values.SettingsInvalid) as caught:
        activation.update_settings(fresh, {"sync_deals": "yes"}, stage.ada)
    assert list(caught.value.errors) == ["default_owner"]


def test_only_employees_who_are_there_can_be_the_default_owner(
    stage: MagentrixStage, fresh: Integration
) -> None:
    partner = stage.partner.user("pia.lund@northfield.example")
    with pytest.raises(setting_values.SettingsInvalid):
        activation.update_settings(fresh, {"default_owner": partner}, stage.ada)
    field = setting_values.asked(fresh)[0]
    labels = [option.label for option in setting_values.options_of(fresh, field)]
    assert "Mona Keller (mona.keller@northfield.example)" in labels


def test_derived_settings_are_neither_asked_for_nor_taken(
    stage: MagentrixStage, fresh: Integration
) -> None:
    assert "lacking" not in {field.key for field in setting_values.asked(fresh)}
    with pytest.raises(setting_values.SettingsInvalid):
        activation.update_settings(fresh, {"lacking": "x"}, stage.ada)


def test_activation_makes_what_is_missing_and_says_so(stage: MagentrixStage) -> None:
    integration = stage.connect()
    assert readiness.lack_of(integration) == ""
    first = AuditEntry.objects.filter(action="integration.prepared").earliest("id")
    assert "“HubSpot User ID” on User: made" in first.detail
    assert integration.prepared_at is not None
    assert states(integration) == dict.fromkeys(("companies", "contacts", "deals"), "setup")


def test_preparing_again_finds_everything_and_changes_nothing(stage: MagentrixStage) -> None:
    integration = stage.connect()
    sent = stage.magentrix.counters.copy()
    steps = activation.prepare(integration)
    assert {step.state for step in steps} == {StepState.FOUND}
    written = {call for call, n in stage.magentrix.counters.items() if n > sent[call]}
    assert not [call for call in written if call[0] in ("PATCH", "PUT", "DELETE")]


def test_what_a_person_has_to_do_is_told_exactly_and_found_afterwards(
    stage: MagentrixStage, fresh: Integration
) -> None:
    stage.magentrix.behaviour.change(setup_api=False)
    owner = stage.partner.user(EMPLOYEES[0].email)
    activation.update_settings(fresh, {"default_owner": owner}, stage.ada)
    step = next(s for s in readiness.steps_of(fresh) if s.key == "User.HubSpotUserId__c")
    assert step.state is StepState.BY_HAND
    assert "Text, length 50, unique" in step.detail
    assert "HubSpot User ID" in readiness.lack_of(fresh)

    stage.magentrix.behaviour.change(setup_api=True)
    activation.prepare(fresh, stage.ada)
    fresh.refresh_from_db()
    assert readiness.lack_of(fresh) == ""


def test_a_system_that_does_not_answer_changes_nothing(stage: MagentrixStage) -> None:
    integration = stage.connect()
    before = (integration.prepared, integration.settings)
    stage.magentrix.faults.inject(Fault(FaultKind.STATUS, status=503), times=99)
    with pytest.raises(SyncError):
        activation.prepare(integration, stage.ada)
    integration.refresh_from_db()
    assert (integration.prepared, integration.settings) == before


def test_only_the_tenants_managers_prepare(stage: MagentrixStage, fresh: Integration) -> None:
    for user in (stage.vic, stage.bob):
        with pytest.raises(PermissionDenied):
            activation.prepare(fresh, user)
        with pytest.raises(PermissionDenied):
            activation.update_settings(fresh, {}, user)


def test_a_default_owner_who_leaves_holds_everything_until_another_is_chosen(
    stage: MagentrixStage,
) -> None:
    integration = stage.connect()
    stage.partner.edit("User", integration.settings["default_owner"], IsActive=False)
    activation.prepare(integration)
    assert readiness.lack_of(integration) == "To be done by hand: Default Owner."
    other = stage.partner.user(EMPLOYEES[1].email)
    activation.update_settings(integration, {"default_owner": other}, stage.ada)
    assert readiness.lack_of(integration) == ""


# ---------------------------------------------------------------- fixed mappings


def test_a_fixed_mapping_is_published_and_loads_once_it_is_prepared(erp: XentralStage) -> None:
    integration = erp.connect()
    assert states(integration) == {"contacts": "active", "deals": "active"}
    loads = JobRun.objects.filter(kind=RunKind.BACKFILL)
    assert sorted(loads.values_list("object_sync__key", flat=True)) == ["contacts", "deals"]
    version = row_of(integration, "contacts").version
    assert version is not None
    assert version.config["settings"]["lead_field"] == "freifeld1"

    activation.prepare(integration, erp.ada)
    assert loads.count() == 2, "a load begins only once"


def test_a_pair_that_is_switched_off_rests_and_its_load_waits(erp: XentralStage) -> None:
    integration = erp.connect(sync_deals="")
    deals = row_of(integration, "deals")
    assert (deals.state, deals.reason_detail) == (SyncState.PAUSED, readiness.SWITCHED_OFF)
    assert not JobRun.objects.filter(object_sync=deals).exists()
    with pytest.raises(ConfigInvalid):
        syncs.resume(deals, erp.ada)

    activation.update_settings(integration, {"sync_deals": "yes"}, erp.ada)
    assert row_of(integration, "deals").state == SyncState.ACTIVE
    assert JobRun.objects.filter(object_sync=deals, kind=RunKind.BACKFILL).exists()


def test_resuming_the_integration_turns_no_switch_on(erp: XentralStage) -> None:
    integration = erp.connect(sync_deals="")
    syncs.pause(integration, erp.ada)
    syncs.resume(integration, erp.ada)
    assert states(integration) == {"contacts": "active", "deals": "paused"}


def test_a_persons_pause_outlives_a_check_of_the_preparation(erp: XentralStage) -> None:
    integration = erp.connect()
    syncs.pause(row_of(integration, "contacts"), erp.ada)
    activation.prepare(integration, erp.ada)
    assert states(integration)["contacts"] == "paused"


def test_a_switch_that_is_turned_off_keeps_what_is_known(erp: XentralStage) -> None:
    integration = erp.connect()
    load = JobRun.objects.get(object_sync__key="deals")
    activation.update_settings(integration, {"sync_deals": ""}, erp.ada)
    calls = erp.xentral.counters.total()
    lanes.work(load.object_sync_id, seconds=5)
    load.refresh_from_db()
    assert load.state == "queued"
    assert erp.xentral.counters.total() == calls, "nothing is called for it"


def test_a_lane_that_is_not_prepared_any_more_is_held_with_the_reason(erp: XentralStage) -> None:
    integration = erp.connect()
    step = {"key": "group", "label": "Group", "state": "by_hand", "detail": "Make it."}
    Integration.objects.filter(pk=integration.pk).update(prepared=[step])
    contacts = row_of(integration, "contacts")
    lanes.work(contacts.pk, seconds=5)
    contacts.refresh_from_db()
    assert (contacts.state, contacts.reason) == (SyncState.HELD, Reason.NOT_PREPARED)

    activation.prepare(integration, erp.ada)
    contacts.refresh_from_db()
    assert contacts.state == SyncState.ACTIVE


def test_an_instant_needs_its_zone_and_is_published(erp: XentralStage) -> None:
    integration = erp.connect()
    with pytest.raises(setting_values.SettingsInvalid):
        activation.update_settings(integration, {"start_time": "2026-11-20T10:00"}, erp.ada)
    start = datetime(2026, 11, 20, 9, tzinfo=UTC).isoformat()
    made = activation.update_settings(integration, {"start_time": start}, erp.ada)
    assert {version.config["settings"]["start_time"] for version in made} == {start}


# ---------------------------------------------------------------- credentials


@pytest.mark.parametrize(
    "address", ["http://acme.magentrix.com", "https://10.0.0.8", "https://localhost", "acme"]
)
def test_an_address_must_be_encrypted_and_lead_out_of_our_network(
    address: str, stage: MagentrixStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("django.conf.settings.MAGENTRIX_API_URL")
    state, code = stage.consent(installs.start(stage.acme, stage.ada, "magentrix"))
    hubspot = installs.finish(stage.ada, state, code)[0]
    login = {"address": address, "api_key": DEMO_KEY}
    with pytest.raises(ConfigInvalid, match="Address of your Magentrix portal"):
        connections.connect_target(stage.ada, hubspot, "magentrix", login)
    assert not Integration.objects.exists()
