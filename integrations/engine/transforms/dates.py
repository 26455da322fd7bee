"""The transforms of days and instants. A day passes through no zone on its way to a text."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from integrations.engine.errors import ConfigInvalid, MappingError
from integrations.engine.records import Value, as_text
from integrations.engine.transforms.base import Arguments, Transform, as_date, in_zone


def check_date(arguments: Arguments) -> Transform:
    """Check a pure date. Today is the day that has begun anywhere on Earth (UTC+14)."""
    try:
        earliest = date.fromisoformat(arguments.get("earliest", "") or "1900-01-01")
    except ValueError:
        raise ConfigInvalid("“earliest” must be a date such as 1900-01-31.") from None

    def check(value: Value, now: datetime) -> Value:
        day = as_date(value)
        if day < earliest:
            raise MappingError(f"is before {earliest.isoformat()}")
        if "past" in arguments and day > (now.astimezone(UTC) + timedelta(hours=14)).date():
            raise MappingError("is in the future")
        return day

    return Transform(check, lambda value, now: as_date(value))


def date_to_text(arguments: Arguments) -> Transform:
    """Write a date in a form of %Y, %m and %d."""
    pattern = arguments.get("format", "%Y-%m-%d")
    if not {"%Y", "%m", "%d"} <= set(re.findall(r"%.", pattern)):
        raise ConfigInvalid("A date format needs %Y, %m and %d.")

    def write(value: Value, now: datetime) -> Value:
        day = as_date(value)
        return (
            pattern.replace("%Y", f"{day.year:04}")
            .replace("%m", f"{day.month:02}")
            .replace("%d", f"{day.day:02}")
        )

    def read(value: Value, now: datetime) -> Value:
        try:
            return datetime.strptime(as_text(value).strip(), pattern).replace(tzinfo=UTC).date()
        except ValueError:
            raise MappingError("is not a date of the expected form") from None

    return Transform(write, read)


def datetime_to_text(arguments: Arguments) -> Transform:
    """Write an instant as an ISO 8601 text in UTC, in whole seconds or milliseconds."""

    def write(value: Value, now: datetime) -> Value:
        instant = in_zone(value, UTC)
        fine = "milliseconds" if instant.microsecond else "seconds"
        return instant.replace(tzinfo=None).isoformat(timespec=fine) + "Z"

    return Transform(write, lambda value, now: in_zone(value, UTC))


def datetime_to_date(arguments: Arguments) -> Transform:
    """Give the day an instant has in `zone`, which must be named; the time is lost for good."""
    key = arguments.get("zone", "")
    try:
        zone = ZoneInfo(key)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigInvalid(f"There is no time zone “{key}”; one is Europe/Berlin.") from None
    return Transform(lambda value, now: in_zone(value, zone).date(), None)


def date_to_datetime(arguments: Arguments) -> Transform:
    """Write a date as its midnight in UTC; back comes the UTC day, whatever the time."""

    def write(value: Value, now: datetime) -> Value:
        return datetime.combine(as_date(value), time(), UTC)

    return Transform(write, lambda value, now: in_zone(value, UTC).date())
