"""Finding out what a service key may do: nothing tells its scopes, so each is tried harmlessly.

Reads ask for one row; writes send no item at all, which HubSpot refuses as such only after it
looked at the scopes. Source: HubSpot docs, scopes and error handling, 2026-03-30.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from integrations.connectors.hubspot.client import OBJECTS, HubSpotClient
from integrations.connectors.hubspot.metadata import OWNERS, PROPERTIES
from integrations.engine.errors import ConfigInvalid, MissingScope, Scope, SyncError

OWNERS_SCOPE: Final = "crm.objects.owners.read"
_ONE: Final = {"limit": "1"}


@dataclass(frozen=True, slots=True)
class _Try:
    """A call that only needs one scope: a read, or a write of nothing."""

    path: str
    params: Mapping[str, str] | None = None
    writes: bool = False


def granted(client: HubSpotClient, wanted: Iterable[str]) -> list[str]:
    """Return those of the scopes that the credentials have; what cannot be tried counts as had.

    Raises the SyncError of a call that failed for another reason.
    """
    return [scope for scope in wanted if (call := _try_of(scope)) is None or _passes(client, call)]


def _passes(client: HubSpotClient, call: _Try) -> bool:
    try:
        if call.writes:
            client.write("POST", call.path, json={"inputs": []})
        else:
            client.read("GET", call.path, params=call.params)
    except MissingScope:
        return False
    except SyncError as error:
        if error.scope is not Scope.RECORD and not isinstance(error, ConfigInvalid):
            raise
    return True


def _try_of(scope: str) -> _Try | None:
    if scope == OWNERS_SCOPE:
        return _Try(OWNERS, _ONE)
    parts = scope.split(".")
    if len(parts) != 4 or parts[0] != "crm":
        return None
    _, family, kind, right = parts
    return {
        ("objects", "read"): _Try(f"{OBJECTS}/{kind}", _ONE),
        ("objects", "write"): _Try(f"{OBJECTS}/{kind}/batch/update", writes=True),
        ("schemas", "read"): _Try(f"{PROPERTIES}/{kind}/groups"),
        ("schemas", "write"): _Try(f"{PROPERTIES}/{kind}/batch/create", writes=True),
    }.get((family, right))
