"""The pages of activation and settings: what is asked for, told and kept."""

from __future__ import annotations

import pytest
from django.urls import reverse

from integrations.connectors.magentrix.sandbox import DEMO_KEY
from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.models import Connection, Integration
from integrations.services import installs
from tests.services.joined_kit import Firm
from tests.services.magentrix_stage import ADDRESS, EMPLOYEES, MagentrixStage
from tests.services.xentral_stage import XentralStage
from tests.views.conftest import Enter


def address(integration: Integration, name: str) -> str:
    return reverse(name, args=["acme", integration.pk])


def test_connecting_leads_to_the_activation_and_that_to_the_fields(
    db: None, monkeypatch: pytest.MonkeyPatch, enter: Enter
) -> None:
    stage = MagentrixStage()
    stage.mount(monkeypatch)
    state, code = stage.consent(installs.start(stage.acme, stage.ada, "magentrix"))
    hubspot = installs.finish(stage.ada, state, code)[0]
    client = enter(stage.ada)
    there = reverse("credentials", args=["acme", "magentrix", hubspot.pk])
    login = {"address": ADDRESS, "api_key": DEMO_KEY}

    page = client.post(there, login, follow=True)
    integration = Integration.objects.get()
    assert page.redirect_chain[-1][0] == address(integration, "activation")
    text = page.content.decode()
    assert "Default Owner is not chosen yet." in text
    assert "Save and activate" in text
    assert "lacking" not in text, "derived settings are not asked for"

    owner = stage.partner.user(EMPLOYEES[1].email)
    given = {"default_owner": owner, "sync_deals": "on"}
    page = client.post(address(integration, "activation"), given, follow=True)
    text = page.content.decode()
    assert "everything it needs is in place" in text
    assert "“HubSpot User ID” on User" in text
    assert reverse("ready", args=["acme", integration.pk]) in text
    assert client.get(reverse("ready", args=["acme", integration.pk])).status_code == 200


def test_without_a_default_owner_the_form_says_so(
    partners: tuple[MagentrixStage, Integration], enter: Enter
) -> None:
    stage, integration = partners
    given = {"default_owner": "", "sync_deals": "on"}
    page = enter(stage.ada).post(address(integration, "activation"), given).content.decode()
    assert "This field is required" in page


def test_what_is_left_for_a_person_stands_there_until_it_is_found(
    partners: tuple[MagentrixStage, Integration], enter: Enter
) -> None:
    stage, integration = partners
    stage.magentrix.behaviour.change(setup_api=False)
    stage.partner.drop_field("User", "HubSpotUserId__c")
    client = enter(stage.ada)
    page = client.post(address(integration, "activation-check"), follow=True).content.decode()
    assert "To be done by hand" in page
    assert "Text, length 50, unique" in page
    status = client.get(reverse("status", args=["acme", integration.pk])).content.decode()
    assert "Not activated yet" in status


def test_an_unreachable_system_is_told_and_nothing_is_lost(
    partners: tuple[MagentrixStage, Integration], enter: Enter
) -> None:
    stage, integration = partners
    stage.magentrix.faults.inject(Fault(FaultKind.STATUS, status=503), times=99)
    client = enter(stage.ada)
    page = client.post(address(integration, "activation-check"), follow=True).content.decode()
    assert "Try again in a moment." in page
    assert "The choices cannot be read now." in page
    before = integration.prepared
    integration.refresh_from_db()
    assert integration.prepared == before


def test_the_form_of_a_fixed_system_shows_boxes_and_the_persons_zone(
    erp: XentralStage, enter: Enter
) -> None:
    firm, client = Firm(erp, sync_deals="", sync_contacts=""), enter(erp.ada)
    client.cookies["tz"] = "Europe/Berlin"
    there = reverse("settings", args=["acme", firm.integration.pk])
    page = client.get(there).content.decode()
    assert 'type="datetime-local"' in page
    assert "freifeld" not in page
    given = {
        "start_time": "2026-07-01T09:00",
        "group": "Hubspot",
        "view": "Hubspot",
        "stage_mode": "automatic",
        "export_lifecycle": "forward",
    }
    assert client.post(there, given).status_code == 302
    firm.integration.refresh_from_db()
    assert firm.integration.settings["start_time"] == "2026-07-01T09:00:00+02:00"
    assert firm.integration.settings["leads_only"] == ""
    assert 'value="2026-07-01T09:00"' in client.get(there).content.decode()


def test_an_address_within_our_own_network_is_refused_at_the_form(
    db: None, monkeypatch: pytest.MonkeyPatch, enter: Enter
) -> None:
    stage = MagentrixStage()
    stage.mount(monkeypatch)
    monkeypatch.delattr("django.conf.settings.MAGENTRIX_API_URL")
    state, code = stage.consent(installs.start(stage.acme, stage.ada, "magentrix"))
    hubspot = installs.finish(stage.ada, state, code)[0]
    there = reverse("credentials", args=["acme", "magentrix", hubspot.pk])
    given = {"address": "https://10.0.0.8", "api_key": DEMO_KEY}
    page = enter(stage.ada).post(there, given).content.decode()
    assert "Address of your Magentrix portal:" in page.partition("alert-danger")[2][:400]
    assert not Connection.objects.filter(system="magentrix").exists()
