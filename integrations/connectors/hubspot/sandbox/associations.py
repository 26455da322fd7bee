"""The association calls, for one record and in batches.

Source: HubSpot docs, "associations guide", 2026-03-30.
"""

from typing import TYPE_CHECKING

from integrations.connectors.sandbox_kit import JsonObject, SandboxResponse, empty, json_response

from . import writes
from .call import Call
from .errors import ApiError, bad_request, not_found
from .kinds import kind_named
from .links import LinkChange, Pair, default_type, primary_type, type_label

if TYPE_CHECKING:
    from .server import HubSpotSandbox

RECORDS = ("/crm/objects/2026-09", "/crm/objects/2026-03", "/crm/v4/objects")
BATCHES = ("/crm/associations/2026-09", "/crm/associations/2026-03", "/crm/v4/associations")
MOST_READ, MOST_WRITTEN, PAGE = 1_000, 2_000, 500


class AssociationsApi:
    """Handlers of the association calls."""

    def __init__(self, sandbox: "HubSpotSandbox") -> None:
        for base in RECORDS:
            one = f"{base}/{{from_type}}/{{from_id}}/associations"
            sandbox.api("GET", f"{one}/{{to_type}}", self.list)
            sandbox.api("PUT", f"{one}/default/{{to_type}}/{{to_id}}", self.put_default)
            sandbox.api("PUT", f"{one}/{{to_type}}/{{to_id}}", self.put)
            sandbox.api("DELETE", f"{one}/{{to_type}}/{{to_id}}", self.delete)
        for base in BATCHES:
            many = f"{base}/{{from_type}}/{{to_type}}"
            sandbox.api("POST", f"{many}/batch/read", self.read_many)
            sandbox.api("POST", f"{many}/batch/associate/default", self.associate_many)
            sandbox.api("POST", f"{many}/batch/create", self.create_many)
            sandbox.api("POST", f"{many}/batch/archive", self.archive_many)
            sandbox.api("POST", f"{many}/batch/labels/archive", self.archive_labels)
            sandbox.api("GET", f"{many}/labels", self.labels)

    def list(self, call: Call, from_type: str, from_id: str, to_type: str) -> SandboxResponse:
        """GET .../associations/{to}: one entry per partner with all its types."""
        pair = _pair(call, from_type, to_type, "read")
        partners = _partners(call, pair, _live(call, pair[0], from_id))
        after, limit = call.number("after", 0, 10**18), call.number("limit", PAGE, PAGE) or PAGE
        return json_response(_page(partners, "results", after, limit))

    def put_default(
        self, call: Call, from_type: str, from_id: str, to_type: str, to_id: str
    ) -> SandboxResponse:
        """PUT .../associations/default/{to}/{toId}: the unlabeled type."""
        pair = _pair(call, from_type, to_type, "write")
        _add(call, pair, from_id, to_id, {default_type(pair)})
        return json_response({"status": "COMPLETE", "results": [_made(pair, from_id, to_id)]})

    def put(
        self, call: Call, from_type: str, from_id: str, to_type: str, to_id: str
    ) -> SandboxResponse:
        """PUT .../associations/{to}/{toId}: exactly these types, others go."""
        pair = _pair(call, from_type, to_type, "write")
        types = _types(pair, call.json_list())
        one, other = _live(call, pair[0], from_id), _live(call, pair[1], to_id)
        present = call.account.links.of(pair, one).get(other, set())
        changes: list[LinkChange] = []
        if extra := present - types - {default_type(pair)}:
            changes += call.account.links.remove(pair, one, other, extra)
        changes += call.account.links.add(pair, one, other, types)
        writes.tell_links(call.account, changes, call.source, call.at)
        body = {
            "fromObjectTypeId": kind_named(pair[0]).type_id,
            "fromObjectId": str(one),
            "toObjectTypeId": kind_named(pair[1]).type_id,
            "toObjectId": str(other),
            "labels": [label for t in sorted(types) if (label := type_label(t))],
        }
        return json_response(body, 201)

    def delete(
        self, call: Call, from_type: str, from_id: str, to_type: str, to_id: str
    ) -> SandboxResponse:
        """DELETE .../associations/{to}/{toId}: every type of the pair."""
        pair = _pair(call, from_type, to_type, "write")
        _remove(call, pair, from_id, to_id)
        return empty()

    def read_many(self, call: Call, from_type: str, to_type: str) -> SandboxResponse:
        """POST .../batch/read: records without associations become an error entry.

        Long lists come in pages, as in the single call.
        """
        pair = _pair(call, from_type, to_type, "read")
        results, lonely = [], []
        for row in _inputs(call, MOST_READ):
            given = call.id_of(row)
            record = call.account.stores[pair[0]].find(int(given)) if given.isdecimal() else None
            partners = _partners(call, pair, record.id) if record else []
            if partners:
                after = int(row.get("after") or 0)
                results.append({"from": {"id": given}, **_page(partners, "to", after, PAGE)})
            else:
                lonely.append(given)
        body: JsonObject = {"status": "COMPLETE", "results": results}
        if lonely:
            error = ApiError(
                404,
                f"No {pair[1]} is associated with {pair[0]} {', '.join(lonely)}.",
                "OBJECT_NOT_FOUND",
                sub_category="crm.associations.NO_ASSOCIATIONS_FOUND",
            )
            body |= {"numErrors": 1, "errors": [error.entry({"fromObjectId": lonely})]}
        return json_response(body, 207 if lonely else 200)

    def associate_many(self, call: Call, from_type: str, to_type: str) -> SandboxResponse:
        """POST .../batch/associate/default."""
        pair = _pair(call, from_type, to_type, "write")
        results = []
        for row in _inputs(call, MOST_WRITTEN):
            from_id, to_id = call.id_of(row, "from"), call.id_of(row, "to")
            _add(call, pair, from_id, to_id, {default_type(pair)})
            results.append(_made(pair, from_id, to_id))
        return json_response({"status": "COMPLETE", "results": results})

    def create_many(self, call: Call, from_type: str, to_type: str) -> SandboxResponse:
        """POST .../batch/create: 201, or 207 when some records do not exist."""
        pair = _pair(call, from_type, to_type, "write")
        results: list[JsonObject] = []
        errors: list[JsonObject] = []
        for row in _inputs(call, MOST_WRITTEN):
            from_id, to_id = call.id_of(row, "from"), call.id_of(row, "to")
            types = _types(pair, call.member(row, "types", list))
            try:
                _add(call, pair, from_id, to_id, types)
            except ApiError as error:
                error.category = error.category or "OBJECT_NOT_FOUND"
                errors.append(error.entry({"fromObjectId": [from_id], "toObjectId": [to_id]}))
            else:
                results.append({"fromObjectId": from_id, "toObjectId": to_id, "labels": []})
        body: JsonObject = {"status": "COMPLETE", "results": results}
        if errors:
            body |= {"numErrors": len(errors), "errors": errors}
        return json_response(body, 207 if errors else 201)

    def archive_many(self, call: Call, from_type: str, to_type: str) -> SandboxResponse:
        """POST .../batch/archive: every type of the named pairs; 200, in v4 204."""
        pair = _pair(call, from_type, to_type, "write")
        for row in _inputs(call, MOST_WRITTEN):
            for to in call.member(row, "to", list):
                _remove(call, pair, call.id_of(row, "from"), call.id_of(to))
        if "/v4/" in call.request.path:
            return empty()
        return json_response({"status": "COMPLETE", "results": []})

    def archive_labels(self, call: Call, from_type: str, to_type: str) -> SandboxResponse:
        """POST .../batch/labels/archive: only the given types; 200, in v4 204."""
        pair = _pair(call, from_type, to_type, "write")
        for row in _inputs(call, MOST_WRITTEN):
            types = _types(pair, call.member(row, "types", list))
            _remove(call, pair, call.id_of(row, "from"), call.id_of(row, "to"), types)
        if "/v4/" in call.request.path:
            return empty()
        return json_response({"status": "COMPLETE", "results": []})

    def labels(self, call: Call, from_type: str, to_type: str) -> SandboxResponse:
        """GET .../labels: the types a pair knows."""
        pair = _pair(call, from_type, to_type, "read")
        types = [default_type(pair), primary_type(pair)]
        return json_response({"results": [_type(t) for t in types if t is not None]})


