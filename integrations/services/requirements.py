"""What a configuration needs of HubSpot as it is now, and the release of syncs held for its lack.

Without this a removed stage would only look like contacts that never enter it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from weakref import WeakKeyDictionary

from integrations.engine.config import SyncConfig
from integrations.engine.errors import ConfigInvalid
from integrations.engine.mapping import Direction
from integrations.engine.ports import Connector, Priority
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.engine.specs import FieldSpec
from integrations.models import ObjectSync, SyncState
from integrations.services import connectors, hints, readiness
from integrations.services.sided import sided

_met: Final[WeakKeyDictionary[Connector, set[tuple[object, int]]]] = WeakKeyDictionary()
"""Which configurations were found to fit, for as long as a connector is kept."""


def check(object_sync: ObjectSync, config: SyncConfig) -> None:
    """Raise ConfigInvalid if HubSpot lacks the trigger's value or a required property.

    Or if the integration is not prepared (`Reason.NOT_PREPARED`). Asks HubSpot once as long as its
    connector is kept; raises what that call raises.
    """
    readiness.require(object_sync.integration)
    pair = connectors.open_pair(object_sync, Priority.WEBHOOK)
    met = _met.setdefault(pair[Side.HUBSPOT], set())
    key = (object_sync.pk, config.version)
    if key in met:
        return
    described = sided(pair)[Side.HUBSPOT].describe(config.hubspot.object_type)
    fields = {spec.name: spec for spec in described}
    _check_properties(config, fields)
    _check_trigger(config, fields)
    met.add(key)


def release(rows: Iterable[ObjectSync]) -> None:
    """Let object syncs go on that were held for their configuration, which now fits."""
    keys = [row.pk for row in rows]
    held = ObjectSync.objects.filter(
        pk__in=keys, state=SyncState.HELD, reason=Reason.CONFIG_INVALID
    )
    if held.update(state=SyncState.ACTIVE, reason="", reason_detail=""):
        hints.wake(keys)


def _check_properties(config: SyncConfig, fields: dict[str, FieldSpec]) -> None:
    lacking = [
        rule.label or rule.hubspot
        for rule in config.rules
        if rule.required
        and rule.direction is not Direction.TO_HUBSPOT
        and rule.hubspot not in fields
    ]
    if lacking:
        raise ConfigInvalid(
            f"HubSpot has no property {', '.join(lacking)} any more. "
            "“Repair properties” in the settings makes it again."
        )


def _check_trigger(config: SyncConfig, fields: dict[str, FieldSpec]) -> None:
    trigger = config.trigger
    if trigger is None:
        return
    found = fields.get(trigger.field)
    values = {option.value for option in found.options} if found else set()
    if found is None or (values and trigger.value not in values):
        raise ConfigInvalid(
            f"{trigger.label or trigger.field} “{trigger.value}” does not exist in HubSpot any "
            "more, so no record can enter it."
        )
