"""Records as the API and a person change them: one set of rules for both. Knows no request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from integrations.connectors.sandbox_kit import JsonObject

from .catalog import derive
from .errors import Code, Refused, complaint, gone, refused
from .fields import Field, FieldType
from .state import Entity, Portal
from .trouble import DELETE, Trouble
from .values import convert, instant

if TYPE_CHECKING:
    from .behaviour import Behaviour


class Records:
    """Changes the records of a portal. `actor` is always the id of a user."""

    def __init__(
        self,
        portal: Portal,
        behaviour: Behaviour,
        trouble: Trouble,
        now: Callable[[], datetime],
    ) -> None:
        self.portal = portal
        self.behaviour = behaviour
        self.trouble = trouble
        self._now = now

    # ------------------------------------------------------------ changes

    def create(self, entity: Entity, body: JsonObject, actor: str) -> str:
        """Store a new record and return its id; raises Refused."""
        row: JsonObject = {name: field.default() for name, field in entity.fields.items()}
        if "OwnerId" in row:
            row["OwnerId"] = actor
        row |= self._checked(entity, body, row, creating=True)
        store = entity.store
        store.made += 1
        for name, field in entity.fields.items():
            if field.type is FieldType.AUTO_NUMBER:
                row[name] = f"{entity.prefix}-{store.made:05d}"
        row |= {"Id": self.portal.new_id(entity.prefix), "CreatedById": actor, "IsDeleted": False}
        self._put(entity, row, actor)
        return str(row["Id"])

    def update(self, entity: Entity, record_id: object, body: JsonObject, actor: str) -> str:
        """Change a live record and return its id; raises Refused."""
        before = self.live(entity, record_id)
        changed = self._checked(entity, body, before, creating=False)
        self._put(entity, {**before, **changed}, actor)
        return str(record_id)

    def upsert(self, entity: Entity, unique: str, body: JsonObject, actor: str) -> str:
        """Change the record that holds the body's value of a unique field, else create one."""
        value = body.get(unique)
        found = [] if value in (None, "") else sorted(entity.store.holders(unique, value))
        if len(found) > 1:
            message = f"{len(found)} records have this value of {unique}."
            raise refused(Code.DUPLICATE_VALUE, unique, message)
        given = {name: each for name, each in body.items() if name != "Id"}
        if found and body.get("Id") in (None, "", found[0]):
            return self.update(entity, found[0], given, actor)
        return self.create(entity, given if unique == "Id" else body, actor)

    def delete(self, entity: Entity, record_id: object, actor: str, *, erase: bool = False) -> None:
        """Move a live record to the recycle bin, or erase it for good; raises Refused."""
        before = self.live(entity, record_id)
        against = list(self.trouble.complaints(entity.name, before, set(), DELETE))
        children = list(self._children(entity.name, str(record_id)))
        if children and self.behaviour.deleted_children == "refuse":
            message = f"{len(children)} records refer to this one."
            against.append(complaint(Code.INVALID_REFERENCE, None, message))
        if against:
            raise Refused(*against)
        if self.behaviour.deleted_children == "clear":
            for child, row, field in children:
                self._put(child, {**child.store.rows[row["Id"]], field.name: None}, actor)
        self._put(entity, {**before, "IsDeleted": True}, actor)
        if erase:
            entity.store.erase(str(record_id))

    def restore(self, entity: Entity, record_id: str, actor: str) -> None:
        """Bring a deleted record back; raises Refused when it is too late or a value is taken."""
        row = entity.store.rows.get(record_id)
        limit = instant(self._now() - timedelta(days=self.behaviour.restore_days))
        if row is None or not row["IsDeleted"] or row["ModifiedOn"] < limit:
            raise gone(entity.name, record_id)
        taken = list(self._taken(entity, row, record_id))
        if taken:
            raise Refused(*taken)
        self._put(entity, {**row, "IsDeleted": False}, actor)

    def live(self, entity: Entity, record_id: object) -> JsonObject:
        """Return a live row; raises Refused 404."""
        row = entity.store.get(record_id)
        if row is None:
            raise gone(entity.name, str(record_id))
        return row

    def _put(self, entity: Entity, row: JsonObject, actor: str) -> None:
        moment = self.portal.latest = max(instant(self._now()), self.portal.latest)
        row |= {"ModifiedOn": moment, "ModifiedById": actor}
        row["CreatedOn"] = row.get("CreatedOn") or moment
        derive(entity.name, row)
        entity.store.put(row)

    # ------------------------------------------------------------ rules

    def _checked(
        self, entity: Entity, body: JsonObject, before: JsonObject, *, creating: bool
    ) -> JsonObject:
        """Return the values of a body as they are stored; raises Refused with every complaint."""
        errors: list[JsonObject] = []
        values: JsonObject = {}
        for name, value in body.items():
            try:
                values[name] = self._value(entity, name, value, before)
            except Refused as error:
                errors += error.errors
        after = {**before, **values}
        for field in entity.fields.values():
            if (
                field.required
                and after.get(field.name) is None
                and (creating or field.name in values)
            ):
                message = f"{field.label} is required."
                errors.append(complaint(Code.REQUIRED_FIELD_MISSING, field.name, message))
        own_id = "" if creating else str(before["Id"])
        errors += self._taken(entity, values, own_id)
        errors += self.trouble.complaints(entity.name, after, set(values))
        if errors:
            raise Refused(*errors)
        return values

    def _value(self, entity: Entity, name: str, value: object, before: JsonObject) -> object:
        field = entity.visible().get(name)
        if field is None:
            message = f"{entity.name} has no field '{name}'."
            raise refused(Code.INVALID_VALUE, name, message)
        if field.read_only:
            raise refused(Code.READ_ONLY_FIELD, name, f"{field.label} cannot be written.")
        stored = convert(field, value)
        if field.reference and stored is not None:
            self._check_reference(field, stored, before)
        return stored

    def _check_reference(self, field: Field, stored: object, before: JsonObject) -> None:
        found = self.portal.entities[field.reference].store.get(stored)
        if found is None or stored == before.get("Id"):
            message = f"{field.label}: there is no such {field.reference}."
            raise refused(Code.INVALID_REFERENCE, field.name, message)
        idle = field.reference == "User" and not found["IsActive"]
        if idle and stored != before.get(field.name) and not self.behaviour.inactive_owners:
            message = f"{field.label}: the user is not active."
            raise refused(Code.INVALID_REFERENCE, field.name, message)

    def _taken(self, entity: Entity, values: JsonObject, own_id: str) -> Iterator[JsonObject]:
        for name, value in values.items():
            field = entity.fields.get(name)
            if field is None or name == "Id" or not field.unique or value is None:
                continue
            if entity.store.holders(name, value) - {own_id}:
                message = f"{field.label}: another record has this value."
                yield complaint(Code.DUPLICATE_VALUE, name, message)

    def _children(self, parent: str, parent_id: str) -> Iterator[tuple[Entity, JsonObject, Field]]:
        if self.behaviour.deleted_children == "keep":
            return
        for entity in self.portal.entities.values():
            for field in entity.lookups_to(parent):
                for row in list(entity.store.all()):
                    if row.get(field.name) == parent_id and row["Id"] != parent_id:
                        yield entity, row, field