def _pair(call: Call, from_type: str, to_type: str, right: str) -> Pair:
    one, other = kind_named(from_type), kind_named(to_type)
    call.need(one, right)
    call.need(other, right)
    return one.plural, other.plural


def _inputs(call: Call, most: int) -> list[JsonObject]:
    inputs: list[JsonObject] = call.member(call.json(), "inputs", list)
    if len(inputs) > most:
        raise bad_request(f"The maximum number of inputs in a batch request is {most}")
    return inputs


def _types(pair: Pair, rows: list[JsonObject]) -> set[int]:
    types = {row.get("associationTypeId") for row in rows}
    allowed = {default_type(pair), primary_type(pair), 13, 14} - {None}
    if not types or types - allowed:
        raise bad_request(f"Association types {types} do not join {pair[0]} and {pair[1]}")
    return {type_id for type_id in types if type_id is not None}


def _live(call: Call, plural: str, record_id: str) -> int:
    record = call.account.stores[plural].find(int(record_id)) if record_id.isdecimal() else None
    if record is None:
        raise not_found()
    return record.id


def _add(call: Call, pair: Pair, from_id: str, to_id: str, types: set[int]) -> None:
    one, other = _live(call, pair[0], from_id), _live(call, pair[1], to_id)
    changes = call.account.links.add(pair, one, other, types)
    writes.tell_links(call.account, changes, call.source, call.at)


def _remove(
    call: Call, pair: Pair, from_id: str, to_id: str, types: set[int] | None = None
) -> None:
    one, other = _live(call, pair[0], from_id), _live(call, pair[1], to_id)
    changes = call.account.links.remove(pair, one, other, types)
    writes.tell_links(call.account, changes, call.source, call.at)


def _partners(call: Call, pair: Pair, from_id: int) -> list[JsonObject]:
    live = call.account.stores[pair[1]]
    return [
        {"toObjectId": str(to_id), "associationTypes": [_type(t) for t in sorted(types)]}
        for to_id, types in sorted(call.account.links.of(pair, from_id).items())
        if live.find(to_id)
    ]


def _page(partners: list[JsonObject], member: str, after: int, limit: int) -> JsonObject:
    rest = [row for row in partners if int(row["toObjectId"]) >= after]
    page: JsonObject = {member: rest[:limit]}
    if len(rest) > limit:
        page["paging"] = {"next": {"after": rest[limit]["toObjectId"]}}
    return page


def _type(type_id: int) -> JsonObject:
    return {"category": "HUBSPOT_DEFINED", "typeId": type_id, "label": type_label(type_id)}


def _made(pair: Pair, from_id: str, to_id: str) -> JsonObject:
    spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": default_type(pair)}
    return {"from": {"id": from_id}, "to": {"id": to_id}, "associationSpec": spec}
