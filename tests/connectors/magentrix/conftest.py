"""The desk of every test of the Magentrix stand-in."""

from __future__ import annotations

import pytest

from tests.connectors.magentrix.sandbox_rig import Desk


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.sign_in()
    return desk
