"""Records and history as CSV for people: ids, states, reasons. No value of a record is in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from integrations.engine.explanations import EXPLANATIONS, explain
from integrations.engine.pairs import LinkState
from integrations.engine.reasons import Reason
from integrations.models import AuditEntry, Integration, ObjectSync, RecordLink, Tenant
from integrations.services import audit, audit_log, tenants
from integrations.services.audit_log import Wanted

CHUNK: Final = 2_000
"""Rows read, and written to the reader, at a time."""
_FORMULA: Final = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


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
    return _lines(rows, dict(integration.object_syncs.values_list("pk", "key")))


def history(tenant: Tenant, user: AbstractBaseUser, wanted: Wanted) -> Iterator[str]:
    """Return the lines of the history as asked, oldest first, a chunk at a time.

    Without the values before and after: those are read on the page. Writes an audit entry first;
    raises PermissionDenied.
    """
    tenants.require(user, tenant)
    rows = audit_log.entries(tenant, wanted)
    last = rows.order_by("-pk").values_list("pk", flat=True).first() or 0
    audit.record(tenant, "history.exported", user=user)
    return _entries(rows.filter(pk__lte=last))


def _entries(rows: QuerySet[AuditEntry]) -> Iterator[str]:
    waiting: list[Sequence[str]] = [
        (
            _("Time (UTC)"), _("Action"), _("Reason"), _("Detail"), _("HubSpot id"),
            _("Id in the other system"), _("Run"), _("Duration (ms)"), _("Calls"), _("By"),
        )
    ]  # fmt: skip
    columns = rows.order_by("pk").values_list(
        "at", "action", "reason", "detail", "hubspot_id", "target_id", "run_id", "duration_ms",
        "calls", "actor__username",
    )  # fmt: skip
    for at, *texts, run, milliseconds, calls, actor in columns.iterator(CHUNK):
        numbers = [str(run or ""), str(milliseconds), str(calls)]
        waiting.append([at.isoformat(timespec="seconds"), *texts, *numbers, actor or ""])
        if len(waiting) >= CHUNK:
            yield _text(waiting)
            waiting = []
    yield _text(waiting)


def _lines(rows: QuerySet[RecordLink], keys: Mapping[UUID, str]) -> Iterator[str]:
    waiting: list[Sequence[str]] = [_heading()]
    columns = rows.order_by("pk").values_list(
        "object_sync_id", "hubspot_id", "target_id", "state", "reason", "detail", "created_at",
        "decided_at",
    )  # fmt: skip
    for key, *ids_and_state, reason, detail, created, decided in columns.iterator(CHUNK):
        said = _said(reason, detail)
        times = [at.isoformat(timespec="seconds") for at in (created, decided)]
        waiting.append([keys[key], *ids_and_state, reason, *said, *times])
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


@lru_cache(maxsize=1000)
def _said(reason: str, detail: str) -> tuple[str, str]:
    """Return the sentence and the remedy: most records share a few of them."""
    return explain(reason, detail), EXPLANATIONS[Reason(reason)].remedy


def _text(lines: Sequence[Sequence[str]]) -> str:
    page = io.StringIO(newline="")
    csv.writer(page).writerows([_harmless(cell) for cell in line] for line in lines)
    return page.getvalue()


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from taking a cell for a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
