"""A made-up system that calls a secret address and brings an app token: "desk". No tests here."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from integrations.connectors import REGISTRY, Registration
from integrations.connectors.hooks import PayloadError
from integrations.engine.extras import Installation, InstallKind, Received
from integrations.engine.ports import Event, EventKind
from integrations.engine.specs import ConnectorSpec, CredentialField, ObjectSpec
from integrations.models import Connection, Integration, ObjectSync, Tenant
from integrations.services import connections, hooks, vault
from tests import factories

TOKEN = "bot-token-1"
KEY = "personal-key"
SPEC = ConnectorSpec(
    key="desk",
    label="Desk",
    objects=(ObjectSpec("patients", "Patient"),),
    credentials=(CredentialField("api_key", "API key", secret=True),),
    hooks=True,
    app_secrets=("bot_token",),
)


def read(body: bytes) -> Received:
    """Read our own simple form: {"account", "events": [ids], "install", "secrets", "refused"}."""
    try:
        sent = json.loads(body)
    except ValueError:
        raise PayloadError("The body is not JSON.") from None
    account = sent.get("account", "")
    events = tuple(
        Event(account, "patients", EventKind.CHANGED, number, f"e{number}", MOMENT)
        for number in sent.get("events", ())
    )
    kind = sent.get("install")
    news = Installation(InstallKind(kind), sent.get("secrets", {})) if kind else None
    return Received(account, events, news, tuple(sent.get("refused", ())))


MOMENT = datetime(2026, 11, 20, 9, tzinfo=UTC)


def mount(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the made-up system into the registry for the length of a test."""
    entry = Registration(
        SPEC,
        REGISTRY["rxnt"].connector,
        "none:none",
        receive=read,
        manifest=lambda events, installations: {"events": events, "installations": installations},
    )
    monkeypatch.setitem(REGISTRY, "desk", entry)


def connect(owner: Tenant | None = None, account: str = "ORG1") -> Connection:
    """Return a connection to the made-up system, with its key and address."""
    row = Connection(tenant=owner or factories.tenant(), system="desk", account_id=account)
    row.installer_email = "installer@acme.example"
    vault.set_secrets(row, hooks.with_hook(row, {"api_key": KEY}))
    connections.revive(row)
    return row


def join(object_sync: ObjectSync, target: Connection) -> None:
    """Let an object sync's integration write to a connection of the made-up system."""
    Integration.objects.filter(pk=object_sync.integration_id).update(target=target)


def body(**members: Any) -> bytes:
    """Return what the made-up system sends."""
    return json.dumps(members).encode()
