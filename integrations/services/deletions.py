"""What people decide where a record was deleted on one side only; many at once, too.

Carrying it out is the lane's work. Whether a deletion is held at all is the engine's decision.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection as database
from django.db import transaction

from integrations.engine.pairs import LinkState, Verdict
from integrations.engine.ports import Priority
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.models import ObjectSync, RecordLink, Review
from integrations.services import audit, hints, leases, tenants
from integrations.services.audit import AuditDraft
from integrations.services.hints import NewHint
from integrations.services.link_json import VERDICT


class Decided(NamedTuple):
    """How many deletions were decided, and how many were left alone: somebody had decided them."""

    decided: int
    already: int


def decide(reviews: Iterable[Review], verdict: Verdict, user: AbstractBaseUser) -> Decided:
    """Archive the records that are left, or keep them and end their links; returns how many.

    Reviews of other reasons and closed ones are left alone, and so is what somebody has decided
    that is still to be carried out. A record that was restored meanwhile is synced again, whatever
    was decided. Raises PermissionDenied.
    """
    reviews = list(reviews)
    for tenant in {review.tenant_id: review.tenant for review in reviews}.values():
        tenants.require(user, tenant, change=True)
    by_sync: dict[ObjectSync, list[int]] = defaultdict(list)
    for review in reviews:
        by_sync[review.object_sync].append(review.pk)
    told = [_decide(row, keys, verdict, user) for row, keys in by_sync.items()]
    return Decided(sum(one.decided for one in told), sum(one.already for one in told))


def _decide(
    row: ObjectSync, asked: Sequence[int], verdict: Verdict, user: AbstractBaseUser
) -> Decided:
    """Store the verdicts; each review closes when its link is settled."""
    with transaction.atomic():
        leases.wait_for_settling([row.pk])
        waiting = Review.objects.filter(pk__in=asked, reason=Reason.DELETE_HELD, closed_at=None)
        links = RecordLink.objects.filter(
            pk__in=waiting.values("link"), state=LinkState.HELD, reason=Reason.DELETE_HELD
        )
        # Locked before they are looked at: of two people at once, the second finds them decided.
        held = list(links.select_for_update(no_key=True).order_by("pk"))
        found = [link for link in held if VERDICT not in link.choices]
        with database.cursor() as cursor:
            cursor.execute(
                "UPDATE integrations_recordlink SET choices = choices || %s::jsonb "
                "WHERE id = ANY(%s)",
                [json.dumps({VERDICT: verdict.value}), [link.pk for link in found]],
            )
        waiting.filter(link__in=found).update(closed_by_id=user.pk)
        audit.append([_draft(link, verdict, user) for link in found])
        wanted = [NewHint(Side.HUBSPOT, link.hubspot_id, Priority.PERSON) for link in found]
        hints.raise_hints(row.pk, wanted)
        hints.wake([row.pk])
    return Decided(len(found), len(held) - len(found))


def _draft(link: RecordLink, verdict: Verdict, user: AbstractBaseUser) -> AuditDraft:
    return AuditDraft(
        tenant_id=link.tenant_id,
        action=f"deletion.{verdict.value}",
        reason=Reason.DELETE_HELD.value,
        object_sync_id=link.object_sync_id,
        link_id=link.pk,
        hubspot_id=link.hubspot_id,
        target_id=link.target_id,
        actor_id=user.pk,
    )
