"""The routes of accounts, contacts and search. What they do to records is in `records`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Final

from integrations.connectors.sandbox_kit import JsonObject, SandboxResponse, json_response

from .call import Call, Handle
from .errors import ApiError

if TYPE_CHECKING:
    from .behaviour import Behaviour
    from .records import Records

SEARCH_CAP: Final = 250
_FILTER = re.compile(r"(\w+):(=|>=|<=|>|<)\s*(\S+)")


class RecordCalls:
    """Handlers of `/v1/accounts...` and `/v1/search/...`."""

    def __init__(self, records: Records, behaviour: Behaviour) -> None:
        self.records = records
        self.behaviour = behaviour

    def routes(self) -> Iterator[tuple[str, str, Handle]]:
        """Yield method, path and handler of every call."""
        accounts, contacts = "/v1/accounts", "/v1/accounts/contacts"
        for object_type, path in (("accounts", accounts), ("contacts", contacts)):
            yield "GET", path, self._for(object_type, self.list)
            yield "POST", path, self._for(object_type, self.create)
            yield "PUT", f"{path}/{{id}}", self._for(object_type, self.update)
            yield "DELETE", f"{path}/{{id}}", self._for(object_type, self.delete)
            yield "POST", f"{path}/filter/ids", self._for(object_type, self.by_ids)
        yield "GET", f"{accounts}/{{id}}", self.account
        yield "GET", f"{contacts}/search", self.by_email
        yield "POST", f"{contacts}/bulk", self.bulk
        yield "GET", "/v1/search/{collection}", self.search

    def list(self, call: Call, object_type: str) -> SandboxResponse:
        """Answer with a page of live records, counted from 1, oldest first."""
        store = call.org.stores[object_type]
        limit = min(max(1, call.number("limit", 10)), self.behaviour.max_limit)
        start = max(0, call.number("page", 1) - 1) * limit
        wanted = call.request.first("accountId")
        if object_type == "contacts" and wanted:
            mine = [r for r in map(store.get, store.live) if r and wanted in r["accountIds"]]
            rows = mine[start : start + limit]
        else:
            rows = [store.records[one] for one in islice(store.live, start, start + limit)]
        return call.answer([self.records.shown(call.org, object_type, row) for row in rows])

    def create(self, call: Call, object_type: str) -> SandboxResponse:
        """Create one record: 201."""
        made = self.records.create(call.org, object_type, call.request.json(), call.actor)
        shown = self.records.shown(call.org, object_type, made)
        return call.answer(shown, 201, f"{object_type} created")

    def update(self, call: Call, object_type: str, id: str) -> SandboxResponse:
        """Change one record; `accountIds` replaces the whole list."""
        row = self.records.update(call.org, object_type, id, call.request.json(), call.actor)
        return call.answer(self.records.shown(call.org, object_type, row))

    def delete(self, call: Call, object_type: str, id: str) -> SandboxResponse:
        """Delete one record softly."""
        self.records.delete(call.org, object_type, id, call.actor)
        return call.answer(None, message=f"{object_type} deleted")

    def account(self, call: Call, id: str) -> SandboxResponse:
        """Answer with one account."""
        row = self.records.live(call.org, "accounts", id)
        return call.answer(self.records.shown(call.org, "accounts", row))

    def by_ids(self, call: Call, object_type: str) -> SandboxResponse:
        """Answer with the live records of some ids; unknown ones are left out."""
        if object_type == "accounts" and not self.behaviour.accounts_by_ids:
            raise ApiError(404, f"Cannot POST {call.request.path}")
        ids = call.request.json().get("ids")
        if not isinstance(ids, list) or not ids:
            raise ApiError(400, ["ids must be an array", "ids should not be empty"])
        found = (call.org.stores[object_type].get(str(one)) for one in ids)
        return call.answer([self.records.shown(call.org, object_type, row) for row in found if row])

    def by_email(self, call: Call) -> SandboxResponse:
        """Answer with the contacts of an e-mail address."""
        email = call.request.first("email")
        if not email:
            raise ApiError(400, ["email should not be empty"])
        store = call.org.stores["contacts"]
        row = store.get(store.holder(email) or "")
        return call.answer([self.records.shown(call.org, "contacts", row)] if row else [])

    def bulk(self, call: Call) -> SandboxResponse:
        """Create many contacts; the answer counts them and names none."""
        body = call.request.json()
        given: list[JsonObject] = list(body.get("contacts") or ())
        shared = {name: body[name] for name in ("accountIds", "contactType") if body.get(name)}
        created = 0
        for contact in given:
            if call.org.stores["contacts"].holder(str(contact.get("email") or "")) is None:
                self.records.create(call.org, "contacts", {**shared, **contact}, call.actor)
                created += 1
        if not created:
            raise ApiError(400, "No contacts to create")
        total = len(given)
        return call.answer({"total": total, "created": created, "skipped": total - created}, 201)

    def search(self, call: Call, collection: str) -> SandboxResponse:
        """Answer as Typesense does, from an index that lags; contacts are not in it."""
        if collection != "accounts":
            raise ApiError(404, f"Collection {collection} not found")
        query, by = call.request.first("q"), call.request.first("query_by")
        if not query or not by:
            raise ApiError(400, ["q should not be empty", "query_by should not be empty"])
        rows = call.org.stores["accounts"].index(call.now.timestamp())
        rows = [row for row in rows if _found(row, query, by)]
        for name, sign, value in _FILTER.findall(call.request.first("filter_by")):
            rows = [row for row in rows if _holds(str(row.get(name)), sign, value)]
        name, _, order = call.request.first("sort_by", "createdAt:asc").partition(":")
        rows.sort(key=lambda row: str(row.get(name) or ""), reverse=order == "desc")
        limit = min(max(1, call.number("per_page", 20)), SEARCH_CAP)
        start = max(0, call.number("page", 1) - 1) * limit
        page = [self.records.shown(call.org, "accounts", r) for r in rows[start : start + limit]]
        hits = [{"document": document} for document in page]
        return json_response({"result": {"found": len(rows), "hits": hits, "facet_counts": []}})

    @staticmethod
    def _for(object_type: str, handle: Handle) -> Handle:
        return lambda call, **names: handle(call, object_type, **names)


def _found(row: JsonObject, query: str, by: str) -> bool:
    """Match loosely, as full text does: any word of the query at the start of any word."""
    if query == "*":
        return True
    words = re.split(r"\W+", " ".join(str(row.get(name) or "") for name in by.split(",")).lower())
    return any(word.startswith(q) for q in re.split(r"\W+", query.lower()) if q for word in words)


def _holds(held: str, sign: str, value: str) -> bool:
    match sign:
        case "=":
            return held.lower() == value.lower()
        case ">=":
            return held >= value
        case "<=":
            return held <= value
        case ">":
            return held > value
        case _:
            return held < value
