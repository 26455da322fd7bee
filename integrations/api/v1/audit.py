"""The audit log: who did what to which record, why, before and after."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.base import TokenView
from integrations.api.openapi import page_of
from integrations.api.paging import paged
from integrations.api.serializers.audit import AuditQuery, EntryShape
from integrations.engine.reasons import Reason
from integrations.services.audit_log import Wanted, entries
from integrations.services.tokens import Scope


class AuditLog(TokenView):
    """All entries of the organisation."""

    reads = Scope.AUDIT_READ

    @extend_schema(parameters=[AuditQuery], responses=page_of(EntryShape))
    def get(self, request: Request) -> Response:
        """List entries, newest first."""
        asked = self.asked(AuditQuery)
        limit, before = asked.pop("limit"), asked.pop("before", None)
        if "object_sync" in asked:
            self.object_sync(asked["object_sync"])
        if "reason" in asked:
            asked["reason"] = Reason(asked["reason"])
        return paged(request, entries(self.tenant, Wanted(**asked)), EntryShape, limit, before)
