"""The OAuth install against the HubSpot stand-in: states, accounts, reinstalls."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.errors import AuthFailed, MissingScope, SyncError
from integrations.models import AuditEntry, Connection, ConnectionState, OAuthState
from integrations.services import connections, installs, uninstalls, vault
from tests.services.stage import OTHER_PORTAL, PORTAL, Stage


def test_an_install_stores_the_account_its_installer_and_sealed_tokens(stage: Stage) -> None:
    row = stage.install()
    assert (row.tenant, row.system, row.account_id) == (stage.acme, "hubspot", str(PORTAL))
    assert row.state == ConnectionState.ACTIVE
    assert row.installer_email == "admin@acme-health.example"
    assert row.ui_host
    assert row.time_zone
    assert "crm.objects.contacts.read" in row.scopes
    held = vault.tokens_of(Connection.objects.get(pk=row.pk))
    assert held is not None
    assert held.access in stage.hubspot.registry.access
    assert held.refresh not in row.tokens
    entry = AuditEntry.objects.get(action="connection.installed")
    assert (entry.tenant, entry.actor_id) == (stage.acme, stage.ada.pk)


def test_the_consent_page_is_asked_for_what_the_target_needs(stage: Stage) -> None:
    url = installs.start(stage.acme, stage.ada, "rxnt")
    asked = parse_qs(urlsplit(url).query)
    assert set(asked["scope"][0].split()) == {
        "oauth",
        "crm.objects.contacts.read",
        "crm.objects.contacts.write",
        "crm.schemas.contacts.read",
        "crm.schemas.contacts.write",
    }
    assert asked["redirect_uri"][0].startswith("https://portal.test/")


def test_the_state_is_stored_as_a_digest_only(stage: Stage) -> None:
    url = installs.start(stage.acme, stage.ada, "rxnt")
    (state,) = parse_qs(urlsplit(url).query)["state"]
    (row,) = OAuthState.objects.all()
    assert state != row.digest
    assert state not in str(row.__dict__)
    assert (row.tenant, row.user, row.target_system) == (stage.acme, stage.ada, "rxnt")


def test_finishing_tells_which_system_it_was_started_for(stage: Stage) -> None:
    state, code = stage.consent(installs.start(stage.acme, stage.ada, "rxnt"))
    row, system = installs.finish(stage.ada, state, code)
    assert (row.account_id, system) == (str(PORTAL), "rxnt")


def test_a_state_works_once(stage: Stage) -> None:
    url = installs.start(stage.acme, stage.ada, "rxnt")
    installs.finish(stage.ada, *stage.consent(url))
    with pytest.raises(installs.InstallRefused):
        installs.finish(stage.ada, *stage.consent(url))


def test_a_state_is_worthless_to_another_person(stage: Stage) -> None:
    state, code = stage.consent(installs.start(stage.acme, stage.ada, "rxnt"))
    with pytest.raises(installs.InstallRefused):
        installs.finish(stage.bob, state, code)
    assert not Connection.objects.exists()
    assert installs.finish(stage.ada, state, code), "the right person is not locked out by it"


def test_a_state_is_worthless_after_ten_minutes(stage: Stage) -> None:
    state, code = stage.consent(installs.start(stage.acme, stage.ada, "rxnt"))
    OAuthState.objects.update(created_at=timezone.now() - timedelta(minutes=10, seconds=1))
    with pytest.raises(installs.InstallRefused):
        installs.finish(stage.ada, state, code)


def test_an_invented_state_is_refused(stage: Stage) -> None:
    with pytest.raises(installs.InstallRefused):
        installs.finish(stage.ada, "invented", "code")


def test_viewers_and_strangers_cannot_install(stage: Stage) -> None:
    for user in (stage.vic, stage.bob):
        with pytest.raises(PermissionDenied):
            installs.start(stage.acme, user, "rxnt")
    assert not OAuthState.objects.exists()


def test_a_role_lost_meanwhile_stops_the_install(stage: Stage) -> None:
    state, code = stage.consent(installs.start(stage.acme, stage.ada, "rxnt"))
    stage.acme.memberships.filter(user=stage.ada).update(role="viewer")
    with pytest.raises(PermissionDenied):
        installs.finish(stage.ada, state, code)


def test_a_refused_code_stores_nothing(stage: Stage) -> None:
    state, _code = stage.consent(installs.start(stage.acme, stage.ada, "rxnt"))
    with pytest.raises(AuthFailed):
        installs.finish(stage.ada, state, "wrong")
    assert not Connection.objects.exists()


def test_a_scope_that_was_not_granted_stores_nothing_and_is_named(stage: Stage) -> None:
    stage.app.required_scopes = ["oauth"]
    stage.app.optional_scopes = ["crm.objects.contacts.read", *stage.app.required_scopes]
    url = installs.start(stage.acme, stage.ada, "rxnt")
    granted = url.replace("crm.schemas.contacts.write", "oauth")
    stage.app.optional_scopes = [
        "crm.objects.contacts.read",
        "crm.objects.contacts.write",
        "crm.schemas.contacts.read",
    ]
    with pytest.raises(MissingScope, match=r"crm\.schemas\.contacts\.write"):
        installs.finish(stage.ada, *stage.consent(granted))
    assert not Connection.objects.exists()


def test_an_account_of_another_tenant_is_refused_without_naming_it(stage: Stage) -> None:
    stage.install()
    with pytest.raises(connections.AccountTaken) as caught:
        stage.install(stage.bolt, stage.bob)
    assert "Acme" not in str(caught.value)
    (row,) = Connection.objects.all()
    assert row.tenant == stage.acme


def test_two_tenants_install_their_own_accounts(stage: Stage) -> None:
    mine, theirs = stage.install(), stage.install(stage.bolt, stage.bob, OTHER_PORTAL)
    assert list(Connection.objects.of(stage.acme)) == [mine]
    assert list(Connection.objects.of(stage.bolt)) == [theirs]


def test_a_reinstall_revives_the_same_row(stage: Stage) -> None:
    first = stage.install()
    uninstalls.uninstall(first, stage.ada)
    second = stage.install()
    assert second.pk == first.pk
    assert second.state == ConnectionState.ACTIVE
    assert vault.tokens_of(second) is not None
    assert AuditEntry.objects.filter(action="connection.renewed").exists()


def test_an_account_that_left_one_tenant_may_join_another(stage: Stage) -> None:
    first = stage.install()
    uninstalls.uninstall(first, stage.ada)
    second = stage.install(stage.bolt, stage.bob)
    assert second.pk != first.pk
    assert second.tenant == stage.bolt
    first.refresh_from_db()
    assert first.state == ConnectionState.UNINSTALLED


def test_installing_again_ends_an_outage(stage: Stage) -> None:
    row = stage.install()
    connections.pause(row.pk, AuthFailed("revoked"))
    again = stage.install()
    assert again.pk == row.pk
    assert (again.state, again.reason, again.outage) == (ConnectionState.ACTIVE, "", None)


def test_another_account_cannot_answer_for_the_one_to_authenticate_again(stage: Stage) -> None:
    row = stage.install()
    connections.pause(row.pk, AuthFailed("revoked"))
    url = installs.start(stage.acme, stage.ada, "rxnt", connection=row)
    with pytest.raises(connections.WrongAccount, match=f"choose {PORTAL}"):
        installs.finish(stage.ada, *stage.consent(url, OTHER_PORTAL))
    assert Connection.objects.get().state == ConnectionState.PAUSED
    url = installs.start(stage.acme, stage.ada, "rxnt", connection=row)
    installs.finish(stage.ada, *stage.consent(url))
    assert Connection.objects.get().state == ConnectionState.ACTIVE


def test_an_account_that_cannot_be_described_is_still_connected(stage: Stage) -> None:
    state, code = stage.consent(installs.start(stage.acme, stage.ada, "rxnt"))
    stage.hubspot.faults.inject(
        Fault(FaultKind.STATUS, status=500, path="/account-info/.*"), times=9
    )
    row, _system = installs.finish(stage.ada, state, code)
    assert row.account_id == str(PORTAL)


def test_no_error_of_an_install_shows_the_code_or_a_secret(stage: Stage) -> None:
    state, code = stage.consent(installs.start(stage.acme, stage.ada, "rxnt"))
    stage.app.client_secret = "changed"
    with pytest.raises(SyncError) as caught:
        installs.finish(stage.ada, state, code)
    assert code not in str(caught.value)
    assert "client-secret" not in str(caught.value)
