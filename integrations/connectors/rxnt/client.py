"""Calls to RXNT: sign-in, the token in every body, and what each answer means. No mapping."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import requests

from integrations.connectors.auth import TokenSet, Vault
from integrations.connectors.budget import Budget
from integrations.connectors.http import ApiClient, read_json
from integrations.connectors.rxnt import payloads
from integrations.connectors.rxnt.payloads import Json, Reply
from integrations.engine.errors import (
    AuthFailed,
    Misconfigured,
    RateLimited,
    Rejected,
    ReplyLost,
    SyncError,
    Unavailable,
)
from integrations.engine.records import Value

CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 30.0
WAIT_AFTER_429: Final = 60.0
"""Seconds, where RXNT does not say: it publishes no limits ("Patient API Terms", 2026-11-20)."""

_LOCKED = re.compile("lock|inactive|disabled|deactivat|suspend", re.IGNORECASE)
_WRONG = re.compile("password|user ?name|credential|incorrect", re.IGNORECASE)
_PASSING = re.compile("maintenance|temporar|try again later|unavailable", re.IGNORECASE)


class TokenRefused(AuthFailed):
    """RXNT refuses one call by status or text: its token, or the pair of a log-in.

    Only a fresh token's refusal concerns the customer. `messages` are RXNT's own.
    """

    def __init__(self, messages: tuple[str, ...] = ()) -> None:
        super().__init__("RXNT refuses the access token.")
        self.messages = messages


class RxntClient:
    """One practice's calls. Holds the tokens of its vault for as long as they are accepted."""

    def __init__(
        self,
        vault: Vault,
        options: Mapping[str, str],
        budget: Budget,
        session: requests.Session,
    ) -> None:
        self._vault = vault
        self._root = options.get("RXNT_API_ROOT") or payloads.API_ROOT
        self._save_path = options.get("RXNT_SAVE_PATIENT_PATH") or payloads.SAVE_PATIENT_PATH
        self._dob_format = options.get("RXNT_DOB_FORMAT") or payloads.DOB_FORMAT
        self._held: TokenSet | None = None
        self.logins = 0
        self.api = ApiClient(
            options.get("RXNT_API_URL") or payloads.API_URL,
            session,
            budget,
            classify=classify,
            timeout=(CONNECT_SECONDS, float(options.get("RXNT_TIMEOUT") or READ_SECONDS)),
        )

    def login(self) -> TokenSet:
        """Sign in now, whatever tokens are stored. Raises AuthFailed with the reason."""
        before = self.logins
        tokens = self._vault.tokens(self._renew)
        if self.logins == before:
            tokens = self._vault.tokens(self._renew, rejected=tokens.access)
        self._held = tokens
        return tokens

    def save(self, external_id: str, values: Mapping[str, Value]) -> str:
        """Create or update the patient with this external id; returns RXNT's patient id.

        Raises Rejected (this data), ReplyLost (it may have happened) or a wider SyncError.
        """
        body = payloads.save_patient(external_id, values, self._dob_format)
        reply = self._call(self._save_path, body, values, safe=False)
        if not reply.ok:
            detail, fields = payloads.refusal(reply.messages, values)
            raise Rejected(detail or "RXNT gave no reason.", fields=fields)
        patient_id = reply.text(payloads.PATIENT_ID)
        if not patient_id or reply.text(payloads.EXTERNAL_ID) != external_id:
            raise ReplyLost("RXNT reported success, but named no patient.")
        return patient_id

    def exists(self, external_id: str) -> bool:
        """Tell whether RXNT has a patient with this external id.

        Raises Unavailable when RXNT fails without saying that this id is the one it lacks.
        """
        reply = self._call(payloads.LOOKUP_PATH, payloads.lookup(external_id), {}, safe=True)
        if reply.ok:
            return reply.text(payloads.EXTERNAL_ID) == external_id
        if any(external_id in message for message in reply.messages):
            return False
        raise Unavailable("RXNT could not tell whether the patient exists.")

    def _call(self, path: str, body: Json, values: Mapping[str, Value], *, safe: bool) -> Reply:
        tokens = self._tokens()
        logins = self.logins
        while True:
            try:
                return self._once(path, tokens, body, values, safe)
            except TokenRefused:
                # Tokens that others stored may be as old as ours; only a fresh log-in proves more.
                if self.logins > logins:
                    raise AuthFailed(
                        "RXNT accepts the log-in, but refuses the token it gave. Check the request "
                        "company id and whether the practice's account is active."
                    ) from None
            tokens = self._held = self._vault.tokens(self._renew, rejected=tokens.access)

    def _tokens(self) -> TokenSet:
        if self._held is None or self._held.stale(datetime.now(UTC)):
            self._held = self._vault.tokens(self._renew)
        return self._held

    def _once(
        self, path: str, tokens: TokenSet, body: Json, values: Mapping[str, Value], safe: bool
    ) -> Reply:
        reply = self._post(path, payloads.signed(tokens) | body, safe)
        if not reply.ok and payloads.speaks_of_login(reply.messages, values):
            raise TokenRefused
        return reply

    def _post(self, path: str, body: Json, safe: bool) -> Reply:
        response = self.api.call("POST", self._root + path, json=body, safe=safe)
        reply = payloads.read_reply(read_json(response, safe=safe))
        if reply is None:
            kind = Unavailable if safe else ReplyLost
            raise kind("RXNT's answer lacks its validation status.")
        return reply

    def _renew(self, _: TokenSet | None) -> TokenSet:
        password = self._vault.secret("Password")
        body = payloads.login(self._vault.secret("UserName"), password)
        try:
            reply = self._post(payloads.LOGIN_PATH, body, safe=True)
        except TokenRefused as error:
            reply = Reply(False, error.messages, {})
        if not reply.ok:
            raise _login_error(" ".join(reply.messages).replace(password, "…"))
        company = self._optional("RequestCompanyId")
        tokens = payloads.read_tokens(reply, company, datetime.now(UTC))
        if tokens is None:
            raise Unavailable("RXNT accepted the log-in, but gave no token.")
        self.logins += 1
        return tokens

    def _optional(self, name: str) -> str:
        try:
            return self._vault.secret(name)
        except (AuthFailed, KeyError):
            return ""


