"""HubSpot and Xentral through the whole portal: made ready, loaded, and the three starters."""

from __future__ import annotations

import pytest

from integrations.models import Integration, JobRun, ObjectSync, RunKind, RunState, TableEntry
from integrations.services import activation, connectors, lanes, readiness, runs
from tests.services.stage import PORTAL
from tests.services.xentral_stage import XentralStage

pytestmark = pytest.mark.django_db
CONTACT = {"email": "joerg@mueller.example", "firstname": "Jörg", "lastname": "Größler"}
DEAL = {
    "dealname": "Müller – 40 Plätze",
    "amount": "1500",
    "closedate": "2026-12-15T08:30:15Z",
    "pipeline": "default",
    "dealstage": "appointmentscheduled",
}


@pytest.fixture
def firm(monkeypatch: pytest.MonkeyPatch, unlimited: None) -> XentralStage:
    stage = XentralStage()
    stage.mount(monkeypatch)
    stage.xentral.behaviour.v3_beta = True
    return stage


def syncs_of(integration: Integration) -> dict[str, ObjectSync]:
    return {row.key: row for row in integration.object_syncs.all()}


def work(integration: Integration) -> None:
    """Let workers come by until both lanes rest."""
    rows = syncs_of(integration)
    for _ in range(30):
        for key in ("contacts", "deals"):
            lanes.work(rows[key].pk, seconds=60)
        if not JobRun.objects.filter(state__in=runs.WORKABLE).exists():
            return
    raise AssertionError("it never comes to rest")


def start(integration: Integration, key: str, *sides: str) -> None:
    """Start an incremental run, as a job does, and let it end."""
    run = runs.open_run(syncs_of(integration)[key], RunKind.INCREMENTAL, scope={"sides": sides})
    work(integration)
    run.refresh_from_db()
    assert run.state == RunState.DONE, run.reason_detail


def test_connecting_makes_everything_ready_and_loads(firm: XentralStage) -> None:
    hubspot = firm.people[PORTAL]
    contact, deal = hubspot.create("contacts", CONTACT), hubspot.create("deals", DEAL)
    hubspot.associate("deals", deal, "contacts", contact)
    integration = firm.connect()
    assert readiness.lack_of(integration) == ""
    assert integration.settings["lead_field"] == "freifeld1"
    entries = TableEntry.objects.filter(integration=integration, table="stages")
    assert entries.exclude(target_value="").count() == entries.count() > 0
    work(integration)
    [address] = firm.clerk.all("addresses")
    [resubmission] = firm.clerk.all("resubmissions")
    assert (address["name"], resubmission["adresse"]) == ("Jörg Größler", address["id"])
    assert firm.clerk.groups_of(str(address["id"])) == [integration.settings["group_id"]]


def test_the_queue_brings_changes_of_both_kinds_from_xentral_and_nothing_else(
    firm: XentralStage,
) -> None:
    hubspot = firm.people[PORTAL]
    contact, deal = hubspot.create("contacts", CONTACT), hubspot.create("deals", DEAL)
    integration = firm.connect()
    work(integration)
    [address] = firm.clerk.all("addresses")
    [resubmission] = firm.clerk.all("resubmissions")
    for key in ("contacts", "deals"):
        start(integration, key, "target")
    firm.clerk.edit("addresses", str(address["id"]), telefon="+49 221 55")
    firm.clerk.edit("resubmissions", str(resubmission["id"]), betrag="1750.50")
    firm.clerk.move(str(resubmission["id"]), entry(integration, "default:contractsent"))
    for key in ("contacts", "deals"):
        start(integration, key, "target")
    assert hubspot.read("contacts", contact)["phone"] == "+49 221 55"
    held = hubspot.read("deals", deal)
    assert (held["amount"], held["dealstage"]) == ("1750.50", "contractsent")


def test_a_pass_over_resubmissions_that_did_not_change_costs_one_call(firm: XentralStage) -> None:
    hubspot = firm.people[PORTAL]
    for number in range(30):
        hubspot.create("deals", {**DEAL, "dealname": f"Größe {number}"})
    integration = firm.connect()
    work(integration)
    assert len(firm.clerk.all("resubmissions")) == 30
    start(integration, "deals", "target")
    before = sum(firm.xentral.counters.values())
    start(integration, "deals", "target")
    assert sum(firm.xentral.counters.values()) - before == 1


def test_switched_off_pairs_make_no_calls(firm: XentralStage) -> None:
    firm.people[PORTAL].create("deals", DEAL)
    integration = firm.connect(sync_deals="")
    work(integration)
    assert firm.clerk.all("resubmissions") == []


def test_settings_that_let_in_more_reach_what_was_left_out_before(firm: XentralStage) -> None:
    firm.people[PORTAL].create("contacts", {**CONTACT, "hs_lead_status": "NEW"})
    integration = firm.connect(lead_status="OPEN")
    work(integration)
    assert firm.clerk.all("addresses") == []
    activation.update_settings(integration, {"lead_status": ""}, firm.ada)
    work(integration)
    assert [row["name"] for row in firm.clerk.all("addresses")] == ["Jörg Größler"]


def test_settings_that_stay_as_they_are_start_no_pass(firm: XentralStage) -> None:
    integration = firm.connect()
    work(integration)
    activation.update_settings(integration, {"lead_status": ""}, firm.ada)
    assert not JobRun.objects.filter(kind=RunKind.RECONCILE).exists()


def test_too_few_free_fields_hold_everything_and_say_what_to_do(firm: XentralStage) -> None:
    for number in range(1, 10):
        firm.clerk.add_free_field(f"Größe {number}", number=number)
    firm.people[PORTAL].create("contacts", CONTACT)
    integration = firm.connect()
    assert "Two free fields" in readiness.lack_of(integration)
    work(integration)
    assert firm.clerk.all("addresses") == []


def entry(integration: Integration, stage: str) -> str:
    """Return the Xentral stage of a HubSpot one."""
    rows = TableEntry.objects.filter(integration=integration, table="stages", hubspot_value=stage)
    return rows.get().target_value


def test_a_connection_of_the_same_instance_is_the_same_account(firm: XentralStage) -> None:
    integration = firm.connect()
    assert integration.target is not None
    assert integration.target.account_id == "acme.xentral.example"
    assert connectors.open_connector(integration.target).check().time_zone == "Europe/Berlin"
