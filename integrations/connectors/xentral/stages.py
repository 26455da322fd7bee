"""Stages of resubmissions: listed and made through an add-on, else only seen at resubmissions.

No public interface of Xentral knows boards and stages. The add-on's two routes are our own
definition (docs/connect-xentral.md); they are used only where a first call finds them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from integrations.connectors.xentral.errors import NoRoute
from integrations.connectors.xentral.fields import JsonObject
from integrations.connectors.xentral.legacy import MOST, RESUBMISSIONS, Legacy, Listing
from integrations.connectors.xentral.payloads import flag_of, id_of, text_of
from integrations.engine.errors import ConfigInvalid, MissingScope
from integrations.engine.extras import Stage

STAGES: Final = "/api/v1/wiedervorlagestages"
VIEWS: Final = "/api/v1/wiedervorlageviews"
NO_STAGES: Final = (
    "This Xentral has no interface for stages. The page “Stages” says which to make in Xentral by "
    "hand; enter the id and name of each there."
)
BY_HAND: Final = (
    "This Xentral has no interface for stages. In Xentral, open Resubmissions, Settings, Views: "
    "make the view “{board}” with these stages in this order: {stages}. Then enter the id and "
    "name of each here; the id stands in the address of the stage's page."
)


class Stages:
    """The stages of one instance."""

    def __init__(self, legacy: Legacy) -> None:
        self._legacy = legacy
        self._listed: bool | None = None

    @property
    def can_list(self) -> bool:
        """Tell whether the add-on is there; asked once."""
        if self._listed is None:
            try:
                self._legacy.page(Listing(STAGES, size=1), 1)
            except (NoRoute, MissingScope):
                self._listed = False
            else:
                self._listed = True
        return self._listed

    def every(self) -> Sequence[Stage]:
        """Return every stage; without the add-on those that some resubmission is in."""
        if not self.can_list:
            seen = {
                id_of(row.get("stages"))
                for row in self._legacy.every(Listing(RESUBMISSIONS, size=MOST))
            }
            ids = sorted(seen - {""}, key=int)
            return [Stage(one, f"Stage {one}", seen_only=True) for one in ids]
        return self._all(hidden=False)

    def _all(self, *, hidden: bool) -> list[Stage]:
        boards = self._boards()
        rows = list(self._legacy.every(Listing(STAGES, size=MOST)))
        if not hidden:
            rows = [row for row in rows if not flag_of(row.get("ausblenden"))]
        found = [_stage(row, boards) for row in rows]
        return sorted(found, key=lambda stage: (stage.board, stage.order, int(stage.id)))

    def _boards(self) -> dict[str, str]:
        rows = self._legacy.every(Listing(VIEWS, size=MOST))
        return {id_of(row["id"]): text_of(row.get("name")) for row in rows}

    def ensure_board(self, board: str) -> bool:
        """Make a board unless there is one of that name; tells whether it was made."""
        if board in self._boards().values():
            return False
        self._legacy.create(VIEWS, _view(board))
        return True

    def make(self, board: str, wanted: Sequence[Stage]) -> Sequence[Stage]:
        """Make the board and those of its stages that are missing by name; return all of them.

        Raises ConfigInvalid with the steps to do by hand without the add-on.
        """
        if not self.can_list:
            listed = ", ".join(f"“{stage.label}”" for stage in wanted)
            raise ConfigInvalid(BY_HAND.format(board=board, stages=listed))
        self.ensure_board(board)
        view = next(view for view, name in self._boards().items() if name == board)
        held = [stage for stage in self._all(hidden=True) if stage.board == board]
        for body in _missing(wanted, held, view):
            self._legacy.create(STAGES, body)
        return [stage for stage in self.every() if stage.board == board]


def _missing(wanted: Iterable[Stage], held: Sequence[Stage], view: str) -> Iterable[JsonObject]:
    known = {_name(stage) for stage in held}
    last = max((stage.order for stage in held), default=0)
    for stage in wanted:
        if _name(stage) in known:
            continue
        known.add(_name(stage))
        last += 1
        yield {
            "kurzbezeichnung": stage.label[:20],
            "name": stage.label,
            "view": int(view),
            "sort": last,
            "chance": stage.chance or 0,
        }


def _name(stage: Stage) -> str:
    """Return what stages are told apart by."""
    return " ".join(stage.label.split()).casefold()


def _view(board: str) -> JsonObject:
    return {"name": board, "shortname": board[:20], "active": 1, "project": 0}


def _stage(row: JsonObject, boards: dict[str, str]) -> Stage:
    chance, order = text_of(row.get("chance")), text_of(row.get("sort"))
    return Stage(
        id_of(row["id"]),
        text_of(row.get("name")) or text_of(row.get("kurzbezeichnung")),
        boards.get(id_of(row.get("view")), ""),
        int(order) if order.isdecimal() else 0,
        int(chance) if chance.isdecimal() else None,
    )
