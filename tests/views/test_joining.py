"""The pages of activation, owners and stages: what they say, who may press what."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from integrations import urls
from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.models import Integration, TableEntry, TypedStage
from integrations.services import owners, pipelines
from tests.services.joined_kit import Firm
from tests.services.magentrix_stage import MagentrixStage
from tests.services.xentral_stage import XentralStage
from tests.views.conftest import Enter

NAMES = sorted(str(pattern.name) for pattern in urls.joining)
SHOWN = {"owners", "stages"}
SENT = "default:contractsent"
Address = Callable[[str], str]


def address(integration: Integration, name: str, tenant: str = "acme") -> str:
    key = ["stages"] if "stage" in name else []
    return reverse(name, args=[tenant, integration.pk, *key])


def visit(client: Client, integration: Integration, name: str, tenant: str = "acme") -> int:
    press = client.get if name in SHOWN else client.post
    return press(address(integration, name, tenant)).status_code


# ---------------------------------------------------------------- who


@pytest.mark.parametrize("name", NAMES)
def test_strangers_find_nothing_and_viewers_press_nothing(
    name: str, partners: tuple[MagentrixStage, Integration], enter: Enter, client: Client
) -> None:
    stage, integration = partners
    assert visit(enter(stage.bob), integration, name) == 404
    assert visit(enter(stage.bob), integration, name, "bolt") == 404
    assert visit(client, integration, name) == 302
    assert visit(enter(stage.vic), integration, name) == (200 if name in SHOWN else 403)
    if name not in SHOWN:
        assert enter(stage.ada).get(address(integration, name)).status_code == 405


@pytest.mark.parametrize("name", ["owners", "stages", "activation"])
def test_a_viewer_reads_without_a_button(
    name: str, partners: tuple[MagentrixStage, Integration], enter: Enter
) -> None:
    stage, integration = partners
    page = enter(stage.vic).get(address(integration, name)).content.decode()
    assert "btn-primary" not in page.partition("<main")[2].replace('btn-primary" href', "")


def test_systems_without_owners_and_stages_have_no_such_pages(
    joined: Integration, stage: object, enter: Enter
) -> None:
    client = enter(User.objects.get(username="ada"))
    assert client.get(reverse("owners", args=["acme", joined.pk])).status_code == 404
    assert client.get(reverse("stages", args=["acme", joined.pk, "x"])).status_code == 404
    tabs = client.get(reverse("status", args=["acme", joined.pk])).content.decode()
    assert "/owners/" not in tabs
    assert "/activation/" not in tabs


# ---------------------------------------------------------------- owners


def test_the_report_shows_everybody_and_narrows(
    partners: tuple[MagentrixStage, Integration], enter: Enter
) -> None:
    stage, integration = partners
    client = enter(stage.ada)
    page = client.get(address(integration, "owners")).content.decode()
    assert "zoe.young@firm.example" in page
    assert "People in Magentrix without a HubSpot owner" in page
    assert "Ines Duarte" in page
    narrowed = client.get(address(integration, "owners"), {"show": "unmatched"}).content.decode()
    assert "zoe.young" in narrowed
    assert "mona.keller@northfield.example</span>" not in narrowed
    assert client.get(address(integration, "owners"), {"show": "x", "page": "z"}).status_code == 200


def test_assigning_and_connecting_by_hand(
    partners: tuple[MagentrixStage, Integration], enter: Enter
) -> None:
    stage, integration = partners
    client, ines = enter(stage.ada), stage.partner.user("ines.duarte@northfield.example")
    given = {"owner": "50", "person": ines}
    page = client.post(address(integration, "owner-assign"), given, follow=True).content.decode()
    assert "chosen by a person" in page
    assert TableEntry.objects.get(hubspot_value="50").target_value == ines
    page = client.post(address(integration, "owners-connect"), follow=True).content.decode()
    assert "5 owners are matched." in page
    bad = {"owner": "50", "person": "nobody"}
    page = client.post(address(integration, "owner-assign"), bad, follow=True).content.decode()
    assert "no such person" in page


def test_marks_that_fail_and_people_that_cannot_be_read_are_told(
    partners: tuple[MagentrixStage, Integration], enter: Enter
) -> None:
    stage, integration = partners
    stage.people[4711001].add_owner("51", "ines.duarte@northfield.example")
    refused = Fault(FaultKind.STATUS, method="PATCH", path="/entity/User", status=500)
    stage.magentrix.faults.inject(refused, times=99)
    client = enter(stage.ada)
    page = client.post(address(integration, "owners-connect"), follow=True).content.decode()
    assert "Ines Duarte was not marked" in page

    stage.magentrix.faults.clear()
    stage.magentrix.faults.inject(Fault(FaultKind.STATUS, status=503), times=99)
    page = client.get(address(integration, "owners")).content.decode()
    assert "The people cannot be read now." in page
    assert "Mona Keller" in page, "what was known last is shown"
    assert owners.stored(integration).matched == 5


# ---------------------------------------------------------------- stages


def test_stages_are_shown_refreshed_and_assigned(
    partners: tuple[MagentrixStage, Integration], enter: Enter
) -> None:
    stage, integration = partners
    client = enter(stage.ada)
    stage.people[4711001].add_stage("default", "On hold", "hold")
    page = client.post(address(integration, "stages-refresh"), follow=True).content.decode()
    assert "On hold" in page
    given = {"value": SENT, "target": "Negotiation"}
    page = client.post(address(integration, "stage-assign"), given, follow=True).content.decode()
    assert "chosen by a person" in page
    assert TableEntry.objects.get(hubspot_value=SENT).target_value == "Negotiation"


def test_an_unmapped_stage_is_counted_on_its_page_and_on_the_overview(
    partners: tuple[MagentrixStage, Integration], enter: Enter
) -> None:
    stage, integration = partners
    pipelines.assign(integration, "stages", SENT, "", stage.ada)
    client = enter(stage.ada)
    assert "1 stage is not assigned." in client.get(address(integration, "stages")).content.decode()
    status = client.get(reverse("status", args=["acme", integration.pk])).content.decode()
    assert "1 stage of HubSpot is not assigned." in status


def test_stages_that_are_one_in_the_other_system_are_pointed_out(
    partners: tuple[MagentrixStage, Integration], enter: Enter
) -> None:
    stage, integration = partners
    client = enter(stage.ada)
    words = "One stage of Magentrix stands for several in HubSpot."
    assert words not in client.get(address(integration, "stages")).content.decode()
    pipelines.assign(integration, "stages", SENT, "Closed Won", stage.ada)
    page = client.get(address(integration, "stages")).content.decode()
    assert words in page
    assert "Closed Won: Sales Pipeline – Contract Sent, Sales Pipeline – Closed Won" in page


def test_the_mode_is_changed_on_the_page(erp: XentralStage, enter: Enter) -> None:
    firm, client = Firm(erp, sync_contacts=""), enter(erp.ada)
    there = address(firm.integration, "stages")
    assert 'name="target"' not in client.get(there).content.decode(), "nothing to choose"
    client.post(address(firm.integration, "stages-mode"), {"mode": "manual"})
    assert 'name="target"' in client.get(there).content.decode()
    client.post(address(firm.integration, "stages-mode"), {"mode": "nonsense"})
    firm.integration.refresh_from_db()
    assert firm.integration.settings["stage_mode"] == "manual"
    erp.xentral.faults.inject(Fault(FaultKind.STATUS, status=503), times=99)
    wanted = {"mode": "automatic"}
    page = client.post(address(firm.integration, "stages-mode"), wanted, follow=True)
    assert "cannot be asked now" in page.content.decode()
    firm.integration.refresh_from_db()
    assert firm.integration.settings["stage_mode"] == "manual"


def test_stages_are_typed_in_and_taken_off(erp: XentralStage, enter: Enter) -> None:
    erp.xentral.change(stage_addon=False)
    firm, client = Firm(erp, stage_mode="manual", sync_contacts=""), enter(erp.ada)
    there = address(firm.integration, "stages")
    assert "does not list all of its stages" in client.get(there).content.decode()
    page = client.post(there, {"stage_id": "", "label": "Sent", "order": "1"})
    assert "This field is required" in page.content.decode()
    client.post(there, {"stage_id": "21", "label": "Sent", "order": "1", "chance": "80"})
    assert TypedStage.objects.get().chance == 80
    assert "Sent · 80 %" in client.get(there).content.decode()
    client.post(address(firm.integration, "stage-forget"), {"stage": "21"})
    assert not TypedStage.objects.exists()
    assert enter(erp.vic).post(there, {"stage_id": "1"}).status_code == 403


# ---------------------------------------------------------------- the mapping dialog


def test_rules_with_a_table_are_shown_but_not_edited_and_hidden_fields_are_not_offered(
    partners: tuple[MagentrixStage, Integration], enter: Enter
) -> None:
    stage, integration = partners
    client = enter(stage.ada)
    page = client.get(reverse("fields", args=["acme", integration.pk, "deals"])).content.decode()
    assert page.count("See its own page") == 2
    assert 'value="pipeline"' not in page
    assert 'value="dealstage"' not in page
    assert 'value="hs_priority"' in page, "others are offered"
    rule = reverse("rule", args=["acme", integration.pk, "deals"])
    owner = {"hubspot": "hubspot_owner_id", "target": "OwnerId"}
    assert client.get(rule, owner).status_code == 404


def test_a_typed_stage_of_the_same_name_is_used_at_once_in_automatic_mode(
    erp: XentralStage, enter: Enter
) -> None:
    erp.xentral.change(stage_addon=False)
    firm, client = Firm(erp, sync_contacts=""), enter(erp.ada)
    there = address(firm.integration, "stages")
    page = client.get(there).content.decode()
    assert "make the view “Hubspot” with these stages" in page, "the steps stay there"
    client.post(there, {"stage_id": "21", "label": "contract sent", "order": "1"})
    assert TableEntry.objects.get(hubspot_value=SENT).target_value == "21"
    status = client.get(reverse("status", args=["acme", firm.integration.pk])).content.decode()
    assert "HubSpot ⇄ Xentral" in status
    assert "It is switched off in the settings." in status
