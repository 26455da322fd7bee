"""What happened to one record: incoming notices and audit entries, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from integrations.models import Alias, AuditEntry, Event, RecordLink
from integrations.views.audit import Changed, with_changes

LENGTH = 30


@dataclass(frozen=True, slots=True)
class Moment:
    """One line. Either `entry` (with its field changes) or `event` is set."""

    at: datetime
    entry: AuditEntry | None = None
    event: Event | None = None
    changes: Sequence[Changed] = ()
    outcomes: tuple[str, ...] = ()


def timeline(link: RecordLink | None, tenant_id: UUID, record_id: str) -> list[Moment]:
    """Return the newest moments of a record, old (merged) ids included."""
    ids = {record_id}
    entries: list[AuditEntry] = []
    if link is not None:
        ids.update(Alias.objects.filter(link=link).values_list("record_id", flat=True))
        rows = AuditEntry.objects.filter(link_id=link.pk, tenant=tenant_id)
        entries = list(rows.select_related("actor").order_by("-pk")[:LENGTH])
    events = Event.objects.filter(tenant=tenant_id, record_id__in=ids).defer("raw")
    moments = [
        Moment(entry.at, entry=entry, changes=found) for entry, found in with_changes(entries)
    ]
    moments += [
        Moment(event.received_at, event=event, outcomes=_outcomes(event))
        for event in events.prefetch_related("outcomes").order_by("-pk")[:LENGTH]
    ]
    return sorted(moments, key=lambda moment: moment.at, reverse=True)[:LENGTH]


def _outcomes(event: Event) -> tuple[str, ...]:
    found = tuple(row.outcome for row in event.outcomes.all() if row.outcome)
    return found or ((event.outcome,) if event.outcome else ())
