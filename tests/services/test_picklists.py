"""Options of HubSpot's picklists come along: when publishing, when refreshing, never away."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django_q.models import OrmQ

from integrations.engine.selecting import select_fields
from integrations.models import AuditEntry, RecordLink
from integrations.services import drafts, retries, schemas
from integrations.services.picklists import Brought
from tests.services.joined_kit import Partners, reconcile, row_of, work
from tests.services.magentrix_stage import MagentrixStage


@pytest.fixture
def kit(db: None, unlimited: None, monkeypatch: pytest.MonkeyPatch) -> Partners:
    """A HubSpot property “Tier” is mapped to a picklist that Magentrix has."""
    stage = MagentrixStage()
    stage.mount(monkeypatch)
    made = Partners(stage)
    made.person.add_choice("companies", "tier", "Tier", ["gold", "silver"])
    made.partner.add_field(
        "Account",
        Name="Tier__c",
        Label="Tier",
        FieldType="Picklist",
        PicklistEntries=[{"Value": "gold", "Label": "Gold"}, {"Value": "old", "Label": "Old"}],
    )
    row = row_of(made.integration, "companies")
    draft = drafts.of(row)
    ground = drafts.ground(row, fresh=True)
    config = drafts.config_of(draft)
    names = [*(rule.hubspot for rule in config.rules), "tier"]
    drafts.save(draft, select_fields(config, names, ground), stage.ada, draft.revision)
    return made


def values(kit: Partners) -> list[str]:
    options = kit.partner.field("Account", "Tier__c").options
    return [str(option["Value"]) for option in options]


def add_option(kit: Partners, value: str) -> None:
    definition = kit.person.state.catalogs["companies"].definitions["tier"]
    option = {"value": value, "label": value.title(), "displayOrder": 9, "hidden": False}
    definition.options.append(option)


def asked_again() -> list[str]:
    tasks = [row.task for row in OrmQ.objects.all()]
    return [task["args"][1] for task in tasks if task["func"] == retries.TASK]


def test_what_is_imported_is_no_problem_of_the_draft(kit: Partners) -> None:
    row = row_of(kit.integration, "companies")
    problems = drafts.problems(drafts.of(row), fresh=True)
    assert not [each for each in problems if each.severity == "error"]


def test_publishing_adds_what_is_missing_and_takes_nothing_away(kit: Partners) -> None:
    kit.publish("companies")
    assert values(kit) == ["gold", "old", "silver"]
    entry = AuditEntry.objects.get(action="options.imported")
    assert "Tier: “silver”" in entry.detail


def test_a_new_option_arrives_at_the_next_refresh(kit: Partners) -> None:
    kit.publish("companies")
    add_option(kit, "tin")
    brought = schemas.refresh_sync(row_of(kit.integration, "companies"), kit.stage.ada)
    (added,) = brought.added
    assert [option.value for option in added.options] == ["tin"]
    assert values(kit)[-1] == "tin"
    assert schemas.refresh_sync(row_of(kit.integration, "companies"), kit.stage.ada) == Brought()
    assert schemas.drifts(row_of(kit.integration, "companies")) == ()


def test_without_a_way_to_add_options_it_is_said_exactly_what_to_do(kit: Partners) -> None:
    kit.stage.magentrix.behaviour.change(setup_api=False)
    kit.publish("companies")
    assert values(kit) == ["gold", "old"]
    company = kit.company("Oak", tier="silver")
    reconcile(kit.integration, "companies")
    link = RecordLink.objects.get(hubspot_id=company)
    assert link.state != "linked" or link.reason == "fields_quarantined"

    row = row_of(kit.integration, "companies")
    steps = schemas.refresh_sync(row, kit.stage.ada).steps
    assert any("add these values: “silver”" in step for step in steps)
    schemas.refresh_all()
    assert values(kit) == ["gold", "old"], "a pass by itself is not stopped by it"


def test_what_a_person_added_by_hand_is_seen_by_the_next_refresh(kit: Partners) -> None:
    kit.stage.magentrix.behaviour.change(setup_api=False)
    kit.publish("companies")
    kit.partner.add_value("Account", "Tier__c", "silver")
    steps = schemas.refresh_sync(row_of(kit.integration, "companies"), kit.stage.ada).steps
    assert not [step for step in steps if "Tier" in step]
    assert asked_again() == [], "nothing was refused"


@pytest.mark.parametrize("by_hand", [True, False])
def test_what_was_refused_is_tried_again_whoever_added_the_option(
    by_hand: bool, kit: Partners
) -> None:
    kit.publish("companies")
    add_option(kit, "tin")
    company = kit.company("Oak", tier="tin")
    reconcile(kit.integration, "companies")
    link = RecordLink.objects.get(hubspot_id=company)
    assert (link.state, link.reason) != ("linked", "created")

    if by_hand:
        kit.stage.magentrix.behaviour.change(setup_api=False)
        kit.partner.add_value("Account", "Tier__c", "tin")
    OrmQ.objects.all().delete()
    schemas.refresh_sync(row_of(kit.integration, "companies"), kit.stage.ada)
    assert asked_again() == [link.reason]
    retries.retry_reason(link.object_sync_id, link.reason)
    work(kit.integration)
    link.refresh_from_db()
    assert link.state == "linked"
    assert kit.account(company)["Tier__c"] == "tin"


def test_only_the_tenants_managers_refresh(kit: Partners) -> None:
    for user in (kit.stage.vic, kit.stage.bob):
        with pytest.raises(PermissionDenied):
            schemas.refresh_sync(row_of(kit.integration, "companies"), user)
