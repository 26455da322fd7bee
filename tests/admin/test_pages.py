"""What support may see and do: everything to read, history never to change, no secret at all."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from integrations.engine.mapping import Privacy
from integrations.models import AuditEntry, Event, Notice, NoticeKind, ObjectSync, RecordLink
from integrations.services import audit, vault
from tests import factories
from tests.admin.conftest import _browser

OURS = sorted(
    model._meta.model_name
    for model in admin.site._registry
    if model._meta.app_label == "integrations" and model._meta.model_name
)
HISTORY = [
    "apitoken", "auditentry", "connection", "delivery", "draft", "endpoint", "event",
    "fieldschema", "integration", "intent", "job", "jobrun", "merge", "notice", "objectsync",
    "preview", "recordlink", "review",
]  # fmt: skip


@pytest.fixture
def rows(sync: ObjectSync) -> dict[str, object]:
    """Make one row of each kind that holds something secret."""
    connection = sync.integration.hubspot
    vault.set_secrets(connection, {"Password": "open-sesame"})
    connection.tokens = "sealed-tokens-text"
    connection.save()
    link = factories.record_link(sync, "901", "88213")
    draft = audit.AuditDraft(
        tenant_id=sync.tenant_id,
        action="update",
        reason="updated",
        object_sync_id=sync.pk,
        link_id=link.pk,
        hubspot_id="901",
        target_id="88213",
        before={"DOB": date(1988, 2, 28), "LastName": "Brandt"},
        after={"DOB": date(1988, 2, 29), "LastName": "Hale"},
        privacy={"DOB": Privacy.HEALTH},
    )
    with transaction.atomic():
        audit.append([draft])
    now = timezone.now()
    event = Event.objects.create(
        tenant=sync.tenant, connection=connection, dedup_key="k", object_type="contacts",
        kind="changed", record_id="901", raw={"note": "raw-notice-text"}, occurred_at=now,
        received_at=now, routed_at=now,
    )  # fmt: skip
    notice = Notice.objects.create(
        id=connection.pk, tenant=sync.tenant, kind=NoticeKind.RECORD_FAILED, dedup_key="n",
        reason="rejected", label="sealed-label-text", recipient="a@b.example", occurred_at=now,
    )  # fmt: skip
    entry = AuditEntry.objects.get(hubspot_id="901")
    return {
        "connection": connection, "auditentry": entry, "event": event, "notice": notice,
        "recordlink": link,
    }  # fmt: skip


@pytest.mark.parametrize("name", OURS)
def test_every_list_opens(name: str, rows: dict[str, object], support: Client) -> None:
    assert support.get(reverse(f"admin:integrations_{name}_changelist")).status_code == 200


@pytest.mark.parametrize("name", ["integration", "objectsync", "tenant"])
def test_a_page_with_rows_below_opens(name: str, sync: ObjectSync, support: Client) -> None:
    keys = {"integration": sync.integration_id, "objectsync": sync.pk, "tenant": sync.tenant_id}

    page = support.get(reverse(f"admin:integrations_{name}_change", args=[keys[name]]))

    assert page.status_code == 200


@pytest.mark.parametrize("name", ["connection", "auditentry", "event", "notice", "recordlink"])
def test_no_page_shows_a_secret_or_a_health_value(
    name: str, rows: dict[str, object], superuser: Client
) -> None:
    row = rows[name]
    change = reverse(f"admin:integrations_{name}_change", args=[getattr(row, "pk")])  # noqa: B009
    pages = [reverse(f"admin:integrations_{name}_changelist"), change]

    for address in pages:
        page = superuser.get(address).content.decode()
        assert "open-sesame" not in page
        assert "sealed-" not in page
        assert "1988" not in page
        for sealed in AuditEntry.objects.values_list("sealed", flat=True):
            assert sealed not in page
        for secrets in type(rows["connection"])._default_manager.values_list("secrets", flat=True):  # type: ignore[attr-defined]
            assert not secrets or secrets not in page


def test_an_audit_entry_shows_before_and_after_with_health_values_masked(
    rows: dict[str, object], support: Client
) -> None:
    entry = AuditEntry.objects.get(hubspot_id="901")

    page = support.get(
        reverse("admin:integrations_auditentry_change", args=[entry.pk])
    ).content.decode()

    assert "<del>Brandt</del>" in page
    assert "<ins>Hale</ins>" in page
    assert f"<ins>{audit.MASK}</ins>" in page


@pytest.mark.parametrize("name", HISTORY)
def test_history_cannot_be_changed_even_by_a_superuser(
    name: str, rows: dict[str, object], superuser: Client
) -> None:
    model = next(m for m in admin.site._registry if m._meta.model_name == name)
    page = admin.site._registry[model]
    request = superuser.get("/admin/").wsgi_request
    assert request.user.is_authenticated

    assert not page.has_add_permission(request)
    assert not page.has_change_permission(request)
    assert not page.has_delete_permission(request)
    assert superuser.get(reverse(f"admin:integrations_{name}_add")).status_code == 403


@pytest.mark.parametrize("term", ["901", "88213", "in_step"])
def test_a_link_is_found_by_either_id_or_its_reason(
    term: str, rows: dict[str, object], sync: ObjectSync, support: Client
) -> None:
    factories.record_link(sync, "902", state="failing", reason="rejected")

    answer = support.get(reverse("admin:integrations_recordlink_changelist"), {"q": term})

    assert [link.hubspot_id for link in answer.context["cl"].result_list] == ["901"]


def test_support_sees_the_links_of_every_tenant(sync: ObjectSync, support: Client) -> None:
    other = factories.object_sync(factories.tenant("Crow"))
    factories.record_link(sync, "901")
    factories.record_link(other, "901")

    answer = support.get(reverse("admin:integrations_recordlink_changelist"), {"q": "901"})

    assert len(answer.context["cl"].result_list) == 2


def test_a_chosen_event_is_replayed(rows: dict[str, object], support: Client) -> None:
    event = Event.objects.get()
    chosen = {"action": "replay", "_selected_action": [event.pk]}

    support.post(reverse("admin:integrations_event_changelist"), chosen)

    event.refresh_from_db()
    assert event.routed_at is None
    assert AuditEntry.objects.filter(action="event.replayed").exists()


def test_replaying_needs_its_permission(rows: dict[str, object], support: Client) -> None:
    user = User.objects.get(username="sam")
    user.user_permissions.remove(*user.user_permissions.filter(codename="change_event"))
    event = Event.objects.get()
    chosen = {"action": "replay", "_selected_action": [event.pk]}

    support.post(reverse("admin:integrations_event_changelist"), chosen)

    event.refresh_from_db()
    assert event.routed_at is not None


def test_queue_pages_are_for_superusers_only(support: Client, superuser: Client) -> None:
    for name in ("schedule", "success", "failure", "ormq"):
        address = reverse(f"admin:django_q_{name}_changelist")
        assert support.get(address).status_code == 403
        assert superuser.get(address).status_code == 200


def test_the_admin_uses_the_portals_log_in(client: Client, db: None) -> None:
    there = client.get("/admin/integrations/auditentry/").headers["Location"]
    assert there.startswith("/admin/login/")

    assert client.get(there).headers["Location"].startswith("/login/?next=")


def test_a_member_who_is_not_support_is_refused(db: None) -> None:
    client = _browser(User.objects.create_user("ada"))

    assert client.get("/admin/", follow=True).status_code == 403


def test_links_are_read_without_their_digests(sync: ObjectSync) -> None:
    factories.record_link(sync)
    page = admin.site._registry[RecordLink]

    row = page.get_queryset(None).get()  # type: ignore[arg-type]

    assert "base" in row.get_deferred_fields()


def test_nobody_sees_the_key_of_a_second_factor(superuser: Client) -> None:
    device = TOTPDevice.objects.create(user=User.objects.get(), name="app", confirmed=True)
    page = superuser.get(reverse("admin:otp_totp_totpdevice_change", args=[device.pk]))
    picture = superuser.get(reverse("admin:otp_totp_totpdevice_qrcode", args=[device.pk]))

    assert page.status_code == 200
    assert device.key not in page.content.decode()
    assert picture.status_code == 403
