"""Restoring HubSpot's value: a change of the other system that HubSpot refused is taken back there.

It is one of the two ways out for such a record; the other is trying again (`retries`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from integrations.engine.pairs import LinkState
from integrations.engine.plan import PlanItem
from integrations.engine.ports import Priority
from integrations.engine.reasons import Reason
from integrations.engine.records import Mark, Side, Value, as_text
from integrations.engine.refusals import WHOLE
from integrations.engine.rules import Direction, FieldRule, Overwrite, Privacy
from integrations.models import ObjectSync, RecordLink
from integrations.services import audit, choices, slices, syncs, tenants
from integrations.services.choices import ChangedSince, Chosen
from integrations.services.explain import MASK
from integrations.services.slices import Session

AT_ONCE: Final = 100
_UNANSWERED: Final = (Reason.UNAVAILABLE, Reason.WRITE_UNKNOWN, Reason.GAVE_UP)
"""Reasons of failing records of which HubSpot said nothing that is remembered."""


@dataclass(frozen=True, slots=True)
class Restorable:
    """One field whose change HubSpot did not take. Health values are masked.

    `seen` stands for both values and is handed back with the decision.
    """

    label: str
    hubspot_field: str
    target_field: str
    hubspot_value: str
    target_value: str
    seen: str


def is_offered(link: RecordLink) -> bool:
    """Tell from what is stored whether a record may have something to restore; asks nobody."""
    if not (link.hubspot_id and link.target_id):
        return False
    if link.state not in (LinkState.FAILING, LinkState.LINKED):
        return False
    if any(place.startswith(_place("")) for place in link.refused):
        return True
    return link.state == LinkState.FAILING and link.reason in _UNANSWERED


def fields_of(link: RecordLink) -> tuple[Restorable, ...]:
    """Read both records and return what can be restored now; raises a sync-wide SyncError."""
    row = link.object_sync
    if not is_offered(link) or not syncs.config_of(row).target.can_update:
        return ()
    key = slices.digest_key(row)
    return tuple(
        Restorable(
            label=rule.label or rule.hubspot,
            hubspot_field=rule.hubspot,
            target_field=rule.target,
            hubspot_value=_shown(choices.value_of(item, rule, Side.HUBSPOT), rule),
            target_value=_shown(choices.value_of(item, rule, Side.TARGET), rule),
            seen=choices.mark(choices.digests(item, rule, key)),
        )
        for item, rule in _refused(row, [link])
    )


def restore(
    links: Iterable[RecordLink], user: AbstractBaseUser, *, seen: Collection[str] | None = None
) -> int:
    """Let HubSpot's values win in fields that it refused to take; returns how many records.

    `seen` are the marks of the values the person looked at: raises ChangedSince when one is
    another now. Without it the values as they are now count. Raises PermissionDenied, or the
    SyncError of reading.
    """
    by_sync: dict[ObjectSync, list[RecordLink]] = defaultdict(list)
    for link in links:
        tenants.require(user, link.tenant, change=True)
        if is_offered(link):
            by_sync[link.object_sync].append(link)
    return sum(
        _restore(row, found[start : start + AT_ONCE], user, seen)
        for row, found in by_sync.items()
        for start in range(0, len(found), AT_ONCE)
    )


def _restore(
    row: ObjectSync,
    links: Sequence[RecordLink],
    user: AbstractBaseUser,
    seen: Collection[str] | None,
) -> int:
    if not syncs.config_of(row).target.can_update:
        return 0
    key = slices.digest_key(row)
    chosen: Chosen = {}
    for item, rule in _refused(row, links):
        digests = choices.digests(item, rule, key)
        if seen is not None and choices.mark(digests) not in seen:
            raise ChangedSince(
                _("“%(field)s” has changed since you opened this page. Look at it again.")
                % {"field": rule.label or rule.hubspot}
            )
        mine = chosen.setdefault(item.pair.link.key, {})
        mine |= choices.choice(rule, Side.HUBSPOT, digests)
    if chosen:
        _store(row, chosen, user)
    return len(chosen)


def _store(row: ObjectSync, chosen: Chosen, user: AbstractBaseUser) -> None:
    with transaction.atomic():
        for link in choices.store(row, chosen, retry=True):
            audit.record(
                row.tenant,
                "record.restored",
                user=user,
                object_sync=row,
                detail=f"{', '.join(sorted(chosen[link.pk]))} "
                f"({link.hubspot_id} ↔ {link.target_id})",
            )


def _refused(row: ObjectSync, links: Sequence[RecordLink]) -> Iterator[tuple[PlanItem, FieldRule]]:
    """Yield what the target changed, HubSpot did not take, and may be written back."""
    session = Session.of(row, 0, Priority.PERSON)
    for item in choices.planned(session, links, asked=True):
        patch = item.decision.patches.get(Side.HUBSPOT, {})
        places = [place for place in item.pair.link.refused if place.startswith(_place(""))]
        whole = not places or _place(WHOLE) in places
        names = {name for name in patch if whole or _place(name) in places}
        for rule in session.config.rules:
            if rule.hubspot in names and _goes_back(rule):
                yield item, rule


def _goes_back(rule: FieldRule) -> bool:
    """Tell whether HubSpot's value of a field may replace the target's."""
    one_way = rule.direction is Direction.TO_HUBSPOT
    return not one_way and rule.mode(Side.TARGET) is Overwrite.ALWAYS


def _place(name: str) -> str:
    return f"{Side.HUBSPOT.value}:{name}"


def _shown(value: Value, rule: FieldRule) -> str:
    if rule.privacy is Privacy.HEALTH and not isinstance(value, Mark):
        return MASK
    return as_text(value)
