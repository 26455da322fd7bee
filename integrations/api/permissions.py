"""What a token may do: every view names the scope of its reads and that of its changes."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from integrations.services.tokens import Grant, Scope


class HasScope(BasePermission):
    """Lets a request through whose token has the scope of its method; else 403 naming it."""

    message: str = ""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Compare the token's scopes with the view's."""
        grant = request.auth
        if not isinstance(grant, Grant):
            return False
        needed = scope_of(view, request.method or "")
        self.message = f"The token lacks the scope {needed}." if needed else ""
        return needed is None or needed in grant.scopes


def scope_of(view: Any, method: str) -> Scope | None:
    """Return the scope that a method of a view needs, None for any token at all."""
    scope: Scope | None = view.reads if method in SAFE_METHODS else view.writes
    return scope
