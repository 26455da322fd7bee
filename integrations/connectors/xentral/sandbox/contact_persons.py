"""Contact persons of customers: v1's `contactPerson` and v3's `contactPersons`, same rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from integrations.connectors.sandbox_kit import JsonObject, SandboxResponse, json_response

from . import present
from .call import Call, Handle
from .customers import CONTACT, OLD_PATH, customer
from .customers_v3 import PATH as V3_PATH
from .errors import invalid

if TYPE_CHECKING:
    from .server import XentralSandbox
    from .state import Row

V1: Final = f"{OLD_PATH}/{{id}}/contactPerson"
V3: Final = f"{V3_PATH}/{{id}}/contactPersons"
V1_MEMBERS: Final = ("name", "groups", "contact")
V3_MEMBERS: Final = ("name", "email", "groups")


class ContactPersonCalls:
    """Handlers of both generations over the same rows."""

    def __init__(self, sandbox: XentralSandbox) -> None:
        self.sandbox = sandbox

    def routes(self) -> Iterator[tuple[str, str, str, Handle]]:
        """Yield method, path, scope and handler of every call."""
        yield "GET", V1, "customer:read", self.page
        yield "POST", V1, "customer:update", self.create
        yield "GET", V3, "customer:read", self.list_v3
        yield "POST", V3, "customer:update", self.create_v3

    def page(self, call: Call, id: str) -> SandboxResponse:
        """Answer with a page as v1 does."""
        return present.page_of(call.request, self.of(customer(self.sandbox, id)), ("id", "name"))

    def create(self, call: Call, id: str) -> SandboxResponse:
        """Create one: 201 with its address in `Location`."""
        body = present.body_of(call.request, V1_MEMBERS)
        contact: Any = body.get("contact") or {}
        values = {name: contact.get(name) or "" for name in CONTACT}
        made = self._add(id, body, values)
        return present.created(f"{OLD_PATH}/{id}/contactPerson", made["id"])

    def list_v3(self, _call: Call, id: str) -> SandboxResponse:
        """Answer with all of them."""
        return json_response({"data": self.of(customer(self.sandbox, id))})

    def create_v3(self, call: Call, id: str) -> SandboxResponse:
        """Create one: 201 with the record."""
        body = present.body_of(call.request, V3_MEMBERS)
        values = {name: "" for name in CONTACT} | {"email": body.get("email") or ""}
        return json_response({"data": self._shown(self._add(id, body, values))}, 201)

    def of(self, row: Row) -> list[JsonObject]:
        """Return the contact persons of an address."""
        rows = self.sandbox.instance["contact_persons"].where(address=row["id"])
        return [self._shown(each) for each in rows]

    def _add(self, row_id: str, body: JsonObject, values: JsonObject) -> Row:
        row = customer(self.sandbox, row_id)
        if not str(body.get("name") or "").strip():
            raise invalid(name="The field is required.")
        table = self.sandbox.instance["groups"]
        groups = [table.get(each.get("id")) for each in body.get("groups") or ()]
        if None in groups:
            raise invalid(groups="The id is not known.")
        ids = [group["id"] for group in groups if group]
        made = {"address": row["id"], "name": body["name"], "groups": ids, **values}
        return self.sandbox.instance["contact_persons"].add(made)

    @staticmethod
    def _shown(row: Row) -> JsonObject:
        contact = {name: row[name] for name in CONTACT}
        groups = [{"id": str(one)} for one in row["groups"]]
        out = {"id": str(row["id"]), "name": row["name"], "email": row["email"]}
        return {**out, "groups": groups, "contact": contact}
