"""Two tenants, and HubSpot and RXNT as stand-ins in the process."""

from __future__ import annotations

import pytest

from tests.services.stage import Stage


@pytest.fixture
def stage(db: None, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Acme with its owner Ada and viewer Vic; Bolt with its owner Bob."""
    made = Stage()
    made.mount(monkeypatch)
    return made
