"""Metadata becomes fields: types, options, what can be written, names in any spelling."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.connectors.magentrix import fields
from integrations.connectors.magentrix.fields import Column
from integrations.engine.mapping import Privacy
from integrations.engine.records import FieldType
from integrations.engine.specs import Option


def column(entity: str = "Account", **raw: Any) -> Column:
    defaults = {"Name": "Field__c", "Label": "Field", "FieldType": "Text"}
    return fields.column(entity, {**defaults, **raw}, {"lastname": "LastName"})


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Text", FieldType.TEXT),
        ("Text Area", FieldType.TEXT),
        ("LongText", FieldType.TEXT),
        ("Email", FieldType.TEXT),
        ("Phone", FieldType.TEXT),
        ("Number", FieldType.NUMBER),
        ("Currency", FieldType.NUMBER),
        ("Percent", FieldType.NUMBER),
        ("Date", FieldType.DATE),
        ("Date/Time", FieldType.DATETIME),
        ("DateTime", FieldType.DATETIME),
        ("Checkbox", FieldType.BOOLEAN),
        ("Picklist", FieldType.CHOICE),
        ("GlobalPicklist", FieldType.CHOICE),
        ("PicklistMultiSelect", FieldType.MULTI_CHOICE),
        ("Multi-Select Picklist", FieldType.MULTI_CHOICE),
    ],
)
def test_a_type_is_known_in_every_spelling(said: str, kind: FieldType) -> None:
    found = column(FieldType=said)
    assert found.spec.type is kind
    assert not found.spec.read_only


@pytest.mark.parametrize("said", ["Auto Number", "Formula", "Rollup", "Hologram", "", None])
def test_a_type_that_cannot_be_written_or_is_not_known_is_only_read(said: str | None) -> None:
    found = column(FieldType=said)
    assert (found.spec.type, found.spec.read_only) == (FieldType.TEXT, True)


@pytest.mark.parametrize("said", ["Hierarchy", "", None])
def test_a_lookup_is_known_by_its_mark_and_needs_no_known_type(said: str | None) -> None:
    found = column(FieldType=said, IsReference=True, ReferenceType="Account")
    assert (found.spec.type, found.spec.read_only) == (FieldType.REFERENCE, False)
    assert column(FieldType=said, IsReference=True, IsCalculated=True).spec.read_only


@pytest.mark.parametrize("flag", ["IsReadOnly", "IsAuditField", "IsCalculated", "IsKey"])
def test_what_the_system_keeps_is_only_read(flag: str) -> None:
    raw: dict[str, Any] = {flag: True}
    assert column(**raw).spec.read_only


@pytest.mark.parametrize("name", [*fields.OURS, "hubspotid__c"])
def test_our_own_fields_are_never_mapped(name: str) -> None:
    assert column(Name=name).spec.read_only


def test_names_that_our_rules_use_keep_our_spelling_and_are_sent_in_the_portals() -> None:
    found = column(Name="Lastname")
    assert (found.name, found.wire) == ("LastName", "Lastname")


def test_options_are_values_with_labels() -> None:
    entries = [{"Value": "a", "Label": "A"}, {"Label": "B"}, {"Value": "", "Label": ""}, "odd"]
    found = column(FieldType="Picklist", PicklistEntries=entries)
    assert found.spec.options == (Option("a", "A"), Option("B", "B"))


def test_a_lookup_to_what_is_synced_is_a_reference_and_any_other_a_text() -> None:
    known = column(FieldType="Lookup", IsReference=True, ReferenceType="Account")
    other = column(FieldType="Lookup", IsReference=True, ReferenceType="User")
    mixed = column(FieldType="Lookup", IsReference=True, ReferenceType="Account;User")
    assert (known.spec.type, known.spec.references) == (FieldType.REFERENCE, "Account")
    assert {other.spec.type, mixed.spec.type} == {FieldType.TEXT}
    assert mixed.refers == ("Account", "User")


@pytest.mark.parametrize(
    "raw",
    [
        {"FieldType": "Checkbox"},
        {"Name": "OwnerId"},
        {"FieldType": "Picklist", "PicklistEntries": [{"Value": "a", "IsDefaultValue": True}]},
    ],
)
def test_what_magentrix_fills_by_itself_is_not_needed_from_us(raw: dict[str, Any]) -> None:
    assert not column(IsRequired=True, **raw).spec.required
    assert column(IsRequired=True).spec.required


def test_lengths_and_decimals_are_kept_where_they_limit_values() -> None:
    assert column(Length=50).length == 50
    assert column(FieldType="Number", Length=16, Precision=0).places == 0
    assert column(FieldType="Number", Length=16).length == 0
    assert column(FieldType="Picklist", Length=5).length == 0


def test_people_are_personal_and_companies_are_not() -> None:
    assert column("Contact").spec.privacy is Privacy.PERSONAL
    assert column("User").spec.privacy is Privacy.PERSONAL
    assert column("Opportunity").spec.privacy is Privacy.PUBLIC


def test_hidden_and_nameless_fields_are_left_out() -> None:
    raw = [{"Name": "A"}, {"Name": "B", "IsReadable": False}, {"Label": "C"}, "odd"]
    entity, found = fields.columns({"Name": "Account", "Fields": raw}, {})
    assert (entity, list(found)) == ("Account", ["A"])
