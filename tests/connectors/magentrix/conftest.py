"""The desk of every test of the Magentrix stand-in, and the rigs of those of the connector."""

from __future__ import annotations

import pytest

from integrations.connectors.http import ApiClient
from tests.connectors.magentrix.rig import AccountRig, ContactRig, OpportunityRig, Watch
from tests.connectors.magentrix.sandbox_rig import Desk


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.sign_in()
    return desk


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    defaults = ApiClient.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "sleep", lambda seconds: None)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def accounts(watch: Watch) -> AccountRig:
    return AccountRig(watch)


@pytest.fixture
def contacts(watch: Watch) -> ContactRig:
    return ContactRig(watch)


@pytest.fixture
def deals(watch: Watch) -> OpportunityRig:
    return OpportunityRig(watch)
