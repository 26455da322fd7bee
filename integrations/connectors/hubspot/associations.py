"""Associations as fields: which partners a record has, read in bulk. Writing is in `reaching`.

Source: HubSpot docs, associations guide, 2026-03-30.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from integrations.connectors.hubspot.client import HubSpotClient
from integrations.connectors.hubspot.payloads import JsonObject
from integrations.connectors.hubspot.records import Partner, distinct, shown_partners
from integrations.connectors.hubspot.replies import after_of
from integrations.connectors.hubspot.spec import ASSOCIATIONS, PRIMARY_TYPES
from integrations.engine.records import FieldType
from integrations.engine.specs import FieldSpec

PATH: Final = "/crm/associations/2026-09"
READ: Final = 1_000
NONE_FOUND: Final = "NO_ASSOCIATIONS_FOUND"

Partners = Mapping[str, tuple[Partner, ...] | None]
"""Partners by record id; None where HubSpot did not say."""


def field_specs(object_type: str) -> list[FieldSpec]:
    """Return the association fields of an object type."""
    return [
        FieldSpec(a.name, a.label, FieldType.REFERENCE, references=a.other)
        for a in ASSOCIATIONS.get(object_type, ())
    ]


# ---------------------------------------------------------------- reading


def partners(client: HubSpotClient, object_type: str, other: str, ids: Iterable[str]) -> Partners:
    """Return the partners of each record, once each, to the end of long lists."""
    found: dict[str, tuple[Partner, ...] | None] = {wanted: () for wanted in ids}
    waiting: list[JsonObject] = [{"id": wanted} for wanted in found]
    path = f"{PATH}/{object_type}/{other}/batch/read"
    while waiting:
        call, waiting = waiting[:READ], waiting[READ:]
        answer = client.read("POST", path, json={"inputs": call})
        answered = set()
        for result in answer.get("results") or ():
            source = str(result["from"]["id"])
            answered.add(source)
            found[source] = distinct([*(found.get(source) or ()), *_listed(result)])
            if after := after_of(result):
                waiting.append({"id": source, "after": after})
        unanswered = {str(row["id"]) for row in call} - answered
        found |= dict.fromkeys(unanswered & _failed(answer, unanswered))
    return found


def _listed(result: JsonObject) -> Iterable[Partner]:
    for to in result.get("to") or ():
        types = {entry.get("typeId") for entry in to.get("associationTypes") or ()}
        yield Partner(str(to["toObjectId"]), not PRIMARY_TYPES.isdisjoint(types))


def _failed(answer: JsonObject, unanswered: set[str]) -> set[str]:
    """Return the ids whose partners could not be read; to have none is an error for HubSpot."""
    failed: set[str] = set()
    for entry in answer.get("errors") or ():
        if NONE_FOUND in str(entry.get("subCategory")):
            continue
        context: Mapping[str, Any] = entry.get("context") or {}
        named = {str(one) for some in context.values() if isinstance(some, list) for one in some}
        failed |= named & unanswered or unanswered
    return failed


def attach(
    client: HubSpotClient,
    object_type: str,
    payloads: Sequence[JsonObject],
    others: Sequence[str],
) -> None:
    """Give records the partners that a batch read cannot bring: one call per 1,000 and type."""
    for other in others if payloads else ():
        found = partners(client, object_type, other, [str(one["id"]) for one in payloads])
        for payload in payloads:
            listed = found[str(payload["id"])]
            shown = None if listed is None else shown_partners(listed)
            payload["associations"] = {**(payload.get("associations") or {}), other: shown}


def complete(
    client: HubSpotClient,
    object_type: str,
    payloads: Sequence[JsonObject],
    others: Sequence[str],
) -> None:
    """Read the whole list of partners where a record shows only its beginning."""
    for other in others:
        cut = [one for one in payloads if after_of(one["associations"][other])]
        attach(client, object_type, cut, [other])
