"""Where HubSpot and the other systems call. Checks who and how much, stores, answers; no more."""

from __future__ import annotations

import logging
from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from rest_framework import status
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from integrations.services import hook_calls, inbox

log = logging.getLogger(__name__)
HOOK_METHODS: Final = ("GET", "HEAD", "POST")


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
        body = _body(plain)
        if body is None:
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
                body=body,
                now=timezone.now(),
            )
        except inbox.SignatureError as error:
            log.warning("webhook refused: %s", error)
            return Response({"detail": str(error)}, status.HTTP_401_UNAUTHORIZED)
        except inbox.PayloadError as error:
            log.warning("webhook malformed: %s", error)
            return Response({"detail": str(error)}, status.HTTP_400_BAD_REQUEST)
        return Response({"stored": receipt.stored, "dropped": receipt.dropped})


def _body(request: HttpRequest) -> bytes | None:
    """Return the body as received, None when it is too long.

    Proxies may send a body on in chunks, without its length: Django takes that for an empty one,
    the server knows its end.
    """
    limit: int = settings.WEBHOOK_MAX_BYTES
    if int(request.headers.get("Content-Length") or 0) > limit:
        return None
    if request.META.get("wsgi.input_terminated") and "Transfer-Encoding" in request.headers:
        read: bytes = request.META["wsgi.input"].read(limit + 1)
        return read if len(read) <= limit else None
    return request.body


@csrf_exempt
def hook(request: HttpRequest, system: str, secret: str, kind: str) -> HttpResponse:
    """Take what a system sends to a secret address of one connection; both take everything.

    An unknown address is a page that does not exist, whatever is sent there. GET, HEAD and an
    empty POST only ask whether the address lives (Thena's apps documentation, 2026-11-20).
    """
    connection = hook_calls.find(system, secret)
    if connection is None:
        raise Http404
    if request.method not in HOOK_METHODS:
        return HttpResponseNotAllowed(HOOK_METHODS)
    body = _body(request) if request.method == "POST" else b""
    if body is None:
        return JsonResponse(
            {"detail": f"More than {settings.WEBHOOK_MAX_BYTES} bytes."},
            status=status.HTTP_413_REQUEST_ENTITY_TOO_LARGE,
        )
    if not body.strip():
        return HttpResponse()
    try:
        receipt = hook_calls.receive(connection, body, timezone.now())
    except hook_calls.PayloadError as error:
        log.warning("hook call malformed: %s", error)
        return JsonResponse({"detail": str(error)}, status=status.HTTP_400_BAD_REQUEST)
    return JsonResponse({"stored": receipt.stored, "dropped": receipt.dropped})
