"""A HubSpot account and a Xentral instance with the engine between them. No database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from integrations.connectors.xentral.jobs import DEALS
from integrations.connectors.xentral.rules import CONTACTS, STAGES
from integrations.connectors.xentral.spec import PROPERTIES, SYNC_KEY, XENTRAL
from integrations.engine.config import SyncConfig
from integrations.engine.errors import SyncError
from integrations.engine.extras import Stage
from integrations.engine.filters import Condition, Filter
from integrations.engine.pairs import Link
from integrations.engine.ports import Connector, Hint, Settlement
from integrations.engine.reconcile import Planned, reconcile
from integrations.engine.records import Record, Side
from integrations.engine.specs import Option
from integrations.engine.transforms.tables import NAME, filled
from tests.connectors.hubspot.rig import HubSpotRig
from tests.connectors.xentral.rig import AddressRig, Watch
from tests.engine.world.memory import Store

H, T = Side.HUBSPOT, Side.TARGET
KEY: Final = b"k" * 32
LISTS: Final = {
    "contacts.hs_lead_status": (Option("NEW", "Neu"), Option("OPEN", "Offen")),
    "contacts.lifecyclestage": (Option("lead", "Lead"), Option("customer", "Kunde")),
}


class House:
    """Both systems, prepared, and a memory per object pair. `reasons` are of the last pass."""

    def __init__(self, settings: Mapping[str, str] | None = None, **switches: object) -> None:
        self.watch = Watch()
        self.hub = HubSpotRig(self.watch)
        self.erp = AddressRig(self.watch, switches=switches)
        self.settings = dict(settings or {})
        self.settings |= self.erp.connector.prepare(self.settings, LISTS).settings
        for kind in ("contacts", "deals"):
            self.hub.connector.ensure_field(kind, SYNC_KEY, PROPERTIES)
        self.pair: dict[Side, Connector] = {H: self.hub.connector, T: self.erp.connector}
        self.stores = {CONTACTS: Store(), DEALS: Store()}
        self.stores[DEALS].siblings = {CONTACTS: self.stores[CONTACTS]}
        self.tables: dict[str, dict[str, str]] = {"owners": {}, "stages": self._stages()}
        self.settled: dict[str, list[Settlement]] = {}

    def _stages(self) -> dict[str, str]:
        """Make HubSpot's stages in Xentral, one to one."""
        [spec] = [s for s in self.hub.connector.describe("deals") if s.name == "@stage"]
        wanted = [(o.value, o.label.rpartition(" – ")[2]) for o in spec.options]
        made = self.erp.connector.make_stages("Hubspot", [Stage("", name) for _, name in wanted])
        ids = {stage.label: stage.id for stage in made}
        return {value: ids[name] for value, name in wanted}

    @property
    def group(self) -> str:
        """The id of the group of contacts."""
        return self.settings["group_id"]

    def config(self, key: str) -> SyncConfig:
        """Return what runs: the fixed mapping with the tables' entries, as the services do it."""
        config = XENTRAL.sync(key).build(self.settings)
        rules = []
        for rule in config.rules:
            if rule.transform == "table":
                entries = self.tables[dict(rule.arguments)[NAME]]
                back = {target: value for value, target in reversed(entries.items())}
                made = filled(dict(rule.arguments), entries, back)
                rule = replace(rule, arguments=tuple(made.items()))
            rules.append(rule)
        filters = tuple((side, self._expanded(wanted, side)) for side, wanted in config.filters)
        return replace(config, rules=tuple(rules), filters=filters)

    def _expanded(self, wanted: Filter, side: Side) -> Filter:
        stages = self.tables["stages"]
        known = tuple(stages if side is H else stages.values())

        def one(condition: Condition) -> Condition:
            return replace(condition, operands=known) if STAGES in condition.operands else condition

        return Filter(tuple(tuple(map(one, group)) for group in wanted.groups))

    # ------------------------------------------------------------ passes

    def sync(self, times: int = 2) -> None:
        """Compare everything, contacts before deals."""
        for _ in range(times):
            self.watch.wait(minutes=1)
            for key in self.stores:
                self.settled[key] = [one for side in (T, H) for one in self.one_pass(key, side)]

    def one_pass(self, key: str, side: Side) -> list[Settlement]:
        """Look at every record of one side."""
        config, store = self.config(key), self.stores[key]
        kind = config.side(side).object_type
        cursor, more = "", True
        ended: list[Settlement] = []
        while more:
            page = self.pair[side].scan(kind, cursor, config.fields(side))
            records: dict[str, Record] = {record.id: record for record in page.records}
            hints = [Hint(side, one) for one in records]
            flow = reconcile(
                hints,
                config,
                self.pair,
                store.lease(),
                now=self.watch.now,
                digest_key=KEY,
                preread={side: records},
            )
            try:
                for step in flow:
                    ended += [] if isinstance(step, Planned) else step.settlements
            except SyncError as error:
                if not error.retryable:
                    raise
            cursor, more = page.cursor, page.more
        return ended

    def writes(self) -> int:
        """Return how many records the last pass wrote."""
        return sum(len(one.writes) for mine in self.settled.values() for one in mine)

    def link(self, key: str, side: Side, record_id: str) -> Link:
        """Return the link of a record."""
        store = self.stores[key]
        return store.links[store.aliases[side, record_id]]

    def last(self, key: str, side: Side, record_id: str) -> Settlement:
        """Return how the last look at a record ended."""
        return self.stores[key].last[self.link(key, side, record_id).key]

    def address_of(self, contact: str) -> dict[str, object]:
        """Return the columns of a contact's address."""
        link = self.link(CONTACTS, H, contact)
        return self.erp.person.get("addresses", link.target_id)

    def resubmission_of(self, deal: str) -> dict[str, object]:
        """Return the columns of a deal's resubmission."""
        return self.erp.person.get("resubmissions", self.link(DEALS, H, deal).target_id)

    def contact_of(self, address: str) -> dict[str, str]:
        """Return the properties of an address's contact."""
        return self.hub.person.read("contacts", self.link(CONTACTS, T, address).hubspot_id)

    def deals(self) -> list[str]:
        """Return the ids of all deals."""
        page = self.pair[H].scan("deals", "", ["dealname"])
        return [record.id for record in page.records]

    def deal_of(self, resubmission: str) -> dict[str, str]:
        """Return the properties of a resubmission's deal."""
        return self.hub.person.read("deals", self.link(DEALS, T, resubmission).hubspot_id)
