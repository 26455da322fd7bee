"""All models of the one app. Fields, constraints and querysets; no behaviour."""

from integrations.models.audit import AuditEntry, AuditSeal, RecordKey
from integrations.models.connections import Connection, ConnectionState, OAuthState
from integrations.models.inbox import Event, EventOutcome
from integrations.models.ledger import Alias, Intent, RecordLink
from integrations.models.notices import Notice, NoticeKind
from integrations.models.operations import Bucket, Heartbeat, Wake
from integrations.models.reviews import Review
from integrations.models.runs import JobRun, RunKind, RunState
from integrations.models.syncs import (
    Hint,
    Integration,
    Lane,
    ObjectSync,
    SyncState,
    SyncVersion,
)
from integrations.models.tenants import Membership, Role, Tenant

__all__ = [
    "Alias",
    "AuditEntry",
    "AuditSeal",
    "Bucket",
    "Connection",
    "ConnectionState",
    "Event",
    "EventOutcome",
    "Heartbeat",
    "Hint",
    "Integration",
    "Intent",
    "JobRun",
    "Lane",
    "Membership",
    "Notice",
    "NoticeKind",
    "OAuthState",
    "ObjectSync",
    "RecordKey",
    "RecordLink",
    "Review",
    "Role",
    "RunKind",
    "RunState",
    "SyncState",
    "SyncVersion",
    "Tenant",
    "Wake",
]
