"""`/api/v2/settings/masterdata/addressCustomFields`: the up to 20 free fields of addresses.

The id is the field's number: id "3" is the column `freifeld3` (assumed; reference/xentral.md 3.4
names the members only). A new field takes the first number that is free.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from integrations.connectors.sandbox_kit import JsonObject, SandboxResponse

from . import present
from .call import Call, Handle
from .errors import Problem, invalid
from .state import FREE_FIELDS

if TYPE_CHECKING:
    from .server import XentralSandbox

PATH: Final = "/api/v2/settings/masterdata/addressCustomFields"
TYPES: Final = ("single_line", "multi_line", "date", "checkbox", "select")
MEMBERS: Final = ("name", "type", "allowedValues")


class FreeFieldCalls:
    """Handlers of the path above."""

    def __init__(self, sandbox: XentralSandbox) -> None:
        self.sandbox = sandbox

    def routes(self) -> Iterator[tuple[str, str, str, Handle]]:
        """Yield method, path, scope and handler of every call."""
        yield "GET", PATH, "", self.page
        yield "POST", PATH, "", self.create

    def page(self, call: Call) -> SandboxResponse:
        """Answer with a page of the fields that are in use."""
        return present.page_of(call.request, self.all(), ("id", "name"))

    def create(self, call: Call) -> SandboxResponse:
        """Name a field: 201 with its address."""
        return present.created(PATH, self.add(present.body_of(call.request, MEMBERS)))

    def all(self) -> list[JsonObject]:
        """Return the fields that are in use, by number."""
        found = sorted(self.sandbox.instance.free_fields.items())
        return [{"id": str(number), **row} for number, row in found]

    def add(self, body: JsonObject, number: int = 0) -> int:
        """Store a field, under the first free number unless one is given; raises Problem."""
        faults = {}
        if not str(body.get("name") or "").strip():
            faults["name"] = "The field is required."
        if body.get("type") not in TYPES:
            faults["type"] = f"The field must be one of {', '.join(TYPES)}."
        values = body.get("allowedValues")
        if body.get("type") == "select" and not _are_options(values):
            faults["allowedValues"] = "The field must be a list of label and value."
        if faults:
            raise invalid(**faults)
        fields = self.sandbox.instance.free_fields
        free = (one for one in range(1, FREE_FIELDS + 1) if one not in fields)
        chosen = number or next(free, 0)
        if not chosen:
            raise Problem(409, "conflict", "No free field is left", messages=["20 are in use"])
        fields[chosen] = {"name": body["name"], "type": body["type"], "allowedValues": values or []}
        return chosen


def _are_options(values: object) -> bool:
    if not isinstance(values, list) or not values:
        return False
    return all(isinstance(each, dict) and {*each} == {"label", "value"} for each in values)
