"""Webhook bodies are read without trust: right shapes become events, others name their fault."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from integrations.connectors.hooks import PayloadError
from integrations.connectors.hubspot.webhooks import parse
from integrations.engine.ports import Event, EventKind

NOTICE: dict[str, Any] = {
    "eventId": 3400000001,
    "subscriptionId": 3300001,
    "portalId": 4711001,
    "appId": 202020,
    "occurredAt": 1763632800123,
    "subscriptionType": "contact.propertyChange",
    "attemptNumber": 0,
    "objectId": 106300000123,
    "propertyName": "lifecyclestage",
    "propertyValue": "customer",
    "changeSource": "CRM_UI",
    "sourceId": "userId:990",
}


def read(*notices: object) -> list[Event]:
    return list(parse(json.dumps(notices).encode()).events)


def one(**changes: object) -> Event:
    [event] = read({**NOTICE, **changes})
    return event


def test_a_property_change_is_read_whole() -> None:
    event = one()
    assert event == Event(
        account_id="4711001",
        object_type="contacts",
        kind=EventKind.CHANGED,
        record_id="106300000123",
        dedup_key=event.dedup_key,
        occurred_at=datetime(2025, 11, 20, 10, 0, 0, 123_000, tzinfo=UTC),
        property="lifecyclestage",
        property_value="customer",
    )


@pytest.mark.parametrize(
    ("subscription", "extra", "object_type", "kind"),
    [
        ("contact.creation", {}, "contacts", EventKind.CREATED),
        ("company.deletion", {}, "companies", EventKind.DELETED),
        ("deal.propertyChange", {}, "deals", EventKind.CHANGED),
        ("ticket.restore", {}, "tickets", EventKind.RESTORED),
        ("contact.privacyDeletion", {}, "contacts", EventKind.PRIVACY_DELETED),
        ("line_item.creation", {}, "line_items", EventKind.CREATED),
        ("object.creation", {"objectTypeId": "0-1"}, "contacts", EventKind.CREATED),
        ("object.propertyChange", {"objectTypeId": "0-3"}, "deals", EventKind.CHANGED),
        ("object.deletion", {"objectTypeId": "2-99"}, "2-99", EventKind.DELETED),
        ("object.creation", {"objectTypeId": 5}, "", EventKind.CREATED),
        ("conversation.newMessage", {}, "conversation", EventKind.OTHER),
        ("event.completed", {}, "event", EventKind.OTHER),
        ("something", {}, "something", EventKind.OTHER),
    ],
)
def test_each_subscription_type_has_its_kind(
    subscription: str, extra: dict[str, object], object_type: str, kind: EventKind
) -> None:
    event = one(subscriptionType=subscription, **extra)
    assert (event.object_type, event.kind) == (object_type, kind)
    assert event.record_id == "106300000123"


@pytest.mark.parametrize(
    ("ids", "survivor"),
    [
        ({"newObjectId": 300, "primaryObjectId": 100, "objectId": 9}, "300"),
        ({"primaryObjectId": 100, "objectId": 9}, "100"),
        ({"objectId": 9}, "9"),
    ],
)
def test_a_merge_names_its_survivor(ids: dict[str, int], survivor: str) -> None:
    notice = {**NOTICE, "subscriptionType": "contact.merge", "mergedObjectIds": [100, 200]}
    del notice["objectId"]
    [event] = read({**notice, **ids})
    assert (event.kind, event.record_id) == (EventKind.MERGED, survivor)
    assert event.primary_id == str(ids.get("primaryObjectId", ""))
    assert event.merged_ids == ("100", "200")


def association(*, back: bool = False, **members: Any) -> Event:
    """Read a notice about contact 1 and company 2, seen from the company if it goes back."""
    notice = {key: value for key, value in NOTICE.items() if key != "objectId"}
    ends = (("2", 2, "0-2"), ("1", 1, "0-1")) if back else (("1", 1, "0-1"), ("2", 2, "0-2"))
    notice |= {
        "subscriptionType": "object.associationChange",
        "associationRemoved": False,
        "fromObjectId": ends[0][1],
        "toObjectId": ends[1][1],
        "fromObjectTypeId": ends[0][2],
        "toObjectTypeId": ends[1][2],
    }
    [event] = read({**notice, **members})
    return event


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("classic", [False, True])
def test_an_association_is_about_the_contact_whichever_end_tells_of_it(
    back: bool, classic: bool
) -> None:
    names = {"fromObjectTypeId": None, "toObjectTypeId": None} if classic else {}
    way = "COMPANY_TO_CONTACT" if back else "CONTACT_TO_COMPANY"
    event = association(back=back, associationType=way, **names)
    assert (event.kind, event.object_type) == (EventKind.ASSOCIATED, "contacts")
    assert event.record_id == "1"


def test_both_ends_and_every_label_of_one_change_are_one_event() -> None:
    first = association()
    others = [
        association(back=True, eventId=77, subscriptionId=78),
        association(associationTypeId=1, isPrimaryAssociation=True, eventId=79),
        association(attemptNumber=4),
    ]
    assert {event.dedup_key for event in others} == {first.dedup_key}


@pytest.mark.parametrize(
    "members",
    [
        {"associationRemoved": True},
        {"occurredAt": NOTICE["occurredAt"] + 1},
        {"toObjectId": 3},
        {"fromObjectId": 3},
        {"portalId": 3},
        {"toObjectTypeId": "0-3"},
    ],
)
def test_another_change_of_an_association_is_another_event(members: dict[str, Any]) -> None:
    assert association(**members).dedup_key != association().dedup_key


def test_associations_of_other_objects_are_about_where_they_start() -> None:
    deal = association(fromObjectTypeId="0-3", toObjectTypeId="0-5")
    assert (deal.object_type, deal.record_id) == ("deals", "1")
    bare = association(
        fromObjectTypeId=None, toObjectTypeId=None, subscriptionType="deal.associationChange"
    )
    assert (bare.object_type, bare.record_id) == ("deals", "1")
    assert association(fromObjectId=None).kind is EventKind.OTHER


def test_a_notice_without_a_record_is_kept_as_something_else() -> None:
    event = one(objectId=None)
    assert (event.kind, event.record_id) == (EventKind.OTHER, "")


def test_a_cleared_and_a_hidden_value_are_texts() -> None:
    assert one(propertyValue="").property_value == ""
    assert one(propertyValue=None).property_value == ""
    assert one(propertyValue="REDACTED", isSensitive=True).property_value == "REDACTED"


def test_portals_may_be_mixed_and_order_is_kept() -> None:
    events = read(*[{**NOTICE, "portalId": portal} for portal in (3, 1, 2)])
    assert [event.account_id for event in events] == ["3", "1", "2"]


def test_a_repeat_has_the_same_key_and_anything_else_another() -> None:
    assert one(attemptNumber=3).dedup_key == one().dedup_key
    others = [
        one(**{name: 1}).dedup_key
        for name in ("portalId", "subscriptionId", "eventId", "objectId", "occurredAt")
    ]
    keys = {one().dedup_key, one(propertyName="email").dedup_key, *others}
    assert len(keys) == 7
    assert max(map(len, keys)) <= 64


def test_a_hundred_notices_are_taken_and_a_limit_holds() -> None:
    assert len(read(*[NOTICE] * 100)) == 100
    with pytest.raises(PayloadError, match="more than 2"):
        parse(json.dumps([NOTICE] * 3).encode(), max_events=2)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not a JSON array"),
        (b"{", "not a JSON array"),
        (b"{}", "not a JSON array"),
        (b"\xff\xfe", "not a JSON array"),
        (b"[" * 100_000, "not a JSON array"),
        (b"[1]", "Notice 0 is not an object"),
        (b"[null]", "Notice 0 is not an object"),
        (b"[{}]", "Notice 0 lacks its portalId"),
    ],
)
def test_a_body_of_another_shape_is_refused_with_the_place(body: bytes, said: str) -> None:
    with pytest.raises(PayloadError, match=said):
        parse(body)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("portalId", None),
        ("portalId", True),
        ("portalId", -1),
        ("portalId", 1.5),
        ("portalId", "acme"),
        ("portalId", 10**60),
        ("objectId", {"id": 1}),
        ("objectId", "²"),
        ("subscriptionType", 5),
        ("subscriptionType", ""),
        ("occurredAt", None),
        ("occurredAt", "now"),
        ("occurredAt", True),
        ("occurredAt", 10**30),
    ],
)
def test_a_member_of_another_type_is_refused_and_not_quoted(name: str, value: object) -> None:
    [sentence] = parse(json.dumps([NOTICE, {**NOTICE, name: value}]).encode()).refused
    assert sentence.startswith("Notice 1")
    assert "acme" not in sentence


def test_merged_ids_of_another_shape_are_refused() -> None:
    shapes: list[object] = ["100", [{}]]
    for wrong in shapes:
        with pytest.raises(PayloadError, match="mergedObjectIds"):
            one(subscriptionType="contact.merge", mergedObjectIds=wrong)


def test_characters_no_database_stores_are_left_out() -> None:
    event = one(propertyName="life\0cycle\ud800", propertyValue="\0customer")
    assert (event.property, event.property_value) == ("lifecycle?", "customer")
    assert one(subscriptionType="object.creation", objectTypeId="2-\0").object_type == "2-"


def test_an_empty_array_holds_nothing() -> None:
    assert read() == []


def test_a_notice_that_makes_no_sense_does_not_stop_the_others() -> None:
    parsed = parse(json.dumps([NOTICE, {"portalId": {}}, NOTICE, 5]).encode())
    assert len(parsed.events) == 2
    assert parsed.refused == ("Notice 1: portalId is not an id.", "Notice 3 is not an object.")
