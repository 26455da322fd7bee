"""`worker`: the task queue's cluster plus what django-q2 lacks: a prompt start and a watchdog."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection
from django_q.tasks import async_task

from integrations.services import health, leases, schedules

log = logging.getLogger(__name__)
LOOK_SECONDS: Final = 15.0


class Command(BaseCommand):
    """Runs `qcluster` and takes up at once what a killed worker left behind.

    A cluster can freeze while its process stays up, when one of its idle processes is killed
    (measured with django-q2 1.11.1). Whoever runs this command must start it again when it ends.
    """

    help = "Run a worker (use this instead of qcluster)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until SIGTERM."""
        schedules.ensure()
        connection.close()
        threading.Thread(target=_watch, daemon=True).start()
        call_command("qcluster")


def _watch() -> None:
    """Sweep once more when the leases of the dead have run out; then watch the heartbeat."""
    started = time.monotonic()
    time.sleep(leases.TTL + 1)
    _quietly(lambda: async_task("integrations.tasks.sweep"))
    while True:
        time.sleep(LOOK_SECONDS)
        patience_over = time.monotonic() - started > health.HEARTBEAT_LIMIT.total_seconds()
        if patience_over and _quietly(health.silent):
            log.critical("No heartbeat: the cluster is frozen and is killed to be started again.")
            os.killpg(os.getpgid(0), signal.SIGKILL)


def _quietly(act: Callable[[], object]) -> object:
    """Do something with this thread's connection; a database that is away ends nothing."""
    try:
        return act()
    except DatabaseError:
        log.warning("The worker's watchdog cannot reach the database.")
        return None
    finally:
        connection.close()
