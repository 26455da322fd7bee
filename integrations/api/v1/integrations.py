"""Integrations and object syncs: what there is, how it stands, pausing and resuming."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.base import TokenView
from integrations.api.openapi import page_of
from integrations.api.paging import UuidPageQuery, paged
from integrations.api.serializers.integrations import (
    IntegrationDetailShape,
    IntegrationShape,
    ObjectStatusShape,
    ObjectSyncShape,
)
from integrations.models import Integration
from integrations.services import status, syncs
from integrations.services.tokens import Scope


class Integrations(TokenView):
    """All integrations of the organisation."""

    reads = Scope.INTEGRATIONS_READ

    @extend_schema(parameters=[UuidPageQuery], responses=page_of(IntegrationShape))
    def get(self, request: Request) -> Response:
        """List integrations."""
        return paged(request, self.integrations(), IntegrationShape, **self.asked(UuidPageQuery))


class IntegrationDetail(TokenView):
    """One integration."""

    reads = Scope.INTEGRATIONS_READ

    @extend_schema(responses=IntegrationDetailShape)
    def get(self, request: Request, pk: UUID) -> Response:
        """Show an integration and how many records of each object sync are where."""
        return Response(_with_status(self.integration(pk)))


class IntegrationPause(TokenView):
    """Pausing an integration with all its object syncs."""

    writes = Scope.INTEGRATIONS_WRITE

    @extend_schema(request=None, responses=IntegrationDetailShape)
    def post(self, request: Request, pk: UUID) -> Response:
        """Pause an integration; changes meanwhile are kept."""
        row = self.integration(pk)
        syncs.pause(row, self.user)
        return Response(_with_status(row))


class IntegrationResume(TokenView):
    """Resuming an integration with its paused object syncs."""

    writes = Scope.INTEGRATIONS_WRITE

    @extend_schema(request=None, responses=IntegrationDetailShape)
    def post(self, request: Request, pk: UUID) -> Response:
        """Resume an integration; what waited is synced now."""
        row = self.integration(pk)
        syncs.resume(row, self.user)
        return Response(_with_status(row))


class ObjectSyncs(TokenView):
    """All object syncs of the organisation."""

    reads = Scope.INTEGRATIONS_READ

    @extend_schema(parameters=[UuidPageQuery], responses=page_of(ObjectSyncShape))
    def get(self, request: Request) -> Response:
        """List object syncs."""
        return paged(request, self.object_syncs(), ObjectSyncShape, **self.asked(UuidPageQuery))


class ObjectSyncDetail(TokenView):
    """One object sync."""

    reads = Scope.INTEGRATIONS_READ

    @extend_schema(responses=ObjectSyncShape)
    def get(self, request: Request, pk: UUID) -> Response:
        """Show an object sync."""
        return Response(ObjectSyncShape(self.object_sync(pk)).data)


class ObjectSyncPause(TokenView):
    """Pausing one object sync."""

    writes = Scope.INTEGRATIONS_WRITE

    @extend_schema(request=None, responses=ObjectSyncShape)
    def post(self, request: Request, pk: UUID) -> Response:
        """Pause an object sync; changes meanwhile are kept."""
        syncs.pause(self.live(pk), self.user)
        return Response(ObjectSyncShape(self.object_sync(pk)).data)


class ObjectSyncResume(TokenView):
    """Resuming one object sync."""

    writes = Scope.INTEGRATIONS_WRITE

    @extend_schema(request=None, responses=ObjectSyncShape)
    def post(self, request: Request, pk: UUID) -> Response:
        """Resume an object sync; what waited is synced now."""
        syncs.resume(self.live(pk), self.user)
        return Response(ObjectSyncShape(self.object_sync(pk)).data)


def _with_status(row: Integration) -> dict[str, Any]:
    objects: Any = status.of(row, samples=0).objects
    return {
        **IntegrationShape(row).data,
        "objects": ObjectStatusShape(objects, many=True).data,
    }
