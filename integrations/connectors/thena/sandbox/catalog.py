"""Custom fields and picklist attributes: routes and what a new organisation has of both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from integrations.connectors.sandbox_kit import JsonObject, SandboxResponse

from .call import Call, Handle
from .errors import ApiError
from .state import PICKLISTS, WITH_DEFAULT, Organisation, iso

if TYPE_CHECKING:
    from .records import Records

SOURCES: Final = ("ticket", "account", "custom_object", "customer_contact")
FIELD_TYPES: Final = (
    "single_line multi_line rich_text integer decimal currency date date_time time single_choice "
    "multi_choice radio_button checkbox email phone_number"
).split()
WITH_OPTIONS: Final = ("single_choice", "multi_choice", "radio_button")
FIRST_FIELD: Final[JsonObject] = {
    "name": "Customer tier",
    "source": "account",
    "fieldType": "single_choice",
    "options": [{"value": "Gold"}, {"value": "Silver"}],
}


class CatalogCalls:
    """Handlers of `/v1/custom-field` and `/v1/accounts/attributes`."""

    def __init__(self, records: Records) -> None:
        self.records = records

    def routes(self) -> Iterator[tuple[str, str, Handle]]:
        """Yield method, path and handler of every call."""
        yield "GET", "/v1/custom-field", self.list_fields
        yield "POST", "/v1/custom-field", self.create_field
        yield "GET", "/v1/accounts/account-custom-fields", self.account_fields
        yield "GET", "/v1/accounts/attributes", self.list_attributes
        yield "POST", "/v1/accounts/attributes", self.create_attribute

    def furnish(self, org: Organisation, call: Call) -> None:
        """Give a new organisation Thena's default picklists and one custom field."""
        for kind, values in PICKLISTS.items():
            for number, value in enumerate(values):
                is_default = number == 0 and kind in WITH_DEFAULT
                self._add_attribute(call, kind, value, is_default=is_default)
        self.add_field(call, FIRST_FIELD)

    def list_fields(self, call: Call) -> SandboxResponse:
        """Answer with a page of definitions; these pages count from 0, unlike all others."""
        source = call.request.first("source")
        rows = [row for row in call.org.fields.values() if source in ("", row["source"])]
        return call.answer(call.cut(rows, 0, self.records.behaviour.max_limit))

    def account_fields(self, call: Call) -> SandboxResponse:
        """Answer with all definitions of accounts."""
        return call.answer([r for r in call.org.fields.values() if r["source"] == "account"])

    def create_field(self, call: Call) -> SandboxResponse:
        """Create a field, also a second one of the same name."""
        return call.answer(self.add_field(call, call.request.json()), 201, "Field created")

    def add_field(self, call: Call, body: JsonObject) -> JsonObject:
        """Store a definition; raises ApiError 400."""
        found = [
            f"{name} should not be empty"
            for name in ("name", "source", "fieldType")
            if not body.get(name)
        ]
        if body.get("source") and body["source"] not in SOURCES:
            found.append(f"source must be one of the following values: {', '.join(SOURCES)}")
        if body.get("fieldType") and body["fieldType"] not in FIELD_TYPES:
            found.append("fieldType must be one of the known values")
        if body.get("fieldType") in WITH_OPTIONS and not body.get("options"):
            found.append("options should not be empty")
        if found:
            raise ApiError(400, found)
        row = {
            "isActive": True,
            "description": None,
            "options": [],
            "metadata": {},
            **body,
            "uid": self.records.new_id("CF"),
            "slug": re.sub(r"\W+", "_", str(body["name"]).lower()).strip("_"),
            "organizationId": call.org.id,
        }
        call.org.fields[row["uid"]] = row
        return row

    def list_attributes(self, call: Call) -> SandboxResponse:
        """Answer with the values of a picklist, or of all."""
        kind = call.request.first("attribute")
        if kind and kind not in PICKLISTS:
            raise ApiError(400, ["attribute must be one of the following values"])
        rows = call.org.attributes.values()
        return call.answer([row for row in rows if kind in ("", row["attribute"])])

    def create_attribute(self, call: Call) -> SandboxResponse:
        """Add a value to a picklist."""
        body = call.request.json()
        kind, value = str(body.get("attribute") or ""), str(body.get("value") or "")
        if kind not in PICKLISTS or not value:
            raise ApiError(400, ["attribute and value should not be empty"])
        return call.answer(self._add_attribute(call, kind, value, is_default=False), 201)

    def _add_attribute(self, call: Call, kind: str, value: str, *, is_default: bool) -> JsonObject:
        now = iso(call.now)
        row: JsonObject = {
            "id": self.records.new_id("AV"),
            "attribute": kind,
            "value": value,
            "isDefault": is_default,
            "configuration": {},
            "createdAt": now,
            "updatedAt": now,
        }
        call.org.attributes[row["id"]] = row
        return row
