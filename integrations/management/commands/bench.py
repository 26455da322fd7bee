"""`bench`: measure the speed table on this machine and print it. Measures, never asserts."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from integrations.management.bench import firms, live, passes, vendor, works
from integrations.management.bench.table import Row, machine, render

GROUPS = ("rxnt", "thena", "magentrix", "xentral", "live")


class Command(BaseCommand):
    """Run through `python3 dev.py bench`, which gives it a database of its own."""

    help = "Measure the speed table on this machine."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare sizes."""
        parser.add_argument("--records", type=int, default=100_000, help="contacts of the passes")
        parser.add_argument("--only", choices=GROUPS, help="one group of rows")

    def handle(self, *args: Any, records: int, only: str | None, **options: Any) -> None:
        """Measure and print."""
        call_command("migrate", verbosity=0)
        directory = settings.VAR_DIR / "sandbox"
        rows: list[Row] = []
        if only in (None, "rxnt"):
            rows += passes.measure(directory, records, self.say)
        if only in (None, "thena"):
            rows += firms.measure(directory, records, self.say)
        if only in (None, "magentrix"):
            rows += vendor.measure(directory, records, self.say)
        if only in (None, "xentral"):
            rows += works.measure(directory, records, self.say)
        if only in (None, "live"):
            rows += live.measure(self.say)
        self.stdout.write(f"\n{machine()}\n\n{render(rows)}")

    def say(self, text: str) -> None:
        """Tell what is being done."""
        self.stdout.write(text)
        self.stdout.flush()
