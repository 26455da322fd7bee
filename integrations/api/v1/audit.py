"""The audit log: who did what to which record, why, before and after."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.base import TokenView
from integrations.api.openapi import page_of
from integrations.api.paging import paged
from integrations.api.serializers.audit import AuditQuery, EntryShape
from integrations.models import AuditEntry
from integrations.services.tokens import Scope


class AuditLog(TokenView):
    """All entries of the organisation."""

    reads = Scope.AUDIT_READ

    @extend_schema(parameters=[AuditQuery], responses=page_of(EntryShape))
    def get(self, request: Request) -> Response:
        """List entries, newest first."""
        asked = self.asked(AuditQuery)
        rows = AuditEntry.objects.of(self.tenant).select_related("actor")
        if "record" in asked:
            on_hubspot = rows.filter(hubspot_id=asked["record"])
            rows = on_hubspot if on_hubspot.exists() else rows.filter(target_id=asked["record"])
        if "reason" in asked:
            rows = rows.filter(reason=asked["reason"])
        return paged(request, rows, EntryShape, asked["limit"], asked.get("before"))
