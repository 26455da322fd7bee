"""The connector keeps every promise of the contract, with and without its own unique key."""

from __future__ import annotations

import pytest

from tests.connectors.hubspot.rig import CompanyRig, DealRig, HubSpotRig, KeyedRig
from tests.contract import ConnectorContract


class TestContract(ConnectorContract):
    @pytest.fixture
    def rig(self) -> HubSpotRig:
        return HubSpotRig()


class TestContractOfCompanies(ConnectorContract):
    @pytest.fixture
    def rig(self) -> HubSpotRig:
        return CompanyRig()


class TestContractOfDeals(ConnectorContract):
    @pytest.fixture
    def rig(self) -> HubSpotRig:
        return DealRig()


class TestContractWithUniqueKey(ConnectorContract):
    @pytest.fixture
    def rig(self) -> HubSpotRig:
        return KeyedRig()
