"""A fresh HubSpot sandbox for every test of this folder that asks for one."""

from __future__ import annotations

import pytest

from tests.connectors.hubspot.sandbox_rig import SandboxRig


@pytest.fixture
def hub() -> SandboxRig:
    return SandboxRig()
