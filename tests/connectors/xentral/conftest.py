"""The rigs of every Xentral test, without waiting between retries."""

from __future__ import annotations

import pytest

from integrations.connectors.http import ApiClient
from tests.connectors.xentral.rig import AddressRig, ResubmissionRig, Watch


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    defaults = ApiClient.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "sleep", lambda seconds: None)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def addresses(watch: Watch) -> AddressRig:
    return AddressRig(watch)


@pytest.fixture
def deals(watch: Watch) -> ResubmissionRig:
    return ResubmissionRig(watch)
