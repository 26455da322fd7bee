"""Calls to HubSpot's record API: paths, batches, tokens. Returns payloads, decides nothing.

Source: HubSpot docs, object APIs and search guide, 2026-03-30; paths of version 2026-09.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import quote

import requests

from integrations.connectors.auth import Vault
from integrations.connectors.budget import Budget
from integrations.connectors.http import ApiClient
from integrations.connectors.hubspot.access import Access
from integrations.connectors.hubspot.errors import classify
from integrations.connectors.hubspot.oauth import HubSpotOAuth
from integrations.connectors.hubspot.payloads import JsonObject
from integrations.connectors.hubspot.records import with_partners
from integrations.connectors.hubspot.replies import (
    BatchReply,
    after_of,
    object_of,
    results_of,
)
from integrations.connectors.hubspot.spec import API_URL
from integrations.engine.errors import (
    AuthFailed,
    ConfigInvalid,
    MissingScope,
    NotFound,
    Scope,
    SyncError,
)

OBJECTS: Final = "/crm/objects/2026-09"
BATCH: Final = 100
MAX_LIST_QUERY: Final = 4_000
"""Characters of property names in a query; HubSpot breaks at about 5 kB of address."""


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
        self._access = Access(vault, HubSpotOAuth(options, session))
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
            return object_of(self._call(method, path, json, params, lane, safe=True), safe=True)
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
        return {} if response.status_code == 204 else object_of(response, safe=False)

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
        renewals, token = self._access.renewals, self._access.token()

        def send(access: str) -> requests.Response:
            return self.api.call(
                method,
                path,
                json=json,
                params=params,
                headers={"Authorization": f"Bearer {access}"},
                lane=self._access.lane(lane),
                safe=safe,
            )

        while True:
            try:
                response = send(token)
                break
            except MissingScope:
                raise
            except AuthFailed as error:
                refused = error
            token = self._access.after(refused, token, renewals)
        self.server_time = _date_of(response)
        return response

    # ------------------------------------------------------------ records

    def list_page(
        self,
        object_type: str,
        after: str,
        properties: Sequence[str],
        *,
        associations: Sequence[str] = (),
    ) -> tuple[list[JsonObject], str]:
        """Return up to 100 live records and where to go on, "" after the last page.

        `associations` names object types whose partner ids come with each record.
        """
        params = {"limit": str(BATCH), **_asked(properties, associations)}
        if after:
            params["after"] = after
        answer = self.read("GET", f"{OBJECTS}/{object_type}", params=params)
        results = with_partners(results_of(answer), associations)
        return self._widened(object_type, results, properties), after_of(answer)

    def get(
        self,
        object_type: str,
        record_id: str,
        properties: Sequence[str],
        *,
        associations: Sequence[str] = (),
    ) -> JsonObject | None:
        """Return the record that answers to an id, old (merged) ids included; None for none."""
        found = self.read_one(
            f"{OBJECTS}/{object_type}/{quote(record_id, safe='')}",
            params=_asked(properties, associations),
        )
        results = with_partners([found] if found is not None else [], associations)
        return next(iter(self._widened(object_type, results, properties)), None)

    def get_history(
        self, object_type: str, record_id: str, properties: Sequence[str]
    ) -> JsonObject | None:
        """Return a record with the past values of a few properties; None for no record."""
        path = f"{OBJECTS}/{object_type}/{quote(record_id, safe='')}"
        return self.read_one(path, params={"propertiesWithHistory": ",".join(properties)})

    def _widened(
        self, object_type: str, results: list[JsonObject], properties: Sequence[str]
    ) -> list[JsonObject]:
        """Read the properties that did not fit into an address; partners only come with it."""
        if not _is_wide(properties):
            return results
        partners = {str(result["id"]): result.get("associations") for result in results}
        wide = self.batch_read(object_type, partners, properties)
        return [{**result, "associations": partners.get(str(result["id"]))} for result in wide]

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
        return results_of(self.read("POST", path, json=body, params=params))

    def batch_write(self, verb: str, object_type: str, inputs: Sequence[JsonObject]) -> BatchReply:
        """Create, update or upsert up to 100 records; each input brings its own trace id.

        Without trace ids one refused record would reject all the others.
        """
        path = f"{OBJECTS}/{object_type}/batch/{verb}"
        answer = self.write("POST", path, json={"inputs": list(inputs)})
        return BatchReply.read(answer, inputs)

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
        return results_of(answer), total if isinstance(total, int) else 0

    def merge(self, object_type: str, primary_id: str, merged_id: str) -> JsonObject:
        """Merge two records; the survivor that is returned may have a third id."""
        body = {"primaryObjectId": primary_id, "objectIdToMerge": merged_id}
        return self.write("POST", f"{OBJECTS}/{object_type}/merge", json=body)


def _is_wide(properties: Sequence[str]) -> bool:
    return len(",".join(properties)) > MAX_LIST_QUERY


def _asked(properties: Sequence[str], associations: Sequence[str]) -> dict[str, str]:
    """Return the query that names what is to be shown of a record."""
    asked = {"properties": "hs_object_id" if _is_wide(properties) else ",".join(properties)}
    if associations:
        asked["associations"] = ",".join(associations)
    return asked


def _misasked(error: SyncError) -> ConfigInvalid:
    return ConfigInvalid(
        error.detail,
        system_code=error.system_code,
        correlation_id=error.correlation_id,
        fields=error.fields,
    )


def _date_of(response: requests.Response) -> datetime | None:
    try:
        return parsedate_to_datetime(response.headers.get("Date", "")).astimezone(UTC)
    except ValueError:
        return None
