"""The stand-in's groups: strings everywhere, checks, and who is in which."""

from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.xentral.sandbox_rig import ADDRESSES, GROUPS, Desk

HUBSPOT = {"name": "Hubspot", "art": "gruppe", "kennziffer": "HUBSPOT"}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_all_values_of_a_group_are_strings(desk: Desk) -> None:
    answer = desk.ask("POST", GROUPS, {**HUBSPOT, "projekt": 1})
    assert (answer.status, answer.json()["success"]) == (201, True)
    group = answer.json()["data"]
    assert group == {
        "id": "1",
        "name": "Hubspot",
        "art": "gruppe",
        "kennziffer": "HUBSPOT",
        "internebemerkung": "",
        "projekt": "1",
        "kategorie": "0",
        "aktiv": "1",
    }
    assert desk.data("GET", f"{GROUPS}/1") == group
    assert desk.error("GET", f"{GROUPS}/2") == (404, 7452)


@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        ({"name": ""}, 1),
        ({"art": None}, 1),
        ({"art": "verein"}, 1),
        ({"kennziffer": "HÜB"}, 1),
        ({"kennziffer": "a b"}, 1),
        ({"kennziffer": "vorhanden"}, 1),
        ({"name": None, "art": "x", "kennziffer": "?"}, 3),
    ],
)
def test_a_wrong_group_is_refused(desk: Desk, changed: dict[str, Any], faults: int) -> None:
    desk.person.add_group("Vorhanden", "VORHANDEN")
    assert desk.error("POST", GROUPS, {**HUBSPOT, **changed}) == (400, 7453)
    assert len(desk.details("POST", GROUPS, {**HUBSPOT, **changed})) == faults
    assert len(desk.data("GET", GROUPS)) == 1


def test_what_is_no_column_of_a_group_breaks_the_database(desk: Desk) -> None:
    assert desk.error("POST", GROUPS, {**HUBSPOT, "farbe": "rot"}) == (500, 7499)


def test_a_group_is_changed_with_everything_it_needs(desk: Desk) -> None:
    desk.person.add_group("Hubspot", "HUBSPOT")
    assert desk.error("PUT", f"{GROUPS}/1", {"name": "HubSpot-Kontakte"}) == (400, 7453)
    changed = desk.data("PUT", f"{GROUPS}/1", {**HUBSPOT, "name": "Händler", "aktiv": 0})
    assert (changed["name"], changed["aktiv"]) == ("Händler", "0")


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"name": "hub"}, ["1", "2"]),
        ({"name_exakt": "hubspot"}, ["1"]),
        ({"kennziffer": "HUB"}, ["1", "2"]),
        ({"kennziffer_exakt": "HUBSPOT"}, ["1"]),
        ({"art": "verband"}, ["2"]),
        ({"aktiv": "1", "art": "gruppe"}, ["1"]),
    ],
)
def test_groups_are_found(desk: Desk, query: Any, wanted: list[str]) -> None:
    desk.person.add_group("Hubspot", "HUBSPOT")
    desk.person.add_group("Hubspot-Händler", "HUBSPOT-2", "verband")
    assert [row["id"] for row in desk.data("GET", GROUPS, **query)] == wanted


def test_the_project_of_a_group_can_be_included(desk: Desk) -> None:
    desk.data("POST", GROUPS, {**HUBSPOT, "projekt": 1})
    (group,) = desk.data("GET", GROUPS, include="projekt")
    assert group["projekt"] == {"id": "1", "name": "Standardprojekt", "abkuerzung": "STANDARD"}


def test_memberships_are_read_from_both_ends_and_written_by_people_only(desk: Desk) -> None:
    group = desk.person.add_group("Hubspot", "HUBSPOT")
    one, two = str(desk.address()), str(desk.address())
    for address in (one, two):
        desk.person.join(address, group)
    desk.person.join(one, group)
    asked = desk.ask("POST", "/api/AdresseGruppenList", {"adresse": int(one)})
    assert asked.json() == {"gruppen": {"gruppe": [{"id": group, "name": "Hubspot"}]}}

    def members(body: Any) -> list[str]:
        answer = desk.ask("POST", "/api/AdresseListeGet", body).json()
        return [row["id"] for row in answer["adressen"]["adresse"]]

    assert members({"gruppen": {"kennziffer": "HUBSPOT"}}) == [one, two]
    assert members({"gruppen.kennziffer": "HUBSPOT"}) == [one, two]
    assert members({"gruppen": {"kennziffer": "NIEMAND"}}) == []
    desk.person.leave(one, group)
    desk.person.delete("addresses", two)
    assert members({"gruppen": {"kennziffer": "HUBSPOT"}}) == []
    assert desk.error("POST", "/api/AdresseGruppenList", {"adresse": 99}) == (404, 7452)


def test_joining_a_group_leaves_the_row_of_the_address_alone(desk: Desk) -> None:
    made = str(desk.address())
    before = desk.data("GET", f"{ADDRESSES}/{made}")
    desk.wait(minutes=9)
    desk.person.join(made, desk.person.add_group("Hubspot", "HUBSPOT"))
    assert desk.data("GET", f"{ADDRESSES}/{made}") == before
