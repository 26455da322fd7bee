"""`/api/v1/wiedervorlagen` and the add-on's boards and stages.

`/api/v1/wiedervorlagestages` and `/api/v1/wiedervorlageviews` are no part of Xentral: we invented
them, in the old API's manner, for instances that have our add-on (reference/xentral.md, 9).
Views: name, shortname, active, project, hide_collection_stage. Stages: name, kurzbezeichnung,
hexcolor, ausblenden, stageausblenden, sort, view, chance. Both answer with `id` as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from integrations.connectors.sandbox_kit import JsonObject, SandboxResponse, json_response

from .call import Call, Handle
from .errors import ApiError
from .listing import Listing, answer_list, plain
from .resubmissions import COLUMNS
from .words import equal, whole

if TYPE_CHECKING:
    from .server import XentralSandbox
    from .state import Row

RESUBMISSIONS: Final = "/api/v1/wiedervorlagen"
STAGES: Final = "/api/v1/wiedervorlagestages"
VIEWS: Final = "/api/v1/wiedervorlageviews"
EXACT: Final = "adresse bearbeiter adresse_mitarbeiter projekt stages id_ext".split()
LISTING: Final = Listing(
    filters={name: (name, equal) for name in EXACT},
    sorts="datum_angelegt zeit_angelegt datum_erinnerung zeit_erinnerung datum_abschluss "
    "bezeichnung stages prio".split(),
    columns=COLUMNS,
)
"""There is no column that tells when a row changed."""
VIEW: Final[Mapping[str, object]] = {
    "name": "",
    "shortname": "",
    "active": 1,
    "project": 0,
    "hide_collection_stage": 0,
}
STAGE: Final[Mapping[str, object]] = {
    "kurzbezeichnung": "",
    "name": "",
    "hexcolor": "#a2d624",
    "ausblenden": 0,
    "stageausblenden": 0,
    "sort": 0,
    "view": 0,
    "chance": 0,
}
_FAMILIES: Final = {"views": (VIEWS, VIEW, "name shortname active"),
                    "stages": (STAGES, STAGE, "name view")}  # fmt: skip


class ResubmissionCalls:
    """Handlers of the routes above."""

    def __init__(self, sandbox: XentralSandbox) -> None:
        self.sandbox = sandbox

    def routes(self) -> Iterator[tuple[str, str, str, Handle]]:
        """Yield method, path, permission and handler of every call."""
        yield "GET", RESUBMISSIONS, "list_resubmissions", self.list
        yield "POST", RESUBMISSIONS, "create_resubmission", self.create
        yield "GET", f"{RESUBMISSIONS}/{{id}}", "view_resubmission", self.read
        yield "PUT", f"{RESUBMISSIONS}/{{id}}", "edit_resubmission", self.update
        for name, (path, _columns, _filters) in _FAMILIES.items():
            yield "GET", path, f"list_resubmission_{name}", self._addon(name, self.list_addon)
            yield "POST", path, f"create_resubmission_{name}", self._addon(name, self.add_to_addon)

    def list(self, call: Call) -> SandboxResponse:
        """Answer with a page of resubmissions."""
        rows = self.sandbox.instance["resubmissions"].rows.values()
        return answer_list(call.request, rows, LISTING, self.sandbox.behaviour, self.shown)

    def create(self, call: Call) -> SandboxResponse:
        """Create one: 201."""
        row = self.sandbox.resubmissions.create(call.body(), call.caller.name)
        return json_response({"success": True, "data": self.shown(row)}, 201)

    def read(self, _call: Call, id: str) -> SandboxResponse:
        """Answer with one."""
        return json_response({"data": self.shown(self.sandbox.resubmissions.live(id))})

    def update(self, call: Call, id: str) -> SandboxResponse:
        """Change one; title and reminder must be sent along."""
        row = self.sandbox.resubmissions.update(id, call.body(), call.caller.name)
        return json_response({"success": True, "data": self.shown(row)})

    def shown(self, row: Row) -> Row:
        """Return a row as the old API answers it."""
        return plain(row, string_ids=self.sandbox.behaviour.string_ids)

    # ------------------------------------------------------------ the add-on

    def list_addon(self, call: Call, name: str) -> SandboxResponse:
        """Answer with a page of boards or stages."""
        _path, columns, filters = _FAMILIES[name]
        listing = Listing(
            filters={key: (key, equal) for key in filters.split()},
            sorts=("id", *columns),
            columns=("id", *columns),
        )
        rows = self.sandbox.instance[name].rows.values()
        return answer_list(call.request, rows, listing, self.sandbox.behaviour, self.shown)

    def add_to_addon(self, call: Call, name: str) -> SandboxResponse:
        """Create a board or a stage: 201."""
        row = self.add(name, call.body())
        return json_response({"success": True, "data": self.shown(row)}, 201)

    def add(self, name: str, body: JsonObject) -> Row:
        """Store a board or a stage; raises ApiError 7453 or 7499."""
        _path, columns, _filters = _FAMILIES[name]
        if not str(body.get("name") or "").strip():
            raise ApiError(7453, "Validation error", ["The attribute 'name' is required."])
        for key in body:
            if key not in columns:
                sentence = f"Unknown column '{key}' in 'field list'"
                raise ApiError(7499, "Unexpected error", errors=[sentence])
        values = {
            key: whole(body[key]) if isinstance(usual, int) else str(body[key] or "")
            for key, usual in columns.items()
            if key in body
        }
        if name == "stages" and self.sandbox.instance["views"].get(values.get("view")) is None:
            sentence = "The resource for attribute 'view' does not exist."
            raise ApiError(7453, "Validation error", [sentence])
        return self.sandbox.instance[name].add({**columns, **values})

    def _addon(self, name: str, handle: Handle) -> Handle:
        def guarded(call: Call, **names: str) -> SandboxResponse:
            if not self.sandbox.behaviour.stage_addon:
                raise ApiError(7431, "Route not found")
            return handle(call, name, **names)

        return guarded
