"""Two tenants, HubSpot and RXNT as stand-ins in the process, and a browser per person."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from integrations.models import Integration
from tests.services.desk import Desk
from tests.services.magentrix_stage import MagentrixStage
from tests.services.stage import PORTAL, Stage
from tests.services.xentral_stage import XentralStage

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
def partners(
    db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> tuple[MagentrixStage, Integration]:
    """Magentrix, activated, with an owner whom nobody there answers to."""
    for name in ("HUBSPOT", "MAGENTRIX"):
        setattr(settings, f"{name}_RATE", 10_000)
    stage = MagentrixStage()
    stage.mount(monkeypatch)
    stage.people[PORTAL].add_owner("50", "zoe.young@firm.example")
    return stage, stage.connect()


@pytest.fixture
def erp(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> XentralStage:
    """Xentral, not connected yet."""
    for name in ("HUBSPOT", "XENTRAL"):
        setattr(settings, f"{name}_RATE", 10_000)
    stage = XentralStage()
    stage.mount(monkeypatch)
    return stage


@pytest.fixture
def enter() -> Enter:
    """Give a client in which somebody is logged in."""

    def logged_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return logged_in


@pytest.fixture
def desk(db: None, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Give a sync that Ada sets up, between two systems in memory; Vic may look, Bob is a stranger.

    Only what the test itself does writes anything: no worker runs.
    """
    return Desk(monkeypatch)


@pytest.fixture
def ada(desk: Desk, enter: Enter) -> Client:
    """Give the browser of the person who sets the sync up."""
    return enter(desk.ada)


def there(desk: Desk, name: str, **query: str) -> str:
    """Return the address of one of the sync's pages."""
    row = desk.sync
    address = reverse(name, args=[desk.acme.slug, row.integration_id, row.key])
    return f"{address}?{urlencode(query)}" if query else address
