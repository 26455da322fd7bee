"""How often an object sync looks for changes by itself."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.base import TokenView
from integrations.api.serializers.publishing import PeriodsShape, ScheduleShape
from integrations.models import ObjectSync
from integrations.services import schedules
from integrations.services.tokens import Scope


class Schedule(TokenView):
    """The schedule of one object sync."""

    reads = Scope.INTEGRATIONS_READ
    writes = Scope.INTEGRATIONS_WRITE

    @extend_schema(responses=ScheduleShape)
    def get(self, request: Request, pk: UUID) -> Response:
        """Show the periods and when each pass starts next."""
        return _answer(self.object_sync(pk))

    @extend_schema(request=PeriodsShape, responses=ScheduleShape)
    def put(self, request: Request, pk: UUID) -> Response:
        """Choose other periods."""
        row = self.live(pk)
        sent = self.sent(PeriodsShape)
        schedules.set_periods(
            row,
            self.user,
            poll=sent.get("poll_minutes"),
            safety=sent.get("safety_hours"),
            full=sent.get("full_days"),
        )
        return _answer(row)


def _answer(row: ObjectSync) -> Response:
    following = schedules.next_runs(row)[row.pk]
    periods = {
        "poll_minutes": row.poll_minutes,
        "safety_hours": row.safety_hours,
        "full_days": row.full_days,
        "next": {kind.value: at for kind, at in following.items()},
    }
    return Response(ScheduleShape(periods).data)
