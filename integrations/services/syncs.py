"""Integrations and their object syncs: activation, settings, versions, pausing.

Credentials are in `connections`, what a page shows is in `status`, what an admin edits in `drafts`;
nothing here reads records.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from integrations.engine import stored
from integrations.engine.config import SyncConfig
from integrations.engine.errors import ConfigInvalid
from integrations.engine.ports import Priority
from integrations.engine.reasons import Reason
from integrations.engine.specs import ConnectorSpec, Option, SettingField, SyncSpec
from integrations.models import Integration, Lane, ObjectSync, SyncState, SyncVersion
from integrations.services import audit, connectors, hints, requirements, schedules, tenants

SETTINGS: Final = "settings"
CONFIG: Final = "config"
FIELDS: Final = "fields"
"""Members of `SyncVersion.config`; the last two only where admins edit the configuration: it, and
the definitions of the fields it rests on, by side."""


class SettingsInvalid(Exception):
    """Settings that cannot run. `errors` maps a setting's key to a sentence for its input."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = dict(errors)


# ---------------------------------------------------------------- specs and configurations


def spec_of(object_sync: ObjectSync) -> SyncSpec:
    """Return the spec of an object pair."""
    return connectors.spec_of(object_sync.integration.system).sync(object_sync.key)


def connector_spec_of(integration: Integration) -> ConnectorSpec:
    """Return the spec of the system that is joined with HubSpot."""
    return connectors.spec_of(integration.system)


def config_of(object_sync: ObjectSync) -> SyncConfig:
    """Return the published configuration; raises ConfigInvalid when there is none.

    Reads `integration` and `version`: select them along when there are many.
    """
    if object_sync.version is None:
        raise ConfigInvalid("No version of this sync was published yet.")
    return config_of_version(object_sync, object_sync.version)


def config_of_version(object_sync: ObjectSync, version: SyncVersion) -> SyncConfig:
    """Return what one version says; raises ConfigInvalid when it cannot be used any more."""
    if CONFIG in version.config:
        config = _stored(json.dumps(version.config[CONFIG], sort_keys=True))
    else:
        chosen = tuple(sorted(version.config[SETTINGS].items()))
        config = _built(object_sync.integration.system, object_sync.key, chosen)
    return replace(config, version=version.number)


def start_config_of(object_sync: ObjectSync) -> SyncConfig:
    """Return the configuration with which the spec starts a sync, by the integration's settings."""
    chosen = tuple(sorted(_merged(object_sync.integration).items()))
    return _built(object_sync.integration.system, object_sync.key, chosen)


@lru_cache(maxsize=256)
def _stored(text: str) -> SyncConfig:
    """Read a stored configuration; versions are immutable, so the text is a good key."""
    return stored.from_json(json.loads(text))


@lru_cache(maxsize=256)
def _built(system: str, key: str, chosen: tuple[tuple[str, str], ...]) -> SyncConfig:
    try:
        return connectors.spec_of(system).sync(key).build(dict(chosen))
    except ValueError:
        raise ConfigInvalid("A setting has a value that is not known any more.") from None


# ---------------------------------------------------------------- activation and settings


def activate(integration: Integration, user: AbstractBaseUser) -> None:
    """Create or revive the object syncs with their lanes, in the order of the spec.

    A sync with a fixed mapping gets its first version at once; one that an admin configures waits
    for its first publishing, and one that was published before goes on with its version. The
    HubSpot fields must exist by then: see `hubspot_fields`. Runs in the caller's transaction.
    """
    spec = connector_spec_of(integration)
    with transaction.atomic():
        integration.settings = _merged(integration)
        integration.state = SyncState.ACTIVE
        integration.save(update_fields=["settings", "state"])
        for pair in spec.syncs:
            row, created = ObjectSync.objects.get_or_create(
                integration=integration,
                key=pair.key,
                defaults={
                    "tenant": integration.tenant,
                    "hubspot_object": pair.hubspot_object,
                    "target_object": pair.target_object,
                    "state": SyncState.SETUP if pair.configurable else SyncState.ACTIVE,
                },
            )
            Lane.objects.get_or_create(object_sync=row)
            if not created:
                is_new = pair.configurable and row.version_id is None
                _set_state([row], SyncState.SETUP if is_new else SyncState.ACTIVE)
            if not pair.configurable:
                _publish(row, integration.settings, user)
        schedules.follow(*integration.object_syncs.all())
        audit.record(
            integration.tenant, "integration.activated", user=user, integration=integration
        )


