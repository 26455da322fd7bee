"""Magentrix keeps the connector contract with its three entities, however rows are ordered."""

from __future__ import annotations

import pytest

from tests.connectors.magentrix.rig import AccountRig, ContactRig, MagentrixRig, OpportunityRig
from tests.contract import ConnectorContract


class TestAccounts(ConnectorContract):
    @pytest.fixture
    def rig(self) -> MagentrixRig:
        return AccountRig()


class TestContacts(ConnectorContract):
    @pytest.fixture
    def rig(self) -> MagentrixRig:
        return ContactRig()


class TestOpportunities(ConnectorContract):
    @pytest.fixture
    def rig(self) -> MagentrixRig:
        return OpportunityRig()


class TestAccountsWithOtherSwitches(ConnectorContract):
    """Rows of one instant come in any order, and tokens tell their end in seconds."""

    @pytest.fixture
    def rig(self) -> MagentrixRig:
        rig = AccountRig()
        rig.sandbox.behaviour.shuffle_ties = True
        rig.sandbox.behaviour.session_shape = "expires_in"
        return rig
