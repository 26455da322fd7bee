"""What the domain of a typed address is. Knows no DNS and decides nothing."""

from __future__ import annotations

import re
from typing import Final

_ADDRESS: Final = re.compile(
    r"(?:[a-z][a-z0-9+.-]*:)?(?://)?(?:www\.)*(?P<host>[^\s/?#:@.]+(?:\.[^\s/?#:@.]+)+)\.?"
    r"(?::\d*)?(?:[/?#].*)?",
    re.DOTALL,
)


def domain_of(text: str) -> str:
    """Return the domain of a web address or of a domain as people type it, "" for neither.

    Lower case, without scheme, "www.", port and path: `HTTPS://www.Acme.example:443/about` is
    `acme.example`. An e-mail address names a person and no company's domain.
    """
    found = _ADDRESS.fullmatch(text.strip().lower())
    return found["host"] if found else ""
