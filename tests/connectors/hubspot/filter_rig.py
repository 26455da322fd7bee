"""One property per field type, and both ways to know which contacts pass a filter. No tests."""

from __future__ import annotations

from collections.abc import Mapping

from integrations.engine.filters import Condition, Filter, Operator, passes
from integrations.engine.records import FieldType
from integrations.engine.specs import FieldSpec, Option
from tests.connectors.hubspot.rig import HubSpotRig

CONTACTS = "contacts"
OPTIONS = tuple(Option(value, value) for value in ("new", "Open", "OPEN_DEAL", "lost sheep", "1"))
SPECS: Mapping[FieldType, FieldSpec] = {
    kind: FieldSpec(f"x_{kind}", kind, kind, OPTIONS if "choice" in kind else ())
    for kind in FieldType
    if kind is not FieldType.REFERENCE
}


def new_rig() -> HubSpotRig:
    rig = HubSpotRig()
    for spec in SPECS.values():
        rig.connector.ensure_field(CONTACTS, spec)
    return rig


def selected(rig: HubSpotRig, wanted: Filter) -> set[str]:
    found: list[str] = []
    cursor, more = "", True
    while more:
        page = rig.connector.select(CONTACTS, wanted, cursor, ["firstname"])
        found += [record.id for record in page.records]
        cursor, more = page.cursor, page.more
    assert len(found) == len(set(found))
    return set(found)


def passing(rig: HubSpotRig, wanted: Filter) -> set[str]:
    names = [spec.name for spec in SPECS.values()]
    found: set[str] = set()
    cursor, more = "", True
    while more:
        page = rig.connector.scan(CONTACTS, cursor, names)
        found |= {record.id for record in page.records if passes(wanted, record).passed}
        cursor, more = page.cursor, page.more
    return found


def condition(kind: FieldType, operator: Operator, *operands: str) -> Condition:
    return Condition(SPECS[kind].name, operator, operands)
