"""Importing options of HubSpot's picklists into the target: added by internal value, never removed.

Which are lacking is judged in the engine; field lists are kept by `schemas`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django_q.tasks import async_task

from integrations.engine.config import SyncConfig
from integrations.engine.errors import ConfigInvalid
from integrations.engine.extras import OptionMaking
from integrations.engine.importing import Lack, lacking, with_options
from integrations.engine.ports import Priority
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.engine.specs import FieldSpec
from integrations.models import ObjectSync, RecordLink
from integrations.services import audit, connectors, retries

Fields = Mapping[str, FieldSpec]
REFUSED: Final = (
    Reason.FIELDS_QUARANTINED,
    Reason.VALUE_INVALID,
    Reason.REJECTED,
    Reason.REFUSED_BEFORE,
)
"""How records stand whose value was refused, perhaps for the lack of an option."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What was added to the target's picklists, and what a person has to add there."""

    added: tuple[Lack, ...] = ()
    steps: tuple[str, ...] = ()


def bring(
    object_sync: ObjectSync, config: SyncConfig, known: Mapping[Side, dict[str, FieldSpec]]
) -> Brought:
    """Add the options that the target lacks for a configuration.

    `known` are both sides' fields and grow with it; the caller stores them. May be repeated. What
    the system does not take from us is no reason to stop: its records say so, and are tried again
    once it is there. Raises the SyncError of a call.
    """
    lacks = lacking(config.rules, known[Side.HUBSPOT], known[Side.TARGET])
    if not (lacks and connectors.adds_options(object_sync.integration.system)):
        return Brought()
    connector = connectors.open_pair(object_sync, Priority.PERSON)[Side.TARGET]
    added, steps = [], []
    for lack in lacks:
        name = lack.target.name
        try:
            if not isinstance(connector, OptionMaking):
                raise ConfigInvalid(lack.by_hand)
            connector.add_options(object_sync.target_object, name, lack.options)
        except ConfigInvalid as error:
            steps.append(error.detail)
        else:
            added.append(lack)
            known[Side.TARGET][name] = with_options(known[Side.TARGET][name], lack.options)
    return Brought(tuple(added), tuple(steps))


def told(object_sync: ObjectSync, added: Sequence[Lack]) -> None:
    """Record what was added, if anything was."""
    if added:
        audit.record(
            object_sync.tenant,
            "options.imported",
            object_sync=object_sync,
            detail="; ".join(lack.shown for lack in added)[:1000],
        )


def gained(config: SyncConfig, before: Fields, after: Fields) -> bool:
    """Tell whether a mapped picklist of the target has options that it did not have before."""
    return any(
        {option.value for option in after[name].options}
        - {option.value for option in before[name].options}
        for name in {rule.target for rule in config.rules}
        if name in before and name in after
    )


def retry(object_sync: ObjectSync) -> None:
    """Try again what was refused, perhaps for the lack of an option that is there now."""
    with transaction.atomic():
        waiting = RecordLink.objects.filter(object_sync=object_sync, reason__in=REFUSED)
        for reason in waiting.order_by().values_list("reason", flat=True).distinct():
            async_task(retries.TASK, str(object_sync.pk), reason)
