"""How a draft comes into force: bound to its preview, with the fields it needs, as a new version.

Also the history of versions. Reads no records; what was previewed is in `previews`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.engine import stored
from integrations.engine.compatibility import suggestions
from integrations.engine.config import SyncConfig
from integrations.engine.edits import is_new
from integrations.engine.errors import ConfigInvalid
from integrations.engine.extras import FieldMaking
from integrations.engine.importing import shares_values
from integrations.engine.mapping import FieldRule
from integrations.engine.ports import Priority
from integrations.engine.records import FieldType, Side
from integrations.engine.selecting import fitted
from integrations.engine.versions import Difference
from integrations.engine.versions import differences as compared
from integrations.models import (
    Draft,
    JobRun,
    ObjectSync,
    Preview,
    PreviewState,
    RunKind,
    SyncState,
    SyncVersion,
)
from integrations.services import (
    audit,
    connectors,
    drafts,
    hints,
    picklists,
    previews,
    readiness,
    requirements,
    runs,
    schedules,
    schemas,
    syncs,
    tenants,
)
from integrations.services.schemas import Fields

APPROVES: Final = timedelta(hours=1)
"""For how long a preview of all records also answers what the breaker would ask."""


class PublishRefused(Exception):
    """The preview does not show what would happen now. The message is a sentence for people."""


def publish(
    preview: Preview,
    user: AbstractBaseUser,
    *,
    start: datetime | None = None,
    sides: Collection[Side] = tuple(Side),
    note: str = "",
) -> SyncVersion:
    """Put a previewed draft into force and open the run that carries it out.

    Fields to be made in the target are made first; that may be repeated, so a failure there is
    mended by publishing again. `start` (only records changed since) and `sides` (only these are
    read) are for the first load. Raises PublishRefused, DraftInvalid, PermissionDenied, or a
    SyncError.
    """
    row = preview.object_sync
    tenants.require(user, row.tenant, change=True)
    readiness.require_on(row)
    _refuse_unlike(preview)
    known = schemas.of_sync(row, fresh=True)
    if not previews.is_current(preview):
        raise PublishRefused(
            _(
                "Fields used here have changed in one of the systems since the preview. "
                "Preview again."
            )
        )
    config = previews.config_of(preview)
    drafts.refuse_errors(row, config)
    config = _with_fields(row, config, known)
    _import_options(row, config, known)
    drafts.refuse_errors(row, config)
    with transaction.atomic():
        locked = ObjectSync.objects.select_for_update(no_key=True, of=("self",)).select_related(
            "integration__hubspot", "integration__target", "version", "tenant"
        )
        row = locked.get(pk=row.pk)
        preview.object_sync = row
        _refuse_unlike(preview, lock=True)
        version = _store(row, config, known, user, note)
        _put_into_force(row, version, config, user)
        _open_run(row, preview, user, start, sides)
    return version


def versions(object_sync: ObjectSync) -> Sequence[SyncVersion]:
    """Return the published versions, newest first."""
    return list(object_sync.versions.select_related("published_by").order_by("-number"))


def differences(
    object_sync: ObjectSync, old: SyncVersion, new: SyncVersion
) -> tuple[Difference, ...]:
    """Return what one version of a sync does differently from another."""
    return compared(
        syncs.config_of_version(object_sync, old), syncs.config_of_version(object_sync, new)
    )


def roll_back(object_sync: ObjectSync, number: int, user: AbstractBaseUser) -> Draft:
    """Make an earlier version the draft; it is previewed and published like any other.

    Raises SyncVersion.DoesNotExist, PermissionDenied or DraftChanged.
    """
    tenants.require(user, object_sync.tenant, change=True)
    version = object_sync.versions.get(number=number)
    config = syncs.config_of_version(object_sync, version)
    draft = drafts.of(object_sync)
    return drafts.replace_with(
        draft, config, user, action="draft.rolled_back", detail=f"to version {number}"
    )


def _refuse_unlike(preview: Preview, *, lock: bool = False) -> None:
    """Refuse if draft or version are not the previewed ones; `lock` keeps editors out till then."""
    preview.refresh_from_db(fields=["state"])
    if preview.state != PreviewState.DONE:
        raise PublishRefused(_("The preview is not finished."))
    rows = Draft.objects.select_for_update() if lock else Draft.objects.all()
    draft = rows.filter(object_sync=preview.object_sync).first()
    if draft is None or draft.revision != preview.revision:
        raise PublishRefused(_("The draft was changed since this preview. Preview it again."))
    number = preview.object_sync.version.number if preview.object_sync.version else 0
    if preview.based_on != number:
        raise PublishRefused(_("Another version was published since this preview. Preview again."))


# ---------------------------------------------------------------- fields in the target


def _with_fields(row: ObjectSync, config: SyncConfig, known: dict[Side, Fields]) -> SyncConfig:
    """Make the fields that are still missing in the target and name them in the rules."""
    if not any(is_new(rule) for rule in config.rules):
        return config
    target = row.integration.target
    connector = connectors.open_pair(row, Priority.PERSON)[Side.TARGET]
    if target is None or not isinstance(connector, FieldMaking):
        raise ConfigInvalid("New fields cannot be made in the other system.")
    rules = []
    for rule in config.rules:
        if is_new(rule):
            spec = known[Side.HUBSPOT][rule.hubspot]
            made = connector.make_field(row.target_object, spec, rule.hubspot)
            known[Side.TARGET][made.name] = made
            as_it_is = connectors.adds_options(row.integration.system)
            as_it_is = as_it_is and shares_values(spec, made)
            rule = replace(rule, target=made.name)
            rule = rule if as_it_is else _joined(rule, known)
        rules.append(rule)
    schemas.store(target, row.target_object, known[Side.TARGET].values())
    return replace(config, rules=tuple(rules))


def _import_options(row: ObjectSync, config: SyncConfig, known: dict[Side, Fields]) -> None:
    """Add the options that picklists of the target lack; that may be repeated, too."""
    brought = picklists.bring(row, config, known)
    if brought.added and row.integration.target is not None:
        schemas.store(row.integration.target, row.target_object, known[Side.TARGET].values())
        picklists.told(row, brought.added)
        picklists.retry(row)


def _joined(rule: FieldRule, known: dict[Side, Fields]) -> FieldRule:
    """Let a rule spell its values as the made field does, unless the person chose how."""
    if rule.transform or rule.type not in (FieldType.CHOICE, FieldType.MULTI_CHOICE):
        return rule
    fits = suggestions(known[Side.HUBSPOT][rule.hubspot], known[Side.TARGET][rule.target])
    return replace(fitted(rule, fits[0]), direction=rule.direction) if fits else rule


# ---------------------------------------------------------------- the version and its run


def _store(
    row: ObjectSync,
    config: SyncConfig,
    known: dict[Side, Fields],
    user: AbstractBaseUser,
    note: str,
) -> SyncVersion:
    packed = stored.to_json(replace(config, version=0))
    definitions = schemas.used(config, known)
    earlier = list(row.versions.order_by("-number"))
    current = row.version_id
    restored = next(
        (v.number for v in earlier if v.pk != current and v.config.get(syncs.CONFIG) == packed), 0
    )
    return SyncVersion.objects.create(
        object_sync=row,
        number=earlier[0].number + 1 if earlier else 1,
        config={
            syncs.SETTINGS: dict(row.integration.settings),
            syncs.CONFIG: packed,
            syncs.FIELDS: {
                side.value: stored.fields_to_json(specs.values())
                for side, specs in definitions.items()
            },
        },
        note=note[:500],
        restored_from=restored,
        published_by_id=user.pk,
    )


def _put_into_force(
    row: ObjectSync, version: SyncVersion, config: SyncConfig, user: AbstractBaseUser
) -> None:
    changes = compared(syncs.config_of(row), config) if row.version else ()
    said = "; ".join(f"{c.label}: {c.before or '–'} → {c.after or '–'}" for c in changes)
    row.version, row.drift = version, []
    if row.state == SyncState.SETUP:
        row.state = SyncState.ACTIVE
    row.save(update_fields=["version", "drift", "state"])
    requirements.release([row])
    row.refresh_from_db(fields=["state", "reason", "reason_detail"])
    schedules.follow(row)
    Draft.objects.filter(object_sync=row).delete()
    audit.record(
        row.tenant,
        "version.published",
        user=user,
        object_sync=row,
        detail=f"version {version.number}. {said}".strip(". ")[:1000],
    )


def _shows_all(preview: Preview) -> bool:
    """Tell whether a preview stands for what the run will do, so that no breaker has to ask.

    Records go on changing: an old one is no reason to switch the breaker off.
    """
    ended = preview.ended_at
    return not preview.sampled and ended is not None and timezone.now() - ended < APPROVES


def _open_run(
    row: ObjectSync,
    preview: Preview,
    user: AbstractBaseUser,
    start: datetime | None,
    sides: Collection[Side],
) -> JobRun:
    """Open the run that applies the version; runs of the one before it end."""
    scope: dict[str, Any] = {"approved": True} if _shows_all(preview) else {}
    is_first = preview.based_on == 0
    if is_first:
        scope["since"] = start.isoformat() if start else None
        scope["sides"] = [side.value for side in Side if side in sides]
    kinds = (RunKind.BACKFILL, RunKind.RECONCILE)
    for run in JobRun.objects.filter(object_sync=row, kind__in=kinds, state__in=runs.OPEN):
        runs.cancel(run, user)
    kind = RunKind.BACKFILL if is_first else RunKind.RECONCILE
    hints.wake([row.pk])
    return runs.open_run(row, kind, requested_by=user, scope=scope)
