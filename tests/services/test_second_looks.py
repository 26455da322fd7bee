"""Records follow a changed table, also those that what was there before has left behind."""

from __future__ import annotations

from dataclasses import astuple

import pytest

from integrations.engine.pairs import LinkState
from integrations.models import TableEntry
from integrations.services import activation, owners, pipelines, second_looks
from integrations.services.tables import Table
from tests.services.joined_kit import Partners, reconcile, work
from tests.services.magentrix_stage import MagentrixStage
from tests.services.stage import PORTAL

SENT = "default:contractsent"


def changed(before: Table, after: Table) -> list[tuple[str, str, str, bool]]:
    return [astuple(change) for change in second_looks.changes_of(before, after)]


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


def test_a_deal_moved_to_a_shared_stage_stays_in_its_pipeline(kit: Partners) -> None:
    kit.person.add_pipeline("Partners", {"pw": "Closed Won", "pn": "New"}, "p2")
    pipelines.refresh(kit.integration, "stages", kit.stage.ada)
    pipelines.assign(kit.integration, "stages", "p2:pw", "Closed Won", kit.stage.ada)
    kit.publish("companies", "contacts", "deals")
    values = {"dealname": "Oak", "closedate": "2026-12-01"}
    deal = kit.person.create("deals", values | {"pipeline": "p2", "dealstage": "pn"})
    reconcile(kit.integration, "deals")
    target = kit.link("deals", deal).target_id
    kit.partner.edit("Opportunity", target, Stage="Closed Won")
    for _again in range(2):
        reconcile(kit.integration, "deals")
        found = kit.person.read("deals", deal)
        assert (found["pipeline"], found["dealstage"]) == ("p2", "pw")
        assert kit.partner.get("Opportunity", target)["Stage"] == "Closed Won"


def stand_in(kit: Partners, first: str) -> None:
    """Let a person choose another default owner."""
    chosen = {"default_owner": kit.user(first)}
    activation.update_settings(kit.integration, chosen, kit.stage.ada)
    kit.integration.refresh_from_db()
    work(kit.integration)


def test_records_of_every_earlier_default_owner_follow_an_assignment(kit: Partners) -> None:
    stood_in = [kit.integration.settings["default_owner"], kit.user("raj"), kit.user("ines")]
    companies = [kit.company("Acorn", "50")]
    kit.publish("companies")
    for first, name in (("raj", "Birch"), ("ines", "Cedar")):
        stand_in(kit, first)
        companies.append(kit.company(name, "50"))
        reconcile(kit.integration, "companies")
    assert [kit.account(each)["OwnerId"] for each in companies] == stood_in

    owners.assign(kit.integration, "50", kit.user("mona"), kit.stage.ada)
    work(kit.integration)
    assert {kit.account(each)["OwnerId"] for each in companies} == {kit.user("mona")}
    assert {owner_of(kit, each) for each in companies} == {"50"}


def test_an_owner_who_was_a_default_owner_keeps_the_records_of_their_own(kit: Partners) -> None:
    own = kit.company("Acorn", "43")
    kit.publish("companies")
    stand_in(kit, "raj")
    stand_in(kit, "ines")
    owners.assign(kit.integration, "50", kit.user("mona"), kit.stage.ada)
    work(kit.integration)
    assert kit.account(own)["OwnerId"] == kit.user("raj")


# ---------------------------------------------------------------- owners that HubSpot put away


def put_away(kit: Partners, owner: str, *, archived: bool = True) -> None:
    """Let HubSpot archive an owner, which it gives to no record from then on."""
    kit.person.state.behaviour.refuse_archived_owners = True
    kit.person.change_owner(owner, archived=archived)
    owners.connect(kit.integration)


def given_to(kit: Partners, company: str, first: str, **more: str) -> None:
    """Let somebody in Magentrix give an account to a person, and both systems be compared."""
    target = kit.link("companies", company).target_id
    kit.partner.edit("Account", target, OwnerId=kit.user(first), **more)
    reconcile(kit.integration, "companies")


def owner_of(kit: Partners, company: str) -> object:
    return kit.person.read("companies", company)["hubspot_owner_id"]


def test_an_owner_that_hubspot_put_away_is_not_sent_back(kit: Partners) -> None:
    company = kit.company("Acorn", "41")
    kit.publish("companies")
    put_away(kit, "42")
    given_to(kit, company, "mona", Phone="+49 30 1")
    assert kit.person.read("companies", company)["phone"] == "+49 30 1"
    assert owner_of(kit, company) == "41", "HubSpot would refuse the one who stands for her"
    assert kit.account(company)["OwnerId"] == kit.user("mona")
    assert kit.link("companies", company).state == LinkState.LINKED


def test_a_pair_whose_owner_was_put_away_stays_as_it_is(kit: Partners) -> None:
    company = kit.company("Acorn", "42")
    kit.publish("companies")
    put_away(kit, "42")
    for phone in ("+49 30 1", "+49 30 2"):
        given_to(kit, company, "mona", Phone=phone)
        assert kit.person.read("companies", company)["phone"] == phone
        assert (owner_of(kit, company), kit.account(company)["OwnerId"]) == (
            "42",
            kit.user("mona"),
        )
    given_to(kit, company, "ines")
    given_to(kit, company, "mona")
    assert owner_of(kit, company) == "42"
    assert kit.link("companies", company).state == LinkState.LINKED


def test_an_owner_who_is_back_reaches_records_that_were_given_meanwhile(kit: Partners) -> None:
    given, agreed = kit.company("Acorn", "41"), kit.company("Birch", "42")
    kit.publish("companies")
    put_away(kit, "42")
    given_to(kit, given, "mona")
    put_away(kit, "42", archived=False)
    work(kit.integration)
    assert (owner_of(kit, given), owner_of(kit, agreed)) == ("42", "42")


def test_another_owner_of_the_same_person_takes_only_records_that_had_no_way_back(
    kit: Partners,
) -> None:
    given, agreed = kit.company("Acorn", "41"), kit.company("Birch", "42")
    kit.publish("companies")
    put_away(kit, "42")
    given_to(kit, given, "mona")
    owners.assign(kit.integration, "50", kit.user("mona"), kit.stage.ada)
    work(kit.integration)
    assert owner_of(kit, given) == "50"
    assert owner_of(kit, agreed) == "42", "both owners mean her, so this record is right"


def test_a_way_back_that_is_new_is_a_change_and_the_default_owners_is_none() -> None:
    forth = {"1": "ann", "2": "zoe"}
    before = Table(forth, {}, "zoe")
    after = Table(forth, {"ann": "1", "zoe": "2"}, "zoe")
    assert changed(before, after) == [("1", "", "ann", True)]
    assert changed(after, after) == []
    assert changed(after, before) == []


def test_what_a_record_may_have_got_is_told_once_and_nothing_stays_a_change() -> None:
    before = Table({"1": "ann"}, {"ann": "1"}, "zoe", {"2": "ben"})
    after = Table({"1": "ann", "2": "zoe", "3": "cy"}, {"ann": "1", "cy": "3"}, "zoe")
    told = second_looks.changes_of(before, after, {"zoe", "raj", "cy"})
    assert {(change.value, change.before, change.after) for change in told} == {
        ("2", "ben", "zoe"),
        ("2", "raj", "zoe"),
        ("2", "cy", "zoe"),
        ("3", "zoe", "cy"),
        ("3", "raj", "cy"),
    }
    assert len(told) == 5
