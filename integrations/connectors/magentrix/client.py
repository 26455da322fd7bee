"""Calls to one Magentrix portal: token, queries, writes, metadata. No mapping.

Sources: help.magentrix.com, devguide, "REST get access token", "REST 3 query", "create", "update",
"upsert", "delete" and "describe an entity", read 2026-11-20.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Final, TypeGuard
from urllib.parse import quote, urlsplit

import requests

from integrations.connectors.auth import EARLY, TokenSet, Vault
from integrations.connectors.budget import Budget
from integrations.connectors.http import ApiClient, Classify, read_json
from integrations.connectors.magentrix import errors
from integrations.connectors.magentrix.fields import JsonObject
from integrations.connectors.magentrix.payloads import instant
from integrations.engine.errors import (
    AuthFailed,
    ConfigInvalid,
    NotFound,
    Rejected,
    ReplyLost,
    Unavailable,
)

ROOT: Final = "/api/3.0"
USUAL_LIFE: Final = timedelta(minutes=50)
"""How long a token is used whose answer says nothing of its end."""
JSON_TYPE: Final = {"Content-Type": "application/json"}


class MagentrixClient:
    """One portal's calls. `clock` is the server's time (unix seconds) at the last answer."""

    def __init__(
        self,
        vault: Vault,
        options: Mapping[str, str],
        budget: Budget,
        session: requests.Session,
    ) -> None:
        self._vault = vault
        self._stand_in = options.get("MAGENTRIX_API_URL", "")
        self._budget, self._session = budget, session
        self._held: TokenSet | None = None
        self._made: list[ApiClient] = []
        self.logins = 0
        self.clock = 0.0
        self._refused = False

    @property
    def calls(self) -> int:
        """How many requests were sent so far."""
        return sum(client.calls for client in self._made)

    @cached_property
    def host(self) -> str:
        """The portal's domain as it was entered. Raises AuthFailed without one."""
        text = self._secret("address", "The portal's address is missing.").strip().lower()
        host = urlsplit(text if "//" in text else f"https://{text}").netloc
        if not host:
            raise AuthFailed("The portal's address is no web address.")
        return host

    # ------------------------------------------------------------ records

    def query(self, text: str) -> tuple[list[JsonObject], int]:
        """Return one query's records, and how many match in all."""
        try:
            parsed = self._call("POST", "/query", content=text.encode(), safe=True)
        except (Rejected, NotFound) as error:
            raise ConfigInvalid(
                f"Magentrix refuses a query: {error.detail}", system_code=error.system_code
            ) from None
        said = parsed if isinstance(parsed, dict) else {}
        records, count = said.get("Records"), said.get("Count")
        if not _are_objects(records):
            raise Unavailable("Magentrix's answer is not the promised list.")
        return records, count if isinstance(count, int) else len(records)

    def write(
        self, method: str, entity: str, bodies: Sequence[object], unique: str = ""
    ) -> list[JsonObject]:
        """Send several records (or ids, to delete) and return one result each, in their order.

        Raises ReplyLost where the answer holds another number of results.
        """
        params = {"uniqueField": unique} if unique else None
        path = f"/entity/{quote(entity, safe='')}"
        parsed = self._call(method, path, json=list(bodies), params=params, safe=False)
        results = [parsed] if isinstance(parsed, dict) else parsed
        if self._refused and isinstance(parsed, dict) and len(bodies) > 1:
            raise Rejected("Magentrix refused all of them at once.")  # one by one tells which
        if not _are_objects(results) or len(results) != len(bodies):
            raise ReplyLost("Magentrix's answer does not tell what became of each record.")
        return results

    # ------------------------------------------------------------ metadata

    def entities(self) -> list[str]:
        """Return the names of all entities that the key's owner may see."""
        parsed = self._call("GET", "/entity", safe=True)
        found = parsed.get("entities") if isinstance(parsed, dict) else None
        if not isinstance(found, list):
            raise Unavailable("Magentrix's answer is not the promised list.")
        return [str(name) for name in found]

    def metadata(self, entities: Sequence[str]) -> list[JsonObject]:
        """Return the definitions of entities and their fields.

        Raises ConfigInvalid for an entity that the key's owner cannot see.
        """
        params = {"entities": ",".join(entities)}
        try:
            parsed = self._call("GET", "/entity/metadata", params=params, safe=True)
        except (NotFound, Rejected):
            raise ConfigInvalid(
                f"Magentrix does not show one of these entities: {', '.join(entities)}. The API "
                "key's owner must be allowed to see them."
            ) from None
        found = [parsed] if isinstance(parsed, dict) else parsed
        if not _are_objects(found):
            raise Unavailable("Magentrix's answer is not the promised list.")
        return found

    @cached_property
    def can_set_up(self) -> bool:
        """Whether the portal is a stand-in, which makes fields and options by calls of its own.

        Magentrix itself has none (devguide, read 2026-11-20): there an administrator makes them.
        """
        try:
            parsed = self._call("GET", "/sandbox-setup", safe=True, by=self._extension)
        except NotFound:
            return False
        return isinstance(parsed, dict) and parsed.get("setup") is True

    def set_up(self, path: str, body: object) -> None:
        """Make a field or options in a stand-in."""
        self._call("POST", f"/sandbox-setup/{path}", json=body, safe=False, by=self._extension)

    # ------------------------------------------------------------ one call

    def _call(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        content: bytes | None = None,
        params: Mapping[str, str] | None = None,
        safe: bool,
        by: ApiClient | None = None,
    ) -> Any:
        client, tokens, logins = by or self._api, self._tokens(), self.logins
        while True:
            try:
                response = client.call(
                    method,
                    ROOT + path,
                    json=json,
                    content=content,
                    params=params,
                    headers={**JSON_TYPE, "Authorization": f"Bearer {tokens.access}"},
                    safe=safe,
                )
            except errors.TokenRefused:
                # A token that another worker stored may be as old as ours: only a fresh one tells.
                if self.logins > logins:
                    raise AuthFailed(
                        "Magentrix accepts the API key, but refuses the token it gave for it."
                    ) from None
            else:
                self.clock = errors.clock_of(response.headers)
                self._refused = not response.ok
                return read_json(response, safe=safe)
            tokens = self._held = self._vault.tokens(self._renew, rejected=tokens.access)

    def _tokens(self) -> TokenSet:
        if self._held is None or self._held.stale(datetime.now(UTC)):
            self._held = self._vault.tokens(self._renew)
        return self._held

    def _renew(self, _: TokenSet | None) -> TokenSet:
        key = self._secret("api_key", "The API key is missing.")
        body = {"grant_type": "refresh_token", "refresh_token": key}
        response = self._door.call("POST", f"{ROOT}/token", json=body, safe=True)
        raw = read_json(response, safe=True)
        token = raw.get("token") if isinstance(raw, dict) else None
        if not isinstance(raw, dict) or not isinstance(token, str) or not token:
            raise Unavailable("Magentrix accepted the API key, but gave no token.")
        self.logins += 1
        return TokenSet(token, datetime.now(UTC) + _life(raw))

    @cached_property
    def _api(self) -> ApiClient:
        return self._client(errors.classify)

    @cached_property
    def _door(self) -> ApiClient:
        return self._client(errors.classify_login)

    @cached_property
    def _extension(self) -> ApiClient:
        return self._client(errors.classify_extension)

    def _client(self, classify: Classify) -> ApiClient:
        address = self._stand_in or f"https://{self.host}"
        made = ApiClient(address, self._session, self._budget, classify=classify)
        self._made.append(made)
        return made

    def _secret(self, name: str, missing: str) -> str:
        try:
            found = self._vault.secret(name)
        except (AuthFailed, KeyError):
            found = ""
        if not found:
            raise AuthFailed(missing)
        return found


def _life(raw: JsonObject) -> timedelta:
    """Return how long from now a token counts as good.

    `validUntil` is believed, then `expires_in`; both in the server's clock, so what counts is the
    span. Vaults renew a few minutes early: a token that lives no longer is used for half its life.
    """
    issued, until = instant(raw.get("dateIssued")), instant(raw.get("validUntil"))
    seconds = raw.get("expires_in")
    if until is not None:
        life = until - (issued or datetime.now(UTC))
    elif isinstance(seconds, int | float):
        life = timedelta(seconds=seconds)
    else:
        life = USUAL_LIFE
    return max(life, EARLY + life / 2)


def _are_objects(raw: object) -> TypeGuard[list[JsonObject]]:
    return isinstance(raw, list) and all(isinstance(entry, dict) for entry in raw)
