"""Customers of the present API, third generation: the beta `/api/v3/customers`.

Alone in writing groups and free fields. Its filters by time take a plain date, that by email finds
too much, and what hangs on a customer is there only if `include` names it (reference/xentral.md 4).
Assumed: the key of a free field is its column, `freifeld3`; changing is a PATCH that answers 200.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from integrations.connectors.sandbox_kit import JsonObject, SandboxResponse, empty, json_response

from . import present
from .addresses import FREE
from .call import Call, Handle
from .customers import customer, customers, kind_of, references
from .errors import Problem, invalid
from .words import fold, instant

if TYPE_CHECKING:
    from .server import XentralSandbox
    from .state import Row

PATH: Final = "/api/v3/customers"
PLAIN: Final[Mapping[str, str]] = {
    "number": "kundennummer",
    "name": "name",
    "email": "email",
    "phone": "telefon",
    "mobile": "mobil",
    "fax": "telefax",
    "state": "bundesstaat",
    "notes": "sonstiges",
}
PLACE: Final[Mapping[str, str]] = {
    "name": "name",
    "street": "strasse",
    "zipCode": "plz",
    "city": "ort",
    "country": "land",
}
COMMUNICATION: Final = {"language": "sprache", "website": "internetseite"}
REFERENCES: Final = {
    "mainProject": ("projekt", "projects"),
    "salesManager": ("vertrieb", "addresses"),
    "accountManager": ("innendienst", "addresses"),
}
INCLUDES: Final = ("customFields", "groups", "contactPersons", "tags")
MEMBERS: Final = {
    *PLAIN, *REFERENCES, "type", "primaryAddress", "communication", "groups", "customFields", "tags"
}  # fmt: skip
TIMES: Final = ("createdAt", "updatedAt")
SORTS: Final = ("id", "name", "number", *TIMES)
PAGE_SIZE: Final = 15
LARGEST: Final = 100
STYLES: Final = ("simple", "table", "cursor")


class CustomerV3Calls:
    """Handlers of the beta; the server refuses them with 403 while it is off."""

    def __init__(self, sandbox: XentralSandbox) -> None:
        self.sandbox = sandbox

    def routes(self) -> Iterator[tuple[str, str, str, Handle]]:
        """Yield method, path, scope and handler of every call."""
        one = f"{PATH}/{{id}}"
        yield "GET", PATH, "customer:read", self.page
        yield "POST", PATH, "customer:create", self.create
        yield "GET", one, "customer:read", self.read
        yield "PATCH", one, "customer:update", self.update
        yield "DELETE", one, "customer:delete", self.delete

    def page(self, call: Call) -> SandboxResponse:
        """Answer with a page, in the style that the header `x-pagination` asks for."""
        wanted = _includes(call)
        rows = [self._shown(row, (*INCLUDES,)) for row in customers(self.sandbox)]
        for key, operator, value in present.filters(call.request):
            rows = [row for row in rows if _meets(row, key, operator, value)]
        sort = call.request.first("sort", "id")
        if sort.lstrip("-") not in SORTS:
            raise invalid(sort="The field cannot be sorted by.")
        rows.sort(key=lambda row: fold(row[sort.lstrip("-")]), reverse=sort.startswith("-"))
        dropped = {*INCLUDES} - {*wanted}
        return _page(call, [{n: v for n, v in row.items() if n not in dropped} for row in rows])

    def read(self, call: Call, id: str) -> SandboxResponse:
        """Answer with one."""
        return self._answer(call, customer(self.sandbox, id))

    def create(self, call: Call) -> SandboxResponse:
        """Create one: 201 with the record. The number is stored as given."""
        body = present.body_of(call.request, MEMBERS)
        place: Any = body.get("primaryAddress") or {}
        faults = {
            f"primaryAddress.{name}": "The field is required."
            for name in PLACE
            if not place.get(name)
        }
        if faults:
            raise invalid(**faults)
        values, later = self._columns(body), self._later(body)
        row = self.sandbox.addresses.add(values)
        self.sandbox.addresses.make_customer(row)
        later(row)
        return self._answer(call, row, 201)

    def update(self, call: Call, id: str) -> SandboxResponse:
        """Change what is named; `groups` replaces all memberships."""
        row = customer(self.sandbox, id)
        body = present.body_of(call.request, MEMBERS)
        values, later = self._columns(body), self._later(body)
        self.sandbox.addresses.change(row, values)
        later(row)
        return self._answer(call, row)

    def delete(self, _call: Call, id: str) -> SandboxResponse:
        """Delete one softly: 204."""
        self.sandbox.addresses.delete(str(customer(self.sandbox, id)["id"]))
        return empty()

    def _columns(self, body: JsonObject) -> JsonObject:
        values: JsonObject = {PLAIN[name]: v for name, v in body.items() if name in PLAIN}
        for member, known in (("primaryAddress", PLACE), ("communication", COMMUNICATION)):
            given = body.get(member) or {}
            values |= {known[name]: v for name, v in given.items() if name in known}
        if "type" in body:
            values["typ"] = "firma" if body["type"] == "company" else "herr"
        if "tags" in body:
            values["_tags"] = list(body["tags"] or ())
        return values | references(self.sandbox, body, REFERENCES) | _free(body)

    def _later(self, body: JsonObject) -> Callable[[Row], None]:
        """Return what is done to the row once it is stored; raises Problem before anything is."""
        if "groups" not in body:
            return lambda _row: None
        table = self.sandbox.instance["groups"]
        found = [table.get(each.get("id")) for each in body["groups"] or ()]
        ids = [group["id"] for group in found if group]
        if len(ids) < len(found):
            raise invalid(groups="The id is not known.")
        return lambda row: self.sandbox.roles.set_groups(row["id"], ids)

    def _answer(self, call: Call, row: Row, status: int = 200) -> SandboxResponse:
        return json_response({"data": self._shown(row, _includes(call))}, status)

    def _shown(self, row: Row, wanted: tuple[str, ...]) -> JsonObject:
        zone = self.sandbox.behaviour.time_zone
        out: JsonObject = {"id": str(row["id"]), "type": kind_of(row)}
        out |= {name: row[column] for name, column in PLAIN.items()}
        out["primaryAddress"] = {name: row[column] for name, column in PLACE.items()}
        out |= {name: row[PLACE[name]] for name in ("zipCode", "city", "country")}
        out["communication"] = {name: row[column] for name, column in COMMUNICATION.items()}
        for name, (column, _table) in REFERENCES.items():
            out[name] = {"id": str(row[column])} if row[column] else None
        out["createdAt"] = instant(row["_created"], zone)
        out["updatedAt"] = instant(row["logdatei"], zone)
        more: dict[str, Callable[[], object]] = {
            "customFields": lambda: self._custom_fields(row),
            "groups": lambda: self._groups(row),
            "contactPersons": lambda: self.sandbox.contact_calls.of(row),
            "tags": lambda: list(row["_tags"]),
        }
        return out | {name: more[name]() for name in wanted}

    def _custom_fields(self, row: Row) -> list[JsonObject]:
        fields = sorted(self.sandbox.instance.free_fields.items())
        return [
            {"key": f"freifeld{number}", "label": field["name"], "value": row[f"freifeld{number}"]}
            for number, field in fields
        ]

    def _groups(self, row: Row) -> list[JsonObject]:
        found = self.sandbox.roles.groups_of(row["id"])
        return [{"id": str(group["id"]), "name": group["name"]} for group in found]


def _includes(call: Call) -> tuple[str, ...]:
    wanted = tuple(name for name in call.request.first("include").split(",") if name)
    if not {*wanted} <= {*INCLUDES}:
        raise invalid(include="The value is not known.")
    return wanted


def _free(body: JsonObject) -> JsonObject:
    """Return the columns of free fields; each needs its label."""
    values: JsonObject = {}
    for place, each in enumerate(body.get("customFields") or ()):
        if each.get("key") not in FREE:
            raise invalid(**{f"customFields.{place}.key": "The key is not known."})
        if not each.get("label"):
            raise invalid(**{f"customFields.{place}.label": "The field is required."})
        values[each["key"]] = each.get("value")
    return values


def _meets(row: JsonObject, key: str, operator: str, value: str) -> bool:
    """Apply one filter: times by their date, emails by what stands before the `@`."""
    test = present.OPERATORS[operator]
    if key in TIMES:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            raise invalid(**{f"filter.{key}": "The value must be a date (Y-m-d)."})
        return test(row[key][:10], value)
    if key == "email" and operator == "equals":
        return fold(value).partition("@")[0] in fold(row["email"])
    if key in ("salesManager.id", "accountManager.id"):
        return test((row[key.partition(".")[0]] or {}).get("id"), value)
    if key == "groups":
        return any(test(group["id"], value) for group in row["groups"])
    if key == "tags":
        return any(test(tag, value) for tag in row["tags"])
    if key not in ("id", "name", "number", "email", "zipCode", "city", "state", "country"):
        raise invalid(**{f"filter.{key}": "The key is not known."})
    return test(row[key], value)


def _page(call: Call, rows: list[JsonObject]) -> SandboxResponse:
    style = call.request.headers.get("x-pagination", "table")
    size, number = (call.request.first(n, d) for n, d in (("perPage", str(PAGE_SIZE)),
                                                          ("page", "1")))  # fmt: skip
    if style not in STYLES or not size.isdecimal() or not 1 <= int(size) <= LARGEST:
        raise invalid(perPage=f"The value must be between 1 and {LARGEST}.")
    start = _start(call.request.first("cursor"), number, int(size), style)
    page, end = rows[start : start + int(size)], start + int(size)
    meta: JsonObject = {"perPage": int(size)}
    if style == "cursor":
        meta["nextCursor"] = str(end) if end < len(rows) else None
    else:
        meta["currentPage"] = start // int(size) + 1
    if style == "table":
        meta |= {"total": len(rows), "lastPage": -(-len(rows) // int(size)) or 1}
    return json_response({"data": page, "meta": meta, "links": {"self": call.request.path}})


def _start(cursor: str, number: str, size: int, style: str) -> int:
    if style == "cursor":
        return int(cursor) if cursor.isdecimal() else 0
    if not number.isdecimal() or int(number) < 1:
        raise Problem(400, "generic-validation", "Bad page", messages=["page must be positive"])
    return (int(number) - 1) * size
