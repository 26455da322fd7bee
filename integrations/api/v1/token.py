"""What the token in use opens. People make and revoke tokens on the organisation's page."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.base import TokenView
from integrations.services.tokens import Grant


class TokenShape(serializers.Serializer[Grant]):
    """The token in use."""

    organisation = serializers.CharField(source="tenant.name")
    name = serializers.CharField(source="token.name")
    scopes = serializers.SerializerMethodField()
    expires_at = serializers.DateTimeField(source="token.expires_at")

    def get_scopes(self, grant: Grant) -> list[str]:
        """Return what works now: less than was asked for when the maker's role was lowered."""
        return sorted(grant.scopes)


class Token(TokenView):
    """The token in use."""

    @extend_schema(responses=TokenShape)
    def get(self, request: Request) -> Response:
        """Show what the token in use opens, and until when."""
        return Response(TokenShape(self.grant).data)


class Unknown(TokenView):
    """Every address that does not exist."""

    schema: Any = None

    def get(self, request: Request, path: str) -> Response:
        """Answer 404 in the API's shape."""
        raise NotFound("There is nothing at this address.")

    post = put = patch = delete = get
