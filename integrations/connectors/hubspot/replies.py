"""What HubSpot's answers about records hold: results, errors by item, where a list goes on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import requests

from integrations.connectors.http import read_json
from integrations.connectors.hubspot.errors import ErrorBody, record_error
from integrations.connectors.hubspot.payloads import JsonObject
from integrations.connectors.hubspot.quoting import sent_of
from integrations.engine.errors import ReplyLost, SyncError, Unavailable

TRACE: Final = "objectWriteTraceId"


@dataclass(frozen=True, slots=True)
class BatchReply:
    """What a batch write answered. `errors` go by trace id, record id, or "" if they name none."""

    results: tuple[JsonObject, ...]
    errors: Mapping[str, SyncError]

    @classmethod
    def read(cls, answer: JsonObject, inputs: Sequence[JsonObject]) -> BatchReply:
        """Read the answer to a write of these; raises ReplyLost for one that makes no sense."""
        errors = _errors(answer, sent_of(inputs)) if answer.get("errors") else {}
        return cls(tuple(results_of(answer, safe=False)), errors)

    def by_trace(self) -> dict[str, JsonObject]:
        """Return the results by the trace id they were sent with."""
        return {str(result[TRACE]): result for result in self.results if TRACE in result}

    def by_id(self) -> dict[str, JsonObject]:
        """Return the results by record id."""
        return {str(result["id"]): result for result in self.results}


def object_of(response: requests.Response, *, safe: bool) -> JsonObject:
    """Return the body as an object; raises Unavailable, or ReplyLost after a write."""
    answer = read_json(response, safe=safe)
    if isinstance(answer, dict):
        return answer
    raise (Unavailable if safe else ReplyLost)("HubSpot's answer is not an object.")


def results_of(answer: JsonObject, *, safe: bool = True) -> list[JsonObject]:
    """Return the records of an answer; raises Unavailable, or ReplyLost after a write."""
    results = answer.get("results")
    if isinstance(results, list) and all(isinstance(r, dict) and "id" in r for r in results):
        return results
    raise (Unavailable if safe else ReplyLost)("HubSpot's answer holds no list of records.")


def after_of(answer: JsonObject) -> str:
    """Return where the list goes on, "" at its end."""
    return str(((answer.get("paging") or {}).get("next") or {}).get("after") or "")


def _errors(answer: JsonObject, sent: Collection[str]) -> dict[str, SyncError]:
    """Return the errors of a 207 by every trace id and record id they name, "" for none."""
    found: dict[str, SyncError] = {}
    for entry in answer.get("errors") or ():
        context: Mapping[str, Any] = entry.get("context") or {}
        error = record_error(ErrorBody.read(entry), sent=sent)
        named = [context.get(name) or () for name in (TRACE, "ids", "id")]
        keys = [key for some in named for key in ([some] if isinstance(some, str) else some)]
        found.update((str(key), error) for key in keys or [""])
    return found
