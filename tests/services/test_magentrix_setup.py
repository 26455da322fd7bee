"""Setting Magentrix up over the stand-ins: owners by their table, new fields, lists that grow."""

from __future__ import annotations

import pytest

from integrations.engine.selecting import select_fields
from integrations.models import Integration, ObjectSync, Preview
from integrations.services import drafts, lanes, previews, publishing, schemas
from tests.services.magentrix_stage import MagentrixStage
from tests.services.stage import PORTAL

LEVEL = "partner_level"


@pytest.fixture
def stage(db: None, unlimited: None, monkeypatch: pytest.MonkeyPatch) -> MagentrixStage:
    """Acme with two companies, one of them in Magentrix already; nothing is published."""
    made = MagentrixStage()
    made.mount(monkeypatch)
    person = made.people[PORTAL]
    person.add_choice("companies", LEVEL, "Partner level", ("Basic", "Elite"))
    owner = next(iter(made.owners.values()))
    for name in ("firm", "shop"):
        person.create(
            "companies",
            {"name": name, "domain": f"{name}.example", LEVEL: "Elite", "hubspot_owner_id": owner},
        )
    made.partner.create("Account", Name="firm", Website="firm.example")
    return made


def preview(stage: MagentrixStage, *fields: str) -> Preview:
    """Return the finished preview of the companies, with further fields in the draft."""
    sync = ObjectSync.objects.get(integration=stage.connect(), key="companies")
    if fields:
        draft = drafts.of(sync)
        config = drafts.config_of(draft)
        chosen = [rule.hubspot for rule in config.rules]
        config = select_fields(config, [*chosen, *fields], drafts.ground(sync))
        drafts.save(draft, config, stage.ada, draft.revision)
    made = previews.start(sync, stage.ada)
    lanes.work(sync.pk, seconds=30)
    made.refresh_from_db()
    return made


def test_owners_are_translated_by_the_table_as_the_load_will(stage: MagentrixStage) -> None:
    assert preview(stage).reasons == {"created": 1, "linked": 1}


def test_a_record_with_a_field_to_be_made_is_not_taken_for_refused(stage: MagentrixStage) -> None:
    assert preview(stage, LEVEL).reasons == {"created": 1, "linked": 1}


def test_a_list_made_in_magentrix_takes_options_that_come_later(stage: MagentrixStage) -> None:
    publishing.publish(preview(stage, LEVEL), stage.ada)
    stage.people[PORTAL].add_choice("companies", LEVEL, "Partner level", ("Basic", "Elite", "Top"))
    integration = Integration.objects.get()
    schemas.refresh(integration.hubspot, "companies")
    fields = stage.magentrix.portal.entities["Account"].fields.values()
    (made,) = [field for field in fields if field.label == "Partner level"]
    assert [option["Value"] for option in made.options] == ["Basic", "Elite", "Top"]
