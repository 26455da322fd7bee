"""Writes in batches: 207s, silence, refusals, lost replies, our own key."""

from __future__ import annotations

import json

import pytest

from integrations.connectors.hubspot.spec import SYNC_KEY
from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.errors import (
    ConfigInvalid,
    Duplicate,
    NotFound,
    RateLimited,
    Rejected,
    ReplyLost,
    SyncError,
    Unavailable,
)
from integrations.engine.ports import CreateItem, UpdateItem
from integrations.engine.records import BLANK, Record, Value
from tests.connectors.hubspot.rig import HubSpotRig, KeyedRig
from tests.rig import record_of

CONTACTS = "contacts"
CREATE = "/crm/objects/2026-09/{object_type}/batch/create"


def answers(rig: HubSpotRig, path: str, status: int, body: object) -> None:
    raw = json.dumps(body).encode()
    rig.sandbox.faults.inject(Fault(FaultKind.STATUS, path=path, status=status, body=raw))


def update(rig: HubSpotRig, record_id: str, **values: Value) -> Record | SyncError:
    [outcome] = rig.connector.update(CONTACTS, [UpdateItem("u", record_id, values)])
    result = outcome.record or outcome.error
    assert result is not None
    return result


def test_batches_are_full_and_outcomes_keep_the_order(rig: HubSpotRig) -> None:
    items = [rig.good(number) for number in range(250)]
    items[7], items[201] = rig.bad(7), rig.bad(201)
    outcomes = rig.connector.create(CONTACTS, items)
    assert [outcome.ref for outcome in outcomes] == [item.ref for item in items]
    assert [i for i, outcome in enumerate(outcomes) if outcome.error] == [7, 201]
    assert rig.sandbox.counters["POST", CREATE] == 3


def test_a_taken_address_names_the_record_that_has_it(rig: HubSpotRig) -> None:
    [made] = rig.fill(1)
    [outcome] = rig.connector.create(CONTACTS, [rig.good(1)])
    assert isinstance(outcome.error, Duplicate)
    assert outcome.error.existing_id == made


def test_a_refused_value_names_its_field_and_not_the_value(rig: HubSpotRig) -> None:
    [outcome] = rig.connector.create(CONTACTS, [rig.bad(1)])
    assert isinstance(outcome.error, Rejected)
    assert outcome.error.fields == ("email",)
    assert "lovelace" not in repr(vars(outcome.error))


def test_an_update_of_a_merged_away_id_asks_to_be_looked_up(rig: HubSpotRig) -> None:
    first, second, third = rig.fill(3)
    rig.merge(first, second)
    items = [UpdateItem(key, key, {"firstname": "Bo"}) for key in (first, third, "987654321")]
    old, live, unknown = rig.connector.update(CONTACTS, items)
    assert isinstance(old.error, NotFound)
    assert isinstance(unknown.error, NotFound)
    assert record_of(live).values == {"firstname": "Bo"}


def test_a_batch_refused_as_a_whole_is_halved_until_the_culprit_is_alone(
    rig: HubSpotRig,
) -> None:
    made = list(rig.fill(8))
    twice = [UpdateItem(str(at), key, {"firstname": f"N{at}"}) for at, key in enumerate(made)]
    twice.append(UpdateItem("8", made[0], {"lastname": "L"}))
    outcomes = rig.connector.update(CONTACTS, twice)
    assert [record_of(outcome).id for outcome in outcomes] == [*made, made[0]]
    assert rig.person.contact(made[0])["firstname"] == "N0"
    assert rig.person.contact(made[0])["lastname"] == "L"


@pytest.mark.parametrize(
    ("fault", "first", "rest"),
    [
        (Fault(FaultKind.LOST_REPLY), ReplyLost, Unavailable),
        (Fault(FaultKind.STATUS, status=502), ReplyLost, Unavailable),
        (Fault(FaultKind.STATUS, status=423), Unavailable, Unavailable),
        (Fault(FaultKind.STATUS, status=429), RateLimited, RateLimited),
    ],
)
def test_after_a_broken_batch_the_others_are_not_sent(
    rig: HubSpotRig, fault: Fault, first: type[SyncError], rest: type[SyncError]
) -> None:
    rig.connector.describe(CONTACTS)
    rig.sandbox.faults.inject(Fault(fault.kind, path="/batch/create$", status=fault.status))
    outcomes = rig.connector.create(CONTACTS, [rig.good(number) for number in range(250)])
    assert {type(outcome.error) for outcome in outcomes[:100]} == {first}
    assert {type(outcome.error) for outcome in outcomes[100:]} == {rest}
    assert rig.sandbox.counters["POST", CREATE] == 1


