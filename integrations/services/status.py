"""What the pages show of an integration at a glance: a fixed number of indexed queries, no HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Count, Min, Q

from integrations.engine.explanations import EXPLANATIONS, Explanation, Tone
from integrations.engine.pairs import IntentState, LinkState
from integrations.engine.reasons import Reason
from integrations.models import (
    Delivery,
    DeliveryState,
    Event,
    Hint,
    Integration,
    Intent,
    JobRun,
    ObjectSync,
    RecordLink,
    RunKind,
    RunState,
)
from integrations.services import carriage, link_counts, runs, schedules

OPEN_INTENTS: Final = (IntentState.PLANNED, IntentState.UNKNOWN)
RECENT: Final = 10
"""How many of the newest runs are shown per object pair."""


@dataclass(frozen=True, slots=True)
class Group:
    """Links with the same outcome. `samples` are a few of them."""

    state: LinkState
    reason: Reason
    count: int
    samples: tuple[RecordLink, ...] = ()

    @property
    def explanation(self) -> Explanation:
        """The sentence, the remedy and the tone of the group's reason."""
        return EXPLANATIONS[self.reason]

    @property
    def needs_person(self) -> bool:
        """Whether these records wait for somebody to do something."""
        return self.explanation.tone is Tone.ACTION


@dataclass(frozen=True, slots=True)
class ObjectStatus:
    """One object pair: its links by state, what needs a person, what waits, its newest run.

    `unknown_intents` are writes whose end is not known; normally none. `oldest_due` is since
    when the most overdue hint waits. `runs` are the newest, `last_pass` the newest that looked at
    everything and came to its end, `next_runs` when the scheduled passes start. `deliveries`
    counts what was not told yet, and what was given up. How many records HubSpot holds, and when
    it was asked, is on the object sync; so is the drift of its fields. `off` names jobs that are
    switched off and would carry something.
    """

    object_sync: ObjectSync
    counts: Mapping[LinkState, int]
    groups: tuple[Group, ...]
    waiting: int
    oldest_due: datetime | None
    unknown_intents: int
    runs: tuple[JobRun, ...] = ()
    last_pass: JobRun | None = None
    next_runs: Mapping[RunKind, datetime] = field(default_factory=dict)
    deliveries: Mapping[DeliveryState, int] = field(default_factory=dict)
    off: tuple[str, ...] = ()

    @property
    def last_run(self) -> JobRun | None:
        """The newest run."""
        return self.runs[0] if self.runs else None

    @property
    def undelivered(self) -> int:
        """How many synced-events wait to be sent."""
        return self.deliveries.get(DeliveryState.WAITING, 0)

    @property
    def dropped(self) -> int:
        """How many synced-events were given up."""
        return self.deliveries.get(DeliveryState.DROPPED, 0)

    @property
    def total(self) -> int:
        """How many records are known."""
        return sum(self.counts.values())

    @property
    def failures(self) -> tuple[Group, ...]:
        """The groups that need a person, largest first."""
        return tuple(group for group in self.groups if group.needs_person)


@dataclass(frozen=True, slots=True)
class Status:
    """An integration at a glance."""

    integration: Integration
    objects: tuple[ObjectStatus, ...]
    last_event: Event | None

    @property
    def linked(self) -> int:
        """How many records are in step or on their way."""
        return sum(each.counts[LinkState.LINKED] for each in self.objects)

    @property
    def needs_person(self) -> int:
        """How many records wait for somebody to do something."""
        return sum(group.count for each in self.objects for group in each.failures)

    @property
    def waiting(self) -> int:
        """How many hints wait for their turn."""
        return sum(each.waiting for each in self.objects)

    @property
    def unknown_intents(self) -> int:
        """How many writes have an end that is not known yet."""
        return sum(each.unknown_intents for each in self.objects)

    @property
    def oldest_due(self) -> datetime | None:
        """Since when the most overdue hint waits."""
        return min((each.oldest_due for each in self.objects if each.oldest_due), default=None)

    @property
    def last_run(self) -> JobRun | None:
        """The newest run of any object pair."""
        newest = [each.last_run for each in self.objects if each.last_run]
        return max(newest, key=lambda run: run.pk, default=None)


