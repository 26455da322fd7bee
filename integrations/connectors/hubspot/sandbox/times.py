"""Instants as the sandbox keeps them (epoch milliseconds) and as HubSpot writes them."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@lru_cache(maxsize=4096)
def iso(at: int) -> str:
    """Write an instant as ISO with `Z`; a fraction of zero is left out, as Java does."""
    moment = datetime.fromtimestamp(at // 1000, UTC)
    fraction = f".{at % 1000:03d}" if at % 1000 else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"


@lru_cache(maxsize=65536)
def milliseconds(text: str) -> int | None:
    """Read epoch milliseconds, an ISO instant or an ISO date (midnight UTC); None if neither."""
    if text.lstrip("-").isdecimal():
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        if len(text) > len("2026-01-01"):
            return None
        moment = moment.replace(tzinfo=UTC)
    return to_ms(moment)


def day(text: str) -> str | None:
    """Read a date, or epoch milliseconds at midnight UTC; None if it is neither."""
    if text.lstrip("-").isdecimal():
        at = int(text)
        return None if at % 86_400_000 else iso(at)[:10]
    try:
        return date.fromisoformat(text).isoformat() if len(text) == len("2026-01-01") else None
    except ValueError:
        return None


def to_ms(moment: datetime) -> int:
    """Return an aware datetime as epoch milliseconds, cut off, not rounded."""
    return (moment - _EPOCH) // _MILLISECOND
