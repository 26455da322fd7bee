"""Fields made after HubSpot's, and options added to picklists: by a call, or exact steps."""

from __future__ import annotations

import pytest

from integrations.connectors.magentrix import making
from integrations.engine.errors import ConfigInvalid
from integrations.engine.extras import FieldMaking, OptionMaking
from integrations.engine.ports import CreateItem, Ensured
from integrations.engine.records import FieldType
from integrations.engine.specs import FieldSpec, Option
from tests.connectors.magentrix.rig import AccountRig
from tests.rig import record_of

GOLD = (Option("gold", "Gold"), Option("tin", "Tin"))


def spec(kind: FieldType, style: str = "", options: tuple[Option, ...] = ()) -> FieldSpec:
    return FieldSpec("partner_level", "Partner level", kind, options, style=style)


@pytest.mark.parametrize(
    ("kind", "style", "made"),
    [
        (FieldType.TEXT, "text", ("Text", 3999, 0)),
        (FieldType.TEXT, "textarea", ("TextArea", 3999, 0)),
        (FieldType.TEXT, "phonenumber", ("Phone", 40, 0)),
        (FieldType.NUMBER, "number", ("Number", 16, 0)),
        (FieldType.NUMBER, "currency", ("Currency", 16, 2)),
        (FieldType.DATE, "date", ("Date", 0, 0)),
        (FieldType.DATETIME, "date", ("DateTime", 0, 0)),
        (FieldType.BOOLEAN, "booleancheckbox", ("Checkbox", 0, 0)),
        (FieldType.CHOICE, "select", ("Picklist", 255, 0)),
        (FieldType.CHOICE, "radio", ("Picklist", 255, 0)),
        (FieldType.MULTI_CHOICE, "checkbox", ("PicklistMultiSelect", 3999, 0)),
    ],
)
def test_a_field_is_made_of_the_nearest_type(
    accounts: AccountRig, kind: FieldType, style: str, made: tuple[str, int, int]
) -> None:
    assert isinstance(accounts.connector, FieldMaking)
    options = GOLD if kind in (FieldType.CHOICE, FieldType.MULTI_CHOICE) else ()
    found = accounts.connector.make_field("Account", spec(kind, style, options), "partner_level")
    assert (found.name, found.label, found.type) == ("partner_level__c", "Partner level", kind)
    assert found.options == options
    field = accounts.person.field("Account", "partner_level__c")
    assert (field.type.value, field.length, field.precision) == made


def test_the_field_made_earlier_is_found_again_and_never_made_twice(accounts: AccountRig) -> None:
    first = accounts.connector.make_field("Account", spec(FieldType.TEXT), "partner_level")
    accounts.person.field("Account", first.name).label = "Renamed by a person"
    again = accounts.connect().make_field("Account", spec(FieldType.TEXT), "partner_level")
    assert again.name == first.name


def test_a_custom_field_of_the_same_label_is_used(accounts: AccountRig) -> None:
    accounts.person.add_field("Account", Name="Lvl__c", Label="partner LEVEL", FieldType="Text")
    made = accounts.connector.make_field("Account", spec(FieldType.TEXT), "partner_level")
    assert made.name == "Lvl__c"


def test_a_field_of_another_type_is_not_taken(accounts: AccountRig) -> None:
    accounts.connector.make_field("Account", spec(FieldType.TEXT), "partner_level")
    with pytest.raises(ConfigInvalid, match="another type"):
        accounts.connector.make_field("Account", spec(FieldType.NUMBER), "partner_level")


@pytest.mark.parametrize(
    ("kind", "style"),
    [
        (FieldType.NUMBER, "calculation_equation"),
        (FieldType.TEXT, "file"),
        (FieldType.REFERENCE, ""),
    ],
)
def test_a_type_that_magentrix_lacks_is_refused(
    accounts: AccountRig, kind: FieldType, style: str
) -> None:
    with pytest.raises(ConfigInvalid, match="Unsupported type"):
        accounts.connector.make_field("Account", spec(kind, style), "partner_level")


def test_without_set_up_calls_a_person_is_told_what_to_make(accounts: AccountRig) -> None:
    accounts.sandbox.behaviour.setup_api = False
    with pytest.raises(ConfigInvalid) as caught:
        accounts.connect().make_field("Account", spec(FieldType.NUMBER), "partner_level")
    for word in ("Account", "type Number", "length 16", "0 decimals", "name partner_level__c"):
        assert word in caught.value.detail


@pytest.mark.parametrize(
    ("origin", "name"),
    [
        ("hs_lead_status", "hs_lead_status__c"),
        ("2nd phone-no.", "HS_2nd_phone_no__c"),
        ("größe", "gr_e__c"),
        ("x" * 90, "x" * 37 + "__c"),
    ],
)
def test_a_field_is_named_after_its_property(origin: str, name: str) -> None:
    assert making.name_for(origin) == name


def test_a_field_is_ensured_once(accounts: AccountRig) -> None:
    ensured = [accounts.connector.ensure_field("Account", spec(FieldType.TEXT)) for _ in "12"]
    assert ensured == [Ensured.CREATED, Ensured.REUSED]


# ---------------------------------------------------------------- options


def test_only_missing_options_are_added_and_then_accepted(accounts: AccountRig) -> None:
    assert isinstance(accounts.connector, OptionMaking)
    wanted = [Option("Partner", "Partner"), Option("OTHER", "Other kind")]
    assert accounts.connector.add_options("Account", "Type", wanted) == (wanted[1],)
    assert accounts.connector.add_options("Account", "Type", wanted) == ()
    described = {field.name: field for field in accounts.connector.describe("Account")}
    assert wanted[1] in described["Type"].options
    assert "Customer" in {option.value for option in described["Type"].options}
    item = CreateItem("1", {"Name": "Acme", "Type": "OTHER"}, "1")
    assert record_of(accounts.connector.create("Account", [item])[0]).get("Type") == "OTHER"


def test_without_set_up_calls_the_values_to_add_are_listed(accounts: AccountRig) -> None:
    accounts.sandbox.behaviour.setup_api = False
    with pytest.raises(ConfigInvalid) as caught:
        accounts.connect().add_options("Account", "Type", [Option("OTHER", "Other kind"), *GOLD])
    assert "“OTHER” (shown as “Other kind”)" in caught.value.detail
    assert "entity Account" in caught.value.detail
    assert accounts.connect().add_options("Account", "Type", [Option("Partner", "P")]) == ()


@pytest.mark.parametrize("name", ["Name", "Nothing"])
def test_only_a_picklist_takes_options(accounts: AccountRig, name: str) -> None:
    with pytest.raises(ConfigInvalid, match="no picklist"):
        accounts.connector.add_options("Account", name, GOLD)


def test_an_option_with_a_semicolon_cannot_be_stored(accounts: AccountRig) -> None:
    with pytest.raises(ConfigInvalid, match="semicolon"):
        accounts.connector.add_options("Account", "Type", [Option("a;b", "A")])
