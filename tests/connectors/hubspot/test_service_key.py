"""A connection by service key: signed with it, never renewed, and what it may do."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from integrations.connectors.auth import MemoryVault, Renew, TokenSet
from integrations.connectors.hubspot.connector import HubSpotConnector
from integrations.connectors.hubspot.spec import HUBSPOT, SERVICE_KEY
from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.errors import AuthFailed, MissingScope, Unavailable
from integrations.engine.ports import UpdateItem
from tests.connectors.hubspot.rig import APP, OPTIONS, PORTAL, HubSpotRig
from tests.rig import only_error, record_of

WANTED = [scope for scope in APP.required_scopes if scope != "oauth"]


class KeyVault(MemoryVault):
    """A vault with a key, whose tokens nobody may ask for."""

    def tokens(self, renew: Renew, rejected: str = "") -> TokenSet:
        raise AssertionError("a service key has no tokens")


class Meter:
    """A budget that only counts, by lane."""

    def __init__(self) -> None:
        self.lanes: list[str] = []

    def acquire(self, lane: str) -> None:
        self.lanes.append(lane)

    def observe(self, lane: str, status: int, headers: Mapping[str, str]) -> None:
        assert lane == self.lanes[-1]


def keyed(rig: HubSpotRig, scopes: list[str], meter: Meter | None = None) -> HubSpotConnector:
    key = rig.sandbox.add_service_key(PORTAL, scopes)
    return HubSpotConnector(KeyVault({SERVICE_KEY: key}), OPTIONS, meter or Meter(), rig.session)


def test_everything_works_with_a_key_and_without_any_token(rig: HubSpotRig) -> None:
    made = rig.person.create("contacts", {"firstname": "Ada"})
    connector = keyed(rig, WANTED)
    assert connector.check().account_id == str(PORTAL)
    assert connector.fetch("contacts", [made], ["firstname"])[made].get("firstname") == "Ada"
    [outcome] = connector.update("contacts", [UpdateItem("1", made, {"firstname": "Bo"})])
    assert record_of(outcome).get("firstname") == "Bo"
    assert rig.logins() == 0


def test_calls_with_a_key_go_into_its_own_lane_and_searches_into_theirs(rig: HubSpotRig) -> None:
    meter = Meter()
    connector = keyed(rig, WANTED, meter)
    connector.check()
    connector.changes("contacts", "", ["firstname"])
    assert set(meter.lanes) == {"key", "search"}
    assert meter.lanes[0] == "key"
    assert set(meter.lanes) < set(HUBSPOT.rate_limits)


def test_the_key_lane_stays_below_what_small_accounts_allow() -> None:
    limit = HUBSPOT.rate_limits["key"]
    assert limit.burst + limit.per_second * 10 <= 100


@pytest.mark.parametrize("grace", [False, True])
def test_a_rotated_key_is_refused_for_good_once_it_ended(rig: HubSpotRig, grace: bool) -> None:
    connector = keyed(rig, WANTED)
    old = next(iter(rig.sandbox.keys.grants))
    rig.sandbox.rotate_service_key(old, grace=grace)
    if grace:
        assert connector.check().account_id == str(PORTAL)
        return
    with pytest.raises(AuthFailed, match="rotated or deleted") as caught:
        connector.check()
    assert old not in str(caught.value)
    error = only_error(
        lambda: connector.update("contacts", [UpdateItem("1", "1", {"firstname": "Bo"})])
    )
    assert isinstance(error, AuthFailed)
    assert rig.logins() == 0


def test_a_missing_scope_of_a_key_is_named(rig: HubSpotRig) -> None:
    with pytest.raises(MissingScope) as caught:
        keyed(rig, ["crm.objects.deals.read"]).scan("contacts", "", ["email"])
    assert "crm.objects.contacts.read" in caught.value.system_code


# ---------------------------------------------------------------- permissions


@pytest.mark.parametrize("lacking", [[], *([scope] for scope in WANTED), WANTED])
def test_what_a_key_may_do_is_found_out_without_changing_anything(
    rig: HubSpotRig, lacking: list[str]
) -> None:
    rig.person.create("contacts", {"firstname": "Ada"})
    before = rig.sandbox.dump()["accounts"]
    connector = keyed(rig, [scope for scope in WANTED if scope not in lacking])
    found = connector.permitted(WANTED)
    covered = {
        scope
        for scope in lacking
        if scope.startswith("crm.schemas.") and scope.endswith(".read") and lacking != WANTED
    }
    assert set(found) == set(WANTED) - set(lacking) | covered, "reading records covers definitions"
    assert rig.sandbox.dump()["accounts"] == before


def test_a_permission_that_cannot_be_tried_counts_as_there(rig: HubSpotRig) -> None:
    wanted = ["crm.objects.unicorns", "files", "crm.dealsplits.deals.read.write"]
    assert keyed(rig, []).permitted(wanted) == wanted


@pytest.mark.parametrize(("status", "error"), [(401, AuthFailed), (503, Unavailable)])
def test_a_failure_of_another_kind_says_nothing_about_permissions(
    rig: HubSpotRig, status: int, error: type[Exception]
) -> None:
    connector = keyed(rig, WANTED)
    rig.sandbox.faults.inject(Fault(FaultKind.STATUS, status=status), 9)
    with pytest.raises(error):
        connector.permitted(WANTED)
