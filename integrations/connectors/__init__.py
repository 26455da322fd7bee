"""The registry of systems: the only lines that are edited for a new one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final

import requests

from integrations.connectors.auth import Vault
from integrations.connectors.budget import Budget
from integrations.connectors.hubspot.connector import HubSpotConnector
from integrations.connectors.hubspot.spec import HUBSPOT
from integrations.connectors.magentrix.connector import MagentrixConnector
from integrations.connectors.magentrix.spec import MAGENTRIX
from integrations.connectors.rxnt.connector import RxntConnector
from integrations.connectors.rxnt.spec import RXNT
from integrations.connectors.thena.connector import ThenaConnector
from integrations.connectors.thena.manifest import manifest
from integrations.connectors.thena.spec import THENA
from integrations.connectors.thena.webhooks import receive
from integrations.connectors.xentral.connector import XentralConnector
from integrations.connectors.xentral.spec import XENTRAL
from integrations.engine.extras import Received
from integrations.engine.ports import Connector
from integrations.engine.specs import ConnectorSpec

if TYPE_CHECKING:
    from integrations.connectors.sandbox_kit import Sandbox

ConnectorFactory = Callable[[Vault, Mapping[str, str], Budget, requests.Session], Connector]
"""Credentials, the portal settings the spec names, the call budget, the HTTP session."""
Receive = Callable[[bytes], Received]
"""Reads the body of one call of a system's hook; raises hooks.PayloadError if nothing can be."""

Manifest = Callable[[str, str], Mapping[str, object]]
"""Describes our app to the system: the addresses for events and for installations go in."""


@dataclass(frozen=True, slots=True)
class Registration:
    """One system: what it is, how it is spoken to, and its stand-in as "module:class".

    `receive` reads what the system sends to its secret address, `manifest` describes our app to
    it; None unless `spec.hooks`.
    """

    spec: ConnectorSpec
    connector: ConnectorFactory
    sandbox: str
    receive: Receive | None = None
    manifest: Manifest | None = None

    def new_sandbox(self) -> Sandbox:
        """Return a fresh stand-in; its module is loaded only now."""
        module, _, name = self.sandbox.partition(":")
        made: Sandbox = getattr(import_module(module), name)()
        return made


_SYSTEMS: Final = (
    Registration(
        HUBSPOT, HubSpotConnector, "integrations.connectors.hubspot.sandbox:HubSpotSandbox"
    ),
    Registration(RXNT, RxntConnector, "integrations.connectors.rxnt.sandbox:RxntSandbox"),
    Registration(
        THENA,
        ThenaConnector,
        "integrations.connectors.thena.sandbox:ThenaSandbox",
        receive,
        manifest,
    ),
    Registration(
        MAGENTRIX,
        MagentrixConnector,
        "integrations.connectors.magentrix.sandbox:MagentrixSandbox",
    ),
    Registration(
        XENTRAL, XentralConnector, "integrations.connectors.xentral.sandbox:XentralSandbox"
    ),
)

REGISTRY: Final[Mapping[str, Registration]] = {entry.spec.key: entry for entry in _SYSTEMS}
