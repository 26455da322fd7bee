"""Thena's field list with picklists and custom fields, and fields made for HubSpot properties."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.connectors.thena.fields import field_spec, made_type
from integrations.engine.errors import ConfigInvalid, ReplyLost
from integrations.engine.extras import FieldMaking
from integrations.engine.ports import Ensured
from integrations.engine.records import FieldType
from integrations.engine.specs import FieldSpec, Option
from tests.connectors.thena.rig import AccountRig, ContactRig, ThenaRig

T = FieldType
TIER = FieldSpec("tier", "Tier", T.CHOICE, (Option("a", "A"), Option("b", "B")), style="select")


def described(rig: ThenaRig) -> dict[str, FieldSpec]:
    return {spec.name: spec for spec in rig.connector.describe(rig.object_type)}


def add(rig: ThenaRig, **definition: Any) -> dict[str, Any]:
    answer: dict[str, Any] = rig.call("POST", "/v1/custom-field", definition)
    return dict(answer["data"])


def made(rig: ThenaRig) -> list[dict[str, Any]]:
    return [row for row in rig.person.org.fields.values() if row["name"] != "Customer tier"]


def test_picklists_are_listed_with_uids_and_names(accounts: AccountRig) -> None:
    status = described(accounts)["status"]
    assert status.type is T.CHOICE
    labels = [option.label for option in status.options]
    assert labels == ["PROSPECT", "TRIAL", "ACTIVE", "CHURNED", "ACQUIRED"]
    assert status.options[2].value == accounts.person.option("accounts", "status", "ACTIVE")
    assert all(
        described(accounts)[name].options for name in ("classification", "health", "industry")
    )


def test_a_contacts_accounts_are_references_and_its_type_a_picklist(contacts: ContactRig) -> None:
    specs = described(contacts)
    assert (specs["accountIds"].type, specs["accountIds"].references) == (T.REFERENCE, "accounts")
    assert [option.label for option in specs["contactType"].options][0] == "PRIMARY"


def test_what_thena_insists_on_is_marked(accounts: AccountRig, contacts: ContactRig) -> None:
    required = {
        name
        for rig in (accounts, contacts)
        for name, spec in described(rig).items()
        if spec.required
    }
    assert required == {"name", "primaryDomain", "firstName", "email"}


def test_custom_fields_of_the_object_are_listed_whichever_page_they_are_on(
    contacts: ContactRig,
) -> None:
    contacts.sandbox.behaviour.max_limit = 3
    for number in range(10):
        add(contacts, name=f"F{number}", source="customer_contact", fieldType="single_line")
    add(contacts, name="Ticket field", source="ticket", fieldType="single_line")
    custom = [spec.label for spec in described(contacts).values() if spec.custom]
    assert custom == [f"F{number}" for number in range(10)]


def test_a_field_that_is_switched_off_is_not_listed(accounts: AccountRig) -> None:
    add(accounts, name="Old", source="account", fieldType="single_line", isActive=False)
    assert [spec.label for spec in described(accounts).values() if spec.custom] == ["Customer tier"]


@pytest.mark.parametrize(
    ("said", "kind", "read_only"),
    [
        ("single_line", T.TEXT, False),
        ("multi_line", T.TEXT, False),
        ("rich_text", T.TEXT, False),
        ("time", T.TEXT, False),
        ("email", T.TEXT, False),
        ("phone_number", T.TEXT, False),
        ("url", T.TEXT, False),
        ("integer", T.NUMBER, False),
        ("decimal", T.NUMBER, False),
        ("currency", T.NUMBER, False),
        ("rating", T.NUMBER, False),
        ("date", T.DATE, False),
        ("date_time", T.DATETIME, False),
        ("single_choice", T.CHOICE, False),
        ("radio_button", T.CHOICE, False),
        ("multi_choice", T.MULTI_CHOICE, False),
        ("checkbox", T.BOOLEAN, False),
        ("toggle", T.BOOLEAN, False),
        ("lookup", T.TEXT, True),
        ("file_upload", T.TEXT, True),
        ("", T.TEXT, True),
    ],
)
def test_each_type_of_thena_has_one_of_ours(said: str, kind: T, read_only: bool) -> None:
    spec = field_spec({"uid": "CF1", "name": "X", "fieldType": said})
    assert (spec.name, spec.type, spec.read_only, spec.custom) == ("cf:CF1", kind, read_only, True)


def test_options_may_be_texts_or_objects_and_make_a_checkbox_a_multiple_choice() -> None:
    options = ["Gold", {"value": "tin", "label": "Tin"}, {"label": "nothing"}]
    definition = {"uid": "CF1", "slug": "level", "fieldType": "checkbox", "options": options}
    spec = field_spec(definition)
    assert spec.options == (Option("Gold", "Gold"), Option("tin", "Tin"))
    assert (spec.type, spec.label) == (T.MULTI_CHOICE, "level")


# ---------------------------------------------------------------- made fields


@pytest.mark.parametrize(
    ("kind", "style", "expected"),
    [
        (T.TEXT, "text", "single_line"),
        (T.TEXT, "", "single_line"),
        (T.TEXT, "textarea", "multi_line"),
        (T.TEXT, "html", "rich_text"),
        (T.TEXT, "phonenumber", "phone_number"),
        (T.NUMBER, "number", "decimal"),
        (T.NUMBER, "currency", "currency"),
        (T.BOOLEAN, "booleancheckbox", "checkbox"),
        (T.DATE, "date", "date"),
        (T.DATETIME, "date", "date_time"),
        (T.CHOICE, "select", "single_choice"),
        (T.CHOICE, "radio", "radio_button"),
        (T.MULTI_CHOICE, "checkbox", "multi_choice"),
    ],
)
def test_a_made_field_is_of_the_nearest_kind(kind: T, style: str, expected: str) -> None:
    assert made_type(FieldSpec("x", "X", kind, style=style)) == expected


@pytest.mark.parametrize(
    ("kind", "style"),
    [(T.REFERENCE, ""), (T.NUMBER, "calculation_equation"), (T.TEXT, "file")],
)
def test_a_kind_that_thena_lacks_is_refused_before_anything_is_made(
    accounts: AccountRig, kind: T, style: str
) -> None:
    with pytest.raises(ConfigInvalid, match="Unsupported type"):
        accounts.connector.make_field("accounts", FieldSpec("x", "X", kind, style=style), "x")
    assert accounts.connector.calls == 0


def test_a_field_is_made_once_and_named_after_the_property(contacts: ContactRig) -> None:
    assert isinstance(contacts.connector, FieldMaking)
    first = contacts.connector.make_field("contacts", TIER, "tier")
    again = contacts.connector.make_field("contacts", TIER, "tier")
    [row] = made(contacts)
    assert first == again == described(contacts)[first.name]
    assert first.name == f"cf:{row['uid']}"
    assert (row["name"], row["source"], row["fieldType"]) == (
        "Tier",
        "customer_contact",
        "single_choice",
    )
    assert row["metadata"] == {"hubspotProperty": "tier"}
    assert [option.value for option in first.options] == ["a", "b"]


def test_a_renamed_field_is_still_known_by_its_property(contacts: ContactRig) -> None:
    first = contacts.connector.make_field("contacts", TIER, "tier")
    [row] = made(contacts)
    row["name"], row["slug"] = "Customer level", "customer_level"
    assert contacts.connector.make_field("contacts", TIER, "tier").name == first.name


@pytest.mark.parametrize("name", ["Tier", "TIER", "tier"])
def test_a_field_of_that_name_is_used_again(contacts: ContactRig, name: str) -> None:
    theirs = add(
        contacts,
        name=name,
        source="customer_contact",
        fieldType="radio_button",
        options=[{"value": "a"}],
    )
    assert contacts.connector.make_field("contacts", TIER, "tier").name == f"cf:{theirs['uid']}"


def test_a_field_of_that_name_and_another_type_is_a_clash(contacts: ContactRig) -> None:
    add(contacts, name="Tier", source="customer_contact", fieldType="decimal")
    with pytest.raises(ConfigInvalid, match="another type"):
        contacts.connector.make_field("contacts", TIER, "tier")
    assert len(made(contacts)) == 1


def test_a_field_of_the_other_object_is_no_match(contacts: ContactRig) -> None:
    add(contacts, name="Tier", source="account", fieldType="decimal")
    contacts.connector.make_field("contacts", TIER, "tier")
    assert len(made(contacts)) == 2


def test_after_a_lost_answer_the_field_is_found_and_not_made_again(contacts: ContactRig) -> None:
    contacts.sandbox.faults.inject(Fault(FaultKind.LOST_REPLY, "POST", "/custom-field$"))
    with pytest.raises(ReplyLost):
        contacts.connector.make_field("contacts", TIER, "tier")
    contacts.connector.make_field("contacts", TIER, "tier")
    assert len(made(contacts)) == 1


def test_ensure_field_says_whether_it_was_there(contacts: ContactRig) -> None:
    ensured = [contacts.connector.ensure_field("contacts", TIER) for _ in range(2)]
    assert ensured == [Ensured.CREATED, Ensured.REUSED]
    assert len(made(contacts)) == 1
