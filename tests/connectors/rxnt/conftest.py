"""The rig of every RXNT test, without waiting between retries."""

from __future__ import annotations

import pytest

from integrations.connectors.http import ApiClient
from tests.connectors.rxnt.rig import RxntRig


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> RxntRig:
    defaults = ApiClient.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "sleep", lambda seconds: None)
    return RxntRig()
