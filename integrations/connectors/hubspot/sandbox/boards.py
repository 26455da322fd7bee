"""The deal pipelines of an account and their stages: who uses them, and every change of them.

State only. Pipelines are kept in order; a stage's place in its list is its display order.
Source: HubSpot docs, "pipelines guide", 2026-03-30; blocked deletions: changelog, "CRM API write
validation enforcement", 2026.
"""

from typing import TYPE_CHECKING

from integrations.connectors.sandbox_kit import JsonObject

from .errors import ApiError, bad_request

if TYPE_CHECKING:
    from .account import Account

FIRST_ID = 770_000_001
MOST_STAGES = 100


def pipeline_of(account: "Account", pipeline_id: str) -> JsonObject:
    """Return one pipeline; raises ApiError 404."""
    found = account.pipelines.get(pipeline_id)
    if found is None:
        raise ApiError(404, f"Pipeline {pipeline_id} does not exist", "OBJECT_NOT_FOUND")
    return found


def stage_of(pipeline: JsonObject, stage_id: str) -> JsonObject:
    """Return one stage of a pipeline; raises ApiError 404."""
    stages: list[JsonObject] = pipeline["stages"]
    for stage in stages:
        if stage["id"] == stage_id:
            return stage
    raise ApiError(404, f"Stage {stage_id} does not exist", "OBJECT_NOT_FOUND")


def add_pipeline(account: "Account", label: str, pipeline_id: str = "") -> JsonObject:
    """Add an empty pipeline at the end; own ones have numeric ids. Raises ApiError 400."""
    if any(row["label"] == label for row in account.pipelines.values()):
        raise bad_request(f"A pipeline with the label {label} already exists")
    made = pipeline_id or _new_id(account)
    row: JsonObject = {"id": made, "label": label, "displayOrder": len(account.pipelines)}
    account.pipelines[made] = {**row, "stages": []}
    return account.pipelines[made]


def add_stage(
    account: "Account",
    pipeline: JsonObject,
    label: str,
    probability: str,
    *,
    closed: bool = False,
    stage_id: str = "",
    place: int | None = None,
) -> JsonObject:
    """Add a stage, at the end unless a place is given; raises ApiError 400."""
    stages: list[JsonObject] = pipeline["stages"]
    check_probability(probability)
    if any(stage["label"] == label for stage in stages):
        raise bad_request(f"A stage with the label {label} already exists")
    if len(stages) >= MOST_STAGES:
        raise bad_request(f"A pipeline has at most {MOST_STAGES} stages")
    made = {
        "id": stage_id or _new_id(account),
        "label": label,
        "probability": probability,
        "closed": closed,
    }
    stages.insert(len(stages) if place is None else place, made)
    return made


def check_probability(text: str) -> None:
    """Refuse what is no probability between 0 and 1; raises ApiError 400."""
    try:
        is_one = 0 <= float(text) <= 1
    except ValueError:
        is_one = False
    if not is_one:
        raise bad_request(f"Invalid probability {text}: between 0.0 and 1.0 is expected")


def move_stage(pipeline: JsonObject, stage: JsonObject, place: int) -> None:
    """Put a stage at another place of its pipeline."""
    pipeline["stages"].remove(stage)
    pipeline["stages"].insert(place, stage)


def remove_stage(pipeline: JsonObject, stage: JsonObject) -> None:
    """Take a stage away; deals that are in it keep its id."""
    pipeline["stages"].remove(stage)


def remove_pipeline(account: "Account", pipeline: JsonObject) -> None:
    """Take a pipeline away; deals that are in it keep its id."""
    del account.pipelines[pipeline["id"]]


def refuse_if_used(account: "Account", pipeline: JsonObject, stage: JsonObject | None) -> None:
    """Refuse the deletion of what live deals are in; raises ApiError 400."""
    store = account.stores["deals"]
    users = [
        record_id
        for record_id in store.live
        if store.records[record_id].get("pipeline") == pipeline["id"]
        and (stage is None or store.records[record_id].get("dealstage") == stage["id"])
    ]
    if not users:
        return
    what = "PIPELINE" if stage is None else "STAGE"
    used = (stage or pipeline)["id"]
    raise ApiError(
        400,
        f"{what.title()} {used} is being used by {len(users)} objects and cannot be deleted",
        "VALIDATION_ERROR",
        sub_category=f"PipelineError.{what}_ID_IN_USE",
        context={
            f"{what.lower()}Ids": [used],
            "objectIds": [str(record_id) for record_id in users[:10]],
        },
    )


def pipeline_with(account: "Account", stage_id: str) -> str:
    """Return the first pipeline that has a stage, "" for none."""
    for row in account.pipelines.values():
        if any(stage["id"] == stage_id for stage in row["stages"]):
            return str(row["id"])
    return ""


def _new_id(account: "Account") -> str:
    rows = account.pipelines.values()
    taken = {*account.pipelines, *(stage["id"] for row in rows for stage in row["stages"])}
    number = FIRST_ID + len(taken)
    while str(number) in taken:
        number += 1
    return str(number)
