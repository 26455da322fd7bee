"""Automatic stages are made once, whatever their names look like and wherever they are shown."""

from __future__ import annotations

import pytest

from integrations.models import TableEntry
from integrations.services import pipelines
from tests.services.joined_kit import Firm
from tests.services.xentral_stage import XentralStage

SENT = "default:contractsent"


@pytest.fixture
def erp(db: None, monkeypatch: pytest.MonkeyPatch, unlimited: None) -> XentralStage:
    stage = XentralStage()
    stage.mount(monkeypatch)
    return stage


def entry(value: str) -> TableEntry:
    return TableEntry.objects.get(hubspot_value=value)


def test_a_stage_is_made_once_whatever_blanks_are_around_its_name(erp: XentralStage) -> None:
    firm = Firm(erp, sync_contacts="")
    firm.person.add_stage("default", "On hold ", "hold")
    for _ in range(3):
        pipelines.refresh(firm.integration, "stages")
    names = [row["name"] for row in erp.xentral.instance["stages"].rows.values()]
    assert names.count("On hold") == 1
    assert entry("default:hold").target_value


def test_a_stage_that_was_hidden_there_is_not_made_again(erp: XentralStage) -> None:
    firm = Firm(erp, sync_contacts="")
    rows = erp.xentral.instance["stages"].rows
    count, hidden = len(rows), entry(SENT).target_value
    next(row for row in rows.values() if str(row["id"]) == hidden)["ausblenden"] = 1
    pipelines.refresh(firm.integration, "stages")
    assert len(rows) == count
