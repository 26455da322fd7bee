"""The contract's promises about lost replies, broken answers, tokens and secrets.

Inherited through `tests.contract.ConnectorContract`. Nothing here knows a system.
"""

from __future__ import annotations

import traceback

import pytest

from integrations.connectors.http import ApiClient
from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.errors import (
    AuthFailed,
    RateLimited,
    ReplyLost,
    Scope,
    Unavailable,
)
from tests.rig import (
    READ_FAULTS,
    WRITE_FAULTS,
    Can,
    Inject,
    Needs,
    Rig,
    errors_of,
    only_error,
)


class FailureContract:
    """The half of the contract that is about things going wrong, and the suite's fixtures."""

    @pytest.fixture
    def rig(self) -> Rig:
        """Return a fresh rig; every connector's test overrides this."""
        raise NotImplementedError

    @pytest.fixture(autouse=True)
    def no_waiting(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let retries of reads follow at once."""
        defaults = ApiClient.__init__.__kwdefaults__
        assert defaults is not None
        monkeypatch.setitem(defaults, "sleep", lambda seconds: None)

    @pytest.fixture
    def needs(self, rig: Rig) -> Needs:
        """Return a function that skips the test unless the system can do it."""

        def check(wanted: Can) -> None:
            lacking = wanted & ~rig.can
            if lacking:
                pytest.skip(f"this system cannot {str(lacking.name).lower()}")

        return check

    @pytest.fixture
    def faulty(self, rig: Rig) -> Inject:
        """Return a function that lets all coming calls of a path go wrong."""

        def inject(fault: Fault, path: str) -> None:
            kind, status, headers = fault.kind, fault.status, fault.headers
            rig.sandbox.faults.inject(Fault(kind, "*", path, status, headers, fault.body), 50)

        return inject

    def test_a_lost_reply_is_reported_as_lost(self, rig: Rig, needs: Needs) -> None:
        needs(Can.CREATE)
        rig.connector.check()
        rig.sandbox.faults.inject(Fault(FaultKind.LOST_REPLY, path=rig.write_path))
        error = only_error(lambda: rig.connector.create(rig.object_type, [rig.good(1)]))
        assert isinstance(error, ReplyLost)
        assert len(rig.stored()) == 1

    def test_items_after_a_lost_reply_are_not_attempted_and_not_called_lost(
        self, rig: Rig, needs: Needs
    ) -> None:
        needs(Can.CREATE | Can.PARTIAL)
        rig.fill(1)
        rig.sandbox.faults.inject(Fault(FaultKind.LOST_REPLY, path=rig.write_path))
        items = [rig.good(2), rig.good(3), rig.good(4)]
        errors = errors_of(lambda: rig.connector.create(rig.object_type, items), 3)
        assert [type(error) for error in errors] == [ReplyLost, Unavailable, Unavailable]
        assert len(rig.stored()) == 2

    def test_items_after_a_sync_wide_error_get_that_error(self, rig: Rig, needs: Needs) -> None:
        needs(Can.CREATE | Can.PARTIAL)
        rig.fill(1)
        rig.sandbox.faults.inject(Fault(FaultKind.STATUS, path=rig.write_path, status=429))
        items = [rig.good(2), rig.good(3)]
        errors = errors_of(lambda: rig.connector.create(rig.object_type, items), 2)
        assert [type(error) for error in errors] == [RateLimited, RateLimited]
        assert len(rig.stored()) == 1

    @pytest.mark.parametrize("seen", list(WRITE_FAULTS))
    def test_a_broken_write_is_tried_again_later(
        self,
        rig: Rig,
        needs: Needs,
        faulty: Inject,
        seen: str,
    ) -> None:
        needs(Can.CREATE)
        rig.connector.check()
        faulty(WRITE_FAULTS[seen], rig.write_path)
        error = only_error(lambda: rig.connector.create(rig.object_type, [rig.good(1)]))
        assert isinstance(error, Unavailable)
        assert error.retryable
        if rig.stored():
            assert isinstance(error, ReplyLost), "it happened, so nothing else may be claimed"

    @pytest.mark.parametrize("seen", list(READ_FAULTS))
    def test_a_broken_read_is_unavailable(self, rig: Rig, faulty: Inject, seen: str) -> None:
        rig.connector.check()
        faulty(READ_FAULTS[seen], rig.read_path)
        with pytest.raises(Unavailable) as caught:
            rig.read()
        assert not isinstance(caught.value, ReplyLost)

    def test_a_429_tells_how_long_to_wait(self, rig: Rig, faulty: Inject) -> None:
        rig.connector.check()
        faulty(Fault(FaultKind.STATUS, status=429, headers={"Retry-After": "7"}), rig.read_path)
        with pytest.raises(RateLimited) as caught:
            rig.read()
        assert caught.value.retry_after == pytest.approx(7)

    # ------------------------------------------------------------ tokens

    def test_a_token_that_expires_mid_run_is_renewed_once(self, rig: Rig, needs: Needs) -> None:
        needs(Can.CREATE | Can.RENEW)
        rig.fill(1)
        before = rig.logins()
        rig.expire_tokens()
        items = [rig.good(2), rig.good(3)]
        assert errors_of(lambda: rig.connector.create(rig.object_type, items), 2) == [None, None]
        assert rig.logins() == before + 1
        assert len(rig.stored()) == 3

    def test_refused_credentials_are_a_matter_of_the_connection(
        self, rig: Rig, needs: Needs
    ) -> None:
        needs(Can.CREATE)
        rig.connector.check()
        rig.refuse_login()
        items = [rig.good(1), rig.good(2)]
        for error in errors_of(lambda: rig.connector.create(rig.object_type, items), 2):
            assert isinstance(error, AuthFailed)
            assert error.scope is Scope.CONNECTION
        with pytest.raises(AuthFailed):
            rig.connector.check()

    # ------------------------------------------------------------ secrets

    def test_errors_hold_no_secret_and_no_personal_value(self, rig: Rig, faulty: Inject) -> None:
        errors = [only_error(lambda: rig.connector.create(rig.object_type, [rig.bad(1)]))]
        for fault in (*WRITE_FAULTS.values(), Fault(FaultKind.LOST_REPLY)):
            rig.sandbox.faults.clear()
            faulty(fault, rig.write_path)
            errors.append(only_error(lambda: rig.connector.create(rig.object_type, [rig.good(1)])))
        rig.sandbox.faults.clear()
        rig.refuse_login()
        errors.append(only_error(lambda: rig.connector.create(rig.object_type, [rig.good(2)])))
        for error in errors:
            text = "".join(traceback.format_exception(error)) + repr(vars(error))
            assert not [secret for secret in rig.secrets if secret in text]
