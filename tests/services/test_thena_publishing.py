"""Over the stand-ins of HubSpot and Thena, publishing does what its preview counted."""

from __future__ import annotations

from collections import Counter

import pytest
from pytest_django import Settings

from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.config import SyncConfig
from integrations.engine.edits import Ground, set_filter
from integrations.engine.errors import SyncError
from integrations.engine.filters import Condition, Filter, Operator
from integrations.engine.records import Side
from integrations.engine.selecting import select_fields
from integrations.models import RecordLink
from integrations.services import publishing, syncs
from tests.services.office import Office
from tests.services.stage import Stage


@pytest.fixture
def office(stage: Stage, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Office:
    """Give a connected HubSpot and Thena, without limits of our own."""
    for system in ("HUBSPOT", "THENA"):
        for limit in ("RATE", "BURST", "SEARCH_RATE", "SEARCH_BURST"):
            setattr(settings, f"{system}_{limit}", 10_000)
    return Office(stage, monkeypatch)


def fill(office: Office) -> None:
    """Put in records known here, there, on both sides, more than once and not allowed."""
    ids = [office.company(name, city="Bonn") for name in ("Ada", "Bit", "Cog", "Dot")]
    rome = office.company("Rome", city="Rome")
    office.person.create("companies", {"name": "No domain", "city": "Bonn"})
    office.person.create("companies", {"name": "Ada 2", "domain": "ada.example", "city": "Bonn"})
    for name in ("Bit", "Zap"):
        office.agent.create("accounts", name=name, primaryDomain=f"{name.lower()}.example")
    for number, company in enumerate(ids * 2):
        office.contact(f"P{number}", company)
    office.contact("Alone")
    office.contact("Roman", rome)
    office.person.create("contacts", {"firstname": "No email"})
    office.agent.create("contacts", firstName="P1", lastName="Other", email="p1@people.example")
    office.agent.create("contacts", firstName="There", email="there@people.example")


def in_bonn(config: SyncConfig, ground: Ground) -> SyncConfig:
    """Sync the city too, and only companies of one city."""
    names = [*(rule.hubspot for rule in config.rules), "city"]
    wanted = Filter(((Condition("city", Operator.EQUALS, ("bonn",)),),))
    return set_filter(select_fields(config, names, ground), Side.HUBSPOT, wanted)


def test_the_counts_of_a_preview_are_what_publishing_then_does(office: Office) -> None:
    fill(office)
    office.edit("companies", in_bonn)
    for key in ("companies", "contacts"):
        before = office.writes()
        preview = office.preview(key)
        assert office.writes() == before
        assert not RecordLink.objects.filter(object_sync=office.sync(key)).exists()
        office.publish(preview)
        assert office.outcomes(key) == Counter(preview.reasons), key
    assert {account["name"] for account in office.agent.all("accounts")} == {
        "Ada", "Bit", "Cog", "Dot", "Zap",
    }  # fmt: skip


def test_a_filter_change_does_to_linked_records_what_its_preview_counted(office: Office) -> None:
    fill(office)
    office.publish(office.preview("companies"))
    office.edit("companies", in_bonn)
    before = office.writes()
    preview = office.preview("companies")
    assert office.writes() == before
    assert preview.reasons["frozen"] == 2
    office.publish(preview)
    assert office.outcomes("companies") == Counter(preview.reasons)


def test_a_custom_field_is_made_once_though_the_reply_is_lost(office: Office) -> None:
    office.company("Ada", city="Bonn")
    office.edit("companies", in_bonn)
    preview = office.preview("companies")
    assert preview.config["rules"][-1]["target"] == "new:city"
    office.thena.faults.inject(
        Fault(FaultKind.LOST_REPLY, method="POST", path="/custom-field"), times=1
    )
    with pytest.raises(SyncError):
        publishing.publish(preview, office.stage.ada)
    assert office.sync("companies").version is None
    office.publish(preview)
    rule = syncs.config_of(office.sync("companies")).rules[-1]
    assert rule.target.startswith("cf:")
    assert sum(count for path, count in office.made().items() if "custom-field" in path) == 1
    (account,) = office.agent.all("accounts")
    assert "Bonn" in str(account)
