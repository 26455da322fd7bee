"""Reading what changed: beyond 10,000, within one millisecond, behind a lagging index."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.connectors.hubspot.search import LAG_MS, PAGE, Cursor, start_at
from integrations.engine.records import Page
from tests.connectors.hubspot.rig import FIELDS, HubSpotRig

CONTACTS = "contacts"
SEARCH = "/crm/objects/2026-09/{object_type}/search"
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def rig(clock: Clock) -> HubSpotRig:
    return HubSpotRig(clock)


def add(rig: HubSpotRig, count: int, start: int = 0) -> set[str]:
    return {
        rig.person.create_contact({"email": f"c{number}@acme.example"})
        for number in range(start, start + count)
    }


def one_pass(rig: HubSpotRig, cursor: str, most: int = 200) -> tuple[list[str], str]:
    """Read pages until there are no more; returns the ids seen and the next cursor."""
    seen: list[str] = []
    for _ in range(most):
        page: Page = rig.connector.changes(CONTACTS, cursor, FIELDS)
        seen += [record.id for record in page.records]
        cursor = page.cursor
        if not page.more:
            return seen, cursor
    raise AssertionError("the pass does not end")


def test_a_pass_sees_what_changed_since_its_start_and_nothing_older(
    rig: HubSpotRig, clock: Clock
) -> None:
    add(rig, 3)
    clock.now += timedelta(hours=1)
    fresh = add(rig, 2, start=3)
    cursor = rig.connector.changes_since(CONTACTS, clock.now - timedelta(minutes=1))
    seen, _ = one_pass(rig, cursor)
    assert set(seen) == fresh


def test_nothing_changed_is_one_call_and_keeps_the_start(rig: HubSpotRig) -> None:
    cursor = rig.connector.changes_since(CONTACTS, NOON)
    seen, after = one_pass(rig, cursor)
    assert seen == []
    assert Cursor.load(after) == Cursor.load(cursor)
    assert rig.sandbox.counters["POST", SEARCH] == 1


def test_more_than_ten_thousand_in_one_millisecond_are_all_seen(rig: HubSpotRig) -> None:
    made = add(rig, 10_450)
    seen, _ = one_pass(rig, "")
    assert set(seen) == made
    assert rig.sandbox.counters["POST", SEARCH] <= len(made) / PAGE + 4


def test_a_crowded_millisecond_between_others_loses_neither_side(
    rig: HubSpotRig, clock: Clock
) -> None:
    made: set[str] = set()
    for at, count in enumerate((150, 460, 250, 1)):
        clock.now = NOON + timedelta(milliseconds=at)
        made |= add(rig, count, start=1000 * at)
    seen, _ = one_pass(rig, "")
    assert set(seen) == made
    assert len(seen) <= len(made) + 3 * PAGE


def test_records_that_change_during_the_pass_push_nobody_out(rig: HubSpotRig, clock: Clock) -> None:
    made: list[str] = []
    for number in range(900):
        clock.now += timedelta(milliseconds=1)
        made += add(rig, 1, start=number)
    cursor, seen, more = "", set(), True
    for at in range(40):
        page = rig.connector.changes(CONTACTS, cursor, FIELDS)
        seen |= {record.id for record in page.records}
        cursor, more = page.cursor, page.more
        if not more:
            break
        clock.now += timedelta(milliseconds=1)
        for touched in made[at * 20 : at * 20 + 20]:
            rig.person.edit_contact(touched, {"firstname": f"n{at}"})
    assert not more
    assert seen == set(made)


def test_an_unevenly_lagging_index_loses_nothing_over_the_next_passes(
    rig: HubSpotRig, clock: Clock
) -> None:
    rig.sandbox.behaviour.search_lag = (0, 20)
    made = add(rig, 1_200)
    cursor = rig.connector.changes_since(CONTACTS, NOON)
    seen: set[str] = set()
    counts = []
    for at in range(5):
        found, cursor = one_pass(rig, cursor)
        seen |= set(found)
        counts.append(len(seen))
        clock.now += timedelta(seconds=6)
        made |= add(rig, 10, start=10_000 + at * 10)
    clock.now += timedelta(seconds=21)
    found, cursor = one_pass(rig, cursor)
    assert seen | set(found) == made
    assert counts[0] < 1_200, "the index lagged, or this proves nothing"


def test_a_late_straggler_is_seen_although_newer_changes_came_first(
    rig: HubSpotRig, clock: Clock
) -> None:
    rig.sandbox.behaviour.search_lag = (20, 20)
    slow = add(rig, 1)
    rig.sandbox.behaviour.search_lag = (0, 0)
    clock.now += timedelta(seconds=15)
    quick = add(rig, 1, start=1)
    seen, cursor = one_pass(rig, rig.connector.changes_since(CONTACTS, NOON))
    assert set(seen) == quick
    clock.now += timedelta(seconds=6)
    seen, _ = one_pass(rig, cursor)
    assert slow <= set(seen)


def test_companies_are_read_by_their_own_date(rig: HubSpotRig) -> None:
    made = rig.person.create("companies", {"name": "Acme"})
    page = rig.connector.changes("companies", "", ["name"])
    assert [record.id for record in page.records] == [made]
    assert page.records[0].modified_at == NOON


def test_very_many_fields_do_not_break_the_query(rig: HubSpotRig) -> None:
    made = add(rig, 1)
    fields = [*FIELDS, *(f"no_such_property_{number}" for number in range(400))]
    page = rig.connector.changes(CONTACTS, "", fields)
    assert {record.id for record in page.records} == made
    assert page.records[0].modified_at == NOON


# ---------------------------------------------------------------- the cursor alone


@given(st.integers(0, 10**13), st.lists(st.integers(0, 10**7), min_size=PAGE, max_size=PAGE))
def test_a_full_page_always_moves_the_cursor_and_never_beyond_what_was_seen(
    since: int, gaps: list[int]
) -> None:
    times = sorted(since + gap for gap in gaps)
    cursor = Cursor(since, since)
    following = cursor.advanced(times, "77", full=True)
    assert following is not None
    assert following != cursor
    assert since <= following.since <= times[-1]
    assert (following.after_id == "0") == (times[-1] == since)


def test_a_millisecond_by_id_goes_on_until_a_page_is_not_full() -> None:
    cursor = Cursor(5, 5, "0")
    inside = cursor.advanced([5] * PAGE, "900", full=True)
    assert inside == Cursor(5, 5, "900", newest=5)
    assert inside.advanced([5], "901", full=False) == Cursor(5, 6, newest=5)
    assert inside.advanced([], "", full=False) == Cursor(5, 6, newest=5)


def test_the_next_pass_starts_behind_by_what_the_index_may_still_hide() -> None:
    day = 86_400_000
    assert Cursor(0, day, clock=day).next_pass() == Cursor(day - LAG_MS, day - LAG_MS)
    assert Cursor(0, day, newest=day).next_pass() == Cursor(day - LAG_MS, day - LAG_MS)
    assert Cursor(0, day, clock=day, newest=2 * day).next_pass().since == day - LAG_MS
    assert Cursor(day, day, clock=day + 1).next_pass() == Cursor(day, day)
    assert Cursor(day, day).next_pass() == Cursor(day, day)


def test_a_cursor_survives_being_stored() -> None:
    cursor = start_at(NOON + timedelta(microseconds=123_456))
    assert cursor.since == 1_795_176_000_123
    assert Cursor.load(cursor.dump()) == cursor
    assert json.loads(cursor.dump())["since"] == cursor.since
    assert Cursor.load("") == Cursor()
