"""Whether an integration may work at all: required settings, what the target needs, switches.

Judges what is stored; asks no system. How it comes about is in `activation`.
"""

from __future__ import annotations

from typing import Final

from integrations.engine.errors import ConfigInvalid
from integrations.engine.extras import Step, StepState
from integrations.engine.reasons import Reason
from integrations.engine.specs import SyncSpec
from integrations.models import Integration, ObjectSync, SyncState
from integrations.services import connectors, setting_values

YES: Final = "yes"
SWITCHED_OFF: Final = "It is switched off in the settings."
"""`ObjectSync.reason_detail` of a pair that its setting turned off, and no person paused."""


def lack_of(integration: Integration) -> str:
    """Return a sentence about what is missing before anything may be synced, "" for nothing."""
    spec = connectors.spec_of(integration.system)
    missing = [
        field.label
        for field in spec.settings
        if field.required and not setting_values.value_of(integration, field)
    ]
    lacks = [f"{label} is not chosen yet." for label in missing]
    if spec.prepares and integration.prepared is None:
        lacks.append("The other system was not prepared yet.")
    by_hand = [step.label for step in steps_of(integration) if is_open(step)]
    if by_hand:
        lacks.append(f"To be done by hand: {'; '.join(by_hand)}.")
    return " ".join(lacks)[:500]


def require_on(object_sync: ObjectSync) -> None:
    """Raise ConfigInvalid for a pair that is switched off or may not work yet."""
    if not is_on(object_sync):
        raise ConfigInvalid(SWITCHED_OFF, reason=Reason.SYNC_PAUSED)
    require(object_sync.integration)


def require(integration: Integration) -> None:
    """Raise ConfigInvalid (`Reason.NOT_PREPARED`) while something is missing."""
    if lack := lack_of(integration):
        raise ConfigInvalid(lack, reason=Reason.NOT_PREPARED)


def steps_of(integration: Integration) -> tuple[Step, ...]:
    """Return the steps with which the target was made ready, as found last."""
    return tuple(
        Step(each["key"], each["label"], StepState(each["state"]), each.get("detail", ""))
        for each in integration.prepared or ()
    )


def is_open(step: Step) -> bool:
    """Tell whether a person still has to do this step."""
    return step.state is StepState.BY_HAND


def is_on(object_sync: ObjectSync) -> bool:
    """Tell whether the settings turn an object pair on."""
    name = _spec(object_sync).switch
    if not name:
        return True
    spec = connectors.spec_of(object_sync.integration.system)
    field = next(field for field in spec.settings if field.key == name)
    return setting_values.value_of(object_sync.integration, field) == YES


def rests(object_sync: ObjectSync) -> bool:
    """Tell whether a pair waits for preparation or is switched off, and for no person's word."""
    row = object_sync
    off = row.state == SyncState.PAUSED and row.reason_detail == SWITCHED_OFF
    return off or (row.state == SyncState.HELD and row.reason == Reason.NOT_PREPARED)


def state_of(
    object_sync: ObjectSync, wanted: SyncState, reason: Reason | None = None
) -> tuple[SyncState, str, str]:
    """Return the state, reason and detail that a pair gets where it should get `wanted`.

    What was never published goes on being set up; what is switched off or not prepared is not
    active.
    """
    row = object_sync
    if not is_on(row):
        return SyncState.PAUSED, Reason.SYNC_PAUSED.value, SWITCHED_OFF
    if row.version_id is None and _spec(row).configurable:
        return SyncState.SETUP, "", ""
    if wanted == SyncState.ACTIVE and (lack := lack_of(row.integration)):
        return SyncState.HELD, Reason.NOT_PREPARED.value, lack
    return wanted, reason.value if reason else "", ""


def _spec(object_sync: ObjectSync) -> SyncSpec:
    return connectors.spec_of(object_sync.integration.system).sync(object_sync.key)
