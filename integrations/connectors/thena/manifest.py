"""How our app describes itself to Thena: the body of its `create-app` call.

Keys: docs.thena.ai, app framework "manifest" and apps "webhooks", read 2026-11-20. There is no
screen in Thena for private apps; docs/connect-thena.md says which calls to make.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from integrations.connectors.thena.fields import JsonObject
from integrations.connectors.thena.spec import THENA

SUBSCRIBED: Final = (
    "account:created",
    "account:updated",
    "account:deleted",
    "account-status:changed",
    "account-health:changed",
    "account-classification:changed",
    "account-industry:changed",
    "account-custom_field_value:added",
    "account-custom_field_value:removed",
    "account-custom_field_value:changed",
    "customer-contact:created",
    "customer-contact:updated",
    "customer-contact:deleted",
    "customer-contact:type:changed",
    "customer-contact:custom_field_value:added",
    "customer-contact:custom_field_value:removed",
    "customer-contact:custom_field_value:changed",
)
_SCOPES: Final = (
    ("contacts", "Contacts are kept in step with HubSpot."),
    ("contacts.custom_fields", "Their custom fields are, too."),
    ("companies", "Accounts are kept in step with HubSpot's companies."),
    ("companies.custom_fields", "Their custom fields are, too."),
)
_REASON: Final = "A change in Thena is brought to HubSpot."
_SYNCED: Final = "Says what became of a record: status, operation and both ids."


def manifest(events: str, installations: str) -> JsonObject:
    """Return the body that creates the app, with the addresses Thena is to call."""
    site = f"{urlsplit(events).scheme}://{urlsplit(events).netloc}"
    scopes = [
        {"scope": f"{name}:{right}", "reason": reason, "description": reason}
        for name, reason in _SCOPES
        for right in ("read", "write")
    ]
    published = [sync.synced_event for sync in THENA.syncs if sync.synced_event]
    return {
        "app_visibility": "private",
        "manifest": {
            "app": {
                "name": "HubSpot integration portal",
                "description": "Keeps HubSpot companies and contacts in step with Thena.",
                "category": "crm_integration",
                "supported_locales": ["en-US"],
                "slug": "hubspot-integration-portal",
            },
            "developer": {"name": "HubSpot integration portal", "website": site},
            "integration": {
                "entry_points": {"main": site, "configuration": site},
                "webhooks": {"events": events, "installations": installations},
            },
            "configuration": {"required_settings": [], "optional_settings": []},
            "scopes": {"required": {"platform": scopes}, "optional": {"platform": []}},
            "events": {
                "subscribe": [
                    {"event": name, "reason": _REASON, "description": _REASON}
                    for name in SUBSCRIBED
                ],
                "publish": [
                    {"event": name, "reason": _SYNCED, "schema": {"type": "object"}}
                    for name in published
                ],
            },
            "activities": [],
            "metadata": {"is_privileged_app": False},
        },
    }
