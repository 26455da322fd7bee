"""What HubSpot's statuses and error bodies mean: the customer, us, one record, or a bad moment.

Messages of HubSpot can quote values: of a refusal they are kept as `quoting` allows.
Source: HubSpot docs, error handling and usage guidelines, 2026-03-30; changelog, 2026-05-12.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import requests

from integrations.connectors.hubspot.quoting import quoted, sent_in
from integrations.engine.errors import (
    AuthFailed,
    ConfigInvalid,
    Duplicate,
    Misconfigured,
    MissingScope,
    NotFound,
    RateLimited,
    Rejected,
    SyncError,
    Unavailable,
)
from integrations.engine.reasons import Reason

LOCKED_SECONDS: Final = 2.0
MOVING_SECONDS: Final = 60.0
RATE_SECONDS: Final = (("daily", 3600.0), ("ten_secondly", 10.0), ("secondly", 1.0))
"""Waits per rate policy. A daily budget returns at the account's midnight: look once an hour."""

REVOKED: Final = {"invalid_grant", "access_denied", "BAD_REFRESH_TOKEN", "BAD_HUB"}
INSTALL_FAILED: Final = {"BAD_AUTH_CODE", "BAD_CODE_VERIFIER"}
REQUIRED: Final = {"MISSING_REQUIRED_PROPERTY", "MISSING_CONDITIONAL_REQUIRED_PROPERTY"}
DEFINITION: Final = {"PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE"}
UNIQUE: Final = "CONFLICTING_UNIQUE_VALUE"
_CODE = re.compile(r"[A-Za-z][\w.*-]{0,99}")
_EXISTING = re.compile(r"Existing ID:\s*(\d+)|(\d+) already has that value")
_IN_MESSAGE = re.compile(r"\[\s*\{.*\}\s*\]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """An error answer, or one entry of a 207. Only `messages` may hold values."""

    category: str = ""
    codes: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    existing_id: str = ""
    correlation_id: str = ""
    policy: str = ""
    scopes: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()

    @classmethod
    def read(cls, raw: object) -> ErrorBody:
        """Read any JSON value; every member is optional and none is trusted."""
        if not isinstance(raw, dict):
            return cls()
        message = next(_strings(raw.get("message")), "")
        entries = [*_objects(raw.get("errors")), *_inside(message)]
        contexts = [_object(entry.get("context")) for entry in (raw, *entries)]
        codes = [entry.get("code", entry.get("error")) for entry in entries]
        fields = [entry.get("name", entry.get("in")) for entry in entries]
        fields += [name for context in contexts for name in _strings(context.get("propertyName"))]
        found = _EXISTING.search(message)
        return cls(
            category=_code(raw.get("category")),
            codes=_distinct([*codes, raw.get("subCategory")]),
            fields=_distinct(fields),
            existing_id=(found[1] or found[2]) if found else "",
            correlation_id=str(raw.get("correlationId") or "")[:64],
            policy=_code(raw.get("policyName")),
            scopes=_distinct(
                [s for c in contexts for s in _strings(c.get("requiredGranularScopes"))]
            ),
            messages=_sentences(message, entries),
        )

    @property
    def summary(self) -> str:
        """Return codes and field names as one phrase, "" when the body names nothing."""
        what = ", ".join(self.codes) or self.category
        return f"{what} ({', '.join(self.fields)})" if self.fields else what


def _sentences(message: str, entries: list[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return what is said in words: of each problem, else of the whole."""
    own = [text for entry in entries for text in _strings(entry.get("message"))]
    return tuple(dict.fromkeys(text for text in own or [message] if text))


def classify(response: requests.Response) -> SyncError | None:
    """Return the error an answer of the CRM API stands for, None for a success."""
    status = response.status_code
    if status < 300:
        return None
    body = ErrorBody.read(_parsed(response))
    passing = _passing(response, body)
    if passing is not None:
        return passing
    if status == 401:
        return AuthFailed(
            "HubSpot no longer accepts this connection's access.",
            system_code=body.category,
            correlation_id=body.correlation_id,
        )
    if status == 403:
        return MissingScope(
            f"HubSpot wants one of these permissions: {', '.join(body.scopes) or 'not named'}.",
            system_code=" ".join(body.scopes) or body.category,
            correlation_id=body.correlation_id,
        )
    return record_error(body, status, sent=sent_in(response))


def record_error(
    body: ErrorBody, status: int = 400, *, sent: Collection[str] | None = None
) -> SyncError:
    """Return what is wrong with one record: an answer of its own or an entry of a 207.

    `sent` are the values that were sent; without them HubSpot's own words are not repeated.
    """
    said = body.summary or f"HTTP {status}"
    codes = {*body.codes, body.category}
    words = " ".join(text for message in body.messages if (text := quoted(message, sent)))
    words = f" It says: “{words}”" if words else ""
    if status == 409 or UNIQUE in codes or codes & {"CONFLICT", "OBJECT_ALREADY_EXISTS"}:
        return Duplicate(
            f"HubSpot already has a record with this unique value: {said}.{words}",
            existing_id=body.existing_id,
            correlation_id=body.correlation_id,
        )
    if status == 404 or "OBJECT_NOT_FOUND" in codes:
        return NotFound("HubSpot has no such record.", correlation_id=body.correlation_id)
    kind: type[SyncError] = ConfigInvalid if codes & DEFINITION else Rejected
    return kind(
        f"HubSpot refused it: {said}.{words}",
        reason=_reason(codes),
        system_code=next(iter(body.codes), body.category),
        correlation_id=body.correlation_id,
        fields=body.fields,
    )


def classify_oauth(response: requests.Response) -> SyncError | None:
    """Return the error an answer of the OAuth endpoints stands for, None for a success.

    Only a refusal that surely names the customer's grant disconnects; whatever else is refused
    is taken for a fault of this portal's own settings.
    """
    if response.status_code < 300:
        return None
    raw = _object(_parsed(response))
    passing = _passing(response, ErrorBody.read(raw))
    if passing is not None:
        return passing
    said = [_code(raw.get("error")), _code(raw.get("status"))]
    if "invalid_client" not in said:
        if INSTALL_FAILED & set(said):
            return AuthFailed(
                "HubSpot refused the installation; start it again.", system_code=said[1]
            )
        if REVOKED & set(said):
            return AuthFailed(
                "HubSpot's access was revoked or the app was uninstalled.",
                system_code=said[1] or said[0],
            )
    code = said[1] or said[0] or str(response.status_code)
    return Misconfigured(f"HubSpot refuses this portal's app: {code}.", system_code=code)


def _passing(response: requests.Response, body: ErrorBody) -> SyncError | None:
    status, asked = response.status_code, _retry_after(response)
    if status == 429:
        return RateLimited(
            "HubSpot's call limit is reached.",
            retry_after=_rate_wait(body, response.text) if asked is None else asked,
            system_code=body.policy,
        )
    if status == 423:
        return Unavailable(
            "The HubSpot account is locked for a moment (HTTP 423).",
            retry_after=max(asked or 0.0, LOCKED_SECONDS),
        )
    if status == 477:
        return Unavailable(
            "The HubSpot account is moving to another data centre (HTTP 477).",
            retry_after=MOVING_SECONDS if asked is None else asked,
        )
    if status >= 500:
        return Unavailable(
            f"HubSpot answered HTTP {status}.",
            retry_after=asked or 0.0,
            correlation_id=body.correlation_id,
        )
    return None


def _rate_wait(body: ErrorBody, text: str) -> float:
    said = (body.policy or text).lower()
    return next((wait for policy, wait in RATE_SECONDS if policy in said), 10.0)


def _reason(codes: set[str]) -> Reason | None:
    if codes & DEFINITION:
        return None
    if codes & REQUIRED:
        return Reason.REQUIRED_MISSING
    if any(code.startswith("INVALID_") for code in codes):
        return Reason.VALUE_INVALID
    return None


def _parsed(response: requests.Response) -> object:
    try:
        parsed: object = response.json()
    except ValueError:
        return None
    return parsed


def _retry_after(response: requests.Response) -> float | None:
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else None


def _inside(message: str) -> list[Mapping[str, Any]]:
    """Return the entries that older answers hide as JSON inside their message."""
    found = _IN_MESSAGE.search(message)
    if found is None:
        return []
    try:
        return _objects(json.loads(found[0]))
    except ValueError:
        return []


def _object(raw: object) -> Mapping[str, Any]:
    return raw if isinstance(raw, dict) else {}


def _objects(raw: object) -> list[Mapping[str, Any]]:
    return [entry for entry in raw if isinstance(entry, dict)] if isinstance(raw, list) else []


def _strings(raw: object) -> Iterator[str]:
    for entry in raw if isinstance(raw, list) else [raw]:
        if isinstance(entry, str):
            yield entry


def _code(raw: object) -> str:
    return raw if isinstance(raw, str) and _CODE.fullmatch(raw) else ""


def _distinct(raw: list[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for code in map(_code, raw) if code))
