"""What is found, made or left to a person before anything is synced; and the stages of deals."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from integrations.connectors.xentral.sandbox import DEMO_TOKEN
from integrations.engine.errors import AuthFailed, ConfigInvalid
from integrations.engine.extras import Prepared, Stage, Step, StepState
from integrations.engine.specs import Option
from tests.connectors.xentral.rig import ACCOUNT, AddressRig, ResubmissionRig, Watch, XentralRig

LISTS = {
    "contacts.hs_lead_status": (Option("NEW", "Neu"), Option("OPEN", "Geöffnet")),
    "contacts.lifecyclestage": (Option("lead", "Lead"), Option("customer", "Kunde")),
}


@pytest.fixture
def beta(watch: Watch) -> AddressRig:
    return AddressRig(watch, switches={"v3_beta": True})


def prepare(rig: XentralRig, **settings: str) -> Prepared:
    return rig.connector.prepare(settings, LISTS)


def steps(prepared: Prepared) -> Mapping[str, Step]:
    return {step.key: step for step in prepared.steps}


def states(prepared: Prepared) -> dict[str, str]:
    return {step.key: step.state.value for step in prepared.steps}


def test_a_fresh_instance_gets_all_that_is_needed(beta: AddressRig) -> None:
    made = prepare(beta)
    assert made.is_ready
    assert states(made) == {
        "access": "found",
        "group": "made",
        "lead_field": "made",
        "lifecycle_field": "made",
        "columns": "remark",
        "view": "made",
    }
    [group] = beta.connector.groups.every()
    assert (group["name"], group["kennziffer"], group["art"]) == ("Hubspot", "HUBSPOT", "gruppe")
    assert made.settings == {
        "group_id": group["id"],
        "group_mode": "v3",
        "lead_field": "freifeld1",
        "lifecycle_field": "freifeld2",
    }


def test_a_second_time_everything_is_found(beta: AddressRig) -> None:
    first = prepare(beta)
    again = prepare(beta, **first.settings)
    assert again.settings == first.settings
    assert "made" not in states(again).values()
    assert len(beta.connector.groups.every()) == 1
    assert len(beta.connector.present.free_fields()) == 2


def test_the_free_fields_can_be_chosen_from_hubspots_values(beta: AddressRig) -> None:
    prepare(beta)
    lead, lifecycle = beta.connector.present.free_fields()
    assert lead.options == LISTS["contacts.hs_lead_status"]
    assert lifecycle.options == LISTS["contacts.lifecyclestage"]
    found = {spec.name: spec for spec in beta.connector.describe("addresses")}
    assert found["freifeld1"].label == "Hubspot Lead-Status"
    assert found["freifeld1"].options == lead.options


def test_empty_fields_between_others_are_used(beta: AddressRig) -> None:
    for number in (1, 2, 4, 5):
        beta.person.add_free_field(f"Größe {number}", number=number)
    made = prepare(beta)
    assert made.settings["lead_field"] == "freifeld3"
    assert made.settings["lifecycle_field"] == "freifeld6"


@pytest.mark.parametrize("taken", [9, 10, 20])
def test_without_room_nothing_is_made_and_the_steps_are_said(beta: AddressRig, taken: int) -> None:
    for number in range(1, taken + 1):
        beta.person.add_free_field(f"Größe {number}", number=number)
    made = prepare(beta)
    step = steps(made)["free_fields"]
    assert step.state is StepState.BY_HAND
    assert not made.is_ready
    assert f"{taken} of 20" in step.detail
    assert "Free fields" in step.detail
    assert "NEW, OPEN" in step.detail
    assert len(beta.connector.present.free_fields()) == taken
    assert "lead_field" not in made.settings


def test_a_field_that_somebody_renamed_is_still_the_one(beta: AddressRig) -> None:
    first = prepare(beta)
    beta.sandbox.instance.free_fields[1]["name"] = "Status aus HubSpot"
    again = prepare(beta, **first.settings)
    assert again.settings["lead_field"] == "freifeld1"
    assert len(beta.connector.present.free_fields()) == 2


def test_a_field_that_the_old_interface_hides_must_be_moved(beta: AddressRig) -> None:
    beta.person.add_free_field("Hubspot Lead-Status", number=12)
    step = steps(prepare(beta))["lead_field"]
    assert step.state is StepState.BY_HAND
    assert "free field 12" in step.detail


def test_new_values_of_hubspot_are_remarked_on(beta: AddressRig) -> None:
    first = prepare(beta)
    more = {**LISTS, "contacts.hs_lead_status": (Option("LOST", "Verloren"),)}
    again = beta.connector.prepare(first.settings, more)
    assert "LOST" in steps(again)["options_1"].detail
    assert again.is_ready


def test_with_an_api_account_alone_the_fields_are_made_by_hand(watch: Watch) -> None:
    rig = AddressRig(watch, ACCOUNT)
    step = steps(prepare(rig))["free_fields"]
    assert step.state is StepState.BY_HAND
    assert "access token" in step.detail


# ---------------------------------------------------------------- group


def test_a_group_is_found_by_its_name_or_its_short_name(beta: AddressRig) -> None:
    beta.person.add_group("HubSpot-Kontakte", "HUBSPOT")
    named = beta.person.add_group("Freigabe Börse", "B")
    assert prepare(beta, group="Freigabe Börse").settings["group_id"] == named
    assert states(prepare(beta))["group"] == "found"


def test_without_version_3_membership_is_kept_here_and_people_are_told(
    addresses: AddressRig,
) -> None:
    made = prepare(addresses)
    assert made.settings["group_mode"] == "own"
    assert steps(made)["membership"].state is StepState.REMARK
    assert made.is_ready


def test_an_association_can_be_joined_without_version_3(addresses: AddressRig) -> None:
    addresses.person.add_group("Hubspot", "HUBSPOT", "verband")
    made = prepare(addresses)
    assert made.settings["group_mode"] == "verband"
    assert "membership" not in states(made)


def test_a_group_that_may_not_be_made_is_left_to_a_person(watch: Watch) -> None:
    rig = AddressRig(watch, ACCOUNT)
    rights = "list_addresses list_resubmissions list_groups".split()
    rig.sandbox.add_account(ACCOUNT["app"], ACCOUNT["init_key"], rights)
    step = steps(prepare(rig, sync_deals=""))["group"]
    assert step.state is StepState.BY_HAND
    assert "Make a group “Hubspot”" in step.detail


# ---------------------------------------------------------------- switches, access


def test_only_what_is_switched_on_is_prepared(beta: AddressRig) -> None:
    assert states(prepare(beta, sync_contacts="", sync_deals="")) == {"access": "found"}
    assert "view" not in states(prepare(beta, stage_mode="manual"))
    assert set(states(prepare(beta, sync_contacts=""))) == {"access", "view"}


def test_a_refused_access_is_an_error_and_no_step(beta: AddressRig) -> None:
    beta.sandbox.revoke(DEMO_TOKEN)
    with pytest.raises(AuthFailed):
        prepare(beta)


# ---------------------------------------------------------------- stages


WANTED = [Stage("", "Angebot geprüft"), Stage("", "Verhandlung"), Stage("", "Gewonnen", chance=100)]


def test_stages_are_listed_by_board_in_their_order(deals: ResubmissionRig) -> None:
    found = deals.connector.stages()
    assert [(s.board, s.label, s.order, s.chance) for s in found][:2] == [
        ("Standard", "Erste Anfrage", 1, 10),
        ("Standard", "Kontakt aufgenommen", 2, 25),
    ]
    assert not any(stage.seen_only for stage in found)


def test_missing_stages_are_made_in_order_and_none_twice(deals: ResubmissionRig) -> None:
    first = deals.connector.make_stages("Hubspot", WANTED[:2])
    again = deals.connector.make_stages("Hubspot", [Stage("", "VERHANDLUNG"), *WANTED])
    assert [stage.label for stage in again] == ["Angebot geprüft", "Verhandlung", "Gewonnen"]
    assert [stage.order for stage in again] == [1, 2, 3]
    assert [stage.id for stage in again[:2]] == [stage.id for stage in first]
    assert {stage.board for stage in again} == {"Hubspot"}


def test_a_hidden_stage_is_not_offered(deals: ResubmissionRig) -> None:
    board = deals.person.add_view("Süd")
    deals.person.add_stage(board, "Verborgen", ausblenden=1)
    assert "Verborgen" not in {stage.label for stage in deals.connector.stages()}


def test_without_the_addon_only_seen_stages_are_known(watch: Watch) -> None:
    rig = ResubmissionRig(watch, switches={"stage_addon": False})
    [made, _other] = rig.fill(2)
    rig.person.edit("resubmissions", made, stages="3")
    assert rig.connector.stages() == [Stage("3", "Stage 3", seen_only=True)]


def test_without_the_addon_the_steps_are_said_with_the_names(watch: Watch) -> None:
    rig = ResubmissionRig(watch, switches={"stage_addon": False})
    with pytest.raises(ConfigInvalid, match=r"view “Hubspot”.*“Angebot geprüft”, “Verhandlung”"):
        rig.connector.make_stages("Hubspot", WANTED)
    prepared = prepare(rig, sync_contacts="")
    assert steps(prepared)["view"].state is StepState.REMARK
    assert prepared.is_ready


def test_stages_are_the_options_of_their_field(deals: ResubmissionRig) -> None:
    found = {spec.name: spec for spec in deals.connector.describe("resubmissions")}
    assert found["stages"].options[0].label == "Standard – Erste Anfrage"
