"""Restoring HubSpot's value where HubSpot refused a change of the other system."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.serializers.restoring import RestorableShape, RestoredShape, RestoreShape
from integrations.api.v1.records import RecordView
from integrations.services import restoring


class RecordRestore(RecordView):
    """The changes of one record that HubSpot did not take."""

    @extend_schema(responses=RestorableShape(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """Read a record on both sides and list the fields that can be restored."""
        link = self.record(pk)
        link.object_sync = self.object_sync(link.object_sync_id)
        found: Any = restoring.fields_of(link)
        return Response(RestorableShape(found, many=True).data)

    @extend_schema(request=RestoreShape, responses={202: RestoredShape})
    def post(self, request: Request, pk: int) -> Response:
        """Write HubSpot's values over the changes it did not take."""
        link, sent = self.record(pk), self.sent(RestoreShape)
        link.object_sync = self.live(link.object_sync_id)
        count = restoring.restore([link], self.user, seen=sent.get("seen"))
        return Response({"restored": count}, status.HTTP_202_ACCEPTED)
