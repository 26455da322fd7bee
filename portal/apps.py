"""Puts the portal's own site in the place of Django's admin site."""

from django.contrib.admin.apps import AdminConfig


class PortalAdminConfig(AdminConfig):
    """Django's admin with one log-in for both faces."""

    default_site = "portal.site.PortalAdminSite"
