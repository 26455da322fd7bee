"""Pages of long lists by key instead of by number: no count, no offset, fast at any size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest

PAGE_SIZE = 50
M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True, slots=True)
class Slice(Generic[M]):
    """One page. `next` is the query string of the page after it, "" at the end."""

    rows: Sequence[M]
    next: str = ""
    first: str = ""


def newest_first(request: HttpRequest, rows: QuerySet[M, Any], size: int = PAGE_SIZE) -> Slice[M]:
    """Return the rows below `?before=<id>`, highest id first."""
    before = request.GET.get("before", "")
    if before.isdecimal():
        rows = rows.filter(pk__lt=int(before[:18]))
    found = list(rows.order_by("-pk")[: size + 1])
    query = request.GET.copy()
    query.pop("before", None)
    first = query.urlencode() if before else ""
    if len(found) > size:
        query["before"] = str(found[size - 1].pk)
        return Slice(found[:size], query.urlencode(), first)
    return Slice(found, "", first)
