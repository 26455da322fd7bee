"""Rows for tests: small functions with sensible defaults. No assertions, no business rules."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from django.db import transaction
from django.utils import timezone

from integrations.connectors import REGISTRY
from integrations.engine.config import MergePolicy
from integrations.engine.merges import Relink
from integrations.engine.pairs import Link, LinkState
from integrations.models import (
    Alias,
    Connection,
    Integration,
    Lane,
    Merge,
    ObjectSync,
    RecordLink,
    SyncVersion,
    Tenant,
)
from integrations.services import merge_rows, syncs

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


def merge(sync: ObjectSync, state: str = "held", numbers: tuple[int, int] = (1, 2)) -> Merge:
    """Return a merge of two linked records (41 and 42, then 412), as the lane stores one."""
    now = timezone.now()
    one, two = (record_link(sync, f"4{n}", f"9{n}") for n in numbers)
    survivor = "4{}{}".format(*numbers)
    links = {
        row.pk: Link(row.pk, LinkState.LINKED, row.hubspot_id, row.target_id) for row in (one, two)
    }
    relink = Relink(links[one.pk], survivor, (one.hubspot_id, two.hubspot_id), (links[two.pk],))
    config = replace(syncs.start_config_of(sync), merge=MergePolicy.HOLD)
    with transaction.atomic():
        merge_rows.remember(sync, config, [relink], now)
    RecordLink.objects.filter(pk=one.pk).update(hubspot_id=survivor)
    RecordLink.objects.filter(pk=two.pk).update(state="superseded", reason="superseded")
    Alias.objects.filter(link=two, side="hubspot").update(link=one)
    Alias.objects.create(object_sync=sync, side="hubspot", record_id=survivor, link=one)
    row = Merge.objects.select_related("object_sync__integration", "kept", "loser").get(loser=two)
    row.state = state
    row.save(update_fields=["state"])
    return row
