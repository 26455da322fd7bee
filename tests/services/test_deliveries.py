"""What is told about synced records: which outcomes, in which words, to whom, at what price."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.errors import Rejected
from integrations.engine.pairs import Action, Decision, IntentState, Link, LinkState, OpenIntent
from integrations.engine.ports import Hint, Settlement, WriteResult
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.models import Delivery, ObjectSync, RecordLink
from integrations.services import deliveries
from integrations.services.endings import Ending, ending_of
from integrations.services.link_rows import Row
from tests import factories
from tests.services import delivery_kit
from tests.services.delivery_kit import EVENT
from tests.services.lane_kit import LaneKit

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(kit: LaneKit, monkeypatch: pytest.MonkeyPatch) -> LaneKit:
    """Give a lane whose target is told of what it wrote."""
    delivery_kit.tell(monkeypatch)
    delivery_kit.publish(kit.sync)
    return kit


def payload() -> dict[str, Any]:
    found: dict[str, Any] = Delivery.objects.get().payload
    return found


def ending(
    state: LinkState = LinkState.LINKED,
    reason: Reason = Reason.UPDATED,
    *,
    action: Action = Action.NOTHING,
    writes: tuple[WriteResult, ...] = (),
    before: Row | None = None,
    **members: Any,
) -> Ending:
    """Return how a pair ended."""
    item = Settlement(
        link=members.pop("link", Link(7, hubspot_id="901", target_id="P1")),
        decision=Decision(action, reason, state),
        state=state,
        reason=reason,
        hints=(Hint(Side.HUBSPOT, "901"),),
        hubspot_id="901",
        target_id="P1",
        writes=writes,
        **members,
    )
    return ending_of(item, before, (), timezone.now())


def wrote(
    side: Side = Side.TARGET,
    action: Action = Action.UPDATE,
    state: IntentState = IntentState.CONFIRMED,
) -> WriteResult:
    return WriteResult(1, side, action, state)


def test_a_created_record_is_told_with_both_ids(told: LaneKit) -> None:
    contact = told.contact()
    told.sync_now(contact)
    row = Delivery.objects.get()
    target = told.sync.integration.target
    assert target is not None
    assert (row.event, row.destination, row.endpoint) == (EVENT, target.pk, None)
    sent = dict(payload())
    assert sent.pop("syncedAt").endswith("Z")
    assert sent.pop("jobId").isdigit()
    assert sent == {
        "status": "SUCCESS",
        "operation": "created",
        "hubspot": {"portalId": "4711001", "contactId": contact},
        "rxnt": {"patientId": told.link(contact).target_id},
        "direction": "hubspot_to_rxnt",
        "error": None,
    }


def test_what_had_not_changed_is_not_told_again(told: LaneKit) -> None:
    contact = told.contact()
    told.sync_now(contact)
    told.sync_now(contact)
    assert Delivery.objects.count() == 1


def test_a_failure_is_told_once_with_its_reason_and_no_value(told: LaneKit) -> None:
    contact = told.contact(77, lastname="")
    told.sync_now(contact)
    told.sync_now(contact)
    sent = payload()
    assert (sent["status"], sent["rxnt"]) == ("FAILED", {"patientId": None})
    assert sent["error"]["code"] == RecordLink.objects.get().reason
    assert "Last Name" in sent["error"]["message"]
    assert "Ida77" not in str(sent)


def test_a_lost_reply_is_told_when_reading_has_found_the_record(told: LaneKit) -> None:
    contact = told.contact()
    told.stage.rxnt.faults.inject(Fault(FaultKind.LOST_REPLY, path="SavePatient"))
    told.sync_now(contact)
    assert not Delivery.objects.exists()
    told.let_time_pass()
    told.work()
    assert payload()["status"] == "SUCCESS"
    assert payload()["operation"] == "linked"


def test_nobody_is_told_where_nobody_listens(kit: LaneKit, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery_kit.tell(monkeypatch)
    kit.sync_now(kit.contact())
    assert not Delivery.objects.exists()


def test_a_sync_without_an_event_tells_nothing(kit: LaneKit) -> None:
    delivery_kit.publish(kit.sync)
    kit.sync_now(kit.contact())
    assert not Delivery.objects.exists()


def test_the_tenants_own_endpoint_is_told_as_well(told: LaneKit) -> None:
    own = delivery_kit.endpoint(told.sync)
    told.sync_now(told.contact())
    assert set(Delivery.objects.values_list("endpoint", flat=True)) == {None, own.pk}
    assert Delivery.objects.get(endpoint=own).destination == own.pk


def test_an_endpoint_that_is_off_and_a_strangers_endpoint_are_told_nothing(told: LaneKit) -> None:
    own = delivery_kit.endpoint(told.sync)
    own.enabled = False
    own.save()
    delivery_kit.endpoint(factories.object_sync(account_id="4711009"))
    told.sync_now(told.contact())
    assert Delivery.objects.get().endpoint is None


def test_telling_takes_one_statement_however_many_records(
    told: LaneKit, django_assert_num_queries: Callable[[int], Any]
) -> None:
    delivery_kit.endpoint(told.sync)
    endings = [ending(action=Action.UPDATE, writes=(wrote(),)) for _number in range(100)]
    now = timezone.now()
    sync = ObjectSync.objects.select_related("integration__hubspot").get()
    with django_assert_num_queries(1):
        deliveries.enqueue(sync, endings, now, 5)
    assert Delivery.objects.count() == 200


@pytest.mark.django_db(transaction=True)
def test_a_sender_is_woken_once_per_burst_after_the_commit(told: LaneKit) -> None:
    told.sync_now(*told.contacts(3))
    names = [row.func() for row in OrmQ.objects.all()]
    assert names.count("integrations.tasks.send_deliveries") == 1


@pytest.mark.parametrize(
    ("made", "news"),
    [
        (ending(reason=Reason.IN_STEP), False),
        (ending(action=Action.UPDATE, writes=(wrote(),)), True),
        (ending(action=Action.UPDATE, writes=(wrote(state=IntentState.UNKNOWN),)), False),
        (ending(action=Action.LINK, reason=Reason.LINKED), True),
        (ending(LinkState.FAILING, Reason.VALUE_INVALID, action=Action.FAIL), True),
        (ending(LinkState.HELD, Reason.CONFLICT, action=Action.HOLD), False),
        (ending(LinkState.EXCLUDED, Reason.FILTERED_OUT, action=Action.EXCLUDE), False),
        (
            ending(
                LinkState.FAILING,
                Reason.VALUE_INVALID,
                action=Action.FAIL,
                before=Row(7, "901", "P1", state="failing", reason="value_invalid"),
            ),
            False,
        ),
        (ending(LinkState.PENDING, Reason.UNAVAILABLE, retry_after=60.0), False),
    ],
)
def test_only_what_was_written_linked_or_failed_for_good_is_news(made: Ending, news: bool) -> None:
    assert deliveries.is_news(made) is news


@pytest.mark.parametrize(
    ("made", "operation", "direction"),
    [
        (ending(writes=(wrote(action=Action.CREATE),)), "created", "hubspot_to_rxnt"),
        (ending(writes=(wrote(Side.HUBSPOT),)), "updated", "rxnt_to_hubspot"),
        (ending(writes=(wrote(), wrote(Side.HUBSPOT))), "updated", "both"),
        (ending(action=Action.LINK, writes=(wrote(),)), "linked", "hubspot_to_rxnt"),
        (ending(action=Action.LINK), "linked", "hubspot_to_rxnt"),
        (ending(writes=(wrote(action=Action.ARCHIVE),)), "archived", "hubspot_to_rxnt"),
    ],
)
def test_operation_and_direction_say_what_was_done(
    made: Ending, operation: str, direction: str, kit: LaneKit
) -> None:
    sent = deliveries.payload_of(kit.sync, made, timezone.now(), None)
    assert (sent["operation"], sent["direction"]) == (operation, direction)


def test_a_refused_write_is_a_failure_with_the_systems_reason(kit: LaneKit) -> None:
    refused = WriteResult(
        1, Side.TARGET, Action.UPDATE, IntentState.FAILED, error=Rejected("City is too long.")
    )
    made = ending(LinkState.FAILING, Reason.REJECTED, writes=(refused,), detail="City is too long.")
    sent = deliveries.payload_of(kit.sync, made, timezone.now(), 3)
    assert sent["status"] == "FAILED"
    assert sent["error"] == {
        "code": "rejected",
        "message": "It was refused: City is too long.",
    }


def test_a_write_confirmed_by_reading_counts_as_written() -> None:
    link = Link(7, unresolved=(OpenIntent(3, Side.TARGET, Action.CREATE),))
    made = ending(link=link, resolved=((3, IntentState.CONFIRMED),))
    assert deliveries.is_news(made)


@pytest.mark.parametrize(
    ("object_type", "name"),
    [("contacts", "contactId"), ("companies", "companyId"), ("accounts", "accountId")],
)
def test_ids_are_named_after_their_object(object_type: str, name: str) -> None:
    assert deliveries.id_name(object_type) == name
