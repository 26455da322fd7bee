"""The admin site: one log-in for both faces, so that the second factor holds here too."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class PortalAdminSite(AdminSite):
    """Support's site."""

    site_header = _("Integration portal support")
    site_title = _("Support")
    index_title = _("Support")
    enable_nav_sidebar = False

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Send people to the portal's own log-in; refuse those who are in but not support."""
        if request.user.is_authenticated:
            raise PermissionDenied
        there = request.GET.get("next") or reverse("admin:index")
        return redirect_to_login(there)
