"""HubSpot's payloads as the engine's records, pseudo-fields and merges included. Calls nothing.

Source: HubSpot docs, object APIs and associations guide, 2026-03-30.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from integrations.connectors.hubspot import stages
from integrations.connectors.hubspot.payloads import (
    PSEUDO,
    READERS,
    JsonObject,
    Reader,
    instant,
)
from integrations.connectors.hubspot.spec import ASSOCIATIONS, Association, Pick
from integrations.engine.records import BLANK, FieldType, Record, Value
from integrations.engine.specs import FieldSpec

MERGED_IDS: Final = "hs_merged_object_ids"
MERGED_VIDS: Final = "hs_calculated_merged_vids"
"""Of contacts only: "<id>:<epoch ms>" of each merge, without the ones before a chain's last."""

_PRIMARY: Final = frozenset(("contact_to_company", "deal_to_company"))
"""What an inline association to the primary company is called."""
_LABELS: Final = {
    "contacts": ("firstname", "lastname"),
    "companies": ("name",),
    "deals": ("dealname",),
}


class Partner(NamedTuple):
    """A record that another one is associated with, and whether as its primary company."""

    id: str
    is_primary: bool = False


def modified_property(object_type: str) -> str:
    """Return the property that holds a record's change instant."""
    return "lastmodifieddate" if object_type == "contacts" else "hs_lastmodifieddate"


@dataclass(frozen=True, slots=True)
class RecordReader:
    """Turns payloads of one object type into Records; made once for many records.

    `partners` are the fields that hold associations; with `has_stage` a deal's pipeline and stage
    are one field.
    """

    object_type: str
    readers: tuple[tuple[str, Reader], ...]
    partners: tuple[Association, ...] = ()
    has_stage: bool = False

    @classmethod
    def build(
        cls, object_type: str, fields: Iterable[str], schema: Mapping[str, FieldSpec]
    ) -> RecordReader:
        """Prepare for these fields; names the schema lacks are read as text."""
        names = list(fields)
        kinds = {
            name: schema[name].type if name in schema else FieldType.TEXT
            for name in names
            if not name.startswith(PSEUDO)
        }
        partners = tuple(one for one in ASSOCIATIONS.get(object_type, ()) if one.name in names)
        readers = tuple((name, READERS[kind]) for name, kind in kinds.items())
        return cls(object_type, readers, partners, stages.STAGE in names)

    @property
    def associations(self) -> tuple[str, ...]:
        """Return the object types whose partners have to be read, once each."""
        return tuple(dict.fromkeys(one.other for one in self.partners))

    @property
    def properties(self) -> tuple[str, ...]:
        """Return every property to ask for: the fields, and what a Record has besides them."""
        names = [name for name, _ in self.readers]
        parts = stages.PARTS if self.has_stage else ()
        merged = (MERGED_IDS, MERGED_VIDS) if self.object_type == "contacts" else (MERGED_IDS,)
        system = (modified_property(self.object_type), *merged)
        return tuple(dict.fromkeys([*names, *parts, *system, *_LABELS.get(self.object_type, ())]))

    def read(self, payload: JsonObject) -> Record:
        """Return one record. null is BLANK; what the answer does not mention is left out."""
        properties: Mapping[str, str | None] = payload.get("properties") or {}
        changed = properties.get(modified_property(self.object_type)) or payload.get("updatedAt")
        return Record(
            id=str(payload["id"]),
            values=self._values(payload, properties),
            modified_at=instant(changed) if changed else None,
            archived=payload.get("archived") is True,
            merged_ids=merged_ids(payload),
            label=self._label(properties),
        )

    def _values(
        self, payload: JsonObject, properties: Mapping[str, str | None]
    ) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for name, reader in self.readers:
            if name in properties:
                text = properties[name]
                values[name] = reader(text) if text else BLANK
        if self.has_stage and all(part in properties for part in stages.PARTS):
            values[stages.STAGE] = stages.composed(*(properties[part] for part in stages.PARTS))
        for field in self.partners:
            shown = (payload.get("associations") or {}).get(field.other)
            if shown is not None:
                values[field.name] = picked(partners_of(shown), field.pick)
        return values

    def _label(self, properties: Mapping[str, str | None]) -> str:
        names = _LABELS.get(self.object_type, ())
        return " ".join(filter(None, [properties.get(name) for name in names]))


def merged_ids(payload: JsonObject) -> frozenset[str]:
    """Return the ids that were merged into a record, from whichever property shows them."""
    properties: Mapping[str, str | None] = payload.get("properties") or {}
    listed = (properties.get(MERGED_IDS) or "").split(";")
    dated = (properties.get(MERGED_VIDS) or "").split(";")
    every = [*listed, *(entry.partition(":")[0] for entry in dated)]
    return frozenset(text for entry in every if (text := entry.strip())) - {str(payload.get("id"))}


# ---------------------------------------------------------------- partners


def picked(partners: Sequence[Partner], pick: Pick) -> Value:
    """Return what an association field holds of a record's partners."""
    if pick is Pick.PRIMARY:
        return tuple(one.id for one in partners if one.is_primary)[:1] or BLANK
    ids = tuple(one.id for one in partners)
    if pick is Pick.FIRST and ids:
        return (min(ids, key=lambda text: (len(text), text)),)
    return ids or BLANK


def partners_of(shown: JsonObject) -> tuple[Partner, ...]:
    """Return the partners of a record, once each: they are listed once per label."""
    rows = shown.get("results") or ()
    return distinct(
        Partner(str(row["id"]), row.get("primary") is True or row.get("type") in _PRIMARY)
        for row in rows
    )


def distinct(partners: Iterable[Partner]) -> tuple[Partner, ...]:
    """Return each partner once, as the primary one if any of its entries says so."""
    found: dict[str, bool] = {}
    for one in partners:
        found[one.id] = found.get(one.id, False) or one.is_primary
    return tuple(Partner(*pair) for pair in found.items())


def shown_partners(partners: Sequence[Partner]) -> JsonObject:
    """Return partners in the form in which `partners_of` reads them."""
    return {"results": [{"id": one.id, "primary": one.is_primary} for one in partners]}


def with_partners(payloads: list[JsonObject], others: Sequence[str]) -> list[JsonObject]:
    """Say of records that were asked for with associations that what is not shown is empty."""
    for payload in payloads if others else ():
        shown = payload.get("associations") or {}
        payload["associations"] = {other: shown.get(other) or {} for other in others}
    return payloads
