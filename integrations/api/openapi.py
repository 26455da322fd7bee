"""The description of the REST API (OpenAPI 3.0), made from its views. Served at its schema page."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.settings import patched_settings
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from integrations.api.authentication import SECURITY_SCHEME, AddressThrottle
from integrations.api.permissions import scopes_of

ROOT: Final = "/api/v1/"
SHAPES: Final = "integrations.api.serializers"
SETTINGS: Final = {
    "TITLE": "HubSpot integration portal",
    "DESCRIPTION": "What administrators do on the portal's pages, for programs: see docs/api.md.",
    "VERSION": "1.0.0",
    "SCHEMA_PATH_PREFIX": ROOT.rstrip("/"),
    "PREPROCESSING_HOOKS": [f"{__name__}.only_ours"],
    "ENUM_NAME_OVERRIDES": {
        "ConnectionState": "integrations.models.ConnectionState",
        "RecordState": f"{SHAPES}.records.LINK_STATES",
        "RunKind": "integrations.models.RunKind",
        "DeletePolicy": f"{SHAPES}.mappings.DELETES",
        "MergeState": "integrations.models.MergeState",
        "OpenedRunKind": f"{SHAPES}.runs.OPENED",
        "RunState": "integrations.models.RunState",
        "FieldType": f"{SHAPES}.mappings.TYPES",
        "Side": f"{SHAPES}.records.SIDES",
        "SyncState": "integrations.models.SyncState",
    },
}

IF_MATCH: Final = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag of the draft as it was read, where the body names no revision.",
)


class ErrorShape(serializers.Serializer[Any]):
    """Every refusal. `fields` maps the wrong members or columns to a sentence each."""

    code = serializers.CharField(help_text="For programs; it does not change.")
    detail = serializers.CharField(help_text="A sentence for people.")
    remedy = serializers.CharField(help_text="What to do about it, or empty.", allow_blank=True)
    fields = serializers.DictField(child=serializers.CharField())  # type: ignore[assignment]


class Schema(AutoSchema):
    """Adds to every operation the scopes it needs and the shape of its refusals."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """Return one operation."""
        made: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if made is None or not hasattr(self.view, "reads"):
            return made
        made["x-scopes"] = [scope.value for scope in scopes_of(self.view, self.method)]
        if made["x-scopes"]:
            named = " and ".join(f"`{scope}`" for scope in made["x-scopes"])
            made["description"] = f"{made['description']}\n\nNeeds {named}."
        shape = self.resolve_serializer(ErrorShape, "response").ref
        made["responses"]["default"] = {
            "description": "A refusal.",
            "content": {"application/json": {"schema": shape}},
        }
        return made

    def get_operation_id(self) -> str:
        """Return a name for programs: the view's and the method's."""
        return f"{type(self.view).__name__}_{self.method.lower()}"

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        """Return a shape's name as clients see it."""
        name: str = super().get_serializer_name(serializer, direction)
        return name.removesuffix("Shape")

    def get_summary(self) -> str | None:
        """Return the first sentence of the method's docstring."""
        text: str = self.get_description() or ""
        return text.split("\n")[0].strip() or None

    def get_tags(self) -> list[str]:
        """Group operations by the subject of their view's file."""
        return [type(self.view).__module__.rpartition(".")[2]]


class BearerExtension(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Names our authentication in the description."""

    target_class = "integrations.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """Return the scheme."""
        return dict(SECURITY_SCHEME)


class SchemaView(APIView):
    """The description itself; anybody may read it, there is nothing of a tenant in it."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = (AddressThrottle,)

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """Answer with the description as JSON."""
        made = Response(description())
        made["Content-Disposition"] = 'inline; filename="openapi.json"'
        return made


def page_of(shape: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """Return the shape of a page of a list."""
    name = shape.__name__.removesuffix("Shape")
    members: dict[str, serializers.Field[Any, Any, Any, Any]] = {
        "items": shape(many=True),
        "next": serializers.URLField(allow_null=True, help_text="The page after this one."),
    }
    return inline_serializer(f"{name}Page", fields=members)


@cache
def description() -> dict[str, Any]:
    """Return the description; made once per process, for it takes a while."""
    with patched_settings(SETTINGS):
        generator: Any = SchemaGenerator
        made: dict[str, Any] = generator().get_schema(request=None, public=True)
    return made


def only_ours(endpoints: list[tuple[str, str, str, Any]]) -> list[tuple[str, str, str, Any]]:
    """Leave webhooks and health checks out (a hook of drf-spectacular)."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith(ROOT)]
