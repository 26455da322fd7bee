"""One Thena connector over one fresh sandbox, for every test of this folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import requests

from integrations.connectors.auth import MemoryVault
from integrations.connectors.budget import Budget, Unlimited
from integrations.connectors.sandbox_kit import (
    Clock,
    Fault,
    FaultKind,
    SandboxAdapter,
    SandboxRequest,
    utc_now,
)
from integrations.connectors.thena.client import API_URL, APPS_URL
from integrations.connectors.thena.connector import ThenaConnector
from integrations.connectors.thena.payloads import RecordReader
from integrations.connectors.thena.sandbox import DEMO_KEY, DEMO_ORG, ThenaSandbox
from integrations.engine.ports import CreateItem
from integrations.engine.records import Value
from tests.rig import Can, Rig

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
EVENTS = ("hubspot.contact.synced", "hubspot.company.synced")
HOOK = "https://portal.test/hooks/thena/secret/"
MANIFEST: dict[str, Any] = {
    "app": {"name": "HubSpot portal", "category": "crm_integration"},
    "integration": {"webhooks": {"events": HOOK, "installations": HOOK}},
    "events": {"subscribe": [], "publish": [{"event": name} for name in EVENTS]},
}


class Watch:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class ThenaRig(Rig):
    """What both objects share. Thena has no write call for several records."""

    can = (
        Can.SCAN
        | Can.FETCH
        | Can.FIND
        | Can.CREATE
        | Can.UPDATE
        | Can.CLEAR
        | Can.ARCHIVE
        | Can.PARTIAL
    )

    def __init__(self, clock: Clock = utc_now, options: Mapping[str, str] | None = None) -> None:
        self.sandbox: ThenaSandbox = ThenaSandbox(clock)
        self.person = self.sandbox.person()
        self.vault = MemoryVault({"api_key": DEMO_KEY})
        self.options = options or {}
        self.session = requests.Session()
        for address in (API_URL, APPS_URL):
            self.session.mount(address, SandboxAdapter(self.sandbox))
        self.connector: ThenaConnector = self.connect()

    def connect(self, budget: Budget | None = None) -> ThenaConnector:
        """Return a new connector on the same vault, as the next slice of work would."""
        return ThenaConnector(self.vault, self.options, budget or Unlimited(), self.session)

    def install(self, manifest: Mapping[str, Any] = MANIFEST) -> dict[str, Any]:
        """Make and install the app; returns what the install call answered."""
        made = self.call("POST", "/apps/create-app", {"manifest": manifest})
        answer: dict[str, Any] = self.call("POST", "/apps/install", {"appId": made["appId"]})
        self.vault.secrets["bot_token"] = answer["botToken"]
        return answer

    def call(self, method: str, path: str, body: object = None, key: str = DEMO_KEY) -> Any:
        """Return the JSON of a call made behind the connector's back."""
        sent = b"" if body is None else json.dumps(body).encode()
        request = SandboxRequest.build(method, path, headers={"x-api-key": key}, body=sent)
        return self.sandbox.handle(request).json()

    def counted(self, method: str, path: str) -> int:
        """Return how often a path family was called."""
        return self.sandbox.counters[method, path]

    def stored(self) -> Mapping[str, Mapping[str, Value]]:
        names = (*self.fields, "source") if self.object_type == "accounts" else self.fields
        reader = RecordReader.build(self.object_type, names, {})
        rows = self.person.all(self.object_type)
        return {row["id"]: reader.read(row).values for row in rows}

    def expire_tokens(self) -> None:
        """Do nothing: a key is good until somebody makes another."""

    def refuse_login(self) -> None:
        self.sandbox.revoke(DEMO_KEY)

    def logins(self) -> int:
        return 0


class AccountRig(ThenaRig):
    """Accounts of the demo organisation."""

    object_type = "accounts"
    fields: ClassVar = ("name", "primaryDomain", "website", "description", "employees")
    patch: ClassVar = ("description", "Makes rockets")
    other_field = "website"
    find_field = "primaryDomain"
    read_path = "^/v1/accounts/[^/]+$"
    write_path = "^/v1/accounts$"
    secrets: ClassVar = (DEMO_KEY, "Acme", "acme", "anvils")

    def good(self, number: int) -> CreateItem:
        values: dict[str, Value] = {
            "name": f"Acme {number}",
            "primaryDomain": f"acme{number}.example",
            "website": f"https://www.acme{number}.example/anvils",
            "description": "Makes anvils",
        }
        return CreateItem(str(number), values)

    def bad(self, number: int) -> CreateItem:
        item = self.good(number)
        return CreateItem(item.ref, {**item.values, "name": "Acme " * 60})


class ContactRig(ThenaRig):
    """Contacts of the demo organisation."""

    can = ThenaRig.can | Can.REFERENCE
    object_type = "contacts"
    fields: ClassVar = ("firstName", "lastName", "email", "phoneNumber", "accountIds")
    patch: ClassVar = ("firstName", "Grace")
    other_field = "phoneNumber"
    find_field = "email"
    reference = "accountIds"
    read_path = "/filter/ids$"
    write_path = "^/v1/accounts/contacts$"
    secrets: ClassVar = (DEMO_KEY, "Ada", "Lovelace", "acme.example", "+4930")

    def good(self, number: int) -> CreateItem:
        values: dict[str, Value] = {
            "firstName": "Ada",
            "lastName": "Lovelace",
            "email": f"ada{number}@acme.example",
            "phoneNumber": f"+4930{number:06}",
        }
        return CreateItem(str(number), values)

    def bad(self, number: int) -> CreateItem:
        item = self.good(number)
        return CreateItem(item.ref, {**item.values, "email": "Lovelace at acme.example"})

    def referred(self, number: int) -> str:
        return self.person.create("accounts", name=f"A{number}", primaryDomain=f"a{number}.example")


def answers(
    rig: ThenaRig,
    path: str,
    body: object,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Let the next call of a path be answered with this body."""
    text = body if isinstance(body, str) else json.dumps(body)
    rig.sandbox.faults.inject(
        Fault(FaultKind.STATUS, path=path, status=status, headers=headers or {}, body=text.encode())
    )


__all__ = ["DEMO_KEY", "DEMO_ORG", "AccountRig", "ContactRig", "ThenaRig", "Watch", "answers"]
