"""What a person sees of a conflict and decides about it, over the stand-ins of both systems."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied

from integrations.engine.mapping import Privacy
from integrations.engine.pairs import LinkState
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.models import AuditEntry, RecordLink, Review
from integrations.services import conflicts, lanes, syncs
from integrations.services.explain import MASK
from tests.services.test_dependencies import look
from tests.services.thena_kit import ThenaKit

PHONE = ("phone", "phoneNumber")


def disagree(thena: ThenaKit, number: int = 1) -> tuple[str, str]:
    """Return the ids of a contact whose phone and last name changed on both sides."""
    contact = thena.contact(number, phone="+4930100")
    look(thena.contacts, contact)
    row = RecordLink.objects.get(object_sync=thena.contacts, hubspot_id=contact)
    thena.person.edit("contacts", contact, {"phone": "+4930200", "lastname": "Hub"})
    thena.agent.edit("contacts", row.target_id, phoneNumber="+4930300", firstName="Eve")
    look(thena.contacts, contact)
    return contact, row.target_id


def review() -> Review:
    """Return the only open review."""
    return Review.objects.select_related("link", "object_sync__integration").get(closed_at=None)


def test_a_conflict_is_held_while_the_other_fields_flow(thena: ThenaKit) -> None:
    contact, target = disagree(thena)
    row = RecordLink.objects.get(object_sync=thena.contacts, hubspot_id=contact)
    assert (row.state, row.reason) == (LinkState.HELD, Reason.CONFLICT)
    assert thena.agent.get("contacts", target)["lastName"] == "Hub"
    assert thena.person.read("contacts", contact)["firstname"] == "Eve"
    assert review().fields == [list(PHONE)]


def test_it_is_shown_with_what_both_agreed_on_and_who_changed_it(thena: ThenaKit) -> None:
    disagree(thena)
    found = conflicts.details(review())
    (conflict,) = found.conflicts
    assert (conflict.base, conflict.hubspot_value, conflict.target_value) == (
        "+4930100",
        "+4930200",
        "+4930300",
    )
    assert conflict.changed_by
    assert conflict.changed_at is not None
    assert found.target_changed_at is not None
    assert found.label == "Eve Hub"


@pytest.mark.parametrize(("side", "value"), [(Side.HUBSPOT, "+4930200"), (Side.TARGET, "+4930300")])
def test_one_click_lets_a_side_win(thena: ThenaKit, side: Side, value: str) -> None:
    contact, target = disagree(thena)
    seen = [conflict.seen for conflict in conflicts.details(review()).conflicts]
    assert conflicts.resolve([review()], side, thena.stage.ada, fields=[PHONE], seen=seen) == 1
    lanes.work(thena.contacts.pk, seconds=60)
    assert thena.person.read("contacts", contact)["phone"] == value
    assert thena.agent.get("contacts", target)["phoneNumber"] == value
    row = RecordLink.objects.get(object_sync=thena.contacts, hubspot_id=contact)
    assert (row.state, row.choices) == (LinkState.LINKED, {})
    closed = Review.objects.get()
    assert (closed.closed_by, closed.closed_at is None) == (thena.stage.ada, False)
    assert AuditEntry.objects.filter(action="conflict.resolved", actor=thena.stage.ada).count() == 1


def test_a_value_that_changed_since_it_was_looked_at_is_not_overwritten(thena: ThenaKit) -> None:
    _, target = disagree(thena)
    seen = [conflict.seen for conflict in conflicts.details(review()).conflicts]
    thena.agent.edit("contacts", target, phoneNumber="+4930400")
    with pytest.raises(conflicts.ChangedSince):
        conflicts.resolve([review()], Side.HUBSPOT, thena.stage.ada, seen=seen)
    assert RecordLink.objects.get(target_id=target).choices == {}


def test_a_value_that_changes_after_the_decision_is_held_again(thena: ThenaKit) -> None:
    _, target = disagree(thena)
    conflicts.resolve([review()], Side.HUBSPOT, thena.stage.ada)
    thena.agent.edit("contacts", target, phoneNumber="+4930400")
    lanes.work(thena.contacts.pk, seconds=60)
    assert thena.agent.get("contacts", target)["phoneNumber"] == "+4930400"
    assert review().reason == Reason.CONFLICT


def test_many_conflicts_are_decided_at_once(thena: ThenaKit) -> None:
    pairs = [disagree(thena, number) for number in range(3)]
    held = Review.objects.select_related("link", "object_sync__integration")
    assert conflicts.resolve(held, Side.TARGET, thena.stage.ada) == 3
    lanes.work(thena.contacts.pk, seconds=60)
    assert {thena.person.read("contacts", one)["phone"] for one, _ in pairs} == {"+4930300"}


def test_a_conflict_that_resolved_itself_shows_nothing_to_decide(thena: ThenaKit) -> None:
    _, target = disagree(thena)
    thena.agent.edit("contacts", target, phoneNumber="+4930200")
    assert conflicts.details(review()).conflicts == ()
    assert conflicts.resolve([review()], Side.HUBSPOT, thena.stage.ada) == 0


def test_health_values_are_masked(thena: ThenaKit, monkeypatch: pytest.MonkeyPatch) -> None:
    disagree(thena)
    config = syncs.config_of(thena.contacts)
    private = replace(
        config, rules=tuple(replace(rule, privacy=Privacy.HEALTH) for rule in config.rules)
    )
    monkeypatch.setattr(syncs, "config_of", lambda _row: private)
    (conflict,) = conflicts.details(review()).conflicts
    assert {conflict.base, conflict.hubspot_value, conflict.target_value} == {MASK}


def test_only_people_who_may_change_something_decide(thena: ThenaKit) -> None:
    disagree(thena)
    for person in (thena.stage.vic, thena.stage.bob):
        with pytest.raises(PermissionDenied):
            conflicts.resolve([review()], Side.HUBSPOT, person)
    assert RecordLink.objects.get(state=LinkState.HELD).choices == {}
