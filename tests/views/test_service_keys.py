"""Pasting a HubSpot service key: in the wizard and on the connection's page."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from integrations.connectors.hubspot.spec import SERVICE_KEY
from integrations.connectors.xentral.sandbox import DEMO_TOKEN
from integrations.connectors.xentral.spec import XENTRAL
from integrations.engine.errors import AuthFailed
from integrations.models import Connection, ConnectionState, Integration
from integrations.services import connections, service_keys
from tests.services.stage import OTHER_PORTAL, PORTAL
from tests.services.xentral_stage import ADDRESS, XentralStage
from tests.views.conftest import Enter

KEY_PAGE = "/t/acme/connect/xentral/key/"
UPDATED = "The service key for HubSpot has been updated."


@pytest.fixture
def stage(db: None, monkeypatch: pytest.MonkeyPatch) -> XentralStage:
    made = XentralStage()
    made.mount(monkeypatch)
    return made


@pytest.fixture
def ada(stage: XentralStage, enter: Enter) -> Client:
    return enter(stage.ada)


def new_key(stage: XentralStage, portal: int = PORTAL) -> str:
    return stage.hubspot.add_service_key(portal, XENTRAL.scopes)


@pytest.fixture
def joined(stage: XentralStage) -> Integration:
    """Acme's HubSpot, connected by a key, joined with Xentral."""
    row, _imported = service_keys.connect(
        stage.acme, stage.ada, "xentral", {SERVICE_KEY: new_key(stage)}
    )
    login = {"address": ADDRESS, "token": DEMO_TOKEN, "time_zone": "Europe/Berlin"}
    return connections.connect_target(stage.ada, row, "xentral", login)


def text(page: str) -> str:
    return re.sub(r"\s+", " ", page).replace("&#x27;", "'")


def test_the_first_step_offers_a_key_where_polling_is_enough(
    stage: XentralStage, ada: Client
) -> None:
    assert KEY_PAGE in ada.get("/t/acme/connect/xentral/").content.decode()
    assert "connect/rxnt/key/" not in ada.get("/t/acme/connect/rxnt/").content.decode()
    assert ada.get("/t/acme/connect/rxnt/key/").status_code == 404
    assert ada.get("/t/acme/connect/nothing/key/").status_code == 404


def test_the_key_page_says_where_to_get_one_what_it_needs_and_that_changes_are_polled(
    stage: XentralStage, ada: Client
) -> None:
    page = text(ada.get(KEY_PAGE).content.decode())
    assert "Development &gt; Keys &gt; Service keys" in page
    assert "crm.objects.deals.write" in page
    assert "ended in November 2022" in page
    assert "Changes are found by polling" in page
    assert 'type="password"' in page


def test_a_key_that_works_leads_to_the_other_system_with_a_message(
    stage: XentralStage, ada: Client
) -> None:
    answer = ada.post(KEY_PAGE, {SERVICE_KEY: new_key(stage)}, follow=True)
    row = Connection.objects.get()
    there = reverse("credentials", args=["acme", "xentral", row.pk])
    assert answer.redirect_chain == [(there, 302)]
    page = text(answer.content.decode())
    assert f"{UPDATED} 7 deal stages were imported. 8 lead statuses were imported." in page


def test_an_old_api_key_is_told_at_the_form_and_never_shown_again(
    stage: XentralStage, ada: Client
) -> None:
    old = "2f3a1c90-8d3e-4b6f-9d3c-0a1b2c3d4e5f"
    page = ada.post(KEY_PAGE, {SERVICE_KEY: old}).content.decode()
    assert "HubSpot API keys ended in November 2022." in page
    assert old not in page
    assert not Connection.objects.exists()
    assert "This field is required" in ada.post(KEY_PAGE, {}).content.decode()


def test_a_key_that_hubspot_refuses_is_told_at_the_form(stage: XentralStage, ada: Client) -> None:
    key = new_key(stage)
    stage.hubspot.keys.delete(key)
    page = ada.post(KEY_PAGE, {SERVICE_KEY: key}).content.decode()
    assert "HubSpot does not accept this service key" in page
    few = stage.hubspot.add_service_key(PORTAL, ["crm.objects.contacts.read"])
    page = ada.post(KEY_PAGE, {SERVICE_KEY: few}).content.decode()
    assert "crm.objects.deals.write" in page.partition("alert-danger")[2].partition("</div>")[0]
    assert not Connection.objects.exists()


