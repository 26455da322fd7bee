"""All models of the one app. Fields, constraints and querysets; no behaviour."""

from integrations.models.audit import AuditEntry, AuditSeal, RecordKey
from integrations.models.connections import Connection, ConnectionState, OAuthState, Publishing
from integrations.models.deliveries import Delivery, DeliveryState, Endpoint
from integrations.models.drafts import Draft, FieldSchema, Preview, PreviewItem, PreviewState
from integrations.models.inbox import Event, EventOutcome
from integrations.models.jobs import Job
from integrations.models.ledger import Alias, Dependency, Intent, RecordLink
from integrations.models.merges import Merge, MergeState
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
from integrations.models.tables import Origin, TableEntry, TypedStage
from integrations.models.tenants import Membership, Role, Tenant
from integrations.models.tokens import ApiToken

__all__ = [
    "Alias",
    "ApiToken",
    "AuditEntry",
    "AuditSeal",
    "Bucket",
    "Connection",
    "ConnectionState",
    "Delivery",
    "DeliveryState",
    "Dependency",
    "Draft",
    "Endpoint",
    "Event",
    "EventOutcome",
    "FieldSchema",
    "Heartbeat",
    "Hint",
    "Integration",
    "Intent",
    "Job",
    "JobRun",
    "Lane",
    "Membership",
    "Merge",
    "MergeState",
    "Notice",
    "NoticeKind",
    "OAuthState",
    "ObjectSync",
    "Origin",
    "Preview",
    "PreviewItem",
    "PreviewState",
    "Publishing",
    "RecordKey",
    "RecordLink",
    "Review",
    "Role",
    "RunKind",
    "RunState",
    "SyncState",
    "SyncVersion",
    "TableEntry",
    "Tenant",
    "TypedStage",
    "Wake",
]
