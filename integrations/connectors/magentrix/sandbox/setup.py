"""Set-up calls that WE INVENTED, for trying out what an administrator does in Magentrix by hand.

No real portal has them: there, fields and picklist values are made on the Setup pages. They take
the same log-in as the API, answer 404 while the switch `setup_api` is off, and are:

GET  /api/3.0/sandbox-setup                    -> 200 {"setup": true, "fieldTypes": ["Text", ...]}
POST /api/3.0/sandbox-setup/fields/{E}         -> 201, the field as metadata shows it
     {"Name": "X__c", "FieldType": "Text", "Label"?, "Length"?, "Precision"?, "IsUnique"?,
      "IsRequired"?, "ReferenceType"? (lookups), "PicklistEntries"? [{"Value", "Label"?}]}
POST /api/3.0/sandbox-setup/picklists/{E}/{F}  -> 201, all entries of the picklist
     {"Value", "Label"?} or an array of these; a value that is there already is left as it is

Refusals are 400 or 404 with {"message", "success": false}.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from integrations.connectors.sandbox_kit import JsonObject, SandboxResponse, json_response

from .call import Call, Handle
from .calls import API
from .errors import ApiError
from .fields import CALCULATED, PICKLISTS, Field, FieldType, make
from .state import Entity, Portal

if TYPE_CHECKING:
    from .server import MagentrixSandbox

_NAME = re.compile(r"[A-Za-z]\w*__c")


class SetupCalls:
    """Handlers of `/sandbox-setup`."""

    def __init__(self, sandbox: MagentrixSandbox) -> None:
        self.sandbox = sandbox

    def routes(self) -> Iterator[tuple[str, str, Handle]]:
        """Yield method, path and handler of every call."""
        base = f"{API}/sandbox-setup"
        yield "GET", base, self.probe
        yield "POST", f"{base}/fields/{{entity}}", self.make_field
        yield "POST", f"{base}/picklists/{{entity}}/{{field}}", self.add_values

    def probe(self, call: Call) -> SandboxResponse:
        """Tell that the calls are there."""
        self._check(call)
        return json_response({"setup": True, "fieldTypes": [kind.value for kind in FieldType]})

    def make_field(self, call: Call, entity: str) -> SandboxResponse:
        """Make a custom field."""
        self._check(call)
        portal = self.sandbox.portal
        made = add_field(portal, portal.entity(entity), call.request.json())
        return json_response(made.metadata(), 201)

    def add_values(self, call: Call, entity: str, field: str) -> SandboxResponse:
        """Add values to a picklist."""
        self._check(call)
        items, _ = call.items()
        found = self.sandbox.portal.entity(entity).visible().get(field)
        if found is None:
            raise ApiError(404, f"Invalid field: '{field}'")
        for item in items:
            add_value(found, item)
        return json_response(found.options, 201)

    def _check(self, call: Call) -> None:
        if not self.sandbox.behaviour.setup_api:
            raise ApiError(404, f"Not found: {call.request.path}")


def add_field(portal: Portal, entity: Entity, body: JsonObject) -> Field:
    """Add a custom field to an entity; raises ApiError 400."""
    name, kind = str(body.get("Name") or ""), str(body.get("FieldType") or "")
    if not _NAME.fullmatch(name):
        raise ApiError(400, "Name must be letters, digits and underscores and end in __c.")
    if name.casefold() in {each.casefold() for each in entity.fields}:
        raise ApiError(400, f"{entity.name} has a field '{name}' already.")
    if kind not in [each.value for each in FieldType] or kind in CALCULATED:
        raise ApiError(400, f"A field of the type '{kind}' cannot be made.")
    made = make(FieldType(kind), name, str(body.get("Label") or name), _number(body, "Length"))
    made.precision = _number(body, "Precision") or made.precision
    made.unique, made.required = bool(body.get("IsUnique")), bool(body.get("IsRequired"))
    made.reference = str(body.get("ReferenceType") or "")
    if (made.type is FieldType.LOOKUP) is not (made.reference in portal.entities):
        raise ApiError(400, "A lookup, and nothing else, names an entity as its ReferenceType.")
    made.id = portal.new_id("00F")
    for item in body.get("PicklistEntries") or ():
        add_value(made, item)
    entity.add(made)
    return made


def add_value(field: Field, item: object) -> None:
    """Add a value to a picklist unless it is there; raises ApiError 400."""
    value = item.get("Value") if isinstance(item, dict) else None
    if field.type not in PICKLISTS:
        raise ApiError(400, f"'{field.name}' is no picklist.")
    if not isinstance(item, dict) or not isinstance(value, str) or not value or ";" in value:
        raise ApiError(400, "Value must be a text without a semicolon.")
    if value in [entry["Value"] for entry in field.options]:
        return
    entry_id = f"{field.id}-{len(field.options) + 1}"
    label = str(item.get("Label") or value)
    chosen = bool(item.get("IsDefaultValue"))
    field.options.append({"Id": entry_id, "Label": label, "Value": value, "IsDefaultValue": chosen})


def _number(body: JsonObject, name: str) -> int:
    value = body.get(name) or 0
    if not isinstance(value, int) or not 0 <= value <= 100_000:
        raise ApiError(400, f"{name} must be a whole number.")
    return value
