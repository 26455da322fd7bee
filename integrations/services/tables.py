"""Tables of owners and stages in use: rules and filters get their entries when a slice begins.

How entries come about is in `owners` and `pipelines`; nothing here asks a system.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from integrations.engine.config import SyncConfig
from integrations.engine.filters import Condition, Filter
from integrations.engine.mapping import FieldRule
from integrations.engine.records import Side
from integrations.engine.transforms.tables import NAME, OTHERWISE, filled
from integrations.models import Integration, TableEntry
from integrations.services import connectors

TRANSFORM: Final = "table"
OPERAND: Final = "@table:"
"""A filter's operand "@table:stages" stands for every value of that table on the filter's side."""


@dataclass(frozen=True, slots=True)
class Table:
    """The entries of one table as they are used: both ways, and what stands in for the rest."""

    forth: Mapping[str, str]
    back: Mapping[str, str]
    otherwise: str = ""


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
    """Return every table of an integration; a value that is gone keeps its entry."""
    forth: dict[str, dict[str, str]] = {}
    back: dict[str, dict[str, str]] = {}
    rows = TableEntry.objects.filter(integration=integration).order_by("order", "id")
    for table, value, target in rows.values_list("table", "hubspot_value", "target_value"):
        if target:
            forth.setdefault(table, {})[value] = target
            back.setdefault(table, {}).setdefault(target, value)
    spec = connectors.spec_of(integration.system)
    return {
        table.key: Table(
            forth.get(table.key, {}),
            back.get(table.key, {}),
            str(integration.settings.get(table.otherwise, "")) if table.otherwise else "",
        )
        for table in spec.tables
    }


def _uses_tables(config: SyncConfig) -> bool:
    operands = (
        operand
        for _side, wanted in config.filters
        for group in wanted.groups
        for condition in group
        for operand in condition.operands
    )
    return any(rule.transform == TRANSFORM for rule in config.rules) or any(
        operand.startswith(OPERAND) for operand in operands
    )


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
