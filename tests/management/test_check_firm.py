"""The check's firm: both accounts over the real sandboxes, its webhook, and what it waits for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests

from integrations.connectors.hubspot.sandbox import HubSpotSandbox
from integrations.connectors.sandbox_kit import SandboxAdapter
from integrations.connectors.thena.manifest import manifest
from integrations.connectors.thena.sandbox import DEMO_KEY, DEMO_ORG, ThenaSandbox
from integrations.management.check.accounts import Crm, Thena
from integrations.management.check.firm import COMPANIES, CONTACTS, Firm
from integrations.management.check.office import Failed
from integrations.management.check.receiver import Receiver
from integrations.services import endpoints
from tests.management.test_check_tools import firm

__all__ = ["firm"]
PORTAL = 77
HOME = "http://sandbox.test"
SECRET = "whsec_the-firms-own"


@pytest.fixture
def hubspot() -> HubSpotSandbox:
    sandbox = HubSpotSandbox()
    sandbox.add_account(PORTAL, "Firm")
    return sandbox


@pytest.fixture
def crm(hubspot: HubSpotSandbox) -> Crm:
    made = Crm(HOME, PORTAL)
    made.session.mount(HOME, SandboxAdapter(hubspot))
    return made


@pytest.fixture
def stand_in() -> ThenaSandbox:
    return ThenaSandbox()


@pytest.fixture
def thena(stand_in: ThenaSandbox) -> Thena:
    made = Thena(HOME)
    made.session.mount(HOME, SandboxAdapter(stand_in))
    return made


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def test_a_user_of_hubspot_makes_changes_and_deletes_records(crm: Crm) -> None:
    one, two = crm.bulk(COMPANIES, 2, "firm")
    contact = crm.create(CONTACTS, email="ada@firm.example")
    crm.employ(contact, one, two)
    crm.employ(contact, two)
    assert crm.employers(contact) == [two]
    crm.edit(COMPANIES, one, name="First")
    assert crm.read(COMPANIES, one)["name"] == "First"
    crm.delete(COMPANIES, two)
    assert crm.all(COMPANIES).keys() == {one}


def test_a_user_of_hubspot_merges_joins_and_refuses(crm: Crm) -> None:
    one, two = crm.bulk(COMPANIES, 2, "firm")
    deal = crm.create("deals", dealname="Lamps", dealstage="appointmentscheduled")
    crm.join("deals", deal, COMPANIES, one, two, primary=two)
    survivor = crm.merge(COMPANIES, one, two)
    assert crm.all(COMPANIES).keys() == {survivor}
    crm.offer(COMPANIES, "tier", "Tier", ("A", "B"))
    crm.edit(COMPANIES, survivor, tier="B")
    with pytest.raises(requests.HTTPError, match="400"):
        crm.edit(COMPANIES, survivor, tier="C")
    crm.refuse(COMPANIES, "name", "Bad", "No such name.")
    crm.accept_all()
    assert crm.read(COMPANIES, survivor)["tier"] == "B"


def test_an_owner_comes_and_goes(crm: Crm, hubspot: HubSpotSandbox) -> None:
    hubspot.account(PORTAL).add_owner("41", "ada@firm.example")
    crm.archive_owner("41")
    with pytest.raises(requests.HTTPError, match="404"):
        crm.archive_owner("42")


def test_what_people_do_by_hand_is_no_writing_call(crm: Crm, thena: Thena) -> None:
    crm.create(COMPANIES, name="Firm")
    thena.create("accounts", name="Firm", primaryDomain="firm.example")
    assert (crm.writes(), thena.writes(), crm.undelivered()) == (0, 0, 0)


def test_only_calls_that_change_records_count_as_writes(thena: Thena) -> None:
    key = {"x-api-key": DEMO_KEY}
    app = str(
        thena.create_app(DEMO_KEY, manifest("http://a.example/e", "http://a.example/i"))["uid"]
    )
    thena.install_app(DEMO_KEY, app)
    thena.call("GET", "/v1/accounts", **key)
    body = {"name": "Firm", "primaryDomain": "firm.example"}
    made = thena.call("POST", "/v1/accounts", body, **key)["data"]["id"]
    thena.call("POST", "/v1/accounts/contacts/filter/ids", {"ids": ["CC1"]}, **key)
    assert thena.writes() == 1
    thena.call("PUT", f"/v1/accounts/{made}", {"name": "Firm & Co"}, **key)
    assert thena.writes() == 2


def test_custom_fields_stand_beside_the_others(thena: Thena, stand_in: ThenaSandbox) -> None:
    account = thena.create("accounts", name="Firm", primaryDomain="firm.example")
    field = thena.field("Customer tier")["uid"]
    stand_in.person().set_custom("accounts", account, field, "Gold")
    assert thena.read("accounts", account)["custom"] == {field: "Gold"}
    assert thena.all("accounts")[account]["custom"] == {field: "Gold"}
    with pytest.raises(LookupError):
        thena.field("Shoe size")


def test_an_app_comes_and_goes_and_a_key_ends(thena: Thena, stand_in: ThenaSandbox) -> None:
    app = str(
        thena.create_app(DEMO_KEY, manifest("http://a.example/e", "http://a.example/i"))["uid"]
    )
    token = thena.install_app(DEMO_KEY, app)
    assert stand_in.apps[app].tokens == {DEMO_ORG: token}
    assert thena.undelivered() == 2, "the probe, and the token"
    thena.uninstall_app(DEMO_KEY, app)
    assert stand_in.apps[app].tokens == {}
    thena.revoke("fresh")
    with pytest.raises(requests.HTTPError, match="401"):
        thena.install_app(DEMO_KEY, app)


def test_the_webhook_keeps_what_came_and_knows_who_signed_it(receiver: Receiver) -> None:
    body, now = b'{"id": "1", "event": "ping"}', datetime.now(UTC)
    for at in (now, now - timedelta(minutes=6)):
        headers = {"X-Portal-Signature": endpoints.sign(SECRET, body, at)}
        assert requests.post(receiver.address, body, headers=headers, timeout=5).status_code == 204
    fresh, stale = receiver.taken
    assert fresh.event == {"id": "1", "event": "ping"}
    assert fresh.is_signed_with(SECRET)
    assert not fresh.is_signed_with("another")
    assert not stale.is_signed_with(SECRET)


@pytest.mark.parametrize("header", ["", "t=,v1=", "nonsense", "t=12x,v1=00", "v1=00"])
def test_a_signature_that_is_none_is_refused(receiver: Receiver, header: str) -> None:
    requests.post(receiver.address, b"{}", headers={"X-Portal-Signature": header}, timeout=5)
    assert not receiver.taken[0].is_signed_with(SECRET)


@pytest.mark.django_db
def test_a_step_that_needs_a_connection_says_so(firm: Firm) -> None:
    with pytest.raises(Failed, match="nothing is connected"):
        firm.sync(COMPANIES)
