"""Who can own records in a HubSpot account, and the live lists that settings choose from.

Source: HubSpot docs, owners and pipelines guides, 2026-03-30.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from integrations.connectors.hubspot import metadata, stages
from integrations.connectors.hubspot.client import HubSpotClient
from integrations.connectors.hubspot.payloads import JsonObject
from integrations.engine.extras import Person
from integrations.engine.specs import Option


def people(client: HubSpotClient) -> list[Person]:
    """Return every owner once, those who have left as not active; their id is never the user's."""
    found = {str(raw["id"]): _person(raw) for raw in metadata.owners(client)}
    return list(found.values())


def _person(raw: JsonObject) -> Person:
    names = (raw.get("firstName"), raw.get("lastName"))
    email = str(raw.get("email") or "")
    return Person(
        id=str(raw["id"]),
        name=" ".join(str(name) for name in names if name) or email,
        email=email,
        active=raw.get("archived") is not True,
    )


def choices(client: HubSpotClient, name: str) -> list[Option]:
    """Return the entries of "owners", "pipelines" or "stages"; raises KeyError for another list."""
    return _LISTS[name](client)


def _owners(client: HubSpotClient) -> list[Option]:
    return [
        Option(one.id, one.name if one.active else f"{one.name} (deactivated)")
        for one in people(client)
    ]


def _pipelines(client: HubSpotClient) -> list[Option]:
    return list(stages.pipeline_options(_deal_pipelines(client)))


def _stages(client: HubSpotClient) -> list[Option]:
    return list(stages.options(_deal_pipelines(client)))


def _deal_pipelines(client: HubSpotClient) -> Sequence[JsonObject]:
    return metadata.pipelines(client, stages.STAGED)


_LISTS: Final[Mapping[str, Callable[[HubSpotClient], list[Option]]]] = {
    "owners": _owners,
    "pipelines": _pipelines,
    "stages": _stages,
}
