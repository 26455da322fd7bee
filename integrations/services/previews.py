"""What a draft would do to the records there are: the real engine, stopped before it writes.

A preview is a run of its lane, worked page by page in `preview_pages`. Here it is started, judged
and shown.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.engine import stored
from integrations.engine.config import SyncConfig
from integrations.engine.errors import ConfigInvalid
from integrations.engine.records import Side
from integrations.engine.specs import FieldSpec
from integrations.models import (
    Draft,
    JobRun,
    ObjectSync,
    Preview,
    PreviewItem,
    PreviewState,
    RunKind,
)
from integrations.services import audit, drafts, runs, schemas, tenants, vault
from integrations.services.explain import FieldView

LIMIT: Final = 5_000
"""How many pairs a preview looks at; with more it is a sample and says so."""
PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class PreviewRecord:
    """One record of a preview, opened for display. `label` is what people call it."""

    item: PreviewItem
    label: str
    fields: tuple[FieldView, ...]


def start(object_sync: ObjectSync, user: AbstractBaseUser) -> Preview:
    """Check the draft against both systems as they are now and start its preview.

    Earlier previews of the sync go. Raises DraftInvalid with the problems, PermissionDenied, or a
    SyncError when a system cannot be asked.
    """
    tenants.require(user, object_sync.tenant, change=True)
    draft = drafts.of(object_sync)
    config = drafts.config_of(draft)
    drafts.refuse_errors(object_sync, config, fresh=True)
    digest = digest_of(config, object_sync)
    with transaction.atomic():
        ObjectSync.objects.select_for_update(no_key=True).get(pk=object_sync.pk)
        end(object_sync)
        run = runs.open_run(object_sync, RunKind.PREVIEW, requested_by=user)
        return Preview.objects.create(
            tenant=object_sync.tenant,
            object_sync=object_sync,
            run=run,
            digest=digest,
            config=stored.to_json(config),
            revision=draft.revision,
            based_on=draft.based_on,
            requested_by_id=user.pk,
        )


def end(object_sync: ObjectSync) -> None:
    """Forget the previews of a sync and stop the one that runs."""
    for run in JobRun.objects.filter(
        object_sync=object_sync, kind=RunKind.PREVIEW, state__in=runs.OPEN
    ):
        runs.cancel(run)
    Preview.objects.filter(object_sync=object_sync).delete()


def latest(object_sync: ObjectSync) -> Preview | None:
    """Return the sync's preview. One whose run was cancelled is shown as failed."""
    rows = Preview.objects.filter(object_sync=object_sync).select_related("run")
    found = rows.order_by("-id").first()
    is_running = found is not None and found.state == PreviewState.RUNNING
    if found and is_running and (found.run is None or found.run.state not in runs.OPEN):
        found.state, found.problem = PreviewState.FAILED, _("The preview was stopped.")
    return found


def of_run(run: JobRun) -> Preview | None:
    """Return the preview a run works on; None if it was thrown away meanwhile."""
    return Preview.objects.filter(run=run).first()


def config_of(preview: Preview) -> SyncConfig:
    """Return the configuration that is previewed."""
    return stored.from_json(preview.config)


def digest_of(config: SyncConfig, object_sync: ObjectSync) -> str:
    """Return the digest of a configuration and the fields it uses, as they were read last."""
    known = schemas.used(config, schemas.of_sync(object_sync))
    specs: list[FieldSpec] = [spec for side in Side for spec in known[side].values()]
    return stored.fingerprint(config, specs)


def is_current(preview: Preview) -> bool:
    """Tell whether draft, published version and fields are still those that were previewed."""
    row = preview.object_sync
    draft = Draft.objects.filter(object_sync=row).first()
    if draft is None or draft.revision != preview.revision:
        return False
    number = row.version.number if row.version else 0
    if preview.based_on != number:
        return False
    draft.object_sync = row
    try:
        return digest_of(drafts.config_of(draft), row) == preview.digest
    except ConfigInvalid:
        return False


def finish(preview: Preview, state: PreviewState, problem: str = "") -> None:
    """End a preview; `problem` says why it failed."""
    preview.state, preview.problem, preview.ended_at = state, problem[:500], timezone.now()
    preview.save(update_fields=["state", "problem", "ended_at"])
    audit.record(
        preview.tenant,
        f"preview.{state.value}",
        object_sync=preview.object_sync,
        detail=problem or f"{preview.seen} records",
    )


def items(
    preview: Preview,
    *,
    action: str = "",
    reason: str = "",
    after: int = 0,
    limit: int = PAGE,
) -> tuple[PreviewRecord, ...]:
    """Return some records of a preview, opened, with ids above `after` in their order."""
    rows = PreviewItem.objects.filter(preview=preview, pk__gt=after)
    if action:
        rows = rows.filter(action=action)
    if reason:
        rows = rows.filter(reason=reason)
    return tuple(_opened(row) for row in rows.order_by("pk")[:limit])


def place(preview_id: int, hubspot_id: str, target_id: str) -> str:
    """Return the associated data under which a preview's record is sealed."""
    return f"preview:{preview_id}:{hubspot_id}|{target_id}"


def _opened(row: PreviewItem) -> PreviewRecord:
    if not row.fields:
        return PreviewRecord(row, "", ())
    where = place(row.preview_id, row.hubspot_id, row.target_id)
    try:
        opened = json.loads(vault.unseal(row.fields, aad=where))
    except vault.SealBroken:
        # Its key was taken away since: the counts still stand, and a new preview shows all.
        return PreviewRecord(row, "", ())
    return PreviewRecord(row, opened["label"], tuple(FieldView(**f) for f in opened["fields"]))
