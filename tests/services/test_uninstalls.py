"""The end of a connection: what stops, what is forgotten, what stays."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.errors import AuthFailed
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.models import (
    Alias,
    AuditEntry,
    Connection,
    ConnectionState,
    Event,
    EventOutcome,
    Hint,
    Integration,
    JobRun,
    RecordLink,
    RunState,
    SyncState,
)
from integrations.services import connections, hints, uninstalls, vault
from tests.services.stage import LOGIN, PORTAL, Stage


def link(integration: Integration, hubspot_id: str = "901") -> RecordLink:
    row = integration.object_syncs.get()
    now = timezone.now()
    made = RecordLink.objects.create(
        tenant=integration.tenant,
        object_sync=row,
        hubspot_id=hubspot_id,
        target_id="88213",
        external_key=f"hubspot_{hubspot_id}",
        state="linked",
        reason=Reason.CREATED,
        created_at=now,
        decided_at=now,
    )
    Alias.objects.create(object_sync=row, side=Side.HUBSPOT, record_id=hubspot_id, link=made)
    return made


def event(integration: Integration, key: str, routed: bool) -> Event:
    now = timezone.now()
    return Event.objects.create(
        tenant=integration.tenant,
        connection=integration.hubspot,
        dedup_key=key,
        object_type="contacts",
        kind="changed",
        record_id="901",
        occurred_at=now,
        received_at=now,
        routed_at=now if routed else None,
    )


def test_uninstalling_removes_the_app_and_forgets_every_secret(stage: Stage) -> None:
    integration = stage.connect()
    hubspot = integration.hubspot
    assert uninstalls.uninstall(hubspot, stage.ada) == ""
    assert (stage.app.app_id, PORTAL) not in stage.hubspot.registry.installs
    for row in Connection.objects.all():
        assert row.state == ConnectionState.UNINSTALLED
        assert (row.secrets, row.tokens, row.tokens_expire_at) == ("", "", None)
    integration.refresh_from_db()
    assert integration.state == SyncState.UNINSTALLED
    assert AuditEntry.objects.filter(action="connection.uninstalled").count() == 2


def test_links_aliases_and_history_stay(stage: Stage) -> None:
    integration = stage.connect()
    made = link(integration)
    before = AuditEntry.objects.count()
    uninstalls.uninstall(integration.hubspot, stage.ada)
    made.refresh_from_db()
    assert (made.state, made.target_id) == ("linked", "88213")
    assert Alias.objects.count() == 1
    assert AuditEntry.objects.count() > before


def test_pending_work_is_dropped_with_its_reason(stage: Stage) -> None:
    integration = stage.connect()
    row = integration.object_syncs.get()
    hints.raise_hints(row.pk, [hints.NewHint(Side.HUBSPOT, "901", fired=True)])
    routed, unrouted = event(integration, "a", True), event(integration, "b", False)
    outcome = EventOutcome.objects.create(
        event=routed, object_sync=row, side=Side.HUBSPOT, record_id="901"
    )
    run = JobRun.objects.create(tenant=stage.acme, object_sync=row, kind="manual")
    uninstalls.uninstall(integration.hubspot, stage.ada)
    assert not Hint.objects.exists()
    outcome.refresh_from_db()
    assert outcome.outcome == Reason.UNINSTALLED
    assert outcome.settled_at is not None
    unrouted.refresh_from_db()
    assert unrouted.outcome == Reason.UNINSTALLED
    assert unrouted.routed_at is not None
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED


def test_a_reinstall_goes_on_with_the_same_links_and_replays_nothing(stage: Stage) -> None:
    integration = stage.connect()
    made = link(integration)
    row = integration.object_syncs.get()
    hints.raise_hints(row.pk, [hints.NewHint(Side.HUBSPOT, "901", fired=True)])
    uninstalls.uninstall(integration.hubspot, stage.ada)
    again = connections.connect_target(stage.ada, stage.install(), "rxnt", LOGIN)
    assert again.pk == integration.pk
    assert again.state == SyncState.ACTIVE
    (revived,) = again.object_syncs.all()
    assert (revived.pk, revived.state, revived.reason) == (row.pk, SyncState.ACTIVE, "")
    assert list(revived.links.all()) == [made]
    assert not Hint.objects.exists()
    assert again.target is not None
    assert vault.secrets_of(again.target) == LOGIN


def test_hubspot_not_answering_does_not_keep_us_from_stopping(stage: Stage) -> None:
    integration = stage.connect()
    stage.hubspot.faults.inject(
        Fault(FaultKind.STATUS, status=500, path="/appinstalls/.*"), times=9
    )
    left = uninstalls.uninstall(integration.hubspot, stage.ada)
    assert "Connected Apps" in left
    integration.hubspot.refresh_from_db()
    assert integration.hubspot.state == ConnectionState.UNINSTALLED
    assert integration.hubspot.tokens == ""


def test_an_app_the_customer_removed_already_can_be_uninstalled_here(stage: Stage) -> None:
    integration = stage.connect()
    stage.hubspot.uninstall(stage.app.app_id, PORTAL)
    connections.pause(integration.hubspot.pk, AuthFailed("revoked"))
    assert uninstalls.uninstall(integration.hubspot, stage.ada)
    assert integration.hubspot.state == ConnectionState.UNINSTALLED


def test_disconnecting_forgets_the_target_and_keeps_hubspot(stage: Stage) -> None:
    integration = stage.connect()
    uninstalls.disconnect(integration, stage.ada)
    assert integration.state == SyncState.UNINSTALLED
    target = Connection.objects.get(system="rxnt")
    assert (target.state, target.secrets, target.tokens) == (ConnectionState.UNINSTALLED, "", "")
    hubspot = Connection.objects.get(system="hubspot")
    assert hubspot.state == ConnectionState.ACTIVE
    assert (stage.app.app_id, PORTAL) in stage.hubspot.registry.installs


def test_patients_and_properties_stay(stage: Stage) -> None:
    integration = stage.connect()
    before = dict(stage.rxnt.counters)
    uninstalls.uninstall(integration.hubspot, stage.ada)
    assert dict(stage.rxnt.counters) == before
    removed = [key for key in stage.hubspot.counters if key[0] == "DELETE"]
    assert [path.rpartition("/")[2] for _method, path in removed] == ["external-install"]


def test_only_the_tenants_managers_uninstall(stage: Stage) -> None:
    integration = stage.connect()
    for user in (stage.vic, stage.bob):
        with pytest.raises(PermissionDenied):
            uninstalls.uninstall(integration.hubspot, user)
        with pytest.raises(PermissionDenied):
            uninstalls.disconnect(integration, user)
    assert Integration.objects.get().state == SyncState.ACTIVE
