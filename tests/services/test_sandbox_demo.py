"""What the demo's HubSpot account holds, and that starting again adds nothing."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from integrations.connectors.hubspot.sandbox import HubSpotSandbox
from integrations.connectors.hubspot.spec import scopes_for
from integrations.connectors.rxnt.sandbox import RxntSandbox
from integrations.connectors.rxnt.spec import RXNT
from integrations.connectors.thena.spec import THENA
from integrations.services import connectors, inbox, links, sandbox_demo
from integrations.services.sandbox_demo import INSTALLER, PEOPLE, PORTAL_ID, RXNT_LOGIN, furnish


@pytest.fixture
def hubspot() -> HubSpotSandbox:
    made = HubSpotSandbox()
    furnish(made)
    return made


def contacts(hubspot: HubSpotSandbox) -> int:
    return len(hubspot.accounts[PORTAL_ID].stores["contacts"].live)


def test_an_empty_sandbox_gets_its_account_and_people(hubspot: HubSpotSandbox) -> None:
    assert contacts(hubspot) == len(PEOPLE)
    assert [user.email for user in hubspot.accounts[PORTAL_ID].users] == [INSTALLER]


def test_furnishing_again_adds_nobody(hubspot: HubSpotSandbox) -> None:
    hubspot.account(PORTAL_ID).create_contact({"firstname": "Ida"})
    furnish(hubspot)
    assert contacts(hubspot) == len(PEOPLE) + 1


def test_the_app_follows_the_portals_addresses(hubspot: HubSpotSandbox, settings: Settings) -> None:
    settings.PUBLIC_URL = "http://127.0.0.1:9000"
    furnish(hubspot)
    app = hubspot.registry.apps[settings.HUBSPOT_APP_ID]
    assert app.redirect_uris == [links.oauth_callback()]
    assert app.webhook_url == "http://127.0.0.1:9000/hooks/hubspot/"


def test_an_install_outlives_furnishing(hubspot: HubSpotSandbox, settings: Settings) -> None:
    hubspot.install(settings.HUBSPOT_APP_ID, PORTAL_ID)
    furnish(hubspot)
    assert hubspot.registry.installed(PORTAL_ID)


def test_the_app_asks_for_what_the_integrations_need(
    hubspot: HubSpotSandbox, settings: Settings
) -> None:
    app = hubspot.registry.apps[settings.HUBSPOT_APP_ID]
    assert set(app.required_scopes) == {"oauth", *scopes_for([connectors.spec_of(RXNT.key)])}
    every = {*scopes_for(connectors.target_specs())}
    assert {*app.required_scopes, *app.optional_scopes} == every


def test_the_app_tells_of_every_property_that_triggers(
    hubspot: HubSpotSandbox, settings: Settings
) -> None:
    assert {name for subject, name in told(hubspot, settings) if subject == "contact"} >= {
        *inbox.trigger_properties()
    }


def test_the_app_tells_of_every_property_that_thenas_syncs_start_with(
    hubspot: HubSpotSandbox, settings: Settings
) -> None:
    singular = {"companies": "company", "contacts": "contact"}
    for sync in THENA.syncs:
        for rule in sync.build({}).rules:
            if not rule.reference:
                assert (singular[sync.hubspot_object], rule.hubspot) in told(hubspot, settings)
    app = hubspot.registry.apps[settings.HUBSPOT_APP_ID]
    events = {each.event for each in app.subscriptions}
    assert {"company.creation", "company.merge", "contact.associationChange"} <= events


def told(hubspot: HubSpotSandbox, settings: Settings) -> set[tuple[str, str]]:
    """Return the properties whose changes the app hears of, with their kind of record."""
    app = hubspot.registry.apps[settings.HUBSPOT_APP_ID]
    return {
        (each.event.partition(".")[0], each.property_name)
        for each in app.subscriptions
        if each.event.endswith("propertyChange")
    }


def test_the_practice_knows_the_log_in_that_the_demo_prints() -> None:
    user = RxntSandbox().users[RXNT_LOGIN["UserName"]]
    assert user.password == RXNT_LOGIN["Password"]


def test_nobodys_address_can_exist() -> None:
    for row in sandbox_demo.PEOPLE:
        person = dict(zip(sandbox_demo.NAMES, row, strict=True))
        assert person["email"].endswith(".example")
        assert "555" in person["phone"] or not person["phone"]
