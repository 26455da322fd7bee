"""The calls on property definitions and groups.

Source: HubSpot docs, "properties guide", 2026-03-30; status codes as observed live, 2026-09.
"""

import re
from typing import TYPE_CHECKING

from integrations.connectors.sandbox_kit import JsonObject, SandboxResponse, empty, json_response

from .call import Call
from .catalog import Catalog, Definition, Group
from .errors import ApiError, bad_request
from .kinds import Kind, kind_named

if TYPE_CHECKING:
    from .server import HubSpotSandbox

BASES = ("/crm/properties/2026-09", "/crm/properties/2026-03", "/crm/v3/properties")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_FIELD_TYPES = {
    "bool": {"booleancheckbox", "calculation_equation"},
    "enumeration": {"select", "radio", "checkbox", "booleancheckbox", "calculation_equation"},
    "date": {"date"},
    "datetime": {"date"},
    "number": {"number", "calculation_equation"},
    "string": {"text", "textarea", "html", "file", "phonenumber", "calculation_equation"},
    "phone_number": {"phonenumber"},
}
MAX_UNIQUE = 10


class PropertiesApi:
    """Handlers of the property and group calls."""

    def __init__(self, sandbox: "HubSpotSandbox") -> None:
        for base in BASES:
            one = f"{base}/{{object_type}}"
            sandbox.api("GET", one, self.list)
            sandbox.api("POST", one, self.create)
            sandbox.api("GET", f"{one}/{{name}}", self.read)
            sandbox.api("PATCH", f"{one}/{{name}}", self.change)
            sandbox.api("DELETE", f"{one}/{{name}}", self.archive)
            sandbox.api("POST", f"{one}/batch/read", self.read_many)
            sandbox.api("POST", f"{one}/batch/create", self.create_many)
            sandbox.api("POST", f"{one}/batch/archive", self.archive_many)
            sandbox.api("GET", f"{one}/groups", self.list_groups)
            sandbox.api("POST", f"{one}/groups", self.create_group)
            sandbox.api("GET", f"{one}/groups/{{name}}", self.read_group)
            sandbox.api("PATCH", f"{one}/groups/{{name}}", self.change_group)
            sandbox.api("DELETE", f"{one}/groups/{{name}}", self.delete_group)

    def list(self, call: Call, object_type: str) -> SandboxResponse:
        """GET B: all definitions at once, without paging."""
        _, catalog = _reading(call, object_type)
        archived = call.flag("archived")
        found = [d for d in catalog.definitions.values() if (d.archived_at is not None) == archived]
        return json_response({"results": [definition.view() for definition in found]})

    def read(self, call: Call, object_type: str, name: str) -> SandboxResponse:
        """GET B/{name}."""
        _, catalog = _reading(call, object_type)
        return json_response(_definition(catalog, name, archived=call.flag("archived")).view())

    def create(self, call: Call, object_type: str) -> SandboxResponse:
        """POST B: 201; the name of an archived property brings the old one back."""
        kind, catalog = _writing(call, object_type)
        return json_response(_create(call, kind, catalog, call.json()).view(), 201)

    def change(self, call: Call, object_type: str, name: str) -> SandboxResponse:
        """PATCH B/{name}: with `options` the whole list is replaced."""
        _, catalog = _writing(call, object_type)
        definition, body = _definition(catalog, name), call.json()
        if definition.hubspot_defined and set(body) - {"options"}:
            raise bad_request(f"The definition of {name} cannot be changed")
        if "groupName" in body:
            _group(catalog, call.member(body, "groupName", str))
        for member, attribute in _CHANGEABLE.items():
            if member in body:
                setattr(definition, attribute, body[member])
        definition.updated = call.at
        return json_response(definition.view())

    def archive(self, call: Call, object_type: str, name: str) -> SandboxResponse:
        """DELETE B/{name}."""
        kind, catalog = _writing(call, object_type)
        _archive(call, kind, _definition(catalog, name))
        return empty()

    def read_many(self, call: Call, object_type: str) -> SandboxResponse:
        """POST B/batch/read."""
        _, catalog = _reading(call, object_type)
        body = call.json()
        archived = body.get("archived") is True
        results, errors = [], []
        for row in call.member(body, "inputs", list):
            name = call.member(row, "name", str)
            try:
                results.append(_definition(catalog, name, archived=archived).view())
            except ApiError as error:
                errors.append(error.entry({"name": [name]}))
        return _batch(results, errors, 200)

    def create_many(self, call: Call, object_type: str) -> SandboxResponse:
        """POST B/batch/create."""
        kind, catalog = _writing(call, object_type)
        results, errors = [], []
        for row in call.member(call.json(), "inputs", list):
            name = call.member(row, "name", str)
            try:
                results.append(_create(call, kind, catalog, row).view())
            except ApiError as error:
                errors.append(error.entry({"name": [name]}))
        return _batch(results, errors, 201)

    def archive_many(self, call: Call, object_type: str) -> SandboxResponse:
        """POST B/batch/archive: 204 always."""
        kind, catalog = _writing(call, object_type)
        for row in call.member(call.json(), "inputs", list):
            definition = catalog.get(call.member(row, "name", str))
            if definition is not None and not definition.hubspot_defined:
                _archive(call, kind, definition)
        return empty()

    def list_groups(self, call: Call, object_type: str) -> SandboxResponse:
        """GET B/groups."""
        _, catalog = _reading(call, object_type)
        return json_response({"results": [group.view() for group in catalog.groups.values()]})

    def read_group(self, call: Call, object_type: str, name: str) -> SandboxResponse:
        """GET B/groups/{name}."""
        _, catalog = _reading(call, object_type)
        if name not in catalog.groups:
            raise ApiError(404, f"Property group {name} does not exist", "OBJECT_NOT_FOUND")
        return json_response(catalog.groups[name].view())

    def create_group(self, call: Call, object_type: str) -> SandboxResponse:
        """POST B/groups: 201, or 409 for a name that is taken."""
        _, catalog = _writing(call, object_type)
        body = call.json()
        name, label = call.member(body, "name", str), call.member(body, "label", str)
        if name in catalog.groups:
            raise _taken(name, "PropertyGroupError.GROUP_WITH_NAME_EXISTS")
        catalog.groups[name] = Group(name, label, call.member(body, "displayOrder", int, -1))
        return json_response(catalog.groups[name].view(), 201)

    def change_group(self, call: Call, object_type: str, name: str) -> SandboxResponse:
        """PATCH B/groups/{name}."""
        _, catalog = _writing(call, object_type)
        group, body = _group(catalog, name), call.json()
        group.label = call.member(body, "label", str, group.label)
        group.display_order = call.member(body, "displayOrder", int, group.display_order)
        return json_response(group.view())

    def delete_group(self, call: Call, object_type: str, name: str) -> SandboxResponse:
        """DELETE B/groups/{name}: refused while properties are in it."""
        _, catalog = _writing(call, object_type)
        _group(catalog, name)
        if any(d.group == name and d.archived_at is None for d in catalog.definitions.values()):
            raise ApiError(
                400,
                f"Property group {name} has active properties",
                "VALIDATION_ERROR",
                sub_category="PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES",
            )
        del catalog.groups[name]
        return empty()


