"""Lists by key instead of by number: no count, no offset, at most 200 rows, fast at any size."""

from __future__ import annotations

from typing import Any, Final, TypeVar
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
) -> Response:
    """Answer with rows below an id, highest first, and the address of the page after them."""
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: limit + 1])
    more = len(found) > limit
    last = found[limit - 1].pk if more else None
    items = shape(found[:limit], many=True).data
    return Response({"items": items, "next": _address(request, last) if more else None})


def _address(request: Request, last: object) -> str:
    query = request.query_params.copy()
    query["before"] = str(last)
    return f"{settings.PUBLIC_URL}{request.path}?{query.urlencode()}"
