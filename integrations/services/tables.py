"""Tables of owners and stages in use: rules and filters get their entries when a slice begins.

How entries come about is in `owners` and `pipelines`; nothing here asks a system.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from integrations.engine.config import SyncConfig
from integrations.engine.filters import Condition, Filter
from integrations.engine.mapping import FieldRule
from integrations.engine.records import Side
from integrations.engine.transforms.tables import NAME, OTHERWISE, TABLE, filled
from integrations.models import Integration, TableEntry
from integrations.services import connectors

TRANSFORM: Final = TABLE
PEOPLE: Final = "owners"
"""The key of the table that joins people, not options of fields."""
STOOD_IN: Final = "@stood-in"
"""Entries of "owners@stood-in" are default owners of earlier settings; records may hold them."""
OPERAND: Final = "@table:"
"""A filter's operand "@table:stages" stands for every value of that table on the filter's side."""


@dataclass(frozen=True, slots=True)
class Table:
    """The entries of one table as they are used: both ways, and what stands in for the rest.

    `stale`: what HubSpot values meant whose target value is gone; records may still hold it.
    `beside`: HubSpot values that lead back as well as the one in `back`, for records near them.
    """

    forth: Mapping[str, str]
    back: Mapping[str, str]
    otherwise: str = ""
    stale: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)

    @property
    def there(self) -> list[str]:
        """Return the target's values that are in use."""
        return list(dict.fromkeys((*self.forth.values(), *self.back)))


def fill(integration: Integration, config: SyncConfig) -> SyncConfig:
    """Return a configuration whose rules and filters hold the tables' entries of now.

    One query, and none for configurations that use no table.
    """
    if not _uses_tables(config):
        return config
    found = tables_of(integration)
    rules = tuple(_with_entries(rule, found) for rule in config.rules)
    filters = tuple((side, _expanded(wanted, side, found)) for side, wanted in config.filters)
    return replace(config, rules=rules, filters=filters)


def tables_of(integration: Integration) -> dict[str, Table]:
    """Return every table of an integration; a HubSpot value that is gone keeps its entry.

    What is gone in the target is not sent there any more: its entry leads back to HubSpot only.
    """
    rows = TableEntry.objects.filter(integration=integration).exclude(target_value="")
    found: dict[str, list[_Entry]] = {}
    for table, *entry in rows.order_by("order", "id").values_list("table", *_Entry._fields):
        found.setdefault(table, []).append(_Entry(*entry))
    return {
        table.key: _table(
            found.get(table.key, []),
            str(integration.settings.get(table.otherwise, "")) if table.otherwise else "",
            of_people=table.key == PEOPLE,
        )
        for table in connectors.spec_of(integration.system).tables
    }


class _Entry(NamedTuple):
    hubspot_value: str
    target_value: str
    hubspot_gone: bool
    target_gone: bool


def _table(entries: Sequence[_Entry], otherwise: str, *, of_people: bool) -> Table:
    """Return a table; what HubSpot has put away is a way back only where there is no other.

    Not even then where it is an owner: HubSpot refuses those, so their people are like people
    without an owner.
    """
    back: dict[str, str] = {}
    beside: dict[str, str] = {}
    for entry in sorted(entries, key=lambda entry: entry.hubspot_gone):
        if entry.hubspot_gone and (of_people or entry.target_value in back):
            continue
        if back.setdefault(entry.target_value, entry.hubspot_value) != entry.hubspot_value:
            beside[entry.hubspot_value] = entry.target_value
    return Table(
        {e.hubspot_value: e.target_value for e in entries if not e.target_gone},
        back,
        otherwise,
        {e.hubspot_value: e.target_value for e in entries if e.target_gone},
        beside,
    )


def keep_stand_ins(integration: Integration, before: Mapping[str, str]) -> None:
    """Remember what stood in for values without an entry by the settings that held so far."""
    for spec in connectors.spec_of(integration.system).tables:
        old = before.get(spec.otherwise, "") if spec.otherwise else ""
        if old and old != integration.settings.get(spec.otherwise):
            TableEntry.objects.get_or_create(
                integration=integration,
                table=spec.key + STOOD_IN,
                hubspot_value=old,
                defaults={"tenant": integration.tenant},
            )


def former_stand_ins(integration: Integration, table: str) -> set[str]:
    """Return what stood in for values without an entry by earlier settings."""
    rows = TableEntry.objects.filter(integration=integration, table=table + STOOD_IN)
    return set(rows.values_list("hubspot_value", flat=True))


def used(config: SyncConfig) -> set[str]:
    """Return the keys of the tables by which a configuration's rules translate."""
    rules = (rule for rule in config.rules if rule.transform == TRANSFORM)
    return {dict(rule.arguments).get(NAME, "") for rule in rules}


def filters_use(config: SyncConfig, table: str) -> bool:
    """Tell whether a filter asks for the values of one table."""
    return OPERAND + table in set(_operands(config))


def _uses_tables(config: SyncConfig) -> bool:
    return any(rule.transform == TRANSFORM for rule in config.rules) or any(
        operand.startswith(OPERAND) for operand in _operands(config)
    )


def _operands(config: SyncConfig) -> Iterator[str]:
    for _side, wanted in config.filters:
        for group in wanted.groups:
            for condition in group:
                yield from condition.operands


def _with_entries(rule: FieldRule, found: Mapping[str, Table]) -> FieldRule:
    if rule.transform != TRANSFORM:
        return rule
    arguments = dict(rule.arguments)
    table = found.get(arguments.get(NAME, ""), Table({}, {}))
    if table.otherwise:
        arguments[OTHERWISE] = table.otherwise
    made = filled(arguments, table.forth, table.back, table.beside)
    return replace(rule, arguments=tuple(made.items()))


def _expanded(wanted: Filter, side: Side, found: Mapping[str, Table]) -> Filter:
    groups = tuple(tuple(_condition(c, side, found) for c in group) for group in wanted.groups)
    return Filter(groups)


def _condition(condition: Condition, side: Side, found: Mapping[str, Table]) -> Condition:
    operands: list[str] = []
    for operand in condition.operands:
        if operand.startswith(OPERAND):
            table = found.get(operand.removeprefix(OPERAND), Table({}, {}))
            operands += table.forth if side is Side.HUBSPOT else table.there
        else:
            operands.append(operand)
    return replace(condition, operands=tuple(operands))
