"""HubSpot connected by a pasted service key: checked, and stored once."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from integrations.connectors.hubspot.spec import HUBSPOT, SERVICE_KEY
from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.connectors.thena.sandbox import DEMO_KEY
from integrations.connectors.xentral.sandbox import DEMO_TOKEN
from integrations.connectors.xentral.spec import XENTRAL
from integrations.engine.errors import AuthFailed, ConfigInvalid, MissingScope, SyncError
from integrations.models import AuditEntry, Connection, ConnectionState, FieldSchema
from integrations.services import (
    connections,
    connectors,
    installs,
    jobs,
    key_scopes,
    service_keys,
    uninstalls,
    vault,
)
from integrations.services.service_keys import Imported
from tests.services.key_kit import connect, given, new_key
from tests.services.stage import LOGIN, OTHER_PORTAL, PORTAL
from tests.services.xentral_stage import ADDRESS, XentralStage

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(db: None, monkeypatch: pytest.MonkeyPatch) -> XentralStage:
    made = XentralStage()
    made.mount(monkeypatch)
    return made


# ---------------------------------------------------------------- connecting


def test_a_key_that_works_is_stored_sealed_with_what_it_may_do(stage: XentralStage) -> None:
    key = new_key(stage)
    row, imported = service_keys.connect(stage.acme, stage.ada, "xentral", given(f" {key}\n"))
    row.refresh_from_db()
    assert (row.tenant, row.system, row.account_id) == (stage.acme, "hubspot", str(PORTAL))
    assert (row.state, row.by_key, row.tokens) == (ConnectionState.ACTIVE, True, "")
    assert row.installer_email == "ada@portal.test"
    assert row.ui_host
    assert set(row.scopes) == set(XENTRAL.scopes)
    assert vault.secrets_of(row) == {SERVICE_KEY: key}
    assert key not in str(row.__dict__)
    entry = AuditEntry.objects.get(action="connection.installed")
    assert key not in entry.detail
    assert imported == Imported(stages=7, statuses=8)


def test_stages_and_lead_statuses_are_there_at_once(stage: XentralStage) -> None:
    row = connect(stage)
    assert {schema.object_type for schema in FieldSchema.objects.filter(connection=row)} == {
        "contacts",
        "deals",
    }


def test_what_cannot_be_imported_now_stops_nothing(stage: XentralStage) -> None:
    key = new_key(stage)
    stage.hubspot.faults.inject(Fault(FaultKind.STATUS, path="/pipelines/", status=500), 9)
    row, imported = service_keys.connect(stage.acme, stage.ada, "xentral", given(key))
    assert row.state == ConnectionState.ACTIVE
    assert imported == Imported(stages=None, statuses=8)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("2f3a1c90-8d3e-4b6f-9d3c-0a1b2c3d4e5f", "HubSpot API keys ended in November 2022."),
        ("eu1-2f3a1c90-8d3e-4b6f-9d3c-0a1b2c3d4e5f", "HubSpot API keys ended in November 2022."),
        ("CJabcdefghijklmnopqrstuvwxyz", "begin with “pat-”"),
        ("pat-eu1-short", "begin with “pat-”"),
        ("pat-eu1-2f3a1c90 8d3e 4b6f 9d3c 0a1b2c3d4e5f", "begin with “pat-”"),
        ("", "begin with “pat-”"),
    ],
)
def test_what_is_no_service_key_is_refused_without_a_call_and_says_what_to_do(
    stage: XentralStage, key: str, said: str
) -> None:
    with pytest.raises(connections.Refused, match=said) as caught:
        connect(stage, key or " ")
    assert "Development > Keys > Service keys" in str(caught.value)
    assert not stage.hubspot.counters
    assert not Connection.objects.exists()


def test_a_key_that_hubspot_does_not_know_is_refused(stage: XentralStage) -> None:
    key = new_key(stage)
    stage.hubspot.keys.delete(key)
    with pytest.raises(AuthFailed, match="Copy it again") as caught:
        connect(stage, key)
    assert key not in str(caught.value)
    assert not Connection.objects.exists()


@pytest.mark.parametrize("scope", ["crm.objects.deals.write", "crm.objects.owners.read"])
def test_a_permission_that_the_key_lacks_is_named(stage: XentralStage, scope: str) -> None:
    with pytest.raises(MissingScope, match=scope) as caught:
        connect(stage, new_key(stage, PORTAL, scope))
    assert caught.value.system_code == scope
    assert not Connection.objects.exists()


def test_hubspot_not_answering_stores_nothing(stage: XentralStage) -> None:
    key = new_key(stage)
    stage.hubspot.faults.inject(Fault(FaultKind.STATUS, status=503), 9)
    with pytest.raises(SyncError) as caught:
        connect(stage, key)
    assert caught.value.retryable
    assert not Connection.objects.exists()


def test_viewers_and_strangers_cannot_connect_or_rotate(stage: XentralStage) -> None:
    key = new_key(stage)
    for user in (stage.vic, stage.bob):
        with pytest.raises(PermissionDenied):
            service_keys.connect(stage.acme, user, "xentral", given(key))
    row = connect(stage, key)
    for user in (stage.vic, stage.bob):
        with pytest.raises(PermissionDenied):
            service_keys.rotate(row, user, given(new_key(stage)))


# ---------------------------------------------------------------- one account, one connection


def test_another_tenants_account_is_refused_without_naming_it(stage: XentralStage) -> None:
    connect(stage)
    with pytest.raises(connections.AccountTaken, match="another organisation") as caught:
        service_keys.connect(stage.bolt, stage.bob, "xentral", given(new_key(stage)))
    assert "Acme" not in str(caught.value)
    assert Connection.objects.get().tenant == stage.acme


def test_an_account_with_the_app_is_not_connected_by_key_too(stage: XentralStage) -> None:
    state, code = stage.consent(installs.start(stage.acme, stage.ada, "xentral"))
    installed, _system = installs.finish(stage.ada, state, code)
    with pytest.raises(connections.AccountTaken, match="through the app already"):
        connect(stage)
    installed.refresh_from_db()
    assert not installed.by_key
    assert vault.tokens_of(installed) is not None


def test_an_account_whose_app_was_uninstalled_may_be_connected_by_key(stage: XentralStage) -> None:
    state, code = stage.consent(installs.start(stage.acme, stage.ada, "xentral"))
    installed, _system = installs.finish(stage.ada, state, code)
    uninstalls.uninstall(installed, stage.ada)
    row = connect(stage)
    assert (row.pk, row.by_key) == (installed.pk, True)


def test_consent_takes_the_place_of_a_key_and_keeps_the_row(stage: XentralStage) -> None:
    row = connect(stage)
    state, code = stage.consent(installs.start(stage.acme, stage.ada, "xentral"))
    again, _system = installs.finish(stage.ada, state, code)
    again.refresh_from_db()
    assert (again.pk, again.by_key, again.secrets) == (row.pk, False, "")
    assert vault.tokens_of(again) is not None


def test_two_tenants_connect_their_own_accounts(stage: XentralStage) -> None:
    mine = connect(stage)
    key = new_key(stage, OTHER_PORTAL)
    theirs, _imported = service_keys.connect(stage.bolt, stage.bob, "xentral", given(key))
    assert list(Connection.objects.of(stage.acme)) == [mine]
    assert list(Connection.objects.of(stage.bolt)) == [theirs]


def test_pasting_ones_own_key_again_renews_it(stage: XentralStage) -> None:
    first, new = connect(stage), new_key(stage)
    assert connect(stage, new).pk == first.pk
    assert vault.secrets_of(Connection.objects.get()) == {SERVICE_KEY: new}


# ---------------------------------------------------------------- systems that need notices


def test_a_system_that_lives_from_notices_is_not_joined_with_a_key(stage: XentralStage) -> None:
    with pytest.raises(connections.Refused, match="RXNT needs HubSpot's notices"):
        service_keys.connect(stage.acme, stage.ada, "rxnt", given(new_key(stage)))
    row = connect(stage)
    with pytest.raises(ConfigInvalid, match="consent page"):
        connections.connect_target(stage.ada, row, "rxnt", LOGIN)


def test_a_second_system_needs_more_of_the_key_and_says_so(stage: XentralStage) -> None:
    key = new_key(stage)
    row = connect(stage, key)
    thena = {"api_key": DEMO_KEY, "organization_id": ""}
    with pytest.raises(MissingScope, match=r"crm\.objects\.companies\.read"):
        connections.connect_target(stage.ada, row, "thena", thena)
    scopes = {*XENTRAL.scopes, *connectors.spec_of("thena").scopes}
    stage.hubspot.keys.change_scopes(key, tuple(scopes))
    key_scopes.make_sure(row, connectors.spec_of("thena"))
    row.refresh_from_db()
    assert set(row.scopes) == scopes


def test_only_rxnt_needs_notices() -> None:
    found = [s.key for s in connectors.target_specs() if connectors.needs_notices(s)]
    assert found == ["rxnt"]


def test_xentral_is_joined_with_a_key_and_prepared(stage: XentralStage) -> None:
    row = connect(stage)
    login = {"address": ADDRESS, "token": DEMO_TOKEN, "time_zone": "Europe/Berlin"}
    integration = connections.connect_target(stage.ada, row, "xentral", login)
    assert integration.hubspot == row
    assert {view.job.key for view in jobs.of(integration)} >= {"queue", "contacts", "deals"}


def test_hubspots_form_is_the_key_alone() -> None:
    assert [field.key for field in HUBSPOT.credentials] == [SERVICE_KEY]
    assert HUBSPOT.credentials[0].secret
