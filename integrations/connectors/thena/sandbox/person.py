"""A person at work in Thena's own screens: plain Python, for tests and demos."""

from __future__ import annotations

from typing import TYPE_CHECKING

from integrations.connectors.sandbox_kit import JsonObject

from .records import PICKS
from .state import Organisation

if TYPE_CHECKING:
    from .records import Records

ACTOR: JsonObject = {"id": "U-AGENT", "type": "USER", "email": "agent@thena.example"}


class Person:
    """One organisation's agent. Picklists may be given by name; raises ApiError as the API does."""

    def __init__(self, records: Records, org: Organisation) -> None:
        self.records = records
        self.org = org

    def create(self, object_type: str, **values: object) -> str:
        """Create an account or a contact and return its id."""
        return str(self.records.create(self.org, object_type, values, ACTOR)["id"])

    def edit(self, object_type: str, record_id: str, **values: object) -> None:
        """Change some members of a record."""
        self.records.update(self.org, object_type, record_id, values, ACTOR)

    def set_custom(self, object_type: str, record_id: str, uid: str, *values: object) -> None:
        """Set one custom field and leave the others; no value clears it."""
        record = self.records.live(self.org, object_type, record_id)
        every = {**record["customFieldValues"], uid: list(values)}
        items = [
            {"customFieldId": one, "data": [{"value": value} for value in held]}
            for one, held in every.items()
        ]
        self.edit(object_type, record_id, customFieldValues=items)

    def delete(self, object_type: str, record_id: str) -> None:
        """Delete a record."""
        self.records.delete(self.org, object_type, record_id, ACTOR)

    def get(self, object_type: str, record_id: str) -> JsonObject:
        """Return a record as REST shows it; raises ApiError 404."""
        record = self.records.live(self.org, object_type, record_id)
        return self.records.shown(self.org, object_type, record)

    def all(self, object_type: str) -> list[JsonObject]:
        """Return all live records as REST shows them, oldest first."""
        store = self.org.stores[object_type]
        found = (store.records[record_id] for record_id in store.live)
        return [self.records.shown(self.org, object_type, record) for record in found]

    def option(self, object_type: str, name: str, value: str) -> str:
        """Return the uid of a picklist's value; raises KeyError for an unknown one."""
        found = self.org.attribute(PICKS[object_type][name], value)
        if found is None:
            raise KeyError(value)
        return str(found["id"])
