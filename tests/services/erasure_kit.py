"""Looking for values in every text of the database, and a person whose traces are everywhere."""

from __future__ import annotations

from uuid import uuid4

from django.apps import apps
from django.db import connection, models
from django.utils import timezone

from integrations.models import Delivery, Event, Notice, NoticeKind, Preview, PreviewItem, Review
from integrations.services import routing
from tests.services.merge_kit import MergeKit

TEXTS = (models.CharField, models.TextField, models.JSONField)
NAME, SITE = "Grace Hopper", "hopper.x"


def places(*values: str) -> list[str]:
    """Return table and column of every text, JSON included, in which one of the values occurs."""
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            for field in model._meta.concrete_fields:
                if not isinstance(field, TEXTS):
                    continue
                cursor.execute(
                    f'SELECT 1 FROM "{table}" WHERE "{field.column}"::text ILIKE ANY(%s) LIMIT 1',  # noqa: S608
                    [[f"%{value}%" for value in values]],
                )
                if cursor.fetchone():
                    found.append(f"{table}.{field.column}")
    return found


def person(kit: MergeKit) -> str:
    """Create somebody in HubSpot, synced and changed once; returns the HubSpot id."""
    made = kit.companies.put({"domain": SITE, "name": NAME})
    kit.load()
    kit.companies.edit(made, {"name": f"{NAME} Murray"})
    kit.look(made)
    return made


def scatter(kit: MergeKit, record_id: str) -> None:
    """Put the name wherever the portal may store one, more than it does by itself."""
    row, link, now = kit.syncs["companies"], kit.link(record_id), timezone.now()
    link.detail, link.refused = f"{NAME} is refused.", {"target:title": ["x", NAME]}
    link.choices = {"name|title": {"side": "hubspot", "seen": [NAME, ""]}}
    link.save()
    common = {"tenant": row.tenant, "object_sync": row}
    Review.objects.create(
        **common, link=link, reason="conflict", detail=NAME, fields=[[NAME, "x"]], opened_at=now
    )
    for sent_at in (None, now):
        Notice.objects.create(
            id=uuid4(), tenant=row.tenant, kind=NoticeKind.RECORD_FAILED, dedup_key=str(uuid4()),
            link=link, label=NAME, detail=NAME, occurred_at=now, sent_at=sent_at,
        )  # fmt: skip
    for state in ("waiting", "sent"):
        Delivery.objects.create(
            **common, destination=uuid4(), event="synced", state=state, due_at=now, created_at=now,
            payload={"hubspot": {"companyId": record_id}, "error": {"message": NAME}},
        )  # fmt: skip
    preview = Preview.objects.create(**common, digest="", config={}, revision=1)
    PreviewItem.objects.create(
        preview=preview, hubspot_id=record_id, action="hold", reason="conflict", detail=NAME
    )
    notice(kit, record_id, "changed", value=NAME)


def notice(kit: MergeKit, record_id: str, kind: str, value: str = "", account: str = "") -> None:
    """Store a notice of HubSpot about a company and route it."""
    pair, now = kit.syncs["companies"].integration, timezone.now()
    Event.objects.create(
        tenant=kit.acme, connection=pair.hubspot, dedup_key=uuid4().hex, object_type="companies",
        kind=kind, record_id=record_id, property="name" if value else "",
        raw={"value": value or None}, occurred_at=now, received_at=now,
    )  # fmt: skip
    routing.route()
