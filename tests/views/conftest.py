"""Two tenants, HubSpot and RXNT as stand-ins in the process, and a browser per person."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from integrations.models import Integration
from tests.services.stage import Stage

Enter = Callable[[User], Client]


@pytest.fixture
def stage(db: None, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Acme with its owner Ada and viewer Vic; Bolt with its owner Bob."""
    made = Stage()
    made.mount(monkeypatch)
    return made


@pytest.fixture
def joined(stage: Stage) -> Integration:
    """Acme's HubSpot account joined with its RXNT practice."""
    return stage.connect()


@pytest.fixture
def enter() -> Enter:
    """Give a client in which somebody is logged in."""

    def logged_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return logged_in
