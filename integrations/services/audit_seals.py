"""Sealing the history into hash-linked batches, and proving that nothing was altered.

Each seal covers every entry after the one before it, so a removed, changed or added entry shows.
The digests are keyed: who can only write to the database cannot compute them again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.conf import settings
from django.db import connection as database
from django.db import transaction
from django.db.models import Max, QuerySet

from integrations.models import AuditEntry, AuditSeal

BATCH: Final = 5_000
FIELDS: Final = tuple(field.attname for field in AuditEntry._meta.concrete_fields)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of a verification; `problems` is empty when the history is intact.

    `head` is the newest seal's digest: kept elsewhere, it also proves that nothing was cut off.
    """

    seals: int
    entries: int
    unsealed: int
    head: str
    problems: tuple[str, ...]


def seal() -> int:
    """Seal every finished entry; returns how many were sealed."""
    sealed = 0
    with transaction.atomic():
        horizon = _finished_horizon()
    while True:
        with transaction.atomic():
            count = _seal_batch(horizon)
        sealed += count
        if count < BATCH:
            return sealed


def verify() -> Verdict:
    """Recompute every digest in order and look for gaps."""
    problems: list[str] = []
    previous, last_id, seals, entries = "", 0, 0, 0
    for seal_row in AuditSeal.objects.order_by("id").iterator():
        seals += 1
        name = f"Seal {seal_row.pk} (entries {seal_row.first_id}–{seal_row.last_id})"
        if seal_row.previous != previous:
            problems.append(f"{name} does not follow the seal before it.")
        if seal_row.pruned_at is None:
            count, digest = _digest(last_id, seal_row.last_id, previous)
            entries += count
            if count != seal_row.count:
                problems.append(f"{name} holds {count} entries instead of {seal_row.count}.")
            elif not hmac.compare_digest(digest, seal_row.digest):
                problems.append(f"{name} was altered: its digest does not match.")
        elif entries or _rows(last_id, seal_row.last_id).exists():
            problems.append(f"{name} counts as deleted by age, but it or an older one is there.")
        previous, last_id = seal_row.digest, seal_row.last_id
    unsealed = AuditEntry.objects.filter(id__gt=last_id).count()
    return Verdict(seals, entries, unsealed, previous, tuple(problems))


def _finished_horizon() -> int:
    """Return the newest entry id below which nobody can still be writing.

    Ids are given out before commits, so a lower id may appear after a higher one. Taking a SHARE
    lock for an instant waits for all open writers, and only for them.
    """
    with database.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '5s'")
        cursor.execute(f"LOCK TABLE {AuditEntry._meta.db_table} IN SHARE MODE")
    return AuditEntry.objects.aggregate(newest=Max("id"))["newest"] or 0


def _seal_batch(horizon: int) -> int:
    with database.cursor() as cursor:
        # One sealer at a time: the chain has no branches.
        cursor.execute(f"LOCK TABLE {AuditSeal._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
    newest = AuditSeal.objects.order_by("-id").first()
    after, previous = (newest.last_id, newest.digest) if newest else (0, "")
    ids = list(
        AuditEntry.objects.filter(id__gt=after, id__lte=horizon)
        .order_by("id")
        .values_list("id", flat=True)[:BATCH]
    )
    if not ids:
        return 0
    count, digest = _digest(after, ids[-1], previous)
    AuditSeal.objects.create(
        first_id=ids[0], last_id=ids[-1], count=count, digest=digest, previous=previous
    )
    return count


def _digest(after: int, last: int, previous: str) -> tuple[int, str]:
    """Return how many entries lie in (after, last] and the keyed digest over them."""
    key = hashlib.sha512(b"audit-seal:" + settings.DIGEST_KEY.encode()).digest()
    mac = hmac.new(key, previous.encode(), hashlib.sha512)
    count = 0
    for line in _lines(after, last):
        mac.update(line)
        count += 1
    return count, mac.hexdigest()


def _lines(after: int, last: int) -> Iterator[bytes]:
    rows = _rows(after, last).order_by("id")
    for row in rows.values_list(*FIELDS).iterator(chunk_size=2_000):
        yield json.dumps(row, sort_keys=True, default=_text).encode() + b"\n"


def _rows(after: int, last: int) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(id__gt=after, id__lte=last)


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value)
