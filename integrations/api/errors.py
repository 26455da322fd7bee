"""Every refusal of the REST API in one shape: code, detail, remedy, fields."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from integrations.engine import explanations
from integrations.engine.edits import EditRefused
from integrations.engine.errors import Scope, SyncError
from integrations.services.choices import ChangedSince
from integrations.services.drafts import DraftChanged, DraftInvalid
from integrations.services.merge_rows import MergeRefused
from integrations.services.publishing import PublishRefused
from integrations.services.setting_values import SettingsInvalid

CODES: Final = {
    400: "invalid",
    401: "not_authenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    429: "throttled",
}

CONFLICTS: Final[Mapping[type[Exception], str]] = {
    PublishRefused: "preview_outdated",
    ChangedSince: "changed_since",
    MergeRefused: "merge_refused",
}
"""What cannot be done as things are now."""


def answer(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Return the answer to an error, None for one that nobody expected."""
    if isinstance(error, SyncError):
        return _of_system(error)
    if isinstance(error, DraftChanged):
        return refusal(status.HTTP_412_PRECONDITION_FAILED, "draft_changed", str(error))
    if isinstance(error, DraftInvalid):
        fields = {problem.where or "config": problem.sentence for problem in error.problems}
        return refusal(400, "draft_invalid", str(error), fields=fields)
    if isinstance(error, tuple(CONFLICTS)):
        return refusal(status.HTTP_409_CONFLICT, CONFLICTS[type(error)], str(error))
    if isinstance(error, EditRefused):
        fields = dict.fromkeys(error.fields, str(error))
        return refusal(400, CODES[400], str(error), fields=fields)
    if isinstance(error, SettingsInvalid):
        return refusal(400, CODES[400], "Some values cannot be used.", fields=error.errors)
    if isinstance(error, exceptions.ValidationError):
        fields = dict(_flat("", error.detail))
        return refusal(400, CODES[400], "Some values cannot be used.", fields=fields)
    made = exception_handler(error, dict(context))
    if made is None:
        return None
    code = CODES.get(made.status_code, "error")
    made.data = _body(code, _sentence(error), "", {})
    return made


def refusal(
    code: int, name: str, detail: str, *, remedy: str = "", fields: Mapping[str, str] | None = None
) -> Response:
    """Return a refusal with an HTTP status and our own code."""
    return Response(_body(name, detail, remedy, fields or {}), code)


def _of_system(error: SyncError) -> Response:
    """Say what a system or a service refused: 503 passes by itself, 502 and 409 do not."""
    passing = error.retryable and error.scope is Scope.SYNC
    broken = error.scope in (Scope.CONNECTION, Scope.INSTALLATION)
    code: int = status.HTTP_409_CONFLICT
    if passing:
        code = status.HTTP_503_SERVICE_UNAVAILABLE
    elif broken:
        code = status.HTTP_502_BAD_GATEWAY
    fields = {name: error.detail for name in error.fields}
    remedy = explanations.remedy(error.reason)
    made = refusal(code, error.reason.value, error.detail, remedy=remedy, fields=fields)
    if passing:
        made["Retry-After"] = str(max(1, math.ceil(getattr(error, "retry_after", 0.0))))
    return made


def _body(code: str, detail: str, remedy: str, fields: Mapping[str, str]) -> dict[str, Any]:
    return {"code": code, "detail": detail, "remedy": remedy, "fields": dict(fields)}


def _sentence(error: Exception) -> str:
    if isinstance(error, Http404):  # its own words may name a model
        return "There is no such thing in your organisation."
    if isinstance(error, PermissionDenied):
        return "The token's maker may not do this."
    return str(getattr(error, "detail", error))


def _flat(path: str, detail: Any) -> Iterator[tuple[str, str]]:
    """Yield (dotted name, sentences) of nested validation errors."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from _flat(f"{path}.{name}" if path else str(name), inner)
    elif isinstance(detail, list) and any(isinstance(inner, dict | list) for inner in detail):
        for place, inner in enumerate(detail):
            yield from _flat(f"{path}.{place}", inner)
    elif isinstance(detail, list):
        if detail:
            yield path, " ".join(str(sentence) for sentence in detail)
    else:
        yield path, str(detail)
