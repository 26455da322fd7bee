"""`run_sync`: run a manual sync to its end in this process, or only plan it with --dry-run."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations.engine.explanations import explain
from integrations.management.finding import object_syncs
from integrations.models import JobRun, ObjectSync, RunKind, RunState
from integrations.services import lanes, leases, runs

PAUSE = 0.2
"""Seconds before looking again at a lane that a worker has."""


class Command(BaseCommand):
    """Opens a run and works on its lane until it ends; a worker may take part."""

    help = "Sync all records of an integration now, or show what that would do (--dry-run)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the sync and how to run it."""
        parser.add_argument("sync", help="id of an integration or an object sync")
        parser.add_argument("--object", default="", help="only this object pair (its key)")
        parser.add_argument("--dry-run", action="store_true", help="plan only, write nothing")
        parser.add_argument(
            "--fired",
            action="store_true",
            help="also start records that are in the trigger stage but never entered it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run each object sync and print its counts; exit 1 when a run did not end well."""
        kind = RunKind.DRY_RUN if options["dry_run"] else RunKind.MANUAL
        scope = {"fired": True} if options["fired"] else {}
        failed = False
        for object_sync in object_syncs(options["sync"], options["object"]):
            run = self._run(object_sync, runs.open_run(object_sync, kind, scope=scope))
            failed |= run.state != RunState.DONE
            self._print(object_sync, run)
        if failed:
            raise CommandError("Not every run came to its end.")

    def _run(self, object_sync: ObjectSync, run: JobRun) -> JobRun:
        """Work until the run ends or the lane stops: paused, held or backing off.

        A worker that has the lane does the same work, so it is waited for.
        """
        while run.state in runs.WORKABLE:
            before = (run.cursor, run.seen)
            lanes.work(object_sync.pk)
            busy = leases.held(object_sync.pk)
            run.refresh_from_db()
            if busy:
                time.sleep(PAUSE)
            elif before == (run.cursor, run.seen):
                break
        return run

    def _print(self, object_sync: ObjectSync, run: JobRun) -> None:
        self.stdout.write(self.style.MIGRATE_HEADING(f"{object_sync}: {run}"))
        self.stdout.write(
            f"  {run.get_state_display()}: {run.seen} seen, {run.written} written, "
            f"{run.failed} failed"
        )
        for code, count in sorted(run.counts.items(), key=lambda pair: -pair[1]):
            self.stdout.write(f"  {count:>8}  {code:<20} {explain(code)}")
        actions = run.scope.get("actions", {}) if run.kind == RunKind.DRY_RUN else {}
        for action, count in sorted(actions.items()):
            self.stdout.write(f"  would {action}: {count}")
        if run.reason or run.scope.get("unsafe"):
            self.stdout.write(f"  {run.reason_detail or run.scope['unsafe']}")
        object_sync.refresh_from_db(fields=["state", "reason", "reason_detail"])
        if object_sync.reason:
            self.stdout.write(f"  {explain(object_sync.reason, object_sync.reason_detail)}")
