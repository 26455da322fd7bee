"""Property definitions as fields of ours, and back."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.connectors.hubspot.definitions import field_spec, new_definition
from integrations.engine.mapping import Privacy
from integrations.engine.records import FieldType
from integrations.engine.specs import FieldSpec, Option

T = FieldType


@pytest.mark.parametrize(
    ("kind", "field_kind", "expected"),
    [
        ("string", "text", T.TEXT),
        ("string", "html", T.TEXT),
        ("phone_number", "phonenumber", T.TEXT),
        ("json", "text", T.TEXT),
        ("invented", "invented", T.TEXT),
        ("number", "calculation_rollup", T.NUMBER),
        ("bool", "booleancheckbox", T.BOOLEAN),
        ("date", "date", T.DATE),
        ("datetime", "date", T.DATETIME),
        ("enumeration", "select", T.CHOICE),
        ("enumeration", "radio", T.CHOICE),
        ("enumeration", "checkbox", T.MULTI_CHOICE),
        ("enumeration", "booleancheckbox", T.CHOICE),
    ],
)
def test_each_property_type_has_one_of_ours(
    kind: str, field_kind: str, expected: FieldType
) -> None:
    spec = field_spec({"name": "x", "type": kind, "fieldType": field_kind})
    assert spec.type is expected
    assert spec.label == "x"


@pytest.mark.parametrize(
    ("metadata", "read_only"),
    [
        ({"readOnlyValue": False}, False),
        ({"readOnlyValue": False, "readOnlyDefinition": True}, False),
        ({"readOnlyValue": True}, True),
        ({}, True),
        (None, True),
    ],
)
def test_only_the_metadata_makes_a_property_writable(
    metadata: dict[str, bool] | None, read_only: bool
) -> None:
    assert field_spec({"name": "x", "modificationMetadata": metadata}).read_only is read_only


@pytest.mark.parametrize(
    ("definition", "style"),
    [
        ({"fieldType": "textarea"}, "textarea"),
        ({"fieldType": "number", "showCurrencySymbol": True}, "currency"),
        ({"fieldType": "number", "showCurrencySymbol": False}, "number"),
        ({}, ""),
    ],
)
def test_a_field_says_how_hubspots_forms_show_it(definition: dict[str, Any], style: str) -> None:
    assert field_spec({"name": "x", **definition}).style == style


def test_options_come_in_display_order_and_sensitive_properties_count_as_health() -> None:
    spec = field_spec(
        {
            "name": "sex",
            "label": "Sex",
            "type": "enumeration",
            "fieldType": "select",
            "groupName": "rxnt",
            "description": "As in the passport",
            "hasUniqueValue": True,
            "dataSensitivity": "sensitive",
            "options": [
                {"value": "F", "label": "Female", "displayOrder": 1},
                {"value": "M", "displayOrder": 0},
            ],
        }
    )
    assert spec.options == (Option("M", "M"), Option("F", "Female"))
    assert (spec.group, spec.description) == ("rxnt", "As in the passport")
    assert spec.unique
    assert spec.privacy is Privacy.HEALTH


@pytest.mark.parametrize("kind", [k for k in FieldType if k is not FieldType.REFERENCE])
def test_a_new_definition_reads_back_as_what_was_wanted(kind: FieldType) -> None:
    options = (Option("a", "A"), Option("b", "B")) if "choice" in kind else ()
    wanted = FieldSpec("portal_x", "X", kind, options, unique=True)
    body = new_definition(wanted, "portal")
    read = field_spec({**body, "modificationMetadata": {"readOnlyValue": False}})
    assert (read.name, read.type, read.unique, read.group) == ("portal_x", kind, True, "portal")
    assert read.options == (options or read.options)
    assert (kind is FieldType.BOOLEAN) == ([o.value for o in read.options] == ["true", "false"])
