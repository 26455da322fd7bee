"""What people decide about merges: remove the extra record, keep it, done by hand, try again.

Carrying it out is the lane's work (`merging.py`); undoing a merge is in `unmerging.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Final

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.engine.config import MergePolicy
from integrations.engine.pairs import Action
from integrations.engine.ports import Priority
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.models import Intent, Merge, MergeState, RecordLink, Review
from integrations.services import audit, connectors, hints, leases, merge_rows, syncs, tenants
from integrations.services.audit import AuditDraft
from integrations.services.merge_journal import UNSETTLED
from integrations.services.merge_rows import MergeRefused
from integrations.services.merge_steps import obstacle

WAITING: Final = (MergeState.HELD, MergeState.FAILING)
"""States in which a person may decide."""


def why_not_removable(merge: Merge) -> str:
    """Return why the portal can never remove the extra record of a merge, "" if it can."""
    object_sync = merge.object_sync
    if object_sync.integration.target is None:
        return _("The other system is not connected.")
    target = connectors.open_pair(object_sync, Priority.PERSON)[Side.TARGET]
    return obstacle(object_sync, syncs.config_of(object_sync), target)


def remove(merge: Merge, user: AbstractBaseUser) -> None:
    """Let the extra record be removed after everything points to the kept one.

    Raises PermissionDenied, or MergeRefused where the portal cannot do it.
    """
    tenants.require(user, merge.tenant, change=True)
    if reason := why_not_removable(merge):
        raise MergeRefused(reason)
    with _deciding(merge, user, WAITING) as row:
        row.policy = MergePolicy.ARCHIVE.value
        _start(row)
        row.steps = [*row.steps, _step(row, merge_rows.DECIDED, user)]
        row.save()
        asked = Review.objects.filter(link=row.loser_id, reason=Reason.MERGE_CONFLICT)
        asked.filter(closed_at=None).update(closed_at=timezone.now(), closed_by_id=user.pk)
        _record(row, "merge.remove", user)


def keep(merge: Merge, user: AbstractBaseUser) -> None:
    """Leave the extra record as it is, for good; raises PermissionDenied or MergeRefused."""
    _settle(merge, user, "keep")


def done_by_hand(merge: Merge, user: AbstractBaseUser) -> None:
    """Note that a person has merged the two records there; raises as `keep`."""
    _settle(merge, user, "by_hand")


def retry(merge: Merge, user: AbstractBaseUser) -> None:
    """Let a failed step be tried again now; raises PermissionDenied or MergeRefused."""
    with _deciding(merge, user, merge_rows.AUTOMATIC) as row:
        _start(row)
        row.save()
        _record(row, "merge.retry", user)


def _settle(merge: Merge, user: AbstractBaseUser, how: str) -> None:
    with _deciding(merge, user, WAITING) as row:
        refuse_while_removed(row)
        row.steps = [*row.steps, _step(row, how, user)]
        row.save(update_fields=["steps"])
        merge_rows.end(row, MergeState.DONE, user)
        detail = ENDED[how] % row.loser.target_id
        RecordLink.objects.filter(pk=row.loser_id).update(
            reason=Reason.SUPERSEDED, detail=detail, decided_at=timezone.now()
        )
        _record(row, f"merge.{how}", user)


def refuse_while_removed(row: Merge) -> None:
    """Raise MergeRefused while the removal of the extra record is under way or not known to end."""
    removing = Intent.objects.filter(
        object_sync=row.object_sync_id, link=row.loser_id, action=Action.ARCHIVE.value
    )
    if removing.filter(state__in=UNSETTLED).exists():
        raise MergeRefused(_("The record is being removed just now. Try again in a minute."))


ENDED: Final = {
    "keep": "A person decided to keep %s.",
    "by_hand": "A person merged %s by hand.",
}


@contextmanager
def _deciding(
    merge: Merge, user: AbstractBaseUser, states: Collection[MergeState]
) -> Iterator[Merge]:
    """Hold a merge while a person decides; no settlement of its lane comes between."""
    tenants.require(user, merge.tenant, change=True)
    with transaction.atomic():
        leases.wait_for_settling([merge.object_sync_id])
        rows = Merge.objects.select_for_update(of=("self",), no_key=True)
        row = rows.select_related("loser").get(pk=merge.pk)
        if row.state not in states:
            raise MergeRefused(_("This merge was decided meanwhile. Look at it again."))
        yield row
    merge.refresh_from_db()


def _start(row: Merge) -> None:
    row.state, row.attempts, row.due_at = MergeState.OPEN, 0, timezone.now()
    row.reason = row.detail = ""
    hints.wake([row.object_sync_id])


def _step(row: Merge, key: str, user: AbstractBaseUser) -> merge_rows.Step:
    return merge_rows.step(key, "", row.loser.target_id, by=user.get_username())


def _record(row: Merge, action: str, user: AbstractBaseUser) -> None:
    audit.append([draft(row, action, user)])


def draft(
    row: Merge, action: str, user: AbstractBaseUser, reason: Reason = Reason.MERGE_CONFLICT
) -> AuditDraft:
    """Return the audit entry of what a person did about a merge, under its ended link."""
    return AuditDraft(
        tenant_id=row.tenant_id,
        action=action,
        reason=reason,
        detail=f"{row.loser.target_id} ({', '.join(row.old_ids)} → {row.hubspot_id})",
        object_sync_id=row.object_sync_id,
        link_id=row.loser_id,
        hubspot_id=row.loser.hubspot_id,
        target_id=row.loser.target_id,
        actor_id=user.pk,
    )
