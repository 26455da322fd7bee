"""Erasing a person: every value the portal holds of a record goes, its ids stay as a tombstone.

What the engine makes of a tombstone is in `engine.erased`. The history itself is never changed:
its personal values end with the key that seals them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F, Func, JSONField, Q, QuerySet, Value
from django.utils import timezone

from integrations.engine.config import DeletePolicy
from integrations.engine.errors import ConfigInvalid
from integrations.engine.pairs import Action, IntentState, LinkState
from integrations.engine.ports import EventKind, Priority
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.models import (
    Delivery,
    DeliveryState,
    Event,
    Intent,
    Merge,
    MergeState,
    Notice,
    ObjectSync,
    PreviewItem,
    RecordKey,
    RecordLink,
    Review,
)
from integrations.services import audit, hints, leases, merge_rows, syncs, tenants, traces
from integrations.services.audit import AuditDraft
from integrations.services.deliveries import id_name
from integrations.services.hints import NewHint
from integrations.services.traces import Trace

HUBSPOT: Final = "hubspot"
MAYBE: Final = "A record for HubSpot record %s may just have been made: look for the person there."
MATCH: Final = "match:"
"""How the key of an intent starts that is a digest of values."""


def by_notices(events: Iterable[Event]) -> None:
    """Erase whom HubSpot's notices name, in the caller's transaction and before hints are raised.

    Every object sync of the account and object type counts, also of integrations that were
    disconnected and of an earlier connection of the account.
    """
    wanted: dict[tuple[str, str], set[str]] = {}
    for event in events:
        if event.kind == EventKind.PRIVACY_DELETED and event.connection.system == HUBSPOT:
            place = event.connection.account_id, event.object_type
            wanted.setdefault(place, set()).add(event.record_id)
    chosen = [
        (row, ids)
        for (account, kind), ids in wanted.items()
        for row in ObjectSync.objects.filter(
            integration__hubspot__account_id=account,
            integration__hubspot__system=HUBSPOT,
            hubspot_object=kind,
        ).select_related("integration", "version")
    ]
    leases.expel(row.pk for row, _ids in chosen)
    for row, ids in chosen:
        _erase(row, ids, None)


def erase(link: RecordLink, user: AbstractBaseUser) -> None:
    """Erase the person of a link in all object syncs of its HubSpot account; may be repeated.

    A link without a HubSpot record is erased in its own sync only. HubSpot itself is not touched.
    Raises PermissionDenied for viewers and strangers.
    """
    tenants.require(user, link.tenant, change=True)
    own = ObjectSync.objects.select_related("integration", "version").get(pk=link.object_sync_id)
    rows = [own]
    ids = traces.aliases([link.pk], Side.HUBSPOT) | ({link.hubspot_id} - {""})
    if ids:
        rows = list(
            ObjectSync.objects.filter(
                tenant=link.tenant,
                integration__hubspot__account_id=own.integration.hubspot.account_id,
                hubspot_object=own.hubspot_object,
            ).select_related("integration", "version")
        )
    with transaction.atomic():
        leases.expel(row.pk for row in rows)
        for row in rows:
            traced = _erase(row, ids, user, {link.pk} if row.pk == own.pk else ())
            hinted = [NewHint(Side.HUBSPOT, i, Priority.PERSON) for i in traced.hubspot_ids]
            hinted += [NewHint(Side.TARGET, i, Priority.PERSON) for i in traced.target_ids]
            hints.raise_hints(row.pk, hinted)
        hints.wake([row.pk for row in rows])


def done_there(review: Review, user: AbstractBaseUser) -> bool:
    """Note that a person erased the record in the other system; tells whether it was open.

    Raises PermissionDenied.
    """
    tenants.require(user, review.tenant, change=True)
    with transaction.atomic():
        asked = Review.objects.filter(pk=review.pk, reason=Reason.ERASE_THERE, closed_at=None)
        if not asked.update(closed_at=timezone.now(), closed_by_id=user.pk):
            return False
        audit.record(
            review.tenant,
            "record.erased_there",
            user=user,
            object_sync=review.object_sync,
            detail=review.detail,
        )
    return True


def _erase(
    row: ObjectSync, ids: Collection[str], user: AbstractBaseUser | None, keys: Collection[int] = ()
) -> Trace:
    now = timezone.now()
    trace = traces.follow(row, ids, keys)
    fresh = [link for link in trace.links if link.reason != Reason.ERASED]
    RecordKey.objects.filter(link_id__in=trace.keys).delete()
    _bury(trace, now)
    _clear_work(trace, now)
    _clear_messages(trace)
    _ask(trace, fresh, now, by_hand=user is not None)
    audit.append([_entry(link, user) for link in fresh])
    return trace


def _bury(trace: Trace, now: datetime) -> None:
    """Leave ids and a state that nothing revives."""
    RecordLink.objects.filter(pk__in=trace.keys).update(
        state=LinkState.GONE,
        reason=Reason.ERASED,
        detail="",
        base={},
        choices={},
        refused={},
        missing_since=0,
        decided_at=now,
    )
    Intent.objects.filter(link__in=trace.keys, external_key__startswith=MATCH).update(
        external_key=""
    )
    merge_rows.forget(trace.keys)
    merges = Merge.objects.filter(Q(kept__in=trace.keys) | Q(loser__in=trace.keys))
    for merge in merges:
        merge.steps = [{**step, "detail": ""} for step in merge.steps]
        merge.detail = ""
    Merge.objects.bulk_update(merges, ("steps", "detail"))
    merges.filter(state__in=merge_rows.UNDECIDED).update(
        state=MergeState.DONE, due_at=None, ended_at=now
    )


def _clear_work(trace: Trace, now: datetime) -> None:
    """Clear what people were shown about the record: previews and reviews."""
    previews = PreviewItem.objects.filter(preview__object_sync=trace.object_sync)
    previews.filter(trace.either("hubspot_id", "target_id")).delete()
    reviews = Review.objects.filter(link__in=trace.keys).exclude(reason=Reason.ERASE_THERE)
    reviews.update(detail="", fields=[])
    reviews.filter(closed_at=None).update(closed_at=now)


def _clear_messages(trace: Trace) -> None:
    """Clear what came in and what goes out: notices, mails, events for others."""
    mails = Notice.objects.filter(link__in=trace.keys)
    mails.filter(sent_at=None).delete()
    mails.update(label="", detail="")
    told = _told(trace)
    told.filter(state=DeliveryState.WAITING).delete()
    told.update(payload={}, last_error="")
    row, pair = trace.object_sync, trace.object_sync.integration
    came = Q(
        connection_id=pair.hubspot_id,
        object_type=row.hubspot_object,
        record_id__in=trace.hubspot_ids,
    )
    if pair.target_id is not None:
        came |= Q(
            connection_id=pair.target_id,
            object_type=row.target_object,
            record_id__in=trace.target_ids,
        )
    Event.objects.filter(came, tenant=row.tenant_id, raw__isnull=False).update(
        raw=Func(
            F("raw"),
            Value(["value"]),
            Value(None, JSONField()),
            function="jsonb_set",
            template="%(function)s(%(expressions)s::jsonb)",
            output_field=JSONField(),
        )
    )


def _told(trace: Trace) -> QuerySet[Delivery]:
    row = trace.object_sync
    hubspot = f"payload__hubspot__{id_name(row.hubspot_object)}"
    target = f"payload__{row.integration.system}__{id_name(row.target_object)}"
    return Delivery.objects.filter(trace.either(hubspot, target), object_sync=row)


def _ask(trace: Trace, fresh: Sequence[RecordLink], now: datetime, *, by_hand: bool) -> None:
    """Ask a person to erase the record in the other system, unless it is archived there by us.

    Where a person erased it, HubSpot's record may live on, and then nothing is archived. What a
    create under way may have made is not known by its id, so nothing of ours would archive it.
    """
    by_us = not by_hand and _is_archived_by_us(trace.object_sync)
    creates = Intent.objects.filter(
        link__in=[link.pk for link in fresh],
        side=Side.TARGET,
        action=Action.CREATE,
        state__in=(IntentState.PLANNED, IntentState.UNKNOWN),
    )
    making = set(creates.values_list("link", flat=True))
    asked = [link for link in fresh if link.pk in making or (link.target_id and not by_us)]
    ask_there(trace.object_sync, asked, now)


def ask_there(object_sync: ObjectSync, links: Iterable[RecordLink], now: datetime) -> None:
    """Open the reviews that ask a person to erase records in the other system, once each.

    Of a link without a record there, it is said that one may have been made.
    """
    Review.objects.bulk_create(
        [
            Review(
                tenant_id=object_sync.tenant_id,
                object_sync=object_sync,
                link_id=link.pk,
                reason=Reason.ERASE_THERE,
                detail=f"{link.target_id}." if link.target_id else MAYBE % link.hubspot_id,
                opened_at=now,
            )
            for link in links
        ],
        ignore_conflicts=True,
    )


def _is_archived_by_us(object_sync: ObjectSync) -> bool:
    try:
        config = syncs.config_of(object_sync)
    except ConfigInvalid:
        return False
    return config.on_hubspot_delete is DeletePolicy.ARCHIVE and config.target.can_archive


def _entry(link: RecordLink, user: AbstractBaseUser | None) -> AuditDraft:
    return AuditDraft(
        tenant_id=link.tenant_id,
        action="record.erased",
        reason=Reason.ERASED,
        object_sync_id=link.object_sync_id,
        link_id=link.pk,
        hubspot_id=link.hubspot_id,
        target_id=link.target_id,
        actor_id=user.pk if user else None,
    )
