"""`kill_check`: kill the worker in the middle of its work, again and again; check every record."""

from __future__ import annotations

import random
from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from integrations.management.bench import kills


class Command(BaseCommand):
    """Run through `python3 dev.py kills`, which gives it a database and ports of its own."""

    help = "Kill the worker at random moments and check that nothing is lost or doubled."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare sizes and the seed."""
        parser.add_argument("--entries", type=int, default=2_000)
        parser.add_argument("--kills", type=int, default=20)
        parser.add_argument("--seed", type=int, default=random.randrange(10**6))  # noqa: S311

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what was seen; exits 1 when something is wrong."""
        call_command("migrate", verbosity=0)
        self.say(f"seed {options['seed']}")
        report = kills.torment(options["entries"], options["kills"], options["seed"], self.say)
        for sentence in report.seen:
            self.say(sentence)
        if report.wrong:
            raise CommandError("; ".join(report.wrong))
        self.say("Every contact has exactly one patient and every event exactly one outcome.")

    def say(self, text: str) -> None:
        """Tell what is going on."""
        self.stdout.write(text)
        self.stdout.flush()
