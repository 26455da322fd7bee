"""Fields that both sides changed: what a person sees of them, and what they decide.

Opening and closing reviews is in `reviews`; the decision itself is carried out by the engine.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from integrations.engine.extras import PastValue, Remembering
from integrations.engine.mapping import FieldRule, Privacy
from integrations.engine.plan import PlanItem
from integrations.engine.ports import Priority
from integrations.engine.reasons import Reason
from integrations.engine.records import BLANK, Mark, Side, Value, as_text, digest
from integrations.models import ObjectSync, RecordLink, Review
from integrations.services import audit, choices, connectors, slices, tenants
from integrations.services.choices import ChangedSince as ChangedSince
from integrations.services.choices import Chosen
from integrations.services.explain import MASK
from integrations.services.slices import Session

AT_ONCE: Final = 100
Names = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Conflict:
    """One field that both sides changed. Health values are masked.

    `base` is what both last agreed on, None where no system remembers it. `changed_by` says who
    changed HubSpot's value, "" if HubSpot does not tell. `seen` stands for the two values and is
    handed back with the decision.
    """

    label: str
    hubspot_field: str
    target_field: str
    hubspot_value: str
    target_value: str
    base: str | None
    changed_by: str
    changed_at: datetime | None
    seen: str


@dataclass(frozen=True, slots=True)
class Details:
    """A review as it is now: no conflicts means that it has resolved itself."""

    review: Review
    label: str
    conflicts: tuple[Conflict, ...]
    target_changed_at: datetime | None


def details(review: Review) -> Details:
    """Read both records and what HubSpot remembers; raises a sync-wide SyncError."""
    object_sync = review.object_sync
    session = Session.of(object_sync, 0, Priority.PERSON)
    item = next(choices.planned(session, [review.link] if review.link else []), None)
    if item is None:
        return Details(review, "", (), None)
    rules = _conflicting(session, item)
    past = _history(object_sync, item, rules)
    key = slices.digest_key(object_sync)
    records = (item.pair.hubspot, item.pair.target)
    target = item.pair.target
    return Details(
        review,
        next((record.label for record in records if record and record.label), ""),
        tuple(_conflict(item, rule, past.get(rule.hubspot, ()), key) for rule in rules),
        target.modified_at if target else None,
    )


def resolve(
    reviews: Iterable[Review],
    side: Side,
    user: AbstractBaseUser,
    *,
    fields: Collection[Names] | None = None,
    seen: Collection[str] | None = None,
) -> int:
    """Let one side's values win, in these fields or in all; returns how many records.

    `seen` are the marks of the values the person looked at: raises ChangedSince when one is
    another now. Without it the values as they are now count. Raises PermissionDenied, or the
    SyncError of reading.
    """
    by_sync: dict[ObjectSync, list[RecordLink]] = defaultdict(list)
    for review in reviews:
        if review.link is not None and review.reason == Reason.CONFLICT:
            tenants.require(user, review.tenant, change=True)
            by_sync[review.object_sync].append(review.link)
    return sum(
        _resolve(object_sync, links[start : start + AT_ONCE], side, user, fields, seen)
        for object_sync, links in by_sync.items()
        for start in range(0, len(links), AT_ONCE)
    )


def _resolve(
    object_sync: ObjectSync,
    links: Sequence[RecordLink],
    side: Side,
    user: AbstractBaseUser,
    fields: Collection[Names] | None,
    seen: Collection[str] | None,
) -> int:
    session = Session.of(object_sync, 0, Priority.PERSON)
    key = slices.digest_key(object_sync)
    chosen: Chosen = {}
    for item in choices.planned(session, links):
        for rule in _conflicting(session, item):
            names = (rule.hubspot, rule.target)
            if fields is not None and names not in fields:
                continue
            digests = choices.digests(item, rule, key)
            if seen is not None and choices.mark(digests) not in seen:
                raise ChangedSince(
                    _("“%(field)s” has changed since you opened this page. Look at it again.")
                    % {"field": rule.label or rule.hubspot}
                )
            mine = chosen.setdefault(item.pair.link.key, {})
            mine |= choices.choice(rule, side, digests)
    if chosen:
        _store(object_sync, chosen, side, user)
    return len(chosen)


def _store(object_sync: ObjectSync, chosen: Chosen, side: Side, user: AbstractBaseUser) -> None:
    with transaction.atomic():
        for link in choices.store(object_sync, chosen):
            audit.record(
                object_sync.tenant,
                "conflict.resolved",
                user=user,
                object_sync=object_sync,
                detail=f"{side.value} wins: {', '.join(sorted(chosen[link.pk]))} "
                f"({link.hubspot_id} ↔ {link.target_id})",
            )
        Review.objects.filter(link__in=chosen, closed_at=None).update(closed_by_id=user.pk)


def _conflicting(session: Session, item: PlanItem) -> list[FieldRule]:
    noted = {(n.hubspot, n.target) for n in item.decision.notes if n.reason is Reason.CONFLICT}
    return [rule for rule in session.config.rules if (rule.hubspot, rule.target) in noted]


def _history(
    object_sync: ObjectSync, item: PlanItem, rules: Sequence[FieldRule]
) -> dict[str, Sequence[PastValue]]:
    hubspot = connectors.open_connector(object_sync.integration.hubspot, priority=Priority.PERSON)
    if not rules or item.pair.hubspot is None or not isinstance(hubspot, Remembering):
        return {}
    names = [rule.hubspot for rule in rules]
    return dict(hubspot.history(object_sync.hubspot_object, item.pair.hubspot.id, names))


def _conflict(item: PlanItem, rule: FieldRule, past: Sequence[PastValue], key: bytes) -> Conflict:
    known = item.pair.link.base.hubspot.get(rule.hubspot)
    agreed = next((old.value for old in past if digest(old.value, key) == known), None)
    if known == digest(BLANK, key):
        agreed = BLANK  # HubSpot tells of no time before a field's first value
    newest = past[0] if past else None
    values = [choices.value_of(item, rule, side) for side in Side]
    return Conflict(
        label=rule.label or rule.hubspot,
        hubspot_field=rule.hubspot,
        target_field=rule.target,
        hubspot_value=_shown(values[0], rule),
        target_value=_shown(values[1], rule),
        base=None if agreed is None else _shown(agreed, rule),
        changed_by=newest.source if newest else "",
        changed_at=newest.at if newest else None,
        seen=choices.mark(choices.digests(item, rule, key)),
    )


def _shown(value: Value, rule: FieldRule) -> str:
    if rule.privacy is Privacy.HEALTH and not isinstance(value, Mark):
        return MASK
    return as_text(value)
