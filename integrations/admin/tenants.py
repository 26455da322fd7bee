"""Tenants and who belongs to them: the only pages on which support adds rows."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from integrations.admin.base import PortalAdmin, moment
from integrations.models import Membership, Tenant


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


@admin.register(Membership)
class MembershipAdmin(PortalAdmin[Membership]):
    """Roles of users in tenants."""

    list_display = ("user", "tenant", "role", moment("created_at", "since"))
    list_select_related = ("user", "tenant")
    list_filter = ("role",)
    search_fields = ("user__username", "user__email", "tenant__slug")
    autocomplete_fields = ("user", "tenant")
