"""Tenants and who belongs to them: the only pages on which support adds rows."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.models import User
from django.db import transaction
from django.forms import ModelForm
from django.http import HttpRequest

from integrations.admin.base import PortalAdmin, ReadOnlyAdmin, moment
from integrations.models import Membership, Tenant
from integrations.services import audit


class MembershipInline(admin.TabularInline[Membership, Tenant]):
    """The members of a tenant."""

    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Tenant)
class TenantAdmin(PortalAdmin[Tenant]):
    """Customer organisations. Deleting one would take its history along: not from here."""

    list_display = ("name", "slug", "time_zone", moment("created_at", "created"))
    search_fields = ("slug", "name")
    ordering = ("name",)
    prepopulated_fields = {"slug": ("name",)}
    inlines = (MembershipInline,)

    def has_delete_permission(self, request: HttpRequest, obj: Tenant | None = None) -> bool:
        """Never."""
        return False

    def save_formset(
        self, request: HttpRequest, form: ModelForm[Tenant], formset: Any, change: bool
    ) -> None:
        """Save the members and write down who gave whom which role."""
        with transaction.atomic():
            super().save_formset(request, form, formset, change)
            saved = [*formset.new_objects, *(row for row, _fields in formset.changed_objects)]
            for row in saved:
                self._record(request, "member.role_set", row, f": {row.role}")
            for row in formset.deleted_objects:
                self._record(request, "member.removed", row)

    def _record(self, request: HttpRequest, action: str, row: Membership, role: str = "") -> None:
        detail = f"{row.user.get_username()}{role}"
        audit.record(row.tenant, action, user=cast(User, request.user), detail=detail)


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin[Membership]):
    """Roles of users in tenants; they are given on the tenant's page."""

    list_display = ("user", "tenant", "role", moment("created_at", "since"))
    list_select_related = ("user", "tenant")
    list_filter = ("role",)
    search_fields = ("user__username", "user__email", "tenant__slug")
