"""Records as CSV: what was asked for, safe in a spreadsheet, in chunks, and written down."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from pytest_django import DjangoAssertNumQueries

from integrations.engine.pairs import LinkState
from integrations.engine.reasons import Reason
from integrations.models import AuditEntry, Integration, ObjectSync
from integrations.services import exports
from tests import factories
from tests.services.stage import Stage

STATES = (LinkState.FAILING, LinkState.HELD)


@pytest.fixture
def integration(stage: Stage) -> Integration:
    return stage.connect()


@pytest.fixture
def sync(integration: Integration) -> ObjectSync:
    row = integration.object_syncs.get()
    for number, (state, reason) in enumerate(
        (
            ("failing", "required_missing"),
            ("held", "conflict"),
            ("failing", "rejected"),
            ("linked", "in_step"),
        )
    ):
        factories.record_link(row, f"90{number}", f"T{number}", state=state, reason=reason)
    return row


def read(lines: Iterable[str]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(lines))))


def test_each_record_says_what_happened_and_what_to_do(stage: Stage, sync: ObjectSync) -> None:
    found = read(exports.records(sync.integration, stage.vic, states=STATES))
    assert [row["HubSpot id"] for row in found] == ["900", "901", "902"]
    first = found[0]
    assert (first["Object"], first["Id in the other system"]) == (sync.key, "T0")
    assert (first["State"], first["Reason"]) == ("failing", "required_missing")
    assert "Required fields" in first["What happened"]
    assert first["What to do"]
    assert first["Last decided"].startswith("20")


def test_a_reason_and_an_object_choose_records(stage: Stage, sync: ObjectSync) -> None:
    chosen = exports.records(sync.integration, stage.ada, object_sync=sync, reason=Reason.CONFLICT)
    assert [row["HubSpot id"] for row in read(chosen)] == ["901"]
    assert len(read(exports.records(sync.integration, stage.ada))) == 4


def test_records_of_others_are_never_in_it(stage: Stage, sync: ObjectSync) -> None:
    factories.record_link(factories.object_sync(stage.bolt), "777", state="held")
    assert "777" not in "".join(exports.records(sync.integration, stage.ada))
    with pytest.raises(PermissionDenied):
        exports.records(sync.integration, stage.bob)
    with pytest.raises(PermissionDenied):
        exports.records(sync.integration, User.objects.create_user("stranger"))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\n", "\uff1d"])
def test_no_cell_is_a_formula(stage: Stage, sync: ObjectSync, start: str) -> None:
    factories.record_link(sync, "999", f"{start}HYPERLINK(1)", state="gone", reason="gone")
    (row,) = read(exports.records(sync.integration, stage.ada, states=[LinkState.GONE]))
    assert row["Id in the other system"] == f"'{start}HYPERLINK(1)"


def test_an_export_is_written_down(stage: Stage, sync: ObjectSync) -> None:
    exports.records(sync.integration, stage.vic, object_sync=sync, states=STATES)
    entry = AuditEntry.objects.get(action="records.exported")
    assert (entry.actor, entry.object_sync_id) == (stage.vic, sync.pk)
    assert entry.detail == "failing, held"


def test_many_records_are_read_by_one_query_and_handed_out_in_chunks(
    stage: Stage,
    sync: ObjectSync,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    monkeypatch.setattr(exports, "CHUNK", 2)
    lines = exports.records(sync.integration, stage.ada)
    with django_assert_max_num_queries(1):
        chunks = list(lines)
    assert [chunk.count("\n") for chunk in chunks] == [2, 2, 1]
