"""Calls to one Xentral: address, both ways to sign in, the clock. What is called is elsewhere.

The old interface takes an API account by HTTP Digest or, since 23.0.16, a personal access token;
the present one takes the token only (developer.xentral.com, changelog and "authentication", read
2026-11-20). If both are given, each is used where it belongs.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import requests

from integrations.connectors.auth import TokenSet, Vault
from integrations.connectors.budget import Budget
from integrations.connectors.http import ApiClient, read_json
from integrations.connectors.xentral import errors
from integrations.connectors.xentral.digest import Challenge
from integrations.connectors.xentral.errors import Challenged
from integrations.engine.errors import AuthFailed, ConfigInvalid, MissingScope

NONCE_LIFE: Final = timedelta(hours=24)
DOORBELL: Final = "/api/v1/gruppen?items=1"
"""A call that is made without a login, for its challenge alone."""
DEFAULT_ZONE: Final = "Europe/Berlin"
Query = Sequence[tuple[str, str]]


class _Budget:
    """The account's budget, told how long to rest where Xentral does not say."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.acquire = budget.acquire

    def observe(self, lane: str, status: int, headers: Mapping[str, str]) -> None:
        if status == 429:
            headers = {**headers, "Retry-After": str(int(errors.wait_of(headers)))}
        self._budget.observe(lane, status, headers)


class XentralClient:
    """One instance's calls. `clock` is its time (unix seconds) at the last answer."""

    def __init__(
        self,
        vault: Vault,
        options: Mapping[str, str],
        budget: Budget,
        session: requests.Session,
    ) -> None:
        self._vault = vault
        self._options = options
        self._budget = _Budget(budget)
        self._session = session
        self._api: ApiClient | None = None
        self._secrets: dict[str, str] = {}
        self._held: TokenSet | None = None
        self._renewals = 0
        self.clock = 0.0

    # ------------------------------------------------------------ who and where

    @property
    def calls(self) -> int:
        """How many requests were sent so far."""
        return self._api.calls if self._api else 0

    @property
    def api(self) -> ApiClient:
        """The client of the instance's address. Raises AuthFailed when there is none."""
        if self._api is None:
            address = self._options.get("XENTRAL_API_URL") or self.address
            self._api = ApiClient(address, self._session, self._budget, classify=errors.classify)
        return self._api

    @property
    def address(self) -> str:
        """The web address of the instance, without a path."""
        given = self.optional("address").strip()
        parts = urlsplit(given if "//" in given else f"https://{given}")
        if not parts.hostname:
            raise AuthFailed("The address of your Xentral is missing.")
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def host(self) -> str:
        """The host name of the instance, by which it is known."""
        return (urlsplit(self.address).hostname or "").lower()

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the instance's clocks. Raises ConfigInvalid for an unknown one."""
        name = self.optional("time_zone").strip() or DEFAULT_ZONE
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ConfigInvalid(f"There is no time zone “{name}”; one is {DEFAULT_ZONE}.") from None

    def optional(self, name: str) -> str:
        """Return a stored credential, "" when it is missing."""
        if name not in self._secrets:
            try:
                self._secrets[name] = self._vault.secret(name)
            except (AuthFailed, KeyError):
                self._secrets[name] = ""
        return self._secrets[name]

    @property
    def has_token(self) -> bool:
        """Tell whether the present interface can be used."""
        return bool(self.optional("token"))

    # ------------------------------------------------------------ calls

    def legacy(
        self,
        method: str,
        path: str,
        query: Query = (),
        *,
        json: object = None,
        safe: bool | None = None,
    ) -> object:
        """Call the old interface; returns the parsed body. GET is safe unless told otherwise."""
        uri = _with_query(path, query)
        if not self.optional("app"):
            return self._parsed(self._bearer(method, uri, json, _safe(method, safe)), method, safe)
        answer = self._digest(method, uri, json, _safe(method, safe))
        return self._parsed(answer, method, safe)

    def present(
        self,
        method: str,
        path: str,
        query: Query = (),
        *,
        json: object = None,
        headers: Mapping[str, str] | None = None,
        safe: bool | None = None,
    ) -> requests.Response:
        """Call the present interface; returns the answer, whose body may be empty.

        Raises MissingScope without a token.
        """
        uri = _with_query(path, query)
        return self._bearer(method, uri, json, _safe(method, safe), headers)

    def _parsed(self, answer: requests.Response, method: str, safe: bool | None) -> object:
        return read_json(answer, safe=_safe(method, safe))

    def _bearer(
        self,
        method: str,
        uri: str,
        json: object,
        safe: bool,
        headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        token = self.optional("token")
        if not token:
            raise MissingScope("A personal access token for Xentral is missing.")
        signed = {**(headers or {}), "Authorization": f"Bearer {token}"}
        return self._send(method, uri, json, safe, signed)

    def _digest(self, method: str, uri: str, json: object, safe: bool) -> requests.Response:
        """Send with the nonce at hand, and with a new one if that has ended.

        A nonce that another worker stored may have ended as well: only a new one's end tells.
        """
        tokens, renewals = self._nonce(), self._renewals
        while True:
            try:
                return self._send(method, uri, json, safe, self._answered(tokens, method, uri))
            except Challenged as error:
                if not error.stale or self._renewals > renewals:
                    raise _refused_account() from None
            tokens = self._held = self._vault.tokens(self._renew, rejected=tokens.access)

    def _answered(self, tokens: TokenSet, method: str, uri: str) -> dict[str, str]:
        path = urlsplit(self.api.base_url).path + uri
        user, key = self.optional("app"), self.optional("init_key")
        answer = Challenge.load(tokens.extra).answer(user, key, method, path)
        return {"Authorization": answer}

    def _nonce(self) -> TokenSet:
        if self._held is None or self._held.stale(datetime.now(UTC)):
            self._held = self._vault.tokens(self._renew)
        return self._held

    def _renew(self, _: TokenSet | None) -> TokenSet:
        """Ask for a new nonce: the answer to a call without a login holds one."""
        challenge = None
        try:
            self._send("GET", DOORBELL, None, True, {})
        except Challenged as error:
            challenge = error.challenge
        if challenge is None:
            raise AuthFailed("This Xentral does not take API accounts. Enter an access token.")
        self._renewals += 1
        until = datetime.now(UTC) + NONCE_LIFE
        return TokenSet(challenge.nonce, until, extra=challenge.dump())

    def _send(
        self, method: str, uri: str, json: object, safe: bool, headers: Mapping[str, str]
    ) -> requests.Response:
        accepted = {"Accept": "application/json", **headers}
        if json is not None:
            accepted["Content-Type"] = "application/json"
        answer = self.api.call(method, uri, json=json, headers=accepted, safe=safe)
        self.clock = clock_of(answer.headers)
        return answer


def clock_of(headers: Mapping[str, str]) -> float:
    """Return the time of an answer in its sender's clock (unix seconds), ours if it has none."""
    try:
        return parsedate_to_datetime(headers.get("Date", "")).timestamp()
    except ValueError:
        return time.time()


def _safe(method: str, told: bool | None) -> bool:
    return method == "GET" if told is None else told


def _with_query(path: str, query: Query) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def _refused_account() -> AuthFailed:
    return AuthFailed("Xentral refuses the app name or init key of the API account.")
