"""Xentral's group through the whole portal: renamed, deleted, and refusing an address."""

from __future__ import annotations

import pytest

from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.models import Hint, ObjectSync, RecordLink
from integrations.services import activation
from tests.services.joined_kit import Firm, reconcile, row_of, work
from tests.services.xentral_stage import XentralStage

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm(monkeypatch: pytest.MonkeyPatch, unlimited: None) -> Firm:
    stage = XentralStage()
    stage.mount(monkeypatch)
    stage.xentral.behaviour.v3_beta = True
    return Firm(stage, sync_deals="")


def refuse(firm: Firm, times: int) -> None:
    """Let Xentral put nobody into a group for some calls."""
    body = b'{"title": "no"}'
    fault = Fault(FaultKind.STATUS, "PATCH", "^/api/v3/customers/", status=422, body=body)
    firm.stage.xentral.faults.inject(fault, times)


def contact(firm: Firm, name: str = "Größler") -> str:
    return firm.person.create("contacts", {"email": f"{name}@x.example", "lastname": name})


def link_of(contact_id: str) -> RecordLink:
    return RecordLink.objects.get(object_sync__key="contacts", hubspot_id=contact_id)


def groups_of(firm: Firm, contact_id: str) -> set[str]:
    return set(firm.clerk.groups_of(link_of(contact_id).target_id))


def test_a_renamed_group_is_joined_by_everybody_and_changes_nothing_in_hubspot(firm: Firm) -> None:
    made = [contact(firm, name) for name in ("Ähre", "Öhm", "Übel")]
    reconcile(firm.integration, "contacts")
    old = firm.integration.settings["group_id"]
    before = [firm.person.read("contacts", one) for one in made]
    activation.update_settings(firm.integration, {"group": "Händler"}, firm.stage.ada)
    reconcile(firm.integration, "contacts")
    firm.integration.refresh_from_db()
    new = firm.integration.settings["group_id"]
    assert new != old
    for one in made:
        assert (link_of(one).state, groups_of(firm, one)) == ("linked", {old, new})
    assert [firm.person.read("contacts", one) for one in made] == before


def test_an_address_that_could_not_join_at_once_joins_by_itself(firm: Firm) -> None:
    refuse(firm, 1)
    made = contact(firm)
    reconcile(firm.integration, "contacts")
    work(firm.integration)
    assert groups_of(firm, made) == {firm.integration.settings["group_id"]}
    assert link_of(made).state == "linked"


def test_a_lasting_refusal_is_failing_until_it_ends(firm: Firm) -> None:
    refuse(firm, 50)
    made = contact(firm)
    reconcile(firm.integration, "contacts")
    for _ in range(3):
        work(firm.integration)
    assert not Hint.objects.filter(object_sync__key="contacts").exists()
    assert link_of(made).state == "failing"
    assert "could not be put into the group" in link_of(made).detail
    firm.stage.xentral.faults.clear()
    reconcile(firm.integration, "contacts")
    assert link_of(made).state == "linked"
    assert groups_of(firm, made) == {firm.integration.settings["group_id"]}


def test_a_deleted_group_holds_the_sync_and_freezes_nobody(firm: Firm) -> None:
    made = contact(firm)
    reconcile(firm.integration, "contacts")
    gone = firm.integration.settings["group_id"]
    firm.stage.xentral.instance["groups"].rows.pop(int(gone))
    reconcile(firm.integration, "contacts")
    row = ObjectSync.objects.get(pk=row_of(firm.integration, "contacts").pk)
    assert (row.state, link_of(made).state) == ("held", "linked")
    assert "Check again" in row.reason_detail
    activation.prepare(firm.integration, firm.stage.ada)
    work(firm.integration)
    reconcile(firm.integration, "contacts")
    firm.integration.refresh_from_db()
    assert groups_of(firm, made) == {firm.integration.settings["group_id"]} != {gone}
    assert link_of(made).state == "linked"
