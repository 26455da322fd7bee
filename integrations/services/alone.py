"""One at a time per integration, for work that asks a system first and then makes what it lacks.

The lock is the database session's, so that no transaction stays open over calls. Decides nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection as database

from integrations.engine.errors import Unavailable
from integrations.models import Integration

PATIENCE: Final = 30.0
"""Seconds that the second of two waits for the first."""
PAUSE: Final = 0.2


@contextmanager
def alone(integration: Integration) -> Iterator[None]:
    """Keep others from preparing the same integration meanwhile; may be nested.

    Raises Unavailable when another one is not done in time: nothing was done, and it can be tried
    again. A session that ends gives the lock back by itself.
    """
    key = int.from_bytes(integration.pk.bytes[:8], signed=True)
    until = time.monotonic() + PATIENCE
    while not _ask("SELECT pg_try_advisory_lock(%s)", key):
        if time.monotonic() > until:
            raise Unavailable("The same is being done right now. Try again in a moment.")
        time.sleep(PAUSE)
    try:
        yield
    finally:
        _ask("SELECT pg_advisory_unlock(%s)", key)


def _ask(statement: str, key: int) -> bool:
    with database.cursor() as cursor:
        cursor.execute(statement, [key])
        return bool(cursor.fetchone()[0])
