"""HubSpot's strings and our values, both ways."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.connectors.hubspot.payloads import (
    READERS,
    batches,
    write_properties,
    write_value,
)
from integrations.connectors.hubspot.records import RecordReader
from integrations.engine.records import (
    ABSENT,
    BLANK,
    UNREADABLE,
    FieldType,
    Value,
    canonical,
    same,
)
from integrations.engine.specs import FieldSpec

NOISE = "0.200000000000000011102230246251565404236316680908203125"
T = FieldType


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (T.TEXT, " Ada ", " Ada "),
        (T.CHOICE, "customer", "customer"),
        (T.NUMBER, "43", Decimal(43)),
        (T.NUMBER, "-1.50", Decimal("-1.5")),
        (T.NUMBER, "1E3", Decimal(1000)),
        (T.NUMBER, NOISE, Decimal("0.2")),
        (T.NUMBER, "0.30000000000000004", Decimal("0.3")),
        (T.NUMBER, "106300000123456789", Decimal("106300000123456789")),
        (T.NUMBER, "many", UNREADABLE),
        (T.NUMBER, "NaN", UNREADABLE),
        (T.NUMBER, "1e999999999", UNREADABLE),
        (T.NUMBER, "Infinity", UNREADABLE),
        (T.BOOLEAN, "true", True),
        (T.BOOLEAN, "False", False),
        (T.BOOLEAN, "perhaps", UNREADABLE),
        (T.DATE, "2004-02-29", date(2004, 2, 29)),
        (T.DATE, "1077926400000", date(2004, 2, 28)),
        (T.DATE, "-86400000", date(1969, 12, 31)),
        (T.DATE, "2004-02-29T00:00:00Z", date(2004, 2, 29)),
        (T.DATE, "29.02.2004", UNREADABLE),
        (T.DATETIME, "2026-11-19T10:00:01Z", datetime(2026, 11, 19, 10, 0, 1, tzinfo=UTC)),
        (
            T.DATETIME,
            "2026-11-19T10:00:01.120Z",
            datetime(2026, 11, 19, 10, 0, 1, 120_000, tzinfo=UTC),
        ),
        (
            T.DATETIME,
            "2026-11-19T10:00:01.123456Z",
            datetime(2026, 11, 19, 10, 0, 1, 123_456, tzinfo=UTC),
        ),
        (T.DATETIME, "2026-11-19T11:00:01+01:00", datetime(2026, 11, 19, 10, 0, 1, tzinfo=UTC)),
        (T.DATETIME, "1763632800123", datetime(2025, 11, 20, 10, 0, 0, 123_000, tzinfo=UTC)),
        (T.DATETIME, "9" * 30, UNREADABLE),
        (T.DATETIME, "yesterday", UNREADABLE),
        (T.MULTI_CHOICE, "a;b", ("a", "b")),
        (T.MULTI_CHOICE, ";1;2", ("1", "2")),
        (T.MULTI_CHOICE, ";", BLANK),
    ],
)
def test_each_text_is_read_as_its_type(kind: FieldType, text: str, value: Value) -> None:
    assert canonical(READERS[kind](text)) == canonical(value)


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (T.TEXT, "Ada", "Ada"),
        (T.TEXT, BLANK, ""),
        (T.DATE, BLANK, ""),
        (T.TEXT, ABSENT, None),
        (T.TEXT, UNREADABLE, None),
        (T.NUMBER, Decimal("1E+3"), "1000"),
        (T.NUMBER, Decimal("1.50"), "1.50"),
        (T.BOOLEAN, True, "true"),
        (T.BOOLEAN, False, "false"),
        (T.MULTI_CHOICE, ("a", "b"), "a;b"),
        (T.DATE, date(2004, 2, 29), "2004-02-29"),
        (T.DATETIME, date(2004, 2, 29), "2004-02-29T00:00:00Z"),
        (
            T.DATETIME,
            datetime(2026, 11, 19, 10, 0, 1, 120_000, tzinfo=UTC),
            "2026-11-19T10:00:01.120Z",
        ),
        (
            T.DATETIME,
            datetime(2026, 11, 19, 0, 30, tzinfo=timezone(timedelta(hours=1))),
            "2026-11-18T23:30:00.000Z",
        ),
        (T.DATE, datetime(2026, 11, 19, 23, 0, tzinfo=UTC), "2026-11-19"),
    ],
)
def test_each_value_is_written_as_hubspot_wants_it(
    kind: FieldType, value: Value, text: str | None
) -> None:
    assert write_value(value, kind) == text


@given(
    st.one_of(
        st.tuples(st.just(T.DATE), st.dates()),
        st.tuples(
            st.just(T.DATETIME),
            st.datetimes(timezones=st.just(UTC)).map(
                lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
            ),
        ),
        st.tuples(st.just(T.BOOLEAN), st.booleans()),
        st.tuples(st.just(T.NUMBER), st.decimals(-(10**9), 10**9, places=4)),
        st.tuples(st.just(T.TEXT), st.text(min_size=1)),
        st.tuples(
            st.just(T.MULTI_CHOICE), st.lists(st.text("abc_", min_size=1), min_size=1).map(tuple)
        ),
    )
)
def test_every_value_survives_the_round_trip(pair: tuple[FieldType, Value]) -> None:
    kind, value = pair
    text = write_value(value, kind)
    assert text is not None
    assert same(READERS[kind](text), value)


def test_only_what_is_known_is_sent() -> None:
    schema = {"born": FieldSpec("born", "Born", T.DATE)}
    values: dict[str, Value] = {
        "born": date(2004, 2, 29),
        "city": BLANK,
        "zip": ABSENT,
        "sex": UNREADABLE,
    }
    assert write_properties(values, schema) == {"born": "2004-02-29", "city": ""}


# ---------------------------------------------------------------- records

SCHEMA = {
    "age": FieldSpec("age", "Age", T.NUMBER),
    "born": FieldSpec("born", "Born", T.DATE),
}


def payload(**properties: str | None) -> dict[str, Any]:
    return {
        "id": "300",
        "properties": {"lastmodifieddate": "2026-11-19T10:00:01.5Z", **properties},
        "updatedAt": "2026-11-20T00:00:00Z",
        "archived": False,
    }


def test_null_is_blank_and_what_is_not_mentioned_is_absent() -> None:
    reader = RecordReader.build("contacts", ["age", "born", "nickname"], SCHEMA)
    record = reader.read(payload(age="41", born=None))
    assert record.values == {"age": Decimal(41), "born": BLANK}
    assert record.get("nickname") is ABSENT
    assert not record.archived


def test_a_record_carries_its_old_ids_its_instant_and_its_name() -> None:
    reader = RecordReader.build("contacts", [], SCHEMA)
    record = reader.read(
        payload(hs_merged_object_ids="100; 200;", firstname="Ada", lastname="Lovelace")
    )
    assert record.merged_ids == {"100", "200"}
    assert record.modified_at == datetime(2026, 11, 19, 10, 0, 1, 500_000, tzinfo=UTC)
    assert record.label == "Ada Lovelace"
    assert reader.read(payload(firstname=None, lastname="Hopper")).label == "Hopper"


def test_other_types_have_another_modified_date() -> None:
    reader = RecordReader.build("companies", [], SCHEMA)
    shown = payload(hs_lastmodifieddate="2026-11-18T00:00:00Z", name="Acme")
    record = reader.read(shown)
    assert record.modified_at == datetime(2026, 11, 18, tzinfo=UTC)
    assert record.label == "Acme"
    assert reader.read(payload()).modified_at == datetime(2026, 11, 20, tzinfo=UTC)


def test_an_archived_record_says_so() -> None:
    reader = RecordReader.build("contacts", [], SCHEMA)
    assert reader.read({**payload(), "archived": True}).archived


def test_every_property_is_asked_for_once() -> None:
    reader = RecordReader.build("contacts", ["lastname", "age", "lastmodifieddate"], SCHEMA)
    assert sorted(reader.properties) == [
        "age",
        "firstname",
        "hs_calculated_merged_vids",
        "hs_merged_object_ids",
        "lastmodifieddate",
        "lastname",
    ]


def test_batches_hold_a_hundred() -> None:
    assert [len(some) for some in batches(range(250))] == [100, 100, 50]
    assert batches([]) == []
