"""`setup`: what an installation needs besides its migrations. Safe to run at every start."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from integrations.services import schedules


class Command(BaseCommand):
    """Creates or corrects the portal's own schedules."""

    help = "Create or correct the portal's schedules (run it after migrate)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what was missing."""
        self.stdout.write(f"Schedules are in place; {schedules.ensure()} were missing.")
