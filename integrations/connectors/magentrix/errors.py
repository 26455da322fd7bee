"""What Magentrix's statuses and errors mean: the customer, us, one record, or a bad moment.

Two shapes: a request is refused with `{"message", "success": false}`, an item of a write with
`{"id": null, "errors": [{"code", "fieldName", "message"}], "success": false}`. The messages can
be a customer's own validation rules, so they are shown, without what was sent and without quotes.
Sources: help.magentrix.com, devguide, REST 3 pages, read 2026-11-20. The codes are not public:
those known here are assumed, and the message decides where there is none. It never decides that
a record is gone: that would hide the words of a rule.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final

import requests

from integrations.engine.errors import (
    AuthFailed,
    Duplicate,
    MissingScope,
    NotFound,
    RateLimited,
    Rejected,
    SyncError,
    Unavailable,
    VersionConflict,
)
from integrations.engine.reasons import Reason

WAIT_AFTER_429: Final = 30.0
"""Seconds, where Magentrix does not say: its limits are not public."""
LONGEST_WAIT: Final = 3600.0
LONGEST_MESSAGE: Final = 200

_TAKEN = re.compile(r"duplicate|already (exists|in use|taken)|must be unique", re.IGNORECASE)
_MISSING = re.compile(r"required|must not be empty|missing", re.IGNORECASE)
_PASSING = re.compile(r"try again|time(d )?out|temporar", re.IGNORECASE)
_QUOTED = re.compile(r"(?<!\w)(\"[^\"]*\"|'[^']*'|“[^”]*”)(?!\w)")
_EMAIL = re.compile(r"[^\s<>\"']+@[^\s<>\"']+")
_CODE = re.compile(r"\w{1,60}", re.ASCII)


class TokenRefused(AuthFailed):
    """The access token is refused. Only a fresh token's refusal concerns the customer."""

    def __init__(self) -> None:
        super().__init__("Magentrix refuses the access token.")


class Blocked(Rejected):
    """Something in between, a firewall as a rule, refused one call: what it says is no JSON."""

    def __init__(self, status: int) -> None:
        super().__init__(
            f"Something in between (a firewall?) refused it for Magentrix: HTTP {status}. A "
            "value of the record may look dangerous to it.",
            system_code=str(status),
        )


def classify(response: requests.Response) -> SyncError | None:
    """Return the error an answer stands for, None for a success or a list of item results."""
    status = response.status_code
    if status < 300:
        return None
    passing = _passing(response)
    if passing is not None:
        return passing
    if status == 401:
        return TokenRefused()
    body = _body(response)
    if status == 403 and body is None:
        return Blocked(status)
    if status == 403:
        return MissingScope(
            "The API key's owner may not do this in Magentrix. Use the key of an administrator."
        )
    if status == 400 and has_items(body):
        return None
    message = str(body["message"]) if isinstance(body, dict) and "message" in body else None
    if status in (404, 405):
        if message is None:
            return Unavailable(f"Something in between answered HTTP {status} for Magentrix.")
        return NotFound("Magentrix has no such record or entity.", system_code=str(status))
    said = wording(message or "")
    if status == 409:
        return Duplicate(f"Magentrix already has such a record: {said or 'not named'}")
    return Rejected(f"Magentrix refused it: {said or f'HTTP {status}'}", system_code=str(status))


def classify_login(response: requests.Response) -> SyncError | None:
    """Return the error of an answer to the request for a token, None for a success."""
    status = response.status_code
    if status < 300:
        return None
    passing = _passing(response)
    if passing is not None:
        return passing
    if not isinstance(_body(response), dict):
        return Unavailable(f"No Magentrix portal answers at this address (HTTP {status}).")
    return AuthFailed(
        "Magentrix refuses the API key. Make a new one in your Magentrix user's settings and "
        "enter it here."
    )


def classify_extension(response: requests.Response) -> SyncError | None:
    """Return the error of a call that only the stand-in knows: NotFound wherever it is unknown."""
    status = response.status_code
    unknown = status < 500 and "json" not in response.headers.get("Content-Type", "")
    if status in (403, 404, 405, 501) or (unknown and status not in (401, 429)):
        return NotFound("This portal has no set-up calls.")
    return classify(response)


