"""Integrations and their object syncs: specs, configurations, versions, pausing.

Credentials are in `connections`, settings in `setting_values` and `activation`, what a page shows
is in `status`, what an admin edits in `drafts`; nothing here reads records.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Final

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from integrations.engine import stored
from integrations.engine.config import SideObject, SyncConfig
from integrations.engine.errors import ConfigInvalid
from integrations.engine.reasons import Reason
from integrations.engine.specs import ConnectorSpec, SyncSpec
from integrations.models import Integration, Lane, ObjectSync, SyncState, SyncVersion
from integrations.services import (
    audit,
    connectors,
    hints,
    readiness,
    schedules,
    setting_values,
    tenants,
)

SETTINGS: Final = "settings"
CONFIG: Final = "config"
FIELDS: Final = "fields"
"""Members of `SyncVersion.config`; the last two only where admins edit the configuration: it, and
the definitions of the fields it rests on, by side."""


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
    chosen = tuple(sorted(setting_values.merged(object_sync.integration).items()))
    return _built(object_sync.integration.system, object_sync.key, chosen)


def by_settings(object_sync: ObjectSync, config: SyncConfig) -> SyncConfig:
    """Return a published configuration with what the settings of now give to new records.

    A default owner who left is then replaced without another publishing.
    """
    if not spec_of(object_sync).configurable:
        return config
    start = start_config_of(object_sync)
    return replace(
        config,
        hubspot=_born_as(config.hubspot, start.hubspot),
        target=_born_as(config.target, start.target),
    )


def _born_as(side: SideObject, start: SideObject) -> SideObject:
    return replace(side, born_with=start.born_with, joins=start.joins)


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


# ---------------------------------------------------------------- activation


def activate(integration: Integration, user: AbstractBaseUser) -> None:
    """Create or revive the object syncs with their lanes, in the order of the spec.

    A sync that was published before goes on with its version, one that an admin configures waits
    for its first publishing; one with a fixed mapping gets its version by `activation.follow`. The
    HubSpot fields must exist by then: see `hubspot_fields`. Runs in the caller's transaction.
    """
    spec = connector_spec_of(integration)
    with transaction.atomic():
        integration.settings = setting_values.merged(integration)
        integration.state = SyncState.ACTIVE
        integration.save(update_fields=["settings", "state"])
        for pair in spec.syncs:
            row, _created = ObjectSync.objects.get_or_create(
                integration=integration,
                key=pair.key,
                defaults={
                    "tenant": integration.tenant,
                    "hubspot_object": pair.hubspot_object,
                    "target_object": pair.target_object,
                    "state": SyncState.SETUP,
                },
            )
            Lane.objects.get_or_create(object_sync=row)
            set_state([row], SyncState.ACTIVE)
        schedules.follow(*integration.object_syncs.all())
        audit.record(
            integration.tenant, "integration.activated", user=user, integration=integration
        )


def publish_settings(row: ObjectSync, user: AbstractBaseUser | None) -> SyncVersion | None:
    """Publish the integration's settings as a version unless the published one says the same.

    For a sync with a fixed mapping.
    """
    config = {SETTINGS: dict(row.integration.settings)}
    if row.version is not None and row.version.config == config:
        return None
    newest = row.versions.order_by("-number").first()
    version = SyncVersion.objects.create(
        object_sync=row,
        number=newest.number + 1 if newest else 1,
        config=config,
        published_by_id=user.pk if user else None,
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
        elif not readiness.is_on(what):
            raise ConfigInvalid("It is switched off in the settings.")
        else:
            rows = [what]
        set_state(rows, state, reason)
        schedules.follow(*rows)
        action = "sync.resumed" if reason is None else "sync.paused"
        only = what if isinstance(what, ObjectSync) else None
        audit.record(row.tenant, action, user=user, integration=row, object_sync=only)
        if reason is None:
            hints.wake([each.pk for each in rows])


def set_state(rows: Iterable[ObjectSync], state: SyncState, reason: Reason | None = None) -> None:
    """Set a state, or what keeps a sync from it: see `readiness.state_of`."""
    for row in rows:
        row.state, row.reason, row.reason_detail = readiness.state_of(row, state, reason)
        row.not_before, row.failures = None, 0
        row.save(update_fields=["state", "reason", "reason_detail", "not_before", "failures"])
