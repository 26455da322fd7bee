"""Finding what changed: the search for accounts, the list for contacts, positions in time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from integrations.connectors.thena.changes import OVERLAP, Cursor
from integrations.engine.records import Page
from tests.connectors.thena.rig import START, AccountRig, ContactRig, ThenaRig, Watch

HOUR = 3600.0


@pytest.fixture(params=["accounts", "contacts"])
def rig(request: pytest.FixtureRequest, watch: Watch) -> ThenaRig:
    return AccountRig(watch) if request.param == "accounts" else ContactRig(watch)


def pages(rig: ThenaRig, cursor: str) -> Iterator[Page]:
    more = True
    while more:
        page = rig.connector.changes(rig.object_type, cursor, rig.fields[:1])
        yield page
        cursor, more = page.cursor, page.more


def changed(rig: ThenaRig, cursor: str) -> tuple[list[str], str]:
    """Read a whole pass; returns the ids in order and where the next pass starts."""
    found = list(pages(rig, cursor))
    return [record.id for page in found for record in page.records], found[-1].cursor


def start(rig: ThenaRig, watch: Watch) -> str:
    """Return the position of now, with everything so far long past and in the index."""
    watch.pass_seconds(HOUR)
    return rig.connector.changes_since(rig.object_type, watch.now)


def test_only_what_changed_since_is_found(rig: ThenaRig, watch: Watch) -> None:
    made = list(rig.fill(5))
    cursor = start(rig, watch)
    assert changed(rig, cursor)[0] == []
    name = "description" if rig.object_type == "accounts" else "lastName"
    rig.person.edit(rig.object_type, made[3], **{name: "Changed"})
    watch.pass_seconds(5)
    assert changed(rig, cursor)[0] == [made[3]]


def test_a_pass_ends_where_the_next_one_starts_less_an_overlap(rig: ThenaRig, watch: Watch) -> None:
    _, following = changed(rig, start(rig, watch))
    assert Cursor.load(following) == Cursor(since=watch.now.timestamp()), "never backwards"
    watch.pass_seconds(HOUR)
    _, later = changed(rig, following)
    assert Cursor.load(later) == Cursor(since=watch.now.timestamp() - OVERLAP)


def test_a_change_during_a_pass_is_found_by_it_or_by_the_next(rig: ThenaRig, watch: Watch) -> None:
    rig.sandbox.behaviour.max_limit = 10
    cursor = start(rig, watch)
    made = list(rig.fill(35))
    watch.pass_seconds(5)
    first = rig.connector.changes(rig.object_type, cursor, rig.fields[:1])
    name = "description" if rig.object_type == "accounts" else "lastName"
    rig.person.edit(rig.object_type, made[0], **{name: "Changed meanwhile"})
    watch.pass_seconds(5)
    rest, following = changed(rig, first.cursor) if first.more else ([], first.cursor)
    assert {record.id for record in first.records} | {*rest} == set(made)
    assert made[0] in changed(rig, following)[0]


def test_what_the_search_showed_late_is_inside_the_overlap(
    accounts: AccountRig, watch: Watch
) -> None:
    accounts.sandbox.behaviour.search_lag = 90
    cursor = start(accounts, watch)
    [made] = accounts.fill(1)
    found, following = changed(accounts, cursor)
    assert found == []
    watch.pass_seconds(95)
    assert changed(accounts, following)[0] == [made]


def test_an_incremental_pass_over_accounts_reads_no_more_than_it_must(
    accounts: AccountRig, watch: Watch
) -> None:
    made = list(accounts.fill(600))
    cursor = start(accounts, watch)
    accounts.person.edit("accounts", made[7], name="Changed")
    watch.pass_seconds(5)
    assert changed(accounts, cursor)[0] == [made[7]]
    assert accounts.counted("GET", "/v1/search/{collection}") == 1
    assert accounts.counted("GET", "/v1/accounts") == 0


def test_contacts_are_listed_to_the_end(contacts: ContactRig, watch: Watch) -> None:
    made = list(contacts.fill(230))
    cursor = start(contacts, watch)
    contacts.person.edit("contacts", made[201], lastName="Changed")
    assert changed(contacts, cursor)[0] == [made[201]]
    assert contacts.counted("GET", "/v1/accounts/contacts") == 3


def test_each_page_is_oldest_first(rig: ThenaRig, watch: Watch) -> None:
    cursor = start(rig, watch)
    for number in (1, 2, 3):
        rig.connector.create(rig.object_type, [rig.good(number)])
        watch.pass_seconds(1)
    watch.pass_seconds(5)
    [page] = [page for page in pages(rig, cursor) if page.records]
    times = [record.modified_at for record in page.records]
    assert times == [START + timedelta(seconds=HOUR + number) for number in (0, 1, 2)]


def test_from_the_very_beginning_everything_is_found(rig: ThenaRig, watch: Watch) -> None:
    made = list(rig.fill(3))
    watch.pass_seconds(5)
    assert sorted(changed(rig, "")[0]) == sorted(made)


def test_a_position_survives_its_storage() -> None:
    cursor = Cursor(since=1.5, page=3, size=100, clock=7.0)
    assert Cursor.load(cursor.dump()) == cursor
