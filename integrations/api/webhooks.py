"""Where HubSpot calls. Checks size and signature, stores, answers; understands nothing else."""

from __future__ import annotations

import logging

from django.conf import settings
from django.utils import timezone
from rest_framework import status
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from integrations.services import inbox

log = logging.getLogger(__name__)


class RawParser(BaseParser):
    """Leaves the body alone: the signature covers its bytes, not its meaning."""

    media_type = "*/*"


class HubSpotWebhook(APIView):
    """`POST`: up to 100 events of any portals, signed with the app's client secret.

    2xx also for portals we do not know, or HubSpot would repeat the whole batch for a day
    (HubSpot docs, webhooks guide, 2026-03-30).
    """

    authentication_classes = ()
    permission_classes = ()
    parser_classes = (RawParser,)

    def post(self, request: Request) -> Response:
        """Store a delivery."""
        plain = request._request
        if int(plain.headers.get("Content-Length") or 0) > settings.WEBHOOK_MAX_BYTES:
            return Response(
                {"detail": f"More than {settings.WEBHOOK_MAX_BYTES} bytes."},
                status.HTTP_413_REQUEST_ENTITY_TOO_LARGE,
            )
        path = plain.META.get("RAW_URI") or plain.get_full_path()
        try:
            receipt = inbox.receive(
                method=plain.method or "",
                uri=settings.PUBLIC_URL + path,
                headers=plain.headers,
                body=plain.body,
                now=timezone.now(),
            )
        except inbox.SignatureError as error:
            log.warning("webhook refused: %s", error)
            return Response({"detail": str(error)}, status.HTTP_401_UNAUTHORIZED)
        except inbox.PayloadError as error:
            log.warning("webhook malformed: %s", error)
            return Response({"detail": str(error)}, status.HTTP_400_BAD_REQUEST)
        return Response({"stored": receipt.stored, "dropped": receipt.dropped})
