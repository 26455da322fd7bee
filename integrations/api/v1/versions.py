"""Published versions: the list, one with its configuration, differences, rolling back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api import configs
from integrations.api.openapi import page_of
from integrations.api.paging import PageQuery, paged
from integrations.api.serializers.mappings import DraftShape
from integrations.api.serializers.publishing import (
    DifferenceQuery,
    DifferenceShape,
    DifferencesShape,
    VersionDetailShape,
    VersionShape,
)
from integrations.api.v1 import drafts
from integrations.api.v1.drafts import MappingView
from integrations.engine.config import SyncConfig
from integrations.engine.versions import differences
from integrations.models import ObjectSync, SyncVersion
from integrations.services import publishing, syncs


class Versions(MappingView):
    """All versions of one object sync."""

    @extend_schema(parameters=[PageQuery], responses=page_of(VersionShape))
    def get(self, request: Request, pk: UUID) -> Response:
        """List versions, newest first."""
        asked = self.asked(PageQuery)
        rows = _versions(self.object_sync(pk)).defer("config")
        return paged(request, rows, VersionShape, asked["limit"], asked.get("before"), key="number")


class VersionDetail(MappingView):
    """One version."""

    @extend_schema(responses=VersionDetailShape)
    def get(self, request: Request, pk: UUID, number: int) -> Response:
        """Show a version and its configuration."""
        row = self.object_sync(pk)
        version = get_object_or_404(_versions(row), number=number)
        config = configs.shown(syncs.config_of_version(row, version))
        return Response({**VersionShape(version).data, "config": config})


class VersionDifferences(MappingView):
    """Two versions side by side."""

    @extend_schema(parameters=[DifferenceQuery], responses=DifferencesShape)
    def get(self, request: Request, pk: UUID, number: int) -> Response:
        """Say in sentences what another version does differently from this one."""
        row = self.object_sync(pk)
        old, new = (_config(row, each) for each in (number, self.asked(DifferenceQuery)["to"]))
        found: Any = differences(old, new)
        return Response({"differences": DifferenceShape(found, many=True).data})


class VersionRollBack(MappingView):
    """Going back to a version."""

    @extend_schema(request=None, responses=DraftShape)
    def post(self, request: Request, pk: UUID, number: int) -> Response:
        """Make an earlier version the draft; preview and publish it like any other."""
        row = self.live(pk)
        get_object_or_404(_versions(row), number=number)
        return drafts.answer(publishing.roll_back(row, number, self.user))


def _config(row: ObjectSync, number: int) -> SyncConfig:
    return syncs.config_of_version(row, get_object_or_404(_versions(row), number=number))


def _versions(row: ObjectSync) -> QuerySet[SyncVersion]:
    return SyncVersion.objects.filter(object_sync=row).select_related("published_by")
