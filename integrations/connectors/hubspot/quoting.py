"""HubSpot's own words about a refusal, without the values that it quotes in them. Calls nothing.

What was sent is known and taken out wherever it stands; addresses, long numbers and dates are
taken out too, because HubSpot may quote what it holds already. A sentence of which too little is
left says nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Final

import requests

LONGEST: Final = 240
FEWEST_WORDS: Final = 3
LONG_VALUE: Final = 40
"""Of a value longer than this HubSpot may quote only the beginning: then nothing is quoted."""
GAP: Final = "…"
_PERSONAL: Final = re.compile(r"\S+@\S+|\d{4}-\d{2}-\d{2}\S*|\+?\d[\d ()/.-]{4,}\d|\d{6,}")


def quoted(message: str, sent: Iterable[str] | None) -> str:
    """Return what may be shown of a message, "" for nothing. `sent` None: it is not known."""
    if sent is None:
        return ""
    shown = " ".join(message.split())
    for value in sorted({*_parts(sent)}, key=len, reverse=True):
        if len(value) > LONG_VALUE and value[:LONG_VALUE].lower() in shown.lower():
            return ""
        shown = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", GAP, shown, flags=re.IGNORECASE)
    shown = _PERSONAL.sub(GAP, shown)
    if len(shown) > LONGEST:
        shown = shown[:LONGEST].rpartition(" ")[0] + GAP
    words = [word for word in shown.split() if any(letter.isalpha() for letter in word)]
    return shown.strip() if len(words) >= FEWEST_WORDS else ""


def sent_in(response: requests.Response) -> set[str] | None:
    """Return the property values of the request behind an answer, None where it held none."""
    raw = response.request.body if response.request is not None else None
    try:
        body = json.loads(raw or b"null")
    except ValueError:
        return None
    found = set(_values(body))
    return found or None


def sent_of(inputs: Iterable[object]) -> set[str]:
    """Return the property values of a batch's inputs."""
    return {value for one in inputs for value in _values(one)}


def _values(raw: object) -> Iterator[str]:
    if isinstance(raw, list):
        for entry in raw:
            yield from _values(entry)
    elif isinstance(raw, dict):
        properties = raw.get("properties")
        if isinstance(properties, dict):
            yield from (str(value) for value in properties.values() if value)
            yield str(raw.get("id") or "-")
        yield from _values(raw.get("inputs"))


def _parts(sent: Iterable[str]) -> Iterator[str]:
    """Yield values as a whole and, of lists and texts, piece by piece."""
    for value in sent:
        whole = " ".join(value.split())
        if whole:
            yield whole
            yield from (part.strip() for part in whole.split(";") if part.strip())
