"""A merge never deletes a Magentrix record that something there still points to."""

from __future__ import annotations

import pytest

from integrations.models import Merge
from tests.services.joined_kit import Partners, reconcile
from tests.services.magentrix_stage import MagentrixStage


@pytest.fixture
def partners(db: None, unlimited: None, monkeypatch: pytest.MonkeyPatch) -> Partners:
    """Give HubSpot and Magentrix, activated."""
    stage = MagentrixStage()
    stage.mount(monkeypatch)
    return Partners(stage)


def test_a_merge_with_a_lookup_that_cannot_be_edited_fails_and_deletes_nothing(
    partners: Partners,
) -> None:
    name = "Reseller__c"
    partners.partner.add_field(
        "Opportunity", Name=name, Label="Reseller", FieldType="Lookup", ReferenceType="Account"
    )
    kept, extra = partners.company("Acorn"), partners.company("Birch")
    partners.publish("companies")
    loser = partners.link("companies", extra).target_id
    deal = partners.partner.create(
        "Opportunity", Name="O", Stage="Proposal", CloseDate="2026-12-01", **{name: loser}
    )
    partners.partner.field("Opportunity", name).read_only = True
    partners.person.merge("companies", kept, extra)
    for _pass in range(3):
        reconcile(partners.integration, "companies")
    merge = Merge.objects.get()
    assert (merge.state, merge.reason) == ("failing", "rejected")
    assert "“Reseller” (Reseller__c) of Opportunity" in merge.detail
    assert partners.partner.get("Opportunity", deal)[name] == loser
    assert partners.partner.get("Account", loser), "it is not deleted"
