"""HubSpot's own words about a refusal reach people, the values quoted in them do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.connectors.hubspot.quoting import LONGEST, quoted
from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.errors import Duplicate, Rejected
from integrations.engine.ports import UpdateItem
from integrations.engine.reasons import Reason
from tests.connectors.hubspot.rig import HubSpotRig
from tests.rig import only_error, record_of

RULE = "The budget of this account is spent for the year"


@pytest.mark.parametrize(
    ("message", "sent", "shown"),
    [
        (RULE, ["x"], RULE),
        ("Ada was not one of the options: [Bo, Cy]", ["Ada"], "… was not one of the options: […]"),
        ("ADA LOVELACE is too famous for this", ["Ada Lovelace"], "… is too famous for this"),
        ("Adam may not be called so", ["Ada"], "Adam may not be called so"),
        ("a (b) is not a value here", ["a (b)"], "… is not a value here"),
        ("Write to x@acme.example or call 0415 555-0101 then", [], "Write to … or call … then"),
        ("It was 2026-11-20T10:00:00Z when it was set", [], "It was … when it was set"),
        ("b is no member of this list", ["a;b"], "… is no member of this list"),
    ],
)
def test_values_are_taken_out_of_the_words(message: str, sent: list[str], shown: str) -> None:
    kept = [*sent, *(["Bo, Cy"] if "Bo" in message else [])]
    assert quoted(message, kept) == shown


@pytest.mark.parametrize(
    ("message", "sent"),
    [
        (RULE, None),
        ("Ada Lovelace", ["Ada"]),
        ("", []),
        (f"The text {'long ' * 12}is not allowed here", ["long " * 40]),
    ],
)
def test_nothing_is_shown_where_too_little_is_left_or_nobody_knows_what_was_sent(
    message: str, sent: list[str] | None
) -> None:
    assert quoted(message, sent) == ""


def test_long_words_end_at_a_word(rig: HubSpotRig) -> None:
    shown = quoted("word " * 100, [])
    assert len(shown) <= LONGEST
    assert shown.endswith("word…")


@given(st.text("abc;. ", min_size=1, max_size=30), st.text("xyz ", max_size=40))
def test_no_value_that_was_sent_stays_whole(value: str, around: str) -> None:
    whole = " ".join(value.split())
    shown = quoted(f"{around} was not good: {value} and {around}", [value])
    words = {part.strip() for part in whole.split(";") if part.strip()}
    assert not words & set(shown.split()) - {"was", "not", "good:", "and"}


# ---------------------------------------------------------------- through the connector


def test_a_refused_value_fails_its_record_with_hubspots_words(rig: HubSpotRig) -> None:
    good, bad = rig.person.create_many("contacts", [{"firstname": "Bo"}, {"firstname": "Cy"}])
    rig.person.refuse("contacts", "firstname", "Ada", f"Ada: {RULE}")
    items = [UpdateItem("g", good, {"firstname": "Di"}), UpdateItem("b", bad, {"firstname": "Ada"})]
    found = {outcome.ref: outcome for outcome in rig.connector.update("contacts", items)}
    assert record_of(found["g"]).get("firstname") == "Di"
    error = found["b"].error
    assert isinstance(error, Rejected)
    assert (error.fields, error.reason) == (("firstname",), Reason.VALUE_INVALID)
    assert f"“…: {RULE}”" in error.detail
    assert "Ada" not in error.detail
    assert rig.person.contact(bad)["firstname"] == "Cy"


def test_a_batch_refused_as_a_whole_says_it_too(rig: HubSpotRig) -> None:
    made = rig.person.create("contacts", {"firstname": "Bo"})
    body = f'{{"status": "error", "message": "Ada: {RULE}", "category": "VALIDATION_ERROR"}}'
    fault = Fault(FaultKind.STATUS, path="/batch/update$", status=400, body=body.encode())
    rig.connector.describe("contacts")
    rig.sandbox.faults.inject(fault)
    item = UpdateItem("b", made, {"firstname": "Ada"})
    error = only_error(lambda: rig.connector.update("contacts", [item]))
    assert error.detail == f"HubSpot refused it: VALIDATION_ERROR. It says: “…: {RULE}”"


def test_a_conflict_is_a_duplicate_and_says_nothing_more(rig: HubSpotRig) -> None:
    made = rig.person.create("contacts", {"firstname": "Bo"})
    rig.person.refuse(
        "contacts", "phone", "*", "Contact already exists. Existing ID: 7", status=409
    )
    item = UpdateItem("b", made, {"phone": "1"})
    error = only_error(lambda: rig.connector.update("contacts", [item]))
    assert isinstance(error, Duplicate)
    assert error.existing_id == "7"
    assert "already has a record" in error.detail
    rig.person.refuse_nothing()
    assert record_of(rig.connector.update("contacts", [item])[0]).get("phone") == "1"
