"""Builds connectors from the registry with their settings, credentials, budget and session.

Decides nothing about records; the only place that knows how a connector is put together.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import requests
from django.conf import settings
from requests.adapters import BaseAdapter, HTTPAdapter

from integrations.connectors import REGISTRY, Registration
from integrations.connectors.auth import MemoryVault
from integrations.connectors.budget import Unlimited
from integrations.connectors.hubspot.oauth import HubSpotOAuth
from integrations.connectors.hubspot.spec import HUBSPOT
from integrations.engine.errors import ConfigInvalid
from integrations.engine.ports import Connector, Priority
from integrations.engine.records import Side
from integrations.engine.specs import ConnectorSpec, RateLimit
from integrations.models import Connection, ObjectSync
from integrations.services.budget import AccountBudget
from integrations.services.guarding import PublicOnly
from integrations.services.vault import ConnectionVault

MOUNTS: dict[str, BaseAdapter] = {}
"""Base address to a stand-in that answers for it in this process (tests, benchmarks)."""
KEEP_SECONDS: Final = 60.0
"""How long a connector, and with it the field definitions it has read, is used again."""
KEEP_MOST: Final = 50


@dataclass(frozen=True, slots=True)
class _Kept:
    connector: Connector
    until: float


class _Shelf(threading.local):
    """Connectors of this thread: they are not made to be shared between threads."""

    def __init__(self) -> None:
        self.kept: dict[Hashable, _Kept] = {}


_shelf = _Shelf()


def spec_of(system: str) -> ConnectorSpec:
    """Return a system's spec; raises ConfigInvalid for one that is not installed."""
    return registration_of(system).spec


def registration_of(system: str) -> Registration:
    """Return a system's entry in the registry; raises ConfigInvalid for one not installed."""
    try:
        return REGISTRY[system]
    except KeyError:
        raise ConfigInvalid(f"This portal has no connector called {system!r}.") from None


def hubspot_spec() -> ConnectorSpec:
    """Return HubSpot's own spec."""
    return HUBSPOT


def target_specs() -> tuple[ConnectorSpec, ...]:
    """Return the systems that can be joined with HubSpot, in the registry's order."""
    return tuple(entry.spec for key, entry in REGISTRY.items() if key != HUBSPOT.key)


def needs_notices(spec: ConnectorSpec) -> bool:
    """Tell whether a system lives from HubSpot's notices: a trigger fires by nothing else."""
    return any(sync.build({}).trigger is not None for sync in spec.syncs)


def open_connector(
    connection: Connection, *, priority: Priority = Priority.WEBHOOK, fresh: bool = False
) -> Connector:
    """Return a connector that uses the connection's stored credentials and shared budget.

    It is kept for a minute, so that slices do not read the field definitions again and again;
    a change of the connection's state or credentials ends that, as does asking for a `fresh` one.
    """
    options = options_of(spec_of(connection.system))
    key = (
        connection.pk,
        connection.state_changed_at,
        priority > Priority.WEBHOOK,
        tuple(options.items()),
        tuple(MOUNTS.items()),
    )
    now = time.monotonic()
    kept = _shelf.kept.get(key)
    if fresh or kept is None or kept.until < now:
        alive = {k: v for k, v in _shelf.kept.items() if v.until >= now and k != key}
        _shelf.kept = dict(list(alive.items())[-KEEP_MOST:])
        kept = _shelf.kept[key] = _Kept(_build(connection, options, priority), now + KEEP_SECONDS)
    return kept.connector


def open_pair(object_sync: ObjectSync, priority: Priority) -> Mapping[Side, Connector]:
    """Return both sides' connectors; raises ConfigInvalid when the target is not connected."""
    integration = object_sync.integration
    if integration.target is None:
        raise ConfigInvalid("The other system is not connected.")
    return {
        Side.HUBSPOT: open_connector(integration.hubspot, priority=priority),
        Side.TARGET: open_connector(integration.target, priority=priority),
    }


def probe(system: str, vault: MemoryVault) -> Connector:
    """Return a connector over credentials that are not stored yet, to check them."""
    entry = registration_of(system)
    return entry.connector(vault, options_of(entry.spec), Unlimited(), session_for(system))


def hubspot_oauth() -> HubSpotOAuth:
    """Return HubSpot's OAuth endpoints for this portal's app."""
    return HubSpotOAuth(options_of(HUBSPOT), new_session())


def options_of(spec: ConnectorSpec) -> dict[str, str]:
    """Return the portal settings the spec names; those the portal does not set are left out."""
    found = {name: getattr(settings, name, None) for name in spec.options}
    return {name: str(value) for name, value in found.items() if value is not None}


def adds_options(system: str) -> bool:
    """Tell whether options may be added to the picklists of a system."""
    return hasattr(registration_of(system).connector, "add_options")


def stands_in(system: str) -> bool:
    """Tell whether the portal's own settings name the system's address (a stand-in, a proxy).

    It is then called instead of the address that people enter.
    """
    found = options_of(spec_of(system))
    return any(name.endswith("_API_URL") and value for name, value in found.items())


def limits_of(spec: ConnectorSpec) -> dict[str, RateLimit]:
    """Return the limits per budget lane: the spec's, unless the portal sets others.

    Settings are named HUBSPOT_RATE and HUBSPOT_BURST, or HUBSPOT_SEARCH_RATE for another lane.
    A rate of 0 takes the limit away.
    """
    limits = {lane: _limit(spec.key, lane, limit) for lane, limit in spec.rate_limits.items()}
    return {lane: limit for lane, limit in limits.items() if limit.per_second > 0}


def session_for(system: str) -> requests.Session:
    """Return a session for one system; at an address that people typed it calls public hosts only.

    The address was checked when it was entered, but its name may lead elsewhere since.
    """
    is_typed = any(field.is_address for field in spec_of(system).credentials)
    return new_session(public_only=is_typed and not stands_in(system))


def new_session(*, public_only: bool = False) -> requests.Session:
    """Return a session without cookies of others that shares this process's connections."""
    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, _pool(PublicOnly if public_only else HTTPAdapter))
    for address, stand_in in MOUNTS.items():
        session.mount(address, stand_in)
    return session


def _build(connection: Connection, options: dict[str, str], priority: Priority) -> Connector:
    entry = registration_of(connection.system)
    budget = AccountBudget(
        f"{connection.system}:{connection.account_id}", limits_of(entry.spec), priority
    )
    session = session_for(connection.system)
    return entry.connector(ConnectionVault(connection.pk), options, budget, session)


def _limit(system: str, lane: str, limit: RateLimit) -> RateLimit:
    prefix = system.upper() if lane == "general" else f"{system}_{lane}".upper()
    return RateLimit(
        float(getattr(settings, f"{prefix}_RATE", limit.per_second)),
        int(getattr(settings, f"{prefix}_BURST", limit.burst)),
    )


@cache
def _pool(kind: type[HTTPAdapter]) -> HTTPAdapter:
    return kind(pool_connections=32, pool_maxsize=32)
