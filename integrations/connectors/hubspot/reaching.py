"""Bringing one association field of many records to what it should hold, and saying what it holds.

Only unlabelled and primary associations are made; other labels of pairs that stay are untouched.
Source: HubSpot docs, associations guide, 2026-03-30.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from integrations.connectors.hubspot.associations import PATH, Partners, partners
from integrations.connectors.hubspot.client import HubSpotClient
from integrations.connectors.hubspot.errors import ErrorBody, record_error
from integrations.connectors.hubspot.payloads import JsonObject, batches
from integrations.connectors.hubspot.records import Partner, picked
from integrations.connectors.hubspot.sending import not_attempted, send_each
from integrations.connectors.hubspot.spec import Association, Pick
from integrations.engine.errors import NotFound, Scope, SyncError, VersionConflict
from integrations.engine.records import ABSENT, Value

DEFAULT: Final = "associate/default"
TYPED: Final = "create"
ALL_TYPES: Final = "archive"
ONE_TYPE: Final = "labels/archive"

Seen = tuple[Partner, ...]


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
    """Writes one association field of one object type."""

    client: HubSpotClient
    object_type: str
    field: Association

    def reach(self, wanted: Mapping[str, frozenset[str]]) -> dict[str, Value | SyncError]:
        """Return by record id what the field holds now, or why it is not as wanted.

        Partners are removed only where all wanted ones are seen: one that was merged shows under
        another id, and must not cost the record its association.
        """
        try:
            present = dict(self._partners(wanted))
            missing = [
                _Pair(source, partner)
                for source, ids in wanted.items()
                for partner in _missing(self.field.pick, present[source] or (), ids)
            ]
            made = TYPED if self.field.pick is Pick.PRIMARY else DEFAULT
            errors = self._send(missing, made)
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
            if seen and source not in errors
            for partner in _extra(self.field.pick, seen, wanted[source])
        ]
        errors |= self._send(extra, ONE_TYPE if self.field.pick is Pick.PRIMARY else ALL_TYPES)
        gone = set(extra)
        return {
            source: errors.get(source) or self._left(source, seen, gone)
            for source, seen in present.items()
        }

    def _partners(self, sources: Iterable[str]) -> Partners:
        return partners(self.client, self.object_type, self.field.other, sources)

    def _left(self, source: str, seen: Seen | None, gone: set[_Pair]) -> Value:
        if seen is None:
            return ABSENT
        return picked([one for one in seen if _Pair(source, one.id) not in gone], self.field.pick)

    def _send(self, pairs: Sequence[_Pair], verb: str) -> dict[str, SyncError]:
        """Make or remove associations; return the errors by record id, the widest first."""
        path = f"{PATH}/{self.object_type}/{self.field.other}/batch/{verb}"
        refused: dict[str, SyncError] = {}

        def send(some: Sequence[_Pair]) -> dict[str, None]:
            answer = self.client.write("POST", path, json={"inputs": self._inputs(some, verb)})
            refused.update(_refused(answer, some))
            return {}

        _, failed = send_each(batches(pairs), send)
        failed |= refused
        errors: dict[str, SyncError] = {}
        for pair in pairs:
            if (error := failed.get(pair.ref)) is not None:
                errors.setdefault(pair.source, self._error(error))
        return errors

    def _inputs(self, pairs: Sequence[_Pair], verb: str) -> list[JsonObject]:
        """Return the pairs as HubSpot takes them: one by one, or a record's partners together."""
        if verb == ALL_TYPES:
            by_source: dict[str, list[JsonObject]] = {}
            for pair in pairs:
                by_source.setdefault(pair.source, []).append({"id": pair.partner})
            return [{"from": {"id": source}, "to": to} for source, to in by_source.items()]
        types = {} if verb == DEFAULT else {"types": [association_type(self.field.type_id)]}
        return [{"from": {"id": p.source}, "to": {"id": p.partner}, **types} for p in pairs]

    def _error(self, error: SyncError) -> SyncError:
        """A 404 does not say which end is gone: only reading both again can tell."""
        if isinstance(error, NotFound):
            return VersionConflict(
                "HubSpot no longer has one of the two records to associate.",
                system_code=error.system_code,
                correlation_id=error.correlation_id,
                fields=(self.field.name,),
            )
        if error.scope is Scope.RECORD:
            error.fields = (self.field.name,)
        return error


def association_type(type_id: int) -> JsonObject:
    """Return one of HubSpot's own association types as its API names it."""
    return {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}


def _missing(pick: Pick, seen: Seen, wanted: frozenset[str]) -> Iterable[str]:
    """Return the partners to associate: of a primary company even if it is an ordinary one."""
    ids = {one.id for one in seen if one.is_primary or pick is not Pick.PRIMARY}
    return sorted(wanted - ids)


def _extra(pick: Pick, seen: Seen, wanted: frozenset[str]) -> Iterable[str]:
    """Return the partners to remove once everything wanted is there.

    HubSpot itself lets the old primary company go when there is a new one.
    """
    if pick is Pick.FIRST or not wanted <= {one.id for one in seen}:
        return ()
    if pick is Pick.PRIMARY:
        return [one.id for one in seen if one.is_primary and not wanted]
    return [one.id for one in seen if one.id not in wanted]


def _refused(answer: JsonObject, pairs: Sequence[_Pair]) -> dict[str, SyncError]:
    """Return the errors of a 207 by pair: of those it names, or of all where it names none."""
    found: dict[str, SyncError] = {}
    for entry in answer.get("errors") or ():
        error = record_error(ErrorBody.read(entry))
        context = entry.get("context") or {}
        named = {str(one) for some in context.values() if isinstance(some, list) for one in some}
        both = [p for p in pairs if {p.source, p.partner} <= named]
        either = both or [p for p in pairs if not named.isdisjoint(p)]
        found.update((pair.ref, error) for pair in either or pairs)
    return found
