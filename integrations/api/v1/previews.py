"""Previews of a draft, and publishing what was previewed."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.openapi import page_of
from integrations.api.paging import paged, upward
from integrations.api.serializers.publishing import (
    NewPreviewShape,
    PreviewItemQuery,
    PreviewItemShape,
    PreviewQuery,
    PreviewShape,
    PublishShape,
    VersionShape,
)
from integrations.api.v1.drafts import MappingView
from integrations.engine.records import Side
from integrations.models import Preview, PreviewState
from integrations.services import previews, publishing
from integrations.services.tokens import Scope


class PreviewView(MappingView):
    """Base of the views of previews."""

    def previews(self) -> QuerySet[Preview]:
        """Return the tenant's previews."""
        return Preview.objects.of(self.tenant).defer("config")

    def preview(self, pk: int) -> Preview:
        """Return one of them with its object sync; raises Http404 for any other."""
        row = get_object_or_404(self.previews(), pk=pk)
        row.object_sync = self.object_sync(row.object_sync_id)
        if row.state == PreviewState.DONE and not previews.is_current(row):
            row.state = PreviewState.STALE
        return row


class Previews(PreviewView):
    """Previews of one object sync."""

    @extend_schema(parameters=[PreviewQuery], responses=page_of(PreviewShape))
    def get(self, request: Request) -> Response:
        """List previews, newest first; starting one drops those before it."""
        asked = self.asked(PreviewQuery)
        rows = self.previews().filter(object_sync=self.object_sync(asked["object_sync"]))
        return paged(request, rows, PreviewShape, asked["limit"], asked.get("before"))

    @extend_schema(request=NewPreviewShape, responses={202: PreviewShape})
    def post(self, request: Request) -> Response:
        """Start a preview of a draft; it writes nothing. Ask for it until it is done."""
        row = self.live(self.sent(NewPreviewShape)["object_sync"])
        made = previews.start(row, self.user)
        return Response(PreviewShape(made).data, status.HTTP_202_ACCEPTED)


class PreviewDetail(PreviewView):
    """One preview."""

    @extend_schema(responses=PreviewShape)
    def get(self, request: Request, pk: int) -> Response:
        """Show a preview; `stale`: draft, version or fields have changed since."""
        return Response(PreviewShape(self.preview(pk)).data)


class PreviewItems(PreviewView):
    """Records of one preview, with their values: hence the scope of records too."""

    also = (Scope.RECORDS_READ,)

    @extend_schema(parameters=[PreviewItemQuery], responses=page_of(PreviewItemShape))
    def get(self, request: Request, pk: int) -> Response:
        """List the records of a preview with their fields before and after."""
        asked = self.asked(PreviewItemQuery)
        found = previews.items(
            get_object_or_404(self.previews(), pk=pk),
            action=asked.get("action", ""),
            reason=asked.get("reason", ""),
            after=asked["after"],
            limit=asked["limit"] + 1,
        )
        ids = [record.item.pk for record in found]
        return upward(request, found, ids, PreviewItemShape, asked["limit"])


class PreviewPublish(PreviewView):
    """Putting a previewed draft into force."""

    @extend_schema(request=PublishShape, responses={201: VersionShape})
    def post(self, request: Request, pk: int) -> Response:
        """Publish what was previewed and open the run that carries it out."""
        row = self.preview(pk)
        self.live(row.object_sync_id)
        sent = self.sent(PublishShape)
        version = publishing.publish(
            row,
            self.user,
            start=sent["start"],
            sides=[Side(side) for side in sent["sides"]],
            note=sent["note"],
        )
        return Response(VersionShape(version).data, status.HTTP_201_CREATED)
