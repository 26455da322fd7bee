"""Contacts and companies that belong together, and what calls about them cost. No tests."""

from __future__ import annotations

import json
from collections import Counter

from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.ports import Outcome, UpdateItem
from integrations.engine.records import Value
from tests.connectors.hubspot.rig import HubSpotRig

CONTACTS = "contacts"
COMPANIES = "@companies"
FIELDS = ("email", "firstname", COMPANIES)


def companies(rig: HubSpotRig, count: int) -> list[str]:
    rows = [{"name": f"Company {number}"} for number in range(count)]
    return rig.person.create_many("companies", rows)


def contact(rig: HubSpotRig, *partner_ids: str) -> str:
    made = rig.person.create_contact({"firstname": "Ada"})
    for partner in partner_ids:
        rig.person.associate(CONTACTS, made, "companies", partner)
    return made


def held(rig: HubSpotRig, record_id: str) -> list[str]:
    return rig.person.partners(CONTACTS, record_id, "companies")


def update(rig: HubSpotRig, record_id: str, **values: Value) -> Outcome:
    named = {name.replace("at_", "@"): value for name, value in values.items()}
    [outcome] = rig.connector.update(CONTACTS, [UpdateItem("u", record_id, named)])
    return outcome


def calls(rig: HubSpotRig) -> Counter[str]:
    """Return the calls since the last look, by the last part of their path."""
    found: Counter[str] = Counter()
    for (_, family), count in rig.sandbox.counters.items():
        found[family.rpartition("}/")[2]] += count
    rig.sandbox.counters.clear()
    return found


def spent(rig: HubSpotRig) -> int:
    return sum(calls(rig).values())


def answers(rig: HubSpotRig, path: str, body: object, status: int = 200) -> None:
    raw = json.dumps(body).encode()
    rig.sandbox.faults.inject(Fault(FaultKind.STATUS, path=path, status=status, body=raw))
