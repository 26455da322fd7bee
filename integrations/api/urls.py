"""Addresses for machines."""

from __future__ import annotations

from django.urls import include, path, re_path

from integrations.api.health import healthz, readyz
from integrations.api.webhooks import HubSpotWebhook, hook

urlpatterns = [
    path("api/v1/", include("integrations.api.v1.urls")),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("hooks/hubspot/", HubSpotWebhook.as_view(), name="hubspot-webhook"),
    re_path(
        r"^hooks/(?P<system>[a-z0-9_]+)/(?P<secret>[\w-]+)/(?P<kind>events|installations)/$",
        hook,
        name="hook",
    ),
]
