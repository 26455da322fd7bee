"""Instants and days as the sandbox reads and writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.connectors.hubspot.sandbox.times import day, iso, milliseconds, to_ms


@given(st.integers(min_value=0, max_value=4_000_000_000_000))
def test_every_millisecond_survives_being_written_and_read(at: int) -> None:
    assert milliseconds(iso(at)) == at
    assert to_ms(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)) == at


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1795132800000", 1_795_132_800_000),
        ("2026-11-20T00:00:00Z", 1_795_132_800_000),
        ("2026-11-20T01:00:00+01:00", 1_795_132_800_000),
        ("2026-11-20T00:00:00.000999Z", 1_795_132_800_000),
        ("2026-11-20", 1_795_132_800_000),
        ("2026-11-20T00:00:00", None),
        ("20 Nov 2026", None),
        ("²", None),
        ("", None),
    ],
)
def test_an_instant_is_read_or_refused(text: str, at: int | None) -> None:
    assert milliseconds(text) == at


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2028-02-29", "2028-02-29"),
        ("2027-02-29", None),
        ("-86400000", "1969-12-31"),
        ("1", None),
        ("20261120", None),
        ("2026-11-20T00:00:00Z", None),
    ],
)
def test_a_day_is_read_or_refused(text: str, found: str | None) -> None:
    assert day(text) == found
