"""Runs: the list, one with its progress, opening, cancelling, approving."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.base import TokenView
from integrations.api.openapi import page_of
from integrations.api.paging import paged
from integrations.api.serializers.runs import NewRunShape, RunQuery, RunShape
from integrations.engine.errors import ConfigInvalid
from integrations.models import JobRun, RunKind
from integrations.services import runs
from integrations.services.tokens import Scope


class RunView(TokenView):
    """Base of the views of runs."""

    reads = Scope.RUNS_READ
    writes = Scope.RUNS_WRITE

    def runs(self) -> QuerySet[JobRun]:
        """Return the tenant's runs."""
        return JobRun.objects.of(self.tenant).select_related("tenant", "object_sync__tenant")

    def run(self, pk: int) -> JobRun:
        """Return one of them; raises Http404 for any other."""
        return get_object_or_404(self.runs(), pk=pk)


class Runs(RunView):
    """All runs of the organisation."""

    @extend_schema(parameters=[RunQuery], responses=page_of(RunShape))
    def get(self, request: Request) -> Response:
        """List runs, newest first."""
        asked = self.asked(RunQuery)
        limit, before = asked.pop("limit"), asked.pop("before", None)
        if "object_sync" in asked:
            asked["object_sync"] = self.object_sync(asked["object_sync"])
        return paged(request, self.runs().filter(**asked), RunShape, limit, before)

    @extend_schema(request=NewRunShape, responses={202: RunShape})
    def post(self, request: Request) -> Response:
        """Open a run; one of the kind that is open already is returned instead."""
        asked = self.sent(NewRunShape)
        row = self.live(asked["object_sync"])
        if row.version is None:
            raise ConfigInvalid("Nothing was published yet: publish the mapping first.")
        run = runs.open_run(row, RunKind(asked["kind"]), requested_by=self.user)
        return Response(RunShape(run).data, status.HTTP_202_ACCEPTED)


class IntegrationSync(RunView):
    """A full pass over a whole integration."""

    @extend_schema(request=None, responses={202: RunShape(many=True)})
    def post(self, request: Request, pk: UUID) -> Response:
        """Look at every record of an integration now; what is paused or held is left out."""
        opened: Any = runs.sync_all(self.integration(pk), self.user)
        return Response(RunShape(opened, many=True).data, status.HTTP_202_ACCEPTED)


class RunDetail(RunView):
    """One run."""

    @extend_schema(responses=RunShape)
    def get(self, request: Request, pk: int) -> Response:
        """Show a run and how far it has come."""
        return Response(RunShape(self.run(pk)).data)


class RunCancel(RunView):
    """Ending a run."""

    @extend_schema(request=None, responses=RunShape)
    def post(self, request: Request, pk: int) -> Response:
        """End an open run after its present slice; what it wrote stays."""
        runs.cancel(self.run(pk), self.user)
        return Response(RunShape(self.run(pk)).data)


class RunApprove(RunView):
    """Letting a run go on."""

    @extend_schema(request=None, responses=RunShape)
    def post(self, request: Request, pk: int) -> Response:
        """Let a held run carry out its plan."""
        runs.approve(self.run(pk), self.user)
        return Response(RunShape(self.run(pk)).data)
