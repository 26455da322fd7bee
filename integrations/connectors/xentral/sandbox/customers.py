"""Customers of the present API, second generation: `/api/v2/customers` and what hangs on it in v1.

A customer is an address with the role Kunde; its id is the address's. Creating answers with a
`Location` only (reference/xentral.md 4). `lead.status` is kept apart from the free fields: how the
two hang together is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from integrations.connectors.sandbox_kit import JsonObject, SandboxResponse, empty, json_response

from . import present
from .call import Call, Handle
from .errors import ApiError, Problem, invalid
from .roles import CUSTOMER

if TYPE_CHECKING:
    from .server import XentralSandbox
    from .state import Row

PATH: Final = "/api/v2/customers"
OLD_PATH: Final = "/api/v1/customers"
SALUTATIONS: Final = {"mr": "herr", "mrs": "frau", "company": "firma", "other": "sonstige"}
PLAIN: Final[Mapping[str, str]] = {
    "number": "kundennummer",
    "title": "titel",
    "birthdate": "geburtstag",
    "salutationPhrase": "anschreiben",
    "department": "abteilung",
    "subDepartment": "unterabteilung",
    "firstname": "vorname",
    "lastname": "nachname",
}
REFERENCES: Final = {
    "project": ("projekt", "projects"),
    "backOfficeContact": ("innendienst", "addresses"),
    "distributionContact": ("vertrieb", "addresses"),
}
CONTACT: Final[Mapping[str, str]] = {
    "phone": "telefon",
    "mobile": "mobil",
    "fax": "telefax",
    "email": "email",
    "website": "internetseite",
}
MEMBERS: Final = {*PLAIN, *REFERENCES, "type", "name", "salutation", "contact", "lead"}
KEYS: Final = {
    "id": lambda row: row["id"],
    "number": lambda row: row["number"],
    "name": lambda row: row["name"],
    "email": lambda row: row["contact"]["email"],
}
KINDS: Final = ("masterdata", "billingaddress", "deliveryaddress")
PLACE: Final[Mapping[str, str]] = {
    "name": "name",
    "street": "strasse",
    "zip": "plz",
    "city": "ort",
    "country": "land",
    "state": "bundesstaat",
}


class CustomerCalls:
    """Handlers of customers, their addresses, and deleting one."""

    def __init__(self, sandbox: XentralSandbox) -> None:
        self.sandbox = sandbox

    def routes(self) -> Iterator[tuple[str, str, str, Handle]]:
        """Yield method, path, scope and handler of every call."""
        one = f"{PATH}/{{id}}"
        yield "GET", PATH, "customer:read", self.list
        yield "POST", PATH, "customer:create", self.create
        yield "GET", one, "customer:read", self.read
        yield "PATCH", one, "customer:update", self.update
        yield "GET", f"{one}/addresses", "customer:read", self.places
        yield "POST", f"{one}/addresses", "customer:update", self.add_place
        yield "DELETE", f"{OLD_PATH}/{{id}}", "customer:delete", self.delete

    def list(self, call: Call) -> SandboxResponse:
        """Answer with a page of customers."""
        rows = [shown(row) for row in customers(self.sandbox)]
        found = present.filtered(call.request, rows, KEYS)
        return present.page_of(call.request, found, ("id", "number", "name"))

    def read(self, _call: Call, id: str) -> SandboxResponse:
        """Answer with one."""
        return json_response({"data": shown(customer(self.sandbox, id))})

    def create(self, call: Call) -> SandboxResponse:
        """Create one: 201 with its address in `Location`."""
        body = present.body_of(call.request, MEMBERS)
        _check_new(body)
        row = self.sandbox.addresses.add(self._columns(body))
        self.sandbox.addresses.make_customer(row)
        return present.created(PATH, row["id"])

    def update(self, call: Call, id: str) -> SandboxResponse:
        """Change one: 204."""
        row = customer(self.sandbox, id)
        body = present.body_of(call.request, MEMBERS)
        self.sandbox.addresses.change(row, self._columns({"type": kind_of(row), **body}))
        return empty()

    def delete(self, _call: Call, id: str) -> SandboxResponse:
        """Delete one softly: 204."""
        self.sandbox.addresses.delete(str(customer(self.sandbox, id)["id"]))
        return empty()

    def places(self, call: Call, id: str) -> SandboxResponse:
        """Answer with the addresses of one; the first is the customer's own."""
        row = customer(self.sandbox, id)
        own: JsonObject = {"id": str(row["id"]), "type": "masterdata"}
        own |= {name: row[column] for name, column in PLACE.items()}
        more = self.sandbox.instance["more_addresses"].where(customer=row["id"])
        others = [{n: v for n, v in each.items() if n != "customer"} for each in more]
        return present.page_of(call.request, [own, *others], ())

    def add_place(self, call: Call, id: str) -> SandboxResponse:
        """Add an address: 201; one of type masterdata is the customer's own."""
        row = customer(self.sandbox, id)
        body = present.body_of(call.request, {"type", *PLACE})
        if body.get("type") not in KINDS:
            raise invalid(type=f"The field must be one of {', '.join(KINDS)}.")
        if body["type"] == "masterdata":
            place = {PLACE[name]: value for name, value in body.items() if name in PLACE}
            self.sandbox.addresses.change(row, place)
            return present.created(f"{PATH}/{id}/addresses", id)
        made = self.sandbox.instance["more_addresses"].add({"customer": row["id"], **body})
        return present.created(f"{PATH}/{id}/addresses", made["id"])

    def _columns(self, body: JsonObject) -> JsonObject:
        """Return the columns of a body; raises Problem."""
        values: JsonObject = {PLAIN[name]: v for name, v in body.items() if name in PLAIN}
        if body.get("type") == "person" and "lastname" in body:
            values["name"] = " ".join(
                str(body[part]) for part in ("firstname", "lastname") if body.get(part)
            )
        elif "name" in body:
            values["name"] = body["name"]
        if body.get("type") == "company":
            values["typ"] = "firma"
        if "salutation" in body:
            if body["salutation"] not in SALUTATIONS:
                raise invalid(salutation="The value is not known.")
            values["typ"] = SALUTATIONS[body["salutation"]]
        values |= references(self.sandbox, body, REFERENCES)
        contact = body.get("contact") or {}
        values |= {CONTACT[name]: v for name, v in contact.items() if name in CONTACT}
        return values | _lead(body)


