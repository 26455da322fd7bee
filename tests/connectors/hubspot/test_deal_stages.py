"""A deal's pipeline and stage as one field: its choices, reading, writing, moving across."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integrations.connectors.hubspot import stages
from integrations.engine.errors import ConfigInvalid, Rejected, Scope, SyncError
from integrations.engine.filters import Condition, Filter, Operator
from integrations.engine.ports import CreateItem, Outcome, UpdateItem
from integrations.engine.reasons import Reason
from integrations.engine.records import ABSENT, BLANK, UNREADABLE, FieldType, Value
from tests.connectors.hubspot.association_rig import calls, spent
from tests.connectors.hubspot.rig import HubSpotRig
from tests.rig import record_of

STAGE = "@stage"
SALES, RENEWAL = "default", "770000100"
FIELDS = ("dealname", STAGE)


@pytest.fixture
def rig(rig: HubSpotRig) -> HubSpotRig:
    """An account with a second pipeline, one of whose stages has an id of the first one."""
    rig.person.add_pipeline("Renewal", {"asked": "Asked", "closedwon": "Renewed"}, RENEWAL)
    return rig


def deal(rig: HubSpotRig, stage: str = "contractsent", pipeline: str = SALES) -> str:
    return rig.person.create(
        "deals", {"dealname": "Roof", "pipeline": pipeline, "dealstage": stage}
    )


def put(rig: HubSpotRig, record_id: str, **values: Value) -> Outcome:
    named = {name.replace("at_", "@"): value for name, value in values.items()}
    [outcome] = rig.connector.update("deals", [UpdateItem("u", record_id, named)])
    return outcome


def refused(outcome: Outcome) -> SyncError:
    assert outcome.error is not None
    return outcome.error


# ---------------------------------------------------------------- definition


def test_the_choices_are_all_stages_of_all_pipelines_in_display_order(rig: HubSpotRig) -> None:
    [spec] = [one for one in rig.connector.describe("deals") if one.name == STAGE]
    assert (spec.type, spec.read_only) == (FieldType.CHOICE, False)
    assert spec.options[0].value == "default:appointmentscheduled"
    assert spec.options[0].label == "Sales Pipeline – Appointment Scheduled"
    assert [(o.value, o.label) for o in spec.options[-2:]] == [
        (f"{RENEWAL}:asked", "Renewal – Asked"),
        (f"{RENEWAL}:closedwon", "Renewal – Renewed"),
    ]


def test_both_properties_stay_and_can_be_chosen_from(rig: HubSpotRig) -> None:
    specs = {spec.name: spec for spec in rig.connector.describe("deals")}
    assert [o.label for o in specs["pipeline"].options] == ["Sales Pipeline", "Renewal"]
    values = [o.value for o in specs["dealstage"].options]
    assert values.count("closedwon") == 1
    assert values[-1] == "asked"
    record = rig.connector.fetch("deals", [made := deal(rig)], ["pipeline", "dealstage"])[made]
    assert record.values == {"pipeline": "default", "dealstage": "contractsent"}


def test_archived_pipelines_and_stages_are_no_choices() -> None:
    old = {"id": "1", "label": "Old", "archived": True, "stages": [{"id": "a"}]}
    new = {"id": "2", "stages": [{"id": "b"}, {"id": "c", "archived": True}]}
    assert [(o.value, o.label) for o in stages.options([old, new])] == [("2:b", "2 – b")]
    assert [o.value for o in stages.pipeline_options([old, new])] == ["2"]


def test_contacts_and_companies_have_no_stage(rig: HubSpotRig) -> None:
    for kind in ("contacts", "companies"):
        assert STAGE not in {spec.name for spec in rig.connector.describe(kind)}


# ---------------------------------------------------------------- reading


def test_a_pass_reads_stages_with_its_one_call_per_hundred(rig: HubSpotRig) -> None:
    made = [deal(rig) for _ in range(100)]
    rig.connector.describe("deals")
    calls(rig)
    page = rig.connector.scan("deals", "", FIELDS)
    assert {record.get(STAGE) for record in page.records} == {"default:contractsent"}
    found = rig.connector.fetch("deals", made, FIELDS)
    assert {record.get(STAGE) for record in found.values()} == {"default:contractsent"}
    assert spent(rig) == 2


def test_the_same_stage_in_two_pipelines_is_two_values(rig: HubSpotRig) -> None:
    one, other = deal(rig, "closedwon"), deal(rig, "closedwon", RENEWAL)
    found = rig.connector.fetch("deals", [one, other], FIELDS)
    assert found[one].get(STAGE) == "default:closedwon"
    assert found[other].get(STAGE) == f"{RENEWAL}:closedwon"


def test_a_stage_that_was_taken_away_is_still_read(rig: HubSpotRig) -> None:
    made = deal(rig, "asked", RENEWAL)
    rig.person.remove_pipeline(RENEWAL)
    spec = next(one for one in rig.connector.describe("deals") if one.name == STAGE)
    assert f"{RENEWAL}:asked" not in {option.value for option in spec.options}
    assert rig.connector.fetch("deals", [made], FIELDS)[made].get(STAGE) == f"{RENEWAL}:asked"


@pytest.mark.parametrize(
    ("pipeline", "stage", "value"),
    [
        ("default", "won", "default:won"),
        (None, None, BLANK),
        ("", "", BLANK),
        ("default", None, UNREADABLE),
        (None, "won", UNREADABLE),
    ],
)
def test_half_a_stage_is_never_taken_for_none(
    pipeline: str | None, stage: str | None, value: Value
) -> None:
    assert stages.composed(pipeline, stage) == value


def test_changes_show_the_stage_and_a_move_across_pipelines(rig: HubSpotRig) -> None:
    made = deal(rig)
    rig.sandbox.clock_offset += timedelta(minutes=1)
    rig.person.edit("deals", made, {"dealstage": "asked"})
    [record] = rig.connector.changes("deals", "", FIELDS).records
    assert record.get(STAGE) == f"{RENEWAL}:asked"
    [past] = rig.connector.history("deals", made, [STAGE]).values()
    assert [step.value for step in past] == [f"{RENEWAL}:asked", "default:contractsent"]
    assert past[0].source == "A person in HubSpot"


def test_history_of_a_stage_needs_both_parts(rig: HubSpotRig) -> None:
    made = deal(rig)
    found = rig.connector.history("deals", made, ["dealname", "@company"])
    assert set(found) == {"dealname"}


# ---------------------------------------------------------------- writing


def test_writing_moves_a_deal_to_another_pipeline_and_back(rig: HubSpotRig) -> None:
    made = deal(rig)
    for wanted in (f"{RENEWAL}:closedwon", "default:closedwon", "default:qualifiedtobuy"):
        assert record_of(put(rig, made, at_stage=wanted)).values == {STAGE: wanted}
        held = rig.person.read("deals", made)
        assert f"{held['pipeline']}:{held['dealstage']}" == wanted


def test_a_hundred_stages_are_written_in_one_call(rig: HubSpotRig) -> None:
    made = [deal(rig) for _ in range(100)]
    rig.connector.describe("deals")
    calls(rig)
    items = [UpdateItem(i, i, {STAGE: f"{RENEWAL}:asked"}) for i in made]
    outcomes = rig.connector.update("deals", items)
    assert {record_of(o).get(STAGE) for o in outcomes} == {f"{RENEWAL}:asked"}
    assert calls(rig) == {"batch/update": 1}


def test_a_deal_is_created_in_its_stage(rig: HubSpotRig) -> None:
    item = CreateItem("1", {"dealname": "Roof", STAGE: f"{RENEWAL}:asked"})
    [outcome] = rig.connector.create("deals", [item])
    held = rig.person.read("deals", record_of(outcome).id)
    assert (held["pipeline"], held["dealstage"]) == (RENEWAL, "asked")
    assert record_of(outcome).get(STAGE) == f"{RENEWAL}:asked"


@pytest.mark.parametrize("wanted", ["default:nowhere", "nowhere:asked", f"{SALES}:asked"])
def test_a_refused_stage_is_the_fault_of_the_joint_field(rig: HubSpotRig, wanted: str) -> None:
    good, bad = deal(rig), deal(rig)
    items = [
        UpdateItem("good", good, {STAGE: f"{RENEWAL}:asked"}),
        UpdateItem("bad", bad, {STAGE: wanted, "dealname": "Wall"}),
    ]
    found = {outcome.ref: outcome for outcome in rig.connector.update("deals", items)}
    assert record_of(found["good"]).get(STAGE) == f"{RENEWAL}:asked"
    error = refused(found["bad"])
    assert (type(error), error.fields, error.reason) == (
        Rejected,
        (STAGE,),
        Reason.VALUE_INVALID,
    )
    assert rig.person.read("deals", bad)["dealname"] == "Roof"


@pytest.mark.parametrize("wanted", [BLANK, "contractsent", ":asked", "default:", UNREADABLE])
def test_what_is_no_stage_is_refused_without_a_call(rig: HubSpotRig, wanted: Value) -> None:
    made = deal(rig)
    rig.connector.describe("deals")
    calls(rig)
    error = refused(put(rig, made, at_stage=wanted, dealname="Wall"))
    assert (error.scope, error.retryable, error.fields) == (Scope.RECORD, False, (STAGE,))
    [outcome] = rig.connector.create("deals", [CreateItem("1", {"dealname": "W", STAGE: wanted})])
    assert refused(outcome).fields == (STAGE,)
    assert spent(rig) == 0


def test_an_unknown_stage_leaves_the_deal_where_it_is(rig: HubSpotRig) -> None:
    made = deal(rig)
    assert record_of(put(rig, made, at_stage=ABSENT, dealname="Wall")).values == {
        "dealname": "Wall"
    }
    assert rig.person.read("deals", made)["dealstage"] == "contractsent"


def test_search_does_not_understand_the_joint_field(rig: HubSpotRig) -> None:
    wanted = Filter(((Condition(STAGE, Operator.EQUALS, ("default:asked",)),),))
    assert rig.connector.count("deals", wanted) is None
    with pytest.raises(ConfigInvalid):
        rig.connector.select("deals", wanted, "", FIELDS)
