"""`explain`: why a record is (not) in step, in the words of the "why?" page. Writes nothing."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations.engine.errors import SyncError
from integrations.engine.records import Side
from integrations.management.finding import object_syncs
from integrations.services import explain


class Command(BaseCommand):
    """Asks the engine about one record and prints decision, remedy and fields."""

    help = "Say why a record is or is not in step, and what would happen to it now."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the sync and the record."""
        parser.add_argument("sync", help="id of an integration or an object sync")
        parser.add_argument("record_id", help="the record's id (an old, merged one will do)")
        parser.add_argument("--target", action="store_true", help="it is an id of the target")
        parser.add_argument("--fired", action="store_true", help="as if “Sync now” were chosen")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one paragraph per object sync."""
        side = Side.TARGET if options["target"] else Side.HUBSPOT
        for object_sync in object_syncs(options["sync"]):
            try:
                found = explain.why(object_sync, side, options["record_id"], fired=options["fired"])
            except SyncError as error:
                raise CommandError(error.detail) from error
            self._print(found)

    def _print(self, found: explain.Explanation) -> None:
        self.stdout.write(self.style.MIGRATE_HEADING(f"{found.object_sync} {found.record_id}"))
        self.stdout.write(f"  {found.sentence}\n  {found.remedy}")
        self.stdout.write(f"  now: {found.action.value} ({found.reason.value})")
        self.stdout.write(f"  HubSpot {found.hubspot_id or '–'} ↔ target {found.target_id or '–'}")
        if found.stored:
            self.stdout.write(f"  last: {found.stored.state} ({found.stored.reason})")
        if found.waiting:
            self.stdout.write(f"  waiting until {found.waiting.due_at:%Y-%m-%d %H:%M:%S %Z}")
        for view in found.fields:
            write = f" → {view.would_be}" if view.would_be else ""
            note = f"  ! {view.note}" if view.note else ""
            self.stdout.write(
                f"    {view.label:<20} {view.hubspot_value} | {view.target_value}{write}{note}"
            )
