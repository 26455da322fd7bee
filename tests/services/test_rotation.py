"""Keys are rotated while the portal works: everything opens afterwards with the new key alone."""

from __future__ import annotations

import base64
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection as database
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from integrations.connectors.auth import TokenSet
from integrations.engine.errors import AuthFailed
from integrations.engine.mapping import Privacy
from integrations.models import (
    Connection,
    Notice,
    ObjectSync,
    Preview,
    PreviewItem,
    RecordKey,
    Tenant,
)
from integrations.services import audit, connections, previews, rotation, vault
from tests import factories
from tests.services import delivery_kit, test_notices
from tests.services.stage import Stage

pytestmark = pytest.mark.django_db
NEW = "new:" + base64.urlsafe_b64encode(bytes(range(64, 128))).decode()
HEALTH = Privacy.HEALTH
SECRETS = {"Password": "s3cret"}


@pytest.fixture
def tenant() -> Tenant:
    return Tenant.objects.create(name="Acme", slug="acme")


def connect(tenant: Tenant, account: str) -> Connection:
    row = Connection(tenant=tenant, system="rxnt", account_id=account)
    vault.set_secrets(row, SECRETS)
    vault.set_tokens(row, TokenSet("access", timezone.now(), "refresh"))
    row.save()
    return row


def rotate(settings: Settings, **options: int) -> str:
    out = StringIO()
    settings.ENCRYPTION_KEYS = [NEW, *(k for k in settings.ENCRYPTION_KEYS if k != NEW)]
    call_command("rotate_keys", stdout=out, **options)
    return out.getvalue()


def preview_item(row: ObjectSync) -> PreviewItem:
    made = Preview.objects.create(
        tenant=row.tenant, object_sync=row, digest="", config={}, revision=1
    )
    sealed = vault.seal(b"{}", aad=previews.place(made.pk, "901", ""))
    return PreviewItem.objects.create(
        preview=made, hubspot_id="901", action="create", reason="created", fields=sealed
    )


def test_everything_opens_with_the_new_key_alone(tenant: Tenant, settings: Settings) -> None:
    row = connect(tenant, "1")
    key = RecordKey.objects.create(
        tenant=tenant, link_id=5, sealed=vault.seal(b"k" * 64, aad=audit.key_place(5))
    )
    notice = Notice(id=row.pk, tenant=tenant, occurred_at=timezone.now())
    notice.label = vault.seal(b"Ida", aad=vault.place(notice, "label"))
    notice.save()
    said = rotate(settings)
    assert "connection.secrets: 1 of 1" in said
    assert "Everything is sealed with key 'new'." in said
    settings.ENCRYPTION_KEYS = [NEW]
    row.refresh_from_db()
    assert vault.secrets_of(row) == SECRETS
    held = vault.tokens_of(row)
    assert held is not None
    assert held.refresh == "refresh"
    key.refresh_from_db()
    assert vault.unseal(key.sealed, aad=audit.key_place(5)) == b"k" * 64
    notice.refresh_from_db()
    assert vault.unseal(notice.label, aad=vault.place(notice, "label")) == b"Ida"


def test_no_sealed_column_is_forgotten(stage: Stage) -> None:
    integration = stage.connect()
    assert integration.target is not None
    connections.pause(integration.target.pk, AuthFailed("refused"))
    test_notices.fail(integration)
    delivery_kit.endpoint(integration.object_syncs.get())
    preview_item(integration.object_syncs.get())
    factories.merge(integration.object_syncs.get())
    audit.append(
        [
            audit.AuditDraft(
                stage.acme.pk, "update", link_id=5, after={"DOB": "x"}, privacy={"DOB": HEALTH}
            )
        ]
    )
    sealed = set()
    for model in apps.get_app_config("integrations").get_models():
        for field in model._meta.concrete_fields:
            if field.get_internal_type() == "TextField":
                found = model._default_manager.filter(**{f"{field.name}__startswith": "v1."})
                sealed |= {f"{model._meta.model_name}.{field.name}"} if found.exists() else set()
    assert sealed == {str(column) for column in rotation.COLUMNS}


def test_what_a_preview_shows_is_sealed_again(object_sync: ObjectSync, settings: Settings) -> None:
    row = preview_item(object_sync)
    rotate(settings)
    settings.ENCRYPTION_KEYS = [NEW]
    row.refresh_from_db()
    assert vault.unseal(row.fields, aad=previews.place(row.preview_id, "901", "")) == b"{}"


def test_progress_is_told_per_batch(tenant: Tenant, settings: Settings) -> None:
    for number in range(5):
        connect(tenant, str(number))
    lines = [line for line in rotate(settings, batch=2).splitlines() if "secrets" in line]
    assert [line.split(": ")[1] for line in lines] == [
        "2 of 5 sealed again",
        "4 of 5 sealed again",
        "5 of 5 sealed again",
    ]


def test_what_is_done_is_not_done_again(tenant: Tenant, settings: Settings) -> None:
    row = connect(tenant, "1")
    rotate(settings)
    row.refresh_from_db()
    first = row.secrets
    assert rotate(settings) == "Everything is sealed with key 'new'.\n"
    row.refresh_from_db()
    assert row.secrets == first


def test_an_interrupted_rotation_goes_on_where_it_stopped(
    tenant: Tenant, settings: Settings
) -> None:
    for number in range(4):
        connect(tenant, str(number))
    settings.ENCRYPTION_KEYS = [NEW, *settings.ENCRYPTION_KEYS]
    next(rotation.rotate(batch=1))
    seen = [(str(p.column), p.done, p.left) for p in rotation.rotate(batch=2)]
    assert seen[:2] == [("connection.secrets", 2, 1), ("connection.secrets", 3, 0)]


def test_a_text_that_cannot_be_opened_stops_with_its_place(
    tenant: Tenant, settings: Settings
) -> None:
    row = connect(tenant, "1")
    Connection.objects.update(secrets=vault.seal(b"{}", aad="elsewhere"))
    with pytest.raises(CommandError, match=str(row.pk)):
        rotate(settings)


@pytest.mark.django_db(transaction=True)
def test_rows_in_use_are_left_for_later(settings: Settings) -> None:
    tenant = Tenant.objects.create(name="Acme", slug="acme")
    row, free = connect(tenant, "1"), connect(tenant, "2")
    settings.ENCRYPTION_KEYS = [NEW, *settings.ENCRYPTION_KEYS]
    other = database.copy()
    try:
        with transaction.atomic(), other.cursor() as cursor:
            other.set_autocommit(False)
            cursor.execute(
                "SELECT 1 FROM integrations_connection WHERE id = %s FOR UPDATE", [row.pk]
            )
        steps = rotation.rotate()
        assert next(steps).done == 1
        free.refresh_from_db()
        assert vault.key_id_of(free.secrets) == "new"
        assert next(steps).stuck
        other.rollback()
        assert next(steps).done == 2
    finally:
        other.close()
    row.refresh_from_db()
    assert vault.key_id_of(row.secrets) == "new"
