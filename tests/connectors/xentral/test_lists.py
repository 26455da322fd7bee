"""Passes over lists end, whatever the version answers, and read lists of every length."""

from __future__ import annotations

from typing import Any

import pytest
import responses

from integrations.connectors.auth import MemoryVault
from integrations.connectors.budget import Unlimited
from integrations.connectors.xentral.connector import XentralConnector
from integrations.connectors.xentral.legacy import MOST, Listed, found_under, is_id
from integrations.connectors.xentral.places import Place
from integrations.engine.errors import ReplyLost, Unavailable
from integrations.engine.ports import CreateItem
from tests.connectors.xentral.rig import ADDRESS, TOKEN, AddressRig, ResubmissionRig
from tests.connectors.xentral.test_errors import old

READ = f"{ADDRESS}/api/v2/adressen"


def connector() -> XentralConnector:
    import requests

    return XentralConnector(MemoryVault(TOKEN), {}, Unlimited(), requests.Session())


@pytest.mark.parametrize("empty_404", [True, False])
def test_an_empty_list_is_one_whichever_way_it_is_said(empty_404: bool) -> None:
    rig = AddressRig(switches={"empty_list_404": empty_404})
    page = rig.connector.scan("addresses", "", rig.fields)
    assert (page.records, page.more) == ((), False)
    assert rig.connector.find("addresses", "email", ["ä@müller.example"], ["email"]) == {}


def test_a_full_last_page_ends_the_list(deals: ResubmissionRig) -> None:
    deals.fill(100)
    page = deals.connector.scan("resubmissions", "", deals.fields)
    assert (len(page.records), page.more) == (100, False)


def test_a_list_that_shrinks_is_read_again_from_the_page_before() -> None:
    place = Place(3, total=250)
    rows = [{"id": 1}]
    assert place.after(Listed(rows, 240, more=False)) == Place(2, 240)
    assert Place(3, 240).after(Listed(rows, 240, more=False)) is None
    assert Place(1, 3).after(Listed((), 0)) is None
    assert Place(2, 300).after(Listed(rows, 301, more=True)) == Place(3, 301)


def test_a_list_of_more_than_a_thousand_pages_is_read_in_large_ones() -> None:
    first = Place().after(Listed([{"id": 1}], 250_000, more=True))
    assert first == Place(1, 250_000, MOST)
    assert first.after(Listed([{"id": 1}], 250_000, more=True)) == Place(2, 250_000, MOST)


def test_a_place_can_be_stored() -> None:
    assert Place.load(Place(3, 240, MOST).dump()) == Place(3, 240, MOST)
    assert Place.load("") == Place()


@pytest.mark.parametrize("body", [{}, {"data": None}, {"data": [1]}, "null", {"data": {}}])
def test_a_list_that_is_none_is_unavailable(body: Any) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as http:
        http.get(READ, json=body)
        with pytest.raises(Unavailable):
            connector().scan("addresses", "", ["email"])


@pytest.mark.parametrize("body", [{}, {"success": True}, {"data": {}}, {"data": []}])
def test_a_success_that_names_no_record_may_have_happened(body: Any) -> None:
    with responses.RequestsMock() as http:
        http.post(f"{ADDRESS}/api/v1/adressen", json=body)
        [outcome] = connector().create("addresses", [CreateItem("1", {"nachname": "Größler"})])
    assert isinstance(outcome.error, ReplyLost)


def test_a_list_without_page_numbers_ends_with_a_short_page() -> None:
    rows = [{"id": n, "email": ""} for n in range(1, 101)]
    with responses.RequestsMock() as http:
        http.get(READ, json={"data": rows})
        http.get(READ, json={"data": rows[:5]})
        first = connector().scan("addresses", "", ["email"])
        assert first.more
        last = connector().scan("addresses", "2:5:100", ["email"])
    assert (len(last.records), last.more) == (5, False)


def test_ids_that_can_be_none_are_not_asked_for(addresses: AddressRig) -> None:
    wanted = ["", "0", "abc", "-1", "1; DROP", "../gruppen"]
    assert not any(map(is_id, wanted))
    assert addresses.connector.fetch("addresses", wanted, ["email"]) == {}
    assert addresses.total() == 0


@pytest.mark.parametrize(
    "body",
    [
        {"gruppen": {"gruppe": [{"id": "5", "name": "Größe"}, {"id": "6"}]}},
        {"gruppen": [{"gruppe": {"id": 5}}, {"gruppe": {"id": 6}}]},
        {"xml": {"gruppen": {"gruppe": [{"id": 5}, {"id": 6}]}}},
        {"data": {"gruppen": [{"id": 5}, {"id": 6}]}},
    ],
)
def test_old_actions_are_read_whatever_their_shape(body: Any) -> None:
    assert [str(row["id"]) for row in found_under(body, "gruppe", "gruppen")] == ["5", "6"]


def test_nothing_is_found_where_there_is_nothing() -> None:
    bodies: list[Any] = [{}, [], None, {"gruppen": ""}, {"gruppen": {"gruppe": []}}]
    for body in bodies:
        assert found_under(body, "gruppe", "gruppen") == []


def test_an_old_error_is_one_also_within_a_list() -> None:
    assert old(7451, 400).detail == "Xentral refused it: HTTP 400."
