"""Seal everything that is encrypted at rest with the first key of ENCRYPTION_KEYS."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations.services import rotation, vault

PAUSE = 0.2
"""Seconds before looking again at rows that somebody else holds."""


class Command(BaseCommand):
    """Rotate keys while the portal works; may be interrupted and started again."""

    help = (
        "Seals credentials, tokens and record keys again with the first key of ENCRYPTION_KEYS. "
        "Put the new key first, restart all processes, run this, then remove the old key."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the number of rows per transaction."""
        parser.add_argument("--batch", type=int, default=rotation.BATCH)

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate everything, printing the progress of each column."""
        try:
            for progress in rotation.rotate(max(1, options["batch"])):
                done, left = progress.done, progress.left
                self.stdout.write(f"{progress.column}: {done} of {done + left} sealed again")
                if progress.stuck:
                    time.sleep(PAUSE)
        except vault.SealBroken as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Everything is sealed with key {vault.current_key_id()!r}.")
