"""RXNT keeps the connector contract, whichever way it words a refused token."""

from __future__ import annotations

import pytest

from tests.connectors.rxnt.rig import RxntRig
from tests.contract import ConnectorContract
from tests.rig import Rig


class TestContract(ConnectorContract):
    @pytest.fixture(params=[401, 403, 200], ids=["status 401", "status 403", "envelope only"])
    def rig(self, request: pytest.FixtureRequest) -> Rig:
        rig = RxntRig()
        rig.sandbox.auth_error_style = request.param
        return rig
