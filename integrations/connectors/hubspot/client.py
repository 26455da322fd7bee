"""Calls to HubSpot's record API: paths, batches, tokens. Returns payloads, decides nothing.

Source: HubSpot docs, object APIs and search guide, 2026-03-30; paths of version 2026-09.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import quote

import requests

from integrations.connectors.auth import TokenSet, Vault
from integrations.connectors.budget import Budget
from integrations.connectors.http import ApiClient, read_json
from integrations.connectors.hubspot.errors import ErrorBody, classify, record_error
from integrations.connectors.hubspot.oauth import HubSpotOAuth
from integrations.connectors.hubspot.payloads import JsonObject
from integrations.connectors.hubspot.spec import API_URL
from integrations.engine.errors import (
    AuthFailed,
    ConfigInvalid,
    MissingScope,
    NotFound,
    ReplyLost,
    Scope,
    SyncError,
    Unavailable,
)

OBJECTS: Final = "/crm/objects/2026-09"
BATCH: Final = 100
MAX_LIST_QUERY: Final = 4_000
"""Characters of property names in a query; HubSpot breaks at about 5 kB of address."""
TRACE: Final = "objectWriteTraceId"


@dataclass(frozen=True, slots=True)
class BatchReply:
    """What a batch write answered. `errors` go by trace id, record id, or "" if they name none."""

    results: tuple[JsonObject, ...]
    errors: Mapping[str, SyncError]

    def by_trace(self) -> dict[str, JsonObject]:
        """Return the results by the trace id they were sent with."""
        return {str(result[TRACE]): result for result in self.results if TRACE in result}

    def by_id(self) -> dict[str, JsonObject]:
        """Return the results by record id."""
        return {str(result["id"]): result for result in self.results}


class HubSpotClient:
    """One account's calls. Every method raises a SyncError for what is not a success.

    `server_time` is HubSpot's clock as of the last answer, None where it did not say.
    """

    def __init__(
        self,
        vault: Vault,
        options: Mapping[str, str],
        budget: Budget,
        session: requests.Session,
    ) -> None:
        self._vault = vault
        self._oauth = HubSpotOAuth(options, session)
        self._renewals = 0
        self.server_time: datetime | None = None
        self.api = ApiClient(
            options.get("HUBSPOT_API_URL") or API_URL, session, budget, classify=classify
        )

    # ------------------------------------------------------------ any call

    def read(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        params: Mapping[str, str] | None = None,
        lane: str = "general",
    ) -> JsonObject:
        """Read. A refused question is a fault of the configuration, never of one record."""
        try:
            return self._ask(method, path, json, params, lane)
        except NotFound as error:
            failure = _misasked(error)
        raise failure

    def read_one(self, path: str, *, params: Mapping[str, str] | None = None) -> JsonObject | None:
        """Return one thing by its path, None where there is none."""
        try:
            return self._ask("GET", path, None, params, "general")
        except NotFound:
            return None

    def _ask(
        self,
        method: str,
        path: str,
        json: object,
        params: Mapping[str, str] | None,
        lane: str,
    ) -> JsonObject:
        try:
            return _object(self._call(method, path, json, params, lane, safe=True), safe=True)
        except SyncError as error:
            if error.scope is not Scope.RECORD or isinstance(error, NotFound):
                raise
            failure = _misasked(error)
        raise failure

    def write(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        params: Mapping[str, str] | None = None,
    ) -> JsonObject:
        """Write once. Returns {} for an answer without a body."""
        response = self._call(method, path, json, params, "general", safe=False)
        return {} if response.status_code == 204 else _object(response, safe=False)

    def _call(
        self,
        method: str,
        path: str,
        json: object,
        params: Mapping[str, str] | None,
        lane: str,
        *,
        safe: bool,
    ) -> requests.Response:
        token = self._vault.tokens(self._renew).access
        renewals = self._renewals

        def send(access: str) -> requests.Response:
            return self.api.call(
                method,
                path,
                json=json,
                params=params,
                headers={"Authorization": f"Bearer {access}"},
                lane=lane,
                safe=safe,
            )

        while True:
            try:
                response = send(token)
                break
            except MissingScope:
                raise
            except AuthFailed:
                # Tokens that others stored may be as old as ours; only a fresh one proves more.
                if self._renewals > renewals:
                    raise
            token = self._vault.tokens(self._renew, rejected=token).access
        self.server_time = _date_of(response)
        return response

    def _renew(self, old: TokenSet | None) -> TokenSet:
        fresh = self._oauth.refresh(old)
        self._renewals += 1
        return fresh

    # ------------------------------------------------------------ records

    def list_page(
        self, object_type: str, after: str, properties: Sequence[str], *, archived: bool = False
    ) -> tuple[list[JsonObject], str]:
        """Return up to 100 records and where to go on, "" after the last page."""
        names = ",".join(properties)
        wide = len(names) > MAX_LIST_QUERY
        params = {"limit": str(BATCH), "properties": "hs_object_id" if wide else names}
        if after:
            params["after"] = after
        if archived:
            params["archived"] = "true"
        answer = self.read("GET", f"{OBJECTS}/{object_type}", params=params)
        results = _results(answer)
        if wide:
            ids = [str(result["id"]) for result in results]
            results = self.batch_read(object_type, ids, properties, archived=archived)
        return results, _after(answer)

    def get(self, object_type: str, record_id: str, properties: Sequence[str]) -> JsonObject | None:
        """Return the record that answers to an id, old (merged) ids included; None for none."""
        names = ",".join(properties)
        wide = len(names) > MAX_LIST_QUERY
        found = self.read_one(
            f"{OBJECTS}/{object_type}/{quote(record_id, safe='')}",
            params={"properties": "hs_object_id" if wide else names},
        )
        if wide and found is not None:
            return next(iter(self.batch_read(object_type, [str(found["id"])], properties)), None)
        return found

    def batch_read(
        self,
        object_type: str,
        ids: Iterable[str],
        properties: Sequence[str],
        *,
        id_property: str = "",
        archived: bool = False,
    ) -> list[JsonObject]:
        """Return the records of up to 100 ids, in any order; ids without a record are left out."""
        inputs = [{"id": wanted} for wanted in dict.fromkeys(ids)]
        if not inputs:
            return []
        body: JsonObject = {"properties": list(properties), "inputs": inputs}
        if id_property:
            body["idProperty"] = id_property
        params = {"archived": "true"} if archived else None
        path = f"{OBJECTS}/{object_type}/batch/read"
        return _results(self.read("POST", path, json=body, params=params))

    def batch_write(self, verb: str, object_type: str, inputs: Sequence[JsonObject]) -> BatchReply:
        """Create, update or upsert up to 100 records; each input brings its own trace id.

        Without trace ids one refused record would reject all the others.
        """
        path = f"{OBJECTS}/{object_type}/batch/{verb}"
        answer = self.write("POST", path, json={"inputs": list(inputs)})
        return BatchReply(tuple(_results(answer, safe=False)), _errors(answer))

    def batch_archive(self, object_type: str, ids: Sequence[str]) -> None:
        """Move up to 100 records to the recycle bin; unknown ids are ignored by HubSpot."""
        self.write(
            "POST",
            f"{OBJECTS}/{object_type}/batch/archive",
            json={"inputs": [{"id": wanted} for wanted in ids]},
        )

    def search(self, object_type: str, body: JsonObject) -> tuple[list[JsonObject], int]:
        """Return the hits of one search and the total; the index lags, so hits are hints."""
        answer = self.read("POST", f"{OBJECTS}/{object_type}/search", json=body, lane="search")
        total = answer.get("total")
        return _results(answer), total if isinstance(total, int) else 0

    def merge(self, object_type: str, primary_id: str, merged_id: str) -> JsonObject:
        """Merge two records; the survivor that is returned may have a third id."""
        body = {"primaryObjectId": primary_id, "objectIdToMerge": merged_id}
        return self.write("POST", f"{OBJECTS}/{object_type}/merge", json=body)


def _misasked(error: SyncError) -> ConfigInvalid:
    return ConfigInvalid(
        error.detail,
        system_code=error.system_code,
        correlation_id=error.correlation_id,
        fields=error.fields,
    )


def _object(response: requests.Response, *, safe: bool) -> JsonObject:
    answer = read_json(response, safe=safe)
    if isinstance(answer, dict):
        return answer
    raise (Unavailable if safe else ReplyLost)("HubSpot's answer is not an object.")


def _results(answer: JsonObject, *, safe: bool = True) -> list[JsonObject]:
    results = answer.get("results")
    if isinstance(results, list) and all(isinstance(r, dict) and "id" in r for r in results):
        return results
    raise (Unavailable if safe else ReplyLost)("HubSpot's answer holds no list of records.")


def _after(answer: JsonObject) -> str:
    return str(((answer.get("paging") or {}).get("next") or {}).get("after") or "")


def _errors(answer: JsonObject) -> dict[str, SyncError]:
    """Return the errors of a 207 by every trace id and record id they name, "" for none."""
    found: dict[str, SyncError] = {}
    for entry in answer.get("errors") or ():
        context: Mapping[str, Any] = entry.get("context") or {}
        error = record_error(ErrorBody.read(entry))
        named = [context.get(name) or () for name in (TRACE, "ids", "id")]
        keys = [key for some in named for key in ([some] if isinstance(some, str) else some)]
        found.update((str(key), error) for key in keys or [""])
    return found


def _date_of(response: requests.Response) -> datetime | None:
    try:
        return parsedate_to_datetime(response.headers.get("Date", "")).astimezone(UTC)
    except ValueError:
        return None
