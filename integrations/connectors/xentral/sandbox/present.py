"""The conventions of the present API: bodies, filters, pages of v1 and v2, created resources.

Source: reference/xentral.md 4. Lists take `filter[0][key|op|value]`, `order[0][field|dir]` and
`page[number]` with `page[size]` (10 to 50, both or none); any other key is a 400.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final

from integrations.connectors.sandbox_kit import (
    JsonObject,
    SandboxRequest,
    SandboxResponse,
    empty,
    json_response,
)

from .errors import Problem, invalid
from .words import contains, ends, equal, fold, starts

Shown = JsonObject
OPERATORS: Final[Mapping[str, Callable[[object, str], bool]]] = {
    "equals": equal,
    "notEquals": lambda held, given: not equal(held, given),
    "in": lambda held, given: fold(held) in fold(given).split(","),
    "notIn": lambda held, given: fold(held) not in fold(given).split(","),
    "contains": contains,
    "notContains": lambda held, given: not contains(held, given),
    "startsWith": starts,
    "endsWith": ends,
    "lessThan": lambda held, given: fold(held) < fold(given),
    "lessThanOrEquals": lambda held, given: fold(held) <= fold(given),
    "greaterThan": lambda held, given: fold(held) > fold(given),
    "greaterThanOrEquals": lambda held, given: fold(held) >= fold(given),
}
SMALLEST: Final = 10
LARGEST: Final = 50
_FILTER = re.compile(r"filter\[(\d+)\]\[(key|op|value)\](?:\[\d*\])?")
_ORDER = re.compile(r"order\[(\d+)\]\[(field|dir)\]")


def body_of(request: SandboxRequest, known: Collection[str]) -> JsonObject:
    """Return the JSON body; raises Problem for none and for members that do not exist."""
    try:
        found = json.loads(request.body)
    except ValueError:
        raise Problem(400, "generic-validation", "No JSON", messages=["Syntax error"]) from None
    if not isinstance(found, dict):
        raise Problem(400, "generic-validation", "No JSON", messages=["An object is needed"])
    unknown = [name for name in found if name not in known]
    if unknown:
        raise invalid(**dict.fromkeys(unknown, "The field is not known."))
    return found


def filtered(
    request: SandboxRequest, rows: list[Shown], keys: Mapping[str, Callable[[Shown], object]]
) -> list[Shown]:
    """Return the rows that meet every filter; `keys` says what each key looks at."""
    for key, operator, value in filters(request):
        if key not in keys:
            raise invalid(**{f"filter.{key}": "The key is not known."})
        rows = [row for row in rows if OPERATORS[operator](keys[key](row), value)]
    return rows


def filters(request: SandboxRequest) -> Iterator[tuple[str, str, str]]:
    """Yield key, operator and value of each filter; several values are joined by commas."""
    parts: dict[int, dict[str, str]] = {}
    for name, values in request.query.items():
        if found := _FILTER.fullmatch(name):
            part = parts.setdefault(int(found[1]), {})
            known = [part[found[2]]] if found[2] in part else []
            part[found[2]] = ",".join([*known, *values])
    for _number, part in sorted(parts.items()):
        if "key" not in part or part.get("op", "equals") not in OPERATORS:
            raise invalid(filter="A filter needs a key and a known op.")
        yield part["key"], part.get("op", "equals"), part.get("value", "")


def page_of(request: SandboxRequest, rows: list[Shown], orders: Collection[str]) -> SandboxResponse:
    """Answer with a page as v1 and v2 do."""
    for name in request.query:
        paging = name in ("page[number]", "page[size]")
        if not paging and not _FILTER.fullmatch(name) and not _ORDER.fullmatch(name):
            raise invalid(**{name: "The parameter is not known."})
    field = request.first("order[0][field]")
    if field:
        if field not in orders:
            raise invalid(order="The field cannot be sorted by.")
        down = request.first("order[0][dir]", "asc").lower() == "desc"
        rows = sorted(rows, key=lambda row: fold(row[field]), reverse=down)
    number, size = _paging(request)
    page = rows[(number - 1) * size : number * size]
    extra = {"totalCount": len(rows), "page": {"number": number, "size": size}}
    return json_response({"data": page, "extra": extra})


def created(path: str, row_id: object) -> SandboxResponse:
    """Answer 201: without a body, the id is in `Location` only."""
    answer = empty(201)
    answer.headers["Location"] = f"{path}/{row_id}"
    return answer


def _paging(request: SandboxRequest) -> tuple[int, int]:
    given = [name for name in ("page[number]", "page[size]") if name in request.query]
    if not given:
        return 1, SMALLEST
    number, size = (request.first(name) for name in ("page[number]", "page[size]"))
    if len(given) == 1 or not number.isdecimal() or int(number) < 1:
        raise invalid(page="Number and size must be given together.")
    if not size.isdecimal() or not SMALLEST <= int(size) <= LARGEST:
        raise invalid(page__size=f"The size must be between {SMALLEST} and {LARGEST}.")
    return int(number), int(size)
