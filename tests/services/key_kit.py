"""Service keys of Acme's HubSpot account, pasted as a person would. No tests here."""

from __future__ import annotations

from integrations.connectors.hubspot.spec import SERVICE_KEY
from integrations.connectors.xentral.spec import XENTRAL
from integrations.models import Connection
from integrations.services import service_keys
from tests.services.stage import PORTAL, Stage


def new_key(stage: Stage, portal: int = PORTAL, *lacking: str) -> str:
    scopes = [scope for scope in XENTRAL.scopes if scope not in lacking]
    return stage.hubspot.add_service_key(portal, scopes)


def given(key: str) -> dict[str, str]:
    return {SERVICE_KEY: key}


def connect(stage: Stage, key: str = "") -> Connection:
    key = key or new_key(stage)
    return service_keys.connect(stage.acme, stage.ada, "xentral", given(key))[0]
