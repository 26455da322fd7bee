"""Tables of owners and stages in use: rules and filters get their entries when a slice begins.

How entries come about is in `owners` and `pipelines`; nothing here asks a system.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from integrations.engine.config import SyncConfig
from integrations.engine.filters import Condition, Filter
from integrations.engine.mapping import FieldRule
from integrations.engine.records import Side
from integrations.engine.transforms.tables import NAME, OTHERWISE, TABLE, filled
from integrations.models import Integration, TableEntry
from integrations.services import connectors

TRANSFORM: Final = TABLE
OPERAND: Final = "@table:"
"""A filter's operand "@table:stages" stands for every value of that table on the filter's side."""


@dataclass(frozen=True, slots=True)
class Table:
    """The entries of one table as they are used: both ways, and what stands in for the rest.

    `stale`: what HubSpot values meant whose target value is gone; records may still hold it.
    """

    forth: Mapping[str, str]
    back: Mapping[str, str]
    otherwise: str = ""
    stale: Mapping[str, str] = field(default_factory=dict)


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
    forth: dict[str, dict[str, str]] = {}
    back: dict[str, dict[str, str]] = {}
    stale: dict[str, dict[str, str]] = {}
    rows = TableEntry.objects.filter(integration=integration).order_by("order", "id")
    names = ("table", "hubspot_value", "target_value", "target_gone")
    for table, value, target, gone in rows.values_list(*names):
        if target:
            (stale if gone else forth).setdefault(table, {})[value] = target
            back.setdefault(table, {}).setdefault(target, value)
    spec = connectors.spec_of(integration.system)
    return {
        table.key: Table(
            forth.get(table.key, {}),
            back.get(table.key, {}),
            str(integration.settings.get(table.otherwise, "")) if table.otherwise else "",
            stale.get(table.key, {}),
        )
        for table in spec.tables
    }


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
    made = filled(arguments, table.forth, table.back)
    return replace(rule, arguments=tuple(made.items()))


def _expanded(wanted: Filter, side: Side, found: Mapping[str, Table]) -> Filter:
    groups = tuple(tuple(_condition(c, side, found) for c in group) for group in wanted.groups)
    return Filter(groups)


def _condition(condition: Condition, side: Side, found: Mapping[str, Table]) -> Condition:
    operands: list[str] = []
    for operand in condition.operands:
        if operand.startswith(OPERAND):
            table = found.get(operand.removeprefix(OPERAND), Table({}, {}))
            operands += table.forth if side is Side.HUBSPOT else table.back
        else:
            operands.append(operand)
    return replace(condition, operands=tuple(operands))
