"""Undoing what a merge did to links: the extra record gets a HubSpot record of its own again.

HubSpot itself cannot undo a merge, and its old ids go on answering with the survivor. So a person
names the HubSpot record, or lets a new one be made; what both sides agreed on before comes back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.engine.config import SyncConfig
from integrations.engine.pairs import Base, LinkState
from integrations.engine.ports import EXTERNAL_KEY, Priority
from integrations.engine.reasons import Reason
from integrations.engine.records import Record, Side, digest
from integrations.engine.references import References
from integrations.models import Alias, Intent, Merge, MergeState
from integrations.services import (
    audit,
    connectors,
    dependencies,
    hints,
    leases,
    ledger_sql,
    merge_children,
    merge_choices,
    merge_rows,
    reviews,
    tenants,
)
from integrations.services.audit import AuditDraft
from integrations.services.hints import NewHint
from integrations.services.merge_journal import UNSETTLED
from integrations.services.merge_rows import Before, MergeRefused
from integrations.services.slices import Session, digest_key

LIVE_PAIR: Final = frozenset(LinkState) - {LinkState.GONE, LinkState.SUPERSEDED}


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a person sees before undoing a merge. `problem` says why it cannot be done now.

    `before` None: the copy cannot be opened. `can_create`: a new HubSpot record can be made.
    """

    before: Before | None
    problem: str = ""
    can_create: bool = False


def outlook(merge: Merge) -> Outlook:
    """Look whether and how a merge can be undone; raises a sync-wide SyncError."""
    if merge.state == MergeState.UNDONE:
        return Outlook(None, _("This merge is undone."))
    try:
        before = merge_rows.before(merge)
    except MergeRefused as refused:
        return Outlook(None, str(refused))
    session = Session.of(merge.object_sync, 0, Priority.PERSON)
    try:
        _check_target(merge, session)
    except MergeRefused as refused:
        return Outlook(before, str(refused))
    return Outlook(before, can_create=_creates(session.config))


def unmerge(merge: Merge, user: AbstractBaseUser, hubspot_id: str = "") -> None:
    """Give the extra record a HubSpot record: the named one, or "" for a new one.

    Raises PermissionDenied, MergeRefused with what to do instead, or a SyncError.
    """
    tenants.require(user, merge.tenant, change=True)
    before = merge_rows.before(merge)
    session = Session.of(merge.object_sync, 0, Priority.PERSON)
    _check_target(merge, session)
    base = Base()
    if hubspot_id:
        base = _agreed(before, _named(session, hubspot_id), session)
    else:
        _check_create(merge, session)
    with transaction.atomic():
        row = _locked(merge)
        _take_over(row, hubspot_id)
        _relink(row, hubspot_id, base)
        _end(row, hubspot_id, user)
        _ask(row, hubspot_id)
    merge.refresh_from_db()
    if hubspot_id and dependencies.is_pointed_to(merge.object_sync):
        merge_children.look_at_all(merge.object_sync, session.pair[Side.HUBSPOT], hubspot_id)


# ---------------------------------------------------------------- what must be so


def _check_target(merge: Merge, session: Session) -> None:
    """Refuse while the extra record does not live, or belongs to another pair by now."""
    extra = merge.loser.target_id
    alias = Alias.objects.filter(
        object_sync=merge.object_sync_id, side=Side.TARGET.value, record_id=extra
    )
    if alias.exclude(link=merge.loser_id).exists():
        raise MergeRefused(_("%s is part of another pair by now.") % extra)
    if not session.config.target.readable:
        return
    kind = session.config.target.object_type
    record = session.pair[Side.TARGET].fetch(kind, [extra], ()).get(extra)
    if record is None or record.archived or record.id != extra:
        label = connectors.spec_of(merge.object_sync.integration.system).label
        raise MergeRefused(
            _(
                "The record %(id)s was removed in %(system)s meanwhile. Restore it there, from its "
                "recycle bin, and come back; a record that is gone for good cannot be linked."
            )
            % {"id": extra, "system": label}
        )


def _named(session: Session, hubspot_id: str) -> Record:
    """Return the HubSpot record a person named, its references as pairs."""
    config = session.config
    references = References.of(config.rules, session.ledger())
    hubspot = references.around(session.pair)[Side.HUBSPOT]
    fields = config.fields(Side.HUBSPOT)
    record = hubspot.fetch(config.hubspot.object_type, [hubspot_id], fields).get(hubspot_id)
    if record is None or record.archived:
        raise MergeRefused(_("HubSpot has no live record %s.") % hubspot_id)
    if record.id != hubspot_id:
        raise MergeRefused(
            _("%(old)s was merged itself: HubSpot answers with %(new)s.")
            % {"old": hubspot_id, "new": record.id}
        )
    return record


def _creates(config: SyncConfig) -> bool:
    return config.hubspot.can_create and Side.HUBSPOT in config.create_in


