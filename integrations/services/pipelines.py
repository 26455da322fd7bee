"""Which HubSpot stage is which stage of the target: found one to one, or chosen by people.

The same holds for every list of a HubSpot field that an integration keeps (lead statuses). How
stages come about in the target is in `stage_making`; entries are used by rules through `tables`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat

from integrations.engine.errors import ConfigInvalid
from integrations.engine.extras import Stage
from integrations.engine.specs import Option, TableSpec
from integrations.models import Integration, Origin, TableEntry, TypedStage
from integrations.services import (
    audit,
    connectors,
    owners,
    second_looks,
    setting_values,
    stage_making,
    tables,
    tenants,
)
from integrations.services.alone import alone
from integrations.services.stage_making import Making
from integrations.services.stage_report import Report

AUTOMATIC: Final = "automatic"
MANUAL: Final = "manual"


def kept(integration: Integration) -> tuple[TableSpec, ...]:
    """Return the tables of an integration that join options of fields."""
    found = connectors.spec_of(integration.system).tables
    return tuple(table for table in found if not owners.is_of_people(table))


def spec_of(integration: Integration, key: str) -> TableSpec:
    """Return one of these tables; raises ConfigInvalid for any other."""
    for table in kept(integration):
        if table.key == key:
            return table
    raise ConfigInvalid("This integration keeps no such table.")


def mode_of(integration: Integration, table: TableSpec) -> str:
    """Return "automatic" or "manual"."""
    found = setting_values.merged(integration).get(table.mode, AUTOMATIC)
    return MANUAL if found == MANUAL else AUTOMATIC


def unmapped(integration: Integration) -> int:
    """Return how many stages of HubSpot are assigned to nothing, as stored; asks nobody."""
    keys = [table.key for table in kept(integration) if stage_making.is_joined(integration, table)]
    rows = TableEntry.objects.filter(integration=integration, table__in=keys, hubspot_gone=False)
    return rows.filter(target_value="").count() if keys else 0


def report(integration: Integration, key: str) -> Report:
    """Return a table with what may be chosen in the target; raises the SyncError of asking."""
    table = spec_of(integration, key)
    return _report(integration, table, stage_making.look(integration, table))


def stored(integration: Integration, key: str) -> Report:
    """Return a table with what is known without asking anybody."""
    table = spec_of(integration, key)
    return _report(integration, table, stage_making.typed_only(integration, table))


def refresh(integration: Integration, key: str, user: AbstractBaseUser | None = None) -> Report:
    """Read HubSpot's options and the target's stages anew; choices of people are kept.

    New options are added, those that went are marked (without a counterpart in the target: they
    go). In automatic mode each gets the stage of its name, which is made where the target lets us;
    else `Report.making` says what to do. Raises PermissionDenied or the SyncError of asking.
    """
    if user is not None:
        tenants.require(user, integration.tenant, change=True)
    with alone(integration):
        return _refreshed(integration, spec_of(integration, key), user)


def _refreshed(integration: Integration, table: TableSpec, user: AbstractBaseUser | None) -> Report:
    object_type, _dot, field = table.hubspot_field.partition(".")
    options = setting_values.hubspot_options(integration, object_type, field, fresh=True)
    making = stage_making.look(integration, table)
    wanted: Mapping[str, Sequence[str]] = {}
    if mode_of(integration, table) == AUTOMATIC and making.is_joined:
        wanted = stage_making.names_of(options)
        taken = stage_making.assigned(_rows(integration, table.key), making, wanted)
        lacking = [names[0] for value, names in wanted.items() if value not in taken]
        making = stage_making.make(integration, table, making, lacking)
    with transaction.atomic():
        _lock(integration)
        before = tables.tables_of(integration)[table.key]
        _store(integration, table, options, making, wanted)
        count = _look_again(integration, table.key, before)
        stage_making.remember(integration, table, making)
        detail = f"{table.label}: {len(options)} in HubSpot, {count} records"
        _tell(integration, "table.refreshed", detail, user)
    return _report(integration, table, making)


def assign(
    integration: Integration, key: str, value: str, target: str, user: AbstractBaseUser
) -> TableEntry:
    """Let a HubSpot stage mean a stage of the target, or none (""), by a person's word.

    Records of it are looked at again. Raises ConfigInvalid for what does not exist, or in
    automatic mode; PermissionDenied, or the SyncError of asking.
    """
    tenants.require(user, integration.tenant, change=True)
    table = spec_of(integration, key)
    if table.mode and mode_of(integration, table) == AUTOMATIC:
        raise ConfigInvalid("Stages are assigned by themselves. Choose “user-defined” first.")
    stages = {stage.id: stage for stage in stage_making.look(integration, table).stages}
    if target and target not in stages:
        raise ConfigInvalid("The other system has no such stage any more.")
    with transaction.atomic():
        _lock(integration)
        rows = TableEntry.objects.filter(integration=integration, table=key, hubspot_value=value)
        row = rows.first()
        if row is None:
            raise ConfigInvalid("HubSpot has no such stage. Refresh the list.")
        before = tables.tables_of(integration)[key]
        was = row.target_label or "nothing"
        row.target_value, row.target_gone, row.origin = target, False, Origin.PERSON
        row.target_label = stages[target].label[:300] if target else ""
        row.save()
        _look_again(integration, key, before)
        said = f"{table.label}: {row.hubspot_label}: {was} → {row.target_label or 'nothing'}"
        _tell(integration, "stage.assigned", said, user)
    return row


def type_stage(
    integration: Integration,
    key: str,
    stage: Stage,
    user: AbstractBaseUser,
) -> TypedStage:
    """Keep a stage that the system cannot list, as a person typed it; the same id is changed.

    Raises ConfigInvalid without an id or a name, PermissionDenied.
    """
    tenants.require(user, integration.tenant, change=True)
    table = spec_of(integration, key)
    if not stage.id.strip() or not stage.label.strip():
        raise ConfigInvalid("A stage needs its id and its name.")
    with transaction.atomic():
        row, _created = TypedStage.objects.update_or_create(
            integration=integration,
            table=key,
            stage_id=stage.id.strip()[:200],
            defaults={
                "tenant": integration.tenant,
                "label": stage.label.strip()[:300],
                "order": stage.order,
                "chance": stage.chance,
            },
        )
        _tell(integration, "stage.typed", f"{table.label}: {row.stage_id} {row.label}", user)
    return row


def forget_stage(integration: Integration, key: str, stage_id: str, user: AbstractBaseUser) -> None:
    """Take a typed stage off the list; entries that use it stay. Raises PermissionDenied."""
    tenants.require(user, integration.tenant, change=True)
    table = spec_of(integration, key)
    with transaction.atomic():
        TypedStage.objects.filter(integration=integration, table=key, stage_id=stage_id).delete()
        _tell(integration, "stage.forgotten", f"{table.label}: {stage_id}", user)


def follow_modes(
    integration: Integration, before: Mapping[str, str], user: AbstractBaseUser | None
) -> None:
    """Change the entries in use where the mode did; those of the other mode are kept aside.

    `before` are the settings that held so far. In the caller's transaction. The first time a mode
    is chosen it starts with what is in use.
    """
    for table in kept(integration):
        old, new = before.get(table.mode, ""), mode_of(integration, table)
        if table.mode and old and old != new:
            known = tables.tables_of(integration)[table.key]
            _swap(integration, table.key, old, new)
            _look_again(integration, table.key, known)
            _tell(integration, "table.mode", f"{table.label}: {old} → {new}", user)


def _swap(integration: Integration, key: str, old: str, new: str) -> None:
    rows = TableEntry.objects.filter(integration=integration)
    rows.filter(table=f"{key}@{old}").delete()
    aside = rows.filter(table=f"{key}@{new}")
    if not aside.exists():
        copies = list(rows.filter(table=key))
        for row in copies:
            row.pk, row.table = None, f"{key}@{new}"
            row.origin = Origin.AUTO  # the next refresh may find another one
        TableEntry.objects.bulk_create(copies)
    rows.filter(table=key).update(table=Concat(F("table"), Value(f"@{old}")))
    aside.update(table=key)


def _lock(integration: Integration) -> None:
    Integration.objects.select_for_update(no_key=True).get(pk=integration.pk)
    integration.refresh_from_db(fields=["settings", "prepared"])


def _rows(integration: Integration, key: str) -> list[TableEntry]:
    rows = TableEntry.objects.filter(integration=integration, table=key)
    return list(rows.order_by("order", "id"))


def _store(
    integration: Integration,
    table: TableSpec,
    options: Sequence[Option],
    making: Making,
    wanted: Mapping[str, Sequence[str]],
) -> None:
    """Store an entry per option of HubSpot, in its order."""
    rows = {row.hubspot_value: row for row in _rows(integration, table.key)}
    stages = {stage.id: stage for stage in making.stages}
    taken = stage_making.assigned(rows.values(), making, wanted)
    for place, option in enumerate(options):
        row = rows.pop(option.value, None) or TableEntry(
            tenant_id=integration.tenant_id,
            integration=integration,
            table=table.key,
            hubspot_value=option.value,
        )
        row.hubspot_label, row.hubspot_gone, row.order = option.label[:300], False, place
        row.target_value = taken.get(option.value, row.target_value)
        known = stages.get(row.target_value)
        # Where the system does not list its stages, one that is not seen may still be there.
        row.target_gone = bool(row.target_value) and known is None and not making.types
        row.target_label = known.label[:300] if known else row.target_label
        row.save()
    gone = TableEntry.objects.filter(pk__in=[row.pk for row in rows.values()])
    if making.is_joined:
        gone.update(hubspot_gone=True)
    else:
        gone.delete()


def _look_again(integration: Integration, key: str, before: tables.Table) -> int:
    changes = second_looks.changes_of(before, tables.tables_of(integration)[key])
    return second_looks.ask(integration, key, changes)


def _report(integration: Integration, table: TableSpec, making: Making) -> Report:
    making = replace(making, steps=making.steps or stage_making.remembered(integration, table))
    return Report(
        table,
        tuple(_rows(integration, table.key)),
        making,
        mode_of(integration, table),
        bool(table.mode),
        making.is_joined,
    )


def _tell(
    integration: Integration, action: str, detail: str, user: AbstractBaseUser | None
) -> None:
    audit.record(
        integration.tenant, action, user=user, integration=integration, detail=detail[:1000]
    )
