"""Log lines that carry request, tenant and run ids and never a secret. Standard library only.

Redaction here is the last net: callers log ids and reason codes, not payloads.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_ids: ContextVar[dict[str, str]] = ContextVar("log_ids", default={})  # noqa: B039  never mutated
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_SENSITIVE = (
    r"[\w-]*(?:password|passwd|secret|token|authorization|signature|api[_-]?key|cookie|dob|birth"
    r"|phone|street|address)[\w-]*|code|state"
)
_HIDDEN = "[hidden]"
_PATTERNS = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), rf"\1 {_HIDDEN}"),
    (re.compile(rf"(?i)(?<![\w.-])((?:{_SENSITIVE})['\"]?\s*[=:]\s*)(['\"])(?:(?!\2).)*\2"),
     rf"\1\2{_HIDDEN}\2"),
    (re.compile(rf"(?i)(?<![\w.-])((?:{_SENSITIVE})\s*=\s*)[^\s&'\",;\[]+"), rf"\1{_HIDDEN}"),
    # PostgreSQL quotes rows and values in these lines of its errors.
    (re.compile(r"(?m)^(\s*(?:DETAIL|CONTEXT):\s).+"), rf"\1{_HIDDEN}"),
    (re.compile(r"(\w+://)[^/\s:@]+:[^/\s@]+@"), rf"\1{_HIDDEN}@"),
)  # fmt: skip
_SENSITIVE_KEY = re.compile(rf"(?i)^(?:{_SENSITIVE})$")


def note(**ids: object) -> None:
    """Add ids (request, tenant, run ...) to every further line of this request or task."""
    _ids.set(_ids.get() | {key: str(value) for key, value in ids.items()})


@contextmanager
def noted(**ids: object) -> Iterator[None]:
    """Like `note`, for the length of a block; whatever was noted inside ends with it."""
    before = _ids.set(_ids.get() | {key: str(value) for key, value in ids.items()})
    try:
        yield
    finally:
        _ids.reset(before)


def redact(text: str) -> str:
    """Return the text without the values of anything named like a secret or a health field."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


class _SafeFormatter(logging.Formatter):
    """What both forms share: the redacted message with its traceback, the ids, the extras."""

    def message(self, record: logging.LogRecord) -> str:
        text = record.getMessage()
        match = getattr(getattr(record, "request", None), "resolver_match", None)
        if hasattr(record, "request"):  # Django's own lines name the path, which may hold a secret
            text = text.replace(record.request.path, f"/{match.route}" if match else "/?")
        if record.exc_info:
            text = f"{text}\n{self.formatException(record.exc_info)}"
        return redact(text)

    def fields(self, record: logging.LogRecord) -> dict[str, str]:
        extras = {
            key: _HIDDEN if _SENSITIVE_KEY.match(key) else redact(str(value))
            for key, value in vars(record).items()
            if key not in _STANDARD and isinstance(value, str | int | float)
        }
        return _ids.get() | extras


class JsonFormatter(_SafeFormatter):
    """One JSON object per line, for machines."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; times are UTC."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self.message(record),
        }
        return json.dumps(line | self.fields(record), ensure_ascii=False)


class PlainFormatter(_SafeFormatter):
    """One readable line, for people; what a message brings along is indented below it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; times are UTC."""
        at = datetime.fromtimestamp(record.created, UTC)
        ids = " ".join(f"{key}={value}" for key, value in self.fields(record).items())
        line = f"{at:%H:%M:%S} {record.levelname:<7} {record.name}: {self.message(record)}"
        whole = f"{line}  [{ids}]" if ids else line
        # Nobody's text may look like a line of its own.
        return whole.replace("\r", "\\r").replace("\n", "\n    ")
