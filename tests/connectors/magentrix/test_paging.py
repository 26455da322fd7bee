"""Lists are read to the end, each row once, whatever shares an instant; cursors pass nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from integrations.connectors.magentrix import paging
from integrations.connectors.magentrix.paging import OVERLAP, Cursor, Place
from integrations.engine.errors import ConfigInvalid, Unavailable
from tests.connectors.magentrix.rig import AccountRig, Watch, answers

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


def make(rig: AccountRig, count: int, seconds: float = 0.0) -> list[str]:
    """Create accounts as a person, each so many seconds after the one before."""
    made = []
    for number in range(count):
        made.append(rig.person.create("Account", Name=f"Acme {number}"))
        rig.sandbox.advance(seconds)
    return made


def listed(rig: AccountRig, size: int) -> list[str]:
    """Return the ids of a whole list read in pages of a size."""
    seen: list[str] = []
    place: Place | None = Place()
    for _ in range(100):
        assert place is not None
        client = rig.connector.client
        rows, place = paging.every(client, "Account", ["Id"], place, size)
        seen += [str(row["Id"]) for row in rows]
        if place is None:
            return seen
    raise AssertionError("the list never ends")


def changed(rig: AccountRig, cursor: str) -> tuple[list[str], str]:
    """Return the ids of one pass of changes and the cursor of the next."""
    seen: list[str] = []
    for _ in range(100):
        page = rig.connector.changes("Account", cursor, ["Name"])
        seen += [record.id for record in page.records]
        cursor = page.cursor
        if not page.more:
            return seen, cursor
    raise AssertionError("the pass never ends")


@pytest.mark.parametrize("seconds", [0.0, 0.000001, 0.4, 1.0])
@pytest.mark.parametrize("size", [1, 2, 7, 23, 24])
def test_every_row_is_read_once_whatever_the_page_holds(
    accounts: AccountRig, seconds: float, size: int
) -> None:
    accounts.sandbox.behaviour.shuffle_ties = True
    made = make(accounts, 23, seconds)
    assert sorted(listed(accounts, size)) == sorted(made)


def test_crowds_of_one_instant_between_others_are_read_once(accounts: AccountRig) -> None:
    accounts.sandbox.behaviour.shuffle_ties = True
    made = [*make(accounts, 3, 1), *make(accounts, 17), *make(accounts, 4, 1), *make(accounts, 9)]
    assert sorted(listed(accounts, 4)) == sorted(made)


def test_a_list_goes_on_behind_the_rows_that_one_query_shows(accounts: AccountRig) -> None:
    accounts.sandbox.behaviour.query_rows = 20
    made = make(accounts, 55)
    assert sorted(listed(accounts, 10)) == sorted(made)


def test_no_query_ever_uses_an_offset(accounts: AccountRig) -> None:
    asked = accounts.asked()
    make(accounts, 9)
    listed(accounts, 2)
    assert len(asked) > 4
    assert not [text for text in asked if "," in text.partition("LIMIT")[2]]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-11-20T09:00:00", 1.0),
        ("2026-11-20T09:00:00Z", 1.0),
        ("2026-11-20T09:00:00.5", 0.1),
        ("2026-11-20T09:00:00.123Z", 0.001),
        ("2026-11-20T09:00:00.1234567", 0.000001),
    ],
)
def test_an_instant_stands_for_what_its_last_digit_leaves_open(text: str, seconds: float) -> None:
    assert paging._resolution(text) == pytest.approx(seconds)


def test_rows_that_show_no_instant_end_the_pass(accounts: AccountRig) -> None:
    rows = [{"Id": str(number)} for number in range(paging.PAGE)]
    answers(accounts, "/query$", {"Count": len(rows), "Records": rows})
    with pytest.raises(Unavailable, match="lacks the instant"):
        accounts.connector.scan("Account", "", ["Name"])


# ---------------------------------------------------------------- changes


def test_changes_come_oldest_first_and_none_twice_in_a_pass(accounts: AccountRig) -> None:
    made = make(accounts, 5, 10)
    accounts.person.edit("Account", made[1], Name="Changed")
    seen, _cursor = changed(accounts, "")
    assert seen == [made[0], *made[2:], made[1]]


def test_a_pass_of_more_than_a_page_of_one_instant_ends(accounts: AccountRig) -> None:
    made = make(accounts, paging.PAGE * 2 + 5)
    seen, _cursor = changed(accounts, "")
    assert sorted(seen) == sorted(made)


def test_changes_start_at_an_instant(accounts: AccountRig, watch: Watch) -> None:
    make(accounts, 1)
    watch.pass_seconds(600)
    start = accounts.connector.changes_since("Account", watch.now)
    late = make(accounts, 1)
    assert changed(accounts, start)[0] == late


@pytest.mark.parametrize("count", [150, paging.PAGE, 2 * paging.PAGE + 50])
@pytest.mark.parametrize("late", [90, 119])
def test_a_change_that_bears_an_earlier_instant_is_found_by_the_next_pass(
    accounts: AccountRig, watch: Watch, count: int, late: int
) -> None:
    [slow] = make(accounts, 1)
    watch.pass_seconds(600)
    make(accounts, count, 1)
    _seen, cursor = changed(accounts, "")
    accounts.person.edit("Account", slow, Name="Committed late")
    accounts.person.commit_late("Account", slow, late)
    watch.pass_seconds(20)
    assert slow in changed(accounts, cursor)[0]


def test_a_pass_of_several_pages_repeats_nothing_from_before_its_own_start(
    accounts: AccountRig, watch: Watch
) -> None:
    before = make(accounts, 1)
    watch.pass_seconds(30)
    start = accounts.connector.changes_since("Account", watch.now)
    made = make(accounts, 2 * paging.PAGE, 0.1)
    _seen, cursor = changed(accounts, start)
    seen, _cursor = changed(accounts, cursor)
    assert sorted(seen) == sorted(made)
    assert before[0] not in seen


@pytest.mark.parametrize("count", [150, paging.PAGE * 2 + 50])
def test_a_change_that_was_stored_late_is_found_after_a_pass_of_any_length(
    count: int, accounts: AccountRig
) -> None:
    made = make(accounts, count, 1.0)
    late = made[-90]
    store = accounts.sandbox.portal.entities["Account"].store
    order = list(store.recent)
    store.recent.pop(late)
    seen, cursor = changed(accounts, "")
    assert late not in seen
    store.recent.clear()
    store.recent.update(dict.fromkeys(order))
    assert late in changed(accounts, cursor)[0]


def test_the_last_two_minutes_are_repeated_only_until_they_are_settled(
    accounts: AccountRig, watch: Watch
) -> None:
    made = make(accounts, 5, 10)
    _seen, cursor = changed(accounts, "")
    seen, cursor = changed(accounts, cursor)
    assert seen == made
    watch.pass_seconds(600)
    _seen, cursor = changed(accounts, cursor)
    seen, cursor = changed(accounts, cursor)
    assert seen == made[-1:]
    watch.pass_seconds(600)
    more = make(accounts, 1)
    assert changed(accounts, cursor)[0] == [made[-1], *more]


def test_a_cursor_goes_on_where_another_worker_stopped(accounts: AccountRig) -> None:
    made = make(accounts, paging.PAGE + 20)
    page = accounts.connector.changes("Account", "", ["Name"])
    again = accounts.connect().changes("Account", page.cursor, ["Name"])
    assert page.more
    seen = {record.id for each in (page, again) for record in each.records}
    assert seen == set(made)


def test_a_cursor_never_goes_back(accounts: AccountRig) -> None:
    late = Cursor(since="2026-11-20T09:00:00.000000+00:00")
    row = {"ModifiedOn": "2026-11-20T09:00:01"}
    assert late.after([row], None, 1.0).since == late.since
    assert late.after([], None, 1.0) == late
    within = late.after([row], Place("2026-11-20T09:00:01.000000+00:00"), 1.0)
    assert Cursor.load(within.dump()).after([], None, 1.0).since == late.since
    assert timedelta(seconds=1) < OVERLAP


@pytest.mark.parametrize(
    "text", ["yesterday", "[]", '{"page": 1}', '{"since": "soon"}', '{"floor": "soon"}']
)
def test_a_cursor_that_never_was_one_is_refused(accounts: AccountRig, text: str) -> None:
    for read in (accounts.connector.changes, accounts.connector.scan):
        with pytest.raises(ConfigInvalid, match="position"):
            read("Account", text, ["Name"])
