"""Querysets that bind rows to a tenant. The only sanctioned way from a request to rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

from django.db import models

if TYPE_CHECKING:
    from integrations.models.tenants import Tenant

_M = TypeVar("_M", bound=models.Model, covariant=True)


class TenantQuerySet(models.QuerySet[_M]):
    """Rows that belong to a tenant through a `tenant` column."""

    def of(self, tenant: Tenant) -> Self:
        """Return this tenant's rows only."""
        return self.filter(tenant=tenant)