def has_items(body: object) -> bool:
    """Tell whether a body holds the results of single records."""
    if isinstance(body, list):
        return all(isinstance(item, dict) for item in body)
    return isinstance(body, dict) and "errors" in body


def item_error(
    item: Mapping[str, Any], names: Mapping[str, str], sent: Iterable[object] = ()
) -> SyncError:
    """Return what is wrong with one record of a write.

    A failure of Magentrix's own will pass, and concerns this record only. `names` gives our name
    of a field by Magentrix's in small letters, `sent` are the values that the message must not
    repeat.
    """
    raw = item.get("errors")
    entries = [each for each in raw if isinstance(each, dict)] if isinstance(raw, list) else []
    codes = [code for entry in entries if (code := _code(entry.get("code")))]
    named = [str(entry["fieldName"]).lower() for entry in entries if entry.get("fieldName")]
    fields = tuple(dict.fromkeys(names[name] for name in named if name in names))
    messages = [str(entry.get("message") or "") for entry in entries]
    messages = messages or [str(item.get("message") or "")]
    said = " ".join(filter(None, (wording(each, sent, names) for each in messages)))
    said = said or ", ".join(codes) or "no reason was given"
    if _means(codes, messages, "DUPLICATE", _TAKEN):
        return Duplicate(f"Magentrix already has a record with this value: {said}", fields=fields)
    if "NOT_FOUND" in codes and {*named} <= {"id"}:
        return NotFound("Magentrix has no such record.")
    if _means(codes, messages, "SERVER", _PASSING):
        return VersionConflict(f"Magentrix could not store it: {said}", reason=Reason.UNAVAILABLE)
    missing = _means(codes, messages, "REQUIRED", _MISSING)
    return Rejected(
        f"Magentrix refused it: {said}",
        reason=Reason.REQUIRED_MISSING if missing else None,
        system_code=next(iter(codes), ""),
        fields=fields,
    )


def wording(message: str, sent: Iterable[object] = (), names: Iterable[str] = ()) -> str:
    """Return a message without values: what was sent, e-mail addresses, quotes of anything else.

    Quoted names of fields stay.
    """
    text = " ".join(message.split())
    for value in sorted({str(value) for value in sent if len(str(value)) > 2}, key=len)[::-1]:
        text = re.sub(re.escape(" ".join(value.split())), "…", text, flags=re.IGNORECASE)
    known = {*names}
    text = _QUOTED.sub(lambda m: m[0] if m[0][1:-1].lower() in known else "“…”", text)
    return _EMAIL.sub("…", text)[:LONGEST_MESSAGE]


def clock_of(headers: Mapping[str, str]) -> float:
    """Return the time of an answer in its sender's clock (unix seconds), ours if it has none."""
    try:
        return parsedate_to_datetime(headers.get("Date", "")).timestamp()
    except ValueError:
        return time.time()


def wait_of(headers: Mapping[str, str]) -> float:
    """Return the seconds of Retry-After, 0 when there is none or it is a date."""
    text = headers.get("Retry-After", "")
    return min(float(text), LONGEST_WAIT) if text.isdecimal() else 0.0


def _passing(response: requests.Response) -> SyncError | None:
    status = response.status_code
    wait = wait_of(response.headers)
    if status == 429:
        return RateLimited("Magentrix asks us to slow down.", retry_after=wait or WAIT_AFTER_429)
    if status >= 500 or status == 408:
        return Unavailable(f"Magentrix answered HTTP {status}.", retry_after=wait)
    return None


def _body(response: requests.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _code(raw: object) -> str:
    return raw if isinstance(raw, str) and _CODE.fullmatch(raw) else ""


def _means(codes: list[str], messages: list[str], code: str, words: re.Pattern[str]) -> bool:
    """Judge by the codes where there are any, else by the words."""
    if codes:
        return any(code in each.upper() for each in codes)
    return _any(words, messages)


def _any(words: re.Pattern[str], messages: list[str]) -> bool:
    return any(words.search(message) for message in messages)
