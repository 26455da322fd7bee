"""The request id: taken over or made, in every log line and in the answer. No other middleware."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from integrations.logs import noted

HEADER = "X-Request-ID"
log = logging.getLogger(__name__)
_SAFE = re.compile(r"[\w.-]{8,64}")


class RequestIdMiddleware:
    """Give each request an id and log one line about its answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request; the line names the route, because a path may hold a secret."""
        given = request.headers.get(HEADER, "")
        request_id = given if _SAFE.fullmatch(given) else uuid.uuid4().hex
        with noted(request=request_id):
            start = time.monotonic()
            response = self.get_response(request)
            match = request.resolver_match
            log.info(
                "%s /%s %d in %.0f ms",
                request.method,
                match.route if match else "?",
                response.status_code,
                (time.monotonic() - start) * 1000,
            )
        response[HEADER] = request_id
        return response
