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
    `types`: the system does not list all of its stages, so people may type them.
    """

    stages: tuple[Stage, ...] = ()
    typed: tuple[Stage, ...] = ()
    steps: str = ""
    is_joined: bool = True
    types: bool = False


def is_joined(integration: Integration, table: TableSpec) -> bool:
    """Tell whether the table's values have a counterpart in the target, without asking it."""
    entry = connectors.registration_of(integration.system)
    return bool(table.target_field) or hasattr(entry.connector, "stages")


def look(integration: Integration, table: TableSpec) -> Making:
    """Return what the target has; raises ConfigInvalid without a target, or the call's error."""
    connector = _open(integration)
    if table.target_field:
        return Making(tuple(_of_field(connector, table.target_field)))
    if not isinstance(connector, Staging):
        return Making(is_joined=False)
    typed = _typed(integration, table)
    named = {stage.id for stage in typed}
    found = [stage for stage in connector.stages() if stage.id not in named]
    lists = bool(found) and not any(stage.seen_only for stage in found)
    stages = sorted((*found, *typed), key=lambda s: (s.seen_only, s.board, s.order, s.label))
    return Making(tuple(stages), typed, types=not lists)


def typed_only(integration: Integration, table: TableSpec) -> Making:
    """Return what is known without asking the target."""
    typed = _typed(integration, table)
    return Making(typed, typed, is_joined=is_joined(integration, table), types=bool(typed))


def names_of(options: Sequence[Option]) -> dict[str, str]:
    """Return what each HubSpot stage is called in the target, so that no two are called alike.

    The pipeline's name is left out where the stage's name is enough.
    """
    bare = {each.value: each.label.partition(BETWEEN)[2] or each.label for each in options}
    often = Counter(name.casefold() for name in bare.values())
    return {
        each.value: bare[each.value] if often[bare[each.value].casefold()] == 1 else each.label
        for each in options
    }


def assigned(
    entries: Iterable[TableEntry], stages: Iterable[Stage], wanted: Mapping[str, str]
) -> dict[str, str]:
    """Return the stage of each HubSpot value: a person's, the one it has, else that of its name.

    One to one: no stage is found for two values. `wanted` holds the names of what is to be found.
    """
    known = {stage.id: stage for stage in stages}
    taken = {
        row.hubspot_value: row.target_value
        for row in entries
        if row.origin == Origin.PERSON or row.target_value in known
    }
    free = [s for s in known.values() if s.id not in taken.values() and not s.seen_only]
    for value, name in wanted.items():
        if value in taken:
            continue
        found = next((s for s in free if s.label.casefold() == name.casefold()), None)
        if found is not None:
            taken[value] = found.id
            free.remove(found)
    return taken


def make(
    integration: Integration, table: TableSpec, making: Making, lacking: Sequence[str]
) -> Making:
    """Make stages of these names in the target; where it cannot, say what to do by hand."""
    if not lacking:
        return making
    connector = _open(integration)
    try:
        if table.target_field:
            return replace(making, stages=_with_options(connector, table, making, lacking))
        if isinstance(connector, Staging):
            board = setting_values.merged(integration).get(table.board, "")
            wanted = [Stage("", name, board, order) for order, name in enumerate(lacking)]
            made = {stage.id: stage for stage in connector.make_stages(board, wanted)}
            known = {stage.id: stage for stage in making.stages}
            return replace(making, stages=tuple((known | made).values()))
    except ConfigInvalid as error:
        return replace(making, steps=error.detail)
    return replace(making, steps=_by_hand(lacking))


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