def _check_create(merge: Merge, session: Session) -> None:
    """Refuse to let a new HubSpot record be made where that would write into another pair."""
    config = session.config
    if not _creates(config):
        raise MergeRefused(
            _("This integration makes no records in HubSpot. Make one there and name it here.")
        )
    template = config.hubspot.upsert_key
    if not template:
        return
    key = template.format(id=merge.loser.target_id)
    hubspot, kind = session.pair[Side.HUBSPOT], config.hubspot.object_type
    if found := hubspot.find(kind, EXTERNAL_KEY, [key], ()).get(key):
        raise MergeRefused(
            _(
                "HubSpot record %(id)s still holds the sync key “%(key)s” of this record. Empty "
                "that property there, or make a record by hand and name it here."
            )
            % {"id": found[0].id, "key": key}
        )


def _agreed(before: Before, record: Record, session: Session) -> Base:
    """Return what is still agreed on: fields that HubSpot's record holds as the old one did.

    Edits of those that were made since in the target then travel; all others are compared anew.
    """
    key, was = digest_key(session.object_sync), before.loser.digests
    kept = [
        rule
        for rule in session.config.rules
        if rule.target in was.target
        and was.hubspot.get(rule.hubspot) == digest(record.get(rule.hubspot), key)
    ]
    return Base(
        {rule.hubspot: was.hubspot[rule.hubspot] for rule in kept},
        {rule.target: was.target[rule.target] for rule in kept},
    )


# ---------------------------------------------------------------- what is stored


def _locked(merge: Merge) -> Merge:
    """Hold the merge and its ended link; refuse if something is under way with them."""
    leases.wait_for_settling([merge.object_sync_id])
    rows = Merge.objects.select_for_update(of=("self", "loser"), no_key=True)
    row = rows.select_related("loser", "kept").get(pk=merge.pk)
    if row.state == MergeState.UNDONE or row.loser.state != LinkState.SUPERSEDED:
        raise MergeRefused(_("This merge was decided meanwhile. Look at it again."))
    merge_choices.refuse_while_removed(row)
    return row


def _take_over(row: Merge, hubspot_id: str) -> None:
    """End what the portal knew of the named record so far; refuse if that is a pair."""
    place = (Side.HUBSPOT, hubspot_id)
    holder = ledger_sql.holders(row.object_sync_id, [place] if hubspot_id else []).get(place)
    if holder is None:
        return
    if holder.reason == Reason.ERASED:
        raise MergeRefused(_("The person of HubSpot record %s was erased.") % hubspot_id)
    if holder.target_id and holder.state in LIVE_PAIR:
        raise MergeRefused(
            _("HubSpot record %(id)s is linked with %(target)s already.")
            % {"id": hubspot_id, "target": holder.target_id}
        )
    making = Intent.objects.filter(object_sync=row.object_sync_id, link=holder.id)
    if making.filter(state__in=UNSETTLED).exists():
        raise MergeRefused(
            _("A record is being made for HubSpot record %s just now. Try again in a minute.")
            % hubspot_id
        )
    now, detail = timezone.now(), "It is part of a pair now."
    ledger_sql.supersede([holder.id], Reason.SUPERSEDED.value, detail, now)
    reviews.close([holder.id], now)
    audit.append(
        [
            AuditDraft(
                tenant_id=row.tenant_id,
                action="merge.undone",
                reason=Reason.SUPERSEDED,
                detail=detail,
                object_sync_id=row.object_sync_id,
                link_id=holder.id,
                hubspot_id=holder.hubspot_id,
                target_id=holder.target_id,
            )
        ]
    )


def _relink(row: Merge, hubspot_id: str, base: Base) -> None:
    link, now = row.loser, timezone.now()
    link.hubspot_id = hubspot_id
    link.state = (LinkState.LINKED if hubspot_id else LinkState.PENDING).value
    link.reason, link.detail = Reason.UNMERGED.value, ""
    link.base = {"hubspot": dict(base.hubspot), "target": dict(base.target)}
    link.refused, link.choices, link.missing_since = {}, {}, 0
    link.generation, link.decided_at = link.generation + 1, now
    link.external_key = link.external_key if hubspot_id else ""
    link.save()
    ids = [(Side.HUBSPOT, hubspot_id, link.pk)] if hubspot_id else []
    ledger_sql.insert_aliases(row.object_sync_id, [*ids, (Side.TARGET, link.target_id, link.pk)])


def _end(row: Merge, hubspot_id: str, user: AbstractBaseUser) -> None:
    done = merge_rows.step("undone", "", row.loser.target_id, hubspot_id, user.get_username())
    row.steps = [*row.steps, done]
    row.save(update_fields=["steps"])
    merge_rows.end(row, MergeState.UNDONE, user)
    mine = merge_choices.draft(row, "merge.undone", user, Reason.UNMERGED)
    audit.append([mine])


def _ask(row: Merge, hubspot_id: str) -> None:
    """Let the pair be looked at first of all; a new record is asked for as a person would."""
    side, one = (Side.HUBSPOT, hubspot_id) if hubspot_id else (Side.TARGET, row.loser.target_id)
    hint = NewHint(side, one, Priority.PERSON, asked=not hubspot_id)
    hints.raise_hints(row.object_sync_id, [hint])
    hints.wake([row.object_sync_id])
