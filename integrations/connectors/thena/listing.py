"""Reading accounts without a batch call: where the list showed them, and which domain is whose.

Nothing read here is ever handed out later as a value: pages are read again, ids by a call.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from integrations.connectors.thena.client import LIMIT, ThenaClient
from integrations.connectors.thena.fields import ACCOUNTS, JsonObject
from integrations.engine.domains import domain_of
from integrations.engine.errors import ConfigInvalid

KEEP_SECONDS: Final = 60.0
"""How long the index of domains is used again before everything is listed anew."""
WORTH: Final = 2
"""A page is read again when at least so many of the wanted accounts were last seen on it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pass through a list stands: the next page, and how many records make one full.

    Thena may cut pages below what we ask for. So the first page says how many records a page
    holds, and a shorter one is the last.
    """

    page: int = 1
    size: int = 1

    @classmethod
    def load(cls, text: str) -> Place:
        """Read a cursor; raises ConfigInvalid for a text that never was one."""
        page, _, size = text.partition(":")
        if not text:
            return cls()
        if not (page.isdecimal() and size.isdecimal()):
            raise ConfigInvalid("The stored list position cannot be read.")
        return cls(int(page), int(size))

    def dump(self) -> str:
        """Return the cursor as text."""
        return f"{self.page}:{self.size}"

    def after(self, count: int) -> Place | None:
        """Return where to go on after a page of `count` records, None at the end."""
        size = max(self.size, count)
        return Place(self.page + 1, size) if count >= size else None


class Accounts:
    """What one connector knows of the list of accounts. `clock` gives seconds, for ageing only."""

    def __init__(self, client: ThenaClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._pages: dict[str, int] = {}
        self._domains: dict[str, set[str]] | None = None
        self._built = 0.0

    def saw(self, page: int, found: Sequence[JsonObject]) -> None:
        """Remember on which page accounts are."""
        self._pages |= {str(payload["id"]): page for payload in found}

    def read(self, ids: Sequence[str]) -> Iterator[JsonObject]:
        """Yield the accounts as they are now: by pages where that is cheaper, else one by one."""
        wanted = set(ids)
        for page in self._worthwhile(ids):
            found = self._client.page(ACCOUNTS, page)
            self.saw(page, found)
            for payload in found:
                if str(payload["id"]) in wanted:
                    wanted.discard(str(payload["id"]))
                    yield payload
        rest = [asked for asked in ids if asked in wanted]
        for start in range(0, len(rest), LIMIT):
            yield from self._by_id(rest[start : start + LIMIT])

    def _by_id(self, ids: Sequence[str]) -> Iterator[JsonObject]:
        batch = self._client.by_ids(ACCOUNTS, ids)
        if batch is not None:
            yield from batch
            return
        for asked in ids:
            payload = self._client.account(asked)
            if payload is not None:
                yield payload

    def _worthwhile(self, ids: Sequence[str]) -> list[int]:
        counts: dict[int, int] = defaultdict(int)
        for asked in ids:
            if asked in self._pages:
                counts[self._pages[asked]] += 1
        return [page for page, count in counts.items() if count >= WORTH]

    # ------------------------------------------------------------ domains

    def with_domain(self, domain: str) -> tuple[str, ...]:
        """Return the ids of the accounts that a listing of at most a minute ago gave a domain.

        Thena's search would be one call, but it lags; a miss there proves nothing.
        """
        if self._domains is None or self._clock() - self._built > KEEP_SECONDS:
            self._list_all()
        return tuple(sorted((self._domains or {}).get(domain, ())))

    def stored(self, payload: JsonObject) -> None:
        """Keep the index in step with a write of our own."""
        domain = domain_of(str(payload.get("primaryDomain") or ""))
        if self._domains is not None and domain:
            self._domains.setdefault(domain, set()).add(str(payload["id"]))

    def forget(self) -> None:
        """Drop the index: a write may have happened that it does not hold."""
        self._domains = None

    def _list_all(self) -> None:
        started, domains = self._clock(), defaultdict(set)
        place: Place | None = Place()
        while place is not None:
            found = self._client.page(ACCOUNTS, place.page)
            self.saw(place.page, found)
            for payload in found:
                domain = domain_of(str(payload.get("primaryDomain") or ""))
                domains[domain].add(str(payload["id"]))
            place = place.after(len(found))
        self._domains, self._built = dict(domains), started
