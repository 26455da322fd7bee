"""Addresses for machines."""

from __future__ import annotations

from django.urls import path

from integrations.api.health import healthz, readyz
from integrations.api.webhooks import HubSpotWebhook

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("hooks/hubspot/", HubSpotWebhook.as_view(), name="hubspot-webhook"),
]
