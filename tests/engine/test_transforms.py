"""The named transforms: what RXNT needs by table, inverses on generated values."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.engine.countries import COUNTRY_NAMES, STATE_NAMES
from integrations.engine.errors import ConfigInvalid, MappingError
from integrations.engine.records import BLANK, Value, same
from integrations.engine.transforms import TRANSFORMS, swapped, transform
from integrations.engine.us_states import STATE_CODES

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATE = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
EAST = timezone(timedelta(hours=9))
TABLE: tuple[tuple[str, dict[str, str], Value, Value], ...] = (
    ("", {}, "as it is ", "as it is "),
    ("text", {}, "  two   words ", "two words"),
    ("text", {}, "  ", BLANK),
    ("name", {}, " Ida  Brandt ", "Ida Brandt"),
    ("email", {}, " Ida@Example.ORG ", "ida@example.org"),
    ("domain", {}, " HTTPS://www.Acme.example:443/about?x=1#top ", "acme.example"),
    ("domain", {}, "Support.Acme.example.", "support.acme.example"),
    ("domain", {}, "www.example", "www.example"),
    ("domain", {}, " ", BLANK),
    ("phone_digits", {}, "+1 (410) 555-0142", "4105550142"),
    ("phone_digits", {}, "410.555.0142", "4105550142"),
    ("phone_digits", {}, "+49 30 1234567 ", "+49 30 1234567"),
    ("phone_digits", {"max": "5"}, "123 ext 4", "123 e"),
    ("us_state", {}, " md", "MD"),
    ("us_state", {}, "new  york", "NY"),
    ("us_state", {}, "District of Columbia", "DC"),
    ("us_state", {}, "Puerto Rico", "PR"),
    ("choice", {"options": "M;F;U"}, " f ", "F"),
    ("date", {}, "2024-02-29", date(2024, 2, 29)),
    ("date_to_text", {"format": "%m/%d/%Y"}, date(1988, 2, 29), "02/29/1988"),
    ("scale", {"power": "2"}, Decimal("12.34"), Decimal("1234")),
    ("number_to_text", {}, Decimal("1.50"), "1.50"),
    ("boolean_to_text", {"true": "Ja", "false": "Nein"}, True, "Ja"),
    ("value_map", {"hot": "1"}, "hot", "1"),
    ("value_map", {"hot": "1", "@unmapped": "keep"}, "cold", "cold"),
    ("value_map", {"hot": "1", "@unmapped": "blank"}, "cold", BLANK),
    ("value_map", {"a": "1", "b": "2"}, ("b", "a"), ("2", "1")),
    ("value_map", {"hot": "1", "@unmapped": "default", "@default": "0"}, "cold", "0"),
    ("value_map", {"a": "1", "b": "1"}, ("b", "a"), ("1",)),
    ("choice_to_list", {}, "a", ("a",)),
    ("choice_to_list", {"a": "1"}, "a", ("1",)),
    ("choice_to_list", {"a": "1", "@unmapped": "blank"}, "b", BLANK),
    ("list_to_choice", {}, ("a",), "a"),
    ("list_to_choice", {"a": "1"}, ("a",), "1"),
    ("join", {"separator": ", "}, ("a", "b"), "a, b"),
    ("cut", {"max": "5"}, " one  two", "one t"),
    ("cut", {"max": "4"}, "one two", "one"),
    ("case", {"to": "upper"}, "Ida Ö", "IDA Ö"),
    ("case", {"to": "lower"}, "Ida Ö", "ida ö"),
    ("case", {"to": "words"}, "ida van  McDay", "Ida Van  McDay"),
    ("affix", {"prefix": "C-", "suffix": "!"}, "12", "C-12!"),
    ("strip_affix", {"prefix": "C-"}, "C-12", "12"),
    ("strip_affix", {"prefix": "C-"}, "C-", BLANK),
    ("phone_international", {}, " +49 (0)30 / 123-456", "+4930123456"),
    ("phone_international", {}, "0044 20 7946 0000", "+442079460000"),
    ("phone_international", {}, " ", BLANK),
    ("date_to_datetime", {}, date(2026, 3, 1), datetime(2026, 3, 1, tzinfo=UTC)),
    ("datetime_to_date", {"zone": "UTC"}, LATE, date(2026, 3, 1)),
    ("datetime_to_date", {"zone": "Europe/Berlin"}, LATE, date(2026, 3, 2)),
    ("datetime_to_date", {"zone": "Pacific/Pago_Pago"}, LATE, date(2026, 3, 1)),
    ("datetime_to_text", {}, LATE.astimezone(EAST), "2026-03-01T23:30:00Z"),
    ("datetime_to_text", {}, LATE.replace(microsecond=5000), "2026-03-01T23:30:00.005Z"),
    ("text_to_datetime", {}, "2026-03-02T00:30:00+01:00", LATE),
    ("split", {}, "a; b;", ("a", "b")),
    ("text_to_date", {}, "1988-02-29", date(1988, 2, 29)),
    ("text_to_number", {}, " 1.5 ", Decimal("1.5")),
    ("text_to_boolean", {}, "TRUE", True),
)


@pytest.mark.parametrize(("name", "arguments", "value", "expected"), TABLE)
def test_a_transform_gives_the_other_side_its_spelling(
    name: str, arguments: dict[str, str], value: Value, expected: Value
) -> None:
    assert transform(name, arguments).forth(value, NOW) == expected


@pytest.mark.parametrize(
    ("name", "arguments", "value"),
    [
        ("text", {"max": "3"}, "four"),
        ("name", {}, "123"),
        ("domain", {}, "none yet"),
        ("domain", {}, "ida@acme.example"),
        ("us_state", {}, "Bavaria"),
        ("choice", {"options": "M;F;U"}, "X"),
        ("date", {}, "1988-02-30"),
        ("date", {}, datetime(1988, 2, 3, tzinfo=UTC)),
        ("date", {}, date(1899, 12, 31)),
        ("date", {"past": ""}, date(2026, 11, 22)),
        ("number_to_text", {}, "NaN"),
        ("number_to_text", {}, "1e999999999"),
        ("number_to_text", {}, Decimal("1e-999999999")),
        ("text_to_number", {}, "1e309"),
        ("text_to_number", {}, "-1e999999999999999999"),
        ("scale", {"power": "30"}, "1e999999"),
        ("scale", {}, "many"),
        ("boolean_to_text", {}, "true"),
        ("text_to_boolean", {}, "maybe"),
        ("text_to_date", {}, "31.12.2025"),
        ("value_map", {"hot": "1"}, "cold"),
        ("join", {}, ("a;b",)),
        ("list_to_choice", {}, ("a", "b")),
        ("strip_affix", {"prefix": "C-"}, "D-12"),
        ("strip_affix", {"prefix": "aa", "suffix": "aa"}, "aaa"),
        ("phone_international", {}, "030 123456"),
        ("phone_international", {}, "+49 30 123456 ext 7"),
        ("phone_international", {}, "+1234567890123456"),
        ("datetime_to_date", {"zone": "UTC"}, date(2026, 3, 1)),
        ("datetime_to_date", {"zone": "UTC"}, datetime(2026, 3, 1)),  # noqa: DTZ001
        ("datetime_to_date", {"zone": "Asia/Tokyo"}, datetime.max.replace(tzinfo=UTC)),
        ("text_to_datetime", {}, "2026-03-01T12:00:00"),
        ("text_to_datetime", {}, "noon"),
    ],
)
def test_a_value_that_cannot_be_expressed_is_refused(
    name: str, arguments: dict[str, str], value: Value
) -> None:
    with pytest.raises(MappingError) as caught:
        transform(name, arguments).forth(value, NOW)
    assert str(value) not in caught.value.detail


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("nothing", {}),
        ("date_to_text", {"format": "%d.%m"}),
        ("boolean_to_text", {"true": "x", "false": "X"}),
        ("value_map", {"@unmapped": "guess"}),
        ("value_map", {"@unmapped": "default"}),
        ("choice_to_list", {"@unmapped": "guess"}),
        ("join", {"separator": " "}),
        ("text", {"max": "many"}),
        ("cut", {}),
        ("case", {"to": "sideways"}),
        ("affix", {}),
        ("strip_affix", {}),
        ("choice", {"options": " ; "}),
        ("scale", {"power": "31"}),
        ("date", {"earliest": "long ago"}),
        ("datetime_to_date", {}),
        ("datetime_to_date", {"zone": "Mars/Base"}),
        ("datetime_to_date", {"zone": "../etc"}),
    ],
)
def test_unusable_settings_are_refused(name: str, arguments: dict[str, str]) -> None:
    with pytest.raises(ConfigInvalid):
        transform(name, arguments)


def test_a_day_counts_as_past_once_it_has_begun_anywhere_on_earth() -> None:
    check = transform("date", {"past": ""}).forth
    late = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
    assert check(date(2026, 11, 21), late) == date(2026, 11, 21)
    with pytest.raises(MappingError):
        check(date(2026, 11, 22), late)


def test_one_way_transforms_have_no_inverse() -> None:
    assert transform("phone_digits").back is None
    assert transform("value_map", {"a": "1", "b": "1"}).back is None
    assert transform("value_map", {"a": "b", "@unmapped": "keep"}).back is None
    assert transform("value_map", {"a": "b", "@unmapped": "default", "@default": "c"}).back is None
    assert transform("choice_to_list", {"a": "1", "b": "1"}).back is None
    assert transform("list_to_choice", {"a": "1", "b": "1"}).back is None
    with pytest.raises(ConfigInvalid):
        swapped("phone_digits")


@given(st.sampled_from(["upper", "lower", "words"]), st.text())
def test_a_case_once_set_stays(wanted: str, typed: str) -> None:
    step = transform("case", {"to": wanted}).forth
    once = step(typed, NOW)
    assert once is BLANK or step(once, NOW) == once


def test_a_list_of_several_does_not_come_back_as_one_option() -> None:
    back = transform("choice_to_list").back
    assert back is not None
    assert back(("a",), NOW) == "a"
    with pytest.raises(MappingError):
        back(("a", "b"), NOW)


def test_a_time_comes_back_as_its_utc_day() -> None:
    back = transform("date_to_datetime").back
    assert back is not None
    assert back(LATE.astimezone(EAST), NOW) == date(2026, 3, 1)


def test_all_states_and_codes_lead_to_two_letters() -> None:
    assert len(set(STATE_CODES.values())) == 50 + 1 + 5 + 3 + 3
    assert all(len(code) == 2 and code.isupper() for code in STATE_CODES.values())


INSTANTS = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=0))
GENERATED: dict[str, tuple[dict[str, str], st.SearchStrategy]] = {
    "": ({}, st.text()),
    "date": ({}, st.dates(date(1900, 1, 1))),
    "date_to_text": ({"format": "%d.%m.%Y"}, st.dates()),
    "scale": ({"power": "2"}, st.decimals(-(10**9), 10**9, places=3)),
    "number_to_text": ({}, st.decimals(-(10**30), 10**30, allow_nan=False)),
    "boolean_to_text": ({}, st.booleans()),
    "table": (
        {"@name": "owners", ">a": "1", ">b": "2", "<1": "a", "<2": "b"},
        st.sampled_from(["a", "b"]),
    ),
    "value_map": ({"a": "1", "b": "2"}, st.sampled_from(["a", "b", ("a", "b"), ("b",)])),
    "join": ({}, st.lists(st.sampled_from("abc"), min_size=1, unique=True).map(tuple)),
    "text_to_number": ({}, st.decimals(0, 999, places=2).map(lambda n: f"{n.normalize():f}")),
    "text_to_date": ({}, st.dates().map(date.isoformat)),
    "text_to_boolean": ({}, st.sampled_from(["true", "false"])),
    "split": ({}, st.lists(st.sampled_from("abc"), min_size=1).map(";".join)),
    "text": ({}, st.text()),
    "name": ({}, st.text().map(lambda text: "A" + text)),
    "email": ({}, st.text()),
    "domain": ({}, st.from_regex(r"(HTTP://)?(www\.){0,2}[a-z]{1,8}\.Test(/a)?", fullmatch=True)),
    "us_state": ({}, st.sampled_from(sorted(STATE_CODES))),
    "country": ({}, st.sampled_from(sorted(COUNTRY_NAMES.values()))),
    "german_state": ({}, st.sampled_from([*STATE_NAMES.values(), "Tirol", "CH-BE"])),
    "synonyms": ({"Frau": "f", "Ms.": "f", "Herr": "m"}, st.sampled_from(["Frau", "Herr"])),
    "choice": ({"options": "M;F;U"}, st.sampled_from("mfuMFU")),
    "case": ({"to": "words"}, st.text()),
    "affix": ({"prefix": "a ", "suffix": " b"}, st.text(min_size=1)),
    "strip_affix": ({"prefix": "a"}, st.text().map(lambda text: f"a{text}")),
    "phone_international": ({}, st.from_regex(r"\+[1-9]( ?[0-9]){6,14}", fullmatch=True)),
    "choice_to_list": ({"a": "1", "b": "2"}, st.sampled_from("ab")),
    "list_to_choice": ({}, st.text(min_size=1).map(lambda text: (text,))),
    "date_to_datetime": ({}, st.dates()),
    "datetime_to_day": (
        {},
        st.dates().map(lambda day: datetime(day.year, day.month, day.day, tzinfo=UTC)),
    ),
    "datetime_to_text": ({}, INSTANTS),
    "text_to_datetime": ({}, INSTANTS.map(lambda at: at.isoformat().replace("+00:00", "Z"))),
}
TIDYING = {"text", "name", "email", "domain", "us_state", "choice", "case", "phone_international"}
ONE_WAY = {"phone_digits", "cut", "datetime_to_date"}


def test_every_invertible_transform_is_generated_for() -> None:
    assert GENERATED.keys() == TRANSFORMS.keys() - ONE_WAY


@given(st.data())
def test_an_inverse_brings_back_what_was_sent(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(GENERATED)))
    arguments, values = GENERATED[name]
    bound, value = transform(name, arguments), data.draw(values)
    sent = bound.forth(value, NOW)
    assert bound.back is not None
    if sent is BLANK:
        return
    back = bound.back(sent, NOW)
    assert same(back, sent if name in TIDYING else value)
    assert same(bound.forth(back, NOW), sent)


@pytest.fixture(params=["Pacific/Kiritimati", "UTC", "Pacific/Pago_Pago", "Europe/Berlin"])
def zone(request: pytest.FixtureRequest) -> Iterator[str]:
    """Run a test in several time zones of the machine."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.usefixtures("zone")
def test_a_date_survives_the_round_trip_in_every_zone() -> None:
    bound = transform("date_to_text")
    for day in (date(1988, 2, 29), date(2026, 1, 1), date(2026, 12, 31), date(2026, 3, 29)):
        text = bound.forth(day, NOW)
        assert text == day.isoformat()
        assert bound.back is not None
        assert bound.back(text, NOW) == day
