"""What several service tests need: threads, a tenant, the stand-ins, a working lane."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from pytest_django import Settings

from integrations.models import ObjectSync
from tests import factories
from tests.services.desk import Desk
from tests.services.lane_kit import LaneKit
from tests.services.stage import Stage
from tests.services.story import Story
from tests.services.thena_kit import ThenaKit
from tests.services.twin_kit import TwinKit


@pytest.fixture
def in_thread() -> Iterator[Callable[[Callable[[], object]], threading.Thread]]:
    """Start a callable in a thread that closes its database connection; all are joined."""
    threads: list[threading.Thread] = []

    def start(work: Callable[[], object]) -> threading.Thread:
        def run() -> None:
            try:
                work()
            finally:
                connection.close()

        thread = threading.Thread(target=run)
        thread.start()
        threads.append(thread)
        return thread

    yield start
    for thread in threads:
        thread.join(30)


@pytest.fixture
def object_sync(db: None) -> ObjectSync:
    """Give a tenant whose HubSpot account 4711001 feeds RXNT."""
    return factories.object_sync(account_id="4711001")


@pytest.fixture
def stage(db: None, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Give two tenants and stand-ins for HubSpot and RXNT that answer in this process."""
    made = Stage()
    made.mount(monkeypatch)
    return made


@pytest.fixture
def unlimited(settings: Settings) -> None:
    """Take our own call limits away."""
    lanes = (
        "HUBSPOT",
        "HUBSPOT_KEY",
        "HUBSPOT_SEARCH",
        "RXNT",
        "THENA",
        "THENA_EVENTS",
        "MAGENTRIX",
        "XENTRAL",
    )
    for name in lanes:
        setattr(settings, f"{name}_RATE", 10_000)
        setattr(settings, f"{name}_BURST", 10_000)


@pytest.fixture
def kit(stage: Stage, unlimited: None) -> LaneKit:
    """Give a lane that works, over both stand-ins."""
    return LaneKit(stage)


@pytest.fixture
def story(stage: Stage, unlimited: None) -> Story:
    """Give a lane that hears of HubSpot through signed webhooks."""
    return Story(stage)


@pytest.fixture
def thena(stage: Stage, unlimited: None, monkeypatch: pytest.MonkeyPatch) -> ThenaKit:
    """Give the two syncs with Thena, published with the rules they start from."""
    return ThenaKit(stage, monkeypatch)


@pytest.fixture
def twin(db: None, monkeypatch: pytest.MonkeyPatch) -> TwinKit:
    """Give a lane between two systems in memory that are both listed and written."""
    return TwinKit(monkeypatch)


@pytest.fixture
def desk(db: None, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Give a sync that an admin sets up, between two systems in memory."""
    return Desk(monkeypatch)
