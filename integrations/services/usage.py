"""How many calls a scheduled job makes: from its runs, and from runs that were forgotten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q, Sum

from integrations.models import Job, JobRun

DAY: Final = timedelta(hours=24)


def keep(job_id: UUID, spent: Sequence[tuple[datetime, int]]) -> None:
    """Add calls of runs that are about to be forgotten; in the caller's transaction."""
    job = Job.objects.select_for_update(no_key=True).filter(pk=job_id).first()
    if job is None or not spent:
        return
    counted = Counter(job.calls)
    for at, calls in spent:
        counted[_hour(at)] += calls
    oldest = _hour(max(at for at, _calls in spent) - DAY)
    job.calls = {hour: calls for hour, calls in counted.items() if hour >= oldest and calls}
    job.save(update_fields=["calls"])


def of_day(jobs: Iterable[Job], now: datetime) -> dict[UUID, int]:
    """Return each job's calls of the last 24 hours, with one query.

    A run counts whole where it was last at work; forgotten ones are known to the hour.
    """
    jobs, since = list(jobs), now - DAY
    recent = Q(heartbeat_at__gte=since) | Q(ended_at__gte=since)
    runs = JobRun.objects.filter(recent, job__in=jobs).values_list("job").order_by()
    found = dict(runs.annotate(total=Sum("calls")))
    return {
        job.pk: found.get(job.pk, 0)
        + sum(calls for hour, calls in job.calls.items() if hour >= _hour(since))
        for job in jobs
    }


def _hour(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H")
