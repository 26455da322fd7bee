"""A person's choice of a side's value: planned on, marked by what was seen, and stored.

Which choices there are to make is said by `conflicts` and `restoring`; the engine follows them only
as long as both values are still those that were seen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from django.db import connection as database

from integrations.engine.mapping import FieldRule
from integrations.engine.plan import PlanItem
from integrations.engine.ports import Hint, Priority
from integrations.engine.reconcile import Planned
from integrations.engine.records import ABSENT, Side, Value, digest
from integrations.models import ObjectSync, RecordLink
from integrations.services import hints, leases
from integrations.services.hints import NewHint
from integrations.services.slices import Session

Chosen = dict[int, dict[str, object]]
"""Choices by link, of each by field: "<HubSpot field>|<target field>"."""

STORE = """
    UPDATE integrations_recordlink SET choices = choices || %s::jsonb,
        refused = CASE WHEN %s THEN '{}' ELSE refused END
    WHERE id = %s
"""


class ChangedSince(Exception):
    """A value is another one than the person saw. The message is a sentence for people."""


def planned(
    session: Session, links: Sequence[RecordLink], *, asked: bool = False
) -> Iterator[PlanItem]:
    """Decide on links without writing; `asked` as if somebody had asked for another try."""
    wanted = [
        Hint(Side.HUBSPOT, link.hubspot_id, asked=asked, priority=Priority.PERSON) for link in links
    ]
    for step in session.flow(wanted, session.ledger()):
        if isinstance(step, Planned):
            yield from step.plan.items
            return


def value_of(item: PlanItem, rule: FieldRule, side: Side) -> Value:
    """Return what a side of a planned pair holds in a field."""
    record = item.pair.record(side)
    return record.get(rule.hubspot if side is Side.HUBSPOT else rule.target) if record else ABSENT


def digests(item: PlanItem, rule: FieldRule, key: bytes) -> list[str]:
    """Return what stands for both values of a field, HubSpot's first."""
    return [digest(value_of(item, rule, side), key) for side in Side]


def mark(seen: Sequence[str]) -> str:
    """Return digests as one text that a page can hand back."""
    return "-".join(seen)


def choice(rule: FieldRule, side: Side, seen: Sequence[str]) -> Mapping[str, object]:
    """Return the stored form of one choice."""
    return {f"{rule.hubspot}|{rule.target}": {"side": side.value, "seen": list(seen)}}


def store(object_sync: ObjectSync, chosen: Chosen, *, retry: bool = False) -> list[RecordLink]:
    """Store choices and let their links be looked at first; in the caller's transaction.

    `retry` forgets what was refused and counts as a person's question for another try. Returns the
    links.
    """
    leases.wait_for_settling([object_sync.pk])
    with database.cursor() as cursor:
        cursor.executemany(
            STORE, [(json.dumps(fields), retry, key) for key, fields in sorted(chosen.items())]
        )
    links = list(RecordLink.objects.filter(object_sync=object_sync, pk__in=chosen))
    raised = [
        NewHint(Side.HUBSPOT, link.hubspot_id, Priority.PERSON, asked=retry) for link in links
    ]
    hints.raise_hints(object_sync.pk, raised)
    hints.wake([object_sync.pk])
    return links
