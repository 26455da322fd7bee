"""How connectors are put together: settings, limits, sessions, and what is kept between slices."""

from __future__ import annotations

import threading
import time

import pytest
from pytest_django import Settings

from integrations.engine.errors import AuthFailed, ConfigInvalid
from integrations.engine.ports import Connector, Priority
from integrations.engine.records import Side
from integrations.models import Bucket
from integrations.services import connections, connectors
from tests.services.stage import LOGIN, OTHER_PORTAL, Stage


def definitions_read(stage: Stage) -> int:
    return sum(n for (_m, path), n in stage.hubspot.counters.items() if "/crm/properties/" in path)


def read(connector: Connector) -> None:
    connector.fetch("contacts", ["1"], ["email"])


def test_both_sides_of_a_sync_open(stage: Stage) -> None:
    row = stage.connect().object_syncs.select_related("integration__target").get()
    pair = connectors.open_pair(row, Priority.WEBHOOK)
    assert pair[Side.TARGET].check().account_id == "731"
    assert pair[Side.HUBSPOT].check().account_id == "4711001"


def test_a_sync_without_a_target_cannot_open(stage: Stage) -> None:
    row = stage.connect().object_syncs.select_related("integration").get()
    row.integration.target = None
    with pytest.raises(ConfigInvalid):
        connectors.open_pair(row, Priority.WEBHOOK)


def test_an_unknown_system_is_named() -> None:
    with pytest.raises(ConfigInvalid, match="'sap'"):
        connectors.spec_of("sap")


def test_targets_are_all_systems_but_hubspot() -> None:
    keys = [spec.key for spec in connectors.target_specs()]
    assert "rxnt" in keys
    assert "hubspot" not in keys


def test_field_definitions_are_read_once_for_many_slices(stage: Stage) -> None:
    row = stage.install()
    for _ in range(3):
        read(connectors.open_connector(row))
    assert definitions_read(stage) == 1


def test_definitions_are_read_again_after_a_minute(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = stage.install()
    read(connectors.open_connector(row))
    later = time.monotonic() + connectors.KEEP_SECONDS + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    read(connectors.open_connector(row))
    assert definitions_read(stage) == 2


def test_new_credentials_end_what_was_kept(stage: Stage) -> None:
    integration = stage.connect()
    assert integration.target is not None
    before = connectors.open_connector(integration.target)
    connections.reauthenticate(integration.target, stage.ada, LOGIN)
    integration.target.refresh_from_db()
    assert connectors.open_connector(integration.target) is not before


def test_urgent_and_background_work_have_budgets_of_their_own(stage: Stage) -> None:
    row = stage.install()
    read(connectors.open_connector(row, priority=Priority.PERSON))
    assert set(Bucket.objects.values_list("key", flat=True)) == {"hubspot:4711001:general"}
    read(connectors.open_connector(row, priority=Priority.BACKFILL))
    assert Bucket.objects.filter(key="hubspot:4711001:general:background").exists()


def test_accounts_and_threads_never_share_a_connector(stage: Stage) -> None:
    mine, theirs = stage.install(), stage.install(stage.bolt, stage.bob, OTHER_PORTAL)
    here = connectors.open_connector(mine)
    assert connectors.open_connector(mine) is here
    assert connectors.open_connector(theirs) is not here
    found: list[Connector] = []
    thread = threading.Thread(target=lambda: found.append(connectors.open_connector(mine)))
    thread.start()
    thread.join()
    assert found[0] is not here


def test_sessions_do_not_share_cookies() -> None:
    first, second = connectors.new_session(), connectors.new_session()
    first.cookies.set("session", "of-tenant-a")
    assert not second.cookies


def test_settings_override_the_specs_limits(settings: Settings) -> None:
    settings.HUBSPOT_RATE, settings.HUBSPOT_BURST = 19.0, 10
    settings.HUBSPOT_SEARCH_RATE, settings.HUBSPOT_SEARCH_BURST = 2.0, 1
    limits = connectors.limits_of(connectors.spec_of("hubspot"))
    assert (limits["general"].per_second, limits["general"].burst) == (19.0, 10)
    assert (limits["search"].per_second, limits["search"].burst) == (2.0, 1)
    assert connectors.limits_of(connectors.spec_of("rxnt"))["general"].burst == 50


def test_options_are_the_settings_the_spec_names_and_no_others(settings: Settings) -> None:
    settings.RXNT_TIMEOUT = 12.5
    options = connectors.options_of(connectors.spec_of("rxnt"))
    assert options["RXNT_TIMEOUT"] == "12.5"
    assert all(name.startswith("RXNT_") for name in options)


def test_an_uninstalled_connection_opens_but_gives_no_tokens(stage: Stage) -> None:
    row = stage.install()
    type(row).objects.update(state="uninstalled", tokens="")
    with pytest.raises(AuthFailed):
        connectors.open_connector(row).check()


def test_a_rate_of_zero_takes_the_limit_away(settings: Settings) -> None:
    settings.HUBSPOT_RATE = 0
    assert set(connectors.limits_of(connectors.spec_of("hubspot"))) == {"key", "search"}