def test_an_answer_in_another_order_and_without_traces_is_matched_by_id(
    rig: HubSpotRig,
) -> None:
    one, two = rig.fill(2)
    rows = [{"id": key, "properties": {"firstname": key}} for key in (two, one)]
    answers(rig, "/batch/update$", 200, {"results": rows})
    items = [UpdateItem(f"r{key}", key, {"firstname": "x"}) for key in (one, two)]
    outcomes = rig.connector.update(CONTACTS, items)
    assert [record_of(outcome).values["firstname"] for outcome in outcomes] == [one, two]


@pytest.mark.parametrize(
    "body",
    [
        {"results": [{"id": "1", "properties": {}}]},
        {"results": []},
        {"results": [{"properties": {}}]},
        {"results": None},
        [],
    ],
)
def test_a_create_that_the_answer_does_not_name_counts_as_lost(
    rig: HubSpotRig, body: object
) -> None:
    rig.connector.describe(CONTACTS)
    answers(rig, "/batch/create$", 201, body)
    [outcome] = rig.connector.create(CONTACTS, [rig.good(1)])
    assert isinstance(outcome.error, ReplyLost)


def test_an_error_that_names_nobody_is_the_only_silent_items(rig: HubSpotRig) -> None:
    rig.connector.describe(CONTACTS)
    results = [{"id": "5", "properties": {}, "objectWriteTraceId": "1"}]
    errors = [{"category": "VALIDATION_ERROR", "errors": [{"code": "INVALID_EMAIL"}]}]
    answers(rig, "/batch/create$", 207, {"results": results, "errors": errors})
    good, refused = rig.connector.create(CONTACTS, [rig.good(1), rig.good(2)])
    assert record_of(good).id == "5"
    assert isinstance(refused.error, Rejected)


def test_a_field_that_hubspot_does_not_have_is_a_fault_of_the_settings(
    rig: HubSpotRig,
) -> None:
    [made] = rig.fill(1)
    error = update(rig, made, no_such_field="x")
    assert isinstance(error, ConfigInvalid)
    assert error.fields == ("no_such_field",)


def test_clearing_reads_back_as_blank_and_nothing_else_moves(rig: HubSpotRig) -> None:
    [made] = rig.fill(1)
    record = update(rig, made, phone=BLANK)
    assert isinstance(record, Record)
    assert record.values == {"phone": BLANK}
    assert rig.person.contact(made)["firstname"] == "Ada"


def test_creates_with_and_without_a_key_may_be_mixed() -> None:
    rig = KeyedRig()
    keyed, plain = rig.good(1), CreateItem("2", rig.good(2).values)
    outcomes = rig.connector.create(CONTACTS, [plain, keyed])
    assert [outcome.ref for outcome in outcomes] == ["2", "1"]
    stored = rig.person.contact(record_of(outcomes[1]).id)
    assert stored[SYNC_KEY.name] == "target_1"
    assert SYNC_KEY.name not in rig.person.contact(record_of(outcomes[0]).id)


def test_an_upsert_after_a_lost_reply_makes_no_second_record() -> None:
    rig = KeyedRig()
    rig.fill(1)
    rig.sandbox.faults.inject(Fault(FaultKind.LOST_REPLY, path="/batch/upsert$"))
    [lost] = rig.connector.create(CONTACTS, [rig.good(2)])
    assert isinstance(lost.error, ReplyLost)
    [again] = rig.connector.create(CONTACTS, [rig.good(2)])
    assert record_of(again).id in rig.stored()
    assert len(rig.stored()) == 2


def test_archiving_what_is_gone_is_done(rig: HubSpotRig) -> None:
    made = list(rig.fill(101))
    outcomes = rig.connector.archive(CONTACTS, [*made, "987654321"])
    assert {record_of(outcome).archived for outcome in outcomes} == {True}
    assert rig.stored() == {}
