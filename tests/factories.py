"""Rows for tests: small functions with sensible defaults. No assertions, no business rules."""

from __future__ import annotations

from itertools import count

from django.utils import timezone

from integrations.connectors import REGISTRY
from integrations.models import (
    Alias,
    Connection,
    Integration,
    Lane,
    ObjectSync,
    RecordLink,
    SyncVersion,
    Tenant,
)

_numbers = count(1)


def tenant(name: str = "Acme") -> Tenant:
    """Return a new organisation."""
    return Tenant.objects.create(name=name, slug=f"{name.lower()}-{next(_numbers)}")


def connection(owner: Tenant, system: str, account_id: str = "") -> Connection:
    """Return an active connection without secrets."""
    return Connection.objects.create(
        tenant=owner,
        system=system,
        account_id=account_id or str(5_000_000 + next(_numbers)),
        installer_email="installer@acme.example",
    )


def object_sync(owner: Tenant | None = None, *, account_id: str = "") -> ObjectSync:
    """Return contacts → patients of RXNT, with a lane and its first version."""
    owner = owner or tenant()
    integration = Integration.objects.create(
        tenant=owner,
        system="rxnt",
        hubspot=connection(owner, "hubspot", account_id),
        target=connection(owner, "rxnt"),
    )
    spec = REGISTRY["rxnt"].spec.syncs[0]
    row = ObjectSync.objects.create(
        tenant=owner,
        integration=integration,
        key=spec.key,
        hubspot_object=spec.hubspot_object,
        target_object=spec.target_object,
    )
    row.version = SyncVersion.objects.create(object_sync=row, number=1, config={"settings": {}})
    row.save()
    Lane.objects.create(object_sync=row)
    return row


def record_link(
    sync: ObjectSync,
    hubspot_id: str = "901",
    target_id: str = "",
    *,
    state: str = "linked",
    reason: str = "in_step",
) -> RecordLink:
    """Return a link with an alias per known id."""
    now = timezone.now()
    link = RecordLink.objects.create(
        tenant=sync.tenant,
        object_sync=sync,
        hubspot_id=hubspot_id,
        target_id=target_id,
        state=state,
        reason=reason,
        created_at=now,
        decided_at=now,
    )
    for side, record_id in (("hubspot", hubspot_id), ("target", target_id)):
        if record_id:
            Alias.objects.create(object_sync=sync, side=side, record_id=record_id, link=link)
    return link
