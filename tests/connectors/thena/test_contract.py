"""Thena keeps the connector contract with both its objects, whichever way pages are cut."""

from __future__ import annotations

import pytest

from tests.connectors.thena.rig import AccountRig, ContactRig, ThenaRig
from tests.contract import ConnectorContract


class TestAccounts(ConnectorContract):
    @pytest.fixture
    def rig(self) -> ThenaRig:
        return AccountRig()


class TestContacts(ConnectorContract):
    @pytest.fixture
    def rig(self) -> ThenaRig:
        return ContactRig()


class TestContactsWithOtherSwitches(ConnectorContract):
    """Pages are cut below what is asked for, and a PUT keeps custom fields it does not name."""

    @pytest.fixture
    def rig(self) -> ThenaRig:
        rig = ContactRig()
        rig.sandbox.behaviour.max_limit = 60
        rig.sandbox.behaviour.custom_fields_replace = False
        return rig
