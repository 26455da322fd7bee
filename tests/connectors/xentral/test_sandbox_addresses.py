"""The stand-in's addresses: reading them, and every trap of writing them through the old API."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.connectors.xentral.sandbox import ApiError
from tests.connectors.xentral.sandbox_rig import ADA, ADDRESSES, WRITE, Desk, generic


@pytest.fixture
def desk() -> Desk:
    return Desk()


def read(desk: Desk, row_id: object) -> Any:
    return desk.data("GET", f"{ADDRESSES}/{row_id}")


def put(desk: Desk, row_id: object, **values: Any) -> Any:
    return desk.data("PUT", f"{WRITE}/{row_id}", values)


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in ADA.items() if name not in names}


# ---------------------------------------------------------------- creating


def test_a_new_address_has_a_customer_number_a_role_and_what_was_sent(desk: Desk) -> None:
    answer = desk.ask("POST", WRITE, {**ADA, "lead": 1, "freifeld2": "lead", "vertrieb": "7"})
    assert (answer.status, [*answer.json()]) == (200, ["data"])
    row = answer.json()["data"]
    assert (row["id"], row["kundennummer"], row["rolle"]) == (1, "10001", "kunde")
    assert (row["lead"], row["freifeld2"], row["vertrieb"]) == (1, "lead", 7)
    assert (row["ort"], row["land"], row["bundesstaat"]) == ("Köln", "DE", "NW")
    assert row["logdatei"] == "2026-11-20 10:00:00"
    assert read(desk, 1) == row
    assert desk.ids(ADDRESSES, rolle="kunde") == [1]
    assert desk.data("POST", WRITE, ADA)["kundennummer"] == "10002"


@pytest.mark.parametrize("number", [None, "", ...])
def test_without_a_number_it_is_refused_although_the_row_is_there(desk: Desk, number: Any) -> None:
    sent = without("kundennummer") if number is ... else {**ADA, "kundennummer": number}
    answer = desk.ask("POST", WRITE, sent)
    assert answer.status == 400
    assert answer.json()["error"]["message"] == "Adresse konnte nicht angelegt werden."
    (row,) = desk.data("GET", ADDRESSES, email_equals=ADA["email"])
    assert (row["name"], row["kundennummer"], row["rolle"]) == ("Ädá Größler", "", "")


def test_a_number_of_ones_own_is_kept_and_makes_no_customer(desk: Desk) -> None:
    row = desk.data("POST", WRITE, {**ADA, "kundennummer": "K-77"})
    assert (row["kundennummer"], row["rolle"]) == ("K-77", "")


def test_the_first_name_is_put_in_front_of_the_name(desk: Desk) -> None:
    assert read(desk, desk.address())["name"] == "Ädá Größler"
    assert read(desk, desk.address(vorname=""))["name"] == "Größler"
    twice = read(desk, desk.address(name="Ädá Größler"))
    assert twice["name"] == "Ädá Ädá Größler"
    assert twice["nachname"] == "Größler"


def test_a_firm_takes_the_place_of_the_person(desk: Desk) -> None:
    row = read(desk, desk.address(firma="Müller & Söhne"))
    assert (row["typ"], row["name"]) == ("firma", "Müller & Söhne")
    assert row["ansprechpartner"] == "Ädá Größler"
    plain = read(desk, desk.address(typ="firma", vorname="", name="Müller & Söhne"))
    assert (plain["typ"], plain["name"], plain["ansprechpartner"]) == (
        "firma",
        "Müller & Söhne",
        "",
    )


def test_a_project_is_named_by_its_abbreviation_on_creating_only(desk: Desk) -> None:
    other = desk.person.add_project("Großhandel", "GH")
    assert read(desk, desk.address())["projekt"] == 1
    made = desk.address(projekt="GH")
    assert read(desk, made)["projekt"] == int(other)
    assert read(desk, desk.address(projekt=other))["projekt"] == 0
    assert put(desk, made, projekt=1)["projekt"] == 1
    assert put(desk, made, projekt="GH")["projekt"] == int(other)
    assert put(desk, made, projekt="XY")["projekt"] == 0


def test_the_house_number_is_put_behind_the_street_and_a_blank_if_there_is_none(
    desk: Desk,
) -> None:
    assert read(desk, desk.address())["strasse"] == "Große Straße 1"
    assert read(desk, desk.address(hausnummer=""))["strasse"] == "Große Straße "
    made = desk.address()
    assert put(desk, made, strasse="Ring 2", hausnummer="3")["strasse"] == "Ring 2"


@pytest.mark.parametrize(
    ("sent", "stored"),
    [("mr", "herr"), ("ms", "frau"), ("mrs", "frau"), ("frau", "frau"), ("", "herr")],
)
def test_english_salutations_are_translated(desk: Desk, sent: str, stored: str) -> None:
    assert read(desk, desk.address(typ=sent))["typ"] == stored


def test_an_unknown_key_fails_quietly(desk: Desk) -> None:
    row = read(desk, desk.address(hubspot_id="7001", freifeld21="x"))
    assert "hubspot_id" not in row
    assert row["email"] == ADA["email"]


def test_values_are_stored_as_the_columns_allow(desk: Desk) -> None:
    row = read(desk, desk.address(lead=True, ort=None, plz=10115, email="ü" * 300, vertrieb="x"))
    assert (row["lead"], row["ort"], row["plz"], row["vertrieb"]) == (1, "", "10115", 0)
    assert len(row["email"]) == 255
    assert len(read(desk, desk.address(freifeld1="ü" * 300))["freifeld1"]) == 300


@pytest.mark.parametrize("name", ["id", "logdatei", "geloescht", "useredittimestamp"])
def test_what_the_database_sets_cannot_be_written(desk: Desk, name: str) -> None:
    made = desk.address()
    before = read(desk, made)
    assert put(desk, made, **{name: "1"}) == before


# ---------------------------------------------------------------- changing


def test_changing_is_partial_and_keeps_the_number(desk: Desk) -> None:
    made = desk.address()
    answer = desk.ask("PUT", f"{WRITE}/{made}", {"telefon": "+49 221 1", "kundennummer": "1"})
    assert (answer.status, [*answer.json()]) == (200, ["data"])
    row = read(desk, made)
    assert (row["telefon"], row["kundennummer"]) == ("+49 221 1", "10001")
    assert row["email"] == ADA["email"]
    assert put(desk, made, typ="mrs", vorname="Ada")["name"] == "Ädá Größler"
    assert read(desk, made)["typ"] == "frau"


def test_the_time_of_change_moves_only_if_something_did(desk: Desk) -> None:
    made = desk.address()
    desk.wait(minutes=5)
    assert put(desk, made, ort="Köln")["logdatei"] == "2026-11-20 10:00:00"
    assert put(desk, made, ort="Bonn")["logdatei"] == "2026-11-20 10:05:00"
    assert read(desk, made)["useredittimestamp"] == ""


def test_local_times_repeat_an_hour_in_autumn_and_lose_one_in_spring(desk: Desk) -> None:
    made = desk.address()
    desk.now = desk.now.replace(month=10, day=25, hour=0, minute=30)
    seen = []
    for ort in ("A", "B"):
        seen.append(put(desk, made, ort=ort)["logdatei"])
        desk.wait(hours=1)
    assert seen == ["2026-10-25 02:30:00"] * 2
    desk.sandbox.change(time_zone="UTC")
    assert put(desk, made, ort="C")["logdatei"] == "2026-10-25 02:30:00"


def test_changing_without_the_association_ends_it(desk: Desk) -> None:
    plain = desk.person.add_group("Hubspot", "HUBSPOT")
    old = desk.person.add_group("Verband Süd", "SUED", "verband")
    new = desk.person.add_group("Verband Nord", "NORD", "verband")
    made = str(desk.address(verband=old))
    desk.person.join(made, plain)
    assert desk.person.groups_of(made) == [old, plain]
    put(desk, made, ort="Bonn", verband="NORD")
    assert desk.person.groups_of(made) == [plain, new]
    put(desk, made, ort="Bonn", verband=new)
    assert desk.person.groups_of(made) == [plain, new]
    put(desk, made, ort="Kiel")
    assert desk.person.groups_of(made) == [plain]
    put(desk, made, ort="Kiel", verband=plain)
    assert desk.person.groups_of(made) == [plain]


def test_an_id_that_is_not_there_is_7452(desk: Desk) -> None:
    assert desk.error("PUT", f"{WRITE}/9", {"ort": "Bonn"}) == (404, 7452)
    assert desk.error("GET", f"{ADDRESSES}/9") == (404, 7452)
    assert desk.error("GET", f"{WRITE}/9") == (405, 7432)


# ---------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"name": "ROSSLER"}, [1]),
        ({"name_equals": "ada grössler"}, [1]),
        ({"name_startswith": "müll"}, [2]),
        ({"name_endswith": "söhne"}, [2]),
        ({"email": "example"}, [1, 2]),
        ({"email_equals": "info@söhne.example"}, [2]),
        ({"kundennummer_equals": "10002"}, [2]),
        ({"typ": "firma"}, [2]),
        ({"land": "DE"}, [1]),
        ({"land": "AT", "typ": "herr"}, []),
        ({"rolle": "lieferant"}, []),
        ({"freifeld3": "vip"}, [2]),
        ({"freifeld3_equals": "vip"}, []),
        ({"projekt": "1"}, [1, 2]),
    ],
)
def test_filters_look_for_a_part_or_the_whole(desk: Desk, query: Any, wanted: list[int]) -> None:
    desk.address()
    desk.address(
        typ="firma", vorname="", name="Müller & Söhne", email="info@söhne.example", land="AT",
        freifeld3="VIP-Kunde",
    )  # fmt: skip
    assert desk.ids(ADDRESSES, **query) == wanted


def test_free_fields_from_eleven_on_can_be_written_but_not_read(desk: Desk) -> None:
    made = desk.address(freifeld10="zehn", freifeld11="elf")
    row = read(desk, made)
    assert row["freifeld10"] == "zehn"
    assert "freifeld11" not in row
    assert desk.person.get("addresses", str(made))["freifeld11"] == "elf"


def test_nothing_of_ours_is_shown_or_filtered(desk: Desk) -> None:
    assert not [name for name in read(desk, desk.address()) if name.startswith("_")]
    assert desk.error("GET", ADDRESSES, **generic("_tags", "eq", "x")) == (500, 7499)


# ---------------------------------------------------------------- a person


def test_a_person_falls_into_no_trap(desk: Desk) -> None:
    made = desk.person.create("addresses", vorname="Jörg", name="Jörg Bär", strasse="Weg 1")
    row = read(desk, made)
    assert (row["name"], row["strasse"], row["kundennummer"]) == ("Jörg Bär", "Weg 1", "")
    assert row["useredittimestamp"] == "2026-11-20 10:00:00"
    group = desk.person.add_group("Verband", "V", "verband")
    desk.person.join(made, group)
    desk.wait(minutes=1)
    desk.person.edit("addresses", made, ort="Jülich")
    assert desk.person.groups_of(made) == [group]
    assert read(desk, made)["logdatei"] == "2026-11-20 10:01:00"
    customer = desk.person.create("addresses", name="Kunde", kundennummer="NEW")
    assert read(desk, customer)["rolle"] == "kunde"
    with pytest.raises(ApiError, match="hubspot"):
        desk.person.edit("addresses", made, hubspot=1)


def test_one_that_a_person_deletes_is_seen_nowhere(desk: Desk) -> None:
    made, kept = desk.address(), desk.address()
    desk.person.delete("addresses", str(made))
    assert desk.ids(ADDRESSES) == [kept]
    assert desk.error("GET", f"{ADDRESSES}/{made}") == (404, 7452)
    assert desk.error("PUT", f"{WRITE}/{made}", {"ort": "Bonn"}) == (404, 7452)
    assert [row["id"] for row in desk.person.all("addresses")] == [kept]


def test_an_employee_is_an_address_too(desk: Desk) -> None:
    made = desk.person.add_employee("Jörg Bär", "joerg@firma.example")
    row = read(desk, made)
    assert (row["rolle"], row["mitarbeiternummer"]) == ("mitarbeiter", "M0001")
    assert desk.ids(ADDRESSES, mitarbeiternummer_startswith="M") == [int(made)]
