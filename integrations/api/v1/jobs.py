"""Scheduled jobs of an integration: how often, on or off, run now."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.base import TokenView
from integrations.api.serializers.jobs import JobChangeShape, JobShape, JobStartShape
from integrations.engine.errors import ConfigInvalid
from integrations.models import Integration, Job, SyncState
from integrations.services import jobs
from integrations.services.tokens import Scope


class JobsView(TokenView):
    """Base of the views of jobs."""

    reads = Scope.INTEGRATIONS_READ
    writes = Scope.INTEGRATIONS_WRITE

    def changeable(self, pk: UUID, key: str) -> Integration:
        """Return an integration that has this job; raises ConfigInvalid when uninstalled."""
        row = self.integration(pk)
        self.job(row, key)
        if row.state == SyncState.UNINSTALLED:
            raise ConfigInvalid("The integration was uninstalled; connect it again.")
        return row

    def job(self, row: Integration, key: str) -> jobs.JobView:
        """Return one job; raises Http404 for a key the integration does not have."""
        try:
            return jobs.one(row, key)
        except Job.DoesNotExist:
            raise Http404 from None


class Jobs(JobsView):
    """All jobs of an integration."""

    @extend_schema(responses=JobShape(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        """List the scheduled jobs, in their order."""
        found: Any = jobs.of(self.integration(pk))
        return Response(JobShape(found, many=True).data)


class JobDetail(JobsView):
    """One job."""

    @extend_schema(responses=JobShape)
    def get(self, request: Request, pk: UUID, key: str) -> Response:
        """Show a job, how its last start went and when it starts next."""
        return Response(JobShape(self.job(self.integration(pk), key)).data)

    @extend_schema(request=JobChangeShape, responses=JobShape)
    def put(self, request: Request, pk: UUID, key: str) -> Response:
        """Choose another period, or switch the job on or off."""
        row, sent = self.changeable(pk, key), self.sent(JobChangeShape)
        view = jobs.change(
            row, key, self.user, minutes=sent.get("minutes"), enabled=sent.get("enabled")
        )
        return Response(JobShape(view).data)


class JobRunNow(JobsView):
    """Starting a job at once."""

    @extend_schema(request=None, responses={202: JobStartShape})
    def post(self, request: Request, pk: UUID, key: str) -> Response:
        """Start a job whatever its period; where its last run is open, nothing is opened."""
        start: Any = jobs.run_now(self.changeable(pk, key), key, self.user)
        return Response(JobStartShape(start).data, status.HTTP_202_ACCEPTED)
