"""The target's side of a table of stages: what there is, what is made, what a person has to do.

Which HubSpot stage means which of them is stored by `pipelines`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final

from integrations.engine.errors import ConfigInvalid
from integrations.engine.extras import OptionMaking, Stage, Staging, Step, StepState
from integrations.engine.ports import Connector, Priority
from integrations.engine.specs import Option, TableSpec
from integrations.models import Integration, Origin, TableEntry, TypedStage
from integrations.services import connectors, readiness, setting_values

BETWEEN: Final = " – "
"""Between the pipeline and the stage in the label of HubSpot's pseudo-field of stages."""


@dataclass(frozen=True, slots=True)
class Making:
    """The stages of the target as they are known now.

    `typed` are those that people typed, which are among `stages`, too. `steps` says what is left to
    be done by hand, "" for nothing. `is_joined` False: the table has no counterpart in the target.
    `types`: the system does not list all of its stages, so people may type them. `board` is where
    automatic stages are made, "" for anywhere.
    """

    stages: tuple[Stage, ...] = ()
    typed: tuple[Stage, ...] = ()
    steps: str = ""
    is_joined: bool = True
    types: bool = False
    board: str = ""


def is_joined(integration: Integration, table: TableSpec) -> bool:
    """Tell whether the table's values have a counterpart in the target, without asking it."""
    entry = connectors.registration_of(integration.system)
    return bool(table.target_field) or hasattr(entry.connector, "stages")


def look(integration: Integration, table: TableSpec) -> Making:
    """Return what the target has; raises ConfigInvalid without a target, or the call's error."""
    connector = _open(integration)
    if not isinstance(connector, Staging):
        options = _of_field(connector, table.target_field) if table.target_field else ()
        return Making(tuple(options), is_joined=bool(table.target_field))
    typed = _typed(integration, table)
    named = {stage.id for stage in typed}
    listed = connector.stages()
    found = [stage for stage in listed if stage.id not in named]
    lists = bool(listed) and not any(stage.seen_only for stage in listed)
    stages = sorted((*found, *typed), key=lambda s: (s.seen_only, s.board, s.order, s.label))
    return Making(tuple(stages), typed, types=not lists, board=_board(integration, table))


def typed_only(integration: Integration, table: TableSpec) -> Making:
    """Return what is known without asking the target."""
    typed = _typed(integration, table)
    return Making(typed, typed, is_joined=is_joined(integration, table), types=bool(typed))


def names_of(options: Sequence[Option]) -> dict[str, tuple[str, ...]]:
    """Return what each HubSpot stage may be called in the target, the best name first.

    The first one is that of a stage that is made: no two are called alike, so the pipeline's name
    is left out only where the stage's own is enough.
    """
    bare = {each.value: each.label.partition(BETWEEN)[2] or each.label for each in options}
    often = Counter(name.casefold() for name in bare.values())
    return {
        each.value: (bare[each.value], each.label)
        if often[bare[each.value].casefold()] == 1
        else (each.label,)
        for each in options
    }


def assigned(
    entries: Iterable[TableEntry], making: Making, wanted: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    """Return the stage of each HubSpot value: a person's, the one it has, else that of its name.

    One to one: no stage is found for two values. `wanted` holds the names of what is to be found,
    the best first; on the board of automatic stages, where there is one.
    """
    boards = ("", making.board)
    usable = {
        stage.id: stage
        for stage in making.stages
        if not (wanted and making.board) or stage.board in boards
    }
    taken = {
        row.hubspot_value: row.target_value
        for row in entries
        if row.origin == Origin.PERSON or row.target_value in usable
    }
    free = {
        stage.id: stage
        for stage in usable.values()
        if stage.id not in taken.values() and not stage.seen_only
    }
    for value, names in wanted.items():
        found = None if value in taken else _called(free.values(), names)
        if found is not None:
            taken[value] = found.id
            del free[found.id]
    return taken


def _called(stages: Iterable[Stage], names: Sequence[str]) -> Stage | None:
    known = {stage.label.casefold(): stage for stage in stages}
    found = (known.get(name.casefold()) for name in names)
    return next((stage for stage in found if stage is not None), None)


def make(
    integration: Integration, table: TableSpec, making: Making, lacking: Sequence[str]
) -> Making:
    """Make stages of these names in the target; where it cannot, say what to do by hand."""
    if not lacking:
        return making
    connector = _open(integration)
    try:
        if isinstance(connector, Staging):
            board = making.board
            wanted = [Stage("", name, board, order) for order, name in enumerate(lacking)]
            made = {stage.id: stage for stage in connector.make_stages(board, wanted)}
            known = {stage.id: stage for stage in making.stages}
            return replace(making, stages=tuple((known | made).values()))
        if table.target_field:
            return replace(making, stages=_with_options(connector, table, making, lacking))
    except ConfigInvalid as error:
        return replace(making, steps=error.detail)
    return replace(making, steps=_by_hand(lacking))


def remembered(integration: Integration, table: TableSpec) -> str:
    """Return what was left to be done by hand when stages were made last, "" for nothing."""
    key = f"table:{table.key}"
    return next((s.detail for s in readiness.steps_of(integration) if s.key == key), "")


def remember(integration: Integration, table: TableSpec, making: Making) -> None:
    """Keep what is left to be done by hand among the integration's steps; saves the row."""
    key = f"table:{table.key}"
    steps = [step for step in readiness.steps_of(integration) if step.key != key]
    if making.steps:
        steps.append(Step(key, table.label, StepState.REMARK, making.steps))
    packed = [asdict(step) for step in steps]
    if packed != (integration.prepared or []):
        integration.prepared = packed
        integration.save(update_fields=["prepared"])


def _open(integration: Integration) -> Connector:
    if integration.target is None:
        raise ConfigInvalid("The other system is not connected.")
    return connectors.open_connector(integration.target, priority=Priority.PERSON)


def _board(integration: Integration, table: TableSpec) -> str:
    return setting_values.merged(integration).get(table.board, "") if table.board else ""


def _of_field(connector: Connector, target_field: str) -> Iterable[Stage]:
    object_type, _dot, name = target_field.partition(".")
    for spec in connector.describe(object_type):
        if spec.name == name:
            return [Stage(o.value, o.label, order=n) for n, o in enumerate(spec.options)]
    return ()


def _with_options(
    connector: Connector, table: TableSpec, making: Making, lacking: Sequence[str]
) -> tuple[Stage, ...]:
    object_type, _dot, name = table.target_field.partition(".")
    if not isinstance(connector, OptionMaking):
        raise ConfigInvalid(_by_hand(lacking))
    wanted = [Option(label, label) for label in lacking]
    made = connector.add_options(object_type, name, wanted)
    start = len(making.stages)
    more = (Stage(o.value, o.label, order=start + n) for n, o in enumerate(made))
    return (*making.stages, *more)


def _typed(integration: Integration, table: TableSpec) -> tuple[Stage, ...]:
    rows = TypedStage.objects.filter(integration=integration, table=table.key)
    return tuple(
        Stage(row.stage_id, row.label, order=row.order, chance=row.chance)
        for row in rows.order_by("order", "label")
    )


def _by_hand(lacking: Sequence[str]) -> str:
    names = ", ".join(f"“{name}”" for name in lacking)
    return f"Add these stages in the other system, then refresh: {names}."
