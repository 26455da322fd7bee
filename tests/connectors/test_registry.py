"""Every registered system can be built from its registration alone."""

from __future__ import annotations

import subprocess
import sys

import pytest
import requests

from integrations.connectors import REGISTRY
from integrations.connectors.auth import MemoryVault
from integrations.connectors.budget import Unlimited
from integrations.connectors.hubspot.spec import HUBSPOT
from integrations.connectors.sandbox_kit import Sandbox
from integrations.engine.ports import Connector

MEMBERS = [name for name in vars(Connector) if not name.startswith("_")]


@pytest.mark.parametrize("key", list(REGISTRY))
def test_a_system_is_registered_under_its_own_key_with_all_its_parts(key: str) -> None:
    entry = REGISTRY[key]
    assert entry.spec.key == key
    assert isinstance(entry.new_sandbox(), Sandbox)
    connector = entry.connector(MemoryVault({}), {}, Unlimited(), requests.Session())
    assert [name for name in MEMBERS if not hasattr(connector, name)] == []


@pytest.mark.parametrize("key", list(REGISTRY))
def test_the_object_pairs_of_a_system_name_objects_that_exist(key: str) -> None:
    spec = REGISTRY[key].spec
    for sync in spec.syncs:
        assert HUBSPOT.object(sync.hubspot_object)
        assert spec.object(sync.target_object)


@pytest.mark.parametrize("key", list(REGISTRY))
def test_the_jobs_of_a_system_can_be_started_as_they_are(key: str) -> None:
    spec = REGISTRY[key].spec
    kinds = {"incremental", "settled", "reconcile", "refresh"}
    pairs = {sync.key for sync in spec.syncs}
    assert len({job.key for job in spec.jobs}) == len(spec.jobs)
    for job in spec.jobs:
        assert job.kind in kinds
        assert job.syncs
        assert pairs.issuperset(job.syncs)
        assert job.sides
        assert job.minutes == 0 or job.minutes >= job.least
        assert not job.offered or job.minutes in job.offered
        assert all(period == 0 or period >= job.least for period in job.offered)


def test_production_never_loads_a_sandbox() -> None:
    code = (
        "import sys, integrations.connectors;"
        "sys.exit(any('sandbox' in name for name in sys.modules if 'integrations' in name))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603


def test_a_hubspot_record_has_an_address() -> None:
    link = HUBSPOT.object("deals").link_template
    assert link.format(ui="app-eu1.hubspot.com", account="4711001", id="90210") == (
        "https://app-eu1.hubspot.com/contacts/4711001/record/0-3/90210"
    )


def test_hubspots_limits_stay_below_what_hubspot_allows() -> None:
    general, search = HUBSPOT.rate_limits["general"], HUBSPOT.rate_limits["search"]
    assert general.burst + general.per_second * 10 <= 110
    assert search.burst + search.per_second <= 5
