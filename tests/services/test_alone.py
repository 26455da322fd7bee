"""Two tabs that prepare one integration at once: the second waits and makes nothing twice."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from integrations.engine.errors import Unavailable
from integrations.models import Integration
from integrations.services import alone
from tests import factories


@pytest.fixture
def integration(db: None) -> Integration:
    return factories.object_sync().integration


def tried(integration: Integration) -> list[str]:
    """Try from another session, and return how it went."""
    found: list[str] = []

    def other() -> None:
        try:
            with alone.alone(integration):
                found.append("in")
        except Unavailable:
            found.append("refused")
        finally:
            connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    return found


def test_another_session_is_kept_out_and_let_in_afterwards(
    integration: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alone, "PATIENCE", 0.0)
    with alone.alone(integration), alone.alone(integration):
        assert tried(integration) == ["refused"]
    assert tried(integration) == ["in"]


def test_an_error_inside_gives_the_lock_back(
    integration: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alone, "PATIENCE", 0.0)
    with pytest.raises(ValueError, match="no"), alone.alone(integration):
        raise ValueError("no")
    assert tried(integration) == ["in"]


def test_another_integration_is_not_kept_waiting(
    integration: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alone, "PATIENCE", 0.0)
    with alone.alone(integration):
        assert tried(factories.object_sync().integration) == ["in"]
