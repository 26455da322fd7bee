"""Queries are written without any text that could end a literal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.connectors.magentrix import meql


def test_a_query_names_each_field_once_and_sorts_by_one() -> None:
    text = meql.select(
        "Contact", ["Id", "Email", "Id"], where=meql.equal("Id", "003A1"), order="Id", take=50
    )
    wanted = 'SELECT Id, Email FROM Contact WHERE Id = "003A1" ORDER BY Id LIMIT 50'
    assert text == wanted


def test_conditions_are_joined_with_parentheses() -> None:
    either = meql.any_of([meql.equal("Id", "a"), meql.equal("Id", "b")])
    assert meql.both(either, "", meql.after("Id", "c")) == ('(Id = "a" OR Id = "b") AND (Id > "c")')
    assert meql.both("", "Id > 1") == "Id > 1"


def test_an_instant_is_written_in_utc_without_a_zone() -> None:
    east = datetime(2026, 11, 20, 11, 30, 0, 5, tzinfo=timezone(timedelta(hours=2)))
    assert meql.since("ModifiedOn", east) == 'ModifiedOn >= "2026-11-20T09:30:00.000005"'
    whole = datetime(2026, 11, 20, tzinfo=UTC)
    assert meql.before("ModifiedOn", whole) == 'ModifiedOn < "2026-11-20T00:00:00"'


@pytest.mark.parametrize("text", ["", 'a" OR Id != "', "a'b", "a b", "a\\", "ä", "a\n", "x" * 60])
def test_a_text_that_people_typed_is_no_key(text: str) -> None:
    assert not meql.is_key(text)
    with pytest.raises(ValueError, match="cannot stand in a query"):
        meql.equal("HubSpotId__c", text)


@given(st.text())
def test_no_text_ever_leaves_its_literal(text: str) -> None:
    for write in (meql.equal, meql.equal_email, meql.after):
        try:
            written = write("Email", text)
        except ValueError:
            continue
        assert written.count('"') == 2
        assert f'"{text}"' in written
        assert not set(text) & set("\"'\\ \n\r\t")


@pytest.mark.parametrize("name", ["", "Id FROM User", "Account.Name", "1a", "a-b", "Id,"])
def test_a_name_of_a_field_is_a_word(name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        meql.select("Contact", [name])


@pytest.mark.parametrize(
    ("email", "plain"),
    [
        ("ada@acme.example", True),
        ("ada.b+c_d@a-b.example", True),
        ("Ada@acme.example", False),
        ("o'brien@acme.example", False),
        ('"ada"@acme.example', False),
        ("ada@acme.example OR", False),
        ("ada", False),
    ],
)
def test_an_address_is_plain_or_is_looked_up_in_a_list(email: str, plain: bool) -> None:
    assert meql.is_plain_email(email) is plain


def test_fifty_alternatives_are_one_query() -> None:
    assert [len(some) for some in meql.portions([str(n) for n in range(120)])] == [50, 50, 20]
