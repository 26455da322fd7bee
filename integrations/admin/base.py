"""What every admin page derives from: exact searches, no counts of millions, read-only history.

Support sees all tenants here. Nothing on these pages opens a secret or a health value.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, TypeVar

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from integrations.engine.reasons import Reason
from integrations.models import Tenant
from integrations.templatetags import portal

M = TypeVar("M", bound=Model)
COUNT_LIMIT = 2_000
"""Rows that are counted and paged through; beyond them, search narrows the list."""


class BoundedPaginator(Paginator[Any]):
    """Counts at most `COUNT_LIMIT` rows, by an index, whatever the size of the table."""

    limit = COUNT_LIMIT

    @cached_property
    def count(self) -> int:
        """Return the number of rows, or the limit."""
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        return rows.order_by("-pk").values("pk")[: self.limit].count()


class PortalAdmin(admin.ModelAdmin[M]):
    """Base of all admin pages. `search_fields` are indexed columns; a search compares exactly.

    `hidden` names columns that are neither shown nor read.
    """

    hidden: ClassVar[tuple[str, ...]] = ()
    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 200
    ordering: ClassVar[tuple[str, ...]] = ("-pk",)
    sortable_by: ClassVar[tuple[str, ...]] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        """Leave the hidden columns in the database."""
        return super().get_queryset(request).defer(*self.hidden)

    def get_exclude(self, request: HttpRequest, obj: M | None = None) -> list[str]:
        """Keep the hidden columns out of every form."""
        return [*(super().get_exclude(request, obj) or ()), *self.hidden]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[M], search_term: str
    ) -> tuple[QuerySet[M], bool]:
        """Find rows where one of the columns equals the term: one index look-up per column.

        The indexes begin with the tenant, so all tenants are named. A disjunction in one query
        would make the planner walk the whole table when the term is rare.
        """
        term = search_term.strip()
        if not (term and self.search_fields):
            return queryset, False
        within = of_all_tenants(self.model._default_manager.all())
        found = {
            pk
            for column in self.search_fields
            for pk in within.filter(**{column: term})
            .order_by("-pk")
            .values_list("pk", flat=True)[:COUNT_LIMIT]
        }
        return queryset.filter(pk__in=found), False


class ReadOnlyAdmin(PortalAdmin[M]):
    """History and state that only the portal itself changes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        """Never."""
        return False


class ReadOnlyInline(admin.TabularInline[Any, Any]):
    """Rows below another row, to read."""

    extra = 0
    max_num = 0
    can_delete = False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False


class ReasonFilter(admin.SimpleListFilter):
    """The closed list of reasons, without asking the table which of them occur."""

    title = "reason"
    parameter_name = "reason"
    template = "admin/folded_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return every code."""
        return [(reason.value, portal.title_of(reason.value)) for reason in Reason]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        """Filter through the index, which begins with the tenant."""
        value = self.value()
        return of_all_tenants(queryset).filter(reason=value) if value else None


def of_all_tenants(rows: QuerySet[M]) -> QuerySet[M]:
    """Name every tenant, so that indexes that begin with the tenant serve support too."""
    if not any(field.name == "tenant" for field in rows.model._meta.fields):
        return rows
    return rows.filter(tenant__in=list(Tenant.objects.values_list("pk", flat=True)))


def state_chip(row: Any) -> SafeString:
    """Show a row's state."""
    return portal.state_chip(row.state)


def reason_chip(row: Any) -> SafeString | str:
    """Show a row's reason."""
    return portal.reason_chip(row.reason) if row.reason else "–"


def moment(column: str, label: str) -> Any:
    """Return a list column that shows an instant."""

    @admin.display(description=f"{label} (UTC)")
    def show(row: Any) -> str:
        at: datetime | None = getattr(row, column)
        return portal.instant(at)

    return show


state_chip.short_description = "state"  # type: ignore[attr-defined]
reason_chip.short_description = "reason"  # type: ignore[attr-defined]
