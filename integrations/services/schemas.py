"""The live field lists of connected accounts, and what their changes do to published syncs.

What breaks and how it is mended is judged in the engine; nothing here reads records.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from integrations.engine import stored
from integrations.engine.config import SyncConfig
from integrations.engine.drift import Drift, blocking, compare_fields, from_dict, pause, to_dict
from integrations.engine.errors import ConfigInvalid, SyncError
from integrations.engine.ports import Priority
from integrations.engine.records import Side
from integrations.engine.specs import FieldSpec
from integrations.models import (
    Connection,
    ConnectionState,
    FieldSchema,
    ObjectSync,
    RunKind,
    SyncState,
)
from integrations.services import (
    audit,
    connectors,
    picklists,
    requirements,
    runs,
    syncs,
    tenants,
)
from integrations.services.picklists import Brought

log = logging.getLogger(__name__)

Fields = dict[str, FieldSpec]


def fields(connection: Connection, object_type: str, *, fresh: bool = False) -> Fields:
    """Return the fields of an object type by name, as stored; `fresh` asks the system first.

    A list that was never read is asked for too. Raises the SyncError of that call.
    """
    known = FieldSchema.objects.filter(connection=connection, object_type=object_type).first()
    if known is not None and not fresh:
        return stored.fields_from_json(known.fields)
    connector = connectors.open_connector(connection, priority=Priority.PERSON, fresh=fresh)
    described = connector.describe(object_type)
    store(connection, object_type, described)
    return {spec.name: spec for spec in described}


def store(connection: Connection, object_type: str, specs: Iterable[FieldSpec]) -> None:
    """Keep a field list that was just read, or that is known to have grown."""
    FieldSchema.objects.update_or_create(
        connection=connection,
        object_type=object_type,
        defaults={"fields": stored.fields_to_json(specs), "read_at": timezone.now()},
    )


def of_sync(object_sync: ObjectSync, *, fresh: bool = False) -> dict[Side, Fields]:
    """Return both sides' fields; raises like `fields`, or ConfigInvalid without a target."""
    integration = object_sync.integration
    if integration.target is None:
        raise ConfigInvalid("The other system is not connected.")
    return {
        Side.HUBSPOT: fields(integration.hubspot, object_sync.hubspot_object, fresh=fresh),
        Side.TARGET: fields(integration.target, object_sync.target_object, fresh=fresh),
    }


def used(config: SyncConfig, known: Mapping[Side, Mapping[str, FieldSpec]]) -> dict[Side, Fields]:
    """Return the definitions a configuration rests on: of the fields it reads, and required ones.

    They are kept with the version that is published, to be compared with later ones.
    """
    return {
        side: {
            name: spec
            for name, spec in sorted(known[side].items())
            if spec.required or name in config.fields(side)
        }
        for side in Side
    }


# ---------------------------------------------------------------- what changed since publishing


def drifts(object_sync: ObjectSync) -> tuple[Drift, ...]:
    """Return what changed in the fields of both systems since publishing, as judged last."""
    return tuple(map(from_dict, object_sync.drift))


def effective(object_sync: ObjectSync, config: SyncConfig) -> SyncConfig:
    """Return the published configuration without the rules that changed fields break.

    Raises ConfigInvalid where the sync cannot go on without one of those fields. Asks nobody.
    """
    if not object_sync.drift:
        return config
    found = drifts(object_sync)
    if problem := blocking(config, found):
        raise ConfigInvalid(problem)
    return pause(config, found)[0]


def refresh(connection: Connection, object_type: str) -> None:
    """Read a field list anew and judge every published sync that uses it; raises like `fields`.

    New options of HubSpot's picklists are imported before.
    """
    before = fields(connection, object_type)
    fields(connection, object_type, fresh=True)
    here = Q(integration__hubspot=connection, hubspot_object=object_type)
    there = Q(integration__target=connection, target_object=object_type)
    for row in _published().filter(here | there):
        _follow_options(row, before if row.integration.target == connection else None)
        judge(row)