def of(integration: Integration, *, samples: int = 3) -> Status:
    """Collect an integration's status; `samples` links are shown per failing group."""
    rows = list(
        integration.object_syncs.select_related("version", "lane", "integration__hubspot").order_by(
            "created_at"
        )
    )
    groups, queues, intents = _groups(rows, samples), _queues(rows), _open(rows)
    recent, passes, deliveries = _recent(rows), _passes(rows), _deliveries(rows)
    following = schedules.next_runs(*rows)
    objects = []
    for row in rows:
        counts = dict.fromkeys(LinkState, 0)
        for group in groups[row.pk]:
            counts[group.state] += group.count
        waiting, oldest = queues.get(row.pk, (0, None))
        objects.append(
            ObjectStatus(
                object_sync=row,
                counts=counts,
                groups=tuple(sorted(groups[row.pk], key=lambda group: -group.count)),
                waiting=waiting,
                oldest_due=oldest,
                unknown_intents=intents.get(row.pk, 0),
                runs=tuple(recent[row.pk]),
                last_pass=passes.get(row.pk),
                next_runs=following[row.pk],
                deliveries=deliveries[row.pk],
                off=carriage.of(row).labels,
            )
        )
    return Status(integration, tuple(objects), _last_event(integration))


def _queues(rows: Sequence[ObjectSync]) -> dict[UUID, tuple[int, datetime]]:
    hints = Hint.objects.filter(object_sync__in=rows).values_list("object_sync").order_by()
    counted = hints.annotate(count=Count("*"), oldest=Min("due_at"))
    return {key: (count, oldest) for key, count, oldest in counted}


def _open(rows: Sequence[ObjectSync]) -> dict[UUID, int]:
    unsettled = Intent.objects.filter(object_sync__in=rows, state__in=OPEN_INTENTS)
    counted = unsettled.values_list("object_sync").order_by().annotate(count=Count("*"))
    return dict(counted)


def _recent(rows: Sequence[ObjectSync]) -> dict[UUID, list[JobRun]]:
    found: dict[UUID, list[JobRun]] = {row.pk: [] for row in rows}
    newest = [JobRun.objects.filter(object_sync=row).order_by("-id")[:RECENT] for row in rows]
    if newest:
        for run in newest[0].union(*newest[1:], all=True):
            found[run.object_sync_id].append(run)
    return {key: sorted(some, key=lambda run: -run.pk) for key, some in found.items()}


def _passes(rows: Sequence[ObjectSync]) -> dict[UUID, JobRun]:
    whole = JobRun.objects.filter(
        object_sync__in=rows, kind__in=runs.WHOLE, state=RunState.DONE
    ).order_by("object_sync", "-id")
    return {run.object_sync_id: run for run in whole.distinct("object_sync")}


def _deliveries(rows: Sequence[ObjectSync]) -> dict[UUID, dict[DeliveryState, int]]:
    found: dict[UUID, dict[DeliveryState, int]] = {row.pk: {} for row in rows}
    unsent = Delivery.objects.filter(~Q(state=DeliveryState.SENT), object_sync__in=rows)
    counted = unsent.values_list("object_sync", "state").order_by().annotate(count=Count("*"))
    for key, state, count in counted:
        found[key][DeliveryState(state)] = count
    return found


def _groups(rows: Sequence[ObjectSync], samples: int) -> dict[UUID, list[Group]]:
    """Return the links of each object sync by state and reason."""
    found = {
        key: [Group(LinkState(state), Reason(reason), n) for (state, reason), n in counts.items()]
        for key, counts in link_counts.of(row.pk for row in rows).items()
    }
    shown = _samples(found, samples)
    return {
        key: [
            Group(g.state, g.reason, g.count, tuple(shown.get((key, g.state, g.reason), ())))
            for g in groups
        ]
        for key, groups in found.items()
    }


def _samples(
    found: Mapping[UUID, Sequence[Group]], samples: int
) -> dict[tuple[UUID, str, str], list[RecordLink]]:
    """Read a few links of every group that needs a person, in one query."""
    wanted = [
        RecordLink.objects.filter(object_sync=key, state=group.state, reason=group.reason)[:samples]
        for key, groups in found.items()
        for group in groups
        if group.needs_person
    ]
    shown: dict[tuple[UUID, str, str], list[RecordLink]] = {}
    if wanted and samples:
        for link in wanted[0].union(*wanted[1:], all=True):
            shown.setdefault((link.object_sync_id, link.state, link.reason), []).append(link)
    return shown


def _last_event(integration: Integration) -> Event | None:
    events = Event.objects.filter(tenant=integration.tenant_id, connection=integration.hubspot_id)
    return events.order_by("-id").first()
