"""Erasing a person, confirmed by the record's id."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.serializers.erasing import EraseShape
from integrations.api.serializers.records import RecordShape
from integrations.api.v1.records import RecordView
from integrations.services import erasure


class RecordErase(RecordView):
    """Erasing the person of one record."""

    @extend_schema(request=EraseShape, responses={200: RecordShape})
    def post(self, request: Request, pk: int) -> Response:
        """Destroy every personal value the portal holds of a record; its ids stay."""
        link = self.record(pk)
        if self.sent(EraseShape)["confirm"] != (link.hubspot_id or link.target_id):
            raise ValidationError({"confirm": ["Give the record's own id."]})
        erasure.erase(link, self.user)
        return Response(RecordShape(self.record(pk)).data, status.HTTP_200_OK)
