"""A fresh HubSpot sandbox, or a connector over one, for every test that asks for it."""

from __future__ import annotations

import pytest

from tests.connectors.hubspot.rig import HubSpotRig
from tests.connectors.hubspot.sandbox_rig import SandboxRig


@pytest.fixture
def rig() -> HubSpotRig:
    return HubSpotRig()


@pytest.fixture
def hub() -> SandboxRig:
    return SandboxRig()
