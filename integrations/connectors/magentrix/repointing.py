"""Everything that points to a record, by any lookup of any entity, and pointing it elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from integrations.connectors.magentrix import fields, meql
from integrations.connectors.magentrix.client import MagentrixClient
from integrations.connectors.magentrix.fields import SYNCED, Column, JsonObject
from integrations.connectors.magentrix.payloads import ID
from integrations.connectors.magentrix.writing import Parcel, Writing
from integrations.engine.errors import Rejected, SyncError
from integrations.engine.extras import Referrer

AT_ONCE: Final = 20
"""Entities whose definitions one call asks for."""
PAGE: Final = 500
BATCH: Final = 200


class Repointing:
    """The lookups of one portal, custom entities included; their definitions are read once."""

    def __init__(self, client: MagentrixClient, writing: Writing) -> None:
        self._client, self._writing = client, writing
        self._lookups: dict[str, list[Column]] | None = None

    def referrers(self, entity: str, record_id: str) -> list[Referrer]:
        """Return every live record that points to this one, once per field.

        Lookups that cannot be written count, too: whoever removes the record would break them.
        """
        if not meql.is_id(record_id):
            return []
        found: list[Referrer] = []
        for other, columns in self._all().items():
            wires = [c.wire for c in columns if entity in c.refers and _concerns(c, entity)]
            if wires:
                rows = self._rows(other, wires, record_id)
                found += [
                    Referrer(other, str(row[ID]), wire)
                    for row in rows
                    for wire in wires
                    if row.get(wire) == record_id
                ]
        return found

    def repoint(
        self, found: Sequence[Referrer], to: str
    ) -> list[tuple[Referrer, SyncError | None]]:
        """Let each lookup hold `to`; a record that would then point to itself points to nothing.

        One that cannot be written is refused by name: a person has to move it.
        """
        fixed = self._fixed(found)
        bodies: dict[tuple[str, str], JsonObject] = {}
        for each in (one for one in found if one not in fixed):
            body = bodies.setdefault((each.object_type, each.id), {ID: each.id})
            body[each.field] = None if each.id == to else to
        errors: dict[tuple[str, str], SyncError | None] = {}
        for entity in dict.fromkeys(each.object_type for each in found):
            parcels = [Parcel(one, b) for (kind, one), b in bodies.items() if kind == entity]
            for start in range(0, len(parcels), BATCH):
                done = self._writing.send("PATCH", entity, parcels[start : start + BATCH])
                errors |= {
                    (entity, one): error if isinstance(error, SyncError) else None
                    for one, error in done.items()
                }
        return [
            (each, fixed[each] if each in fixed else errors[each.object_type, each.id])
            for each in found
        ]

    def _fixed(self, found: Sequence[Referrer]) -> dict[Referrer, SyncError]:
        """Return the refusals of lookups that cannot be written."""
        known = self._all()
        fixed = {
            (entity, column.wire)
            for entity, columns in known.items()
            for column in columns
            if column.spec.read_only
        }
        return {
            each: Rejected(
                f"“{each.field}” of {each.object_type} cannot be changed by the portal. Let it "
                "point to the kept record in Magentrix, then try again."
            )
            for each in found
            if (each.object_type, each.field) in fixed
        }

    def _rows(self, entity: str, wires: Sequence[str], record_id: str) -> list[JsonObject]:
        points = meql.any_of(meql.equal(wire, record_id) for wire in wires)
        found: list[JsonObject] = []
        last = ""
        while True:
            where = meql.both(points, meql.after(ID, last) if last else "")
            text = meql.select(entity, [ID, *wires], where=where, order=ID, take=PAGE)
            rows, _count = self._client.query(text)
            found += rows
            if len(rows) < PAGE:
                return found
            last = str(rows[-1][ID])

    def _all(self) -> dict[str, list[Column]]:
        """Return the lookups, by entity."""
        if self._lookups is None:
            names = self._client.entities()
            found: dict[str, list[Column]] = {}
            for some in meql.portions(names, AT_ONCE):
                for definition in self._client.metadata(some):
                    entity, columns = fields.columns(definition, {})
                    lookups = [column for column in columns.values() if column.refers]
                    if entity and lookups:
                        found[entity] = lookups
            self._lookups = found
        return self._lookups


def _concerns(column: Column, entity: str) -> bool:
    """Tell whether a lookup matters: not who made a record, which Magentrix alone keeps."""
    return entity in SYNCED or not column.spec.read_only
