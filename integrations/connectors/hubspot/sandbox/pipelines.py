"""The pipeline calls: only deals have pipelines here. What they change is in `boards`.

Source: HubSpot docs, "pipelines guide", 2026-03-30.
"""

from typing import TYPE_CHECKING

from integrations.connectors.sandbox_kit import JsonObject, SandboxResponse, empty, json_response

from . import boards
from .call import Call
from .kinds import DEALS, kind_named

if TYPE_CHECKING:
    from .server import HubSpotSandbox

PIPELINES = ("/crm/pipelines/2026-09", "/crm/pipelines/2026-03", "/crm/v3/pipelines")
CHANGES = "crm.schemas.deals.write"
CHECKS = ("validateReferencesBeforeDelete", "validateDealStageUsagesBeforeDelete")
EPOCH = "1970-01-01T00:00:00Z"


class PipelinesApi:
    """Handlers of the pipeline and stage calls."""

    def __init__(self, sandbox: "HubSpotSandbox") -> None:
        for base in PIPELINES:
            path = f"{base}/{{object_type}}"
            one, stages = f"{path}/{{pipeline_id}}", f"{path}/{{pipeline_id}}/stages"
            stage = f"{stages}/{{stage_id}}"
            sandbox.api("GET", path, self.list)
            sandbox.api("POST", path, self.create)
            sandbox.api("GET", one, self.read)
            sandbox.api("DELETE", one, self.delete)
            sandbox.api("GET", stages, self.stages)
            sandbox.api("POST", stages, self.create_stage)
            sandbox.api("GET", stage, self.read_stage)
            sandbox.api("DELETE", stage, self.delete_stage)
            for verb in ("PATCH", "PUT"):
                sandbox.api(verb, one, self.change)
                sandbox.api(verb, stage, self.change_stage)

    def list(self, call: Call, object_type: str) -> SandboxResponse:
        """GET pipelines/{type}."""
        kind = kind_named(object_type)
        call.need(kind, "read")
        rows = call.account.pipelines.values() if kind is DEALS else ()
        return json_response({"results": [_view(row) for row in rows]})

    def read(self, call: Call, object_type: str, pipeline_id: str) -> SandboxResponse:
        """GET pipelines/{type}/{id}."""
        return json_response(_view(_reading(call, object_type, pipeline_id)))

    def create(self, call: Call, object_type: str) -> SandboxResponse:
        """POST pipelines/{type}: 201, with its stages."""
        _may_change(call, object_type)
        body = call.json()
        made = boards.add_pipeline(call.account, call.member(body, "label", str))
        try:
            for row in call.member(body, "stages", list):
                _add_stage(call, made, row)
        except Exception:
            boards.remove_pipeline(call.account, made)
            raise
        return json_response(_view(made), 201)

    def change(self, call: Call, object_type: str, pipeline_id: str) -> SandboxResponse:
        """PATCH pipelines/{type}/{id}: its label and order."""
        pipeline, body = _changing(call, object_type, pipeline_id), call.json()
        pipeline["label"] = call.member(body, "label", str, pipeline["label"])
        pipeline["displayOrder"] = call.member(body, "displayOrder", int, pipeline["displayOrder"])
        return json_response(_view(pipeline))

    def delete(self, call: Call, object_type: str, pipeline_id: str) -> SandboxResponse:
        """DELETE pipelines/{type}/{id}: refused while deals are in it."""
        pipeline = _changing(call, object_type, pipeline_id)
        if _is_checked(call):
            boards.refuse_if_used(call.account, pipeline, None)
        boards.remove_pipeline(call.account, pipeline)
        return empty()

    def stages(self, call: Call, object_type: str, pipeline_id: str) -> SandboxResponse:
        """GET pipelines/{type}/{id}/stages."""
        shown = _view(_reading(call, object_type, pipeline_id))
        return json_response({"results": shown["stages"]})

    def read_stage(
        self, call: Call, object_type: str, pipeline_id: str, stage_id: str
    ) -> SandboxResponse:
        """GET pipelines/{type}/{id}/stages/{stage}."""
        pipeline = _reading(call, object_type, pipeline_id)
        return json_response(_stage_view(pipeline, boards.stage_of(pipeline, stage_id)))

    def create_stage(self, call: Call, object_type: str, pipeline_id: str) -> SandboxResponse:
        """POST pipelines/{type}/{id}/stages: 201."""
        pipeline = _changing(call, object_type, pipeline_id)
        return json_response(_stage_view(pipeline, _add_stage(call, pipeline, call.json())), 201)

    def change_stage(
        self, call: Call, object_type: str, pipeline_id: str, stage_id: str
    ) -> SandboxResponse:
        """PATCH pipelines/{type}/{id}/stages/{stage}: its label, order and probability."""
        pipeline, body = _changing(call, object_type, pipeline_id), call.json()
        stage = boards.stage_of(pipeline, stage_id)
        metadata = call.member(body, "metadata", dict, {})
        probability = str(metadata.get("probability", stage["probability"]))
        boards.check_probability(probability)
        stage["label"] = call.member(body, "label", str, stage["label"])
        stage["probability"] = probability
        stage["closed"] = str(metadata.get("isClosed", stage["closed"])).lower() == "true"
        if "displayOrder" in body:
            boards.move_stage(pipeline, stage, call.member(body, "displayOrder", int))
        return json_response(_stage_view(pipeline, stage))

    def delete_stage(
        self, call: Call, object_type: str, pipeline_id: str, stage_id: str
    ) -> SandboxResponse:
        """DELETE pipelines/{type}/{id}/stages/{stage}: refused while deals are in it."""
        pipeline = _changing(call, object_type, pipeline_id)
        stage = boards.stage_of(pipeline, stage_id)
        if _is_checked(call):
            boards.refuse_if_used(call.account, pipeline, stage)
        boards.remove_stage(pipeline, stage)
        return empty()


