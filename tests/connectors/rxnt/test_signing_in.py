"""Accounts, tokens and what each refusal of them means."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from integrations.connectors.auth import MemoryVault, Renew, TokenSet
from integrations.connectors.rxnt.sandbox import DEMO_PASSWORD, DEMO_USER
from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.errors import (
    AuthFailed,
    ReplyLost,
    Unavailable,
)
from integrations.engine.records import Record
from tests.connectors.rxnt.rig import LOGIN, RxntRig, answers, fails_with, save

# ---------------------------------------------------------------- the account


def test_check_signs_in_although_good_tokens_are_stored(rig: RxntRig) -> None:
    assert rig.connector.check().account_id == "731"
    assert rig.connect().check().name == "RXNT practice 731"
    assert rig.logins() == 2


def test_a_connection_check_sees_a_changed_password_at_once(rig: RxntRig) -> None:
    rig.connector.check()
    rig.sandbox.users[DEMO_USER].password = "another"
    with pytest.raises(AuthFailed) as caught:
        rig.connector.check()
    assert caught.value.system_code == "credentials"
    assert "user name and password" in caught.value.detail


def test_a_locked_account_is_told_apart_from_a_wrong_password(rig: RxntRig) -> None:
    rig.sandbox.users[DEMO_USER].active = False
    with pytest.raises(AuthFailed) as caught:
        rig.connector.check()
    assert caught.value.system_code == "locked"
    assert "locked or inactive" in caught.value.detail


def test_any_other_refusal_of_the_log_in_shows_rxnts_own_words(rig: RxntRig) -> None:
    fails_with(rig, LOGIN, "Interface access is not part of your plan.")
    with pytest.raises(AuthFailed, match="Interface access is not part of your plan"):
        rig.connector.check()


def test_rxnts_own_words_never_repeat_the_password(rig: RxntRig) -> None:
    fails_with(rig, LOGIN, f"Interface code {DEMO_PASSWORD} is unknown")
    with pytest.raises(AuthFailed) as caught:
        rig.connector.check()
    assert DEMO_PASSWORD not in str(caught.value)


@pytest.mark.parametrize("status", [401, 403])
def test_a_log_in_refused_by_status_is_a_matter_of_the_credentials(
    rig: RxntRig, status: int
) -> None:
    answers(rig, LOGIN, "<html></html>", status)
    with pytest.raises(AuthFailed) as caught:
        rig.connector.check()
    assert caught.value.system_code == "credentials"


def test_a_locked_account_is_told_by_status_and_text_too(rig: RxntRig) -> None:
    fails_with(rig, LOGIN, "User is locked.", 401)
    with pytest.raises(AuthFailed) as caught:
        rig.connector.check()
    assert caught.value.system_code == "locked"


@pytest.mark.parametrize(
    "message", ["Invalid password. Please try again.", "Incorrect log-in, try again later."]
)
def test_a_wrong_password_is_never_taken_for_a_passing_fault(rig: RxntRig, message: str) -> None:
    fails_with(rig, LOGIN, message)
    with pytest.raises(AuthFailed) as caught:
        rig.connector.check()
    assert caught.value.system_code == "credentials"


def test_a_log_in_that_fails_for_a_while_disconnects_nobody(rig: RxntRig) -> None:
    fails_with(rig, LOGIN, "The service is down for maintenance, please log in later.")
    with pytest.raises(Unavailable):
        rig.connector.check()
    rig.sandbox.faults.inject(Fault(FaultKind.STATUS, path=LOGIN, status=503), 3)
    with pytest.raises(Unavailable):
        rig.connector.check()
    assert rig.connector.check().account_id == "731"


class ForgivingVault(MemoryVault):
    """Goes on with stored tokens while they work, as the portal's own vault does."""

    def tokens(self, renew: Renew, rejected: str = "") -> TokenSet:
        try:
            return super().tokens(renew, rejected)
        except Unavailable:
            if self.stored is None or self.stored.access == rejected:
                raise
            return self.stored


def test_a_check_needs_a_log_in_that_worked_and_not_just_a_token(rig: RxntRig) -> None:
    rig.fill(1)
    held = rig.vault.stored
    assert held is not None
    soon = datetime.now(UTC) + timedelta(minutes=1)
    rig.vault = ForgivingVault(rig.vault.secrets, replace(held, expires_at=soon))
    rig.connector = rig.connect()
    rig.sandbox.faults.inject(Fault(FaultKind.STATUS, path=LOGIN, status=503), 20)
    assert isinstance(save(rig), Record)
    with pytest.raises(Unavailable):
        rig.connector.check()


