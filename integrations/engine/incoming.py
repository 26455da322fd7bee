"""What comes in: notices of the systems, and hints, which only say "look at this id"."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from integrations.engine.records import Side


class Priority(enum.IntEnum):
    """Most urgent first."""

    PERSON = 0
    WEBHOOK = 1
    RETRY = 2
    RECONCILE = 3
    BACKFILL = 4


@dataclass(frozen=True, slots=True)
class Hint:
    """Look at this id. `fired` says that the trigger itself was seen (entry into the stage).

    `asked` says that a person or a creation notice wants it synced: it starts the sync only if
    the record is in the trigger's value when it is read (`fired` does so even if it has left).
    `primary_id` is set by a merge notice: the id whose link is kept if several are linked.
    `attempts` counts earlier tries. `key` and `version` are the store's own.
    """

    side: Side
    record_id: str
    fired: bool = False
    asked: bool = False
    primary_id: str = ""
    priority: Priority = Priority.WEBHOOK
    attempts: int = 0
    key: int = 0
    version: int = 0


class EventKind(enum.StrEnum):
    """What an incoming notice says happened."""

    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"
    MERGED = "merged"
    RESTORED = "restored"
    ASSOCIATED = "associated"
    PRIVACY_DELETED = "privacy_deleted"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Event:
    """A verified incoming notice. `dedup_key` is equal for repeats and unique per account.

    `property` and `property_value` are only compared with a trigger and never stored as data.
    """

    account_id: str
    object_type: str
    kind: EventKind
    record_id: str
    dedup_key: str
    occurred_at: datetime
    property: str = ""
    property_value: str = ""
    primary_id: str = ""
    merged_ids: tuple[str, ...] = ()
    attempt: int = 0
