"""`prune_history`: delete what the retention settings no longer allow. Runs daily by itself."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from integrations.services import retention


class Command(BaseCommand):
    """Applies AUDIT_, EVENT_ and RUN_RETENTION_DAYS now."""

    help = "Delete history that is older than the retention settings."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print how many rows went."""
        for name, count in asdict(retention.prune()).items():
            self.stdout.write(f"{name.replace('_', ' ')}: {count} deleted")
