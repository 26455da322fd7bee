"""What is sent to Thena: small patches, whole sets of custom fields, and what Thena insists on."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from integrations.connectors.thena.payloads import (
    RecordReader,
    create_body,
    encode_cf,
    update_body,
)
from integrations.engine.errors import Rejected
from integrations.engine.ports import CreateItem
from integrations.engine.reasons import Reason
from integrations.engine.records import ABSENT, BLANK, UNREADABLE, Record, Value


def read(object_type: str, payload: dict[str, Any], name: str) -> Record:
    return RecordReader.build(object_type, (name,), {}).read(payload)


def test_a_patch_holds_only_what_changes_and_a_blank_is_null() -> None:
    values: dict[str, Value] = {
        "name": "Acme",
        "website": BLANK,
        "employees": Decimal(41),
        "annualRevenue": Decimal("0.5"),
        "description": ABSENT,
        "logo": UNREADABLE,
    }
    assert update_body(values) == {
        "name": "Acme",
        "website": None,
        "employees": 41,
        "annualRevenue": 0.5,
    }


def test_accounts_are_sent_only_when_they_change_and_none_is_an_empty_list() -> None:
    assert "accountIds" not in update_body({"firstName": "Ada"})
    assert update_body({"accountIds": ("AC1", "AC2")}) == {"accountIds": ["AC1", "AC2"]}
    assert update_body({"accountIds": BLANK}) == {"accountIds": []}


def test_a_changed_custom_field_takes_those_along_that_stay() -> None:
    held = [{"fieldId": "CF1", "value": "Gold"}, {"fieldId": "CF2", "value": 7}]
    body = update_body({"cf:CF2": Decimal(8), "cf:CF3": ("a", "b"), "cf:CF4": BLANK}, held)
    assert body == {
        "customFieldValues": [
            encode_cf("CF1", ["Gold"]),
            encode_cf("CF2", [8]),
            encode_cf("CF3", ["a", "b"]),
            encode_cf("CF4", []),
        ]
    }


def contact(**values: Value) -> dict[str, Any]:
    return create_body("contacts", CreateItem("1", values))


def account(**values: Value) -> dict[str, Any]:
    return create_body("accounts", CreateItem("1", values))


def test_an_account_says_that_it_came_from_hubspot() -> None:
    body = account(name="Acme", primaryDomain="acme.example", website=BLANK)
    assert body == {"name": "Acme", "primaryDomain": "acme.example", "source": "hubspot"}
    assert "source" not in contact(firstName="Ada", email="ada@acme.example")


def test_our_key_goes_into_the_metadata() -> None:
    item = CreateItem("1", {"name": "Acme", "primaryDomain": "acme.example"}, "hubspot_9")
    assert create_body("accounts", item)["metadata"] == {"portalKey": "hubspot_9"}


def test_a_contact_without_a_first_name_gets_one_that_reads_as_blank() -> None:
    body = contact(email="ada.b@acme.example")
    assert body["firstName"] == "ada.b"
    stored = {"id": "CC1", **body}
    assert read("contacts", stored, "firstName").get("firstName") is BLANK
    edited = {**stored, "firstName": "Ada"}
    assert read("contacts", edited, "firstName").get("firstName") == "Ada"


def test_an_account_without_a_domain_takes_its_websites() -> None:
    body = account(name="Acme", website="https://www.Acme.example/about")
    assert body["primaryDomain"] == "acme.example"
    stored = {"id": "AC1", **body}
    assert read("accounts", stored, "primaryDomain").get("primaryDomain") is BLANK


@pytest.mark.parametrize(
    ("object_type", "values", "field"),
    [
        ("accounts", {"name": "Acme"}, "primaryDomain"),
        ("accounts", {"name": "Acme", "website": "coming soon"}, "primaryDomain"),
        ("accounts", {"primaryDomain": "acme.example"}, "name"),
        ("contacts", {"firstName": "Ada"}, "email"),
        ("contacts", {"firstName": "Ada", "email": BLANK}, "email"),
    ],
)
def test_what_thena_needs_and_nothing_gives_is_said_plainly(
    object_type: str, values: dict[str, Value], field: str
) -> None:
    with pytest.raises(Rejected) as caught:
        create_body(object_type, CreateItem("1", values))
    assert caught.value.reason is Reason.REQUIRED_MISSING
    assert caught.value.fields == (field,)
    assert "Acme" not in caught.value.detail
