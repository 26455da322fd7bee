"""The stand-in's lists: pages, both empty styles, unknown keys and the generic filter."""

from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.xentral.sandbox_rig import ADDRESSES, GROUPS, RESUBMISSIONS, Desk, generic


@pytest.fixture
def desk() -> Desk:
    return Desk()


def fill(desk: Desk, *names: str) -> None:
    for name in names:
        desk.person.create("addresses", name=name)


def test_a_page_has_twenty_rows_unless_asked_otherwise(desk: Desk) -> None:
    fill(desk, *(f"Firma {n}" for n in range(45)))
    answer = desk.ask("GET", ADDRESSES, page=3).json()
    assert len(answer["data"]) == 5
    assert answer["pagination"] == {
        "items_per_page": 20,
        "items_current": 5,
        "items_total": 45,
        "page_current": 3,
        "page_last": 3,
    }
    assert len(desk.data("GET", ADDRESSES, items=1000)) == 45


@pytest.mark.parametrize("page", ["0", "-1", "1001", "zwei", "1.5", ""])
def test_a_page_that_makes_no_sense_is_the_first(desk: Desk, page: str) -> None:
    fill(desk, "Müller", "Schmidt")
    assert desk.ids(ADDRESSES, items=1, page=page) == [1]


@pytest.mark.parametrize("items", ["0", "1001", "viele"])
def test_a_size_that_makes_no_sense_is_twenty(desk: Desk, items: str) -> None:
    fill(desk, *(f"Firma {n}" for n in range(25)))
    assert len(desk.data("GET", ADDRESSES, items=items)) == 20


@pytest.mark.parametrize("path", [ADDRESSES, RESUBMISSIONS, GROUPS])
def test_an_empty_list_is_empty_or_not_found(desk: Desk, path: str) -> None:
    answer = desk.ask("GET", path)
    assert (answer.status, answer.json()["data"]) == (200, [])
    assert answer.json()["pagination"]["page_last"] == 1
    desk.sandbox.change(empty_list_404=True)
    assert desk.error("GET", path) == (404, 7452)


def test_a_page_behind_the_last_is_an_empty_list(desk: Desk) -> None:
    fill(desk, "Müller")
    assert desk.ids(ADDRESSES, page=2) == []
    desk.sandbox.change(empty_list_404=True)
    assert desk.error("GET", ADDRESSES, page=2) == (404, 7452)
    assert desk.ids(ADDRESSES) == [1]


@pytest.mark.parametrize("key", ["vorname", "limit", "filter[0][feld]", "filter", "stage"])
@pytest.mark.parametrize("path", [ADDRESSES, RESUBMISSIONS, GROUPS])
def test_an_unknown_query_key_is_refused(desk: Desk, path: str, key: str) -> None:
    assert desk.error("GET", path, **{key: "1"}) == (400, 7454)


def test_only_some_columns_sort(desk: Desk) -> None:
    fill(desk, "Zander", "Äpfel", "Bauer")
    assert desk.ids(ADDRESSES, sort="name") == [2, 3, 1]
    assert desk.ids(ADDRESSES, sort="-name") == [1, 3, 2]
    assert desk.error("GET", ADDRESSES, sort="logdatei") == (400, 7454)


@pytest.mark.parametrize(
    ("expression", "value", "wanted"),
    [
        ("eq", "muller", [1]),
        ("not", "Müller", [2, 3]),
        ("gt", "muller", [3]),
        ("gte", "muller", [1, 3]),
        ("lt", "muller", [2]),
        ("lte", "muller", [1, 2]),
        ("like", "M%ER", [1, 2]),
        ("like", "_aier", [2]),
        ("not_like", "m%", [3]),
        ("nonsense", "%ß%", [3]),
    ],
)
def test_the_generic_filter_compares_as_the_collation_does(
    desk: Desk, expression: str, value: str, wanted: list[int]
) -> None:
    fill(desk, "Müller", "Maier", "Strauß")
    assert desk.ids(ADDRESSES, **generic("name", expression, value)) == wanted


def test_conditions_are_joined_in_their_order(desk: Desk) -> None:
    fill(desk, "Müller", "Maier", "Strauß")
    one = generic("name", "eq", "Müller")
    two = generic("name", "eq", "Maier", 1)
    assert desk.ids(ADDRESSES, **one, **two) == []
    either: Any = {**one, **two, "filter[1][operation]": "OR"}
    assert desk.ids(ADDRESSES, **either) == [1, 2]


def test_whole_numbers_are_compared_as_numbers(desk: Desk) -> None:
    for number in (2, 10, 9):
        desk.person.create("addresses", name="A", vertrieb=number)
    assert desk.ids(ADDRESSES, **generic("vertrieb", "gt", "9")) == [2]


def test_a_column_that_does_not_exist_breaks_the_database(desk: Desk) -> None:
    query = generic("hubspot_id", "eq", "1")
    assert desk.error("GET", ADDRESSES, **query) == (500, 7499)
    said = desk.ask("GET", ADDRESSES, **query).json()["error"]["errors"]
    assert said == ["Unknown column 'hubspot_id' in 'where clause'"]


def test_changes_are_found_by_their_local_time(desk: Desk) -> None:
    fill(desk, "Müller")
    desk.wait(minutes=30)
    fill(desk, "Maier")
    assert desk.data("GET", f"{ADDRESSES}/2")["logdatei"] == "2026-11-20 10:30:00"
    assert desk.ids(ADDRESSES, **generic("logdatei", "gte", "2026-11-20 10:15:00")) == [2]
    assert desk.ids(ADDRESSES, **generic("logdatei", "gte", "2026-11-20 09:15:00")) == [1, 2]


def test_ids_may_come_as_strings(desk: Desk) -> None:
    fill(desk, "Müller")
    assert desk.data("GET", f"{ADDRESSES}/1")["id"] == 1
    desk.sandbox.change(string_ids=True)
    row = desk.data("GET", f"{ADDRESSES}/1")
    assert (row["id"], row["lead"], row["projekt"]) == ("1", "0", "1")
