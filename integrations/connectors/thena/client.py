"""Calls to Thena: key, envelope, pages, clocks. No mapping.

Sources: docs.thena.ai, API introduction and the account, contact, custom field and search pages,
and "incoming webhook" of the apps platform, read 2026-11-20.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import quote

import requests

from integrations.connectors.auth import Vault
from integrations.connectors.budget import Budget
from integrations.connectors.http import ApiClient, read_json
from integrations.connectors.thena import errors, payloads
from integrations.connectors.thena.fields import ACCOUNTS, ATTRIBUTES, CONTACTS, SOURCES, JsonObject
from integrations.engine.errors import AuthFailed, ConfigInvalid, NotFound, ReplyLost, Unavailable

API_URL: Final = "https://platform.thena.ai"
APPS_URL: Final = "https://apps-studio.thena.ai"
PATHS: Final = {ACCOUNTS: "/v1/accounts", CONTACTS: "/v1/accounts/contacts"}
LIMIT: Final = 100
"""Records per page. Thena states no maximum, so pages are counted by what the first one held."""
SEARCH_LIMIT: Final = 250
"""Hits per page; more is capped (Thena, "entity search")."""


class _Budget:
    """The account's budget, told in its own words when Thena's window ends."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.acquire = budget.acquire

    def observe(self, lane: str, status: int, headers: Mapping[str, str]) -> None:
        if status == 429:
            headers = {**headers, "Retry-After": str(errors.wait_of(headers))}
        self._budget.observe(lane, status, headers)


