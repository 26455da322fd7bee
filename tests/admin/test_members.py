"""Support gives roles on the tenant's page, and every change of a role is history."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from integrations.models import AuditEntry, Membership, Role, Tenant
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> Tenant:
    return factories.tenant()


def save(client: Client, tenant: Tenant, **member: object) -> int:
    """Send the tenant's page with one row of members."""
    known = int("id" in member)
    form = {
        "name": tenant.name,
        "slug": tenant.slug,
        "time_zone": tenant.time_zone,
        "memberships-TOTAL_FORMS": 1,
        "memberships-INITIAL_FORMS": known,
        "memberships-0-tenant": tenant.pk,
        **{f"memberships-0-{name}": value for name, value in member.items()},
    }
    page = reverse("admin:integrations_tenant_change", args=[tenant.pk])
    return client.post(page, form).status_code


def acts() -> list[tuple[str, str]]:
    return list(AuditEntry.objects.order_by("id").values_list("action", "detail"))


def test_giving_changing_and_ending_a_role_is_written_down(
    tenant: Tenant, admin_client: Client, admin_user: User
) -> None:
    ada = User.objects.create_user("ada")
    assert save(admin_client, tenant, user=ada.pk, role=Role.VIEWER) == 302
    row = Membership.objects.get(tenant=tenant)
    assert save(admin_client, tenant, id=row.pk, user=ada.pk, role=Role.ADMIN) == 302
    assert save(admin_client, tenant, id=row.pk, user=ada.pk, role=Role.ADMIN, DELETE="on") == 302
    assert acts() == [
        ("member.role_set", "ada: viewer"),
        ("member.role_set", "ada: admin"),
        ("member.removed", "ada"),
    ]
    assert set(AuditEntry.objects.values_list("actor", flat=True)) == {admin_user.pk}


def test_saving_without_a_change_writes_nothing(tenant: Tenant, admin_client: Client) -> None:
    ada = User.objects.create_user("ada")
    row = Membership.objects.create(tenant=tenant, user=ada)
    assert save(admin_client, tenant, id=row.pk, user=ada.pk, role=row.role) == 302
    assert acts() == []


def test_the_list_of_memberships_is_only_for_reading(tenant: Tenant, admin_client: Client) -> None:
    page = reverse("admin:integrations_membership_add")
    assert admin_client.get(page).status_code == 403
