"""One HubSpot connector over one fresh sandbox account, for every test of this folder."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

import requests

from integrations.connectors.auth import MemoryVault, TokenSet
from integrations.connectors.budget import Unlimited
from integrations.connectors.hubspot.connector import HubSpotConnector
from integrations.connectors.hubspot.definitions import field_spec
from integrations.connectors.hubspot.payloads import READERS
from integrations.connectors.hubspot.sandbox import App, HubSpotSandbox
from integrations.connectors.hubspot.spec import API_URL, SYNC_KEY
from integrations.connectors.sandbox_kit import Clock, SandboxAdapter, utc_now
from integrations.engine.ports import CreateItem
from integrations.engine.records import BLANK, FieldType, Value
from tests.rig import Can, Rig

PORTAL = 4711001
APP = App(
    202020,
    "client-id",
    "client-secret",
    required_scopes=[
        "oauth",
        *(
            f"crm.objects.{kind}.{verb}"
            for kind in ("contacts", "companies", "deals")
            for verb in ("read", "write")
        ),
        *(
            f"crm.schemas.{kind}.{verb}"
            for kind in ("contacts", "companies", "deals")
            for verb in ("read", "write")
        ),
        "crm.objects.owners.read",
    ],
)
OPTIONS = {"HUBSPOT_CLIENT_ID": APP.client_id, "HUBSPOT_CLIENT_SECRET": APP.client_secret}
FIELDS = ("email", "firstname", "lastname", "phone", "numemployees", "closedate")


class HubSpotRig(Rig):
    """Contacts of one account; `keyed` adds the property that turns creates into upserts."""

    can = (
        Can.SCAN
        | Can.FETCH
        | Can.FIND
        | Can.CREATE
        | Can.UPDATE
        | Can.CLEAR
        | Can.ARCHIVE
        | Can.MERGE
        | Can.REFERENCE
        | Can.RENEW
    )
    object_type = "contacts"
    fields: ClassVar[tuple[str, ...]] = FIELDS
    patch: ClassVar = ("firstname", "Grace")
    other_field = "phone"
    find_field = "email"
    reference = "@companies"
    read_path = "/crm/objects/"
    write_path = "/batch/(create|update|upsert|archive)$"
    secrets: ClassVar = (APP.client_secret, "acme.example", "Lovelace", "415-555", "CJ", "eu1-")

    def __init__(self, clock: Clock = utc_now) -> None:
        self.sandbox: HubSpotSandbox = HubSpotSandbox(clock)
        self.sandbox.behaviour.rate_limits = False
        self.person = self.sandbox.add_account(PORTAL, "Acme")
        self.sandbox.add_app(App(**{name: getattr(APP, name) for name in APP.__slots__}))
        self.session = requests.Session()
        self.session.mount(API_URL, SandboxAdapter(self.sandbox))
        granted = self.sandbox.install(APP.app_id, PORTAL)
        self.vault = MemoryVault({}, self.tokens(granted.access, granted.refresh))
        self.connector: HubSpotConnector = self.connect()

    def tokens(self, access: str, refresh: str) -> TokenSet:
        """Return tokens that look fresh for good, so that only a refusal renews them."""
        return TokenSet(access, datetime(2100, 1, 1, tzinfo=UTC), refresh)

    def connect(self) -> HubSpotConnector:
        """Return a new connector on the same vault, as the next slice of work would."""
        return HubSpotConnector(self.vault, OPTIONS, Unlimited(), self.session)

    def good(self, number: int) -> CreateItem:
        values: dict[str, Value] = {
            "email": f"ada{number}@acme.example",
            "firstname": "Ada",
            "lastname": "Lovelace",
            "phone": f"415-555-{number:04}",
        }
        return CreateItem(str(number), values)

    def bad(self, number: int) -> CreateItem:
        item = self.good(number)
        return CreateItem(item.ref, {**item.values, "email": "lovelace at acme.example"})

    def stored(self) -> Mapping[str, Mapping[str, Value]]:
        path = f"/crm/properties/2026-09/{self.object_type}"
        definitions: list[dict[str, Any]] = self.get(path)
        kinds = {d["name"]: field_spec(d).type for d in definitions}
        store = self.person.state.stores[self.object_type]
        found, _ = store.page(0, 10**6, archived=False)
        return {
            str(record.id): dict.fromkeys(self.fields, BLANK)
            | {
                name: READERS[kinds.get(name, FieldType.TEXT)](text)
                for name, text in record.properties.items()
                if text
            }
            for record in found
        }

    def get(self, path: str) -> Any:
        """Return the results of a call made behind the connector's back."""
        token = self.sandbox.install(APP.app_id, PORTAL).access
        headers = {"Authorization": f"Bearer {token}"}
        return self.session.get(API_URL + path, headers=headers, timeout=5).json()["results"]

    def referred(self, number: int) -> str:
        return self.person.create("companies", {"name": f"Company {number}"})

    def merge(self, winner: str, loser: str) -> str:
        return self.person.merge(self.object_type, winner, loser)

    def expire_tokens(self) -> None:
        self.sandbox.expire_tokens()

    def refuse_login(self) -> None:
        self.sandbox.uninstall(APP.app_id, PORTAL)

    def logins(self) -> int:
        return self.sandbox.counters["POST", "/oauth/2026-09/token"]


