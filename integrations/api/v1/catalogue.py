"""What can be chosen for a field or a filter: the same for every organisation."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.base import TokenView
from integrations.api.serializers.catalogue import CatalogueShape, OperatorShape, TransformShape
from integrations.engine.catalogue import OPERATORS, TRANSFORM_ENTRIES
from integrations.services.tokens import Scope


class Catalogue(TokenView):
    """Operators and transforms."""

    reads = Scope.MAPPINGS_READ

    @extend_schema(responses=CatalogueShape)
    def get(self, request: Request) -> Response:
        """List the operators of filters and the transforms of values."""
        operators: Any = list(OPERATORS.values())
        transforms: Any = list(TRANSFORM_ENTRIES.values())
        return Response(
            {
                "operators": OperatorShape(operators, many=True).data,
                "transforms": TransformShape(transforms, many=True).data,
            }
        )
