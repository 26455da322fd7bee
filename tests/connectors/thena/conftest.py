"""The rigs of every Thena test, without waiting between retries."""

from __future__ import annotations

import pytest

from integrations.connectors.http import ApiClient
from tests.connectors.thena.rig import AccountRig, ContactRig, Watch


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
