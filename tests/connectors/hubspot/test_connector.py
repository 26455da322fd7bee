"""Access, scopes and field definitions of the HubSpot connector."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from integrations.connectors.auth import MemoryVault, Renew, TokenSet
from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.errors import (
    AuthFailed,
    ConfigInvalid,
    MissingScope,
)
from tests.connectors.hubspot.rig import APP, FIELDS, PORTAL, HubSpotRig

CONTACTS = "contacts"


def test_a_missing_scope_is_named_and_no_token_is_renewed(rig: HubSpotRig) -> None:
    granted = rig.sandbox.install(APP.app_id, PORTAL, ["oauth"])
    rig.vault.stored = rig.tokens(granted.access, granted.refresh)
    with pytest.raises(MissingScope) as caught:
        rig.connector.fetch(CONTACTS, ["1"], FIELDS)
    assert "crm.objects.contacts.read" in caught.value.system_code
    assert rig.logins() == 0


def test_an_access_refused_twice_is_the_customers_matter(rig: HubSpotRig) -> None:
    rig.sandbox.faults.inject(Fault(FaultKind.STATUS, path="/account-info", status=401), 2)
    with pytest.raises(AuthFailed):
        rig.connector.check()
    assert rig.logins() == 1


class HoldingVault(MemoryVault):
    """Remembers the token it was made with, while another worker stored a newer one."""

    def __init__(self, held: TokenSet, stored: TokenSet) -> None:
        super().__init__({}, stored)
        self.held = held

    def tokens(self, renew: Renew, rejected: str = "") -> TokenSet:
        return super().tokens(renew, rejected) if rejected else self.held


def test_a_token_of_another_worker_that_is_refused_too_is_renewed(rig: HubSpotRig) -> None:
    held, stored = (rig.sandbox.install(APP.app_id, PORTAL) for _ in range(2))
    rig.vault = HoldingVault(*(rig.tokens(t.access, t.refresh) for t in (held, stored)))
    rig.expire_tokens()
    assert rig.connect().check().account_id == str(PORTAL)
    assert rig.logins() == 1


def test_definitions_are_read_once_and_can_be_given(rig: HubSpotRig) -> None:
    path = "/crm/properties/2026-09/{object_type}"
    specs = rig.connector.describe(CONTACTS)
    rig.connector.scan(CONTACTS, "", FIELDS)
    rig.connector.fetch(CONTACTS, ["1"], ["email"])
    assert rig.sandbox.counters["GET", path] == 1
    other = rig.connect()
    other.learn(CONTACTS, specs)
    other.scan(CONTACTS, "", FIELDS)
    assert rig.sandbox.counters["GET", path] == 1


@pytest.mark.parametrize(
    "read",
    [
        lambda c: c.describe("unicorns"),
        lambda c: c.scan("contacts", "not a cursor", ["email"]),
        lambda c: c.changes("contacts", "{", ["email"]),
        lambda c: c.changes("contacts", '{"foo": 1}', ["email"]),
    ],
)
def test_a_refused_question_is_never_one_records_fault(
    rig: HubSpotRig, read: Callable[[Any], object]
) -> None:
    with pytest.raises(ConfigInvalid):
        read(rig.connector)


def test_the_instant_of_change_is_utc(rig: HubSpotRig) -> None:
    [made] = rig.fill(1)
    changed = rig.connector.fetch(CONTACTS, [made], FIELDS)[made].modified_at
    assert changed is not None
    assert changed.tzinfo is UTC
    assert abs((datetime.now(UTC) - changed).total_seconds()) < 60
