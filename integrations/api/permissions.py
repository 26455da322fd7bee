"""What a token may do: every view names the scope of its reads and that of its changes."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from integrations.services.tokens import Grant, Scope


class HasScope(BasePermission):
    """Lets a request through whose token has the scopes of its method; else 403 naming one."""

    message: str = ""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Compare the token's scopes with the view's."""
        grant = request.auth
        if not isinstance(grant, Grant):
            return False
        missing = [scope for scope in scopes_of(view, request.method) if scope not in grant.scopes]
        self.message = f"The token lacks the scope {missing[0]}." if missing else ""
        return not missing


def scopes_of(view: Any, method: str | None) -> tuple[Scope, ...]:
    """Return the scopes that a method of a view needs; none at all: any token will do."""
    scope: Scope | None = view.reads if method in SAFE_METHODS else view.writes
    return (scope, *view.also) if scope else ()
