"""Our own properties: created once, reused when they fit, refused with a sentence when not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from integrations.connectors.hubspot.spec import SYNC_GROUP, SYNC_KEY
from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.errors import ConfigInvalid
from integrations.engine.ports import Ensured
from integrations.engine.records import FieldType
from integrations.engine.specs import FieldSpec, GroupSpec, Option
from tests.connectors.hubspot.rig import HubSpotRig

CONTACTS = "contacts"
BASE = "/crm/properties/2026-09/contacts"
GROUP = GroupSpec("rxnt", "RXNT")
SEX = FieldSpec("rxnt_sex", "Sex", FieldType.CHOICE, (Option("M", "Male"), Option("F", "Female")))
BORN = FieldSpec("rxnt_born", "Date of Birth", FieldType.DATE)


def ensure(rig: HubSpotRig, spec: FieldSpec, group: GroupSpec | None = GROUP) -> Ensured:
    return rig.connector.ensure_field(CONTACTS, spec, group)


def definition(rig: HubSpotRig, name: str) -> dict[str, Any]:
    [found] = [row for row in rig.get(BASE) if row["name"] == name]
    return dict(found)


def writes(rig: HubSpotRig) -> int:
    return sum(count for (method, _), count in rig.sandbox.counters.items() if method != "GET")


@pytest.mark.parametrize("kind", [kind for kind in FieldType if kind is not FieldType.REFERENCE])
def test_a_field_of_each_type_is_created_and_can_be_written(
    rig: HubSpotRig, kind: FieldType
) -> None:
    options = SEX.options if "choice" in kind else ()
    spec = FieldSpec("portal_x", "X", kind, options, description="For tests")
    assert ensure(rig, spec) is Ensured.CREATED
    [found] = [field for field in rig.connector.describe(CONTACTS) if field.name == "portal_x"]
    assert (found.type, found.label, found.group) == (kind, "X", "rxnt")
    assert found.description == "For tests"
    assert not found.read_only
    assert {option.value for option in options} <= {option.value for option in found.options}


def test_a_property_cannot_be_made_for_associations(rig: HubSpotRig) -> None:
    with pytest.raises(ConfigInvalid):
        ensure(rig, FieldSpec("portal_x", "X", FieldType.REFERENCE))
    assert writes(rig) == 0


def test_a_second_time_nothing_is_written(rig: HubSpotRig) -> None:
    for spec in (SEX, BORN):
        assert ensure(rig, spec) is Ensured.CREATED
    before = writes(rig)
    for spec in (SEX, BORN):
        assert ensure(rig, spec) is Ensured.REUSED
    assert writes(rig) == before


def test_without_a_group_the_portals_own_is_used(rig: HubSpotRig) -> None:
    ensure(rig, SYNC_KEY, None)
    found = definition(rig, SYNC_KEY.name)
    assert (found["groupName"], found["hasUniqueValue"]) == (SYNC_GROUP.name, True)


def test_missing_options_are_added_and_the_customers_own_are_kept(rig: HubSpotRig) -> None:
    theirs = FieldSpec(
        SEX.name, "Gender", FieldType.CHOICE, (Option("X", "Diverse"), Option("F", "Frau"))
    )
    ensure(rig, theirs)
    assert ensure(rig, SEX) is Ensured.REUSED
    found = definition(rig, SEX.name)
    assert {option["value"]: option["label"] for option in found["options"]} == {
        "X": "Diverse",
        "F": "Frau",
        "M": "Male",
    }
    assert found["label"] == "Gender"


def test_an_archived_field_comes_back(rig: HubSpotRig) -> None:
    ensure(rig, SEX)
    token = rig.sandbox.install(202020, 4711001).access
    rig.session.delete(
        f"https://api.hubapi.com{BASE}/{SEX.name}",
        headers={"Authorization": f"Bearer {token}"},
        timeout=5,
    )
    wider = FieldSpec(SEX.name, SEX.label, SEX.type, (*SEX.options, Option("U", "Unknown")))
    assert ensure(rig, wider) is Ensured.CREATED
    values = {option["value"] for option in definition(rig, SEX.name)["options"]}
    assert values == {"M", "F", "U"}


@pytest.mark.parametrize(
    ("existing", "wanted", "said"),
    [
        (FieldSpec("portal_x", "X", FieldType.TEXT), FieldType.DATE, "date picker"),
        (FieldSpec("portal_x", "X", FieldType.DATETIME), FieldType.DATE, "date picker"),
        (FieldSpec("portal_x", "X", FieldType.TEXT), FieldType.CHOICE, "dropdown select"),
    ],
)
def test_a_field_of_another_type_is_left_alone_and_named(
    rig: HubSpotRig, existing: FieldSpec, wanted: FieldType, said: str
) -> None:
    ensure(rig, existing)
    before = definition(rig, "portal_x")
    with pytest.raises(ConfigInvalid, match=said) as caught:
        ensure(rig, FieldSpec("portal_x", "X", wanted))
    assert "Rename or delete" in caught.value.detail
    assert caught.value.fields == ("portal_x",)
    assert definition(rig, "portal_x") == before


def test_a_field_that_is_not_unique_cannot_become_the_key(rig: HubSpotRig) -> None:
    ensure(rig, FieldSpec(SYNC_KEY.name, "Mine"))
    with pytest.raises(ConfigInvalid, match="unique"):
        ensure(rig, SYNC_KEY)


def test_a_field_that_nobody_can_write_is_refused(rig: HubSpotRig) -> None:
    with pytest.raises(ConfigInvalid, match="cannot be changed"):
        ensure(rig, FieldSpec("createdate", "Created", FieldType.DATETIME))


def test_a_fixed_option_list_is_refused_with_what_it_lacks(rig: HubSpotRig) -> None:
    ensure(rig, FieldSpec("portal_x", "X", FieldType.CHOICE, (Option("M", "Male"),)))
    shown = definition(rig, "portal_x")
    shown["modificationMetadata"] = {"readOnlyValue": False, "readOnlyOptions": True}
    rig.sandbox.faults.inject(
        Fault(FaultKind.STATUS, path="/portal_x$", status=200, body=json.dumps(shown).encode())
    )
    with pytest.raises(ConfigInvalid, match="Female"):
        ensure(rig, FieldSpec("portal_x", "X", FieldType.CHOICE, SEX.options))


def test_somebody_who_creates_it_at_the_same_moment_does_no_harm(rig: HubSpotRig) -> None:
    ensure(rig, SEX)
    for path in ("/rxnt_sex$", "/groups/rxnt$"):
        rig.sandbox.faults.inject(Fault(FaultKind.STATUS, path=path, status=404, method="GET"))
    assert ensure(rig, SEX) is Ensured.REUSED


def test_a_field_that_exists_but_is_not_shown_is_reported(rig: HubSpotRig) -> None:
    ensure(rig, SEX)
    rig.sandbox.faults.inject(Fault(FaultKind.STATUS, path="/rxnt_sex$", status=404), 2)
    with pytest.raises(ConfigInvalid, match="does not show it"):
        ensure(rig, SEX)


def test_a_new_field_is_known_to_the_next_read(rig: HubSpotRig) -> None:
    rig.connector.describe(CONTACTS)
    ensure(rig, BORN)
    made = rig.person.create_contact({"email": "x@acme.example", BORN.name: "2004-02-29"})
    record = rig.connector.fetch(CONTACTS, [made], [BORN.name])[made]
    assert str(record.get(BORN.name)) == "2004-02-29"
    assert not isinstance(record.get(BORN.name), str)
