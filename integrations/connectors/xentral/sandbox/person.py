"""A person at work in Xentral's own screens: plain Python, for tests and demos.

No trap of the API applies here: names are not joined, nobody gets lost, associations stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from integrations.connectors.sandbox_kit import JsonObject

from .addresses import COLUMNS
from .errors import ApiError
from .roles import EMPLOYEE, MEMBER

if TYPE_CHECKING:
    from .server import XentralSandbox
    from .state import Row

WHO: Final = "Sabine Größler"
ADDRESSES: Final = "addresses"
RESUBMISSIONS: Final = "resubmissions"


class Person:
    """An employee with all rights. Ids go in and out as strings; raises ApiError as the API does.

    `object_type` is "addresses" or "resubmissions"; values are columns by their German names.
    """

    def __init__(self, sandbox: XentralSandbox) -> None:
        self.sandbox = sandbox

    # ------------------------------------------------------------ records

    def create(self, object_type: str, **values: object) -> str:
        """Create a record and return its id. With `kundennummer="NEW"` it becomes a customer."""
        with self.sandbox.lock:
            if object_type == RESUBMISSIONS:
                row = self.sandbox.resubmissions.create({"beschreibung": "", **values}, WHO)
            else:
                self._known(values)
                asked = str(values.pop("kundennummer", ""))
                row = self.sandbox.addresses.add(values)
                if asked:
                    self.sandbox.addresses.make_customer(row, asked)
                self.sandbox.addresses.edited(row)
            return str(row["id"])

    def edit(self, object_type: str, record_id: str, **values: object) -> None:
        """Change some columns of a record."""
        with self.sandbox.lock:
            if object_type == RESUBMISSIONS:
                self.sandbox.resubmissions.edit(record_id, values, WHO)
                return
            self._known(values)
            row = self.sandbox.addresses.change(self.sandbox.addresses.live(record_id), values)
            self.sandbox.addresses.edited(row)

    def delete(self, object_type: str, record_id: str) -> None:
        """Delete a record; it is in no list any more."""
        with self.sandbox.lock:
            if object_type == RESUBMISSIONS:
                self.sandbox.resubmissions.delete(record_id)
            else:
                self.sandbox.addresses.delete(record_id)

    def get(self, object_type: str, record_id: str) -> JsonObject:
        """Return all columns of a record; raises ApiError 7452."""
        with self.sandbox.lock:
            if object_type == RESUBMISSIONS:
                return dict(self.sandbox.resubmissions.live(record_id))
            return _columns(self.sandbox.addresses.live(record_id))

    def all(self, object_type: str) -> list[JsonObject]:
        """Return all columns of all records, oldest first."""
        with self.sandbox.lock:
            if object_type == RESUBMISSIONS:
                return [dict(row) for row in self.sandbox.instance[RESUBMISSIONS].rows.values()]
            return [_columns(row) for row in self.sandbox.addresses.all()]

    # ------------------------------------------------------------ groups

    def add_group(self, name: str, code: str, kind: str = "gruppe") -> str:
        """Make a group and return its id."""
        with self.sandbox.lock:
            body = {"name": name, "kennziffer": code, "art": kind}
            return str(self.sandbox.group_calls.add(body)["id"])

    def join(self, address: str, group: str) -> None:
        """Put an address into a group."""
        with self.sandbox.lock:
            row = self.sandbox.addresses.live(address)
            self.sandbox.roles.add(row["id"], MEMBER, self._row("groups", group)["id"])

    def leave(self, address: str, group: str) -> None:
        """Take an address out of a group."""
        with self.sandbox.lock:
            row = self.sandbox.addresses.live(address)
            self.sandbox.roles.end(row["id"], self._row("groups", group)["id"])

    def groups_of(self, address: str) -> list[str]:
        """Return the ids of the groups that an address is in."""
        with self.sandbox.lock:
            row = self.sandbox.addresses.live(address)
            return [str(group["id"]) for group in self.sandbox.roles.groups_of(row["id"])]

    # ------------------------------------------------------------ boards

    def move(self, resubmission: str, stage: str) -> None:
        """Drag a resubmission to a stage; stage "0" takes it off its board."""
        self.edit(RESUBMISSIONS, resubmission, stages=stage)

    def moves_of(self, resubmission: str) -> list[JsonObject]:
        """Return the history of a resubmission's stages, oldest first."""
        with self.sandbox.lock:
            rows = self.sandbox.instance["history"].rows.values()
            return [dict(row) for row in rows if str(row["resubmission"]) == resubmission]

    def add_view(self, name: str) -> str:
        """Make a board and return its id."""
        with self.sandbox.lock:
            body = {"name": name, "shortname": name}
            return str(self.sandbox.resubmission_calls.add("views", body)["id"])

    def add_stage(self, view: str, name: str, **values: object) -> str:
        """Append a stage to a board and return its id."""
        with self.sandbox.lock:
            board = self._row("views", view)["id"]
            last = len(list(self.sandbox.instance["stages"].where(view=board)))
            body = {"name": name, "kurzbezeichnung": name, "view": board, "sort": last + 1}
            return str(self.sandbox.resubmission_calls.add("stages", {**body, **values})["id"])

    def stages(self, view: str) -> list[JsonObject]:
        """Return a board's stages in their order."""
        with self.sandbox.lock:
            rows = self.sandbox.instance["stages"].where(view=self._row("views", view)["id"])
            return sorted((dict(row) for row in rows), key=lambda row: row["sort"])

    # ------------------------------------------------------------ the rest of the house

    def add_employee(self, name: str, email: str) -> str:
        """Make an employee, who is an address too, and return its id."""
        with self.sandbox.lock:
            number = f"M{len(self.sandbox.addresses.all()) + 1:04}"
            made = self.create(ADDRESSES, name=name, email=email, mitarbeiternummer=number)
            self.sandbox.roles.add(int(made), EMPLOYEE)
            return made

    def add_project(self, name: str, abbreviation: str) -> str:
        """Make a project and return its id."""
        with self.sandbox.lock:
            row = {"name": name, "abkuerzung": abbreviation}
            return str(self.sandbox.instance["projects"].add(row)["id"])

    def add_free_field(self, name: str, kind: str = "single_line", number: int = 0) -> str:
        """Name a free field, the first unused one unless its number is given; return its id."""
        with self.sandbox.lock:
            body = {"name": name, "type": kind}
            return str(self.sandbox.free_fields.add(body, number))

    def drop_free_field(self, number: str) -> None:
        """Take a free field out of use; values that it holds stay. Raises KeyError."""
        with self.sandbox.lock:
            del self.sandbox.instance.free_fields[int(number)]

    def release_order(self, customer: str, project: int = 1) -> str:
        """Release a sales order of an address, which webhooks tell; return its id."""
        with self.sandbox.lock:
            row = self.sandbox.addresses.live(customer)
            order = {"customer": row["id"], "project": project}
            made = self.sandbox.instance["orders"].add(order)
            self.sandbox.webhooks.release(made)
            return str(made["id"])

    def _row(self, table: str, row_id: str) -> Row:
        row = self.sandbox.instance[table].get(row_id)
        if row is None:
            raise ApiError(7452, f"There is no such row in {table}")
        return row

    def _known(self, values: JsonObject) -> None:
        """Refuse what is no column: a screen has no input for it."""
        for name in values:
            if name not in COLUMNS:
                raise ApiError(7499, "Unexpected error", errors=[f"Unknown column '{name}'"])


def _columns(row: Row) -> JsonObject:
    return {name: value for name, value in row.items() if not name.startswith("_")}