def test_a_success_without_a_token_is_not_a_log_in(rig: RxntRig) -> None:
    answers(rig, LOGIN, {"ValidationStatus": "Success", "Token": None})
    with pytest.raises(Unavailable, match="no token"):
        rig.connector.check()


@pytest.mark.parametrize(("days", "warned"), [(15, False), (14, True), (0, True), (-3, True)])
def test_credentials_about_to_expire_are_announced(rig: RxntRig, days: int, warned: bool) -> None:
    rig.sandbox.users[DEMO_USER].days_to_expire = days
    warnings = rig.connector.check().warnings
    assert bool(warnings) is warned
    assert all(f"{days} days" in warning for warning in warnings)


# ---------------------------------------------------------------- tokens


def test_stored_tokens_are_used_without_signing_in(rig: RxntRig) -> None:
    rig.fill(1)
    rig.connector = rig.connect()
    assert isinstance(save(rig), Record)
    assert rig.logins() == 1


def test_a_token_about_to_expire_is_renewed_before_the_call(rig: RxntRig) -> None:
    rig.fill(1)
    held = rig.vault.stored
    assert held is not None
    rig.vault.stored = TokenSet(
        held.access, datetime.now(UTC) + timedelta(minutes=1), extra=held.extra
    )
    rig.connector = rig.connect()
    assert isinstance(save(rig), Record)
    assert rig.logins() == 2


@pytest.mark.parametrize("style", [401, 403, 200])
def test_a_save_refused_for_its_token_is_repeated_once_and_saved_once(
    rig: RxntRig, style: int
) -> None:
    rig.sandbox.auth_error_style = style
    rig.connector.check()
    rig.expire_tokens()
    assert isinstance(save(rig), Record)
    patient = rig.sandbox.patient("hubspot_1")
    assert patient is not None
    assert patient.saves == 1


@pytest.mark.parametrize("style", [401, 200])
def test_a_fresh_token_that_is_refused_too_is_a_matter_of_the_connection(
    rig: RxntRig, style: int
) -> None:
    rig.sandbox.auth_error_style = style
    rig.vault.secrets["RequestCompanyId"] = "9001"
    error = save(rig)
    assert isinstance(error, AuthFailed)
    assert "request company id" in error.detail
    assert rig.logins() == 2, "one renewal, no more"


def test_a_token_renewed_by_another_worker_is_taken_over(rig: RxntRig) -> None:
    rig.connector.check()
    other = rig.connect()
    rig.expire_tokens()
    other.check()
    assert isinstance(save(rig), Record)
    assert rig.logins() == 2


def test_a_token_of_another_worker_that_is_refused_too_leads_to_a_log_in(rig: RxntRig) -> None:
    rig.connector.check()
    rig.connect().check()
    rig.expire_tokens()
    assert isinstance(save(rig), Record)
    assert rig.logins() == 3


def test_a_changed_password_is_named_even_where_others_renewed_the_token(rig: RxntRig) -> None:
    rig.connector.check()
    rig.connect().check()
    rig.refuse_login()
    error = save(rig)
    assert isinstance(error, AuthFailed)
    assert "user name and password" in error.detail


def test_a_password_changed_in_mid_run_stops_the_items_that_follow(rig: RxntRig) -> None:
    rig.connector.check()
    rig.fill(1)
    rig.refuse_login()
    outcomes = rig.connector.create("patients", [rig.good(2), rig.good(3)])
    errors = [outcome.error for outcome in outcomes]
    assert all(isinstance(error, AuthFailed) for error in errors)
    assert rig.logins() == 2
    assert rig.sandbox.count() == 1


def test_a_log_in_that_fails_in_mid_run_claims_no_lost_write(rig: RxntRig) -> None:
    rig.connector.check()
    rig.expire_tokens()
    rig.sandbox.faults.inject(Fault(FaultKind.STATUS, path=LOGIN, status=500), 3)
    error = save(rig)
    assert isinstance(error, Unavailable)
    assert not isinstance(error, ReplyLost)


def test_the_password_is_asked_for_only_to_sign_in() -> None:
    rig = RxntRig()
    rig.fill(1)
    rig.vault = MemoryVault({}, rig.vault.stored)
    rig.connector = rig.connect()
    assert isinstance(save(rig), Record)
