"""A HubSpot connection by service key at work: rotated, never renewed, polled, forgotten."""

from __future__ import annotations

import pytest

from integrations.connectors.hubspot.spec import SERVICE_KEY
from integrations.connectors.thena.sandbox import DEMO_KEY
from integrations.connectors.xentral.sandbox import DEMO_TOKEN
from integrations.engine.errors import MissingScope
from integrations.models import AuditEntry, Connection, ConnectionState, Integration
from integrations.services import (
    connections,
    connectors,
    installs,
    jobs,
    lanes,
    schedules,
    service_keys,
    starts,
    uninstalls,
    vault,
)
from integrations.services.service_keys import Imported
from tests.services.key_kit import connect, given, new_key
from tests.services.stage import OTHER_PORTAL, PORTAL
from tests.services.thena_kit import ThenaKit
from tests.services.xentral_stage import ADDRESS, XentralStage

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(db: None, monkeypatch: pytest.MonkeyPatch) -> XentralStage:
    made = XentralStage()
    made.mount(monkeypatch)
    return made


# ---------------------------------------------------------------- rotation


def test_rotating_ends_an_outage_and_goes_on_with_the_new_key(stage: XentralStage) -> None:
    key = new_key(stage)
    row = connect(stage, key)
    connectors.open_connector(row).check()
    new = stage.hubspot.rotate_service_key(key)
    assert connections.recheck_all() == 1
    row.refresh_from_db()
    assert (row.state, "rotated or deleted" in row.reason_detail) == (ConnectionState.PAUSED, True)
    assert service_keys.rotate(row, stage.ada, given(new)) == Imported(7, 8)
    row.refresh_from_db()
    assert (row.state, row.reason) == (ConnectionState.ACTIVE, "")
    assert connectors.open_connector(row).check().account_id == str(PORTAL)
    assert AuditEntry.objects.filter(action="connection.renewed").count() == 1


def test_a_key_of_another_account_changes_nothing(stage: XentralStage) -> None:
    key = new_key(stage)
    row = connect(stage, key)
    with pytest.raises(connections.WrongAccount):
        service_keys.rotate(row, stage.ada, given(new_key(stage, OTHER_PORTAL)))
    assert vault.secrets_of(Connection.objects.get()) == {SERVICE_KEY: key}


def test_rotation_needs_what_the_joined_systems_need(stage: XentralStage) -> None:
    row = connect(stage)
    login = {"address": ADDRESS, "token": DEMO_TOKEN, "time_zone": "Europe/Berlin"}
    connections.connect_target(stage.ada, row, "xentral", login)
    with pytest.raises(MissingScope, match=r"crm\.objects\.contacts\.write"):
        service_keys.rotate(
            row, stage.ada, given(new_key(stage, PORTAL, "crm.objects.contacts.write"))
        )


def test_an_installed_app_takes_no_key_and_a_disconnected_one_none_either(
    stage: XentralStage,
) -> None:
    row = connect(stage)
    uninstalls.uninstall(row, stage.ada)
    with pytest.raises(connections.Refused, match="no service key any more"):
        service_keys.rotate(row, stage.ada, given(new_key(stage)))
    state, code = stage.consent(installs.start(stage.acme, stage.ada, "xentral"))
    again, _system = installs.finish(stage.ada, state, code)
    with pytest.raises(connections.Refused, match="no service key any more"):
        service_keys.rotate(again, stage.ada, given(new_key(stage)))
    assert not service_keys.takes_form(again)


# ---------------------------------------------------------------- what works by itself


def test_no_token_is_ever_asked_for(stage: XentralStage) -> None:
    row = connect(stage)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vault.ConnectionVault, "tokens", None)
        assert connections.recheck_all() == 0
        connectors.open_connector(row).describe("deals")
    row.refresh_from_db()
    assert (row.tokens, row.tokens_expire_at) == ("", None)
    assert all(not family.startswith("/oauth") for _method, family in stage.hubspot.counters)


def test_disconnecting_forgets_the_key_and_says_to_delete_it(stage: XentralStage) -> None:
    row = connect(stage)
    stage.hubspot.counters.clear()
    left = uninstalls.uninstall(row, stage.ada)
    row.refresh_from_db()
    assert "delete it in HubSpot" in left
    assert (row.state, row.secrets) == (ConnectionState.UNINSTALLED, "")
    assert not stage.hubspot.counters


class KeyedKit(ThenaKit):
    """Companies and contacts with Thena, where HubSpot is connected by a key."""

    def connect(self) -> Integration:
        key = self.stage.hubspot.add_service_key(PORTAL, connectors.spec_of("thena").scopes)
        row, _imported = service_keys.connect(self.stage.acme, self.stage.ada, "thena", given(key))
        return connections.connect_target(
            self.stage.ada, row, "thena", {"api_key": DEMO_KEY, "organization_id": ""}
        )


def test_changes_are_found_by_the_scheduled_passes_alone(
    stage: XentralStage, unlimited: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit = KeyedKit(stage, monkeypatch)
    firm = kit.company(1)
    kit.run(kit.companies)
    schedules.follow(kit.companies, kit.contacts)
    changes = jobs.one(kit.integration, "changes:companies").job
    kit.person.edit("companies", firm, {"name": "Firm & Sons"})
    other = kit.company(2)
    starts.start(changes.pk)
    for _turn in range(5):
        lanes.work(kit.companies.pk, seconds=60)
    names = {account["name"] for account in kit.agent.all("accounts")}
    assert names == {"Firm & Sons", kit.person.read("companies", other)["name"]}
    assert not stage.hubspot.take_deliveries()
