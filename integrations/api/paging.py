"""Lists by key instead of by number: no count, no offset, at most 200 rows, fast at any size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

DEFAULT_LIMIT: Final = 50
MOST_ROWS: Final = 200
HIGHEST: Final = 2**63 - 1
M = TypeVar("M", bound=models.Model)


class Named(Protocol):
    """Something that is listed by its name."""

    @property
    def name(self) -> str:
        """By what it is sorted."""


class PageQuery(serializers.Serializer[Any]):
    """What every list takes."""

    limit = serializers.IntegerField(
        min_value=1, max_value=MOST_ROWS, default=DEFAULT_LIMIT, help_text="Rows per page."
    )
    before = serializers.IntegerField(
        min_value=1, max_value=HIGHEST, required=False, help_text="From the last page's `next`."
    )


class UuidPageQuery(PageQuery):
    """What lists of rows without a number take."""

    before = serializers.UUIDField(  # type: ignore[assignment]
        required=False, help_text="From the last page's `next`."
    )


def paged(
    request: Request,
    rows: QuerySet[M, Any],
    shape: type[serializers.BaseSerializer[Any]],
    limit: int,
    before: int | UUID | None = None,
    *,
    key: str = "pk",
) -> Response:
    """Answer with rows below an id, highest first, and the address of the page after them.

    `key` is the column by which they are listed.
    """
    if before is not None:
        rows = rows.filter(**{f"{key}__lt": before})
    found = list(rows.order_by(f"-{key}")[: limit + 1])
    following = None
    if len(found) > limit:
        following = _address(request, getattr(found[limit - 1], key))
    return Response({"items": shape(found[:limit], many=True).data, "next": following})


def upward(
    request: Request,
    found: Sequence[object],
    keys: Sequence[object],
    shape: type[serializers.BaseSerializer[Any]],
    limit: int,
) -> Response:
    """Answer with the first `limit` of rows that are listed lowest key first."""
    items: Any = found[:limit]
    following = _address(request, keys[limit - 1], "after") if len(found) > limit else None
    return Response({"items": shape(items, many=True).data, "next": following})


def named_page(
    request: Request,
    rows: Sequence[Named],
    shape: type[serializers.BaseSerializer[Any]],
    limit: int,
    after: str,
) -> Response:
    """Answer with some of a list in memory that is sorted by name."""
    rest = [row for row in rows if row.name > after]
    return upward(request, rest, [row.name for row in rest], shape, limit)


def _address(request: Request, last: object, place: str = "before") -> str:
    query = request.query_params.copy()
    query[place] = str(last)
    return f"{settings.PUBLIC_URL}{request.path}?{query.urlencode()}"
