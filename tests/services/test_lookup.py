"""Finding records by any id, and their addresses in their own systems."""

from __future__ import annotations

import pytest

from integrations.engine.records import Side
from integrations.models import Connection, ObjectSync
from integrations.services import addresses, lookup
from tests import factories


@pytest.fixture
def sync(db: None) -> ObjectSync:
    """Give an object sync with one linked record."""
    row = factories.object_sync()
    factories.record_link(row, "901", "88213")
    return row


def found(sync: ObjectSync, text: str, side: Side | None = None) -> list[tuple[str, str, bool]]:
    """Return what a search finds, in short."""
    rows = lookup.find(sync.integration, text, side)
    return [(row.side.value, row.record_id, row.known) for row in rows]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("901", ("hubspot", "901", True)),
        ("88213", ("target", "88213", True)),
        ("hubspot_901", ("hubspot", "901", True)),
        ("902", ("hubspot", "902", False)),
        ("hubspot_902", ("hubspot", "902", False)),
    ],
)
def test_any_id_leads_to_its_record(
    text: str, expected: tuple[str, str, bool], sync: ObjectSync
) -> None:
    assert found(sync, text) == [expected]


def test_an_id_of_both_sides_names_hubspots_record_first(sync: ObjectSync) -> None:
    factories.record_link(sync, "905", "901")

    assert found(sync, "901") == [("hubspot", "901", True), ("target", "901", True)]
    assert found(sync, "901", Side.TARGET) == [("target", "901", True)]


def test_of_two_kinds_with_the_same_id_the_asked_one_comes_first(sync: ObjectSync) -> None:
    other = ObjectSync.objects.create(
        tenant=sync.tenant,
        integration=sync.integration,
        key="deals",
        hubspot_object="deals",
        target_object="resubmissions",
    )
    factories.record_link(other, "901", "88213")

    def kinds(key: str) -> list[str]:
        rows = lookup.find(sync.integration, "88213", Side.TARGET, key)
        return [row.object_sync.key for row in rows]

    assert kinds("") == [sync.key, "deals"], "else the first one that was made"
    assert kinds("deals") == ["deals", sync.key]
    assert kinds("nonsense") == kinds("")


def test_another_tenants_record_is_not_found(sync: ObjectSync) -> None:
    other = factories.object_sync()

    assert found(other, "88213") == [("hubspot", "88213", False)]


def test_a_hubspot_record_has_an_address_in_its_account(sync: ObjectSync) -> None:
    hubspot = sync.integration.hubspot
    hubspot.ui_host, hubspot.account_id = "app-eu1.hubspot.com", "4711"

    address = addresses.record_address(hubspot, "contacts", "901/../x")

    assert address == "https://app-eu1.hubspot.com/contacts/4711/record/0-1/901%2F..%2Fx"


@pytest.mark.parametrize(("object_type", "record_id"), [("contacts", ""), ("unheard-of", "1")])
def test_what_cannot_be_linked_has_no_address(
    object_type: str, record_id: str, sync: ObjectSync
) -> None:
    hubspot = Connection(system="hubspot", account_id="1", ui_host="app.hubspot.com")

    assert addresses.record_address(hubspot, object_type, record_id) == ""
    assert addresses.record_address(None, "contacts", "1") == ""


def test_without_the_accounts_host_there_is_no_half_an_address(sync: ObjectSync) -> None:
    found = addresses.both(sync, "901", "88213")

    assert found == {Side.HUBSPOT: "", Side.TARGET: ""}
