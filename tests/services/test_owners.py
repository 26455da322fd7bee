"""Owners are joined with people, reported, assigned by hand; records that fell back are mended."""

from __future__ import annotations

from ast import literal_eval

import pytest
from django.core.exceptions import PermissionDenied
from django_q.models import Schedule

from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.errors import ConfigInvalid, SyncError
from integrations.models import AuditEntry, Origin, RecordLink, TableEntry
from integrations.services import owners, second_looks
from integrations.tasks import look_again
from tests.services.joined_kit import Partners, reconcile, work
from tests.services.magentrix_stage import MagentrixStage
from tests.services.stage import PORTAL


@pytest.fixture
def stage(db: None, unlimited: None, monkeypatch: pytest.MonkeyPatch) -> MagentrixStage:
    made = MagentrixStage()
    made.mount(monkeypatch)
    return made


@pytest.fixture
def kit(stage: MagentrixStage) -> Partners:
    """Everybody but Ines is an owner; 50 is an owner whom nobody in Magentrix answers to."""
    stage.people[PORTAL].add_owner("50", "zoe.young@firm.example")
    return Partners(stage)


def entry(kit: Partners, owner: str) -> TableEntry:
    return TableEntry.objects.get(integration=kit.integration, table="owners", hubspot_value=owner)


# ---------------------------------------------------------------- connecting


def test_activation_joins_owners_and_marks_the_people(kit: Partners) -> None:
    assert entry(kit, "42").target_value == kit.user("mona")
    mona = kit.partner.get("User", kit.user("mona"))
    assert mona["HubSpotUserId__c"] == "42"


def test_the_report_names_everybody_who_is_not_joined(kit: Partners) -> None:
    report = owners.report(kit.integration)
    assert report.matched == 4
    assert "zoe.young@firm.example" in {line.email for line in report.unmatched}
    assert [person.name for person in report.unmatched_people] == ["Ines Duarte"]
    assert report.conflicts == ()


def test_a_mark_that_is_set_is_reported_and_never_overwritten(kit: Partners) -> None:
    kit.partner.edit("User", kit.user("ines"), HubSpotUserId__c="42x")
    kit.person.add_owner("51", "ines.duarte@northfield.example")
    report = owners.connect(kit.integration, kit.stage.ada)
    (line,) = report.conflicts
    assert (line.id, line.person_id) == ("51", kit.user("ines"))
    assert kit.partner.get("User", kit.user("ines"))["HubSpotUserId__c"] == "42x"


def test_an_archived_owner_keeps_the_entry_and_is_shown_so(kit: Partners) -> None:
    kit.person.change_owner("42", archived=True)
    report = owners.connect(kit.integration, kit.stage.ada)
    line = next(line for line in report.lines if line.id == "42")
    assert (line.archived, line.person_id) == (True, kit.user("mona"))
    assert report.archived == 1


def test_somebody_who_left_is_shown_so_and_stands_for_nobody_new(kit: Partners) -> None:
    kit.publish("companies")
    kit.partner.edit("User", kit.user("mona"), IsActive=False)
    owners.connect(kit.integration, kit.stage.ada)
    assert entry(kit, "42").target_gone
    company = kit.company("Late", "42")
    reconcile(kit.integration, "companies")
    assert kit.account(company)["OwnerId"] == kit.integration.settings["default_owner"]


def test_a_mark_whose_answer_was_lost_is_found_by_the_next_connecting(kit: Partners) -> None:
    kit.person.add_owner("51", "ines.duarte@northfield.example")
    kit.stage.magentrix.faults.inject(
        Fault(FaultKind.LOST_REPLY, path="/entity/User", method="PATCH")
    )
    report = owners.connect(kit.integration, kit.stage.ada)
    assert entry(kit, "51").target_value == kit.user("ines")
    assert AuditEntry.objects.filter(action="owners.marking").exists()
    again = owners.connect(kit.integration, kit.stage.ada)
    assert again.failed == ()
    assert kit.partner.get("User", kit.user("ines"))["HubSpotUserId__c"] == "51"
    assert len(report.lines) == len(again.lines)


def test_an_unreachable_system_is_told_and_nothing_is_lost(kit: Partners) -> None:
    before = list(TableEntry.objects.values_list("hubspot_value", "target_value"))
    kit.stage.magentrix.faults.inject(Fault(FaultKind.STATUS, status=503), times=99)
    with pytest.raises(SyncError):
        owners.connect(kit.integration, kit.stage.ada)
    assert list(TableEntry.objects.values_list("hubspot_value", "target_value")) == before
    assert owners.stored(kit.integration).matched == 4


def test_only_the_tenants_managers_connect_and_assign(kit: Partners) -> None:
    for user in (kit.stage.vic, kit.stage.bob):
        with pytest.raises(PermissionDenied):
            owners.connect(kit.integration, user)
        with pytest.raises(PermissionDenied):
            owners.assign(kit.integration, "50", "", user)


# ---------------------------------------------------------------- assigning


