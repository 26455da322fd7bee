"""Single values: ids of any spelling, amounts, and local times that survive a round trip."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.connectors.xentral.payloads import (
    changed_at,
    flag_of,
    id_of,
    local_parts,
    not_before,
    read_instant,
    read_number,
    read_reference,
    read_text,
    write_id,
    write_plain,
)
from integrations.engine.errors import Rejected
from integrations.engine.records import BLANK, UNREADABLE, Value
from tests.connectors.xentral.rig import BERLIN

ZONES = [BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("UTC")]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("raw", "found"), [(33, "33"), ("33", "33"), (0, ""), ("0", ""), (None, ""), ("", "")]
)
def test_an_id_comes_as_number_or_text_and_0_is_none(raw: object, found: str) -> None:
    assert id_of(raw) == found
    assert read_reference(raw) == ((found,) if found else BLANK)


def test_flags_and_amounts_are_read_in_every_spelling() -> None:
    assert [flag_of(raw) for raw in (1, "1", True, 0, "0", None, "")] == [True] * 3 + [False] * 4
    assert read_number("1500.00") == Decimal(1500)
    assert read_number(None) is BLANK
    assert read_number("viel") is UNREADABLE
    assert read_text("  Größe ") == "Größe"


def test_values_are_written_as_the_old_interface_takes_them() -> None:
    assert write_plain(Decimal("1500.50")) == "1500.50"
    assert write_plain(Decimal("1E+3")) == "1000"
    assert (write_plain(True), write_plain(BLANK)) == (1, "")
    assert (write_id(("33",)), write_id("12"), write_id(BLANK)) == (33, 12, 0)
    with pytest.raises(Rejected):
        write_id("zwölf")


@pytest.mark.parametrize(
    ("day", "time", "instant"),
    [
        ("2026-12-15", "09:00:00", "2026-12-15T08:00:00Z"),
        ("2026-07-15", "09:00:00", "2026-07-15T07:00:00Z"),
        ("2026-12-15", None, "2026-12-14T23:00:00Z"),
        ("2026-03-29", "01:59:59", "2026-03-29T00:59:59Z"),
        ("2026-03-29", "03:00:00", "2026-03-29T01:00:00Z"),
        ("2026-10-25", "02:30:00", "2026-10-25T00:30:00Z"),
    ],
)
def test_a_local_time_is_an_instant(day: str, time: str | None, instant: str) -> None:
    assert read_instant(day, time, BERLIN) == at(instant)


@pytest.mark.parametrize("day", [None, "", "0000-00-00", "0000-00-00 00:00:00"])
def test_no_day_is_no_instant(day: object) -> None:
    assert read_instant(day, "00:00:00", BERLIN) is BLANK


@pytest.mark.parametrize(("day", "time"), [("bald", "9:00"), ("2026-02-30", "09:00:00")])
def test_what_is_no_day_cannot_be_read(day: str, time: str) -> None:
    assert read_instant(day, time, BERLIN) is UNREADABLE


@pytest.mark.parametrize("value", ["2026-12-15", datetime(2026, 1, 1), BLANK])  # noqa: DTZ001
def test_only_an_instant_has_a_local_time(value: Value) -> None:
    with pytest.raises(Rejected):
        local_parts(value, BERLIN)


def test_the_ends_of_time_are_refused() -> None:
    with pytest.raises(Rejected):
        local_parts(datetime.max.replace(tzinfo=UTC), BERLIN)


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1)),  # noqa: DTZ001 - made UTC below
    st.sampled_from(ZONES),
)
def test_an_instant_comes_back_to_the_second(moment: datetime, zone: ZoneInfo) -> None:
    sent = moment.replace(microsecond=0, tzinfo=UTC)
    parts = local_parts(sent, zone)
    back = read_instant(*parts, zone)
    assert isinstance(back, datetime)
    assert local_parts(back, zone) == parts, "what was read is written back as it was"
    if not sent.astimezone(zone).fold:
        assert back == sent


def test_the_second_of_two_equal_hours_comes_back_as_the_first_and_stays_there() -> None:
    second = at("2026-10-25T01:30:00Z")
    parts = local_parts(second, BERLIN)
    assert parts == ("2026-10-25", "02:30:00")
    assert read_instant(*parts, BERLIN) == at("2026-10-25T00:30:00Z")


def test_a_change_time_is_local_too() -> None:
    assert changed_at("2026-11-20 10:00:00", BERLIN) == at("2026-11-20T09:00:00Z")
    assert changed_at("", BERLIN) is None


@given(
    st.datetimes(datetime(2026, 10, 24), datetime(2026, 10, 26)),  # noqa: DTZ001 - made UTC below
    st.integers(0, 48 * 3600),
    st.sampled_from(ZONES),
)
def test_no_later_instant_shows_an_earlier_time_than_the_bound(
    moment: datetime, seconds: int, zone: ZoneInfo
) -> None:
    since = moment.replace(tzinfo=UTC, microsecond=0)
    later = datetime.fromtimestamp(since.timestamp() + seconds, UTC)
    assert " ".join(local_parts(later, zone)) >= not_before(since, zone)


def test_the_bound_is_the_time_itself_on_other_days() -> None:
    assert not_before(at("2026-11-20T09:00:00Z"), BERLIN) == "2026-11-20 10:00:00"
    assert not_before(at("2026-10-25T00:50:00Z"), BERLIN) == "2026-10-25 01:50:00"
