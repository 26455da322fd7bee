"""Records follow a changed table, also those that what was there before has left behind."""

from __future__ import annotations

import pytest

from integrations.models import TableEntry
from integrations.services import owners, pipelines
from tests.services.joined_kit import Partners, reconcile, work
from tests.services.magentrix_stage import MagentrixStage
from tests.services.stage import PORTAL

SENT = "default:contractsent"


@pytest.fixture
def kit(db: None, unlimited: None, monkeypatch: pytest.MonkeyPatch) -> Partners:
    """Everybody but Ines is an owner; 50 is an owner whom nobody in Magentrix answers to."""
    stage = MagentrixStage()
    stage.mount(monkeypatch)
    stage.people[PORTAL].add_owner("50", "zoe.young@firm.example")
    return Partners(stage)


def entry(value: str) -> TableEntry:
    return TableEntry.objects.get(hubspot_value=value)


def leave(kit: Partners, first: str) -> None:
    """Let somebody leave, which the portal hears of."""
    kit.partner.edit("User", kit.user(first), IsActive=False)
    owners.connect(kit.integration)


def test_records_of_somebody_who_left_go_to_who_is_assigned_instead(kit: Partners) -> None:
    held = kit.company("Acorn", "42")
    kit.publish("companies")
    assert kit.account(held)["OwnerId"] == kit.user("mona")
    leave(kit, "mona")
    fell_back = kit.company("Birch", "42")
    reconcile(kit.integration, "companies")
    assert kit.account(fell_back)["OwnerId"] == kit.integration.settings["default_owner"]

    owners.assign(kit.integration, "42", kit.user("ines"), kit.stage.ada)
    work(kit.integration)
    assert kit.account(held)["OwnerId"] == kit.user("ines")
    assert kit.account(fell_back)["OwnerId"] == kit.user("ines")
    assert kit.person.read("companies", held)["hubspot_owner_id"] == "42"


def test_records_that_fell_back_return_to_somebody_who_is_active_again(kit: Partners) -> None:
    kit.publish("companies")
    leave(kit, "mona")
    company = kit.company("Acorn", "42")
    reconcile(kit.integration, "companies")
    kit.partner.edit("User", kit.user("mona"), IsActive=True)
    owners.connect(kit.integration)
    work(kit.integration)
    assert kit.account(company)["OwnerId"] == kit.user("mona")


def test_records_of_a_stage_that_went_go_to_the_one_assigned_instead(kit: Partners) -> None:
    pipelines.assign(kit.integration, "stages", SENT, "Proposal", kit.stage.ada)
    kit.publish("companies", "contacts", "deals")
    values = {"dealname": "Oak", "pipeline": "default", "dealstage": "contractsent"}
    deal = kit.person.create("deals", values | {"closedate": "2026-12-01"})
    reconcile(kit.integration, "deals")
    target = kit.link("deals", deal).target_id
    assert kit.partner.get("Opportunity", target)["Stage"] == "Proposal"
    kit.partner.drop_value("Opportunity", "Stage", "Proposal")
    pipelines.refresh(kit.integration, "stages", kit.stage.ada)
    assert entry(SENT).target_gone

    pipelines.assign(kit.integration, "stages", SENT, "Negotiation", kit.stage.ada)
    work(kit.integration)
    assert kit.partner.get("Opportunity", target)["Stage"] == "Negotiation"
    assert kit.person.read("deals", deal)["dealstage"] == "contractsent"
