"""Making an integration ready: its settings, what the target needs for it, and what follows.

What is missing is judged in `readiness`. No record is read here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from integrations.engine.errors import ConfigInvalid
from integrations.engine.extras import Prepared, Preparing, Step
from integrations.engine.ports import Priority
from integrations.engine.records import Side
from integrations.models import Integration, JobRun, ObjectSync, RunKind, SyncState, SyncVersion
from integrations.services import (
    audit,
    connectors,
    hints,
    owners,
    pipelines,
    readiness,
    requirements,
    runs,
    schedules,
    setting_values,
    syncs,
    tables,
    tenants,
)
from integrations.services.alone import alone


def prepare(integration: Integration, user: AbstractBaseUser | None = None) -> tuple[Step, ...]:
    """Find or make what the integration needs in the target, fill its tables, and let it go on.

    May be repeated at any time: nothing that exists is made twice, no choice of a person is
    changed. Returns the steps, of which some may be left for a person. Raises PermissionDenied, or
    a SyncError when a system cannot be asked; what was found before stays as it was.
    """
    if user is not None:
        tenants.require(user, integration.tenant, change=True)
    with alone(integration):
        _renew(integration, {}, user, fill=True)
    return readiness.steps_of(integration)


def update_settings(
    integration: Integration, settings: Mapping[str, str], user: AbstractBaseUser
) -> list[SyncVersion]:
    """Check settings against both systems as they are now and publish them; returns new versions.

    Settings left out keep their value; object syncs whose settings did not change get no version,
    nor do those that an admin configures: their settings are where a new draft starts. The target
    is prepared for them first, and what was held for its settings goes on.
    Raises SettingsInvalid, PermissionDenied, or a SyncError when a system cannot be asked.
    """
    tenants.require(user, integration.tenant, change=True)
    asked = {field.key: field for field in setting_values.asked(integration)}
    wanted = {key: setting_values.value_of(integration, field) for key, field in asked.items()}
    setting_values.check(integration, wanted | dict(settings))
    with alone(integration):
        return _renew(integration, settings, user, fill=False)


def follow(integration: Integration, user: AbstractBaseUser | None) -> list[SyncVersion]:
    """Bring versions, states and first loads in line with settings and preparation.

    In the caller's transaction. Returns the versions that are new.
    """
    rows = list(integration.object_syncs.select_related("version").order_by("created_at"))
    made: dict[UUID, SyncVersion] = {}
    for row in rows:
        row.integration = integration
        if not syncs.spec_of(row).configurable and not readiness.lack_of(integration):
            version = syncs.publish_settings(row, user)
            made |= {row.pk: version} if version else {}
    for row in rows:
        _settle(row)
    requirements.release(rows)
    schedules.follow(*rows)
    for row in rows:
        _load(row, user, changed=row.pk in made)
    hints.wake([row.pk for row in rows])
    return list(made.values())


def _renew(
    integration: Integration,
    settings: Mapping[str, str],
    user: AbstractBaseUser | None,
    *,
    fill: bool,
) -> list[SyncVersion]:
    """Ask the systems first, then store: what cannot be asked changes nothing."""
    spec = connectors.spec_of(integration.system)
    wanted = setting_values.merged(integration) | dict(settings)
    prepared = _ask(integration, wanted) if spec.prepares else None
    if not spec.tables:
        with transaction.atomic():
            _store(integration, settings, prepared, user)
            return follow(integration, user)
    with transaction.atomic():
        changed = _store(integration, settings, prepared, user)
    if fill or changed:
        _fill_tables(integration, user)
    with transaction.atomic():
        _lock(integration)
        return follow(integration, user)


def _ask(integration: Integration, wanted: Mapping[str, str]) -> Prepared:
    if integration.target is None:
        raise ConfigInvalid("The other system is not connected.")
    # Somebody may just have made by hand what a kept connector remembers as missing.
    connector = connectors.open_connector(integration.target, priority=Priority.PERSON, fresh=True)
    if not isinstance(connector, Preparing):
        raise ConfigInvalid("The other system cannot be prepared.")
    lists = {}
    for name in connectors.spec_of(integration.system).prepare_from:
        object_type, _dot, field = name.partition(".")
        lists[name] = setting_values.hubspot_options(integration, object_type, field, fresh=True)
    return connector.prepare(wanted, lists)


def _lock(integration: Integration) -> None:
    """Keep others off the integration, and read what they stored meanwhile."""
    Integration.objects.select_for_update(no_key=True).get(pk=integration.pk)
    integration.refresh_from_db(fields=["settings", "state", "prepared", "prepared_at"])


def _store(
    integration: Integration,
    settings: Mapping[str, str],
    prepared: Prepared | None,
    user: AbstractBaseUser | None,
) -> list[str]:
    """Store settings and steps; returns the keys of the settings that changed."""
    _lock(integration)
    derived = {field.key for field in connectors.spec_of(integration.system).settings}
    derived -= {field.key for field in setting_values.asked(integration)}
    found = prepared.settings if prepared else {}
    before = dict(integration.settings)
    wanted = setting_values.merged(integration) | dict(settings)
    wanted |= {key: value for key, value in found.items() if key in derived}
    changed = sorted(key for key in wanted if wanted[key] != before.get(key))
    integration.settings = wanted
    if prepared is not None:
        integration.prepared = [asdict(step) for step in prepared.steps]
        integration.prepared_at = timezone.now()
        _tell(integration, "integration.prepared", _said(prepared.steps), user)
    integration.save(update_fields=["settings", "prepared", "prepared_at"])
    if changed:
        detail = ", ".join(f"{key} = {wanted[key]}" for key in changed)
        _tell(integration, "settings.published", detail, user)
    pipelines.follow_modes(integration, before, user)
    tables.keep_stand_ins(integration, before)
    return changed


def _tell(
    integration: Integration, action: str, detail: str, user: AbstractBaseUser | None
) -> None:
    audit.record(
        integration.tenant, action, user=user, integration=integration, detail=detail[:1000]
    )


def _said(steps: Sequence[Step]) -> str:
    return "; ".join(f"{step.label}: {step.state}" for step in steps)


def _fill_tables(integration: Integration, user: AbstractBaseUser | None) -> None:
    """Fill owners and stages before the first record needs them."""
    if readiness.lack_of(integration):
        return
    for table in connectors.spec_of(integration.system).tables:
        if owners.is_of_people(table):
            owners.connect(integration, user)
        else:
            pipelines.refresh(integration, table.key, user)


# ---------------------------------------------------------------- what follows


def _settle(row: ObjectSync) -> None:
    """Let a pair work, or let it rest; a person's pause and other trouble are left alone."""
    if row.state == SyncState.UNINSTALLED:
        return
    if row.state in (SyncState.ACTIVE, SyncState.SETUP) or readiness.rests(row):
        if (row.state, row.reason, row.reason_detail) != readiness.state_of(row, SyncState.ACTIVE):
            syncs.set_state([row], SyncState.ACTIVE)
    elif row.state == SyncState.PAUSED and not readiness.is_on(row):
        syncs.set_state([row], SyncState.PAUSED)


def _load(row: ObjectSync, user: AbstractBaseUser | None, *, changed: bool) -> None:
    """Begin the first load of a fixed mapping, and a pass over everything when that has changed.

    Changed settings may let in what was left out before. A run that is open begins again with the
    new version by itself.
    """
    if not syncs.spec_of(row).loads or row.version_id is None or not readiness.is_on(row):
        return
    passes = JobRun.objects.filter(object_sync=row, kind__in=runs.WHOLE)
    if not passes.filter(kind=RunKind.BACKFILL).exists():
        scope = {"since": None, "sides": [side.value for side in Side]}
        runs.open_run(row, RunKind.BACKFILL, requested_by=user, scope=scope)
    elif changed and not passes.filter(state__in=runs.OPEN).exists():
        runs.open_run(row, RunKind.RECONCILE, requested_by=user)
