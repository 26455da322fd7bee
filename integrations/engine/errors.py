"""The one error family: who is hit, whether to try again, what then. Raised by connectors.

Messages are for people and hold no value of a health or personal field and no secret.
"""

from __future__ import annotations

import enum
from typing import ClassVar

from integrations.engine.reasons import Reason
from integrations.engine.records import Side


class Scope(enum.StrEnum):
    """How far an error reaches."""

    RECORD = "record"
    SYNC = "sync"
    CONNECTION = "connection"
    INSTALLATION = "installation"


class SyncError(Exception):
    """Base of everything that can go wrong while talking to a system.

    `detail` is a sentence for people. `system_code` is the system's own error code, if any.
    `correlation_id` is what the system's support asks for. `side` is set by whoever made the call.
    """

    side: Side | None = None
    scope: ClassVar[Scope] = Scope.RECORD
    retryable: ClassVar[bool] = False
    default_reason: ClassVar[Reason] = Reason.REJECTED

    def __init__(
        self,
        detail: str,
        *,
        reason: Reason | None = None,
        system_code: str = "",
        correlation_id: str = "",
        fields: tuple[str, ...] = (),
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.reason = reason or self.default_reason
        self.system_code = system_code
        self.correlation_id = correlation_id
        self.fields = fields


class RateLimited(SyncError):
    """The account's budget is spent; try again after `retry_after` seconds."""

    scope = Scope.SYNC
    retryable = True
    default_reason = Reason.RATE_LIMITED

    def __init__(self, detail: str, *, retry_after: float, system_code: str = "") -> None:
        super().__init__(detail, system_code=system_code)
        self.retry_after = retry_after


class Unavailable(SyncError):
    """The system or the network failed; nothing is known about reads, nothing was written."""

    scope = Scope.SYNC
    retryable = True
    default_reason = Reason.UNAVAILABLE

    def __init__(self, detail: str, *, retry_after: float = 0.0, correlation_id: str = "") -> None:
        super().__init__(detail, correlation_id=correlation_id)
        self.retry_after = retry_after


class ReplyLost(Unavailable):
    """A write was sent and its answer never came: it may or may not have happened."""

    default_reason = Reason.WRITE_UNKNOWN


class Rejected(SyncError):
    """The system refused one record; the same data will be refused again."""


class Duplicate(Rejected):
    """The system says a record with this unique value exists; `existing_id` when it named it."""

    default_reason = Reason.AMBIGUOUS

    def __init__(
        self,
        detail: str,
        *,
        existing_id: str = "",
        correlation_id: str = "",
        fields: tuple[str, ...] = (),
    ) -> None:
        super().__init__(detail, correlation_id=correlation_id, fields=fields)
        self.existing_id = existing_id


class MappingError(SyncError):
    """A value cannot be expressed in the other system; `fields` names the HubSpot fields."""

    default_reason = Reason.VALUE_INVALID


class NotFound(SyncError):
    """No record answers to the id. Ask "merged?" before believing it."""

    retryable = True
    default_reason = Reason.GONE


class VersionConflict(SyncError):
    """The record changed between our read and our write: read again, decide again."""

    retryable = True
    default_reason = Reason.CHANGED_MEANWHILE


class AuthFailed(SyncError):
    """The customer's credentials are refused for good: pause the connection, ask them."""

    scope = Scope.CONNECTION
    default_reason = Reason.REAUTH_NEEDED


class MissingScope(AuthFailed):
    """The credentials work but lack a permission; `system_code` names it."""

    default_reason = Reason.SCOPE_MISSING


class Misconfigured(SyncError):
    """Our own installation is wrong (bad client secret): never the customer's fault."""

    scope = Scope.INSTALLATION
    retryable = True
    default_reason = Reason.MISCONFIGURED


class ConfigInvalid(SyncError):
    """The published configuration cannot run (a mapped field vanished, the stage is gone)."""

    scope = Scope.SYNC
    default_reason = Reason.CONFIG_INVALID


class UnsafePlan(SyncError):
    """The breaker stopped the run before its first write."""

    scope = Scope.SYNC
    default_reason = Reason.PLAN_UNSAFE


class LeaseLost(SyncError):
    """Another worker holds the lane now; nothing may be written any more."""

    scope = Scope.SYNC
    retryable = True
    default_reason = Reason.LEASE_LOST
