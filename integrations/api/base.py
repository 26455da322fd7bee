"""What every view of the REST API derives from: the token's tenant, its rows, its scopes.

Another tenant's rows do not exist here: every look-up goes through these methods.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from integrations.api import errors
from integrations.api.authentication import TokenAuthentication, TokenThrottle
from integrations.api.parsing import BodyParser, body_of
from integrations.api.permissions import HasScope
from integrations.engine.errors import ConfigInvalid
from integrations.models import Integration, ObjectSync, SyncState, Tenant
from integrations.services.tokens import Grant, Scope


class TokenView(APIView):
    """A view for token holders. `reads` and `writes` name the scopes it needs, `also` more."""

    reads: ClassVar[Scope | None] = None
    writes: ClassVar[Scope | None] = None
    also: ClassVar[tuple[Scope, ...]] = ()
    authentication_classes = (TokenAuthentication,)
    permission_classes = (HasScope,)
    throttle_classes = (TokenThrottle,)
    parser_classes = (BodyParser,)

    def get_exception_handler(self) -> Any:
        """Let every refusal have the API's one shape."""
        return errors.answer

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse a character that the database cannot even look for."""
        super().initial(request, *args, **kwargs)
        bad = [name for name, value in request.query_params.items() if "\0" in f"{name}{value}"]
        if bad:
            raise ValidationError({name: ["It holds a NUL character."] for name in bad})

    def finalize_response(self, *args: Any, **kwargs: Any) -> Response:
        """Let no proxy and no browser keep an answer."""
        made = super().finalize_response(*args, **kwargs)
        made["Cache-Control"] = "no-store"
        return made

    @property
    def grant(self) -> Grant:
        """What the token opens."""
        return cast(Grant, self.request.auth)

    @property
    def tenant(self) -> Tenant:
        """The organisation of the token."""
        return self.grant.tenant

    @property
    def user(self) -> AbstractBaseUser:
        """The person for whom the token acts."""
        return self.grant.user

    def asked(self, shape: type[Serializer[Any]]) -> dict[str, Any]:
        """Return the query's parameters, checked; raises ValidationError naming the wrong ones."""
        return _checked(shape, self.request.query_params)

    def sent(self, shape: type[Serializer[Any]]) -> dict[str, Any]:
        """Return the body's members, checked; raises ValidationError naming the wrong ones."""
        return _checked(shape, body_of(self.request))

    def integrations(self) -> QuerySet[Integration]:
        """Return the tenant's integrations with their connections."""
        rows = Integration.objects.of(self.tenant)
        return rows.select_related("hubspot", "target", "tenant")

    def integration(self, pk: UUID) -> Integration:
        """Return one of them; raises Http404 for any other."""
        return get_object_or_404(self.integrations(), pk=pk)

    def object_syncs(self) -> QuerySet[ObjectSync]:
        """Return the tenant's object syncs with what services read along."""
        return ObjectSync.objects.of(self.tenant).select_related(
            "tenant", "version", "integration__hubspot", "integration__target",
            "integration__tenant",
        )  # fmt: skip

    def object_sync(self, pk: UUID) -> ObjectSync:
        """Return one of them; raises Http404 for any other."""
        return get_object_or_404(self.object_syncs(), pk=pk)

    def live(self, pk: UUID) -> ObjectSync:
        """Return one to be changed; raises ConfigInvalid (409) when it was uninstalled."""
        row = self.object_sync(pk)
        if SyncState.UNINSTALLED in (row.state, row.integration.state):
            raise ConfigInvalid("The integration was uninstalled; connect it again.")
        return row


def _checked(shape: type[Serializer[Any]], given: Any) -> dict[str, Any]:
    serializer = shape(data=given)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
