"""The routes of records and queries. What they do to records is in `records`.

Source: help.magentrix.com developer guide, REST API v3 (query, create, update, upsert, delete),
read 2026-11-20. Which status a refused record gets, and that a failed one in a batch leaves the
others, are assumed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from integrations.connectors.sandbox_kit import JsonObject, SandboxResponse, json_response

from . import meql
from .call import Call, Handle
from .errors import ApiError, Code, Refused, refused
from .state import Entity

if TYPE_CHECKING:
    from .server import MagentrixSandbox

API: Final = "/api/3.0"


class RecordCalls:
    """Handlers of `/entity/{E}...` and `/query`."""

    def __init__(self, sandbox: MagentrixSandbox) -> None:
        self.sandbox = sandbox

    def routes(self) -> Iterator[tuple[str, str, Handle]]:
        """Yield method, path and handler of every call."""
        many, one = f"{API}/entity/{{entity}}", f"{API}/entity/{{entity}}/{{id}}"
        yield "GET", one, self.read
        yield "GET", many, self.list
        yield "POST", many, self.create
        yield "PATCH", one, self.update
        yield "PATCH", many, self.update_many
        yield "PUT", many, self.upsert
        yield "DELETE", one, self.delete
        yield "DELETE", many, self.delete_many
        yield "POST", f"{API}/query", self.query
        yield "GET", f"{API}/query", self.query

    def query(self, call: Call) -> SandboxResponse:
        """Answer a MEQL query; its text is the whole body, or the parameter `q`."""
        request = call.request
        text = request.first("q") if request.method == "GET" else request.body.decode()
        return self._answered(text)

    def list(self, call: Call, entity: str) -> SandboxResponse:
        """Answer with every record, whatever filter the address holds."""
        return self._answered(f"FROM {self._entity(entity).name}")

    def read(self, call: Call, entity: str, id: str) -> SandboxResponse:
        """Answer with all fields of one live record."""
        found = self._entity(entity)
        row = found.store.get(id)
        if row is None:
            raise ApiError(404, f"{entity} {id} was not found.")
        return json_response(found.shown(row))

    def create(self, call: Call, entity: str) -> SandboxResponse:
        """Create one record or many: 201."""
        found, records = self._entity(entity), self.sandbox.records
        return self._each(call, found, lambda body: records.create(found, body, call.user), 201)

    def update(self, call: Call, entity: str, id: str) -> SandboxResponse:
        """Change one record; an Id in the body must be the one in the path."""
        found, records = self._entity(entity), self.sandbox.records

        def act(body: JsonObject) -> str:
            if body.get("Id", id) != id:
                raise refused(Code.INVALID_VALUE, "Id", "The Id is not the one of the address.")
            return records.update(found, id, _without_id(body), call.user)

        items, many = call.items()
        if many:
            raise ApiError(400, "One record is expected.")
        return self._each(call, found, act)

    def update_many(self, call: Call, entity: str) -> SandboxResponse:
        """Change the records that name themselves by Id."""
        found, records = self._entity(entity), self.sandbox.records

        def act(body: JsonObject) -> str:
            if not body.get("Id"):
                raise refused(Code.REQUIRED_FIELD_MISSING, "Id", "Id is required.")
            return records.update(found, body["Id"], _without_id(body), call.user)

        return self._each(call, found, act)

    def upsert(self, call: Call, entity: str) -> SandboxResponse:
        """Change or create by a field that is flagged as unique."""
        found, records = self._entity(entity), self.sandbox.records
        name = call.request.first("uniqueField", "Id")
        field = found.visible().get(name)
        if field is None or not field.unique:
            raise ApiError(400, f"'{name}' is not a unique field of {entity}.")
        return self._each(call, found, lambda body: records.upsert(found, name, body, call.user))

    def delete(self, call: Call, entity: str, id: str) -> SandboxResponse:
        """Move one record to the recycle bin."""
        self._delete(call, self._entity(entity), id)
        return json_response(_done(id))

    def delete_many(self, call: Call, entity: str) -> SandboxResponse:
        """Move some records to the recycle bin; each has a result of its own."""
        found = self._entity(entity)
        ids, many = call.items()
        if not many or not all(isinstance(one, str) for one in ids):
            raise ApiError(400, "An array of ids is expected.")
        most = self.sandbox.behaviour.max_delete
        if len(ids) > most:
            raise ApiError(400, f"At most {most} records can be deleted in one call.")
        return self._results(call, found, ids, lambda one: self._delete(call, found, one), True)

    # ------------------------------------------------------------ what they share

    def _answered(self, text: str) -> SandboxResponse:
        sandbox = self.sandbox
        return json_response(meql.run(sandbox.portal, sandbox.behaviour, text, sandbox.now()))

    def _delete(self, call: Call, entity: Entity, record_id: object) -> str:
        erase = call.request.first("isPermanent") == "true"
        self.sandbox.records.delete(entity, record_id, call.user, erase=erase)
        return str(record_id)

    def _each(
        self, call: Call, entity: Entity, act: Callable[[JsonObject], str], status: int = 200
    ) -> SandboxResponse:
        most = self.sandbox.behaviour.max_body
        if len(call.request.body) > most:
            raise ApiError(400, f"At most {most} bytes can be sent in one call.")

        def write(item: object) -> str:
            if not isinstance(item, dict):
                raise refused(Code.INVALID_VALUE, None, "A record is expected.")
            return act(item)

        items, many = call.items()
        return self._results(call, entity, items, write, many, status)

    def _results(
        self,
        call: Call,
        entity: Entity,
        items: Sequence[object],
        write: Callable[[object], str],
        many: bool,
        status: int = 200,
    ) -> SandboxResponse:
        """Do each item for itself; one that came alone raises what was refused."""
        if not many:
            return json_response(_done(write(items[0])), status)
        fault = self.sandbox.trouble.take(entity.name, call.request.method)
        results = []
        for place, item in enumerate(items):
            try:
                if fault and fault.hits(place):
                    raise Refused(fault.error())
                results.append(_done(write(item)))
            except Refused as error:
                results.append(error.result())
        return json_response(results, status)

    def _entity(self, name: str) -> Entity:
        return self.sandbox.portal.entity(name)


def _done(record_id: str) -> JsonObject:
    return {"id": record_id, "errors": [], "success": True}


def _without_id(body: JsonObject) -> JsonObject:
    return {name: value for name, value in body.items() if name != "Id"}
