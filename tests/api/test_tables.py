"""Preparation, owners and stages through the REST API; strangers find nothing of it."""

from __future__ import annotations

import pytest

from integrations.models import Integration, Role, TableEntry
from integrations.services import tenants
from tests.api.conftest import Api, holder
from tests.services.magentrix_stage import EMPLOYEES, MagentrixStage
from tests.services.xentral_stage import XentralStage

SENT = "default:contractsent"
PATHS = (
    ("GET", "preparation/"),
    ("POST", "preparation/"),
    ("GET", "owners/"),
    ("POST", "owners/connect/"),
    ("POST", "owners/assign/"),
    ("GET", "stages/"),
    ("POST", "stages/refresh/"),
    ("POST", "stages/assign/"),
    ("POST", "stages/typed/"),
)


class Partners:
    """Magentrix, activated, with a program of Acme's owner and one of Bolt's."""

    def __init__(self, stage: MagentrixStage) -> None:
        self.stage, self.integration = stage, stage.connect()
        self.ada = holder(stage.acme, stage.ada)
        self.bob = holder(stage.bolt, stage.bob)

    @property
    def path(self) -> str:
        """Where the integration is."""
        return f"integrations/{self.integration.pk}/"


@pytest.fixture
def partners(db: None, settings: object, monkeypatch: pytest.MonkeyPatch) -> Partners:
    for name in ("HUBSPOT", "MAGENTRIX"):
        setattr(settings, f"{name}_RATE", 10_000)
    stage = MagentrixStage()
    stage.mount(monkeypatch)
    stage.people[4711001].add_owner("50", "zoe.young@firm.example")
    return Partners(stage)


def test_a_stranger_finds_nothing_and_a_viewer_changes_nothing(partners: Partners) -> None:
    stage = partners.stage
    tenants.set_role(stage.acme, stage.vic, Role.ADMIN, by=stage.ada)
    vic = holder(stage.acme, stage.vic)
    tenants.set_role(stage.acme, stage.vic, Role.VIEWER, by=stage.ada)
    for method, path in PATHS:
        body: dict[str, str] | None = {} if method == "POST" else None
        assert partners.bob.call(method, partners.path + path, body).status_code == 404
        if method == "POST" and path in ("preparation/", "owners/connect/", "stages/refresh/"):
            assert vic.call(method, partners.path + path, body).status_code == 403


def test_the_preparation_says_what_is_there_and_what_is_missing(partners: Partners) -> None:
    shown = partners.ada.get(partners.path + "preparation/").json()
    assert (shown["ready"], shown["lack"]) == (True, "")
    assert {step["state"] for step in shown["steps"]} <= {"found", "made"}
    owner = partners.stage.partner.user(EMPLOYEES[1].email)
    sent = {"settings": {"default_owner": owner}}
    shown = partners.ada.post(partners.path + "preparation/", sent).json()
    assert shown["settings"]["default_owner"] == owner
    refused = partners.ada.post(
        partners.path + "preparation/", {"settings": {"default_owner": "x"}}
    )
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["default_owner"])
    assert partners.ada.post(partners.path + "preparation/").status_code == 200


def test_owners_are_read_connected_and_assigned(partners: Partners) -> None:
    shown = partners.ada.get(partners.path + "owners/").json()
    assert shown["matched"] == 4
    assert [person["name"] for person in shown["unmatched_people"]] == ["Ines Duarte"]
    ines = shown["unmatched_people"][0]["id"]
    sent = {"owner": "50", "person": ines}
    shown = partners.ada.post(partners.path + "owners/assign/", sent).json()
    (zoe,) = [each for each in shown["owners"] if each["owner"] == "50"]
    assert (zoe["person"], zoe["by_person"]) == (ines, True)
    again = partners.ada.post(partners.path + "owners/connect/").json()
    assert again["matched"] == 5
    bad = partners.ada.post(partners.path + "owners/assign/", {"owner": "x", "person": ines})
    assert bad.status_code == 409


def test_stages_are_read_refreshed_and_assigned(partners: Partners) -> None:
    shown = partners.ada.get(partners.path + "stages/").json()
    assert (shown["table"], shown["mode"], shown["unmapped"]) == ("stages", "automatic", 0)
    sent = {"value": SENT, "target": "Proposal"}
    shown = partners.ada.post(partners.path + "stages/assign/", sent).json()
    (row,) = [each for each in shown["entries"] if each["value"] == SENT]
    assert (row["target"], row["by_person"]) == ("Proposal", True)
    partners.stage.people[4711001].add_stage("default", "On hold", "hold")
    shown = partners.ada.post(partners.path + "stages/refresh/", {"table": "stages"}).json()
    assert "default:hold" in {each["value"] for each in shown["entries"]}
    assert partners.ada.get(partners.path + "stages/?table=colours").status_code == 409


def test_a_stage_is_typed_in(db: None, settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.XENTRAL_RATE = 10_000  # type: ignore[attr-defined]
    stage = XentralStage()
    stage.mount(monkeypatch)
    stage.xentral.change(stage_addon=False)
    integration: Integration = stage.connect()
    ada: Api = holder(stage.acme, stage.ada)
    path = f"integrations/{integration.pk}/stages/"
    sent = {"id": "21", "name": "Contract Sent", "order": 3, "chance": 80}
    shown = ada.post(path + "typed/", sent).json()
    assert shown["stages"] == [sent]
    ada.post(path + "refresh/", {})
    assert TableEntry.objects.get(table="stages", hubspot_value=SENT).target_value == "21"
    assert ada.post(path + "typed/", {"id": "21", "name": ""}).status_code == 400
