"""Health checks for load balancers and operators. Says nothing about tenants."""

from __future__ import annotations

from django.db import DatabaseError
from rest_framework import status
from rest_framework.decorators import api_view, authentication_classes, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.services import health


@api_view(["GET"])
@authentication_classes([])
@permission_classes([])
def healthz(request: Request) -> Response:
    """Answer 200 while the process and its database work."""
    try:
        health.alive()
    except DatabaseError:
        return Response({"database": "no answer"}, status.HTTP_503_SERVICE_UNAVAILABLE)
    return Response({"database": "ok"})


@api_view(["GET"])
@authentication_classes([])
@permission_classes([])
def readyz(request: Request) -> Response:
    """Answer 200 when migrations are applied, workers beat and the queue moves; else 503."""
    try:
        checks = health.readiness()
    except DatabaseError:
        return Response({"database": "no answer"}, status.HTTP_503_SERVICE_UNAVAILABLE)
    ready = all(check.ok for check in checks)
    return Response(
        {check.name: {"ok": check.ok, "detail": check.detail} for check in checks},
        status.HTTP_200_OK if ready else status.HTTP_503_SERVICE_UNAVAILABLE,
    )
