"""A person at work on the portal's own pages: plain Python, for tests, demos and histories.

Also what an administrator does in Setup: fields, picklist values, rules, rights.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from integrations.connectors.sandbox_kit import JsonObject

from . import setup
from .errors import ApiError
from .fields import Field
from .state import Entity
from .trouble import Rule
from .values import instant

if TYPE_CHECKING:
    from .server import MagentrixSandbox


class Person:
    """One user, by default the administrator. Raises ApiError as the API does."""

    def __init__(self, sandbox: MagentrixSandbox, user_id: str) -> None:
        self.sandbox = sandbox
        self.id = user_id

    # ------------------------------------------------------------ records

    def create(self, entity: str, **values: object) -> str:
        """Create a record and return its id."""
        with self.sandbox.lock:
            return self.sandbox.records.create(self.entity(entity), values, self.id)

    def edit(self, entity: str, record_id: str, **values: object) -> None:
        """Change some fields of a record."""
        with self.sandbox.lock:
            self.sandbox.records.update(self.entity(entity), record_id, values, self.id)

    def delete(self, entity: str, record_id: str) -> None:
        """Move a record to the recycle bin."""
        with self.sandbox.lock:
            self.sandbox.records.delete(self.entity(entity), record_id, self.id)

    def erase(self, entity: str, record_id: str) -> None:
        """Delete a record for good."""
        with self.sandbox.lock:
            self.sandbox.records.delete(self.entity(entity), record_id, self.id, erase=True)

    def restore(self, entity: str, record_id: str) -> None:
        """Bring a record back from the recycle bin."""
        with self.sandbox.lock:
            self.sandbox.records.restore(self.entity(entity), record_id, self.id)

    def get(self, entity: str, record_id: str) -> JsonObject:
        """Return a live record as REST shows it; raises ApiError 404."""
        with self.sandbox.lock:
            found = self.entity(entity)
            return found.shown(self.sandbox.records.live(found, record_id))

    def all(self, entity: str) -> list[JsonObject]:
        """Return all live records as REST shows them, oldest first."""
        with self.sandbox.lock:
            found = self.entity(entity)
            return [found.shown(row) for row in found.store.all()]

    def deleted(self, entity: str) -> list[JsonObject]:
        """Return what is in the recycle bin, the latest last."""
        with self.sandbox.lock:
            found = self.entity(entity)
            return [found.shown(row) for row in found.store.dump() if row["IsDeleted"]]

    def user(self, email: str) -> str:
        """Return the id of a user; raises KeyError for an unknown e-mail address."""
        with self.sandbox.lock:
            holders = self.entity("User").store.holders("Email", email)
            if not holders:
                raise KeyError(email)
            return min(holders)

    def commit_late(self, entity: str, record_id: str, seconds: float) -> None:
        """Let the last change of a record bear an instant so many seconds ago.

        As if it had taken that long to be committed: until now nobody could see it.
        """
        with self.sandbox.lock:
            moment = instant(self.sandbox.now() - timedelta(seconds=seconds))
            self.entity(entity).store.redate(record_id, moment)

    # ------------------------------------------------------------ Setup

    def add_field(self, entity: str, **body: object) -> Field:
        """Add a custom field; the members are those of the set-up call in `setup`."""
        with self.sandbox.lock:
            return setup.add_field(self.sandbox.portal, self.entity(entity), body)

    def add_value(self, entity: str, field: str, value: str, label: str = "") -> None:
        """Add a value to a picklist."""
        with self.sandbox.lock:
            setup.add_value(self.field(entity, field), {"Value": value, "Label": label})

    def drop_value(self, entity: str, field: str, value: str) -> None:
        """Take a value from a picklist; records keep it."""
        with self.sandbox.lock:
            options = self.field(entity, field).options
            options[:] = [entry for entry in options if entry["Value"] != value]

    def drop_field(self, entity: str, field: str) -> None:
        """Delete a custom field and its values; raises ApiError 400 for a standard one."""
        with self.sandbox.lock:
            if not self.field(entity, field).custom:
                raise ApiError(400, "Standard fields stay.")
            found = self.entity(entity)
            del found.fields[field]
            found.store.unique.pop(field, None)
            for row in found.store.rows.values():
                row.pop(field, None)

    def change_field(
        self,
        entity: str,
        name: str,
        *,
        required: bool | None = None,
        unique: bool | None = None,
        hidden: bool | None = None,
    ) -> None:
        """Change what is asked of a field, or hide it from the owner of the API key."""
        with self.sandbox.lock:
            field = self.field(entity, name)
            field.required = field.required if required is None else required
            field.unique = field.unique if unique is None else unique
            field.hidden = field.hidden if hidden is None else hidden
            if field.unique:
                self.entity(entity).store.index(name)

    def hide(self, entity: str, *, hidden: bool = True) -> None:
        """Take an entity from the sight of the owner of the API key, or give it back."""
        with self.sandbox.lock:
            self.entity(entity).hidden = hidden

    def add_rule(self, entity: str, field: str = "", contains: str = "", **more: str) -> None:
        """Add a validation rule; see `trouble.Rule`."""
        with self.sandbox.lock:
            self.sandbox.trouble.rules.append(Rule(entity, field, contains, **more))

    def field(self, entity: str, name: str) -> Field:
        """Return a field's definition; raises ApiError 404."""
        found = self.entity(entity).fields.get(name)
        if found is None:
            raise ApiError(404, f"Invalid field: '{name}'")
        return found

    def entity(self, name: str) -> Entity:
        """Return an entity, hidden or not; raises ApiError 404."""
        found = self.sandbox.portal.entities.get(name)
        if found is None:
            raise ApiError(404, f"Invalid entity: '{name}'")
        return found
