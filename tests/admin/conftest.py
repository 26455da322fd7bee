"""Support's two kinds of people and a history of some length."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from integrations.models import ObjectSync
from tests import factories

MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def support(db: None) -> Client:
    """Give the browser of a support user who may view everything and replay events."""
    user = User.objects.create_user("sam", is_staff=True)
    ours = Permission.objects.filter(content_type__app_label="integrations")
    user.user_permissions.set(ours.filter(codename__startswith="view_"))
    user.user_permissions.add(ours.get(codename="change_event"))
    return _browser(user)


@pytest.fixture
def superuser(db: None) -> Client:
    """Give the browser of a superuser."""
    return _browser(User.objects.create_superuser("root"))


@pytest.fixture
def sync(db: None) -> ObjectSync:
    """Give an object sync of a tenant, next to one of another tenant."""
    factories.object_sync(factories.tenant("Bolt"))
    return factories.object_sync(factories.tenant("Acme"))


def _browser(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=MODEL_BACKEND)
    return client
