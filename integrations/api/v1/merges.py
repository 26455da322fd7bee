"""Merges: the list, one with its steps, deciding about the extra record, undoing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.base import TokenView
from integrations.api.openapi import page_of
from integrations.api.paging import paged
from integrations.api.serializers.merges import (
    MergeDecisionShape,
    MergeDetailShape,
    MergeQuery,
    MergeShape,
    UnmergeShape,
)
from integrations.models import Merge
from integrations.services import merge_choices, unmerging
from integrations.services.tokens import Scope

DECISIONS: Final[Mapping[str, Callable[[Merge, AbstractBaseUser], None]]] = {
    "remove": merge_choices.remove,
    "keep": merge_choices.keep,
    "by_hand": merge_choices.done_by_hand,
    "retry": merge_choices.retry,
}


class MergeView(TokenView):
    """Base of the views of merges."""

    reads = Scope.RECORDS_READ
    writes = Scope.RECORDS_WRITE

    def merges(self) -> QuerySet[Merge]:
        """Return the tenant's merges."""
        return Merge.objects.of(self.tenant).select_related("kept", "loser", "ended_by", "tenant")

    def merge(self, pk: int) -> Merge:
        """Return one with what deciding needs; raises Http404 for any other."""
        row = get_object_or_404(self.merges(), pk=pk)
        row.object_sync = self.object_sync(row.object_sync_id)
        return row

    def shown(self, pk: int) -> Response:
        """Answer with a merge as it is stored now."""
        return Response(MergeDetailShape(self.merge(pk)).data)


class Merges(MergeView):
    """All merges of the organisation."""

    @extend_schema(parameters=[MergeQuery], responses=page_of(MergeShape))
    def get(self, request: Request) -> Response:
        """List merges of synced records, newest first."""
        asked = self.asked(MergeQuery)
        rows = self.merges()
        if "object_sync" in asked:
            rows = rows.filter(object_sync=self.object_sync(asked["object_sync"]))
        if "state" in asked:
            rows = rows.filter(state=asked["state"])
        return paged(request, rows, MergeShape, asked["limit"], asked.get("before"))


class MergeDetail(MergeView):
    """One merge."""

    @extend_schema(responses=MergeDetailShape)
    def get(self, request: Request, pk: int) -> Response:
        """Show a merge and what was done about it."""
        return self.shown(pk)


class MergeDecide(MergeView):
    """Deciding about one merge."""

    @extend_schema(request=MergeDecisionShape, responses=MergeDetailShape)
    def post(self, request: Request, pk: int) -> Response:
        """Remove the extra record, keep it, note that it was merged by hand, or try again."""
        row = self.merge(pk)
        self.live(row.object_sync_id)
        DECISIONS[self.sent(MergeDecisionShape)["decision"]](row, self.user)
        return self.shown(pk)


class MergeUndo(MergeView):
    """Undoing one merge."""

    @extend_schema(request=UnmergeShape, responses=MergeDetailShape)
    def post(self, request: Request, pk: int) -> Response:
        """Give the extra record a HubSpot record of its own again, a named or a new one."""
        row = self.merge(pk)
        self.live(row.object_sync_id)
        unmerging.unmerge(row, self.user, self.sent(UnmergeShape)["hubspot_id"])
        return self.shown(pk)
