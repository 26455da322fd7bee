"""Values and records cross between Magentrix's JSON and the engine without loss or invention."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.connectors.magentrix import payloads
from integrations.connectors.magentrix.fields import FILLED, LINK, Column
from integrations.connectors.magentrix.payloads import RecordReader
from integrations.engine.errors import Rejected
from integrations.engine.reasons import Reason
from integrations.engine.records import (
    ABSENT,
    BLANK,
    UNREADABLE,
    FieldType,
    Value,
    same,
)
from integrations.engine.specs import FieldSpec


def col(name: str, kind: FieldType = FieldType.TEXT, wire: str = "", **more: Any) -> Column:
    flags = {key: more.pop(key) for key in ("required", "read_only") if key in more}
    return Column(FieldSpec(name, f"“{name}”", kind, **flags), wire or name, **more)


CONTACT = {
    each.name: each
    for each in (
        col("FirstName", wire="Firstname"),
        col("LastName", wire="Lastname", required=True, length=80),
        col("Email", length=255),
        col(LINK, read_only=True),
        col(FILLED, read_only=True),
        col("AccountId", FieldType.REFERENCE),
    )
}


def sent(item: dict[str, Value], key: str = "") -> dict[str, Any]:
    return payloads.create_body("Contact", item, key, CONTACT)


def read(payload: dict[str, Any], *names: str) -> dict[str, Value]:
    reader = RecordReader.build("Contact", names or tuple(CONTACT), CONTACT)
    return dict(reader.read({"Id": "1", **payload}).values)


# ---------------------------------------------------------------- values

SECONDS = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=0))
ROUND: dict[FieldType, st.SearchStrategy[Any]] = {
    FieldType.TEXT: st.text(min_size=1),
    FieldType.CHOICE: st.text(min_size=1),
    FieldType.BOOLEAN: st.booleans(),
    FieldType.DATE: st.dates(),
    FieldType.DATETIME: SECONDS,
    FieldType.NUMBER: st.decimals(-(10**9), 10**9, places=2),
    FieldType.MULTI_CHOICE: st.lists(st.sampled_from("abc"), min_size=1, unique=True).map(tuple),
    FieldType.REFERENCE: st.sampled_from([("003A",), ("006B",)]),
}


@pytest.mark.parametrize("kind", list(ROUND))
@given(data=st.data())
def test_a_value_comes_back_as_it_was_sent(kind: FieldType, data: st.DataObject) -> None:
    value = data.draw(ROUND[kind])
    written = payloads.write_value(value, col("F", kind))
    assert same(payloads.read_value(written, kind), value)


@pytest.mark.parametrize("kind", list(FieldType))
@pytest.mark.parametrize("raw", [None, ""])
def test_nothing_is_blank_in_every_type(kind: FieldType, raw: object) -> None:
    assert payloads.read_value(raw, kind) is BLANK
    assert payloads.write_value(BLANK, col("F", kind)) is None


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (FieldType.NUMBER, "many"),
        (FieldType.NUMBER, True),
        (FieldType.BOOLEAN, "perhaps"),
        (FieldType.DATE, "soon"),
        (FieldType.DATETIME, 5),
    ],
)
def test_what_makes_no_sense_is_unreadable_and_no_blank(kind: FieldType, raw: object) -> None:
    assert payloads.read_value(raw, kind) is UNREADABLE


def test_an_instant_without_a_zone_is_utc_and_a_date_has_none() -> None:
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    for text in ("2026-11-20T12:00:00", "2026-11-20T12:00:00Z", "2026-11-20T14:00:00+02:00"):
        assert payloads.read_value(text, FieldType.DATETIME) == noon
    assert payloads.read_value("2026-11-20T23:59:59Z", FieldType.DATE) == date(2026, 11, 20)
    assert payloads.read_value(False, FieldType.BOOLEAN) is False
    assert payloads.read_value(0, FieldType.NUMBER) == Decimal(0)


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        (col("F", length=5), "123456", "5 characters"),
        (col("F", FieldType.NUMBER, places=0), Decimal("1.5"), "whole numbers only"),
        (col("F", FieldType.NUMBER, places=2), Decimal("1.005"), "2 decimals"),
        (col("F", FieldType.MULTI_CHOICE), ("a;b",), "semicolon"),
        (col("F", FieldType.REFERENCE), ("1", "2"), "one record"),
    ],
)
def test_what_would_be_cut_or_rounded_is_not_sent(column: Column, value: Value, why: str) -> None:
    with pytest.raises(Rejected, match=why) as caught:
        payloads.write_value(value, column)
    assert caught.value.fields == ("F",)
    assert caught.value.reason is Reason.VALUE_INVALID
    assert "123456" not in caught.value.detail


def test_what_just_fits_is_sent() -> None:
    assert payloads.write_value("12345", col("F", length=5)) == "12345"
    assert payloads.write_value(Decimal("1.50"), col("F", FieldType.NUMBER, places=1)) == 1.5
    assert payloads.write_value(Decimal("2.0"), col("F", FieldType.NUMBER, places=0)) == 2


# ---------------------------------------------------------------- records


def test_a_body_uses_the_portals_names_and_only_what_is_known() -> None:
    body = payloads.body_of({"FirstName": "Ada", "Email": BLANK, "AccountId": ABSENT}, CONTACT)
    assert body == {"Firstname": "Ada", "Email": None}
    with pytest.raises(Rejected, match="no field “Shoe”") as caught:
        payloads.body_of({"Shoe": "42"}, CONTACT)
    assert caught.value.fields == ("Shoe",)


def test_a_new_record_carries_our_key_and_no_blanks() -> None:
    assert sent({"LastName": "Lovelace", "Email": BLANK}, "77") == {
        "Lastname": "Lovelace",
        LINK: "77",
    }


@pytest.mark.parametrize(
    ("email", "name"),
    [("ada@acme.example", "ada"), (BLANK, "Unknown"), ("@acme.example", "Unknown")],
)
def test_a_last_name_is_made_up_where_one_is_needed_and_reads_as_blank(
    email: Value, name: str
) -> None:
    body = sent({"FirstName": "Ada", "Email": email})
    assert body["Lastname"] == body[FILLED] == name
    assert read(body)["LastName"] is BLANK
    assert read({**body, "Email": "other@acme.example"})["LastName"] is BLANK
    assert read({**body, "Lastname": "Lovelace"})["LastName"] == "Lovelace"


def test_the_marker_is_read_along_with_a_last_name_only() -> None:
    assert FILLED in RecordReader.build("Contact", ["LastName"], CONTACT).columns
    assert FILLED not in RecordReader.build("Contact", ["Email"], CONTACT).columns
    assert FILLED not in RecordReader.build("Account", ["LastName"], CONTACT).columns


def test_a_made_up_last_name_fits_its_field() -> None:
    assert len(sent({"Email": f"{'x' * 200}@acme.example"})["Lastname"]) == 80


def test_without_the_marker_nothing_is_made_up() -> None:
    bare = {name: column for name, column in CONTACT.items() if name != FILLED}
    with pytest.raises(Rejected) as caught:
        payloads.create_body("Contact", {"FirstName": "Ada"}, "", bare)
    assert caught.value.reason is Reason.REQUIRED_MISSING
    assert caught.value.fields == ("LastName",)


def test_a_deal_without_a_close_date_fails_where_the_portal_needs_one() -> None:
    needed = {"CloseDate": col("CloseDate", FieldType.DATE, required=True)}
    with pytest.raises(Rejected) as caught:
        payloads.create_body("Opportunity", {}, "", needed)
    assert caught.value.fields == ("CloseDate",)
    free = {"CloseDate": col("CloseDate", FieldType.DATE)}
    assert payloads.create_body("Opportunity", {}, "", free) == {}


def test_a_field_that_was_removed_or_not_shown_is_absent_and_not_blank() -> None:
    reader = RecordReader.build("Contact", ["Email", "Gone__c"], CONTACT)
    record = reader.read({"Id": "1"})
    assert (record.get("Email"), record.get("Gone__c")) == (ABSENT, ABSENT)
    assert "Gone__c" not in reader.columns


def test_a_record_tells_its_time_its_name_and_whether_it_is_gone() -> None:
    reader = RecordReader.build("Contact", ["Email"], CONTACT)
    payload = {"Id": "1", "ModifiedOn": "2026-11-20T10:00:00.5", "IsDeleted": True}
    record = reader.read({**payload, "Firstname": "Ada", "LastName": "Lovelace"})
    wanted = datetime(2026, 11, 20, 10, tzinfo=UTC) + timedelta(seconds=0.5)
    assert (record.modified_at, record.archived) == (wanted, True)
    assert record.label == "Ada Lovelace"
    assert reader.read({"Id": "1", "Email": "a@b.example"}).label == "a@b.example"
