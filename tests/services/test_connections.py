"""Targets, outages, new credentials and the end, against both stand-ins."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django_q.models import OrmQ

from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.errors import (
    AuthFailed,
    ConfigInvalid,
    Misconfigured,
    MissingScope,
    Unavailable,
)
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.models import (
    AuditEntry,
    Connection,
    ConnectionState,
    Hint,
    Integration,
    Notice,
    ObjectSync,
    SyncState,
)
from integrations.services import connections, connectors, hints, vault
from tests.services.stage import LOGIN, OTHER_PORTAL, PRACTICE, Stage


def hint(integration: Integration, record_id: str = "1") -> None:
    row = integration.object_syncs.get()
    hints.raise_hints(row.pk, [hints.NewHint(Side.HUBSPOT, record_id, fired=True)])


# ---------------------------------------------------------------- connecting a target


def test_connecting_checks_live_makes_the_fields_and_activates(stage: Stage) -> None:
    integration = stage.connect()
    assert integration.state == SyncState.ACTIVE
    target = integration.target
    assert target is not None
    assert (target.account_id, target.label) == (PRACTICE, f"RXNT practice {PRACTICE}")
    assert target.installer_email == integration.hubspot.installer_email
    assert vault.secrets_of(target) == LOGIN
    assert vault.tokens_of(target) is not None
    (row,) = integration.object_syncs.all()
    assert row.version is not None
    assert row.version.number == 1
    assert row.lane is not None
    hubspot = connectors.open_connector(integration.hubspot)
    assert {"rxnt_sex", "rxnt_date_of_birth"} <= {f.name for f in hubspot.describe("contacts")}


def test_the_credentials_are_stored_unreadable(stage: Stage) -> None:
    target = stage.connect().target
    assert target is not None
    assert LOGIN["Password"] not in target.secrets + target.tokens
    assert LOGIN["UserName"] not in target.secrets


def test_wrong_credentials_store_nothing_and_say_so(stage: Stage) -> None:
    hubspot = stage.install()
    with pytest.raises(AuthFailed, match="user name and password") as caught:
        connections.connect_target(stage.ada, hubspot, "rxnt", LOGIN | {"Password": "nope-77"})
    assert "nope-77" not in str(caught.value)
    assert not Connection.objects.filter(system="rxnt").exists()
    assert not Integration.objects.exists()


def test_a_locked_account_and_an_outage_have_sentences_of_their_own(stage: Stage) -> None:
    hubspot = stage.install()
    stage.rxnt.users[LOGIN["UserName"]].active = False
    with pytest.raises(AuthFailed, match="locked or inactive"):
        connections.connect_target(stage.ada, hubspot, "rxnt", LOGIN)
    stage.rxnt.faults.inject(Fault(FaultKind.STATUS, status=503), times=9)
    with pytest.raises(Unavailable):
        connections.connect_target(stage.ada, hubspot, "rxnt", LOGIN)
    assert not Integration.objects.exists()


def test_fields_that_cannot_be_made_store_nothing(stage: Stage) -> None:
    hubspot = stage.install()
    stage.hubspot.faults.inject(
        Fault(FaultKind.STATUS, status=403, path="/crm/properties/.*"), times=9
    )
    with pytest.raises(MissingScope):
        connections.connect_target(stage.ada, hubspot, "rxnt", LOGIN)
    assert not Integration.objects.exists()


def test_viewers_and_strangers_cannot_connect(stage: Stage) -> None:
    hubspot = stage.install()
    for user in (stage.vic, stage.bob):
        with pytest.raises(PermissionDenied):
            connections.connect_target(user, hubspot, "rxnt", LOGIN)


def test_hubspot_must_work_first(stage: Stage) -> None:
    hubspot = stage.install()
    connections.pause(hubspot.pk, AuthFailed("revoked"))
    hubspot.refresh_from_db()
    with pytest.raises(ConfigInvalid):
        connections.connect_target(stage.ada, hubspot, "rxnt", LOGIN)


def test_one_practice_belongs_to_one_hubspot_account(stage: Stage) -> None:
    stage.connect()
    theirs = stage.install(stage.bolt, stage.bob, OTHER_PORTAL)
    with pytest.raises(connections.AccountTaken):
        connections.connect_target(stage.bob, theirs, "rxnt", LOGIN)
    assert not Integration.objects.of(stage.bolt).exists()


def test_connecting_twice_changes_nothing_but_the_credentials(stage: Stage) -> None:
    first = stage.connect()
    second = connections.connect_target(stage.ada, first.hubspot, "rxnt", LOGIN)
    assert second.pk == first.pk
    assert ObjectSync.objects.count() == 1
    assert Connection.objects.filter(system="rxnt").count() == 1


def test_another_practice_cannot_take_over_the_links(stage: Stage) -> None:
    integration = stage.connect()
    stage.rxnt.add_user("other", "pw-Other-1", company=999)
    with pytest.raises(connections.WrongAccount, match="999"):
        connections.connect_target(
            stage.ada, integration.hubspot, "rxnt", {"UserName": "other", "Password": "pw-Other-1"}
        )


# ---------------------------------------------------------------- outages


def test_an_outage_pauses_once_and_sends_one_mail(stage: Stage) -> None:
    target = stage.connect().target
    assert target is not None
    for _ in range(3):
        connections.pause(target.pk, AuthFailed("RXNT refuses the log-in."))
    target.refresh_from_db()
    assert (target.state, target.reason) == (ConnectionState.PAUSED, Reason.REAUTH_NEEDED)
    assert target.reason_detail == "RXNT refuses the log-in."
    assert target.outage is not None
    assert Notice.objects.filter(kind="reauth_needed").count() == 1
    assert AuditEntry.objects.filter(action="connection.paused").count() == 1


def test_the_next_outage_sends_another_mail(stage: Stage) -> None:
    target = stage.connect().target
    assert target is not None
    connections.pause(target.pk, AuthFailed("refused"))
    connections.resume(target.pk, stage.ada)
    connections.pause(target.pk, AuthFailed("refused"))
    assert Notice.objects.count() == 2


@pytest.mark.parametrize("error", [Misconfigured("our secret"), Unavailable("down")])
def test_our_own_fault_and_passing_failures_pause_nobody(
    stage: Stage, error: Misconfigured | Unavailable
) -> None:
    row = stage.install()
    connections.pause(row.pk, error)
    row.refresh_from_db()
    assert row.state == ConnectionState.ACTIVE
    assert not Notice.objects.exists()


def test_resuming_wakes_the_lane_and_forgets_its_backing_off(stage: Stage) -> None:
    integration = stage.connect()
    assert integration.target is not None
    row = integration.object_syncs.get()
    connections.pause(integration.target.pk, AuthFailed("refused"))
    hint(integration)
    row.not_before, row.failures = timezone.now() + timedelta(hours=1), 4
    row.save()
    OrmQ.objects.all().delete()
    row.lane.wake_queued_at = None
    row.lane.save()
    connections.resume(integration.target.pk)
    assert ObjectSync.objects.values_list("not_before", "failures").get() == (None, 0)
    assert Hint.objects.count() == 1, "what was parked is still there"
    assert [task.func() for task in OrmQ.objects.all()] == ["integrations.tasks.run_lane"]


def test_a_refusal_of_older_credentials_does_not_pause_the_new_ones(stage: Stage) -> None:
    target = stage.connect().target
    assert target is not None
    known_then = target.state_changed_at
    connections.reauthenticate(target, stage.ada, LOGIN)
    connections.pause(target.pk, AuthFailed("refused"), as_of=known_then)
    target.refresh_from_db()
    assert target.state == ConnectionState.ACTIVE
    connections.pause(target.pk, AuthFailed("refused"), as_of=target.state_changed_at)
    target.refresh_from_db()
    assert target.state == ConnectionState.PAUSED


def test_the_daily_check_finds_an_uninstall_nobody_told_us_of(stage: Stage) -> None:
    integration = stage.connect()
    stage.hubspot.uninstall(stage.app.app_id, int(integration.hubspot.account_id))
    assert connections.recheck_all() == 1
    states = dict(Connection.objects.values_list("system", "state"))
    assert states == {"hubspot": ConnectionState.PAUSED, "rxnt": ConnectionState.ACTIVE}
    assert connections.recheck_all() == 0


def test_the_daily_check_warns_of_a_password_that_runs_out(stage: Stage) -> None:
    target = stage.connect().target
    assert target is not None
    assert target.warnings == []
    stage.rxnt.users[LOGIN["UserName"]].days_to_expire = 9
    connections.recheck_all()
    target.refresh_from_db()
    assert "9 days" in target.warnings[0]


def test_the_daily_check_passes_over_an_outage_of_the_system(stage: Stage) -> None:
    stage.connect()
    stage.rxnt.faults.inject(Fault(FaultKind.STATUS, status=503), times=9)
    assert connections.recheck_all() == 0
    assert not Connection.objects.filter(state=ConnectionState.PAUSED).exists()


def test_a_missing_credential_is_named_before_anything_is_asked(stage: Stage) -> None:
    hubspot = stage.install()
    with pytest.raises(ConfigInvalid, match="RXNT interface password is missing"):
        connections.connect_target(stage.ada, hubspot, "rxnt", {"UserName": "acme_iface"})


def test_resuming_a_working_connection_does_nothing(stage: Stage) -> None:
    row = stage.install()
    changed_at = row.state_changed_at
    connections.resume(row.pk)
    row.refresh_from_db()
    assert row.state_changed_at == changed_at


def test_a_password_changed_at_rxnt_pauses_and_new_credentials_resume(stage: Stage) -> None:
    integration = stage.connect()
    target = integration.target
    assert target is not None
    stage.rxnt.users[LOGIN["UserName"]].password = "Changed-1"
    stage.rxnt.expire_tokens()
    with pytest.raises(AuthFailed) as caught:
        connectors.open_connector(target).check()
    connections.pause(target.pk, caught.value)
    connections.reauthenticate(target, stage.ada, LOGIN | {"Password": "Changed-1"})
    target.refresh_from_db()
    assert (target.state, target.reason, target.outage) == (ConnectionState.ACTIVE, "", None)
    assert connectors.open_connector(target).check().account_id == PRACTICE
    assert AuditEntry.objects.filter(action="connection.renewed", actor_id=stage.ada.pk).exists()


def test_credentials_of_another_account_are_refused_and_the_old_ones_kept(stage: Stage) -> None:
    target = stage.connect().target
    assert target is not None
    stage.rxnt.add_user("other", "pw-Other-1", company=999)
    other = {"UserName": "other", "Password": "pw-Other-1"}
    with pytest.raises(connections.WrongAccount, match="practice 999.*practice 731"):
        connections.reauthenticate(target, stage.ada, other)
    target.refresh_from_db()
    assert vault.secrets_of(target) == LOGIN


def test_refused_credentials_leave_the_outage_as_it_is(stage: Stage) -> None:
    target = stage.connect().target
    assert target is not None
    connections.pause(target.pk, AuthFailed("refused"))
    with pytest.raises(AuthFailed):
        connections.reauthenticate(target, stage.ada, LOGIN | {"Password": "wrong"})
    target.refresh_from_db()
    assert target.state == ConnectionState.PAUSED
    assert vault.secrets_of(target) == LOGIN


def test_only_the_tenants_managers_give_new_credentials(stage: Stage) -> None:
    target = stage.connect().target
    assert target is not None
    for user in (stage.vic, stage.bob):
        with pytest.raises(PermissionDenied):
            connections.reauthenticate(target, user, LOGIN)


def test_access_revoked_in_hubspot_is_an_outage_like_any_other(stage: Stage) -> None:
    hubspot = stage.install()
    stage.hubspot.uninstall(stage.app.app_id, int(hubspot.account_id))
    with pytest.raises(AuthFailed) as caught:
        connectors.open_connector(hubspot).check()
    connections.pause(hubspot.pk, caught.value)
    hubspot.refresh_from_db()
    assert hubspot.state == ConnectionState.PAUSED
    assert Notice.objects.get().recipient == "admin@acme-health.example"
