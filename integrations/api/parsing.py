"""Reading the body of a request to the REST API: JSON, and a refusal for whatever is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request


class BodyTooLarge(APIException):
    """The body is longer than the portal reads at once (`DATA_UPLOAD_MAX_MEMORY_SIZE`)."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The body is too large."


def body_of(request: Request) -> Any:
    """Return what was sent; raises BodyTooLarge or ParseError."""
    try:
        return request.data
    except RequestDataTooBig:
        raise BodyTooLarge from None


class BodyParser(JSONParser):
    """Reads a JSON body; one that nests without an end is refused like any other nonsense."""

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return what the body says; raises ParseError."""
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError("The body nests too deeply.") from None
