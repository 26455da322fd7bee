"""Two tenants with an object sync each, a client per token, and fresh throttles. No tests here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from integrations.models import ObjectSync, Role, Tenant
from integrations.services import tenants, tokens
from integrations.services.tokens import Scope
from tests import factories
from tests.services.desk import Desk
from tests.services.stage import Stage

EVERY = tuple(scope.value for scope in Scope)


@dataclass
class Api:
    """A program that holds a token of somebody in a tenant."""

    tenant: Tenant
    user: User
    plain: str

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Call `/api/v1/<path>`; returns the answer."""
        return Client().generic(
            method,
            f"/api/v1/{path}",
            "" if body is None else json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.plain}", **headers},
        )

    def get(self, path: str, **headers: str) -> Any:
        """Read; returns the answer."""
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """Do something; returns the answer."""
        return self.call("POST", path, body, **headers)

    def put(self, path: str, body: Any, **headers: str) -> Any:
        """Replace something; returns the answer."""
        return self.call("PUT", path, body, **headers)


@pytest.fixture(autouse=True)
def fresh_throttles() -> Iterator[None]:
    """Forget what earlier tests called."""
    cache.clear()
    yield
    cache.clear()


def holder(tenant: Tenant, user: User, *scopes: str) -> Api:
    """Return a program with a new token; without scopes, with all of them."""
    return Api(tenant, user, tokens.issue(tenant, user, "Test", scopes or EVERY)[1])


@pytest.fixture
def ada(db: None) -> Api:
    """Acme's owner, with every scope."""
    user = User.objects.create_user("ada")
    return holder(tenants.create("Acme", owner=user), user)


@pytest.fixture
def bob(db: None) -> Api:
    """The owner of Bolt, a stranger to Acme, with every scope."""
    user = User.objects.create_user("bob")
    return holder(tenants.create("Bolt", owner=user), user)


@pytest.fixture
def vic(ada: Api) -> Api:
    """Acme's administrator who was made a viewer after making a token with every scope."""
    user = User.objects.create_user("vic")
    tenants.set_role(ada.tenant, user, Role.ADMIN, by=ada.user)
    made = holder(ada.tenant, user)
    tenants.set_role(ada.tenant, user, Role.VIEWER, by=ada.user)
    return made


@pytest.fixture
def sync(ada: Api) -> ObjectSync:
    """Acme's contacts → patients."""
    return factories.object_sync(ada.tenant)


@pytest.fixture
def other(bob: Api) -> ObjectSync:
    """Bolt's contacts → patients."""
    return factories.object_sync(bob.tenant)


@pytest.fixture
def stage(db: None, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Acme with its owner Ada and viewer Vic; Bolt with its owner Bob; stand-ins that answer."""
    made = Stage()
    made.mount(monkeypatch)
    return made


@pytest.fixture
def desk(db: None, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Acme's sync that an admin sets up, between two systems in memory."""
    return Desk(monkeypatch)


@pytest.fixture
def owner(desk: Desk) -> Api:
    """The owner of the desk's organisation, with every scope."""
    return holder(desk.acme, desk.ada)


@pytest.fixture
def stranger(desk: Desk) -> Api:
    """The owner of another organisation, with every scope."""
    return holder(tenants.create("Bolt", owner=desk.bob), desk.bob)
