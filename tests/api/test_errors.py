"""What a system or a service refuses reaches a program with a status that tells what to do."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from integrations.engine.errors import (
    AuthFailed,
    ConfigInvalid,
    MappingError,
    Misconfigured,
    MissingScope,
    RateLimited,
    Rejected,
    SyncError,
    Unavailable,
    UnsafePlan,
)
from integrations.models import ObjectSync
from integrations.services import explain
from integrations.services.setting_values import SettingsInvalid
from tests import factories
from tests.api.conftest import Api


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RateLimited("Slow down.", retry_after=11.2), 503, "rate_limited"),
        (Unavailable("No answer."), 503, "unavailable"),
        (AuthFailed("Refused."), 502, "reauth_needed"),
        (MissingScope("Lacks contacts."), 502, "scope_missing"),
        (Misconfigured("Bad secret."), 502, "misconfigured"),
        (ConfigInvalid("A field is gone."), 409, "config_invalid"),
        (UnsafePlan("60 of 80."), 409, "plan_unsafe"),
        (Rejected("Not a date."), 409, "rejected"),
        (MappingError("Not a date.", fields=("birthday",)), 409, "value_invalid"),
        (SettingsInvalid({"stage": "It does not exist any more."}), 400, "invalid"),
        (PermissionDenied(), 403, "forbidden"),
    ],
)
def test_each_error_has_its_status_and_says_what_to_do(
    error: Exception, status: int, code: str, ada: Api, sync: ObjectSync,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    link = factories.record_link(sync)

    def fail(*_arguments: object) -> None:
        raise error

    monkeypatch.setattr(explain, "why", fail)

    answer = ada.get(f"records/{link.pk}/why/")

    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code)
    assert body["detail"]
    assert (answer.headers.get("Retry-After") is not None) == (status == 503)
    if isinstance(error, SyncError):
        assert body["detail"] == error.detail
        assert body["remedy"]
        assert set(body["fields"]) == set(error.fields)
    if isinstance(error, SettingsInvalid):
        assert body["fields"] == error.errors


def test_a_wait_is_rounded_up(ada: Api, sync: ObjectSync, monkeypatch: pytest.MonkeyPatch) -> None:
    link = factories.record_link(sync)

    def fail(*_arguments: object) -> None:
        raise RateLimited("Slow down.", retry_after=11.2)

    monkeypatch.setattr(explain, "why", fail)

    assert ada.get(f"records/{link.pk}/why/")["Retry-After"] == "12"
