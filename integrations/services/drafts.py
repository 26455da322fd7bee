"""The one draft per object sync: opened, edited by one person at a time, thrown away.

The single steps of editing are in `engine.edits`; what a draft would do is in `previews`, and how
it comes into force in `publishing`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.engine import stored, versions
from integrations.engine.checks import Problem, Severity, check
from integrations.engine.config import SyncConfig
from integrations.engine.drift import Drift, repaired
from integrations.engine.edits import Ground, within_limits
from integrations.engine.errors import ConfigInvalid
from integrations.engine.importing import foreseen
from integrations.engine.reconcile import mapper_of
from integrations.engine.records import Side
from integrations.engine.versions import Difference
from integrations.models import Draft, ObjectSync
from integrations.services import audit, connectors, schemas, syncs, tenants


class DraftChanged(Exception):
    """Somebody else saved or published in between. The message is a sentence for people."""


class DraftInvalid(Exception):
    """A draft that cannot run. `problems` are the errors to put right, with their places."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(problem.sentence for problem in problems))
        self.problems = tuple(problems)


def of(object_sync: ObjectSync) -> Draft:
    """Return the draft; without one it is made from what is published, or from the spec's start.

    Raises ConfigInvalid for a sync whose mapping is fixed.
    """
    if not syncs.spec_of(object_sync).configurable:
        raise ConfigInvalid("The mapping of this sync is fixed.")
    found = Draft.objects.filter(object_sync=object_sync).first()
    if found is None:
        found, _created = Draft.objects.get_or_create(
            object_sync=object_sync,
            defaults={
                "config": stored.to_json(published_or_start(object_sync)),
                "based_on": object_sync.version.number if object_sync.version else 0,
                "edited_at": timezone.now(),
            },
        )
    found.object_sync = object_sync
    return found


def published_or_start(object_sync: ObjectSync) -> SyncConfig:
    """Return the configuration a new draft starts from."""
    if object_sync.version is None:
        return within_limits(syncs.start_config_of(object_sync), _start(object_sync))
    return within_limits(syncs.config_of(object_sync), _start(object_sync))


def config_of(draft: Draft) -> SyncConfig:
    """Return what the draft says, in the limits of its spec as it is now."""
    return within_limits(stored.from_json(draft.config), _start(draft.object_sync))


def ground(object_sync: ObjectSync, *, fresh: bool = False) -> Ground:
    """Return what a draft stands on; `fresh` reads both field lists anew (may raise SyncError)."""
    known = schemas.of_sync(object_sync, fresh=fresh)
    return Ground(
        _start(object_sync),
        known[Side.HUBSPOT],
        known[Side.TARGET],
        syncs.spec_of(object_sync).locked,
        connectors.spec_of(object_sync.integration.system).makes_fields,
        connectors.adds_options(object_sync.integration.system),
        syncs.spec_of(object_sync).hidden,
    )


def problems(draft: Draft, *, fresh: bool = False) -> tuple[Problem, ...]:
    """Return what is wrong with a draft or deserves a look, errors first.

    It is judged by the field lists as they were read last; `fresh` reads them anew and may raise a
    SyncError.
    """
    return _judged(draft.object_sync, config_of(draft), fresh=fresh)


def refuse_errors(object_sync: ObjectSync, config: SyncConfig, *, fresh: bool = False) -> None:
    """Raise DraftInvalid if a configuration cannot run on the fields as they were read last.

    `fresh` reads them anew and may raise a SyncError.
    """
    found = _judged(object_sync, config, fresh=fresh)
    errors = [each for each in found if each.severity is Severity.ERROR]
    if errors:
        raise DraftInvalid(errors)


def differences(draft: Draft) -> tuple[Difference, ...]:
    """Return what publishing the draft would change; everything, if it would be the first time."""
    row = draft.object_sync
    old = syncs.config_of(row) if row.version else replace(config_of(draft), rules=(), filters=())
    return versions.differences(old, config_of(draft))


def save(draft: Draft, config: SyncConfig, user: AbstractBaseUser, revision: int) -> Draft:
    """Store an edited configuration and return the draft as it is now.

    `revision` is the one the person edited. Raises DraftChanged, PermissionDenied, ConfigInvalid
    where a transform cannot be used at all, or the SyncError of reading HubSpot's fields, if they
    were never read.
    """
    row = draft.object_sync
    tenants.require(user, row.tenant, change=True)
    config = _limited(config, row)
    mapper_of(config)
    _store(draft, config, user, revision, "draft.saved")
    return draft


def repair(draft: Draft, drift: Drift, user: AbstractBaseUser, revision: int) -> Draft:
    """Accept what was proposed for a changed field; raises like `save`."""
    return save(draft, repaired(config_of(draft), drift.repairs), user, revision)


def replace_with(
    draft: Draft, config: SyncConfig, user: AbstractBaseUser, *, action: str, detail: str
) -> Draft:
    """Put another configuration in the draft's place, whatever it says (a roll-back, a repair)."""
    tenants.require(user, draft.object_sync.tenant, change=True)
    config = _limited(config, draft.object_sync)
    _store(draft, config, user, draft.revision, action, detail)
    return draft


def refuse_stale(draft: Draft, revision: int) -> None:
    """Raise DraftChanged unless a person's page showed the draft as it is now."""
    if draft.revision != revision:
        raise _changed()


def discard(draft: Draft, user: AbstractBaseUser) -> None:
    """Throw the draft away; what is published stays."""
    row = draft.object_sync
    tenants.require(user, row.tenant, change=True)
    with transaction.atomic():
        Draft.objects.filter(pk=draft.pk).delete()
        audit.record(row.tenant, "draft.discarded", user=user, object_sync=row)


def _store(
    draft: Draft,
    config: SyncConfig,
    user: AbstractBaseUser,
    revision: int,
    action: str,
    detail: str = "",
) -> None:
    row = draft.object_sync
    with transaction.atomic():
        mine = Draft.objects.filter(pk=draft.pk, revision=revision)
        saved = mine.update(
            config=stored.to_json(config),
            revision=F("revision") + 1,
            edited_at=timezone.now(),
            edited_by_id=user.pk,
        )
        if not saved:
            raise _changed()
        draft.refresh_from_db()
        draft.object_sync = row
        audit.record(
            row.tenant,
            action,
            user=user,
            object_sync=row,
            detail=detail or f"revision {draft.revision}",
        )


def _changed() -> DraftChanged:
    return DraftChanged(_("Somebody else has changed or published this draft. Look at it again."))


def _judged(row: ObjectSync, config: SyncConfig, *, fresh: bool) -> tuple[Problem, ...]:
    return judged(config, ground(row, fresh=fresh))


def judged(config: SyncConfig, known: Ground) -> tuple[Problem, ...]:
    """Return what is wrong with a configuration on some ground.

    Options that publishing adds to the target's picklists are no problem.
    """
    target = known.target
    if known.adds_options:
        target = foreseen(config.rules, known.hubspot, target)
    return check(config, known.hubspot, target, locked=known.locked)


def _limited(config: SyncConfig, row: ObjectSync) -> SyncConfig:
    known = schemas.fields(row.integration.hubspot, row.hubspot_object)
    return within_limits(config, _start(row), known)


def _start(object_sync: ObjectSync) -> SyncConfig:
    return syncs.start_config_of(object_sync)