class ThenaClient:
    """One organisation's calls. `clock` is Thena's time (unix seconds) at the last answer."""

    def __init__(
        self,
        vault: Vault,
        options: Mapping[str, str],
        budget: Budget,
        session: requests.Session,
    ) -> None:
        self._vault = vault
        self._by_ids = options.get("THENA_ACCOUNTS_BY_IDS", "")
        self._key = ""
        self.clock = 0.0
        self.api, self.apps = (
            ApiClient(options.get(name) or usual, session, own, classify=errors.classify)
            for own in [_Budget(budget)]
            for name, usual in (("THENA_API_URL", API_URL), ("THENA_APPS_URL", APPS_URL))
        )

    def optional(self, name: str) -> str:
        """Return a stored credential, "" when it is missing."""
        try:
            return self._vault.secret(name)
        except (AuthFailed, KeyError):
            return ""

    # ------------------------------------------------------------ records

    def page(self, object_type: str, number: int, limit: int = LIMIT) -> list[JsonObject]:
        """Return one page of the list, counted from 1."""
        return self._list(PATHS[object_type], {"page": str(number), "limit": str(limit)})

    def account(self, account_id: str) -> JsonObject | None:
        """Return one account, None when there is none."""
        try:
            return self._object("GET", f"{PATHS[ACCOUNTS]}/{quote(account_id, safe='')}")
        except NotFound:
            return None

    def by_ids(self, object_type: str, ids: Sequence[str]) -> list[JsonObject] | None:
        """Return the records of up to 100 ids in one call, None where Thena has no such call.

        For accounts a call of this kind is in Thena's menu, but its path is not public.
        """
        path = self._by_ids if object_type == ACCOUNTS else f"{PATHS[CONTACTS]}/filter/ids"
        if not path:
            return None
        parsed = self._call("POST", path, json={"ids": list(ids)}, safe=True)
        return _objects(parsed)

    def contacts_by_email(self, email: str) -> list[JsonObject]:
        """Return the contacts of an e-mail address, from the primary store."""
        return self._list(f"{PATHS[CONTACTS]}/search", {"email": email})

    def search_accounts(self, page: int) -> list[JsonObject]:
        """Return a page of accounts, last changed first; the index lags by seconds."""
        asked = {
            "q": "*",
            "query_by": "name",
            "sort_by": "updatedAt:desc",
            "per_page": str(SEARCH_LIMIT),
            "page": str(page),
        }
        parsed = self._call("GET", "/v1/search/accounts", params=asked, safe=True)
        result = parsed.get("result", parsed) if isinstance(parsed, dict) else None
        hits = result.get("hits") if isinstance(result, dict) else None
        return [hit["document"] for hit in _objects(hits) if isinstance(hit.get("document"), dict)]

    def create(self, object_type: str, body: JsonObject) -> JsonObject:
        """Create a record and return it as stored."""
        return self._written("POST", PATHS[object_type], body)

    def update(self, object_type: str, record_id: str, body: JsonObject) -> JsonObject:
        """Change a record and return it as stored."""
        return self._written("PUT", f"{PATHS[object_type]}/{quote(record_id, safe='')}", body)

    def delete(self, object_type: str, record_id: str) -> None:
        """Delete a record, which Thena keeps out of sight."""
        path = f"{PATHS[object_type]}/{quote(record_id, safe='')}"
        self.api.call("DELETE", path, headers=self._signed())

    # ------------------------------------------------------------ fields and picklists

    def custom_fields(self, object_type: str) -> list[JsonObject]:
        """Return the definitions of an object's custom fields; these pages count from 0."""
        source = SOURCES[object_type]
        found = list(self._pages("/v1/custom-field", {"source": source}))
        if object_type == ACCOUNTS:
            found += self._list(f"{PATHS[ACCOUNTS]}/account-custom-fields", {})
        mine = [each for each in found if each.get("uid") and each.get("source", source) == source]
        live = [each for each in mine if each.get("isActive") is not False]
        return list({str(definition["uid"]): definition for definition in live}.values())

    def create_custom_field(self, body: JsonObject) -> JsonObject:
        """Create a custom field and return its definition."""
        made = self._object("POST", "/v1/custom-field", json=body)
        if not made.get("uid"):
            raise ReplyLost("Thena reported success, but named no field.")
        return made

    def attributes(self, object_type: str) -> dict[str, list[JsonObject]]:
        """Return the values of the picklists that an object's records refer to, by field."""
        path = f"{PATHS[ACCOUNTS]}/attributes"
        wanted = ATTRIBUTES[object_type]
        return {name: self._list(path, {"attribute": kind}) for name, kind in wanted.items()}

    # ------------------------------------------------------------ events

    def publish(self, event: str, payload: Mapping[str, object]) -> str:
        """Send one event to Thena's apps; returns the id of the message."""
        token = self.optional("bot_token")
        if not token:
            raise ConfigInvalid("Install the app in Thena first: events are sent in its name.")
        body = {"event_name": event, "payload": payload}
        try:
            response = self.apps.call(
                "POST",
                "/incoming-webhook/events",
                json=body,
                headers={"x-bot-key": token},
                lane="events",
            )
        except (AuthFailed, NotFound) as error:
            raise ConfigInvalid(
                f"Thena refuses the event {event}. The app must be installed, and its manifest "
                "must list the event under “publish”.",
                system_code=error.system_code,
            ) from None
        said = payloads.unwrap(read_json(response, safe=False))
        return str(said.get("messageId") or "") if isinstance(said, dict) else ""

    # ------------------------------------------------------------ one call

    def _call(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        params: Mapping[str, str] | None = None,
        safe: bool,
    ) -> object:
        response = self.api.call(
            method, path, json=json, params=params, headers=self._signed(), safe=safe
        )
        self.clock = errors.clock_of(response.headers)
        return payloads.unwrap(read_json(response, safe=safe))

    def _signed(self) -> dict[str, str]:
        self._key = self._key or self.optional("api_key")
        if not self._key:
            raise AuthFailed("The API key is missing.")
        return {"x-api-key": self._key}

    def _list(self, path: str, params: Mapping[str, str]) -> list[JsonObject]:
        return _objects(self._call("GET", path, params=params, safe=True))

    def _pages(self, path: str, params: Mapping[str, str]) -> Iterator[JsonObject]:
        """Yield the entries of a list whose pages count from 0; a page may be cut to any size."""
        number, size = 0, 1
        while True:
            found = self._list(path, {**params, "page": str(number), "limit": str(LIMIT)})
            yield from found
            size, number = max(size, len(found)), number + 1
            if len(found) < size:
                return

    def _object(self, method: str, path: str, *, json: object = None) -> JsonObject:
        safe = method == "GET"
        parsed = self._call(method, path, json=json, safe=safe)
        if isinstance(parsed, dict):
            return parsed
        kind = Unavailable if safe else ReplyLost
        raise kind("Thena's answer holds no record.")

    def _written(self, method: str, path: str, body: JsonObject) -> JsonObject:
        stored = self._object(method, path, json=body)
        if not stored.get("id"):
            raise ReplyLost("Thena reported success, but named no record.")
        return stored


def _objects(parsed: object) -> list[JsonObject]:
    """Return a list of objects; anything else is not the promised protocol: Unavailable."""
    if isinstance(parsed, list) and all(isinstance(entry, dict) for entry in parsed):
        return parsed
    raise Unavailable("Thena's answer is not the promised list.")
