"""Owners as people, and the lists that settings choose from."""

from __future__ import annotations

import pytest

from integrations.engine.errors import Rejected
from integrations.engine.extras import Choosing, Person, Staffed
from integrations.engine.ports import UpdateItem
from integrations.engine.reasons import Reason
from tests.connectors.hubspot.rig import HubSpotRig
from tests.rig import only_error, record_of

OWNER = "hubspot_owner_id"


def test_people_are_owners_by_owner_id_and_never_by_user_id(rig: HubSpotRig) -> None:
    assert isinstance(rig.connector, Staffed)
    rig.person.add_owner("77", "old.hand@acme.example", archived=True)
    assert rig.connector.people() == [
        Person("12236", "Ada Admin", "admin@acme.example"),
        Person("77", "Old Hand", "old.hand@acme.example", active=False),
    ]


def test_an_owner_who_leaves_and_returns_is_one_person(rig: HubSpotRig) -> None:
    rig.person.add_owner("77", "bo@acme.example")
    for archived in (True, False):
        rig.person.change_owner("77", archived=archived)
        [found] = [one for one in rig.connector.people() if one.id == "77"]
        assert found.active is not archived


def test_people_without_a_name_are_called_by_their_address(rig: HubSpotRig) -> None:
    rig.person.add_owner("78", "@acme.example")
    assert [one.name for one in rig.connector.people()][1] == "@acme.example"


def test_lists_are_named_and_live(rig: HubSpotRig) -> None:
    assert isinstance(rig.connector, Choosing)
    rig.person.add_owner("77", "old.hand@acme.example", archived=True)
    renewal = rig.person.add_pipeline("Renewal", {"asked": "Asked"})
    lists = {
        name: {option.value: option.label for option in rig.connector.choices(name)}
        for name in ("owners", "pipelines", "stages")
    }
    assert lists["owners"] == {"12236": "Ada Admin", "77": "Old Hand (deactivated)"}
    assert lists["pipelines"] == {"default": "Sales Pipeline", renewal: "Renewal"}
    assert lists["stages"][f"{renewal}:asked"] == "Renewal – Asked"
    with pytest.raises(KeyError):
        rig.connector.choices("groups")


@pytest.mark.parametrize("strict", [False, True])
def test_an_archived_owner_may_be_refused_and_the_field_is_named(
    rig: HubSpotRig, strict: bool
) -> None:
    rig.sandbox.behaviour.refuse_archived_owners = strict
    rig.person.add_owner("77", "old.hand@acme.example", archived=True)
    made, kept = (rig.person.create("companies", {"name": name}) for name in ("Acme", "Bolt"))
    item = UpdateItem("1", made, {OWNER: "77"})
    if not strict:
        assert record_of(rig.connector.update("companies", [item])[0]).get(OWNER) == "77"
        return
    error = only_error(lambda: rig.connector.update("companies", [item]))
    assert isinstance(error, Rejected)
    assert (error.fields, error.reason) == ((OWNER,), Reason.VALUE_INVALID)
    both = [item, UpdateItem("2", kept, {OWNER: "12236"})]
    refused, written = rig.connector.update("companies", both)
    assert refused.error is not None
    assert record_of(written).get(OWNER) == "12236"


def test_who_was_the_owner_before_leaving_may_stay(rig: HubSpotRig) -> None:
    rig.sandbox.behaviour.refuse_archived_owners = True
    rig.person.add_owner("77", "bo@acme.example")
    made = rig.person.create("deals", {"dealname": "Roof", "dealstage": "closedwon", OWNER: "77"})
    rig.person.change_owner("77", archived=True)
    item = UpdateItem("1", made, {OWNER: "77", "dealname": "Wall"})
    assert record_of(rig.connector.update("deals", [item])[0]).get("dealname") == "Wall"
