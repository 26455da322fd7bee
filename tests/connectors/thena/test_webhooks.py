"""Thena's calls: events in both shapes and spellings, news of the app, probes and nonsense."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.connectors.hooks import PayloadError
from integrations.connectors.thena.webhooks import UNKNOWN_TIME, receive
from integrations.engine.extras import InstallKind, Received
from integrations.engine.ports import Event, EventKind
from tests.connectors.thena.fixtures import answer

K = EventKind
NINE = datetime(2025, 11, 20, 9, tzinfo=UTC)


def got(body: Any) -> Received:
    return receive(json.dumps(body).encode())


def only(body: Any) -> Event:
    received = got(body)
    assert received.refused == ()
    [event] = received.events
    return event


def wrapped(notice: dict[str, Any], **outside: Any) -> dict[str, Any]:
    return {
        "message": notice,
        "event_name": "account:updated",
        "event_id": "ev1",
        "event_timestamp": "1763629200000",
        "context_user_id": "U1",
        "context_organization_id": "EORG1",
        **outside,
    }


def test_a_flat_and_a_wrapped_notice_are_the_same_event() -> None:
    flat = answer("flat")
    event = only(flat)
    assert (event.account_id, event.object_type, event.kind) == ("EORG1", "accounts", K.CHANGED)
    assert (event.record_id, event.occurred_at) == ("AC01J9X2", NINE)
    assert event == only(wrapped(flat)) == only(wrapped(json.dumps(flat)))  # type: ignore[arg-type]


def test_no_value_of_a_notice_is_kept() -> None:
    assert "Acme" not in repr(only(answer("flat")))


def test_what_only_the_wrapping_says_is_taken_from_there() -> None:
    bare = {"payload": answer("flat")["payload"]}
    expected = only(answer("flat"))
    assert only(wrapped(bare)) == expected
    typed = {
        "event_name": {"Type": "String", "Value": "account:updated"},
        "event_id": {"DataType": "String", "StringValue": "ev1"},
        "event_timestamp": "1763629200",
        "context_organization_id": {"Type": "String", "Value": "EORG1"},
    }
    assert only({"Message": json.dumps(bare), "MessageAttributes": typed}) == expected


@pytest.mark.parametrize(
    ("name", "object_type", "kind"),
    [
        ("account:created", "accounts", K.CREATED),
        ("account.created", "accounts", K.CREATED),
        ("account.updated", "accounts", K.CHANGED),
        ("account:deleted", "accounts", K.DELETED),
        ("account-status:changed", "accounts", K.CHANGED),
        ("account-health:changed", "accounts", K.CHANGED),
        ("account-classification:changed", "accounts", K.CHANGED),
        ("account-industry:changed", "accounts", K.CHANGED),
        ("account-custom_field_value:added", "accounts", K.CHANGED),
        ("account-custom_field_value:removed", "accounts", K.CHANGED),
        ("account:custom_field_value:changed", "accounts", K.CHANGED),
        ("customer-contact:created", "contacts", K.CREATED),
        ("contact.created", "contacts", K.CREATED),
        ("contact.updated", "contacts", K.CHANGED),
        ("customer_contact:deleted", "contacts", K.DELETED),
        ("customer-contact:type:changed", "contacts", K.CHANGED),
        ("customer-contact:custom_field_value:removed", "contacts", K.CHANGED),
        ("Customer-Contact:Updated", "contacts", K.CHANGED),
    ],
)
def test_an_event_is_known_by_either_spelling_of_its_name(
    name: str, object_type: str, kind: EventKind
) -> None:
    payload = {"account": {"id": "R1"}, "customerContact": {"id": "R1"}}
    event = only({"eventId": "e", "eventType": name, "timestamp": 1, "payload": payload})
    assert (event.object_type, event.kind, event.record_id) == (object_type, kind, "R1")


@pytest.mark.parametrize(
    "name",
    ["ticket:created", "account-note:created", "account-task:updated", "account:merged", "account"],
)
def test_an_event_of_something_else_is_taken_and_means_nothing(name: str) -> None:
    event = only({"eventId": "e", "eventType": name, "payload": {"id": "T1"}})
    assert (event.kind, event.record_id) == (K.OTHER, "")


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("account:deleted", {"previousAccount": {"id": "R1"}}),
        ("account:updated", {"account": {}, "previousAccount": {"id": "R1"}}),
        ("account:updated", {"accountId": "R1"}),
        ("account:updated", {"id": "R1"}),
        ("customer-contact:created", {"contact": {"id": "R1"}}),
        ("customer-contact:created", {"customerContact": {"uid": "R1"}}),
        ("customer-contact:deleted", {"previousCustomerContact": {"id": "R1"}}),
        ("customer-contact:updated", {"customerContactId": "R1"}),
        ("customer-contact:updated", {"contactId": "R1"}),
        (
            "account-custom_field_value:changed",
            {"account": {"id": "R1"}, "changedCustomFields": []},
        ),
    ],
)
def test_the_record_is_found_wherever_the_payload_names_it(
    name: str, payload: dict[str, Any]
) -> None:
    assert only({"eventId": "e", "eventType": name, "payload": payload}).record_id == "R1"
    assert only({"eventId": "e", "eventType": name, "eventData": payload}).record_id == "R1"


@pytest.mark.parametrize(
    "timestamp",
    [1763629200, 1763629200000, "1763629200", "1763629200000", "2025-11-20T09:00:00Z"],
)
def test_the_time_is_read_in_any_unit(timestamp: Any) -> None:
    assert only({**answer("flat"), "timestamp": timestamp}).occurred_at == NINE


@pytest.mark.parametrize("timestamp", [None, "soon", True, {}])
def test_an_event_without_a_time_is_still_an_event(timestamp: Any) -> None:
    assert only({**answer("flat"), "timestamp": timestamp}).occurred_at == UNKNOWN_TIME


@pytest.mark.parametrize("strange", ["../x", "a b", "", None, True, {"id": "R1"}, "x" * 101])
def test_what_cannot_be_an_id_names_no_record(strange: Any) -> None:
    received = got({**answer("flat"), "payload": {"account": {"id": strange}}})
    assert received.events == ()
    assert received.refused == ("Notice 0 does not name its record.",)


def test_repeats_have_one_key_and_different_events_have_two() -> None:
    flat = answer("flat")
    again = {**flat, "timestamp": 1763629299, "metadata": {"attempt": 2}}
    assert only(flat).dedup_key == only(again).dedup_key
    assert only(flat).dedup_key != only({**flat, "eventId": "ev2"}).dedup_key
    nameless = {name: value for name, value in flat.items() if name != "eventId"}
    later = {**nameless, "timestamp": 1763629299}
    assert only(nameless).dedup_key == only(nameless).dedup_key != only(later).dedup_key
    assert len(only(flat).dedup_key) <= 64


def test_a_list_of_notices_loses_only_those_that_make_no_sense() -> None:
    flat = answer("flat")
    received = got([flat, 7, {"eventType": "account:updated", "payload": {}}, wrapped(flat), {}])
    assert [event.record_id for event in received.events] == ["AC01J9X2"] * 2
    assert received.account_id == "EORG1"
    assert received.refused == (
        "Notice 1 is not an object.",
        "Notice 2 does not name its record.",
        "Notice 4 lacks its eventType.",
    )


def test_notices_of_two_organisations_name_none_for_the_whole() -> None:
    flat = answer("flat")
    received = got([flat, {**flat, "orgId": "EORG2", "eventId": "ev2"}])
    assert received.account_id == ""
    assert {event.account_id for event in received.events} == {"EORG1", "EORG2"}


@pytest.mark.parametrize("body", [b"", b"  \n", b"{}", b"[]"])
def test_a_probe_of_the_address_holds_nothing(body: bytes) -> None:
    assert receive(body) == Received()


@pytest.mark.parametrize(
    "body", [b"hello", b"7", b'"text"', b"null", b"{", b"\xff\xfe", b"[" * 9999]
)
def test_what_is_no_json_object_cannot_be_read(body: bytes) -> None:
    with pytest.raises(PayloadError) as caught:
        receive(body)
    assert "hello" not in str(caught.value)


def test_too_many_notices_at_once_are_refused() -> None:
    with pytest.raises(PayloadError, match="1001"):
        got([{}] * 1001)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
MEMBERS = st.sampled_from(
    ["message", "eventId", "eventType", "timestamp", "orgId", "payload", "account", "id",
     "messageAttributes", "event_name", "event_type", "organization_id", "bot_token"]
)  # fmt: skip
NAMES = st.sampled_from(["account:created", "customer-contact:deleted", "app:installation", "x"])


@given(st.lists(st.dictionaries(MEMBERS, JSON | NAMES, max_size=8), min_size=1, max_size=3))
def test_a_stranger_cannot_make_it_fail(notices: list[dict[str, Any]]) -> None:
    for body in (notices, notices[0]):
        received = got(body)
        for event in received.events:
            text = "".join((event.record_id, event.account_id, event.object_type))
            assert len(event.record_id) <= 200
            assert "\0" not in text
            text.encode()


# ---------------------------------------------------------------- our app


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("app:installation", InstallKind.INSTALLED),
        ("app:reinstall", InstallKind.INSTALLED),
        ("app:configuration:update", InstallKind.CHANGED),
        ("app:team:added", InstallKind.CHANGED),
        ("app:team:removed", InstallKind.CHANGED),
    ],
)
def test_news_of_the_app_bring_its_token(said: str, kind: InstallKind) -> None:
    received = got({**answer("installed"), "event_type": said})
    assert received.account_id == "EORG1"
    assert received.installation is not None
    assert received.installation.kind is kind
    assert received.installation.secrets == {"bot_token": "pk_live_bot1"}
    assert "pk_live_bot1" not in repr(received)


@pytest.mark.parametrize(
    "token",
    ["", None, " ", "***", "pk_live_****", "[REDACTED]", "<redacted>", "pk_live_xxxxxxxx",
     "redacted", "pk_live_...", "hidden-token", "short", 12345678, ["pk_live_bot1"]],
)  # fmt: skip
def test_a_blank_or_blacked_out_token_is_left_out(token: object) -> None:
    received = got({**answer("installed"), "bot_token": token})
    assert received.installation is not None
    assert received.installation.secrets == {}


def test_an_uninstallation_brings_no_token() -> None:
    received = got({**answer("installed"), "event_type": "app:uninstall"})
    assert received.installation is not None
    assert received.installation.kind is InstallKind.UNINSTALLED
    assert received.installation.secrets == {}


def test_unknown_news_of_the_app_are_said_to_be_unknown() -> None:
    received = got({**answer("installed"), "event_type": "app:celebrated"})
    assert received.installation is None
    assert received.refused == ("The notice about the app is of an unknown kind.",)
