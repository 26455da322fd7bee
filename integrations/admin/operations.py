"""django-q2's own pages, for superusers only: a schedule's function is any import path."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django_q import admin as stock
from django_q.models import Failure, OrmQ, Schedule, Success


class SuperusersOnly:
    """Permission checks of a ModelAdmin that nobody but a superuser passes."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Hide the pages from everybody else."""
        return bool(request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Superusers only."""
        return bool(request.user.is_superuser)

    has_add_permission = has_view_permission
    has_change_permission = has_view_permission
    has_delete_permission = has_view_permission


PAGES = (
    (Schedule, stock.ScheduleAdmin),
    (Success, stock.TaskAdmin),
    (Failure, stock.FailAdmin),
    (OrmQ, stock.QueueAdmin),
)
for model, page in PAGES:
    if admin.site.is_registered(model):
        admin.site.unregister(model)
    admin.site.register(model, type(page.__name__, (SuperusersOnly, page), {}))