def _reading(call: Call, object_type: str, pipeline_id: str) -> JsonObject:
    kind = kind_named(object_type)
    call.need(kind, "read")
    return boards.pipeline_of(call.account, pipeline_id if kind is DEALS else "")


def _may_change(call: Call, object_type: str) -> None:
    if kind_named(object_type) is not DEALS:
        boards.pipeline_of(call.account, "")
    call.need_any(CHANGES)


def _changing(call: Call, object_type: str, pipeline_id: str) -> JsonObject:
    _may_change(call, object_type)
    return boards.pipeline_of(call.account, pipeline_id)


def _is_checked(call: Call) -> bool:
    """Version 2026-09 never deletes what is in use; older ones only where they are asked not to."""
    return call.enforces or any(call.flag(name) for name in CHECKS)


def _add_stage(call: Call, pipeline: JsonObject, row: JsonObject) -> JsonObject:
    metadata = call.member(row, "metadata", dict)
    return boards.add_stage(
        call.account,
        pipeline,
        call.member(row, "label", str),
        str(metadata.get("probability", "")),
        closed=str(metadata.get("isClosed", "")).lower() == "true",
        place=row.get("displayOrder"),
    )


def _view(row: JsonObject) -> JsonObject:
    """Show a pipeline; its stages are not sorted, readers go by `displayOrder`."""
    stages = [_stage_view(row, stage) for stage in row["stages"]]
    return {
        "id": row["id"],
        "label": row["label"],
        "displayOrder": row["displayOrder"],
        "stages": sorted(stages, key=lambda stage: str(stage["label"])),
        "createdAt": EPOCH,
        "updatedAt": EPOCH,
        "archived": False,
    }


def _stage_view(pipeline: JsonObject, stage: JsonObject) -> JsonObject:
    return {
        "id": stage["id"],
        "label": stage["label"],
        "displayOrder": pipeline["stages"].index(stage),
        "metadata": {
            "isClosed": "true" if stage["closed"] else "false",
            "probability": stage["probability"],
        },
        "createdAt": EPOCH,
        "updatedAt": EPOCH,
        "archived": False,
        "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
    }
