"""Writing and reading the append-only history. Sealing it into batches is in `audit_seals.py`.

All values of a record are sealed under a key of its own, which erasure destroys; the readable
columns hold a mask for them. Public values of entries about no record stay readable.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection as database
from django.utils import timezone

from integrations.engine.mapping import Privacy
from integrations.engine.records import ABSENT, Mark, Value
from integrations.models import (
    AuditEntry,
    Connection,
    Integration,
    ObjectSync,
    RecordKey,
    Tenant,
)
from integrations.services import vault

MASK: Final = "••••"
Plain = str | bool | list[str] | None
Change = dict[str, Plain]

COLUMNS: Final = (
    "tenant_id", "at", "actor_id", "action", "reason", "detail", "object_sync_id",
    "connection_id", "link_id", "hubspot_id", "target_id", "side", "run_id", "version_number",
    "before", "after", "sealed", "duration_ms", "calls",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AuditDraft:
    """An entry about to be written. `privacy` classifies field names; unknown ones are personal.

    `duration_ms` and `calls` are what it cost: of a batch, its share (see `History.settled`).
    """

    tenant_id: UUID
    action: str
    reason: str = ""
    detail: str = ""
    object_sync_id: UUID | None = None
    connection_id: UUID | None = None
    link_id: int | None = None
    hubspot_id: str = ""
    target_id: str = ""
    side: str = ""
    run_id: int | None = None
    version_number: int = 0
    before: Mapping[str, Value] = field(default_factory=dict)
    after: Mapping[str, Value] = field(default_factory=dict)
    privacy: Mapping[str, Privacy] = field(default_factory=dict)
    duration_ms: int = 0
    calls: int = 0
    actor_id: int | None = None


def append(drafts: Sequence[AuditDraft]) -> None:
    """Write entries in bulk, inside the caller's transaction."""
    if not drafts:
        return
    keys = _record_keys(draft for draft in drafts if draft.before or draft.after)
    now = timezone.now()
    copy = f"COPY {AuditEntry._meta.db_table} ({', '.join(COLUMNS)}) FROM STDIN"
    with database.cursor() as cursor, cursor.copy(copy) as rows:
        for draft in drafts:
            rows.write_row(_row(draft, now, keys))


def record(
    tenant: Tenant,
    action: str,
    *,
    user: AbstractBaseUser | None = None,
    connection: Connection | None = None,
    integration: Integration | None = None,
    object_sync: ObjectSync | None = None,
    reason: str = "",
    detail: str = "",
) -> None:
    """Write one entry for something a person or the portal did to the configuration."""
    if connection is None and integration is not None:
        connection = integration.hubspot
    append(
        [
            AuditDraft(
                tenant_id=tenant.pk,
                action=action,
                reason=reason,
                detail=detail,
                connection_id=connection.pk if connection else None,
                object_sync_id=object_sync.pk if object_sync else None,
                actor_id=user.pk if user else None,
            )
        ]
    )


def changes_of(entry: AuditEntry, *, show_health: bool = False) -> tuple[Change, Change]:
    """Return before and after as people may read them; health values stay masked by default.

    After erasure the record's key is gone, and so is what it sealed.
    """
    return changes_of_all([entry], show_health=show_health)[0]


def changes_of_all(
    entries: Sequence[AuditEntry], *, show_health: bool = False
) -> list[tuple[Change, Change]]:
    """Return `changes_of` each entry, with one query for all keys."""
    links = {entry.link_id for entry in entries if entry.sealed and entry.link_id}
    keys = _known_keys(links)
    return [_readable(entry, keys.get(entry.link_id or 0), show_health) for entry in entries]


def _readable(entry: AuditEntry, key: bytes | None, show_health: bool) -> tuple[Change, Change]:
    before, after = dict(entry.before), dict(entry.after)
    if key is None or not entry.sealed:
        return before, after
    opened = json.loads(vault.unseal_with(key, entry.sealed, aad=_aad(entry.link_id)))
    hidden = set() if show_health else set(opened["health"])
    for shown, values in ((before, opened["before"]), (after, opened["after"])):
        shown.update({name: value for name, value in values.items() if name not in hidden})
    return before, after


