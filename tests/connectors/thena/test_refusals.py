"""What Thena needs of a new record is known before any call, so that a preview can say so."""

from __future__ import annotations

import pytest

from integrations.engine.extras import Foreseeing
from integrations.engine.ports import CreateItem
from integrations.engine.reasons import Reason
from tests.connectors.thena.rig import AccountRig


@pytest.mark.parametrize(
    ("object_type", "values"),
    [
        ("accounts", {"name": "Acme"}),
        ("accounts", {"primaryDomain": "acme.example"}),
        ("contacts", {"firstName": "Ada"}),
    ],
)
def test_a_record_without_what_thena_needs_is_refused_without_a_call(
    object_type: str, values: dict[str, str]
) -> None:
    rig = AccountRig()
    assert isinstance(rig.connector, Foreseeing)
    error = rig.connector.refusal(object_type, CreateItem("1", values))
    assert error is not None
    assert error.reason is Reason.REQUIRED_MISSING
    assert not rig.sandbox.counters


@pytest.mark.parametrize(
    ("object_type", "values"),
    [
        ("accounts", {"name": "Acme", "website": "https://www.acme.example/anvils"}),
        ("contacts", {"email": "ada@acme.example"}),
    ],
)
def test_what_other_fields_give_is_not_missing(object_type: str, values: dict[str, str]) -> None:
    assert AccountRig().connector.refusal(object_type, CreateItem("1", values)) is None
