"""What the pages show of an integration: right figures from a fixed number of queries."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from integrations.engine.pairs import LinkState
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.models import (
    Delivery,
    Event,
    Hint,
    Integration,
    Intent,
    JobRun,
    RecordLink,
    RunKind,
)
from integrations.services import schedules, status
from tests.services.stage import Stage
from tests.services.twin_kit import TwinKit


@pytest.fixture
def integration(stage: Stage) -> Integration:
    return stage.connect()


def links(integration: Integration, state: LinkState, reason: Reason, count: int) -> None:
    now = timezone.now()
    row = integration.object_syncs.get()
    RecordLink.objects.bulk_create(
        RecordLink(
            tenant=integration.tenant,
            object_sync=row,
            hubspot_id=f"{reason}-{number}",
            state=state,
            reason=reason,
            created_at=now,
            decided_at=now,
        )
        for number in range(count)
    )


def test_a_fresh_integration_has_nothing_to_show(integration: Integration) -> None:
    found = status.of(integration)
    (each,) = found.objects
    assert (each.total, each.failures, each.waiting, each.last_run) == (0, (), 0, None)
    assert set(each.counts) == set(LinkState)
    assert (found.last_event, found.last_run, found.oldest_due) == (None, None, None)


def test_links_are_counted_by_state_and_failures_grouped_by_reason(
    integration: Integration,
) -> None:
    links(integration, LinkState.LINKED, Reason.CREATED, 4)
    links(integration, LinkState.LINKED, Reason.FIELDS_QUARANTINED, 1)
    links(integration, LinkState.FAILING, Reason.REQUIRED_MISSING, 5)
    links(integration, LinkState.FAILING, Reason.UNAVAILABLE, 2)
    links(integration, LinkState.EXCLUDED, Reason.FILTERED_OUT, 3)
    (each,) = status.of(integration).objects
    assert each.total == 15
    assert each.counts[LinkState.LINKED] == 5
    assert each.counts[LinkState.FAILING] == 7
    assert [(g.reason, g.count, len(g.samples)) for g in each.failures] == [
        (Reason.REQUIRED_MISSING, 5, 3),
        (Reason.FIELDS_QUARANTINED, 1, 1),
    ]
    assert {link.reason for link in each.failures[0].samples} == {Reason.REQUIRED_MISSING}
    assert "Required fields" in each.failures[0].explanation.sentence


def test_the_queue_open_writes_and_the_newest_run_are_shown(integration: Integration) -> None:
    row, now = integration.object_syncs.get(), timezone.now()
    links(integration, LinkState.PENDING, Reason.PENDING, 1)
    link = RecordLink.objects.get()
    for number in range(2):
        Hint.objects.create(
            object_sync=row,
            side=Side.HUBSPOT,
            record_id=str(number),
            priority=1,
            due_at=now - timedelta(minutes=number),
        )
        JobRun.objects.create(
            tenant=integration.tenant, object_sync=row, kind="manual", state="done"
        )
    for state in ("planned", "unknown", "confirmed"):
        Intent.objects.create(
            object_sync=row, link=link, side=Side.TARGET, state=state, fence=1, created_at=now
        )
    found = status.of(integration)
    assert (found.waiting, found.unknown_intents) == (2, 2)
    assert found.oldest_due == now - timedelta(minutes=1)
    assert found.last_run == JobRun.objects.latest("id")


def test_the_newest_notice_of_this_account_is_shown(stage: Stage, integration: Integration) -> None:
    now = timezone.now()
    assert integration.target is not None
    for connection in (integration.hubspot, integration.target):
        Event.objects.create(
            tenant=stage.acme,
            connection=connection,
            dedup_key="a",
            object_type="contacts",
            kind="changed",
            record_id="1",
            occurred_at=now,
            received_at=now,
        )
    found = status.of(integration)
    assert found.last_event is not None
    assert found.last_event.connection == integration.hubspot


def test_recent_runs_the_last_full_pass_and_the_next_ones_are_shown(twin: TwinKit) -> None:
    twin.people(2)
    schedules.follow(twin.sync)
    whole = twin.run(RunKind.BACKFILL)
    for _number in range(12):
        JobRun.objects.create(
            tenant=twin.sync.tenant, object_sync=twin.sync, kind="settled", state="done"
        )
    (each,) = status.of(twin.sync.integration).objects
    assert each.last_pass == whole
    assert len(each.runs) == 10
    assert each.last_run == each.runs[0] == JobRun.objects.latest("id")
    assert set(each.next_runs) == {RunKind.INCREMENTAL, RunKind.SETTLED, RunKind.RECONCILE}
    assert each.counts[LinkState.LINKED] == 2


def test_events_that_were_not_told_are_counted(twin: TwinKit) -> None:
    now = timezone.now()
    for state in ("waiting", "sent", "sent", "dropped", "waiting"):
        Delivery.objects.create(
            tenant=twin.sync.tenant,
            object_sync=twin.sync,
            destination=uuid4(),
            event="hubspot.contact.synced",
            payload={},
            state=state,
            due_at=now,
            created_at=now,
        )
    (each,) = status.of(twin.sync.integration).objects
    assert (each.undelivered, each.dropped) == (2, 1)


def test_the_number_of_queries_does_not_grow_with_the_data(
    integration: Integration, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for state, reason in (
        (LinkState.FAILING, Reason.REQUIRED_MISSING),
        (LinkState.FAILING, Reason.REJECTED),
        (LinkState.HELD, Reason.AMBIGUOUS),
        (LinkState.LINKED, Reason.IN_STEP),
    ):
        links(integration, state, reason, 20)
    with django_assert_max_num_queries(10):
        status.of(integration)


def test_without_samples_no_link_is_read(integration: Integration) -> None:
    links(integration, LinkState.FAILING, Reason.REJECTED, 2)
    (group,) = status.of(integration, samples=0).objects[0].failures
    assert (group.count, group.samples) == (2, ())