def test_what_a_person_assigned_or_took_away_stays(kit: Partners) -> None:
    owners.assign(kit.integration, "50", kit.user("ines"), kit.stage.ada)
    owners.assign(kit.integration, "42", "", kit.stage.ada)
    owners.connect(kit.integration, kit.stage.ada)
    assert (entry(kit, "50").target_value, entry(kit, "50").origin) == (
        kit.user("ines"),
        Origin.PERSON,
    )
    assert entry(kit, "42").target_value == ""
    said = AuditEntry.objects.filter(action="owner.assigned").values_list("detail", flat=True)
    assert "Zoe Young: nobody → Ines Duarte" in said


@pytest.mark.parametrize(("owner", "person"), [("99", ""), ("50", "nobody-there")])
def test_unknown_owners_and_people_are_refused(owner: str, person: str, kit: Partners) -> None:
    with pytest.raises(ConfigInvalid):
        owners.assign(kit.integration, owner, person, kit.stage.ada)


def test_somebody_who_left_cannot_be_assigned(kit: Partners) -> None:
    kit.publish("companies")
    kit.partner.edit("User", kit.user("mona"), IsActive=False)
    owners.connect(kit.integration, kit.stage.ada)
    with pytest.raises(ConfigInvalid, match="not active any more"):
        owners.assign(kit.integration, "42", kit.user("mona"), kit.stage.ada)
    assert entry(kit, "42").target_gone
    company = kit.company("Late", "42")
    reconcile(kit.integration, "companies")
    assert kit.account(company)["OwnerId"] == kit.integration.settings["default_owner"]


def test_records_that_fell_back_get_the_owner_after_an_assignment(kit: Partners) -> None:
    fell_back = [kit.company(name, "50") for name in ("Acorn", "Birch")]
    other = kit.company("Cedar", "42")
    kit.publish("companies")
    default = kit.integration.settings["default_owner"]
    assert {kit.account(each)["OwnerId"] for each in fell_back} == {default}

    owners.assign(kit.integration, "50", kit.user("ines"), kit.stage.ada)
    work(kit.integration)
    assert {kit.account(each)["OwnerId"] for each in fell_back} == {kit.user("ines")}
    assert kit.account(other)["OwnerId"] == kit.user("mona")
    assert {kit.person.read("companies", each)["hubspot_owner_id"] for each in fell_back} == {"50"}


def test_an_owner_that_a_person_chose_in_the_target_is_not_overwritten(kit: Partners) -> None:
    synced, unsynced = kit.company("Acorn", "50"), kit.company("Birch", "50")
    kit.publish("companies")
    target = kit.link("companies", synced).target_id
    kit.partner.edit("Account", target, OwnerId=kit.user("raj"))
    reconcile(kit.integration, "companies")
    assert kit.person.read("companies", synced)["hubspot_owner_id"] == "43"
    kit.person.edit("companies", synced, {"hubspot_owner_id": "43"})
    late = kit.link("companies", unsynced).target_id
    kit.partner.edit("Account", late, OwnerId=kit.user("raj"))

    owners.assign(kit.integration, "50", kit.user("ines"), kit.stage.ada)
    work(kit.integration)
    assert kit.account(synced)["OwnerId"] == kit.user("raj")
    assert kit.person.read("companies", synced)["hubspot_owner_id"] == "43"
    assert kit.link("companies", unsynced).choices == {}


def test_another_person_for_an_owner_moves_the_records_along(kit: Partners) -> None:
    company = kit.company("Acorn", "42")
    kit.publish("companies")
    owners.assign(kit.integration, "42", kit.user("ines"), kit.stage.ada)
    work(kit.integration)
    assert kit.account(company)["OwnerId"] == kit.user("ines")


def test_taking_an_owner_away_moves_no_record(kit: Partners) -> None:
    company = kit.company("Acorn", "42")
    kit.publish("companies")
    owners.assign(kit.integration, "42", "", kit.stage.ada)
    work(kit.integration)
    assert kit.account(company)["OwnerId"] == kit.user("mona")


def test_an_owner_without_a_way_back_reaches_hubspot_once_there_is_one(kit: Partners) -> None:
    company = kit.company("Acorn", "42")
    kit.publish("companies")
    kit.partner.edit("Account", kit.link("companies", company).target_id, OwnerId=kit.user("ines"))
    reconcile(kit.integration, "companies")
    assert kit.person.read("companies", company)["hubspot_owner_id"] == "42", "she has no owner"

    owners.assign(kit.integration, "50", kit.user("ines"), kit.stage.ada)
    work(kit.integration)
    assert kit.person.read("companies", company)["hubspot_owner_id"] == "50"
    assert kit.account(company)["OwnerId"] == kit.user("ines")


def test_records_are_looked_at_once_more_a_little_later(kit: Partners) -> None:
    company = kit.company("Acorn", "50")
    kit.publish("companies")
    owners.assign(kit.integration, "50", kit.user("ines"), kit.stage.ada)
    # A worker that had the old table in its hands settles and forgets the choice.
    RecordLink.objects.update(choices={})
    work(kit.integration)
    assert kit.account(company)["OwnerId"] == kit.integration.settings["default_owner"]

    later = Schedule.objects.get(func=second_looks.TASK)
    assert later.schedule_type == Schedule.ONCE
    look_again(*literal_eval(later.args))
    work(kit.integration)
    assert kit.account(company)["OwnerId"] == kit.user("ines")
