"""The stand-in's resubmissions: what the old API checks, keeps and never does; boards, stages."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.connectors.xentral.sandbox import ApiError
from tests.connectors.xentral.sandbox_rig import DEAL, RESUBMISSIONS, Desk, generic

STAGES, VIEWS = "/api/v1/wiedervorlagestages", "/api/v1/wiedervorlageviews"


@pytest.fixture
def desk() -> Desk:
    return Desk()


def path(row_id: object) -> str:
    return f"{RESUBMISSIONS}/{row_id}"


def test_a_new_one_has_the_columns_and_defaults_of_the_sheet(desk: Desk) -> None:
    sent = {**DEAL, "adresse": 33, "betrag": "1500", "stages": 2, "projekt": 1}
    answer = desk.ask("POST", RESUBMISSIONS, sent)
    assert (answer.status, answer.json()["success"]) == (201, True)
    assert answer.json()["data"] == {
        "id": 1, "adresse": 33, "projekt": 1, "bezeichnung": "Müller – 40 Plätze",
        "beschreibung": "HubSpot deal 7001", "betrag": "1500.00", "erinnerung_per_mail": None,
        "bearbeiter": 0, "adresse_mitarbeiter": 0, "datum_angelegt": None, "zeit_angelegt": None,
        "datum_erinnerung": "2026-12-15", "zeit_erinnerung": "09:00:00", "datum_abschluss": None,
        "oeffentlich": 0, "abgeschlossen": 0, "chance": None, "prio": 0, "stages": 2,
        "color": "#a2d624", "id_ext": None,
    }  # fmt: skip
    assert desk.data("GET", path(1)) == answer.json()["data"]


@pytest.mark.parametrize("name", ["bezeichnung", "datum_erinnerung", "zeit_erinnerung"])
@pytest.mark.parametrize("blank", [None, "", ...])
def test_title_and_reminder_are_required_on_creating_and_on_changing(
    desk: Desk, name: str, blank: Any
) -> None:
    made = desk.data("POST", RESUBMISSIONS, DEAL)["id"]
    sent = {**DEAL, name: blank}
    if blank is ...:
        del sent[name]
    wanted = [f"The attribute '{name}' is required."]
    assert desk.details("POST", RESUBMISSIONS, sent) == wanted
    assert desk.details("PUT", path(made), sent) == wanted
    assert len(desk.person.all("resubmissions")) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", 5),
        ("id_ext", "hubspot"),
        ("bezeichnung", "ÄÖ"),
        ("beschreibung", "ab"),
        ("datum_erinnerung", "15.12.2026"),
        ("datum_erinnerung", "2026-02-30"),
        ("datum_erinnerung", "2026-1-1"),
        ("zeit_erinnerung", "09:00"),
        ("zeit_erinnerung", "24:00:00"),
        ("datum_angelegt", ""),
        ("datum_abschluss", "tomorrow"),
        ("betrag", "1.500,00"),
        ("betrag", ""),
        ("chance", 101),
        ("chance", -1),
        ("adresse", "Müller"),
        ("bearbeiter", 99),
        ("adresse_mitarbeiter", 0),
        ("projekt", 99),
        ("stages", 99),
        ("stages", 0),
        ("stages", "drei"),
        ("abgeschlossen", 2),
        ("erinnerung_per_mail", "ja"),
    ],
)
def test_a_wrong_value_is_refused_by_name_on_creating_and_on_changing(
    desk: Desk, name: str, value: Any
) -> None:
    made = desk.data("POST", RESUBMISSIONS, DEAL)["id"]
    before = desk.data("GET", path(made))
    for method, target in (("POST", RESUBMISSIONS), ("PUT", path(made))):
        assert desk.error(method, target, {**DEAL, name: value}) == (400, 7453)
        (sentence,) = desk.details(method, target, {**DEAL, name: value})
        assert f"'{name}'" in sentence
    assert desk.data("GET", path(made)) == before
    assert len(desk.person.all("resubmissions")) == 1


def test_several_faults_are_told_together(desk: Desk) -> None:
    found = desk.details("POST", RESUBMISSIONS, {"bezeichnung": "ab", "stages": 7})
    assert len(found) == 4


def test_what_is_no_column_breaks_the_database_and_so_does_a_missing_description(
    desk: Desk,
) -> None:
    assert desk.error("POST", RESUBMISSIONS, {**DEAL, "hubspot": 1}) == (500, 7499)
    assert "hubspot" in desk.details("POST", RESUBMISSIONS, {**DEAL, "hubspot": 1})[0]
    without = {name: value for name, value in DEAL.items() if name != "beschreibung"}
    assert desk.error("POST", RESUBMISSIONS, without) == (500, 7499)
    assert desk.error("POST", RESUBMISSIONS, {**DEAL, "stages": None}) == (500, 7499)
    assert not desk.person.all("resubmissions")
    assert desk.data("POST", RESUBMISSIONS, {**DEAL, "beschreibung": ""})["beschreibung"] == ""


def test_changing_keeps_what_is_left_out_and_rounds_amounts(desk: Desk) -> None:
    made = desk.data("POST", RESUBMISSIONS, {**DEAL, "betrag": 10, "stages": 1, "chance": 5})["id"]
    answer = desk.ask("PUT", path(made), {**DEAL, "betrag": "99.995", "abgeschlossen": True})
    assert (answer.status, answer.json()["success"]) == (200, True)
    row = answer.json()["data"]
    assert (row["betrag"], row["abgeschlossen"]) == ("100.00", 1)
    assert (row["stages"], row["chance"]) == (1, 5)
    cleared = desk.data("PUT", path(made), {**DEAL, "betrag": None, "chance": None})
    assert (cleared["betrag"], cleared["chance"]) == (None, None)


def test_a_long_title_is_cut_without_a_word(desk: Desk) -> None:
    made = desk.data("POST", RESUBMISSIONS, {**DEAL, "bezeichnung": "ü" * 300})
    assert made["bezeichnung"] == "ü" * 255


def test_an_id_that_is_not_there_is_7452(desk: Desk) -> None:
    for method in ("GET", "PUT"):
        assert desk.error(method, path(9), DEAL) == (404, 7452)
    assert desk.error("GET", path("x")) == (404, 7452)


def test_a_list_is_filtered_exactly_and_sorted(desk: Desk) -> None:
    for title, address, stage in (("Ähre", 1, 1), ("Zaun", 2, 2), ("Bär", 1, 2)):
        desk.data("POST", RESUBMISSIONS,
                  {**DEAL, "bezeichnung": title, "adresse": address, "stages": stage})  # fmt: skip
    assert desk.ids(RESUBMISSIONS, stages=2) == [2, 3]
    assert desk.ids(RESUBMISSIONS, stages=2, adresse=1) == [3]
    assert desk.ids(RESUBMISSIONS, sort="bezeichnung") == [1, 3, 2]
    assert desk.ids(RESUBMISSIONS, sort="-stages,bezeichnung") == [3, 2, 1]
    assert desk.ids(RESUBMISSIONS, sort="datum_angelegt", items=2, page=2) == [3]


def test_nothing_tells_when_one_changed(desk: Desk) -> None:
    desk.data("POST", RESUBMISSIONS, DEAL)
    query = generic("logdatei", "gte", "2026-11-20 08:00:00")
    assert desk.error("GET", RESUBMISSIONS, **query) == (500, 7499)
    assert desk.ids(RESUBMISSIONS, **generic("betrag", "gt", "5")) == []
    desk.data("POST", RESUBMISSIONS, {**DEAL, "betrag": "10"})
    assert desk.ids(RESUBMISSIONS, **generic("betrag", "gt", "5")) == [2]


def test_a_person_moves_one_and_each_move_is_in_the_history(desk: Desk) -> None:
    made = desk.person.create("resubmissions", **DEAL, stages=1)
    desk.wait(hours=1)
    desk.person.move(made, "3")
    desk.data("PUT", path(made), {**DEAL, "stages": 4})
    desk.data("PUT", path(made), {**DEAL, "stages": 4})
    moves = [(row["from"], row["to"], row["at"]) for row in desk.person.moves_of(made)]
    assert moves == [
        (0, 1, "2026-11-20 10:00:00"),
        (1, 3, "2026-11-20 11:00:00"),
        (3, 4, "2026-11-20 11:00:00"),
    ]
    desk.person.move(made, "0")
    assert desk.data("GET", path(made))["stages"] == 0
    with pytest.raises(ApiError):
        desk.person.move(made, "77")


def test_one_that_a_person_deletes_just_vanishes(desk: Desk) -> None:
    made = desk.person.create("resubmissions", **DEAL)
    desk.person.edit("resubmissions", made, betrag="7")
    assert desk.data("GET", path(made))["betrag"] == "7.00"
    desk.person.delete("resubmissions", made)
    assert desk.error("GET", path(made)) == (404, 7452)
    assert desk.ids(RESUBMISSIONS) == []
    with pytest.raises(ApiError):
        desk.person.delete("resubmissions", made)


# ---------------------------------------------------------------- boards and stages


def test_a_fresh_instance_has_one_board_with_four_stages(desk: Desk) -> None:
    (view,) = desk.data("GET", VIEWS)
    assert (view["id"], view["name"]) == (1, "Standard")
    rows = desk.data("GET", STAGES, view=1)
    assert [row["name"] for row in rows][2:] == ["Beratung durchgeführt", "Angebot verschickt"]
    assert [row["sort"] for row in rows] == [1, 2, 3, 4]


def test_the_add_on_makes_a_board_and_its_stages(desk: Desk) -> None:
    view = desk.data("POST", VIEWS, {"name": "Hubspot", "shortname": "Hubspot"})
    assert desk.data("GET", VIEWS, name="hubspot") == [view]
    answer = desk.ask("POST", STAGES, {"name": "Verhandlung läuft", "view": view["id"], "sort": 1})
    assert answer.status == 201
    assert desk.data("GET", STAGES, view=view["id"]) == [answer.json()["data"]]
    made = {**DEAL, "stages": answer.json()["data"]["id"]}
    assert desk.ask("POST", RESUBMISSIONS, made).status == 201


@pytest.mark.parametrize(
    ("target", "body", "wanted"),
    [
        (VIEWS, {}, 7453),
        (STAGES, {"name": "Neu"}, 7453),
        (STAGES, {"name": "Neu", "view": 9}, 7453),
        (STAGES, {"name": "Neu", "view": 1, "farbe": "rot"}, 7499),
    ],
)
def test_the_add_on_checks_what_it_is_sent(desk: Desk, target: str, body: Any, wanted: int) -> None:
    assert desk.error("POST", target, body)[1] == wanted


def test_without_the_add_on_its_routes_are_unknown(desk: Desk) -> None:
    desk.sandbox.change(stage_addon=False)
    for target in (STAGES, VIEWS):
        assert desk.error("GET", target) == (404, 7431)
        assert desk.error("POST", target, {"name": "Neu"}) == (404, 7431)
    assert [row["name"] for row in desk.person.stages("1")][0] == "Erste Anfrage"


def test_a_description_that_a_change_leaves_out_stays(desk: Desk) -> None:
    made = desk.data("POST", RESUBMISSIONS, DEAL)["id"]
    needed = {name: DEAL[name] for name in ("bezeichnung", "datum_erinnerung", "zeit_erinnerung")}
    changed = desk.data("PUT", f"{RESUBMISSIONS}/{made}", {**needed, "betrag": "1500"})
    assert changed["beschreibung"] == DEAL["beschreibung"]
