"""One RXNT connector over one fresh sandbox, for every test of this folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import ClassVar

import requests

from integrations.connectors.auth import MemoryVault
from integrations.connectors.budget import Unlimited
from integrations.connectors.rxnt.connector import RxntConnector
from integrations.connectors.rxnt.payloads import API_ROOT, API_URL, LOGIN_PATH
from integrations.connectors.rxnt.sandbox import DEMO_PASSWORD, DEMO_USER, RxntSandbox
from integrations.connectors.sandbox_kit import Fault, FaultKind, SandboxAdapter
from integrations.engine.errors import SyncError
from integrations.engine.ports import CreateItem
from integrations.engine.records import Record, Value
from tests.rig import Can, Rig

SAVE = "SavePatient$"
LOOKUP = "GetV1PatientInfo"
LOGIN = "AuthenticateUser$"
IDA: dict[str, Value] = {
    "FirstName": "Ida",
    "LastName": "Brandt",
    "DOB": date(1988, 2, 29),
    "Sex": "F",
    "Email": "ida@example.org",
    "CellPhone": "4105550142",
    "Address1": "12 Dock St",
    "City": "Annapolis",
    "State": "MD",
    "Zip": "21401",
}


class RxntRig(Rig):
    """The demo practice. RXNT has one write, an upsert; nothing can be read back."""

    can = Can.CREATE | Can.UPDATE | Can.FIND | Can.UPSERT | Can.PARTIAL | Can.RENEW
    object_type = "patients"
    fields: ClassVar = tuple(IDA)
    patch: ClassVar = ("CellPhone", "4435550100")
    always_send = ("FirstName", "LastName", "DOB")
    other_field = "Email"
    find_field = "@external_key"
    read_path = LOOKUP
    write_path = SAVE
    secrets: ClassVar = (DEMO_PASSWORD, "Ida", "Brandt", "1988", "4105550142", "Dock", "21401")

    def __init__(self, options: Mapping[str, str] | None = None) -> None:
        self.sandbox: RxntSandbox = RxntSandbox()
        self.vault = MemoryVault({"UserName": DEMO_USER, "Password": DEMO_PASSWORD})
        self.session = requests.Session()
        self.session.mount(API_URL, SandboxAdapter(self.sandbox))
        self.options = options or {}
        self.connector: RxntConnector = self.connect()

    def connect(self) -> RxntConnector:
        """Return a new connector on the same vault, as the next slice of work would."""
        return RxntConnector(self.vault, self.options, Unlimited(), self.session)

    def good(self, number: int) -> CreateItem:
        return CreateItem(str(number), IDA, f"hubspot_{number}")

    def bad(self, number: int) -> CreateItem:
        return CreateItem(str(number), {**IDA, "State": "Brandt"}, f"hubspot_{number}")

    def find_value(self, item: CreateItem) -> str:
        return item.external_key

    def stored(self) -> Mapping[str, Mapping[str, Value]]:
        return {
            str(patient.id): {
                name: date.fromisoformat(text) if name == "DOB" else text
                for name, text in patient.fields.items()
            }
            for patient in self.sandbox.patients()
        }

    def expire_tokens(self) -> None:
        self.sandbox.expire_tokens()

    def refuse_login(self) -> None:
        self.sandbox.users[DEMO_USER].password = "changed"
        self.sandbox.expire_tokens()

    def logins(self) -> int:
        return self.sandbox.counters["POST", API_ROOT + LOGIN_PATH]


def save(rig: RxntRig, **changes: Value) -> Record | SyncError:
    """Save Ida with changes; returns the record or the error."""
    item = CreateItem("1", {**IDA, **changes}, "hubspot_1")
    [outcome] = rig.connector.create("patients", [item])
    result = outcome.record or outcome.error
    assert result is not None
    return result


def answers(rig: RxntRig, path: str, body: object, status: int = 200) -> None:
    """Let the next call of a path be answered with this body."""
    text = body if isinstance(body, str) else json.dumps(body)
    rig.sandbox.faults.inject(Fault(FaultKind.STATUS, path=path, status=status, body=text.encode()))


def fails_with(rig: RxntRig, path: str, message: str, status: int = 200) -> None:
    answers(rig, path, {"ValidationStatus": "Failed", "ValidationMessages": [message]}, status)
