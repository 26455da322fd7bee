"""What the fields of the Magentrix stand-in accept, and what they then hold."""

from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.magentrix.sandbox_rig import Desk

TYPES = (
    "Text", "TextArea", "Number", "Currency", "Percent", "Date", "DateTime", "Checkbox", "Email",
    "Phone", "Url", "Picklist", "PicklistMultiSelect",
)  # fmt: skip
CHOICES = {"PicklistEntries": [{"Value": "a"}, {"Value": "b", "Label": "Bee"}]}


@pytest.fixture
def shelf(desk: Desk) -> Desk:
    """Accounts with one custom field of every type that can be made."""
    for kind in TYPES:
        more = CHOICES if kind.startswith("Picklist") else {}
        desk.person.add_field("Account", Name=f"{kind}__c", FieldType=kind, **more)
    return desk


@pytest.mark.parametrize(
    ("kind", "given", "held"),
    [
        ("Text", "x" * 255, "x" * 255),
        ("Text", " as typed ", " as typed "),
        ("TextArea", "line\nline", "line\nline"),
        ("Number", 5, 5),
        ("Number", 5.5, 6),
        ("Number", -2.5, -3),
        ("Number", 9_999_999_999_999_999, 9_999_999_999_999_999),
        ("Currency", 5, 5.0),
        ("Currency", 1234.565, 1234.57),
        ("Percent", 12.5, 12.5),
        ("Date", "2026-11-20", "2026-11-20"),
        ("Date", "2026-11-20T00:00:00", "2026-11-20"),
        ("Date", "2026-11-20T00:00:00.000Z", "2026-11-20"),
        ("DateTime", "2026-11-20T10:00:00", "2026-11-20T10:00:00Z"),
        ("DateTime", "2026-11-20T10:00:00.120Z", "2026-11-20T10:00:00.12Z"),
        ("DateTime", "2026-11-20T10:00:00+01:00", "2026-11-20T09:00:00Z"),
        ("DateTime", "2026-11-20", "2026-11-20T00:00:00Z"),
        ("Checkbox", True, True),
        ("Checkbox", None, False),
        ("Email", "Ada@acme.example", "Ada@acme.example"),
        ("Phone", "+49 30 / 12", "+49 30 / 12"),
        ("Url", "acme.example", "acme.example"),
        ("Url", "https://acme.example/a?b", "https://acme.example/a?b"),
        ("Picklist", "b", "b"),
        ("PicklistMultiSelect", "b;a", "b;a"),
        ("PicklistMultiSelect", "a;b;a", "a;b"),
        ("Text", "", None),
        ("Number", None, None),
    ],
)
def test_a_value_that_fits_is_held_in_the_fields_own_form(
    shelf: Desk, kind: str, given: Any, held: Any
) -> None:
    account = shelf.create("Account", Name="Acme", **{f"{kind}__c": given})
    found = shelf.read("Account", account)[f"{kind}__c"]
    assert (found, type(found)) == (held, type(held))


@pytest.mark.parametrize(
    ("kind", "given", "code"),
    [
        ("Text", "x" * 256, "STRING_TOO_LONG"),
        ("TextArea", "x" * 4000, "STRING_TOO_LONG"),
        ("Phone", "1" * 41, "STRING_TOO_LONG"),
        ("Text", 5, "INVALID_VALUE"),
        ("Text", True, "INVALID_VALUE"),
        ("Text", ["a"], "INVALID_VALUE"),
        ("Number", "5", "INVALID_VALUE"),
        ("Number", True, "INVALID_VALUE"),
        ("Number", 10**16, "INVALID_VALUE"),
        ("Currency", 10**14, "INVALID_VALUE"),
        ("Currency", float("nan"), "INVALID_VALUE"),
        ("Percent", 1000, "INVALID_VALUE"),
        ("Date", "20.11.2026", "INVALID_VALUE"),
        ("Date", "2026-11-20T10:00:00", "INVALID_VALUE"),
        ("Date", 1_795_000_000, "INVALID_VALUE"),
        ("DateTime", "soon", "INVALID_VALUE"),
        ("Checkbox", "true", "INVALID_VALUE"),
        ("Checkbox", 1, "INVALID_VALUE"),
        ("Email", "ada at acme", "INVALID_VALUE"),
        ("Url", "no address", "INVALID_VALUE"),
        ("Url", "acme", "INVALID_VALUE"),
        ("Picklist", "B", "INVALID_VALUE"),
        ("Picklist", "Bee", "INVALID_VALUE"),
        ("PicklistMultiSelect", "a; b", "INVALID_VALUE"),
        ("PicklistMultiSelect", ["a"], "INVALID_VALUE"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_its_field(
    shelf: Desk, kind: str, given: Any, code: str
) -> None:
    body = {"Name": "Acme", f"{kind}__c": given}
    assert shelf.refusal("POST", "/entity/Account", body) == (400, [(code, f"{kind}__c")])


def test_a_refusal_does_not_repeat_the_value(shelf: Desk) -> None:
    body = {"Name": "Acme", "Email__c": "secret words", "Picklist__c": "secret words"}
    assert b"secret" not in shelf.ask("POST", "/entity/Account", body).body


def test_a_number_may_have_decimals_of_its_own(desk: Desk) -> None:
    desk.person.add_field("Account", Name="Rate__c", FieldType="Number", Length=6, Precision=3)
    account = desk.create("Account", Name="Acme", Rate__c=1.23456)
    assert desk.read("Account", account)["Rate__c"] == 1.235
    assert desk.refusal("POST", "/entity/Account", {"Name": "A", "Rate__c": 1000})[0] == 400


def test_a_value_taken_from_a_picklist_stays_in_records_and_cannot_be_written(
    desk: Desk,
) -> None:
    account = desk.create("Account", Name="Acme", Industry="Retail")
    desk.person.drop_value("Account", "Industry", "Retail")
    desk.data("PATCH", f"/entity/Account/{account}", {"Phone": "1"})
    assert desk.read("Account", account)["Industry"] == "Retail"
    refusal = desk.refusal("PATCH", f"/entity/Account/{account}", {"Industry": "Retail"})
    assert refusal == (400, [("INVALID_VALUE", "Industry")])
