"""What a record's properties held before, and who or what set them, in words for people.

HubSpot names users only by number, and that number means nothing to anybody: it is not shown.
Source: HubSpot docs, object APIs, 2026-03-30; source types are an open list, as seen in captures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from integrations.connectors.hubspot import stages
from integrations.connectors.hubspot.client import HubSpotClient
from integrations.connectors.hubspot.payloads import PSEUDO, READERS, JsonObject, batches, instant
from integrations.engine.extras import PastValue
from integrations.engine.records import BLANK, FieldType, as_text
from integrations.engine.specs import FieldSpec

NAMES: Final = 40
"""How many properties one address holds safely."""
PERSON: Final = "A person in HubSpot"
_WORDS: Final = {
    "CRM_UI": PERSON,
    "CRM": PERSON,
    "MOBILE_IOS": "A person in HubSpot's mobile app",
    "MOBILE_ANDROID": "A person in HubSpot's mobile app",
    "CONTACTS_WEB": PERSON,
    "API": "A program",
    "INTEGRATION": "An app",
    "IMPORT": "An import",
    "FORM": "A form",
    "WORKFLOWS": "A workflow",
    "AUTOMATION_PLATFORM": "A workflow",
    "CALCULATED": "A calculation in HubSpot",
    "CRM_SETTING": "A setting in HubSpot",
    "MERGE_OBJECTS": "A merge of records",
    "MERGE_CONTACTS": "A merge of records",
    "MERGE_COMPANIES": "A merge of records",
    "DATA_ENRICHMENT": "HubSpot's data enrichment",
    "MIGRATION": "A migration",
}


def history(
    client: HubSpotClient,
    object_type: str,
    record_id: str,
    names: Sequence[str],
    schema: Mapping[str, FieldSpec],
    app_id: str,
) -> dict[str, list[PastValue]]:
    """Return each property's values, newest first; what has no history is left out."""
    found: dict[str, list[PastValue]] = {}
    parts = stages.PARTS if stages.STAGE in names else ()
    known = [name for name in dict.fromkeys((*names, *parts)) if not name.startswith(PSEUDO)]
    for some in batches(known, NAMES):
        payload = client.get_history(object_type, record_id, some)
        versions = (payload or {}).get("propertiesWithHistory") or {}
        for name in some:
            kind = schema[name].type if name in schema else FieldType.TEXT
            past = [_past(entry, kind, app_id) for entry in versions.get(name) or ()]
            if kept := [one for one in past if one is not None]:
                found[name] = kept
    if parts and all(part in found for part in parts):
        found[stages.STAGE] = _stages(*(found[part] for part in parts))
    return {name: found[name] for name in names if name in found}


def _stages(pipelines: Sequence[PastValue], dealstages: Sequence[PastValue]) -> list[PastValue]:
    """Return where a deal was, newest first: each stage in the pipeline of its time.

    A move to another pipeline sets both at the same instant and is one step.
    """
    moves = sorted({past.at for past in (*pipelines, *dealstages)}, reverse=True)
    steps: list[PastValue] = []
    for at in moves:
        pipeline, stage = (
            next((past for past in held if past.at <= at), None) for held in (pipelines, dealstages)
        )
        if pipeline is not None and stage is not None:
            names = (as_text(pipeline.value), as_text(stage.value))
            by = stage if stage.at == at else pipeline
            steps.append(PastValue(stages.composed(*names), at, by.source))
    return steps


def _past(entry: JsonObject, kind: FieldType, app_id: str) -> PastValue | None:
    at = instant(str(entry.get("timestamp") or ""))
    if at is None:
        return None
    text = str(entry.get("value") or "")
    return PastValue(READERS[kind](text) if text else BLANK, at, source_words(entry, app_id))


def source_words(entry: JsonObject, app_id: str) -> str:
    """Say who made a change; "HubSpot" for sources that are not known."""
    kind, source = str(entry.get("sourceType") or ""), str(entry.get("sourceId") or "")
    if app_id and kind == "INTEGRATION" and source == app_id:
        return "This portal"
    words = _WORDS.get(kind, PERSON if source.startswith("userId:") else "HubSpot")
    label = str(entry.get("sourceLabel") or "").strip()
    shown = label and "@" not in label and label.upper() != kind and words != PERSON
    return f"{words} ({label[:60]})" if shown else words
