"""One Xentral connector over one fresh stand-in, for every test of this folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import requests

from integrations.connectors.auth import MemoryVault
from integrations.connectors.budget import Budget, Unlimited
from integrations.connectors.sandbox_kit import (
    Clock,
    Fault,
    FaultKind,
    SandboxAdapter,
    utc_now,
)
from integrations.connectors.xentral.addresses import AddressReader
from integrations.connectors.xentral.connector import XentralConnector
from integrations.connectors.xentral.resubmissions import ResubmissionReader
from integrations.connectors.xentral.sandbox import (
    DEMO_APP,
    DEMO_INIT_KEY,
    DEMO_TOKEN,
    XentralSandbox,
)
from integrations.engine.ports import CreateItem
from integrations.engine.records import Value
from tests.rig import Can, Rig

ADDRESS = "https://müllerei.xentral.example"
BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 11, 20, 9, tzinfo=UTC)
TOKEN = {"address": ADDRESS, "token": DEMO_TOKEN, "time_zone": "Europe/Berlin"}
ACCOUNT = {"address": ADDRESS, "app": DEMO_APP, "init_key": DEMO_INIT_KEY}

NO_SWITCHES: Mapping[str, object] = {}


class Watch:
    """A clock that a test moves."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)


class XentralRig(Rig):
    """What both kinds of records share; nothing can be deleted through the old interface."""

    can = Can.SCAN | Can.FETCH | Can.FIND | Can.CREATE | Can.UPDATE | Can.CLEAR | Can.PARTIAL
    path: ClassVar[str]

    def __init__(
        self,
        watch: Watch | None = None,
        secrets: Mapping[str, str] = TOKEN,
        switches: Mapping[str, object] = NO_SWITCHES,
    ) -> None:
        self.watch = watch or Watch()
        clock: Clock = watch or utc_now
        self.sandbox: XentralSandbox = XentralSandbox(clock)
        self.sandbox.change(**switches)
        self.person = self.sandbox.person()
        self.vault = MemoryVault(secrets)
        self.session = requests.Session()
        self.session.mount("https://", SandboxAdapter(self.sandbox))
        self.connector: XentralConnector = self.connect()

    def connect(self, budget: Budget | None = None) -> XentralConnector:
        """Return a new connector on the same vault, as the next slice of work would."""
        return XentralConnector(self.vault, {}, budget or Unlimited(), self.session)

    def counted(self, method: str, path: str) -> int:
        """Return how often a path family was called."""
        return self.sandbox.counters[method, path]

    def total(self) -> int:
        """Return how many calls were made."""
        return sum(self.sandbox.counters.values())

    def answers(self, path: str, body: object, status: int, method: str = "*") -> None:
        """Let the next call of a path be answered with this body."""
        sent = body if isinstance(body, str) else json.dumps(body)
        fault = Fault(FaultKind.STATUS, method, path, status=status, body=sent.encode())
        self.sandbox.faults.inject(fault)

    def expire_tokens(self) -> None:
        """Forget every nonce, as a restart would."""
        self.sandbox.sign_in.nonces.clear()

    def refuse_login(self) -> None:
        self.expire_tokens()
        self.sandbox.revoke(DEMO_TOKEN)
        self.sandbox.instance.accounts.clear()

    def logins(self) -> int:
        return self.counted("GET", "/api/v1/gruppen")


class AddressRig(XentralRig):
    """Addresses of a firm in Cologne and elsewhere."""

    object_type = "addresses"
    fields: ClassVar = ("vorname", "nachname", "email", "telefon", "strasse", "plz", "ort", "land")
    patch: ClassVar = ("ort", "Düsseldorf")
    other_field = "telefon"
    find_field = "email"
    read_path = "^/api/v2/adressen"
    write_path = "^/api/v1/adressen"
    secrets: ClassVar = (DEMO_TOKEN, DEMO_INIT_KEY, "Größler", "müller.example", "Große Straße")

    def good(self, number: int) -> CreateItem:
        values: dict[str, Value] = {
            "vorname": "Ädá",
            "nachname": f"Größler {number}",
            "email": f"aeda{number}@müller.example",
            "telefon": f"+49221{number:06}",
            "strasse": f"Große Straße {number}",
            "plz": "01067",
            "ort": "Köln",
            "land": "DE",
        }
        return CreateItem(str(number), values)

    def bad(self, number: int) -> CreateItem:
        return CreateItem(str(number), {"strasse": "Große Straße", "ort": "Köln"})

    def stored(self) -> Mapping[str, Mapping[str, Value]]:
        reader = AddressReader(self.fields, BERLIN)
        return {str(row["id"]): reader.read(row).values for row in self.person.all("addresses")}


class ResubmissionRig(XentralRig):
    """Resubmissions with umlauts."""

    can = XentralRig.can & ~Can.FIND
    object_type = "resubmissions"
    fields: ClassVar = ("bezeichnung", "beschreibung", "betrag", "erinnerung", "adresse")
    patch: ClassVar = ("betrag", Decimal("2500.5"))
    other_field = "beschreibung"
    read_path = "^/api/v1/wiedervorlagen/"
    write_path = "^/api/v1/wiedervorlagen$"
    secrets: ClassVar = (DEMO_TOKEN, DEMO_INIT_KEY, "Müller", "Plätze")

    def good(self, number: int) -> CreateItem:
        values: dict[str, Value] = {
            "bezeichnung": f"Müller – {number} Plätze",
            "beschreibung": "Größe geklärt",
            "betrag": Decimal(1500 + number),
            "erinnerung": datetime(2026, 12, 15, 8, 30, number % 60, tzinfo=UTC),
        }
        return CreateItem(str(number), values)

    def bad(self, number: int) -> CreateItem:
        item = self.good(number)
        return CreateItem(item.ref, {**item.values, "stages": "987654"})

    def stored(self) -> Mapping[str, Mapping[str, Value]]:
        reader = ResubmissionReader(self.fields, BERLIN)
        return {
            str(row["id"]): reader.read(row).values for row in self.person.all(self.object_type)
        }


def row_of(rig: XentralRig, record_id: str) -> dict[str, Any]:
    """Return a record's columns as Xentral holds them."""
    return rig.person.get(rig.object_type, record_id)
