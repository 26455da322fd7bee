"""Calls to HubSpot about everything but records: definitions, pipelines, owners, the account.

Source: HubSpot docs, properties, pipelines, owners and account guides, 2026-03-30.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from integrations.connectors.hubspot.client import HubSpotClient
from integrations.connectors.hubspot.payloads import JsonObject
from integrations.engine.ports import AccountInfo

PROPERTIES: Final = "/crm/properties/2026-09"
PIPELINES: Final = "/crm/pipelines/2026-09"
OWNERS: Final = "/crm/owners/2026-09"
ACCOUNT: Final = "/account-info/2026-09/details"


def account(client: HubSpotClient) -> AccountInfo:
    """Return who the token belongs to."""
    raw = client.read("GET", ACCOUNT)
    return AccountInfo(
        account_id=str(raw.get("portalId") or ""),
        name=str(raw.get("portalName") or ""),
        ui_host=str(raw.get("uiDomain") or ""),
        time_zone=str(raw.get("timeZone") or ""),
    )


def properties(client: HubSpotClient, object_type: str) -> list[JsonObject]:
    """Return every live property definition."""
    return list(client.read("GET", f"{PROPERTIES}/{object_type}").get("results") or ())


def property_named(client: HubSpotClient, object_type: str, name: str) -> JsonObject | None:
    """Return one live definition, None where there is none."""
    return client.read_one(f"{PROPERTIES}/{object_type}/{name}")


def create_property(client: HubSpotClient, object_type: str, body: JsonObject) -> JsonObject:
    """Create a property, or restore an archived one of that name: the answer may differ."""
    return client.write("POST", f"{PROPERTIES}/{object_type}", json=body)


def set_options(
    client: HubSpotClient, object_type: str, name: str, options: Sequence[JsonObject]
) -> None:
    """Replace a property's whole option list."""
    body = {"options": list(options)}
    client.write("PATCH", f"{PROPERTIES}/{object_type}/{name}", json=body)


def group_named(client: HubSpotClient, object_type: str, name: str) -> JsonObject | None:
    """Return a property group, None where there is none."""
    return client.read_one(f"{PROPERTIES}/{object_type}/groups/{name}")


def create_group(client: HubSpotClient, object_type: str, name: str, label: str) -> None:
    """Create a property group."""
    body = {"name": name, "label": label}
    client.write("POST", f"{PROPERTIES}/{object_type}/groups", json=body)


def pipelines(client: HubSpotClient, object_type: str) -> list[JsonObject]:
    """Return the pipelines with their stages, both in display order."""
    found = list(client.read("GET", f"{PIPELINES}/{object_type}").get("results") or ())
    for pipeline in found:
        pipeline["stages"] = sorted(pipeline.get("stages") or (), key=_display_order)
    return sorted(found, key=_display_order)


def owners(client: HubSpotClient) -> Iterator[JsonObject]:
    """Yield every owner; deactivated ones too, because records keep pointing to them."""
    for archived in ("false", "true"):
        params = {"limit": "100", "archived": archived}
        while True:
            page = client.read("GET", OWNERS, params=params)
            yield from page.get("results") or ()
            after = ((page.get("paging") or {}).get("next") or {}).get("after")
            if not after:
                break
            params = {**params, "after": str(after)}


def _display_order(entry: JsonObject) -> int:
    order = entry.get("displayOrder")
    return order if isinstance(order, int) else 0
