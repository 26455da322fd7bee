"""What both systems are asked to change, seen from outside: a list, and a rule for every write."""

from __future__ import annotations

import re
from typing import Any

import requests

from integrations.models import Intent

READS = r"/(search|batch/read)(/|$|\?)|/oauth/"


class Watch:
    """Lists the writes to each system and checks what must hold for every single one."""

    def __init__(self, reads: str = "") -> None:
        self._reads = re.compile("|".join(filter(None, (READS, reads))))
        self.log: list[tuple[str, str, str]] = []

    def of(self, system: str) -> Any:
        """Return the watcher of one system's calls."""

        def look(request: requests.PreparedRequest) -> None:
            path = (request.url or "").partition("://")[2].partition("/")[2]
            if request.method in ("GET", "HEAD") or self._reads.search(f"/{path}"):
                return
            self.log.append((system, request.method or "", f"/{path}"))
            self._check(request)

        return look

    def _check(self, request: requests.PreparedRequest) -> None:
        """No write without a committed intent (invariant 5)."""
        assert Intent.objects.filter(state="planned").exists(), (
            f"{request.method} {request.url} without an intent"
        )
