"""Associations as fields: which partners a record has, read in bulk and written as a full set.

Only unlabelled associations are made; labels of pairs that stay are never touched.
Source: HubSpot docs, associations guide, 2026-03-30.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from integrations.connectors.hubspot.client import HubSpotClient
from integrations.connectors.hubspot.payloads import PARTNERS, JsonObject, batches
from integrations.connectors.hubspot.replies import after_of
from integrations.connectors.hubspot.sending import not_attempted, send_each
from integrations.connectors.hubspot.spec import ASSOCIATIONS
from integrations.engine.errors import NotFound, Scope, SyncError, VersionConflict
from integrations.engine.records import ABSENT, BLANK, FieldType, Value
from integrations.engine.specs import FieldSpec

PATH: Final = "/crm/associations/2026-09"
READ: Final = 1_000
NONE_FOUND: Final = "NO_ASSOCIATIONS_FOUND"

Partners = Mapping[str, tuple[str, ...] | None]
"""Partner ids by record id; None where HubSpot did not say."""


def field_specs(object_type: str) -> list[FieldSpec]:
    """Return the association fields of an object type."""
    return [
        FieldSpec(a.name, a.label, FieldType.REFERENCE, references=a.other)
        for a in ASSOCIATIONS.get(object_type, ())
    ]


# ---------------------------------------------------------------- reading


def partners(client: HubSpotClient, object_type: str, other: str, ids: Iterable[str]) -> Partners:
    """Return the partners of each record, once each, to the end of long lists."""
    found: dict[str, tuple[str, ...] | None] = {wanted: () for wanted in ids}
    waiting: list[JsonObject] = [{"id": wanted} for wanted in found]
    path = f"{PATH}/{object_type}/{other}/batch/read"
    while waiting:
        call, waiting = waiting[:READ], waiting[READ:]
        answer = client.read("POST", path, json={"inputs": call})
        answered = set()
        for result in answer.get("results") or ():
            source = str(result["from"]["id"])
            answered.add(source)
            listed = [str(to["toObjectId"]) for to in result.get("to") or ()]
            found[source] = tuple(dict.fromkeys([*(found.get(source) or ()), *listed]))
            if after := after_of(result):
                waiting.append({"id": source, "after": after})
        unanswered = {str(row["id"]) for row in call} - answered
        found |= dict.fromkeys(unanswered & _failed(answer, unanswered))
    return found


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
            shown = None if listed is None else {"results": [{"id": one} for one in listed]}
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


# ---------------------------------------------------------------- writing


class _Pair(NamedTuple):
    """One association to make or to remove."""

    source: str
    partner: str

    @property
    def ref(self) -> str:
        """Return what tells the pair apart."""
        return f"{self.source}:{self.partner}"


@dataclass(frozen=True, slots=True)
class Reacher:
    """Brings one association field of many records to exactly the wanted partners."""

    client: HubSpotClient
    object_type: str
    other: str

    def reach(self, wanted: Mapping[str, frozenset[str]]) -> dict[str, Value | SyncError]:
        """Return by record id what the field holds now, or why it is not as wanted.

        Partners are removed only where all wanted ones are seen: one that was merged shows under
        another id, and must not cost the record its association.
        """
        try:
            present = dict(self._partners(wanted))
            missing = [_Pair(s, p) for s in wanted for p in wanted[s] - {*(present[s] or ())}]
            errors = self._send(missing, "associate/default")
            broken = next((e for e in errors.values() if e.scope is not Scope.RECORD), None)
            if broken is not None:
                return {source: errors.get(source) or not_attempted(broken) for source in wanted}
            if missing:
                present |= self._partners({pair.source for pair in missing})
        except SyncError as error:
            return dict.fromkeys(wanted, error)
        extra = [
            _Pair(source, partner)
            for source, seen in present.items()
            if seen and source not in errors and wanted[source] <= set(seen)
            for partner in seen
            if partner not in wanted[source]
        ]
        errors |= self._send(extra, "archive")
        gone = set(extra)
        return {
            source: errors.get(source) or _left(source, seen, gone)
            for source, seen in present.items()
        }

    def _partners(self, sources: Iterable[str]) -> Partners:
        return partners(self.client, self.object_type, self.other, sources)

    def _send(self, pairs: Sequence[_Pair], verb: str) -> dict[str, SyncError]:
        """Make or remove associations; return the errors by record id, the widest first."""
        path = f"{PATH}/{self.object_type}/{self.other}/batch/{verb}"

        def send(some: Sequence[_Pair]) -> dict[str, None]:
            body = _inputs(some, together=verb == "archive")
            self.client.write("POST", path, json={"inputs": body})
            return {}

        _, failed = send_each(batches(pairs), send)
        errors: dict[str, SyncError] = {}
        for pair in pairs:
            if (error := failed.get(pair.ref)) is not None:
                errors.setdefault(pair.source, self._error(error))
        return errors

    def _error(self, error: SyncError) -> SyncError:
        """A 404 does not say which end is gone: only reading both again can tell."""
        if isinstance(error, NotFound):
            return VersionConflict(
                "HubSpot no longer has one of the two records to associate.",
                system_code=error.system_code,
                correlation_id=error.correlation_id,
                fields=(PARTNERS + self.other,),
            )
        return error


def _left(source: str, seen: tuple[str, ...] | None, gone: set[_Pair]) -> Value:
    if seen is None:
        return ABSENT
    return tuple(partner for partner in seen if _Pair(source, partner) not in gone) or BLANK


def _inputs(pairs: Sequence[_Pair], *, together: bool) -> list[JsonObject]:
    """Return the pairs as HubSpot takes them: one by one, or all partners of a record together."""
    if not together:
        return [{"from": {"id": pair.source}, "to": {"id": pair.partner}} for pair in pairs]
    by_source: dict[str, list[JsonObject]] = {}
    for pair in pairs:
        by_source.setdefault(pair.source, []).append({"id": pair.partner})
    return [{"from": {"id": source}, "to": to} for source, to in by_source.items()]
