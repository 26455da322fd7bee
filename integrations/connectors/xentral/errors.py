"""What Xentral's statuses and error bodies mean: the customer, us, one record, or a bad moment.

Two shapes: `{"error": {"code", "http_code", "message", "details"}}` of the old interface, and
problem+json (RFC 7807) of the present one. Messages can quote values, so only the names of fields
and our own words remain of them. Sources: docs.raml of the open-source edition and
developer.xentral.com, read 2026-11-20.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import requests

from integrations.connectors.xentral.digest import Challenge
from integrations.connectors.xentral.fields import COLUMNS
from integrations.engine.errors import (
    AuthFailed,
    ConfigInvalid,
    MissingScope,
    NotFound,
    RateLimited,
    Rejected,
    SyncError,
    Unavailable,
)
from integrations.engine.reasons import Reason

WAIT_AFTER_429: Final = 30.0
"""Seconds: Xentral promises no Retry-After, and its window is a minute."""
LONGEST_WAIT: Final = 3600.0

PERMISSION: Final = "7421"
CHALLENGED: Final = frozenset({"7411", "7412", "7416", "7417"})
STALE: Final = frozenset({"7416", "7417"})
NO_ROUTE: Final = frozenset({"7431", "7432", "7433"})
BAD_CALL: Final = frozenset({"7454", "7455", "7456"})

_WORD = re.compile(r"[A-Za-z]\w*")
_COLUMN = re.compile(r"unknown column '?(?:\w+\.)?(\w+)", re.I)
_SAYINGS: Final = (
    (re.compile(r"required|must be present|fehlt", re.I), "is missing"),
    (re.compile(r"at least|minimum|too short", re.I), "is too short"),
    (re.compile(r"at most|maximum|too long", re.I), "is too long"),
    (re.compile(r"not exist|not found|exists? not|unknown", re.I), "names what is not there"),
    (re.compile(r"already|unique|taken|duplicate", re.I), "is taken"),
    (re.compile(r"decimal|numeric|integer|number", re.I), "is not a fitting number"),
    (re.compile(r"date|time|format|valid|boolean|between", re.I), "is not of the wanted form"),
)


class Challenged(AuthFailed):
    """The call needs a (fresh) answer to a Digest challenge; `stale`: the login itself was fine."""

    def __init__(self, challenge: Challenge | None, *, stale: bool) -> None:
        super().__init__("Xentral asks for the login of an API account.")
        self.challenge = challenge
        self.stale = stale


class NoRoute(ConfigInvalid):
    """This Xentral has no such operation: an add-on that is not installed, or a closed interface.

    It concerns all records alike.
    """


@dataclass(frozen=True, slots=True)
class Said:
    """An error body: its code, its sentences, and the fields that are named apart from them."""

    code: str = ""
    messages: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


def classify(response: requests.Response) -> SyncError | None:
    """Return the error an answer stands for, None for a success."""
    status = response.status_code
    if status < 300:
        return None
    said = said_by(response)
    code = said.code if said else ""
    if status == 401:
        return _refused(response, code)
    if status == 403:
        return MissingScope(
            "The access token may not do this in Xentral, or the interface is not enabled.",
            system_code=code,
        )
    if status == 429:
        return RateLimited("Xentral asks us to slow down.", retry_after=wait_of(response.headers))
    if status >= 500 or status == 408:
        return _failed(status, said, response)
    if said is None:
        return Unavailable(f"Something in between answered HTTP {status} for Xentral.")
    if code in NO_ROUTE or status == 405:
        return NoRoute("This Xentral does not have the operation.", system_code=code)
    if code in BAD_CALL:
        return NoRoute(
            f"This Xentral does not understand the call (code {code}).", system_code=code
        )
    if status == 404:
        return NotFound("Xentral has no such record.", system_code=code)
    return _rejected(status, said)


def _refused(response: requests.Response, code: str) -> SyncError:
    """Return what a 401 means. A missing permission is one too: signing in again changes nothing.

    7421 would be a 403 anywhere else.
    """
    if code == PERMISSION:
        return MissingScope(
            "The API account lacks a permission in Xentral. Grant it to list, view, create and "
            "edit addresses, resubmissions and groups.",
            system_code=code,
        )
    header = response.headers.get("WWW-Authenticate", "")
    challenge = Challenge.of(response)
    if challenge is not None and (code in CHALLENGED or not code):
        return Challenged(challenge, stale=code in STALE or "stale=true" in header.lower())
    return AuthFailed(
        "Xentral no longer accepts the access. Enter a token or an API account that is valid; "
        "tokens end after 180 days.",
        system_code=code,
    )


def _failed(status: int, said: Said | None, response: requests.Response) -> SyncError:
    """Return what a failure of Xentral means; one that names an unknown column is no passing one.

    Such a call was refused by the database, so nothing was written.
    """
    found = [_COLUMN.search(message) for message in said.messages] if said else []
    columns = tuple(match.group(1) for match in found if match)
    if columns:
        names = tuple(name for name in columns if name in COLUMNS)
        return Rejected(
            f"This Xentral does not have the field {', '.join(names) or 'that was sent'}.",
            system_code=said.code if said else "",
            fields=names,
        )
    return Unavailable(
        f"Xentral answered HTTP {status}.", retry_after=_number(response.headers, "Retry-After")
    )


def _rejected(status: int, said: Said) -> SyncError:
    fields, words = _summary(said)
    missing = bool(words) and all(part.endswith("is missing") for part in words)
    return Rejected(
        f"Xentral refused it: {'; '.join(words) or f'HTTP {status}'}.",
        reason=Reason.REQUIRED_MISSING if missing else None,
        system_code=said.code or str(status),
        fields=fields,
    )


def said_by(response: requests.Response) -> Said | None:
    """Return an error body in one form, None when it is not one of Xentral's."""
    try:
        parsed: Any = response.json()
    except ValueError:
        return None
    if not isinstance(parsed, dict):
        return None
    error = parsed.get("error")
    if isinstance(error, dict):
        details = [*_texts(error.get("details")), *_texts(error.get("errors"))]
        code = str(error.get("code") or "")
        return Said(code, (*_texts(error.get("message")), *details, *_texts(parsed.get("errors"))))
    violations = parsed.get("violations")
    named = tuple(violations) if isinstance(violations, dict) else ()
    texts = [*_texts(violations), *_texts(parsed.get("messages")), *_texts(parsed.get("title"))]
    return Said("", (*texts, *_texts(parsed.get("message"))), tuple(map(str, named)))


def _texts(found: object) -> list[str]:
    if isinstance(found, dict):
        pairs = found.items()
        return [f"{name} {text}" for name, member in pairs for text in _texts(member)]
    if isinstance(found, list):
        return [text for member in found for text in _texts(member)]
    return [str(found)] if found else []


def _summary(said: Said) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the fields the messages name, and what is wrong with them in our words."""
    fields: dict[str, None] = dict.fromkeys(name for name in said.fields if name in COLUMNS)
    words: dict[str, None] = {}
    for message in said.messages:
        named = [word for word in _WORD.findall(message) if word in COLUMNS]
        fields |= dict.fromkeys(named)
        what = next((text for pattern, text in _SAYINGS if pattern.search(message)), "")
        if named:
            words[f"{', '.join(dict.fromkeys(named))} {what or 'is not accepted'}"] = None
    return tuple(fields), tuple(words)


def wait_of(headers: Mapping[str, str]) -> float:
    """Return how many seconds to wait after a 429."""
    return min(_number(headers, "Retry-After") or WAIT_AFTER_429, LONGEST_WAIT)


def _number(headers: Mapping[str, str], name: str) -> float:
    text = headers.get(name, "")
    return float(text) if text.isdecimal() else 0.0
