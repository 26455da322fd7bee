"""The promises of `engine.ports.Connector`, as one test suite that every connector inherits.

A connector's test module writes a `Rig` (see `tests.rig`) around its sandbox, then
`class TestContract(ConnectorContract)` with a `rig` fixture. Nothing here knows a system.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from integrations.engine.errors import (
    ConfigInvalid,
    Scope,
)
from integrations.engine.records import BLANK, Value, same
from tests.contract_failures import FailureContract
from tests.rig import (
    Can,
    Needs,
    Rig,
    agree,
    record_of,
)


class ConnectorContract(FailureContract):
    """Inherit and provide `rig`."""

    # ------------------------------------------------------------ account and fields

    def test_check_names_the_account(self, rig: Rig) -> None:
        assert rig.connector.check().account_id

    def test_describe_lists_each_field_once_with_a_label(self, rig: Rig) -> None:
        specs = rig.connector.describe(rig.object_type)
        names = [spec.name for spec in specs]
        assert len(names) == len(set(names))
        assert {*rig.fields, rig.patch[0], rig.other_field} <= set(names)
        assert all(spec.label for spec in specs)

    # ------------------------------------------------------------ reads

    def test_scan_visits_every_record_once_and_ends(self, rig: Rig, needs: Needs) -> None:
        needs(Can.SCAN | Can.CREATE)
        made = rig.fill(230)
        seen: list[str] = []
        cursor, more = "", True
        for _ in range(20):
            page = rig.connector.scan(rig.object_type, cursor, rig.fields)
            seen += [record.id for record in page.records]
            cursor, more = page.cursor, page.more
            if not more:
                break
        assert not more
        assert sorted(seen) == sorted(rig.stored())
        assert set(made) <= set(seen)

    def test_fetch_returns_current_values_and_leaves_unknown_ids_out(
        self, rig: Rig, needs: Needs
    ) -> None:
        needs(Can.FETCH | Can.CREATE)
        made = rig.fill(3)
        found = rig.connector.fetch(rig.object_type, [*made, "987654321"], rig.fields)
        assert set(found) == set(made)
        stored = rig.stored()
        for record_id, record in found.items():
            assert record.id == record_id
            assert set(record.values) <= set(rig.fields)
            assert agree(record.values, stored[record_id])

    def test_fetch_by_an_old_id_answers_with_the_survivor(self, rig: Rig, needs: Needs) -> None:
        needs(Can.FETCH | Can.MERGE | Can.CREATE)
        winner, loser = rig.fill(2)
        survivor = rig.merge(winner, loser)
        found = rig.connector.fetch(rig.object_type, [winner, loser, survivor], rig.fields)
        assert {found[asked].id for asked in (winner, loser, survivor)} == {survivor}

    def test_find_sees_a_record_at_once(self, rig: Rig, needs: Needs) -> None:
        needs(Can.FIND | Can.CREATE)
        made = rig.fill(2)
        values = [rig.find_value(item) for item in made.values()]
        found = rig.connector.find(
            rig.object_type, rig.find_field, [*values, "nobody-has-this"], rig.fields
        )
        assert [len(found.get(value, ())) for value in values] == [1, 1]
        assert not found.get("nobody-has-this")

    # ------------------------------------------------------------ writes

    def test_create_returns_each_record_as_stored(self, rig: Rig, needs: Needs) -> None:
        needs(Can.CREATE)
        items = [rig.good(number) for number in range(1, 6)]
        outcomes = rig.connector.create(rig.object_type, items)
        stored = rig.stored()
        assert [outcome.ref for outcome in outcomes] == [item.ref for item in items]
        assert len({record_of(outcome).id for outcome in outcomes}) == len(items)
        for outcome, item in zip(outcomes, items, strict=True):
            record = record_of(outcome)
            assert agree(item.values, stored[record.id])
            assert agree({name: record.get(name) for name in item.values}, stored[record.id])

    def test_nothing_to_do_is_done_without_a_call(self, rig: Rig) -> None:
        before = sum(rig.sandbox.counters.values())
        assert list(rig.connector.create(rig.object_type, [])) == []
        assert list(rig.connector.update(rig.object_type, [])) == []
        assert sum(rig.sandbox.counters.values()) == before

    def test_one_bad_item_does_not_stop_its_batch(self, rig: Rig, needs: Needs) -> None:
        needs(Can.CREATE)
        items = [rig.good(1), rig.bad(2), rig.good(3)]
        outcomes = rig.connector.create(rig.object_type, items)
        assert [outcome.ref for outcome in outcomes] == ["1", "2", "3"]
        refused = outcomes[1].error
        assert refused is not None
        assert (refused.scope, refused.retryable) == (Scope.RECORD, False)
        assert refused.detail
        ids = {record_of(outcomes[0]).id, record_of(outcomes[2]).id}
        assert set(rig.stored()) == ids

    def test_creating_by_the_same_key_again_gives_the_same_record(
        self, rig: Rig, needs: Needs
    ) -> None:
        needs(Can.UPSERT)
        first, second = (
            record_of(rig.connector.create(rig.object_type, [rig.good(1)])[0]) for _ in "12"
        )
        assert first.id == second.id
        assert len(rig.stored()) == 1

    def test_update_changes_the_named_fields_and_nothing_else(self, rig: Rig, needs: Needs) -> None:
        needs(Can.CREATE | Can.UPDATE)
        made = rig.fill(2)
        untouched, changed = made
        before = rig.stored()
        name, value = rig.patch
        [outcome] = rig.connector.update(
            rig.object_type, [rig.update_of(changed, made[changed], {name: value})]
        )
        after = rig.stored()
        assert record_of(outcome).id == changed
        assert after[untouched] == before[untouched]
        kept = {key: held for key, held in before[changed].items() if key in rig.fields}
        assert agree({**kept, name: value}, after[changed])

    def test_a_blank_clears_its_field_only(self, rig: Rig, needs: Needs) -> None:
        needs(Can.CREATE | Can.UPDATE | Can.CLEAR)
        [(record_id, item)] = rig.fill(1).items()
        patch: dict[str, Value] = {rig.other_field: BLANK}
        rig.connector.update(rig.object_type, [rig.update_of(record_id, item, patch)])
        stored = rig.stored()[record_id]
        assert stored.get(rig.other_field, BLANK) is BLANK
        assert agree({rig.patch[0]: item.values[rig.patch[0]]}, stored)

    def test_references_are_read_and_written_as_a_whole_set(self, rig: Rig, needs: Needs) -> None:
        needs(Can.CREATE | Can.UPDATE | Can.FETCH | Can.REFERENCE)
        [(record_id, item)] = rig.fill(1).items()
        one, two, three = (rig.referred(number) for number in (1, 2, 3))
        for wanted in ((one, two), (two, three), (three, one, two), (), (one,)):
            patch: dict[str, Value] = {rig.reference: wanted or BLANK}
            [outcome] = rig.connector.update(
                rig.object_type, [rig.update_of(record_id, item, patch)]
            )
            read = rig.connector.fetch(rig.object_type, [record_id], [rig.reference])
            for record in (record_of(outcome), read[record_id]):
                assert same(record.get(rig.reference), wanted or BLANK)

    def test_other_updates_leave_references_alone(self, rig: Rig, needs: Needs) -> None:
        needs(Can.CREATE | Can.UPDATE | Can.FETCH | Can.REFERENCE)
        [(record_id, item)] = rig.fill(1).items()
        wanted = (rig.referred(1), rig.referred(2))
        for name, value in ((rig.reference, wanted), rig.patch):
            rig.connector.update(rig.object_type, [rig.update_of(record_id, item, {name: value})])
        found = rig.connector.fetch(rig.object_type, [record_id], [rig.reference])
        assert same(found[record_id].get(rig.reference), wanted)

    def test_archive_removes_the_record_from_the_live_ones(self, rig: Rig, needs: Needs) -> None:
        needs(Can.CREATE | Can.ARCHIVE)
        gone, stays = rig.fill(2)
        [outcome] = rig.connector.archive(rig.object_type, [gone])
        assert (outcome.ref, outcome.error) == (gone, None)
        assert set(rig.stored()) == {stays}

    def test_what_a_system_cannot_do_is_said_clearly(self, rig: Rig) -> None:
        connector, kind = rig.connector, rig.object_type
        calls: dict[Can, Callable[[], object]] = {
            Can.SCAN: lambda: connector.scan(kind, "", rig.fields),
            Can.FETCH: lambda: connector.fetch(kind, ["1"], rig.fields),
            Can.ARCHIVE: lambda: connector.archive(kind, ["1"]),
        }
        lacking = [call for can, call in calls.items() if can not in rig.can]
        if not lacking:
            pytest.skip("this system can do everything")
        for call in lacking:
            with pytest.raises(ConfigInvalid):
                call()
