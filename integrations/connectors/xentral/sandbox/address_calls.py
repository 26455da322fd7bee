"""`/api/v2/adressen` (reading) and `/api/v1/adressen` (writing)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from integrations.connectors.sandbox_kit import SandboxResponse, json_response

from .addresses import COLUMNS, FREE
from .call import Call, Handle
from .listing import Listing, answer_list, plain
from .roles import CUSTOMER, SUPPLIER
from .state import SHOWN_FREE_FIELDS
from .words import Test, contains, ends, equal, starts

if TYPE_CHECKING:
    from .server import XentralSandbox
    from .state import Row

READ: Final = "/api/v2/adressen"
WRITE: Final = "/api/v1/adressen"
TEXTS: Final = "name kundennummer email lieferantennummer mitarbeiternummer".split()
"""Filters that look for a part, and have forms with an ending each."""
ENDINGS: Final[dict[str, Test]] = {
    "": contains,
    "_equals": equal,
    "_startswith": starts,
    "_endswith": ends,
}
HIDDEN: Final = {*FREE[SHOWN_FREE_FIELDS:]}
SHOWN: Final = [name for name in COLUMNS if name not in HIDDEN and not name.startswith("_")]
LISTING: Final = Listing(
    filters={
        **{name: (name, equal) for name in "rolle projekt firma typ sprache waehrung land".split()},
        **{f"{n}{end}": (n, test) for n in TEXTS for end, test in ENDINGS.items()},
        **{name: (name, contains) for name in FREE[:SHOWN_FREE_FIELDS]},
        **{f"{name}_equals": (name, equal) for name in FREE[:SHOWN_FREE_FIELDS]},
    },
    sorts="name kundennummer lieferantennummer mitarbeiternummer".split(),
    columns={"id", *COLUMNS} - {"_lead_status", "_tags"},
)


class AddressCalls:
    """Handlers of both paths. There is no DELETE."""

    def __init__(self, sandbox: XentralSandbox) -> None:
        self.sandbox = sandbox

    def routes(self) -> Iterator[tuple[str, str, str, Handle]]:
        """Yield method, path, permission and handler of every call."""
        yield "GET", READ, "list_addresses", self.list
        yield "GET", f"{READ}/{{id}}", "view_address", self.read
        yield "POST", WRITE, "create_address", self.create
        yield "PUT", f"{WRITE}/{{id}}", "edit_address", self.update

    def list(self, call: Call) -> SandboxResponse:
        """Answer with a page of addresses that are not deleted."""
        rows = (self._with_role(row) for row in self.sandbox.addresses.all())
        return answer_list(call.request, rows, LISTING, self.sandbox.behaviour, self.shown)

    def read(self, _call: Call, id: str) -> SandboxResponse:
        """Answer with one."""
        return self._answer(self.sandbox.addresses.live(id))

    def create(self, call: Call) -> SandboxResponse:
        """Create one: 200, without `success`."""
        return self._answer(self.sandbox.addresses.create(call.body()))

    def update(self, call: Call, id: str) -> SandboxResponse:
        """Change one: 200, without `success`."""
        return self._answer(self.sandbox.addresses.update(id, call.body()))

    def shown(self, row: Row) -> Row:
        """Return a row as the old API answers it: free fields 11 to 20 are not there."""
        known = {name: value for name, value in row.items() if name not in HIDDEN}
        return plain(known, string_ids=self.sandbox.behaviour.string_ids)

    def _answer(self, row: Row) -> SandboxResponse:
        return json_response({"data": self.shown(self._with_role(row))})

    def _with_role(self, row: Row) -> Row:
        roles = self.sandbox.roles.of(row["id"])
        role = next((one for one in (CUSTOMER, SUPPLIER, *roles) if one in roles), "")
        return {**row, "rolle": role.lower()}
