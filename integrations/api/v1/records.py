"""Records: where each is and why, and trying again."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.base import TokenView
from integrations.api.openapi import page_of
from integrations.api.paging import paged
from integrations.api.serializers.records import (
    RecordQuery,
    RecordShape,
    RetriedShape,
    RetryShape,
    WhyQuery,
    WhyShape,
)
from integrations.engine.pairs import LinkState
from integrations.engine.records import Side
from integrations.models import ObjectSync, RecordLink
from integrations.services import explain, retries
from integrations.services.tokens import Scope


class RecordView(TokenView):
    """Base of the views of records."""

    reads = Scope.RECORDS_READ
    writes = Scope.RECORDS_WRITE

    def record(self, pk: int) -> RecordLink:
        """Return one of the tenant's records; raises Http404 for any other."""
        return get_object_or_404(RecordLink.objects.of(self.tenant).defer("base"), pk=pk)


class Records(RecordView):
    """Records of one object sync."""

    @extend_schema(parameters=[RecordQuery], responses=page_of(RecordShape))
    def get(self, request: Request) -> Response:
        """List an object sync's records by state and reason, newest first."""
        asked = self.asked(RecordQuery)
        row = self.object_sync(asked["object_sync"])
        rows = _narrowed(row, asked.get("state"), asked.get("reason"))
        return paged(request, rows, RecordShape, asked["limit"], asked.get("before"))


class RecordDetail(RecordView):
    """One record."""

    @extend_schema(responses=RecordShape)
    def get(self, request: Request, pk: int) -> Response:
        """Show a record as its last attempt left it."""
        return Response(RecordShape(self.record(pk)).data)


class RecordWhy(RecordView):
    """One record, decided on now."""

    @extend_schema(responses=WhyShape)
    def get(self, request: Request, pk: int) -> Response:
        """Read a record on both sides and say what would happen to it, and why. Writes nothing."""
        link = self.record(pk)
        side = Side.HUBSPOT if link.hubspot_id else Side.TARGET
        row = self.object_sync(link.object_sync_id)
        answer = explain.why(row, side, link.hubspot_id or link.target_id)
        return Response(WhyShape(answer).data)


class Why(RecordView):
    """Any record by its id in either system, known or not."""

    @extend_schema(parameters=[WhyQuery], responses=WhyShape)
    def get(self, request: Request) -> Response:
        """Read a record by its id in a system and say what would happen to it, and why."""
        asked = self.asked(WhyQuery)
        row = self.object_sync(asked["object_sync"])
        return Response(WhyShape(explain.why(row, Side(asked["side"]), asked["record"])).data)


class RecordRetry(RecordView):
    """Trying one record again."""

    @extend_schema(request=None, responses={202: RetriedShape})
    def post(self, request: Request, pk: int) -> Response:
        """Let a record go first."""
        link = self.record(pk)
        row = self.live(link.object_sync_id)
        count = retries.retry(row, self.user, link_ids=[link.pk])
        return Response({"retried": count}, status.HTTP_202_ACCEPTED)


class RecordsRetry(RecordView):
    """Trying many records again."""

    @extend_schema(request=RetryShape, responses={202: RetriedShape})
    def post(self, request: Request) -> Response:
        """Try records again, chosen by number or by the reason they ended with."""
        asked = self.sent(RetryShape)
        row = self.live(asked["object_sync"])
        chosen, reason = asked.get("ids", []), asked.get("reason", "")
        count = retries.retry(row, self.user, link_ids=chosen, reason=reason)
        return Response({"retried": count}, status.HTTP_202_ACCEPTED)


def _narrowed(row: ObjectSync, state: str | None, reason: str | None) -> QuerySet[RecordLink]:
    """Name object sync, state and reason whenever one is asked, so that the index is used."""
    rows = RecordLink.objects.filter(object_sync=row).defer("base")
    if reason:
        return rows.filter(state__in=[state] if state else list(LinkState), reason=reason)
    return rows.filter(state=state) if state else rows
