"""Thena's JSON becomes values and back: types, spellings of custom fields, placeholders."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.connectors.thena.fields import field_spec
from integrations.connectors.thena.payloads import (
    RecordReader,
    decode_cf,
    encode_cf,
    instant,
    read_value,
    unwrap,
    write_value,
)
from integrations.engine.records import (
    ABSENT,
    BLANK,
    UNREADABLE,
    FieldType,
    Record,
    Value,
    same,
)
from integrations.engine.specs import FieldSpec, Option
from tests.connectors.thena.fixtures import answer

T = FieldType
NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
STATUS = FieldSpec("status", "Status", T.CHOICE, (Option("AV01", "PROSPECT"),))


def read(
    object_type: str, payload: dict[str, Any], *names: str, specs: tuple[FieldSpec, ...] = ()
) -> Record:
    schema = {spec.name: spec for spec in specs}
    return RecordReader.build(object_type, names, schema).read(payload)


def test_an_answer_is_taken_out_of_its_envelope_and_a_bare_one_is_left_alone() -> None:
    enveloped = answer("account")
    account = unwrap(enveloped)
    assert account == enveloped["data"]
    assert unwrap(account) == account, "an account has a status of its own"
    assert unwrap([1]) == [1]


def test_an_account_is_read_with_its_numbers_and_instants() -> None:
    names = ("name", "employees", "annualRevenue", "description", "createdAt", "shippingAddress")
    record = read("accounts", answer("account")["data"], *names)
    assert record == Record(
        "AC01J9X2",
        {
            "name": "Acme GmbH",
            "employees": Decimal(40),
            "annualRevenue": Decimal("1200000.5"),
            "description": BLANK,
            "createdAt": NINE,
        },
        modified_at=datetime(2026, 11, 20, 9, 0, 0, 250_000, tzinfo=UTC),
        label="Acme GmbH",
    )
    assert record.get("shippingAddress") is ABSENT, "the answer does not mention it"


@pytest.mark.parametrize(
    "accounts",
    [[{"id": "AC1", "name": "A"}, {"id": "AC2"}], ["AC1", "AC2"]],
    ids=["objects", "texts"],
)
def test_a_contacts_accounts_are_read_in_both_spellings(accounts: list[Any]) -> None:
    record = read("contacts", {**answer("contact"), "accounts": accounts}, "accountIds")
    assert record.get("accountIds") == ("AC1", "AC2")


def test_a_contact_without_accounts_has_a_blank_and_one_that_says_nothing_has_none() -> None:
    contact = answer("contact")
    assert read("contacts", {**contact, "accounts": []}, "accountIds").get("accountIds") is BLANK
    bare = {"id": "CC1", "accountIds": ["AC9"]}
    assert read("contacts", bare, "accountIds").get("accountIds") == ("AC9",)
    assert read("contacts", {"id": "CC1"}, "accountIds").get("accountIds") is ABSENT


def test_a_picklist_is_read_as_the_uid_even_where_only_the_name_is_told() -> None:
    both, named = answer("account")["data"], {"id": "AC1", "status": "PROSPECT"}
    assert read("accounts", both, "status").get("status") == "AV01"
    assert read("accounts", named, "status", specs=(STATUS,)).get("status") == "AV01"
    strange = {"id": "AC1", "status": "NEVER HEARD OF"}
    assert read("accounts", strange, "status", specs=(STATUS,)).get("status") is UNREADABLE
    empty = {"id": "AC1", "status": None}
    assert read("accounts", empty, "status", specs=(STATUS,)).get("status") is BLANK


def test_a_deleted_record_is_archived() -> None:
    assert read("contacts", {**answer("contact"), "deletedAt": "2026-11-20T10:00:00Z"}).archived
    assert not read("contacts", {**answer("contact"), "deletedAt": None}).archived


@pytest.mark.parametrize(
    ("payload", "label"),
    [
        ({"firstName": "Ada", "lastName": "Byron", "email": "a@b.example"}, "Ada Byron"),
        ({"firstName": None, "lastName": None, "email": "a@b.example"}, "a@b.example"),
        ({}, ""),
    ],
)
def test_a_record_is_called_what_people_call_it(payload: dict[str, Any], label: str) -> None:
    assert read("contacts", {"id": "CC1", **payload}).label == label


# ---------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        (T.TEXT, "Ring 1", "Ring 1"),
        (T.TEXT, 12, "12"),
        (T.TEXT, True, "true"),
        (T.TEXT, "", BLANK),
        (T.TEXT, None, BLANK),
        (T.NUMBER, 12.5, Decimal("12.5")),
        (T.NUMBER, "12.50", Decimal("12.5")),
        (T.NUMBER, 0, Decimal(0)),
        (T.NUMBER, "many", UNREADABLE),
        (T.NUMBER, "NaN", UNREADABLE),
        (T.NUMBER, "-1e999999999", UNREADABLE),
        (T.NUMBER, True, UNREADABLE),
        (T.BOOLEAN, False, False),
        (T.BOOLEAN, "TRUE", True),
        (T.BOOLEAN, "maybe", UNREADABLE),
        (T.DATE, "2026-02-28", date(2026, 2, 28)),
        (T.DATE, "2026-02-28T00:00:00.000Z", date(2026, 2, 28)),
        (T.DATE, "2026-02-28T23:30:00-11:00", date(2026, 2, 28)),
        (T.DATE, "soon", UNREADABLE),
        (T.DATETIME, "2026-11-20T10:00:00+01:00", NINE),
        (T.DATETIME, "soon", UNREADABLE),
        (T.CHOICE, ["Gold"], "Gold"),
        (T.MULTI_CHOICE, ["a", "b"], ("a", "b")),
        (T.MULTI_CHOICE, "a", ("a",)),
        (T.MULTI_CHOICE, [], BLANK),
        (T.REFERENCE, ["AC1"], ("AC1",)),
    ],
)
def test_a_json_value_becomes_a_value_of_its_type(kind: T, raw: object, value: Value) -> None:
    assert same(read_value(raw, kind), value)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (1795165200, NINE),
        (1795165200000, NINE),
        ("1795165200", NINE),
        ("1795165200000", NINE),
        (1795165200.0, NINE),
        ("2026-11-20T09:00:00.000Z", NINE),
        ("2026-11-20 09:00:00", NINE),
        (" 2026-11-20T10:00:00+01:00 ", NINE),
        ("", None),
        ("yesterday", None),
        (True, None),
        (None, None),
        ([], None),
        (10**30, None),
        ("9" * 400, None),
    ],
)
def test_an_instant_is_read_in_seconds_milliseconds_and_words(
    raw: object, expected: datetime | None
) -> None:
    assert instant(raw) == expected


VALUES: dict[T, st.SearchStrategy[Value]] = {
    T.TEXT: st.text(min_size=1),
    T.CHOICE: st.text(min_size=1),
    T.NUMBER: st.decimals(-(10**9), 10**9, places=2),
    T.BOOLEAN: st.booleans(),
    T.DATE: st.dates(),
    T.DATETIME: st.datetimes(timezones=st.just(UTC), min_value=datetime(1900, 1, 1)).map(  # noqa: DTZ001
        lambda found: found.replace(microsecond=found.microsecond // 1000 * 1000)
    ),
    T.MULTI_CHOICE: st.lists(st.text(min_size=1), min_size=1, unique=True).map(tuple),
}


@pytest.mark.parametrize("kind", list(VALUES))
@given(data=st.data())
def test_what_is_written_reads_back(kind: T, data: st.DataObject) -> None:
    value = data.draw(VALUES[kind])
    assert same(read_value(write_value(value), kind), value)


# ---------------------------------------------------------------- custom fields


@pytest.mark.parametrize(
    "raw",
    [
        [{"customFieldId": "CF1", "data": [{"value": "a"}, {"value": "b"}]}],
        [{"fieldId": "CF1", "value": ["a", "b"]}],
        {"CF1": ["a", "b"]},
    ],
    ids=["assumed for REST", "MCP", "events"],
)
def test_custom_field_values_are_read_in_all_three_spellings(raw: object) -> None:
    assert decode_cf(raw) == {"CF1": ("a", "b")}


@pytest.mark.parametrize(
    "raw", [None, "text", 7, [None, "x", {}], [{"customFieldId": ""}], [{"data": []}]]
)
def test_nonsense_among_custom_field_values_is_no_value(raw: object) -> None:
    assert decode_cf(raw) == {}


@given(st.lists(st.one_of(st.text(min_size=1), st.integers(), st.booleans())))
def test_custom_field_values_survive_the_round_trip(members: list[object]) -> None:
    assert decode_cf([encode_cf("CF1", members)]) == {"CF1": tuple(members)}


@pytest.mark.parametrize(
    ("said", "members", "value"),
    [
        ("single_line", ["x"], "x"),
        ("decimal", ["1.50"], Decimal("1.5")),
        ("checkbox", ["true"], True),
        ("date", ["2026-02-28"], date(2026, 2, 28)),
        ("multi_choice", ["a", "b"], ("a", "b")),
        ("single_line", [], BLANK),
    ],
)
def test_a_custom_field_is_read_by_its_type(said: str, members: list[str], value: Value) -> None:
    spec = field_spec({"uid": "CF1", "name": "X", "fieldType": said})
    payload = {"id": "AC1", "customFieldValues": {"CF1": members}}
    assert same(read("accounts", payload, "cf:CF1", specs=(spec,)).get("cf:CF1"), value)


def test_a_custom_field_without_an_entry_is_blank_and_unknown_where_none_are_told() -> None:
    spec, none = FieldSpec("cf:X", "X"), {"id": "AC1", "customFieldValues": []}
    assert read("accounts", none, "cf:X", specs=(spec,)).get("cf:X") is BLANK
    assert read("accounts", {"id": "AC1"}, "cf:X", specs=(spec,)).get("cf:X") is ABSENT
    assert read("accounts", none, "cf:X").get("cf:X") is ABSENT, "nobody knows this field"
