"""A deal's pipeline and stage as one field, because a stage alone does not say where it is.

The field's value is "<pipeline id>:<stage id>". Calls nothing.
Source: HubSpot docs, pipelines guide, 2026-03-30.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from integrations.connectors.hubspot.payloads import JsonObject
from integrations.engine.errors import Rejected, SyncError
from integrations.engine.reasons import Reason
from integrations.engine.records import BLANK, UNREADABLE, FieldType, Value
from integrations.engine.specs import FieldSpec, Option

STAGE: Final = "@stage"
PIPELINE: Final = "pipeline"
DEALSTAGE: Final = "dealstage"
PARTS: Final = (PIPELINE, DEALSTAGE)
STAGED: Final = "deals"
"""The object type that has pipelines here."""


# ---------------------------------------------------------------- values


def composed(pipeline: str | None, stage: str | None) -> Value:
    """Return the value for both properties; one without the other says nothing."""
    if pipeline and stage:
        return f"{pipeline}:{stage}"
    return UNREADABLE if pipeline or stage else BLANK


def split(value: Value) -> dict[str, Value]:
    """Return both properties for a value; raises Rejected for one that is no place for a deal."""
    pipeline, colon, stage = value.partition(":") if isinstance(value, str) else ("", "", "")
    if pipeline and colon and stage:
        return {PIPELINE: pipeline, DEALSTAGE: stage}
    what = "A deal needs a stage" if value is BLANK else "This is no stage of a HubSpot pipeline"
    raise Rejected(f"{what}: it was not sent.", reason=Reason.VALUE_INVALID, fields=(STAGE,))


def spoken(error: SyncError) -> None:
    """Let a refusal of one of the two properties be about the field they make up."""
    names = (STAGE if name in PARTS else name for name in error.fields)
    error.fields = tuple(dict.fromkeys(names))


# ---------------------------------------------------------------- definitions


def live(pipelines: Sequence[JsonObject]) -> Iterator[tuple[JsonObject, JsonObject]]:
    """Yield every stage that is in use with its pipeline, in the order of `pipelines`."""
    for pipeline in pipelines:
        if pipeline.get("archived") is not True:
            for stage in pipeline.get("stages") or ():
                if stage.get("archived") is not True:
                    yield pipeline, stage


def options(pipelines: Sequence[JsonObject]) -> tuple[Option, ...]:
    """Return the choices of the field: "Pipeline – Stage" in display order."""
    return tuple(
        Option(f"{pipeline['id']}:{stage['id']}", f"{_label(pipeline)} – {_label(stage)}")
        for pipeline, stage in live(pipelines)
    )


def pipeline_options(pipelines: Sequence[JsonObject]) -> tuple[Option, ...]:
    """Return the pipelines in use as choices."""
    return tuple(
        Option(str(pipeline["id"]), _label(pipeline))
        for pipeline in pipelines
        if pipeline.get("archived") is not True
    )


def with_stage(specs: Iterable[FieldSpec], pipelines: Sequence[JsonObject]) -> list[FieldSpec]:
    """Return a deal's fields with the joint one, and with choices for both properties.

    HubSpot's definitions of the two name no options. A stage id that two pipelines share is
    listed once.
    """
    joint = options(pipelines)
    single: dict[str, Option] = {}
    for pipeline, stage in live(pipelines):
        label = f"{_label(pipeline)} – {_label(stage)}"
        single.setdefault(str(stage["id"]), Option(str(stage["id"]), label))
    choices: Mapping[str, tuple[Option, ...]] = {
        PIPELINE: pipeline_options(pipelines),
        DEALSTAGE: tuple(single.values()),
    }
    found = [
        replace(spec, options=choices[spec.name])
        if spec.name in choices and not spec.options
        else spec
        for spec in specs
    ]
    return [*found, FieldSpec(STAGE, "Pipeline and stage", FieldType.CHOICE, joint)]


def _label(entry: JsonObject) -> str:
    return str(entry.get("label") or "").strip() or str(entry["id"])