_CHANGEABLE = {
    "label": "label",
    "description": "description",
    "fieldType": "field_type",
    "groupName": "group",
    "options": "options",
    "displayOrder": "display_order",
    "hidden": "hidden",
    "formField": "form_field",
}


def _reading(call: Call, object_type: str) -> tuple[Kind, Catalog]:
    kind = kind_named(object_type)
    call.need_any(f"crm.schemas.{kind.plural}.read", f"crm.objects.{kind.plural}.read")
    return kind, call.account.catalogs[kind.plural]


def _writing(call: Call, object_type: str) -> tuple[Kind, Catalog]:
    kind = kind_named(object_type)
    call.need_any(f"crm.schemas.{kind.plural}.write")
    return kind, call.account.catalogs[kind.plural]


def _definition(catalog: Catalog, name: str, *, archived: bool = False) -> Definition:
    found = catalog.definitions.get(name)
    if found is None or (found.archived_at is not None) != archived:
        raise ApiError(404, f'Property "{name}" does not exist', "OBJECT_NOT_FOUND")
    return found


def _group(catalog: Catalog, name: str) -> Group:
    if name not in catalog.groups:
        raise bad_request(f"Property group {name} does not exist")
    return catalog.groups[name]


def _taken(name: str, sub_category: str) -> ApiError:
    text = f'A property named "{name}" already exists.'
    return ApiError(409, text, "OBJECT_ALREADY_EXISTS", sub_category=sub_category)


def _create(call: Call, kind: Kind, catalog: Catalog, body: JsonObject) -> Definition:
    name = call.member(body, "name", str)
    known = catalog.definitions.get(name)
    if known is not None and known.archived_at is None:
        raise _taken(name, "Properties.PROPERTY_WITH_NAME_EXISTS")
    if known is not None:
        known.archived_at = None
        call.account.watch_unique(kind)
        return known
    definition = _checked(call, catalog, name, body)
    catalog.definitions[name] = definition
    if definition.unique:
        call.account.watch_unique(kind)
    return definition


def _checked(call: Call, catalog: Catalog, name: str, body: JsonObject) -> Definition:
    if not _NAME.fullmatch(name):
        raise bad_request(f"{name} is not a valid property name")
    group = _group(catalog, call.member(body, "groupName", str)).name
    kind, field_type = call.member(body, "type", str), call.member(body, "fieldType", str)
    if field_type not in _FIELD_TYPES.get(kind, ()):
        raise bad_request(f"fieldType {field_type} is not possible for type {kind}")
    unique = call.member(body, "hasUniqueValue", bool, False)
    own = [d for d in catalog.definitions.values() if d.unique and not d.hubspot_defined]
    if unique and len(own) >= MAX_UNIQUE:
        raise bad_request(f"At most {MAX_UNIQUE} properties of an object can hold unique values")
    return Definition(
        name=name,
        label=call.member(body, "label", str),
        type=kind,
        field_type=field_type,
        group=group,
        description=call.member(body, "description", str, ""),
        options=call.member(body, "options", list, []),
        display_order=call.member(body, "displayOrder", int, -1),
        unique=unique,
        hidden=call.member(body, "hidden", bool, False),
        form_field=call.member(body, "formField", bool, False),
        read_only=field_type == "calculation_equation",
        calculated=field_type == "calculation_equation",
        created=call.at,
        updated=call.at,
    )


def _archive(call: Call, kind: Kind, definition: Definition) -> None:
    if definition.hubspot_defined:
        raise bad_request(f"{definition.name} cannot be archived")
    definition.archived_at = call.at
    call.account.watch_unique(kind)


def _batch(results: list[JsonObject], errors: list[JsonObject], status: int) -> SandboxResponse:
    body: JsonObject = {"status": "COMPLETE", "results": results}
    if errors:
        body |= {"numErrors": len(errors), "errors": errors}
    return json_response(body, 207 if errors else status)