def update_settings(
    integration: Integration, settings: Mapping[str, str], user: AbstractBaseUser
) -> list[SyncVersion]:
    """Check settings against HubSpot as it is now and publish them; returns the new versions.

    Settings left out keep their value; object syncs whose settings did not change get no version,
    nor do those that an admin configures: their settings are where a new draft starts.
    What was held for its settings goes on.
    Raises SettingsInvalid, PermissionDenied, or a SyncError when HubSpot cannot be asked.
    """
    tenants.require(user, integration.tenant, change=True)
    _check(integration, _merged(integration) | dict(settings))
    with transaction.atomic():
        row = Integration.objects.select_for_update(no_key=True).get(pk=integration.pk)
        wanted = _merged(row) | dict(settings)
        changed = sorted(key for key in wanted if wanted[key] != row.settings.get(key))
        integration.settings = row.settings = wanted
        row.save(update_fields=["settings"])
        pairs = row.object_syncs.select_related("integration", "version")
        made = [_publish(pair, wanted, user) for pair in pairs if not spec_of(pair).configurable]
        published = [version for version in made if version is not None]
        requirements.release(pairs)
        if changed:
            detail = ", ".join(f"{key} = {wanted[key]}" for key in changed)
            audit.record(
                row.tenant, "settings.published", user=user, integration=row, detail=detail
            )
    return published


def setting_options(integration: Integration, field: SettingField) -> tuple[Option, ...]:
    """Return what may be chosen, from HubSpot as it is now; empty means any text."""
    if not field.options_from:
        return field.options
    object_type, _dot, name = field.options_from.partition(".")
    hubspot = connectors.open_connector(integration.hubspot, priority=Priority.PERSON)
    described = {spec.name: spec for spec in hubspot.describe(object_type)}
    return described[name].options if name in described else ()


def _check(integration: Integration, wanted: Mapping[str, str]) -> None:
    fields = {field.key: field for field in connector_spec_of(integration).settings}
    errors = {key: _("This setting is not known.") for key in wanted if key not in fields}
    for key, field in fields.items():
        choices = setting_options(integration, field)
        limited = bool(field.options or field.options_from)
        if limited and wanted.get(key, field.default) not in {choice.value for choice in choices}:
            errors[key] = _("%(label)s: “%(value)s” does not exist any more. Choose another.") % {
                "label": field.label,
                "value": wanted.get(key, field.default),
            }
    if errors:
        raise SettingsInvalid(errors)


def _merged(integration: Integration) -> dict[str, str]:
    """Return the settings in force: defaults where none is stored, without those that went."""
    stored = integration.settings
    fields = connector_spec_of(integration).settings
    return {field.key: stored.get(field.key, field.default) for field in fields}


def _publish(
    row: ObjectSync, settings: Mapping[str, str], user: AbstractBaseUser
) -> SyncVersion | None:
    """Publish a version unless the published one says the same."""
    config = {SETTINGS: dict(settings)}
    if row.version is not None and row.version.config == config:
        return None
    newest = row.versions.order_by("-number").first()
    version = SyncVersion.objects.create(
        object_sync=row,
        number=newest.number + 1 if newest else 1,
        config=config,
        published_by_id=user.pk,
    )
    row.version = version
    row.save(update_fields=["version"])
    return version


# ---------------------------------------------------------------- pausing


def pause(what: Integration | ObjectSync, user: AbstractBaseUser) -> None:
    """Park the work of an integration or of one object sync; notices go on being stored."""
    _switch(what, SyncState.PAUSED, Reason.SYNC_PAUSED, user)


def resume(what: Integration | ObjectSync, user: AbstractBaseUser) -> None:
    """Go on with everything that was parked."""
    _switch(what, SyncState.ACTIVE, None, user)


_OPPOSITE: Final = {
    SyncState.PAUSED: SyncState.ACTIVE,
    SyncState.ACTIVE: SyncState.PAUSED,
}
"""What a switch of the whole integration touches: held object syncs wait for their own person."""


def _switch(
    what: Integration | ObjectSync, state: SyncState, reason: Reason | None, user: AbstractBaseUser
) -> None:
    tenants.require(user, what.tenant, change=True)
    integration = what if isinstance(what, Integration) else what.integration
    with transaction.atomic():
        row = Integration.objects.select_for_update(no_key=True).get(pk=integration.pk)
        if row.state == SyncState.UNINSTALLED:
            raise ConfigInvalid("The integration was uninstalled; connect it again.")
        if isinstance(what, Integration):
            what.state = row.state = state
            row.save(update_fields=["state"])
            rows = list(row.object_syncs.filter(state=_OPPOSITE[state]))
        elif what.state == SyncState.SETUP:
            raise ConfigInvalid("Nothing was published yet, so there is nothing to pause.")
        else:
            rows = [what]
        _set_state(rows, state, reason)
        schedules.follow(*rows)
        action = "sync.resumed" if reason is None else "sync.paused"
        only = what if isinstance(what, ObjectSync) else None
        audit.record(row.tenant, action, user=user, integration=row, object_sync=only)
        if reason is None:
            hints.wake([each.pk for each in rows])


def _set_state(rows: Iterable[ObjectSync], state: SyncState, reason: Reason | None = None) -> None:
    """Set a state; what was never published goes on being set up."""
    for row in rows:
        waits = row.version_id is None and spec_of(row).configurable
        row.state = SyncState.SETUP if waits else state
        row.reason, row.reason_detail = reason or "", ""
        row.not_before, row.failures = None, 0
        row.save(update_fields=["state", "reason", "reason_detail", "not_before", "failures"])
