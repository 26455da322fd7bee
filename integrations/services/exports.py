"""Records as CSV for people: ids, state, reason and what to do. No value of a record is in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from integrations.engine.pairs import LinkState
from integrations.engine.reasons import EXPLANATIONS, Reason, explain
from integrations.models import Integration, ObjectSync, RecordLink
from integrations.services import audit, tenants

CHUNK: Final = 2_000
"""Rows read, and written to the reader, at a time."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def records(
    integration: Integration,
    user: AbstractBaseUser,
    *,
    object_sync: ObjectSync | None = None,
    states: Collection[LinkState] = (),
    reason: Reason | None = None,
) -> Iterator[str]:
    """Return the lines of the records in these states with this reason, a chunk at a time.

    No state and no reason means all of them. One query, read by a cursor of the database: memory
    stays the same for any number. Writes an audit entry first; raises PermissionDenied.
    """
    tenants.require(user, integration.tenant)
    rows = RecordLink.objects.filter(object_sync__integration=integration)
    if object_sync is not None:
        rows = rows.filter(object_sync=object_sync)
    if states:
        rows = rows.filter(state__in=states)
    if reason:
        rows = rows.filter(reason=reason)
    chosen = [state.value for state in states] + ([reason.value] if reason else [])
    audit.record(
        integration.tenant,
        "records.exported",
        user=user,
        integration=integration,
        object_sync=object_sync,
        reason=reason or "",
        detail=", ".join(chosen) or "all records",
    )
    return _lines(rows.select_related("object_sync"))


def _lines(rows: QuerySet[RecordLink]) -> Iterator[str]:
    waiting = [_heading()]
    for link in rows.order_by("pk").iterator(chunk_size=CHUNK):
        waiting.append(_line(link))
        if len(waiting) >= CHUNK:
            yield _text(waiting)
            waiting = []
    if waiting:
        yield _text(waiting)


def _heading() -> Sequence[str]:
    return (
        _("Object"), _("HubSpot id"), _("Id in the other system"), _("State"), _("Reason"),
        _("What happened"), _("What to do"), _("Known since"), _("Last decided"),
    )  # fmt: skip


def _line(link: RecordLink) -> Sequence[str]:
    known = link.reason in EXPLANATIONS
    return (
        link.object_sync.key,
        link.hubspot_id,
        link.target_id,
        link.state,
        link.reason,
        explain(Reason(link.reason), link.detail) if known else link.detail,
        EXPLANATIONS[Reason(link.reason)].remedy if known else "",
        link.created_at.isoformat(timespec="seconds"),
        link.decided_at.isoformat(timespec="seconds"),
    )


def _text(lines: Sequence[Sequence[str]]) -> str:
    page = io.StringIO(newline="")
    csv.writer(page).writerows([_harmless(cell) for cell in line] for line in lines)
    return page.getvalue()


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from taking a cell for a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
