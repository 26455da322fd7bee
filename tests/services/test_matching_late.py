"""An account that somebody made a moment ago is matched, not made a second time."""

from __future__ import annotations

import pytest

from integrations.engine.records import Side
from integrations.services import hints, lanes
from integrations.services.hints import NewHint
from tests.services.joined_kit import Partners, row_of
from tests.services.magentrix_stage import MagentrixStage


@pytest.mark.parametrize("website", ["oak.example", ""])
def test_an_account_made_seconds_ago_is_matched_by_a_company_that_comes_by_notice(
    db: None, unlimited: None, monkeypatch: pytest.MonkeyPatch, website: str
) -> None:
    stage = MagentrixStage()
    stage.mount(monkeypatch)
    partners = Partners(stage)
    partners.publish("companies")
    row = row_of(partners.integration, "companies")

    def look_at(company: str) -> None:
        hints.raise_hints(row.pk, [NewHint(Side.HUBSPOT, company)])
        lanes.work(row.pk, seconds=30)

    look_at(partners.company("Acorn"))
    made = partners.partner.create("Account", Name="Oak", Website=website)
    company = partners.company("Oak")
    look_at(company)
    assert partners.link("companies", company).target_id == made
    assert [each["Name"] for each in partners.partner.all("Account")].count("Oak") == 1
