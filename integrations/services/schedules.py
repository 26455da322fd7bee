"""The portal's own schedules, kept in step with the code. Only superusers may edit the rows."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django_q.models import Schedule
from django_q.tasks import async_task

DAILY: Final = 24 * 60
MINUTES: Final = {"sweep": 1, "seal_audit": 5, "prune": DAILY, "check_connections": DAILY}
"""Task of `integrations.tasks` to the minutes between two calls."""


def ensure() -> int:
    """Create or correct the schedules; returns how many had to be created. Safe to repeat.

    The next worker sweeps as soon as it starts: the scheduler looks only every half minute.
    """
    made = 0
    with transaction.atomic():
        for name, minutes in MINUTES.items():
            _row, created = Schedule.objects.update_or_create(
                name=f"portal: {name}",
                defaults={
                    "func": f"integrations.tasks.{name}",
                    "schedule_type": Schedule.MINUTES,
                    "minutes": minutes,
                    "repeats": -1,
                },
            )
            made += created
        async_task("integrations.tasks.sweep")
    return made
