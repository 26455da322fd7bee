"""The check's vendor: its portal over the real sandbox, and how jobs and records are found."""

from __future__ import annotations

import pytest

from integrations.connectors.magentrix.sandbox import DEMO_KEY, USERS, MagentrixSandbox
from integrations.connectors.sandbox_kit import SandboxAdapter
from integrations.management.check.accounts import Crm
from integrations.management.check.client import Browser
from integrations.management.check.office import Failed
from integrations.management.check.vendor import COMPANIES, Portal, Vendor

HOME = "http://portal.test"


@pytest.fixture
def portal() -> Portal:
    made = Portal(HOME)
    made.session.mount(HOME, SandboxAdapter(MagentrixSandbox()))
    return made


def test_people_of_the_portal_make_change_and_restore_records(portal: Portal) -> None:
    account = portal.create("Account", Name="Firm")
    portal.edit("Account", account, Website="firm.example")
    assert portal.read("Account", account)["Website"] == "firm.example"
    portal.call("DELETE", f"/sandbox/Account/{account}")
    assert (portal.all("Account"), portal.bin("Account")) == ({}, [account])
    portal.restore("Account", account)
    assert portal.all("Account").keys() == {account}
    assert portal.writes() == 0, "what people do by hand is no writing call"


def test_users_fields_and_picklists_are_found_by_name(portal: Portal) -> None:
    assert portal.user(USERS[1].email)["Lastname"] == USERS[1].last
    with pytest.raises(LookupError):
        portal.user("nobody@northfield.example")
    assert portal.fields("Account")["Website"]["label"] == "Website"
    assert portal.options("Account", "PartnerTier__c") == ["Registered", "Silver", "Gold"]


def test_only_calls_of_programs_that_change_something_count_as_writes(portal: Portal) -> None:
    asked = {"grant_type": "refresh_token", "refresh_token": DEMO_KEY}
    token = portal.call("POST", "/api/3.0/token", asked)
    session = {"Authorization": f"Bearer {token['token']}"}
    portal.call("GET", "/api/3.0/query?q=SELECT Id FROM Account", **session)
    assert portal.writes() == 0
    portal.call("POST", "/api/3.0/entity/Account", [{"Name": "Firm"}], **session)
    assert portal.writes() == 1


def test_where_no_program_makes_fields_the_switch_says_so(portal: Portal) -> None:
    portal.let_programs_make_fields(False)
    assert portal.call("GET", "/sandbox/settings")["setup_api"] is False


@pytest.mark.django_db
def test_a_step_that_needs_a_connection_says_so(portal: Portal) -> None:
    vendor = Vendor(Browser(HOME), "Nobody's", Crm(HOME, 78), portal, key="k")
    for look in (vendor.run_job, vendor.job, vendor.sync):
        with pytest.raises(Failed, match="nothing is connected"):
            look(COMPANIES)
