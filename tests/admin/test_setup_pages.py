"""Support reads drafts, previews, field lists and deliveries; no secret is among them."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.models import (
    Delivery,
    Dependency,
    Draft,
    Endpoint,
    FieldSchema,
    ObjectSync,
    Preview,
)
from tests import factories

SECRET_PATH = "https://hooks.acme.example/secret-path-of-acme"
Rows = dict[str, Draft | Preview | FieldSchema | Endpoint | Delivery]


@pytest.fixture
def rows(sync: ObjectSync) -> Rows:
    """Make one row of each kind."""
    now, owner = timezone.now(), sync.tenant
    endpoint = Endpoint.objects.create(
        tenant=owner, integration=sync.integration, url=SECRET_PATH, secret="sealed-secret"
    )
    return {
        "draft": Draft.objects.create(object_sync=sync, config={"format": 1}, edited_at=now),
        "preview": Preview.objects.create(
            tenant=owner, object_sync=sync, digest="d", config={}, revision=1
        ),
        "fieldschema": FieldSchema.objects.create(
            connection=sync.integration.hubspot, object_type="contacts", fields=[], read_at=now
        ),
        "endpoint": endpoint,
        "delivery": Delivery.objects.create(
            tenant=owner, object_sync=sync, endpoint=endpoint, event="hubspot.contact.synced",
            payload={"status": "SUCCESS"}, due_at=now, created_at=now,
            destination=endpoint.pk,
        ),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["draft", "preview", "fieldschema", "endpoint", "delivery"])
def test_list_and_page_open_without_a_secret(name: str, rows: Rows, superuser: Client) -> None:
    change = reverse(f"admin:integrations_{name}_change", args=[rows[name].pk])

    for address in (reverse(f"admin:integrations_{name}_changelist"), change):
        answer = superuser.get(address)
        assert answer.status_code == 200
        assert "sealed-secret" not in answer.content.decode()
        assert "secret-path-of-acme" not in answer.content.decode()


def test_an_endpoint_is_known_by_its_host(rows: Rows, support: Client) -> None:
    page = support.get(reverse("admin:integrations_endpoint_changelist")).content.decode()

    assert "hooks.acme.example" in page


def test_a_link_shows_what_it_waits_for(sync: ObjectSync, support: Client) -> None:
    link = factories.record_link(sync, "901", state="pending", reason="waiting_for_parent")
    Dependency.objects.create(link=link, parent_sync=sync, side="hubspot", record_id="77001")

    page = support.get(reverse("admin:integrations_recordlink_change", args=[link.pk]))

    assert "77001" in page.content.decode()