def customers(sandbox: XentralSandbox) -> list[Row]:
    """Return the addresses that are customers, oldest first."""
    return [row for row in sandbox.addresses.all() if CUSTOMER in sandbox.roles.of(row["id"])]


def customer(sandbox: XentralSandbox, row_id: str) -> Row:
    """Return one customer; raises Problem 404."""
    try:
        row = sandbox.addresses.live(row_id)
    except ApiError:
        row = None
    if row is None or CUSTOMER not in sandbox.roles.of(row["id"]):
        raise Problem(404, "generic-validation", "Not found", messages=["There is no customer"])
    return row


def references(
    sandbox: XentralSandbox, body: JsonObject, known: Mapping[str, tuple[str, str]]
) -> JsonObject:
    """Return the columns of members such as `{"id": "5"}`; raises Problem for an unknown id."""
    values: JsonObject = {}
    for name, (column, table) in known.items():
        if name not in body:
            continue
        given: Any = body[name]
        row = sandbox.instance[table].get(given.get("id")) if isinstance(given, dict) else None
        if given is not None and row is None:
            raise invalid(**{f"{name}.id": "The id is not known."})
        values[column] = row["id"] if row else 0
    return values


def kind_of(row: Row) -> str:
    """Return "company" or "person"."""
    return "company" if row["typ"] == "firma" else "person"


def shown(row: Row) -> JsonObject:
    """Return a customer as v2 answers it."""
    words = {german: word for word, german in SALUTATIONS.items()}
    out: JsonObject = {"id": str(row["id"]), "type": kind_of(row), "name": row["name"]}
    out |= {name: row[column] for name, column in PLAIN.items()}
    out["salutation"] = words.get(row["typ"], "other")
    for name, (column, _table) in REFERENCES.items():
        out[name] = {"id": str(row[column])} if row[column] else None
    out["contact"] = {name: row[column] for name, column in CONTACT.items()}
    return out | {"lead": {"isLead": bool(row["lead"]), "status": row["_lead_status"]}}


def _check_new(body: JsonObject) -> None:
    needed = {"person": ("firstname", "lastname"), "company": ("name",)}.get(
        str(body.get("type")), ("type",)
    )
    faults = {name: "The field is required." for name in needed if not body.get(name)}
    if "type" in needed:
        faults["type"] = "The field must be person or company."
    if faults:
        raise invalid(**faults)


def _lead(body: JsonObject) -> JsonObject:
    if "lead" not in body:
        return {}
    lead: Any = body["lead"]
    if not isinstance(lead, dict) or not isinstance(lead.get("isLead"), bool):
        raise invalid(lead__isLead="The field is required.")
    if not isinstance(lead.get("status"), str):
        raise invalid(lead__status="The field is required.")
    return {"lead": lead["isLead"], "_lead_status": lead["status"]}
