"""Lanes and routers that touch each other's rows wait for each other, and never in a circle."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from integrations.engine.errors import UnsafePlan
from integrations.engine.pairs import Action, Decision, Link, LinkState, Unmet
from integrations.engine.ports import Settlement
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.models import (
    Dependency,
    Event,
    Integration,
    Lane,
    ObjectSync,
    RecordLink,
    RunKind,
    RunState,
    SyncVersion,
)
from integrations.services import dependencies, hints, ledger_sql, routing, runs
from integrations.services.endings import Ending
from integrations.services.hints import NewHint
from integrations.services.link_rows import Row
from tests import factories

Start = Callable[[Callable[[], object]], threading.Thread]


def make_syncs() -> tuple[ObjectSync, ObjectSync]:
    """Return companies and contacts of one integration with Thena."""
    owner = factories.tenant()
    integration = Integration.objects.create(
        tenant=owner,
        system="thena",
        hubspot=factories.connection(owner, "hubspot"),
        target=factories.connection(owner, "thena"),
    )
    return (
        _sync(integration, "companies", "accounts"),
        _sync(integration, "contacts", "contacts"),
    )


def _sync(integration: Integration, key: str, target: str) -> ObjectSync:
    row = ObjectSync.objects.create(
        tenant=integration.tenant,
        integration=integration,
        key=key,
        hubspot_object=key,
        target_object=target,
    )
    row.version = SyncVersion.objects.create(object_sync=row, number=1, config={"settings": {}})
    row.save()
    Lane.objects.create(object_sync=row)
    return row


def wait_until_somebody_waits() -> None:
    """Return once another session of this database waits for a lock."""
    for _turn in range(2_000):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted "
                "AND datname = current_database() AND pid <> pg_backend_pid()"
            )
            if cursor.fetchone():
                return
        time.sleep(0.005)
    raise AssertionError("Nobody waits.")


def waiting_for(contact: RecordLink, companies: Sequence[str], *, known: bool) -> Ending:
    """Return the end of a contact that points to companies which are no pairs."""
    unmet = tuple(
        Unmet("companies", Side.HUBSPOT, one, waits=True, known=known) for one in companies
    )
    decision = Decision(Action.WAIT, Reason.WAITING_FOR_PARENT, LinkState.PENDING)
    item = Settlement(
        Link(contact.pk, hubspot_id=contact.hubspot_id),
        decision,
        LinkState.PENDING,
        Reason.WAITING_FOR_PARENT,
        (),
        hubspot_id=contact.hubspot_id,
        unmet=unmet,
    )
    return Ending(item, Row(contact.pk, contact.hubspot_id))


def paired(link: RecordLink) -> Row:
    return Row(link.pk, link.hubspot_id, f"t{link.pk}", state="linked", reason="created")


@pytest.mark.django_db(transaction=True)
def test_a_contact_that_waits_for_companies_being_settled_locks_nobody_out(
    in_thread: Start,
) -> None:
    companies, contacts = make_syncs()
    first, second = (
        factories.record_link(companies, one, state="pending", reason="pending")
        for one in ("c1", "c2")
    )
    contact = factories.record_link(contacts, "p1", state="pending", reason="pending")
    hints.raise_hints(companies.pk, [NewHint(Side.HUBSPOT, "c3")])
    begun, failed = threading.Event(), []

    def settle_companies() -> None:
        try:
            with transaction.atomic():
                ledger_sql.check_fence(companies.pk, 0)
                ledger_sql.update_links([paired(second)], 1, timezone.now())
                begun.set()
                wait_until_somebody_waits()
                ledger_sql.update_links([paired(first)], 1, timezone.now())
                hints.raise_hints(companies.pk, [NewHint(Side.HUBSPOT, "c3")])
        except OperationalError as error:
            failed.append(error)

    thread = in_thread(settle_companies)
    assert begun.wait(20)
    ending = waiting_for(contact, ["c1", "c2"], known=True)
    other = waiting_for(contact, ["c3"], known=False)
    ending.item = replace(ending.item, unmet=(*ending.item.unmet, *other.item.unmet))
    with transaction.atomic():
        ledger_sql.check_fence(contacts.pk, 0)
        dependencies.remember(contacts, [ending])
    thread.join(20)
    assert failed == []
    assert Dependency.objects.filter(link=contact).count() == 3
    assert [row.record_id for row in contacts.hints.all()] == ["p1"], "c1 and c2 are pairs now"


@pytest.mark.django_db
def test_notices_of_one_lot_become_hints_of_parents_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    companies, contacts = make_syncs()
    for number, (kind, record_id) in enumerate((("contacts", "1"), ("companies", "2"))):
        Event.objects.create(
            tenant=contacts.tenant,
            connection=contacts.integration.hubspot,
            dedup_key=str(number),
            object_type=kind,
            kind="changed",
            record_id=record_id,
            occurred_at=timezone.now(),
            received_at=timezone.now(),
            raw={},
        )
    order: list[UUID] = []
    real = hints.raise_hints

    def watched(object_sync_id: UUID, raised: Sequence[NewHint]) -> None:
        order.append(object_sync_id)
        real(object_sync_id, raised)

    monkeypatch.setattr(hints, "raise_hints", watched)
    routing.route()
    assert order == [companies.pk, contacts.pk]


@pytest.mark.django_db(transaction=True)
def test_approving_a_run_and_publishing_do_not_wait_for_each_other(in_thread: Start) -> None:
    companies, _contacts = make_syncs()
    run = runs.open_run(companies, RunKind.MANUAL)
    runs.hold(run, 0, UnsafePlan("it would change much."), {})
    begun, failed = threading.Event(), []

    def publish() -> None:
        try:
            with transaction.atomic():
                ObjectSync.objects.select_for_update(no_key=True).get(pk=companies.pk)
                begun.set()
                wait_until_somebody_waits()
                runs.cancel(run)
        except OperationalError as error:
            failed.append(error)

    thread = in_thread(publish)
    assert begun.wait(20)
    runs.approve(run)
    thread.join(20)
    run.refresh_from_db()
    assert (failed, run.state) == ([], RunState.CANCELLED)
