"""The old API's lists: pages, sorting, simple filters and the generic one.

Source: reference/xentral.md 3.1. A page or a size that makes no sense silently means the default.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from integrations.connectors.sandbox_kit import SandboxRequest, SandboxResponse, json_response

from .errors import ApiError
from .state import Row
from .words import EXPRESSIONS, Test, fold, like

if TYPE_CHECKING:
    from .behaviour import Behaviour

MOST: Final = 1000
PAGE_SIZE: Final = 20
_GENERIC = re.compile(r"filter\[(\d+)\]\[(property|expression|value|operation)\]")
_ALWAYS: Final = {"page", "items", "sort", "include"}


@dataclass(frozen=True, slots=True)
class Listing:
    """What one resource's list can do. `filters` maps a query key to a column and a test."""

    filters: Mapping[str, tuple[str, Test]]
    sorts: Collection[str]
    columns: Collection[str]
    """The table's columns, which the generic filter may name."""


def answer_list(
    request: SandboxRequest,
    rows: Iterable[Row],
    listing: Listing,
    behaviour: Behaviour,
    show: Callable[[Row], Row],
) -> SandboxResponse:
    """Answer with the page that was asked for; raises ApiError 7452, 7454 or 7499."""
    _check_keys(request, listing)
    found = _sorted(request, _filtered(request, list(rows), listing), listing)
    size = _within(request.first("items"), PAGE_SIZE)
    number = _within(request.first("page"), 1)
    page = found[(number - 1) * size : number * size]
    if not page and behaviour.empty_list_404:
        raise ApiError(7452, "Resource not found")
    pagination = {
        "items_per_page": size,
        "items_current": len(page),
        "items_total": len(found),
        "page_current": number,
        "page_last": -(-len(found) // size) or 1,
    }
    return json_response({"data": [show(row) for row in page], "pagination": pagination})


def plain(row: Row, *, string_ids: bool) -> Row:
    """Return a row without what is not a column, whole numbers as some versions send them."""
    out = {name: value for name, value in row.items() if not name.startswith("_")}
    if string_ids:
        out = {name: str(v) if isinstance(v, int) else v for name, v in out.items()}
    return out


def _within(text: str, default: int) -> int:
    return int(text) if text.isdecimal() and 1 <= int(text) <= MOST else default


def _check_keys(request: SandboxRequest, listing: Listing) -> None:
    for key in request.query:
        if key not in _ALWAYS and key not in listing.filters and not _GENERIC.fullmatch(key):
            raise ApiError(7454, f"Invalid argument: {key}")


def _filtered(request: SandboxRequest, rows: list[Row], listing: Listing) -> list[Row]:
    for key, (column, test) in listing.filters.items():
        if key in request.query:
            given = request.first(key)
            rows = [row for row in rows if test(row.get(column), given)]
    generic = _generic(request, listing)
    if not generic:
        return rows
    return [row for row in rows if _meets(row, generic)]


def _generic(request: SandboxRequest, listing: Listing) -> list[tuple[str, Test, str, bool]]:
    """Return column, test, value and "or" of each generic filter, in their order."""
    parts: dict[int, dict[str, str]] = {}
    for key in request.query:
        if found := _GENERIC.fullmatch(key):
            parts.setdefault(int(found[1]), {})[found[2]] = request.first(key)
    conditions = []
    for _number, part in sorted(parts.items()):
        column = part.get("property", "")
        if column not in listing.columns:
            sentence = f"Unknown column '{column}' in 'where clause'"
            raise ApiError(7499, "Unexpected error", errors=[sentence])
        test = EXPRESSIONS.get(part.get("expression", "").lower(), like)
        joined_by_or = part.get("operation", "").upper() == "OR"
        conditions.append((column, test, part.get("value", ""), joined_by_or))
    return conditions


def _meets(row: Row, conditions: list[tuple[str, Test, str, bool]]) -> bool:
    verdict = True
    for place, (column, test, value, joined_by_or) in enumerate(conditions):
        held = row.get(column)
        met = held is not None and test(held, value)
        verdict = verdict or met if joined_by_or and place else verdict and met
    return verdict


def _sorted(request: SandboxRequest, rows: list[Row], listing: Listing) -> list[Row]:
    wanted = [part for part in request.first("sort").split(",") if part]
    for part in reversed(wanted):
        name = part.lstrip("-")
        if name not in listing.sorts:
            raise ApiError(7454, f"Invalid argument: sort {name}")
        rows = sorted(rows, key=lambda row: _order(row.get(name)), reverse=part[0] == "-")
    return rows


def _order(value: object) -> tuple[int, int, str]:
    if value is None:
        return (0, 0, "")
    return (1, value, "") if isinstance(value, int) else (1, 0, fold(value))