def test_viewers_and_strangers_reach_neither_page(
    stage: XentralStage, joined: Integration, enter: Enter
) -> None:
    there = reverse("reauthenticate", args=["acme", joined.hubspot.pk])
    given = {SERVICE_KEY: new_key(stage)}
    for user, found in ((stage.vic, 403), (stage.bob, 404)):
        client = enter(user)
        assert client.get(KEY_PAGE).status_code == found
        assert client.post(KEY_PAGE, given).status_code == found
        assert client.post(there, given).status_code == found
    assert Client().get(KEY_PAGE).status_code == 302
    assert Connection.objects.filter(system="hubspot").count() == 1


def test_another_organisations_account_is_refused_without_naming_it(
    stage: XentralStage, joined: Integration, enter: Enter
) -> None:
    answer = enter(stage.bob).post(KEY_PAGE.replace("acme", "bolt"), {SERVICE_KEY: new_key(stage)})
    page = answer.content.decode()
    assert "connected by another organisation" in page
    assert "Acme" not in page


# ---------------------------------------------------------------- the connection's page


def test_status_and_connection_say_that_changes_are_polled(
    stage: XentralStage, joined: Integration, ada: Client
) -> None:
    for name, key in (("status", joined.pk), ("reauthenticate", joined.hubspot.pk)):
        page = text(ada.get(reverse(name, args=["acme", key])).content.decode())
        assert "changes" in page
        assert "found by polling" in page
    page = text(
        ada.get(reverse("reauthenticate", args=["acme", joined.hubspot.pk])).content.decode()
    )
    assert "Replace the service key" in page
    assert reverse("connect", args=["acme", "xentral"]) in page


def test_the_new_key_is_pasted_on_the_connections_page(
    stage: XentralStage, joined: Integration, ada: Client
) -> None:
    connections.pause(joined.hubspot.pk, AuthFailed("rotated"))
    there = reverse("reauthenticate", args=["acme", joined.hubspot.pk])
    answer = ada.post(there, {SERVICE_KEY: new_key(stage)}, follow=True)
    assert answer.redirect_chain[0][0] == reverse("status", args=["acme", joined.pk])
    assert UPDATED in answer.content.decode()
    joined.hubspot.refresh_from_db()
    assert joined.hubspot.state == ConnectionState.ACTIVE


def test_a_key_of_another_account_is_told_and_changes_nothing(
    stage: XentralStage, joined: Integration, ada: Client
) -> None:
    there = reverse("reauthenticate", args=["acme", joined.hubspot.pk])
    page = ada.post(there, {SERVICE_KEY: new_key(stage, OTHER_PORTAL)}).content.decode()
    assert "nothing was changed" in page


def test_an_installed_app_has_no_form_for_a_key(stage: XentralStage, ada: Client) -> None:
    integration = stage.connect()
    there = reverse("reauthenticate", args=["acme", integration.hubspot.pk])
    assert SERVICE_KEY not in ada.get(there).content.decode()
    assert (
        ada.post(there, {SERVICE_KEY: new_key(stage)})
        .headers["Location"]
        .startswith("https://app.hubspot.com/oauth/")
    )
    status = ada.get(reverse("status", args=["acme", integration.pk])).content.decode()
    assert "found by polling" not in status


def test_a_keyed_account_is_offered_for_more_systems_but_not_for_those_that_need_notices(
    stage: XentralStage, ada: Client
) -> None:
    ada.post(KEY_PAGE, {SERVICE_KEY: new_key(stage)})
    row = Connection.objects.get()
    for system, offered in (("xentral", True), ("thena", True), ("rxnt", False)):
        page = ada.get(f"/t/acme/connect/{system}/").content.decode()
        assert (reverse("credentials", args=["acme", system, row.pk]) in page) is offered
