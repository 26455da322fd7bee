"""Configurable syncs are set up before they run: connected, paused, uninstalled and back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from integrations.connectors import REGISTRY
from integrations.connectors.hubspot.spec import SYNC_KEY
from integrations.connectors.rxnt.spec import RXNT
from integrations.engine.config import SideObject
from integrations.engine.errors import ConfigInvalid
from integrations.engine.ports import Ensured
from integrations.engine.specs import SyncSpec
from integrations.models import Draft, Event, Integration, ObjectSync, SyncState, SyncVersion
from integrations.services import (
    activation,
    connections,
    drafts,
    hubspot_fields,
    inbox,
    lookup,
    publishing,
    status,
    syncs,
    uninstalls,
)
from tests.services.notice_kit import notice, receive
from tests.services.stage import LOGIN, PORTAL, Stage

FIXED = RXNT.syncs[0]
KEYED = replace(FIXED.build({}), hubspot=SideObject("contacts", upsert_key="rxnt:{id}"))


def configurable(key: str) -> SyncSpec:
    """Return a pair of objects whose mapping an admin edits."""
    return replace(
        FIXED, key=key, configurable=True, locked=("lastname",), build=lambda _settings: KEYED
    )


@pytest.fixture
def integration(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Integration:
    """Give a connected system with one fixed and two configurable syncs."""
    spec = replace(RXNT, syncs=(FIXED, configurable("second"), configurable("first")))
    monkeypatch.setitem(REGISTRY, "rxnt", replace(REGISTRY["rxnt"], spec=spec))
    return stage.connect()


def rows(integration: Integration) -> dict[str, ObjectSync]:
    """Return the object syncs by key, in the order they were made."""
    found = integration.object_syncs.select_related("version", "integration__target", "tenant")
    return {row.key: row for row in found.order_by("created_at")}


def states(integration: Integration) -> dict[str, str]:
    """Return the object syncs' states by key."""
    return {key: row.state for key, row in rows(integration).items()}


def publish(row: ObjectSync) -> SyncVersion:
    """Store a first version without a preview."""
    row.version = SyncVersion.objects.create(
        object_sync=row,
        number=1,
        config={"settings": {}, "config": drafts.of(row).config, "fields": {}},
    )
    row.state = SyncState.ACTIVE
    row.save()
    return row.version


def test_they_begin_in_setup_in_the_order_of_the_spec(integration: Integration) -> None:
    assert list(states(integration)) == [FIXED.key, "second", "first"]
    assert list(states(integration).values()) == ["active", "setup", "setup"]
    assert rows(integration)["second"].version is None
    with pytest.raises(ConfigInvalid):
        syncs.config_of(rows(integration)["second"])


def test_our_unique_key_is_made_in_hubspot_where_records_are_upserted(
    stage: Stage, integration: Integration
) -> None:
    definitions = stage.people[PORTAL].state.catalogs["contacts"].definitions
    assert SYNC_KEY.name in definitions
    ensured = hubspot_fields.repair(integration, stage.ada)
    assert (SYNC_KEY, Ensured.REUSED) in [(field.spec, field.outcome) for field in ensured]


def test_a_published_configuration_is_used_as_it_was_stored(integration: Integration) -> None:
    row = rows(integration)["first"]
    version = publish(row)
    config = syncs.config_of(row)
    assert config == replace(drafts.config_of(drafts.of(row)), version=1)
    version.config["config"]["grace_seconds"] = 7
    assert syncs.config_of(row).grace_seconds == 7


def test_new_settings_do_not_publish_what_an_admin_configures(
    stage: Stage, integration: Integration
) -> None:
    row = rows(integration)["first"]
    publish(row)
    made = activation.update_settings(integration, {"incomplete_address": "quarantine"}, stage.ada)
    assert [version.object_sync.key for version in made] == [FIXED.key]
    assert rows(integration)["second"].version is None
    assert len(publishing.versions(row)) == 1


def test_pausing_the_integration_leaves_the_setup_alone(
    stage: Stage, integration: Integration
) -> None:
    syncs.pause(integration, stage.ada)
    assert list(states(integration).values()) == ["paused", "setup", "setup"]
    syncs.resume(integration, stage.ada)
    assert list(states(integration).values()) == ["active", "setup", "setup"]


def test_what_was_never_published_cannot_be_paused_or_resumed(
    stage: Stage, integration: Integration
) -> None:
    for switch in (syncs.pause, syncs.resume):
        with pytest.raises(ConfigInvalid):
            switch(rows(integration)["first"], stage.ada)
    assert states(integration)["first"] == "setup"


def test_connecting_again_keeps_versions_and_drafts(stage: Stage, integration: Integration) -> None:
    publish(rows(integration)["first"])
    drafts.of(rows(integration)["second"])
    uninstalls.disconnect(integration, stage.ada)
    assert set(states(integration).values()) == {"uninstalled"}
    again = connections.connect_target(stage.ada, integration.hubspot, "rxnt", LOGIN)
    assert states(again) == {FIXED.key: "active", "second": "setup", "first": "active"}
    version = rows(again)["first"].version
    assert version is not None
    assert version.number == 1
    assert Draft.objects.filter(object_sync__key="second").count() == 1


def test_notices_find_no_sync_while_it_is_set_up(integration: Integration) -> None:
    ObjectSync.objects.filter(key=FIXED.key).update(state=SyncState.SETUP, version=None)
    receive(notice())
    inbox.route()
    assert Event.objects.get().outcome == "event_no_sync"


def test_pages_live_with_a_sync_that_is_set_up(stage: Stage, integration: Integration) -> None:
    assert not any(found.known for found in lookup.find(integration, "901"))
    assert len(status.of(integration).objects) == 3