class CompanyRig(HubSpotRig):
    """Companies of one account, found by a domain that HubSpot does not keep unique.

    That look-up goes through search, so the sandbox's index has to be up to date.
    """

    can = HubSpotRig.can & ~Can.REFERENCE
    object_type = "companies"
    fields: ClassVar = ("name", "domain", "phone", "city", "numberofemployees")
    patch: ClassVar = ("city", "Bonn")
    find_field = "domain"

    def good(self, number: int) -> CreateItem:
        values: dict[str, Value] = {
            "name": f"Acme {number}",
            "domain": f"acme{number}.example",
            "city": "Ulm",
            "phone": f"415-555-{number:04}",
            "numberofemployees": Decimal(number),
        }
        return CreateItem(str(number), values)

    def bad(self, number: int) -> CreateItem:
        item = self.good(number)
        return CreateItem(item.ref, {**item.values, "numberofemployees": "a few"})


class DealRig(HubSpotRig):
    """Deals of one account, with their stage as one field and their contacts as a set."""

    object_type = "deals"
    fields: ClassVar = ("dealname", "amount", "@stage", "closedate")
    patch: ClassVar = ("@stage", "default:contractsent")
    other_field = "amount"
    find_field = "dealname"
    reference = "@contacts"

    def good(self, number: int) -> CreateItem:
        values: dict[str, Value] = {
            "dealname": f"Deal {number} of acme.example",
            "amount": Decimal(1000 + number),
            "@stage": "default:qualifiedtobuy",
            "closedate": datetime(2026, 12, 1, tzinfo=UTC),
        }
        return CreateItem(str(number), values)

    def bad(self, number: int) -> CreateItem:
        item = self.good(number)
        return CreateItem(item.ref, {**item.values, "@stage": "default:nowhere"})

    def stored(self) -> Mapping[str, Mapping[str, Value]]:
        return {
            record_id: {**held, "@stage": f"{held['pipeline']}:{held['dealstage']}"}
            for record_id, held in super().stored().items()
        }

    def referred(self, number: int) -> str:
        return self.person.create("contacts", {"firstname": f"Contact {number}"})


class KeyedRig(HubSpotRig):
    """The same in an account where every create brings its own unique key."""

    can = HubSpotRig.can | Can.UPSERT

    def __init__(self) -> None:
        super().__init__()
        self.connector.ensure_field(self.object_type, SYNC_KEY)

    def good(self, number: int) -> CreateItem:
        item = super().good(number)
        return CreateItem(item.ref, item.values, f"target_{number}")

    def bad(self, number: int) -> CreateItem:
        item = super().bad(number)
        return CreateItem(item.ref, item.values, f"target_{number}")
