"""What both systems are asked to change, seen from outside: counts, and rules for every write."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import requests

from integrations.models import Intent

READS = re.compile(
    r"/(search|batch/read|filter/ids|filter/primary-domains)(/|$|\?)|/oauth/|/incoming-webhook/"
)
HUBSPOT_WRITE = re.compile(
    r"/crm/objects/[^/]+/(?P<type>\w+)(/batch)?/(?P<verb>create|update|upsert|archive)$"
)


class Watch:
    """Counts the writes to each system and checks what must hold for every single one."""

    def __init__(self) -> None:
        self.writes: Counter[str] = Counter()
        self.log: list[tuple[str, str, str]] = []
        self.strict = True

    @property
    def total(self) -> int:
        """How many writing calls were made."""
        return self.writes.total()

    def of(self, system: str) -> Any:
        """Return the watcher of one system's calls."""

        def look(request: requests.PreparedRequest) -> None:
            path = (request.url or "").partition("://")[2].partition("/")[2]
            if request.method in ("GET", "HEAD") or READS.search(f"/{path}"):
                return
            self.writes[system] += 1
            self.log.append((system, request.method or "", f"/{path}"))
            if self.strict:
                self._check(request)

        return look

    def _check(self, request: requests.PreparedRequest) -> None:
        """No write without a committed intent (invariant 5)."""
        assert Intent.objects.filter(state="planned").exists(), (
            f"{request.method} {request.url} without an intent"
        )


def body_of(request: requests.PreparedRequest) -> Any:
    """Return the parsed body."""
    return json.loads(request.body or b"{}")