def _login_error(said: str) -> SyncError:
    if _LOCKED.search(said):
        return AuthFailed(
            "The RXNT account is locked or inactive. Ask your RXNT administrator to activate it.",
            system_code="locked",
        )
    if not said or _WRONG.search(said):
        return AuthFailed(
            "RXNT refuses this user name and password. Enter the interface credentials that you "
            "use with RXNT directly.",
            system_code="credentials",
        )
    if _PASSING.search(said):
        return Unavailable(f"RXNT cannot sign in right now: {said}")
    return AuthFailed(f"RXNT refuses the log-in: {said}")


def classify(response: requests.Response) -> SyncError | None:
    """Return the error that an HTTP status stands for; RXNT documents no statuses.

    A 400 with RXNT's envelope is left to its reader: the envelope says what is wrong.
    """
    status = response.status_code
    if status < 300:
        return None
    if status in (400, 401, 403):
        reply = _envelope(response)
        if status != 400:
            return TokenRefused(reply.messages if reply else ())
        return None if reply else Rejected("RXNT answered HTTP 400.", system_code="400")
    if status == 429:
        return RateLimited(
            "RXNT asks us to slow down.", retry_after=_wait(response) or WAIT_AFTER_429
        )
    if status in (404, 405):
        return Misconfigured(
            f"RXNT does not know the operation (HTTP {status}): check RXNT_API_URL, "
            "RXNT_API_ROOT and RXNT_SAVE_PATIENT_PATH.",
        )
    if status >= 500 or status == 408:
        return Unavailable(f"RXNT answered HTTP {status}.", retry_after=_wait(response))
    return Rejected(f"RXNT answered HTTP {status}.", system_code=str(status))


def _envelope(response: requests.Response) -> Reply | None:
    try:
        return payloads.read_reply(response.json())
    except ValueError:
        return None


def _wait(response: requests.Response) -> float:
    """Return the seconds of Retry-After, 0 when there is none or it is a date."""
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else 0.0
