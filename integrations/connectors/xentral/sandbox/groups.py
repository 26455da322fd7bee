"""Groups: `/api/v1/gruppen`, and the two old actions that read memberships.

Source: reference/xentral.md 3.4. The shape of the actions' JSON is not public; here it follows
their XML: `{"gruppen": {"gruppe": [{"id", "name"}]}}` and `{"adressen": {"adresse": [...]}}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from integrations.connectors.sandbox_kit import JsonObject, SandboxResponse, json_response

from .call import Call, Handle
from .errors import ApiError, missing
from .listing import Listing, answer_list
from .words import contains, equal, fold

if TYPE_CHECKING:
    from .server import XentralSandbox
    from .state import Row

GROUPS: Final = "/api/v1/gruppen"
KINDS: Final = "gruppe preisgruppe verband regionalgruppe kategorie vertreter".split()
COLUMNS: Final[Mapping[str, str]] = {
    "name": "",
    "art": "",
    "kennziffer": "",
    "internebemerkung": "",
    "projekt": "0",
    "kategorie": "0",
    "aktiv": "1",
}
LISTING: Final = Listing(
    filters={
        "name": ("name", contains),
        "name_exakt": ("name", equal),
        "kennziffer": ("kennziffer", contains),
        "kennziffer_exakt": ("kennziffer", equal),
        **{name: (name, equal) for name in ("art", "projekt", "kategorie", "aktiv")},
    },
    sorts=("name", "art", "kennziffer", "projekt", "kategorie", "aktiv"),
    columns={"id", *COLUMNS},
)


class GroupCalls:
    """Handlers of groups and memberships. All values of groups are strings."""

    def __init__(self, sandbox: XentralSandbox) -> None:
        self.sandbox = sandbox

    def routes(self) -> Iterator[tuple[str, str, str, Handle]]:
        """Yield method, path, permission and handler of every call."""
        yield "GET", GROUPS, "list_groups", self.list
        yield "POST", GROUPS, "create_groups", self.create
        yield "GET", f"{GROUPS}/{{id}}", "view_group", self.read
        yield "PUT", f"{GROUPS}/{{id}}", "update_group", self.update
        for action, handle in (
            ("AdresseGruppenList", self.groups_of),
            ("AdresseListeGet", self.members),
        ):
            yield "POST", f"/api/{action}", action, handle

    def list(self, call: Call) -> SandboxResponse:
        """Answer with a page of groups; `include=projekt` shows the project itself."""
        rows = self.sandbox.instance["groups"].rows.values()
        show = self._with_project if call.request.first("include") == "projekt" else shown
        return answer_list(call.request, rows, LISTING, self.sandbox.behaviour, show)

    def read(self, _call: Call, id: str) -> SandboxResponse:
        """Answer with one group."""
        return json_response({"data": shown(self._group(id))})

    def create(self, call: Call) -> SandboxResponse:
        """Create one: 201."""
        return json_response({"success": True, "data": shown(self.add(call.body()))}, 201)

    def update(self, call: Call, id: str) -> SandboxResponse:
        """Change one; name, kind and code must be sent along."""
        row, body = self._group(id), call.body()
        self._check(body, row)
        row |= _texts(body)
        return json_response({"success": True, "data": shown(row)})

    def add(self, body: JsonObject) -> Row:
        """Store a group; raises ApiError 7453 or 7499."""
        self._check(body, None)
        return self.sandbox.instance["groups"].add({**COLUMNS, **_texts(body)})

    def groups_of(self, call: Call) -> SandboxResponse:
        """Answer with the groups of an address."""
        row = self.sandbox.addresses.live(str(call.body().get("adresse")))
        found = self.sandbox.roles.groups_of(row["id"])
        groups = [{"id": str(group["id"]), "name": group["name"]} for group in found]
        return json_response({"gruppen": {"gruppe": groups}})

    def members(self, call: Call) -> SandboxResponse:
        """Answer with the addresses of the group with a code."""
        body = call.body()
        nested = body.get("gruppen")
        asked = nested.get("kennziffer") if isinstance(nested, dict) else None
        code = str(asked or body.get("gruppen.kennziffer") or "")
        group = next(self.sandbox.instance["groups"].where(kennziffer=code), None)
        ids = self.sandbox.roles.members(group["id"]) if group else []
        table = self.sandbox.instance["addresses"].rows
        rows = [table[one] for one in ids if not table[one]["geloescht"]]
        shown_rows = [
            {"id": str(row["id"]), "name": row["name"], "kundennummer": row["kundennummer"]}
            for row in rows
        ]
        return json_response({"adressen": {"adresse": shown_rows}})

    def _check(self, body: JsonObject, own: Row | None) -> None:
        found = [
            f"The attribute '{name}' is required."
            for name in ("name", "art", "kennziffer")
            if not str(body.get(name) or "").strip()
        ]
        if body.get("art") and body["art"] not in KINDS:
            found.append(f"The attribute 'art' must be one of {', '.join(KINDS)}.")
        code = str(body.get("kennziffer") or "")
        if code and not re.fullmatch(r"[A-Za-z0-9_-]+", code):
            found.append("The attribute 'kennziffer' only allows a-z, 0-9, _ and -.")
        rows = self.sandbox.instance["groups"].rows.values()
        if any(row is not own and fold(row["kennziffer"]) == fold(code) for row in rows if code):
            found.append("The attribute 'kennziffer' must be unique.")
        if found:
            raise ApiError(7453, "Validation error", details=found)
        for name in body:
            if name not in COLUMNS:
                sentence = f"Unknown column '{name}' in 'field list'"
                raise ApiError(7499, "Unexpected error", errors=[sentence])

    def _group(self, row_id: str) -> Row:
        row = self.sandbox.instance["groups"].get(row_id)
        if row is None:
            raise missing()
        return row

    def _with_project(self, row: Row) -> Row:
        project = self.sandbox.instance["projects"].get(row["projekt"])
        return {**shown(row), "projekt": shown(project) if project else None}


def shown(row: Row) -> Row:
    """Return a row with every value as a string."""
    return {name: str(value) for name, value in row.items()}


def _texts(body: JsonObject) -> JsonObject:
    return {name: "" if value is None else str(value) for name, value in body.items()}
