"""The mails the portal sent, read from the demo's mail directory."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Final

BETWEEN: Final = b"\n" + b"-" * 79 + b"\n"
"""What Django's file backend writes after each message (django/core/mail/backends/console.py)."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail; `body` is all of its readable parts."""

    to: str
    subject: str
    body: str

    def link(self) -> str:
        """Return the first address in it, "" without one."""
        found = re.search(r"https?://[^\s\"<>]+", self.body)
        return found[0] if found else ""


def read_mails(directory: Path) -> list[Mail]:
    """Return every mail so far, oldest first."""
    files = sorted(directory.glob("*.log"), key=lambda file: file.stat().st_mtime_ns)
    finished = (text for file in files for text in file.read_bytes().split(BETWEEN)[:-1])
    return [_mail(text) for text in finished]


def _mail(text: bytes) -> Mail:
    message = message_from_bytes(text, _class=EmailMessage, policy=policy.default)
    parts = [part for part in message.walk() if part.get_content_maintype() == "text"]
    body = "\n".join(str(part.get_content()) for part in parts)
    return Mail(str(message["To"]), str(message["Subject"]), body)