def plain(value: Value) -> Plain:
    """Return a value as it is stored in the history: text, boolean, list or None for blank."""
    if isinstance(value, Mark):
        return None
    if isinstance(value, (Decimal, date, datetime)):
        return f"{value:f}" if isinstance(value, Decimal) else value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _row(draft: AuditDraft, now: datetime, keys: Mapping[int, bytes]) -> tuple[object, ...]:
    public: dict[str, Change] = {"before": {}, "after": {}}
    private: dict[str, Change] = {"before": {}, "after": {}}
    for moment, values in (("before", draft.before), ("after", draft.after)):
        for name, value in values.items():
            if value is ABSENT:
                continue
            known = draft.privacy.get(name, Privacy.PERSONAL)
            is_readable = known is Privacy.PUBLIC and draft.link_id is None
            text = plain(value)
            public[moment][name] = text if is_readable or text is None else MASK
            if not is_readable:
                private[moment][name] = text
    return (
        draft.tenant_id, now, draft.actor_id, draft.action, draft.reason, draft.detail[:1000],
        draft.object_sync_id, draft.connection_id, draft.link_id, draft.hubspot_id,
        draft.target_id, draft.side, draft.run_id, draft.version_number,
        json.dumps(public["before"]), json.dumps(public["after"]), _sealed(draft, private, keys),
        draft.duration_ms, draft.calls,
    )  # fmt: skip


def _sealed(draft: AuditDraft, private: Mapping[str, Change], keys: Mapping[int, bytes]) -> str:
    key = keys.get(draft.link_id or 0)
    if key is None or not (private["before"] or private["after"]):
        return ""
    names = {*private["before"], *private["after"]}
    health = sorted(name for name in names if draft.privacy.get(name) is Privacy.HEALTH)
    text = json.dumps({**private, "health": health})
    return vault.seal_with(key, text.encode(), aad=_aad(draft.link_id))


def _record_keys(drafts: Iterable[AuditDraft]) -> dict[int, bytes]:
    """Return the sealing key per link, making the missing ones (two workers may race: one wins)."""
    owners = {draft.link_id: draft.tenant_id for draft in drafts if draft.link_id}
    keys = _known_keys(owners)
    fresh = {link_id: vault.new_key() for link_id in owners if link_id not in keys}
    if fresh:
        ours = _store_keys(fresh, owners)
        keys |= {link_id: key for link_id, key in fresh.items() if link_id in ours}
        keys |= _known_keys(fresh.keys() - ours)
    return keys


def _known_keys(link_ids: Collection[int]) -> dict[int, bytes]:
    if not link_ids:
        return {}
    return {row.link_id: _open(row) for row in RecordKey.objects.filter(link_id__in=link_ids)}


def _store_keys(keys: Mapping[int, bytes], owners: Mapping[int, UUID]) -> set[int]:
    """Insert keys; returns the links for which nobody was faster."""
    sealed = [vault.seal(key, aad=key_place(link_id)) for link_id, key in keys.items()]
    columns: list[Any] = [list(keys), [owners[link_id] for link_id in keys], sealed]
    with database.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO integrations_recordkey (link_id, tenant_id, sealed)
            SELECT * FROM unnest(%s::bigint[], %s::uuid[], %s::text[])
            ON CONFLICT (link_id) DO NOTHING RETURNING link_id
            """,
            columns,
        )
        return {link_id for (link_id,) in cursor.fetchall()}


def _open(key: RecordKey) -> bytes:
    return vault.unseal(key.sealed, aad=key_place(key.link_id))


def key_place(link_id: int) -> str:
    """Return the associated data of a link's record key."""
    return f"record-key:{link_id}"


def _aad(link_id: int | None) -> str:
    return f"audit:{link_id}"