def refresh_sync(object_sync: ObjectSync, user: AbstractBaseUser) -> Brought:
    """Read both field lists of a sync anew, import new options, and judge what changed.

    Returns the options that were added to the target, and those a person has to add. Raises
    PermissionDenied, or the SyncError of asking.
    """
    tenants.require(user, object_sync.tenant, change=True)
    before = of_sync(object_sync)[Side.TARGET]
    of_sync(object_sync, fresh=True)
    row = _published().filter(pk=object_sync.pk).first()
    if row is None:
        return Brought()
    brought = _follow_options(row, before)
    judge(row)
    return brought


def _follow_options(object_sync: ObjectSync, before: Fields | None) -> Brought:
    """Add options that the target's picklists lack; `before` are its fields as they were so far.

    Records that were refused are tried again where it has more options now, whoever added them.
    """
    known, config = of_sync(object_sync), syncs.config_of(object_sync)
    before = dict(known[Side.TARGET]) if before is None else before
    target = object_sync.integration.target
    brought = picklists.bring(object_sync, config, known)
    if brought.added and target is not None:
        store(target, object_sync.target_object, known[Side.TARGET].values())
        picklists.told(object_sync, brought.added)
    if picklists.gained(config, before, known[Side.TARGET]):
        picklists.retry(object_sync)
    return brought


def refresh_all() -> int:
    """Read every field list that a published sync rests on; returns how many could not be read."""
    wanted: dict[tuple[object, str], Connection] = {}
    for row in _published():
        integration = row.integration
        for connection, kind in (
            (integration.hubspot, row.hubspot_object),
            (integration.target, row.target_object),
        ):
            if connection is not None and connection.state == ConnectionState.ACTIVE:
                wanted[connection.pk, kind] = connection
    failed = 0
    for (_key, kind), connection in wanted.items():
        try:
            refresh(connection, kind)
        except SyncError as error:
            log.warning("The fields of %s cannot be read: %s", connection.pk, error.reason)
            failed += 1
    return failed


def judge(object_sync: ObjectSync) -> tuple[Drift, ...]:
    """Compare the field lists as read last with those at publishing and act on what changed.

    Broken rules pause, a sync that cannot go on is held, and what is mended goes on by itself: a
    full pass then catches up with what changed meanwhile.
    """
    now = of_sync(object_sync)
    with transaction.atomic():
        row = _published().select_for_update(no_key=True, of=("self",)).get(pk=object_sync.pk)
        config, before = syncs.config_of(row), drifts(row)
        then = _at_publishing(row)
        after = tuple(
            drift
            for side in Side
            for drift in compare_fields(config, then[side], now[side], side, now[side.other])
        )
        if after != before:
            row.drift = [to_dict(drift) for drift in after]
            row.save(update_fields=["drift"])
            _act(row, config, before, after)
    return after


def _act(
    row: ObjectSync, config: SyncConfig, before: tuple[Drift, ...], after: tuple[Drift, ...]
) -> None:
    new = [drift.sentence for drift in after if drift not in before]
    if new:
        audit.record(row.tenant, "fields.changed", object_sync=row, detail=" ".join(new)[:1000])
    if problem := blocking(config, after):
        runs.hold_sync(row, ConfigInvalid(problem))
        return
    if blocking(config, before):
        requirements.release([row])
    mended = _paused(before) - _paused(after)
    if mended:
        audit.record(row.tenant, "fields.mended", object_sync=row, detail=", ".join(sorted(mended)))
        row.refresh_from_db(fields=["state"])
        if row.state == SyncState.ACTIVE:
            runs.open_run(row, RunKind.RECONCILE)


def _paused(found: tuple[Drift, ...]) -> set[str]:
    return {where for drift in found for where in drift.pauses}


def _at_publishing(row: ObjectSync) -> dict[Side, Fields]:
    kept = row.version.config.get(syncs.FIELDS, {}) if row.version else {}
    return {side: stored.fields_from_json(kept.get(side.value, ())) for side in Side}


def _published() -> QuerySet[ObjectSync]:
    """Return the object syncs whose configuration was published with its field definitions."""
    rows = ObjectSync.objects.exclude(state=SyncState.UNINSTALLED)
    return rows.filter(version__config__has_key=syncs.FIELDS).select_related(
        "tenant", "version", "integration__hubspot", "integration__target"
    )
