"""Xentral keeps the connector contract with both kinds of records, whichever way one signs in."""

from __future__ import annotations

import pytest

from tests.connectors.xentral.rig import ACCOUNT, AddressRig, ResubmissionRig, XentralRig
from tests.contract import ConnectorContract
from tests.rig import Can


class RenewingAddressRig(AddressRig):
    """An API account: its nonces come and go."""

    can = AddressRig.can | Can.RENEW


class TestAddresses(ConnectorContract):
    @pytest.fixture
    def rig(self) -> XentralRig:
        return AddressRig()


class TestAddressesOfAnotherVersion(ConnectorContract):
    """An API account instead of a token, ids as texts, and 404 for empty lists."""

    @pytest.fixture
    def rig(self) -> XentralRig:
        return RenewingAddressRig(
            secrets=ACCOUNT, switches={"string_ids": True, "empty_list_404": True}
        )


class TestResubmissions(ConnectorContract):
    @pytest.fixture
    def rig(self) -> XentralRig:
        return ResubmissionRig()


class TestResubmissionsOfAnotherVersion(ConnectorContract):
    """An API account instead of a token, ids as texts, and 404 for empty lists."""

    @pytest.fixture
    def rig(self) -> XentralRig:
        return ResubmissionRig(
            secrets=ACCOUNT, switches={"string_ids": True, "empty_list_404": True}
        )
