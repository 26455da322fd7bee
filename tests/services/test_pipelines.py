"""Stages are joined one to one or by people; refreshing keeps what people chose."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from integrations.engine.errors import ConfigInvalid
from integrations.engine.extras import Stage as TargetStage
from integrations.models import AuditEntry, Origin, RecordLink, TableEntry, TypedStage
from integrations.services import activation, pipelines, readiness, refreshing
from tests.services.joined_kit import Firm, Partners, reconcile, row_of, work
from tests.services.magentrix_stage import MagentrixStage
from tests.services.xentral_stage import XentralStage

WON = "default:closedwon"
SENT = "default:contractsent"


@pytest.fixture
def erp(db: None, unlimited: None, monkeypatch: pytest.MonkeyPatch) -> XentralStage:
    made = XentralStage()
    made.mount(monkeypatch)
    return made


@pytest.fixture
def partners(db: None, unlimited: None, monkeypatch: pytest.MonkeyPatch) -> Partners:
    made = MagentrixStage()
    made.mount(monkeypatch)
    return Partners(made)


def entry(value: str, table: str = "stages") -> TableEntry:
    return TableEntry.objects.get(table=table, hubspot_value=value)


def said(action: str) -> list[str]:
    rows = AuditEntry.objects.filter(action=action).order_by("id")
    return list(rows.values_list("detail", flat=True))


# ---------------------------------------------------------------- automatic


def test_every_stage_of_hubspot_is_made_one_to_one(partners: Partners) -> None:
    report = pipelines.report(partners.integration, "stages")
    assert report.unmapped == 0
    assert entry(WON).target_value == "Closed Won"
    values = [stage.id for stage in report.making.stages]
    assert values[:4] == ["Prospecting", "Qualification", "Proposal", "Negotiation"], "all are kept"
    assert "Contract Sent" in values


def test_equal_names_of_two_pipelines_stay_two_stages(partners: Partners) -> None:
    partners.person.add_pipeline("Partners", {"pw": "Closed Won", "pn": "New"}, "p2")
    pipelines.refresh(partners.integration, "stages", partners.stage.ada)
    assert entry("p2:pw").target_value == "Partners – Closed Won"
    assert entry("p2:pn").target_value == "New"
    assert entry(WON).target_value == "Closed Won", "what is joined stays"


def test_a_stage_that_went_is_marked_and_its_entry_kept(partners: Partners) -> None:
    partners.person.remove_stage("default", "contractsent")
    report = pipelines.refresh(partners.integration, "stages", partners.stage.ada)
    assert entry(SENT).hubspot_gone
    assert entry(SENT).target_value == "Contract Sent"
    assert report.unmapped == 0, "what is gone needs nothing"


def test_a_stage_that_went_in_the_target_is_not_sent_and_counted(partners: Partners) -> None:
    pipelines.assign(partners.integration, "stages", SENT, "Proposal", partners.stage.ada)
    partners.partner.drop_value("Opportunity", "Stage", "Proposal")
    partners.stage.magentrix.behaviour.change(setup_api=False)
    report = pipelines.refresh(partners.integration, "stages", partners.stage.ada)
    assert entry(SENT).target_gone
    assert report.unmapped == 1


def test_without_a_way_to_make_stages_the_exact_steps_are_shown(partners: Partners) -> None:
    partners.stage.magentrix.behaviour.change(setup_api=False)
    partners.person.add_stage("default", "On hold", "hold")
    activation.prepare(partners.integration, partners.stage.ada)
    report = pipelines.report(partners.integration, "stages")
    assert report.unmapped == 1
    steps = {step.key: step.detail for step in readiness.steps_of(partners.integration)}
    assert "“On hold”" in steps["table:stages"]
    assert pipelines.unmapped(partners.integration) == 1
    assert readiness.lack_of(partners.integration) == "", "it stops nothing else"

    partners.stage.magentrix.behaviour.change(setup_api=True)
    activation.prepare(partners.integration, partners.stage.ada)
    assert "table:stages" not in {s.key for s in readiness.steps_of(partners.integration)}


# ---------------------------------------------------------------- people


def test_a_persons_choice_outlives_every_refresh(partners: Partners) -> None:
    pipelines.assign(partners.integration, "stages", SENT, "Negotiation", partners.stage.ada)
    pipelines.refresh(partners.integration, "stages")
    row = entry(SENT)
    assert (row.target_value, row.origin) == ("Negotiation", Origin.PERSON)
    assert said("stage.assigned") == [
        "Stages: Sales Pipeline – Contract Sent: Contract Sent → Negotiation"
    ]


def test_records_of_a_changed_stage_follow(partners: Partners) -> None:
    partners.publish("companies", "contacts", "deals")
    deal = partners.person.create(
        "deals", {"dealname": "Oak", "pipeline": "default", "dealstage": "contractsent"}
    )
    reconcile(partners.integration, "deals")
    target = partners.link("deals", deal).target_id
    assert partners.partner.get("Opportunity", target)["Stage"] == "Contract Sent"

    pipelines.assign(partners.integration, "stages", SENT, "Negotiation", partners.stage.ada)
    work(partners.integration)
    assert partners.partner.get("Opportunity", target)["Stage"] == "Negotiation"
    assert partners.person.read("deals", deal)["dealstage"] == "contractsent"


@pytest.mark.parametrize(("value", "target"), [("x:y", ""), (SENT, "No such stage")])
def test_what_does_not_exist_cannot_be_assigned(
    value: str, target: str, partners: Partners
) -> None:
    with pytest.raises(ConfigInvalid):
        pipelines.assign(partners.integration, "stages", value, target, partners.stage.ada)


def test_only_the_tenants_managers_change_a_table(partners: Partners) -> None:
    stage = partners.stage
    for user in (stage.vic, stage.bob):
        with pytest.raises(PermissionDenied):
            pipelines.refresh(partners.integration, "stages", user)
        with pytest.raises(PermissionDenied):
            pipelines.assign(partners.integration, "stages", SENT, "", user)
        with pytest.raises(PermissionDenied):
            pipelines.type_stage(partners.integration, "stages", TargetStage("1", "A"), user)
        with pytest.raises(PermissionDenied):
            pipelines.forget_stage(partners.integration, "stages", "1", user)


def test_an_unknown_table_is_refused(partners: Partners) -> None:
    with pytest.raises(ConfigInvalid):
        pipelines.report(partners.integration, "owners")


def test_stages_that_share_one_of_the_target_are_named(partners: Partners) -> None:
    assert pipelines.report(partners.integration, "stages").shared == ()
    pipelines.assign(partners.integration, "stages", SENT, "Closed Won", partners.stage.ada)
    (shared,) = pipelines.report(partners.integration, "stages").shared
    assert shared.target == "Closed Won"
    assert set(shared.stages) == {
        "Sales Pipeline – Contract Sent",
        "Sales Pipeline – Closed Won",
    }
    partners.person.remove_stage("default", "contractsent")
    report = pipelines.refresh(partners.integration, "stages", partners.stage.ada)
    assert report.shared == (), "what is gone in HubSpot never returns"


# ---------------------------------------------------------------- modes


def test_automatic_stages_are_on_the_chosen_board(erp: XentralStage) -> None:
    firm = Firm(erp)
    report = pipelines.report(firm.integration, "stages")
    joined = {row.target_value for row in report.entries}
    boards = {stage.board for stage in report.making.stages if stage.id in joined}
    assert (len(joined), boards) == (7, {"Hubspot"})
    assert not report.making.types


def test_user_defined_starts_with_what_is_in_use_and_each_mode_keeps_its_own(
    erp: XentralStage,
) -> None:
    firm = Firm(erp)
    automatic = entry(SENT).target_value
    with pytest.raises(ConfigInvalid, match="user-defined"):
        pipelines.assign(firm.integration, "stages", SENT, "4", erp.ada)

    activation.update_settings(firm.integration, {"stage_mode": "manual"}, erp.ada)
    assert entry(SENT).target_value == automatic
    pipelines.assign(firm.integration, "stages", SENT, "4", erp.ada)
    activation.update_settings(firm.integration, {"stage_mode": "automatic"}, erp.ada)
    assert entry(SENT).target_value == automatic
    activation.update_settings(firm.integration, {"stage_mode": "manual"}, erp.ada)
    assert (entry(SENT).target_value, entry(SENT).origin) == ("4", Origin.PERSON)
    assert said("table.mode") == [
        "Deal stages: automatic → manual",
        "Deal stages: manual → automatic",
        "Deal stages: automatic → manual",
    ]


def test_records_follow_the_mode(erp: XentralStage) -> None:
    firm = Firm(erp, stage_mode="manual", sync_contacts="")
    deal = firm.deal("contractsent")
    reconcile(firm.integration, "deals")
    assert firm.resubmission(deal) is None, "its stage is assigned to nothing"

    pipelines.assign(firm.integration, "stages", SENT, "4", erp.ada)
    work(firm.integration)
    resubmission = firm.resubmission(deal)
    assert resubmission is not None
    assert str(resubmission["stages"]) == "4"

    activation.update_settings(firm.integration, {"stage_mode": "automatic"}, erp.ada)
    work(firm.integration)
    moved = firm.resubmission(deal)
    assert moved is not None
    assert str(moved["stages"]) == entry(SENT).target_value != "4"


def test_deals_of_contacts_are_synced_also_while_contacts_are_switched_off(
    erp: XentralStage,
) -> None:
    firm = Firm(erp, sync_contacts="")
    contact = firm.person.create("contacts", {"email": "ada@oak.example", "lastname": "Byron"})
    deal = firm.deal("contractsent")
    firm.person.associate("deals", deal, "contacts", contact)
    reconcile(firm.integration, "deals")
    work(firm.integration)
    assert firm.resubmission(deal) is not None

    activation.update_settings(firm.integration, {"sync_contacts": "yes"}, erp.ada)
    work(firm.integration)
    reconcile(firm.integration, "contacts")
    reconcile(firm.integration, "deals")
    found = firm.resubmission(deal)
    assert found is not None
    assert found["adresse"], "the address of the contact was added"


def test_stages_that_cannot_be_listed_are_typed_and_found_by_their_name(
    erp: XentralStage,
) -> None:
    erp.xentral.change(stage_addon=False)
    firm = Firm(erp, sync_contacts="")
    report = pipelines.report(firm.integration, "stages")
    assert report.making.types
    assert report.unmapped == 7
    typed = TargetStage("21", "Contract Sent", order=5, chance=80)
    pipelines.type_stage(firm.integration, "stages", typed, erp.ada)
    report = pipelines.refresh(firm.integration, "stages", erp.ada)
    assert entry(SENT).target_value == "21"
    assert report.unmapped == 6

    pipelines.type_stage(firm.integration, "stages", TargetStage("21", "Sent"), erp.ada)
    assert TypedStage.objects.get().label == "Sent"
    pipelines.forget_stage(firm.integration, "stages", "21", erp.ada)
    pipelines.refresh(firm.integration, "stages", erp.ada)
    assert (entry(SENT).target_value, entry(SENT).target_gone) == ("21", False)


def test_a_stage_that_was_only_seen_can_be_chosen_but_is_never_found_by_itself(
    erp: XentralStage,
) -> None:
    erp.xentral.change(stage_addon=False)
    when = {"datum_erinnerung": "2026-12-01", "zeit_erinnerung": "09:00:00"}
    erp.clerk.create("resubmissions", bezeichnung="Oak", stages=3, **when)
    firm = Firm(erp, stage_mode="manual", sync_contacts="")
    report = pipelines.report(firm.integration, "stages")
    assert [(s.id, s.seen_only) for s in report.making.stages] == [("3", True)]
    pipelines.assign(firm.integration, "stages", WON, "3", erp.ada)
    assert entry(WON).target_value == "3"


@pytest.mark.parametrize(("stage_id", "label"), [(" ", "A"), ("1", "")])
def test_a_typed_stage_needs_id_and_name(stage_id: str, label: str, erp: XentralStage) -> None:
    firm = Firm(erp, sync_contacts="")
    with pytest.raises(ConfigInvalid):
        pipelines.type_stage(firm.integration, "stages", TargetStage(stage_id, label), erp.ada)


# ---------------------------------------------------------------- refreshing by itself


def test_a_refresh_job_fills_the_tables_of_its_object(partners: Partners) -> None:
    partners.publish("companies")
    partners.person.add_stage("default", "On hold", "hold")
    partners.person.add_owner("60", "ines.duarte@northfield.example")
    refreshing.tables(row_of(partners.integration, "companies"))
    assert TableEntry.objects.filter(hubspot_value="60").exists()
    assert not TableEntry.objects.filter(hubspot_value="default:hold").exists()
    assert RecordLink.objects.count() == 0
