"""Finding records by a property's value, by reads that do not lag wherever HubSpot has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from integrations.connectors.hubspot import associations
from integrations.connectors.hubspot.client import HubSpotClient
from integrations.connectors.hubspot.payloads import OTHER_EMAILS, JsonObject, batches
from integrations.connectors.hubspot.records import RecordReader
from integrations.connectors.hubspot.search import hits_by_value
from integrations.engine.records import Record, is_value
from integrations.engine.specs import FieldSpec

OBJECT_ID: Final = "hs_object_id"


@dataclass(frozen=True, slots=True)
class Lookup:
    """A search for records of one type by one property; `fields` are what is shown of them."""

    client: HubSpotClient
    object_type: str
    field_name: str
    fields: Sequence[str]
    schema: Mapping[str, FieldSpec]

    def find(self, values: Sequence[str]) -> dict[str, list[Record]]:
        """Return the live records of each value, each once."""
        asked = {value: self._key(value) for value in values}
        wanted = {key: value.strip() for value, key in asked.items() if key}
        found: dict[str, dict[str, Record]] = {key: {} for key in wanted}
        reader = self._reader()
        for some in batches(list(wanted.values())):
            candidates = self._candidates(some, reader.properties)
            others = reader.associations
            associations.attach(self.client, self.object_type, candidates, others)
            for record in map(reader.read, candidates):
                for key in self._keys(record) & wanted.keys():
                    found[key][record.id] = self._shown(record)
        return {value: list(found.get(key, {}).values()) for value, key in asked.items()}

    def _candidates(self, values: Sequence[str], names: Sequence[str]) -> list[JsonObject]:
        if self.field_name == OBJECT_ID:
            numeric = [value for value in values if value.isdecimal()]
            return self.client.batch_read(self.object_type, numeric, names)
        if self._unique:
            return self.client.batch_read(
                self.object_type, values, names, id_property=self.field_name
            )
        hits = hits_by_value(self.client, self.object_type, self.field_name, values)
        return [
            payload
            for some in batches(hits)
            for payload in self.client.batch_read(self.object_type, some, names)
        ]

    def _reader(self) -> RecordReader:
        extra = (OTHER_EMAILS,) if self._by_email else ()
        names = dict.fromkeys((*self.fields, self.field_name, *extra))
        return RecordReader.build(self.object_type, names, self.schema)

    def _keys(self, record: Record) -> set[str]:
        """Return the keys of every value by which the record answers."""
        if self.field_name == OBJECT_ID:
            return {record.id, *record.merged_ids}
        texts = [record.get(self.field_name)]
        if self._by_email:
            others = record.get(OTHER_EMAILS)
            texts += str(others).split(";") if is_value(others) else []
        return {self._key(str(text)) for text in texts if is_value(text)}

    def _key(self, value: str) -> str:
        """HubSpot tells only values of its unique custom properties apart by case."""
        exact = self._unique and not self._by_email
        return value.strip() if exact else value.strip().lower()

    def _shown(self, record: Record) -> Record:
        values = {name: value for name, value in record.values.items() if name in self.fields}
        return replace(record, values=values)

    @property
    def _by_email(self) -> bool:
        return (self.object_type, self.field_name) == ("contacts", "email")

    @property
    def _unique(self) -> bool:
        spec = self.schema.get(self.field_name)
        return spec is not None and spec.unique
