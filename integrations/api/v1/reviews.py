"""Held decisions: the list, one with both values, and deciding."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.base import TokenView
from integrations.api.openapi import page_of
from integrations.api.paging import paged
from integrations.api.serializers.reviews import (
    ConflictShape,
    DecidedShape,
    ResolvedShape,
    ResolveManyShape,
    ResolveShape,
    ReviewDetailShape,
    ReviewQuery,
    ReviewShape,
    VerdictShape,
)
from integrations.engine.pairs import Verdict
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.models import ObjectSync, Review
from integrations.services import conflicts, deletions
from integrations.services.conflicts import Details
from integrations.services.tokens import Scope


class ReviewView(TokenView):
    """Base of the views of reviews."""

    reads = Scope.RECORDS_READ
    writes = Scope.RECORDS_WRITE

    def reviews(self) -> QuerySet[Review]:
        """Return the tenant's reviews."""
        return Review.objects.of(self.tenant).select_related("closed_by")

    def review(self, pk: int) -> Review:
        """Return one with what deciding needs; raises Http404 for any other."""
        row = get_object_or_404(self.reviews().select_related("link", "tenant"), pk=pk)
        row.object_sync = self.object_sync(row.object_sync_id)
        return row

    def all_live(self, rows: Iterable[Review]) -> dict[UUID, ObjectSync]:
        """Return their object syncs by id; raises ConfigInvalid (409) when one was uninstalled."""
        return {pk: self.live(pk) for pk in sorted({row.object_sync_id for row in rows})}


class Reviews(ReviewView):
    """All reviews of the organisation."""

    @extend_schema(parameters=[ReviewQuery], responses=page_of(ReviewShape))
    def get(self, request: Request) -> Response:
        """List what waits for a person, newest first."""
        asked = self.asked(ReviewQuery)
        rows = self.reviews()
        if not asked["closed"]:
            rows = rows.filter(closed_at__isnull=True)
        if "object_sync" in asked:
            rows = rows.filter(object_sync=self.object_sync(asked["object_sync"]))
        return paged(request, rows, ReviewShape, asked["limit"], asked.get("before"))


class ReviewDetail(ReviewView):
    """One review."""

    @extend_schema(responses=ReviewDetailShape)
    def get(self, request: Request, pk: int) -> Response:
        """Show a review with both values as they are now and who changed them."""
        row = self.review(pk)
        details = Details(row, "", (), None)
        if row.closed_at is None and row.reason == Reason.CONFLICT:
            details = conflicts.details(row)
        found: Any = details.conflicts
        return Response(
            {
                **ReviewShape(row).data,
                "record_name": details.label,
                "target_changed_at": details.target_changed_at,
                "conflicts": ConflictShape(found, many=True).data,
            }
        )


class ReviewResolve(ReviewView):
    """Deciding one conflict."""

    @extend_schema(request=ResolveShape, responses=ResolvedShape)
    def post(self, request: Request, pk: int) -> Response:
        """Let one side win in one record, in the named fields or in all."""
        row = self.review(pk)
        self.live(row.object_sync_id)
        sent = self.sent(ResolveShape)
        named = [(pair["hubspot"], pair["target"]) for pair in sent.get("fields", ())]
        count = conflicts.resolve(
            [row] if row.closed_at is None else [],
            Side(sent["side"]),
            self.user,
            fields=named or None,
            seen=sent.get("seen"),
        )
        return Response({"resolved": count})


class ReviewsResolve(ReviewView):
    """Deciding many conflicts."""

    @extend_schema(request=ResolveManyShape, responses=ResolvedShape)
    def post(self, request: Request) -> Response:
        """Let one side win in some records; ids that are not open conflicts are left alone."""
        sent = self.sent(ResolveManyShape)
        rows = self.reviews().filter(pk__in=sent["ids"], closed_at__isnull=True)
        chosen = list(rows.select_related("link", "tenant"))
        known = self.all_live(chosen)
        for row in chosen:
            row.object_sync = known[row.object_sync_id]
        count = conflicts.resolve(chosen, Side(sent["side"]), self.user)
        return Response({"resolved": count})


class ReviewsDecide(ReviewView):
    """Deciding about deletions that are held."""

    @extend_schema(request=VerdictShape, responses=DecidedShape)
    def post(self, request: Request) -> Response:
        """Archive or keep the records that are left; ids of other reviews are left alone.

        So are deletions that somebody has decided already.
        """
        sent = self.sent(VerdictShape)
        rows = self.reviews().filter(pk__in=sent["ids"], closed_at__isnull=True)
        chosen = list(rows.select_related("tenant", "object_sync"))
        self.all_live(chosen)
        told = deletions.decide(chosen, Verdict(sent["verdict"]), self.user)
        return Response({"resolved": told.decided, "already_decided": told.already})
