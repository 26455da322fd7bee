"""Addresses of the portal's own pages as people outside a request need them (mails, redirects)."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from integrations.models import Connection, Integration


def oauth_callback() -> str:
    """Return where HubSpot sends the browser back to: one address for all tenants."""
    return _public("oauth-callback")


def reauthenticate(connection: Connection) -> str:
    """Return the page on which a connection's credentials are given anew."""
    return _public("reauthenticate", connection.tenant.slug, str(connection.pk))


def hook(system: str, secret: str, kind: str) -> str:
    """Return the address at which a system calls us; whoever knows it may call."""
    return _public("hook", system, secret, kind)


def settings_of(integration: Integration) -> str:
    """Return the page of an integration's settings."""
    return _public("settings", integration.tenant.slug, str(integration.pk))


def why(integration: Integration, record_id: str) -> str:
    """Return the page that explains one HubSpot record."""
    page = _public("why", integration.tenant.slug, str(integration.pk))
    return f"{page}?{urlencode({'id': record_id})}"


def _public(name: str, *arguments: str) -> str:
    return f"{settings.PUBLIC_URL}{reverse(name, args=arguments)}"
