"""The sandbox's JSON endpoints on records, as a person in the account changes them.

`admin` lists them all and holds the rest.
"""

from collections.abc import Callable
from datetime import datetime
from itertools import cycle
from typing import TYPE_CHECKING

from integrations.connectors.sandbox_kit import (
    BadJson,
    JsonObject,
    SandboxRequest,
    SandboxResponse,
    empty,
    json_response,
)

from .errors import ApiError, bad_request
from .kinds import kind_named
from .person import Person
from .records import Record

if TYPE_CHECKING:
    from .server import HubSpotSandbox

Handler = Callable[..., SandboxResponse]


class RecordsAdmin:
    """Handlers of `/sandbox/records`."""

    def __init__(self, sandbox: "HubSpotSandbox") -> None:
        self.sandbox = sandbox
        base = "/sandbox/records/{portal}/{object_type}"
        routes: list[tuple[str, str, Handler]] = [
            ("GET", base, self.list),
            ("POST", base, self.create),
            ("GET", f"{base}/{{record_id}}", self.read),
            ("PATCH", f"{base}/{{record_id}}", self.edit),
            ("DELETE", f"{base}/{{record_id}}", self.delete),
            ("POST", f"{base}/{{record_id}}/restore", self.restore),
            ("POST", f"{base}/{{record_id}}/forget", self.forget),
            ("POST", f"{base}/merge", self.merge),
            ("POST", f"{base}/bulk", self.bulk),
            ("GET", f"{base}/{{record_id}}/partners/{{other_type}}", self.partners),
            ("PUT", f"{base}/{{record_id}}/partners/{{other_type}}", self.set_partners),
        ]
        for method, pattern, handler in routes:
            sandbox.router.add(method, pattern, tolerant(handler))

    def list(self, request: SandboxRequest, portal: str, object_type: str) -> SandboxResponse:
        """The newest records."""
        store = self._person(portal).state.stores[kind_named(object_type).plural]
        limit = int(request.first("limit", "50"))
        order = store.archived if request.first("archived") == "true" else store.live
        newest = order[: -limit - 1 : -1]
        return json_response(
            {"total": len(order), "results": [_record(store.records[i]) for i in newest]}
        )

    def create(self, request: SandboxRequest, portal: str, object_type: str) -> SandboxResponse:
        """Create a record as a person."""
        body = request.json()
        added = datetime.fromisoformat(body["added"]) if "added" in body else None
        created = self._person(portal).create(object_type, body["properties"], added)
        return json_response({"id": created}, 201)

    def read(
        self, _: SandboxRequest, portal: str, object_type: str, record_id: str
    ) -> SandboxResponse:
        """One record with all its values."""
        properties = self._person(portal).read(object_type, record_id)
        return json_response({"id": properties["hs_object_id"], "properties": properties})

    def edit(
        self, request: SandboxRequest, portal: str, object_type: str, record_id: str
    ) -> SandboxResponse:
        """Change a record as a person."""
        self._person(portal).edit(object_type, record_id, request.json()["properties"])
        return json_response({"id": record_id})

    def delete(
        self, _: SandboxRequest, portal: str, object_type: str, record_id: str
    ) -> SandboxResponse:
        """Move a record to the recycle bin."""
        self._person(portal).delete(object_type, record_id)
        return empty()

    def restore(
        self, _: SandboxRequest, portal: str, object_type: str, record_id: str
    ) -> SandboxResponse:
        """Bring a record back."""
        self._person(portal).restore(object_type, record_id)
        return empty()

    def forget(
        self, _: SandboxRequest, portal: str, object_type: str, record_id: str
    ) -> SandboxResponse:
        """Delete a record for good."""
        self._person(portal).forget(object_type, record_id)
        return empty()

    def merge(self, request: SandboxRequest, portal: str, object_type: str) -> SandboxResponse:
        """Merge two records as a person."""
        body = request.json()
        person = self._person(portal)
        survivor = person.merge(object_type, str(body["primary"]), str(body["other"]))
        return json_response({"id": survivor})

    def bulk(self, request: SandboxRequest, portal: str, object_type: str) -> SandboxResponse:
        """Create many records with running numbers in their names, shared out among partners."""
        body = request.json()
        rows = numbered(object_type, int(body["count"]), str(body.get("prefix", "bulk")))
        shared = body.get("properties", {})
        person = self._person(portal)
        ids = person.create_many(object_type, [{**row, **shared} for row in rows])
        for other_type, partners in body.get("partners", {}).items():
            for record_id, partner in zip(ids, cycle(partners), strict=False):
                person.associate(object_type, record_id, other_type, str(partner))
        return json_response({"ids": ids}, 201)

    def partners(
        self, _: SandboxRequest, portal: str, object_type: str, record_id: str, other_type: str
    ) -> SandboxResponse:
        """The live records of another type that a record is associated with; the primary one."""
        person = self._person(portal)
        found: JsonObject = {"ids": person.partners(object_type, record_id, other_type)}
        if kind_named(other_type).plural == "companies":
            found["primary"] = person.primary_company(object_type, record_id)
        return json_response(found)

    def set_partners(
        self,
        request: SandboxRequest,
        portal: str,
        object_type: str,
        record_id: str,
        other_type: str,
    ) -> SandboxResponse:
        """Associate a record with exactly these others, one of them as its primary."""
        body, person = request.json(), self._person(portal)
        wanted = [str(one) for one in body["ids"]]
        for partner in wanted:
            primary = partner == str(body.get("primary", ""))
            person.associate(object_type, record_id, other_type, partner, primary=primary)
        for partner in person.partners(object_type, record_id, other_type):
            if partner not in wanted:
                person.dissociate(object_type, record_id, other_type, partner)
        return json_response({"ids": person.partners(object_type, record_id, other_type)})

    def _person(self, portal: str) -> Person:
        return self.sandbox.account(int(portal))


def numbered(object_type: str, count: int, prefix: str) -> list[JsonObject]:
    """Return the properties of `count` made-up records."""
    match kind_named(object_type).plural:
        case "contacts":
            return [
                {
                    "email": f"{prefix}{n}@patients.example",
                    "firstname": f"First{n}",
                    "lastname": f"{prefix.title()}{n}",
                }
                for n in range(count)
            ]
        case "companies":
            return [
                {"name": f"{prefix.title()} {n}", "domain": f"{prefix}{n}.example"}
                for n in range(count)
            ]
        case _:
            return [
                {"dealname": f"{prefix.title()} {n}", "dealstage": "appointmentscheduled"}
                for n in range(count)
            ]


def tolerant(handler: Handler) -> Handler:
    """Answer 400 or 404 where a body or an id is wrong."""

    def guarded(request: SandboxRequest, **names: str) -> SandboxResponse:
        try:
            return handler(request, **names)
        except KeyError as error:
            raise ApiError(404, f"Unknown or missing: {error.args[0]}") from error
        except (BadJson, ValueError, TypeError, AttributeError) as error:
            raise bad_request(str(error)) from error

    return guarded


def _record(record: Record) -> JsonObject:
    return {"id": str(record.id), "properties": record.properties}
