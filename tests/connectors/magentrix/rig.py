"""One Magentrix connector over one fresh stand-in, for the tests of the connector."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import requests

from integrations.connectors.auth import MemoryVault
from integrations.connectors.budget import Unlimited
from integrations.connectors.magentrix.connector import MagentrixConnector
from integrations.connectors.magentrix.fields import JsonObject
from integrations.connectors.magentrix.payloads import RecordReader
from integrations.connectors.magentrix.sandbox import DEMO_KEY, MagentrixSandbox
from integrations.connectors.sandbox_kit import (
    Clock,
    Fault,
    FaultKind,
    SandboxAdapter,
    utc_now,
)
from integrations.engine.ports import CreateItem
from integrations.engine.records import Value
from tests.rig import Can, Rig

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
ADDRESS = "https://northfield.magentrix.example"


class Watch:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class MagentrixRig(Rig):
    """What the three entities share: batches, upserts by our key, tokens."""

    can = (
        Can.SCAN
        | Can.FETCH
        | Can.FIND
        | Can.CREATE
        | Can.UPDATE
        | Can.CLEAR
        | Can.ARCHIVE
        | Can.UPSERT
        | Can.RENEW
    )
    read_path = "/query$"

    def __init__(self, clock: Clock = utc_now, *, prepared: bool = True) -> None:
        self.sandbox: MagentrixSandbox = MagentrixSandbox(clock)
        self.person = self.sandbox.person()
        self.vault = MemoryVault({"address": ADDRESS, "api_key": DEMO_KEY})
        self.session = requests.Session()
        self.session.mount(ADDRESS, SandboxAdapter(self.sandbox))
        self.connector: MagentrixConnector = self.connect()
        if prepared:
            assert self.connector.prepare({}, {}).is_ready

    def connect(self, options: Mapping[str, str] | None = None) -> MagentrixConnector:
        """Return a new connector on the same vault, as the next slice of work would."""
        return MagentrixConnector(self.vault, options or {}, Unlimited(), self.session)

    def counted(self, method: str, path: str) -> int:
        """Return how often a path family was called."""
        return self.sandbox.counters[method, f"/api/3.0{path}"]

    def asked(self) -> list[str]:
        """Return a list that fills with the queries sent from now on."""
        texts: list[str] = []
        query = self.connector.client.query

        def listen(text: str) -> tuple[list[JsonObject], int]:
            texts.append(text)
            return query(text)

        self.connector.client.query = listen  # type: ignore[method-assign]
        return texts

    def stored(self) -> Mapping[str, Mapping[str, Value]]:
        schema = self.connector.schemas.of(self.object_type)
        reader = RecordReader.build(self.object_type, schema, schema)
        return {row["Id"]: reader.read(row).values for row in self.person.all(self.object_type)}

    def expire_tokens(self) -> None:
        self.sandbox.expire_tokens()

    def refuse_login(self) -> None:
        self.sandbox.revoke()

    def logins(self) -> int:
        return self.counted("POST", "/token")


class AccountRig(MagentrixRig):
    """Accounts of the portal."""

    object_type = "Account"
    fields: ClassVar = ("Name", "Website", "Phone", "NumberOfEmployees", "BillingCity")
    patch: ClassVar = ("Phone", "+49 30 999")
    other_field = "BillingCity"
    find_field = "Name"
    write_path = "/entity/Account$"
    secrets: ClassVar = (DEMO_KEY, "Acme", "anvils", "Berlin")

    def good(self, number: int) -> CreateItem:
        values: dict[str, Value] = {
            "Name": f"Acme {number}",
            "Website": f"https://www.acme{number}.example/anvils",
            "Phone": f"+49 30 {number:06}",
            "BillingCity": "Berlin",
            "NumberOfEmployees": Decimal(12),
        }
        return CreateItem(str(number), values, f"{9000 + number}")

    def bad(self, number: int) -> CreateItem:
        item = self.good(number)
        return CreateItem(item.ref, {**item.values, "Type": "Acme anvils"}, item.external_key)


class ContactRig(MagentrixRig):
    """Contacts of the portal."""

    object_type = "Contact"
    fields: ClassVar = ("FirstName", "LastName", "Email", "Phone", "AccountId")
    patch: ClassVar = ("FirstName", "Grace")
    other_field = "Phone"
    find_field = "Email"
    write_path = "/entity/Contact$"
    secrets: ClassVar = (DEMO_KEY, "Ada", "Lovelace", "acme.example", "+4930")

    def good(self, number: int) -> CreateItem:
        values: dict[str, Value] = {
            "FirstName": "Ada",
            "LastName": "Lovelace",
            "Email": f"ada{number}@acme.example",
            "Phone": f"+4930{number:06}",
        }
        return CreateItem(str(number), values, f"{8000 + number}")

    def bad(self, number: int) -> CreateItem:
        item = self.good(number)
        return CreateItem(item.ref, {**item.values, "Email": "Lovelace at home"}, item.external_key)


class OpportunityRig(MagentrixRig):
    """Opportunities of the portal, found by our key alone."""

    object_type = "Opportunity"
    fields: ClassVar = ("Name", "Stage", "Amount", "CloseDate", "AccountId", "ContactId")
    patch: ClassVar = ("Amount", Decimal("12.5"))
    other_field = "CloseDate"
    find_field = "@external_key"
    write_path = "/entity/Opportunity$"
    secrets: ClassVar = (DEMO_KEY, "rockets")

    def good(self, number: int) -> CreateItem:
        values: dict[str, Value] = {
            "Name": f"100 rockets {number}",
            "Stage": "Proposal",
            "Amount": Decimal(100 + number),
            "CloseDate": date(2026, 11, 20) + timedelta(number),
        }
        return CreateItem(str(number), values, f"{7000 + number}")

    def bad(self, number: int) -> CreateItem:
        item = self.good(number)
        return CreateItem(item.ref, {**item.values, "Stage": "rockets"}, item.external_key)

    def find_value(self, item: CreateItem) -> str:
        return item.external_key


def answers(
    rig: MagentrixRig,
    path: str,
    body: object,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Let the next call of a path be answered with this body."""
    text = body if isinstance(body, str) else json.dumps(body)
    given: dict[str, Any] = {"headers": headers or {}, "body": text.encode()}
    rig.sandbox.faults.inject(Fault(FaultKind.STATUS, path=path, status=status, **given))
