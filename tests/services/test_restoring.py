"""Restoring HubSpot's value where HubSpot refused what was changed in Magentrix."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from integrations.engine.pairs import LinkState
from integrations.engine.reasons import Reason
from integrations.models import AuditEntry, Intent, RecordLink, RunKind
from integrations.services import restoring, runs
from integrations.services.choices import ChangedSince
from tests.services.magentrix_kit import FIELDS, MagentrixKit
from tests.services.test_hubspot_first import KINDS, SAID, by_value, refused
from tests.services.test_hubspot_first import kit as kit


def restore(kit: MagentrixKit, kind: str, user: User | None = None) -> int:
    """Restore HubSpot's value of the only pair as somebody sees it, and let a worker come by."""
    link = kit.link(kind)
    seen = [each.seen for each in restoring.fields_of(link)]
    count = restoring.restore([link], user or kit.stage.ada, seen=seen)
    kit.work(kind)
    return count


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", ["400", "409", "timeout"])
def test_hubspots_value_comes_back_in_magentrix_and_the_pair_is_in_step(
    way: str, kind: str, kit: MagentrixKit
) -> None:
    refused(kit, kind, way)
    kit.stage.hubspot.faults.clear()
    (field,) = restoring.fields_of(kit.link(kind))
    assert (field.hubspot_field, field.target_field) == FIELDS[kind]
    assert (field.hubspot_value, field.target_value) == ("agreed", "changed")
    assert restore(kit, kind) == 1
    after = kit.link(kind)
    assert (after.state, after.refused, after.choices) == (LinkState.LINKED, {}, {})
    assert kit.values(kind) == ("agreed", "agreed")
    assert AuditEntry.objects.filter(action="record.restored", actor=kit.stage.ada).count() == 1
    writes = Intent.objects.count()
    runs.open_run(kit.syncs[kind], RunKind.RECONCILE)
    kit.work(kind)
    assert Intent.objects.count() == writes
    assert not restoring.is_offered(kit.link(kind))


def test_an_empty_value_of_hubspot_comes_back_as_well(kit: MagentrixKit) -> None:
    link = kit.pair("contacts")
    kit.person.edit("contacts", link.hubspot_id, {"mobilephone": ""})
    kit.person.refuse("contacts", "mobilephone", "+4930100", SAID)
    kit.partner.edit("Contact", link.target_id, MobilePhone="+4930100")
    kit.look("contacts", link.target_id)
    assert kit.link("contacts").state == LinkState.FAILING
    assert restore(kit, "contacts") == 1
    assert not kit.partner.get("Contact", link.target_id)["MobilePhone"]
    assert kit.link("contacts").state == LinkState.LINKED


def test_only_what_hubspot_refused_is_restored(kit: MagentrixKit) -> None:
    link = kit.pair("contacts")
    by_value(400)(kit, "contacts")
    kit.partner.edit("Contact", link.target_id, Title="changed", FirstName="Eve")
    kit.look("contacts", link.target_id)
    kit.work("contacts")
    assert kit.person.read("contacts", link.hubspot_id)["firstname"] == "Eve", "it went alone"
    failing = kit.link("contacts")
    assert (failing.state, failing.reason) == (LinkState.FAILING, Reason.REJECTED)
    assert SAID in failing.detail
    assert restore(kit, "contacts") == 1
    there = kit.partner.get("Contact", link.target_id)
    assert (there["Title"], there["FirstName"]) == ("agreed", "Eve")


def test_a_value_that_changed_since_it_was_looked_at_is_kept(kit: MagentrixKit) -> None:
    link = refused(kit, "contacts", "400")
    seen = [each.seen for each in restoring.fields_of(kit.link("contacts"))]
    kit.partner.edit("Contact", link.target_id, Title="another")
    with pytest.raises(ChangedSince):
        restoring.restore([kit.link("contacts")], kit.stage.ada, seen=seen)
    assert kit.link("contacts").choices == {}
    kit.work("contacts")
    assert kit.partner.get("Contact", link.target_id)["Title"] == "another"


def test_a_change_after_the_decision_is_not_overwritten(kit: MagentrixKit) -> None:
    link = refused(kit, "contacts", "400")
    assert restoring.restore([kit.link("contacts")], kit.stage.ada) == 1
    kit.partner.edit("Contact", link.target_id, Title="another")
    kit.work("contacts")
    assert kit.values("contacts") == ("another", "another"), "HubSpot takes this one"


def test_what_hubspot_took_after_all_leaves_nothing_to_restore(kit: MagentrixKit) -> None:
    refused(kit, "contacts", "lost reply")
    link = kit.link("contacts")
    assert restoring.is_offered(link)
    assert restoring.fields_of(link) == ()
    assert restore(kit, "contacts") == 0
    kit.work("contacts")
    assert kit.values("contacts") == ("changed", "changed")


def test_it_is_not_offered_where_it_makes_no_sense(kit: MagentrixKit) -> None:
    link = kit.pair("contacts")
    assert not restoring.is_offered(link)
    assert restoring.restore([link], kit.stage.ada) == 0
    alone = RecordLink(hubspot_id="1", state="failing", refused={"target:*": ["d", ""]})
    assert not restoring.is_offered(alone)
    held = RecordLink(hubspot_id="1", target_id="2", state="held", refused={"hubspot:*": ["d"]})
    assert not restoring.is_offered(held)
    theirs = RecordLink(hubspot_id="1", target_id="2", state="failing", refused={"target:*": ["d"]})
    assert not restoring.is_offered(theirs)


@pytest.mark.parametrize("who", ["vic", "bob"])
def test_only_people_who_may_change_something_restore(who: str, kit: MagentrixKit) -> None:
    refused(kit, "contacts", "400")
    with pytest.raises(PermissionDenied):
        restoring.restore([kit.link("contacts")], getattr(kit.stage, who))
    assert kit.link("contacts").choices == {}
