"""Addresses of records in their own systems, for people to click. Calls nothing."""

from __future__ import annotations

from urllib.parse import quote

from integrations.engine.records import Side
from integrations.models import Connection, ObjectSync
from integrations.services import connectors


def record_address(connection: Connection | None, object_type: str, record_id: str) -> str:
    """Return the address of a record's page, "" where the system has none to link to."""
    if connection is None or not record_id:
        return ""
    objects = {spec.key: spec for spec in connectors.spec_of(connection.system).objects}
    template = objects[object_type].link_template if object_type in objects else ""
    if "{ui}" in template and not connection.ui_host:
        return ""
    return template.format(
        ui=connection.ui_host, account=quote(connection.account_id), id=quote(record_id, safe="")
    )


def both(object_sync: ObjectSync, hubspot_id: str, target_id: str) -> dict[Side, str]:
    """Return a pair's addresses; reads `integration` with its connections."""
    integration = object_sync.integration
    return {
        Side.HUBSPOT: record_address(integration.hubspot, object_sync.hubspot_object, hubspot_id),
        Side.TARGET: record_address(integration.target, object_sync.target_object, target_id),
    }
