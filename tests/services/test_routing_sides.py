"""Notices of both systems become hints of their own side, one outcome per object sync."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from integrations.engine import ports
from integrations.engine.config import SyncConfig
from integrations.engine.errors import ConfigInvalid
from integrations.engine.mapping import FieldRule
from integrations.engine.ports import EventKind
from integrations.engine.reasons import Reason
from integrations.engine.records import FieldType
from integrations.models import Connection, Event, EventOutcome, Hint, ObjectSync, SyncState
from integrations.services import inbox, syncs
from tests import factories
from tests.services.notice_kit import notice, outcome, receive

pytestmark = pytest.mark.django_db
ASSOCIATION = notice(
    subscriptionType="contact.associationChange",
    associationType="CONTACT_TO_COMPANY",
    fromObjectId=901,
    toObjectId=5001,
    objectId=None,
    propertyName=None,
)
MOMENT = datetime(2026, 11, 20, 9, tzinfo=UTC)


def told(kind: EventKind, record_id: str = "P1", key: str = "e1") -> ports.Event:
    return ports.Event("", "patients", kind, record_id, key, MOMENT)


def target_of(object_sync: ObjectSync) -> Connection:
    target = object_sync.integration.target
    assert target is not None
    return target


def store(object_sync: ObjectSync, *events: ports.Event) -> None:
    inbox.store([(target_of(object_sync), event) for event in events], timezone.now())


def sides() -> list[tuple[str, str]]:
    return sorted(Hint.objects.values_list("side", "record_id"))


@pytest.fixture
def two_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every published configuration be one without a trigger that maps a reference."""
    real = syncs.config_of

    def config_of(object_sync: ObjectSync) -> SyncConfig:
        rule = FieldRule("@companies", "accountIds", FieldType.REFERENCE, reference="companies")
        return replace(real(object_sync), trigger=None, rules=(rule,))

    monkeypatch.setattr(syncs, "config_of", config_of)


@pytest.mark.parametrize("kind", [EventKind.CREATED, EventKind.CHANGED, EventKind.DELETED])
def test_a_notice_of_the_target_is_a_hint_on_its_side(
    kind: EventKind, object_sync: ObjectSync
) -> None:
    store(object_sync, told(kind))
    assert inbox.route() == {object_sync.pk}
    assert sides() == [("target", "P1")]
    row = EventOutcome.objects.get()
    assert (row.side, row.record_id, row.outcome) == ("target", "P1", "")


def test_a_target_notice_never_fires_a_trigger(object_sync: ObjectSync) -> None:
    store(object_sync, told(EventKind.CREATED))
    inbox.route()
    assert not Hint.objects.filter(fired=True).exists()
    assert not Hint.objects.filter(asked=True).exists()


def test_the_same_id_on_both_sides_is_two_hints_with_an_outcome_each(
    object_sync: ObjectSync,
) -> None:
    receive(notice(objectId=901))
    store(object_sync, told(EventKind.CHANGED, "901"))
    inbox.route()
    assert sides() == [("hubspot", "901"), ("target", "901")]
    newest = Event.objects.order_by("-id")[0].pk
    inbox.settle(object_sync.pk, [("target", "901", newest, Reason.IN_STEP)])
    assert dict(EventOutcome.objects.values_list("side", "outcome")) == {
        "hubspot": "",
        "target": Reason.IN_STEP,
    }


def test_a_repeated_target_notice_is_stored_once(object_sync: ObjectSync) -> None:
    store(object_sync, told(EventKind.CHANGED), told(EventKind.CHANGED))
    assert Event.objects.count() == 1


def test_a_target_object_nobody_syncs_is_named(object_sync: ObjectSync) -> None:
    store(object_sync, replace(told(EventKind.CHANGED), object_type="visits"))
    inbox.route()
    assert Event.objects.get().outcome == Reason.EVENT_NO_SYNC
    assert not EventOutcome.objects.exists()


def test_a_target_notice_reaches_no_other_tenant(object_sync: ObjectSync) -> None:
    stranger = factories.object_sync(account_id="4711002")
    store(object_sync, told(EventKind.CHANGED))
    inbox.route()
    assert not stranger.hints.exists()


@pytest.mark.parametrize("change", [{"state": SyncState.SETUP}, {"version": None}])
def test_a_sync_that_is_being_set_up_takes_no_notices(
    change: dict[str, object], object_sync: ObjectSync
) -> None:
    ObjectSync.objects.filter(pk=object_sync.pk).update(**change)
    receive(notice())
    store(object_sync, told(EventKind.CHANGED))
    assert inbox.route() == set()
    assert set(Event.objects.values_list("outcome", flat=True)) == {Reason.EVENT_NO_SYNC}


@pytest.mark.parametrize("state", [SyncState.PAUSED, SyncState.HELD])
def test_a_stopped_sync_keeps_its_notices_as_hints(
    state: SyncState, object_sync: ObjectSync
) -> None:
    ObjectSync.objects.filter(pk=object_sync.pk).update(state=state)
    store(object_sync, told(EventKind.CHANGED))
    inbox.route()
    assert sides() == [("target", "P1")]


def test_an_association_asks_to_look_where_associations_are_mapped(
    object_sync: ObjectSync, two_way: None
) -> None:
    receive(ASSOCIATION)
    inbox.route()
    assert sides() == [("hubspot", "901")]
    assert outcome() == ""


def test_an_association_is_irrelevant_where_none_is_mapped(object_sync: ObjectSync) -> None:
    receive(ASSOCIATION)
    inbox.route()
    assert sides() == []
    assert outcome() == Reason.EVENT_IRRELEVANT


def test_without_a_trigger_nobody_waits_for_a_created_record(
    object_sync: ObjectSync, two_way: None
) -> None:
    receive(notice(subscriptionType="contact.creation"))
    inbox.route()
    assert not Hint.objects.get().asked


def test_a_configuration_that_cannot_be_read_does_not_stop_the_others(
    object_sync: ObjectSync, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = factories.object_sync(account_id="4711002")
    real = syncs.config_of

    def config_of(row: ObjectSync) -> SyncConfig:
        if row.pk == broken.pk:
            raise ConfigInvalid("unknown setting")
        return real(row)

    monkeypatch.setattr(syncs, "config_of", config_of)
    receive(notice(), notice(portalId=4711002))
    assert inbox.route() == {object_sync.pk, broken.pk}
