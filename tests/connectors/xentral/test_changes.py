"""What changed is found: by change time for addresses, by comparing for resubmissions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from integrations.connectors.xentral.changes import Compared
from integrations.engine.errors import ConfigInvalid
from tests.connectors.xentral.rig import START, AddressRig, ResubmissionRig, Watch, XentralRig

LIST = "/api/v1/wiedervorlagen"


def passes(rig: XentralRig, cursor: str) -> tuple[list[str], str]:
    """Read one pass to its end; returns the ids it found and where the next one starts."""
    found: list[str] = []
    for _ in range(100):
        page = rig.connector.changes(rig.object_type, cursor, rig.fields)
        found += [record.id for record in page.records]
        cursor = page.cursor
        if not page.more:
            return found, cursor
    raise AssertionError("the pass does not end")


def start(rig: XentralRig, at: datetime = START) -> str:
    return rig.connector.changes_since(rig.object_type, at)


# ---------------------------------------------------------------- addresses


def test_addresses_that_changed_since_are_found_oldest_first(
    addresses: AddressRig, watch: Watch
) -> None:
    early, late, never = addresses.fill(3)
    watch.wait(hours=2)
    since = watch.now
    addresses.person.edit("addresses", late, ort="Münster")
    watch.wait(minutes=1)
    addresses.person.edit("addresses", early, ort="Würzburg")
    found, _ = passes(addresses, start(addresses, since))
    assert found == [late, early]
    assert never not in found


def test_each_pass_starts_five_minutes_before_the_last_one_began(
    addresses: AddressRig, watch: Watch
) -> None:
    [made] = addresses.fill(1)
    found, cursor = passes(addresses, start(addresses))
    assert found == [made]
    for minutes, seen in ((4, True), (2, True), (1, False)):
        watch.wait(minutes=minutes)
        found, cursor = passes(addresses, cursor)
        assert (made in found) is seen


def test_more_than_a_page_is_found_once_each(addresses: AddressRig) -> None:
    made = addresses.fill(230)
    found, _ = passes(addresses, start(addresses))
    assert sorted(found) == sorted(made)


def test_a_page_of_changes_is_read_again_in_one_call(addresses: AddressRig) -> None:
    addresses.fill(90)
    page = addresses.connector.changes("addresses", start(addresses), addresses.fields)
    before = addresses.total()
    ids = [record.id for record in page.records]
    assert len(addresses.connector.fetch("addresses", ids, addresses.fields)) == 90
    assert addresses.total() - before == 1


def test_a_record_that_left_its_page_meanwhile_is_read_alone(addresses: AddressRig) -> None:
    made = list(addresses.fill(3))
    addresses.connector.scan("addresses", "", addresses.fields)
    addresses.person.delete("addresses", made[0])
    found = addresses.connector.fetch("addresses", made, ["ort"])
    assert set(found) == set(made[1:])


def hours_of_autumn() -> Iterator[datetime]:
    yield from (
        datetime(2026, 10, 24, 23, tzinfo=UTC) + timedelta(minutes=20 * n) for n in range(15)
    )


@pytest.mark.parametrize("changed", list(hours_of_autumn()), ids=str)
def test_no_change_is_lost_when_the_clocks_go_back(changed: datetime) -> None:
    watch = Watch(changed - timedelta(minutes=10))
    rig = AddressRig(watch)
    [made] = rig.fill(1)
    _, cursor = passes(rig, start(rig, watch.now - timedelta(hours=1)))
    watch.now = changed
    rig.person.edit("addresses", made, ort="Görlitz")
    watch.wait(minutes=5)
    found, _ = passes(rig, cursor)
    assert made in found


def test_rows_that_move_up_while_pages_are_read_are_not_skipped(addresses: AddressRig) -> None:
    made = list(addresses.fill(150))
    page = addresses.connector.changes("addresses", start(addresses), addresses.fields)
    for gone in made[:3]:
        addresses.person.delete("addresses", gone)
    found, _ = passes(addresses, page.cursor)
    assert {r.id for r in page.records} | set(found) >= set(made[3:])


# ---------------------------------------------------------------- resubmissions


def test_the_first_pass_finds_all_and_the_next_one_none(deals: ResubmissionRig) -> None:
    made = deals.fill(230)
    found, cursor = passes(deals, start(deals))
    assert sorted(found) == sorted(made)
    before = deals.counted("GET", LIST)
    assert passes(deals, cursor)[0] == []
    assert deals.counted("GET", LIST) - before == 1, "a thousand to a call"


def test_what_is_new_or_changed_is_found_and_nothing_else(deals: ResubmissionRig) -> None:
    made = list(deals.fill(20))
    _, cursor = passes(deals, start(deals))
    deals.person.edit("resubmissions", made[7], bezeichnung="Ändern")
    deals.person.edit("resubmissions", made[9], prio=1)
    deals.person.delete("resubmissions", made[3])
    new = deals.fill(1)
    found, cursor = passes(deals, cursor)
    assert sorted(found) == sorted([made[7], *new])
    assert passes(deals, cursor)[0] == []


def test_a_change_back_is_a_change(deals: ResubmissionRig) -> None:
    [made] = deals.fill(1)
    _, cursor = passes(deals, start(deals))
    was = deals.person.get("resubmissions", made)["bezeichnung"]
    for name in ("Ändern", was):
        deals.person.edit("resubmissions", made, bezeichnung=name)
        found, cursor = passes(deals, cursor)
        assert found == [made]


def test_a_change_during_a_pass_is_found_by_that_one_or_the_next(deals: ResubmissionRig) -> None:
    made = list(deals.fill(150))
    page = deals.connector.changes("resubmissions", start(deals), deals.fields)
    for touched in (made[0], made[-1]):
        deals.person.edit("resubmissions", touched, bezeichnung="Dazwischen geändert")
    found, cursor = passes(deals, page.cursor)
    later, _ = passes(deals, cursor)
    assert {made[0], made[-1]} <= {*found, *later}


def test_every_field_counts_that_is_asked_for(deals: ResubmissionRig) -> None:
    [made] = deals.fill(1)
    _, cursor = passes(deals, start(deals))
    for values in (
        {"betrag": "9.00"},
        {"zeit_erinnerung": "10:00:01"},
        {"beschreibung": "Neue Größe"},
        {"adresse": 5},
    ):
        deals.person.edit("resubmissions", made, **values)
        found, cursor = passes(deals, cursor)
        assert found == [made], values


def test_many_that_changed_come_a_hundred_at_a_time(deals: ResubmissionRig) -> None:
    deals.fill(230)
    cursor, sizes = start(deals), []
    for _ in range(3):
        page = deals.connector.changes("resubmissions", cursor, deals.fields)
        sizes.append(len(page.records))
        cursor = page.cursor
    assert sizes == [100, 100, 30]
    assert not page.more


def test_the_position_stays_small(deals: ResubmissionRig) -> None:
    deals.fill(230)
    _, cursor = passes(deals, start(deals))
    assert len(cursor) < 230 * 7 + 100
    assert len(Compared.load(cursor).known) == 230


def test_reading_them_again_costs_one_call(deals: ResubmissionRig) -> None:
    deals.fill(120)
    page = deals.connector.changes("resubmissions", start(deals), deals.fields)
    before = deals.total()
    found = deals.connector.fetch("resubmissions", [r.id for r in page.records], deals.fields)
    assert (len(found), deals.total() - before) == (100, 1)


@pytest.mark.parametrize("cursor", ["x", "[1]", '{"never": 1}', '{"known": 5}', '{"known": "ä"}'])
def test_a_position_that_never_was_one_is_refused(
    addresses: AddressRig, deals: ResubmissionRig, cursor: str
) -> None:
    rigs: list[XentralRig] = [deals] if "known" in cursor else [addresses]
    for rig in rigs:
        with pytest.raises(ConfigInvalid):
            rig.connector.changes(rig.object_type, cursor, rig.fields)


@pytest.mark.parametrize("cursor", ["x", "1:2", "1:2:x", "::"])
def test_a_place_in_a_list_that_never_was_one_is_refused(
    deals: ResubmissionRig, cursor: str
) -> None:
    with pytest.raises(ConfigInvalid):
        deals.connector.scan("resubmissions", cursor, deals.fields)
