"""What properties held before: values as the engine knows them, sources in plain words."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests

from integrations.connectors.budget import Unlimited
from integrations.connectors.hubspot.connector import HubSpotConnector
from integrations.connectors.hubspot.history import source_words
from integrations.connectors.hubspot.sandbox import HubSpotSandbox
from integrations.connectors.hubspot.spec import API_URL
from integrations.connectors.sandbox_kit import SandboxAdapter
from integrations.engine.extras import Remembering
from integrations.engine.ports import UpdateItem
from integrations.engine.records import BLANK
from tests.connectors.hubspot.rig import APP, OPTIONS, PORTAL, HubSpotRig

CONTACTS = "contacts"
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Story:
    """A contact that a person, our app, another app and a merge have changed, an hour apart."""

    def __init__(self) -> None:
        self.now = NOON
        self.rig = HubSpotRig(lambda: self.now)
        self.connector = HubSpotConnector(
            self.rig.vault,
            {**OPTIONS, "HUBSPOT_APP_ID": str(APP.app_id)},
            Unlimited(),
            self.rig.session,
        )
        self.id = self.rig.person.create_contact({"firstname": "Ada", "city": "Bonn"})

    def later(self) -> None:
        self.now += timedelta(hours=1)

    def past(self, *names: str) -> dict[str, list[tuple[object, int, str]]]:
        """Return by property: value, hours after noon, source."""
        found = self.connector.history(CONTACTS, self.id, names)
        return {
            name: [(v.value, (v.at - NOON) // timedelta(hours=1), v.source) for v in versions]
            for name, versions in found.items()
        }


@pytest.fixture
def story() -> Story:
    return Story()


def test_the_connector_says_that_it_remembers(story: Story) -> None:
    assert isinstance(story.connector, Remembering)


def test_a_persons_and_our_changes_are_told_apart_newest_first(story: Story) -> None:
    story.later()
    story.connector.update(CONTACTS, [UpdateItem("u", story.id, {"firstname": "Eda"})])
    story.later()
    story.rig.person.edit_contact(story.id, {"firstname": ""})
    assert story.past("firstname", "city", "phone", "@companies") == {
        "firstname": [
            (BLANK, 2, "A person in HubSpot"),
            ("Eda", 1, "This portal"),
            ("Ada", 0, "A person in HubSpot"),
        ],
        "city": [("Bonn", 0, "A person in HubSpot")],
    }


def test_only_who_knows_its_own_number_tells_itself_from_other_apps(story: Story) -> None:
    story.later()
    story.rig.connector.update(CONTACTS, [UpdateItem("u", story.id, {"city": "Ulm"})])
    assert story.past("city")["city"][0] == ("Ulm", 1, "This portal")
    unknown = story.rig.connector.history(CONTACTS, story.id, ["city"])
    assert unknown["city"][0].source == "An app"


def test_values_come_in_their_types(story: Story) -> None:
    company = story.rig.person.create("companies", {"name": "A", "annualrevenue": "1.50"})
    found = story.connector.history("companies", company, ["annualrevenue"])
    assert [version.value for version in found["annualrevenue"]] == [Decimal("1.5")]


def test_after_a_merge_the_old_id_tells_what_the_merge_filled(story: Story) -> None:
    other = story.rig.person.create_contact({"firstname": "Bo", "phone": "1"})
    story.later()
    story.rig.merge(story.id, other)
    assert story.past("firstname", "phone") == {
        "firstname": [("Ada", 0, "A person in HubSpot")],
        "phone": [("1", 1, "A merge of records")],
    }


def test_many_properties_are_asked_for_in_parts(story: Story) -> None:
    story.connector.describe(CONTACTS)
    before = story.connector.calls
    names = ["firstname", *(f"no_such_{number}" for number in range(60)), "city", "firstname"]
    assert set(story.past(*names)) == {"firstname", "city"}
    assert story.connector.calls - before == 2


def test_a_record_that_is_gone_has_no_history(story: Story) -> None:
    story.id = "987654321"
    assert story.past("firstname") == {}


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"sourceType": "CRM_UI", "sourceId": "userId:990"}, "A person in HubSpot"),
        (
            {"sourceType": "CRM_UI", "sourceId": "userId:990", "sourceLabel": "ada@acme.example"},
            "A person in HubSpot",
        ),
        ({"sourceType": "BATCH_UPDATE", "sourceId": "userId:990"}, "A person in HubSpot"),
        ({"sourceType": "INTEGRATION", "sourceId": "7", "sourceLabel": "Zap"}, "An app (Zap)"),
        ({"sourceType": "INTEGRATION", "sourceId": "7"}, "An app"),
        ({"sourceType": "IMPORT", "sourceLabel": "ada@acme.example"}, "An import"),
        ({"sourceType": "AUTOMATION_PLATFORM", "sourceId": "enroll:1"}, "A workflow"),
        ({"sourceType": "CRM_SETTING", "sourceLabel": "CRM_SETTING"}, "A setting in HubSpot"),
        ({"sourceType": "SOMETHING_NEW", "sourceId": "1"}, "HubSpot"),
        ({}, "HubSpot"),
    ],
)
def test_each_source_has_plain_words_without_numbers_and_addresses(
    entry: dict[str, Any], words: str
) -> None:
    assert source_words(entry, "202020") == words


def test_history_and_its_sources_survive_a_restart_of_the_sandbox(story: Story) -> None:
    story.later()
    story.rig.person.edit_contact(story.id, {"city": "Ulm"})
    state = json.loads(json.dumps(story.rig.sandbox.dump()))
    again = HubSpotSandbox(lambda: story.now)
    again.load(state)
    before = story.past("city")
    session = requests.Session()
    session.mount(API_URL, SandboxAdapter(again))
    story.connector = HubSpotConnector(story.rig.vault, OPTIONS, Unlimited(), session)
    assert story.past("city") == before
    entry = again.account(PORTAL).state.stores[CONTACTS].records[int(story.id)].log[-1]
    assert entry.source.kind == "CRM_UI"
