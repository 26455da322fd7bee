"""Resubmissions: what every write must hold, what is made up, and how a lost one is found."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.errors import ConfigInvalid, NotFound, Rejected, ReplyLost
from integrations.engine.ports import EXTERNAL_KEY, CreateItem, UpdateItem
from integrations.engine.records import BLANK, Record, Value
from tests.connectors.xentral.rig import BERLIN, START, ResubmissionRig, row_of

PATH = "/api/v1/wiedervorlagen"
KEY = "HubSpot deal 7001"
CLOSE = datetime(2026, 12, 15, 8, tzinfo=UTC)
NAMES = ("bezeichnung", "betrag", "erinnerung", "angelegt", "stages", "adresse", "chance")


def create(rig: ResubmissionRig, key: str = KEY, **values: Value) -> Record:
    [outcome] = rig.connector.create("resubmissions", [CreateItem("1", values, key)])
    assert outcome.record is not None, outcome.error
    return outcome.record


def update(rig: ResubmissionRig, record_id: str, **values: Value) -> Record:
    [outcome] = rig.connector.update("resubmissions", [UpdateItem("1", record_id, values, KEY)])
    assert outcome.record is not None, outcome.error
    return outcome.record


def read(rig: ResubmissionRig, record_id: str) -> Record:
    return rig.connector.fetch("resubmissions", [record_id], NAMES)[record_id]


def test_a_deal_becomes_a_resubmission_with_our_key(deals: ResubmissionRig) -> None:
    board = deals.person.add_view("Hubspot")
    stage = deals.person.add_stage(board, "Angebot geprüft")
    owner = deals.person.create("addresses", name="Käthe Größler")
    made = create(
        deals,
        bezeichnung="Müller – 40 Plätze",
        betrag=Decimal(1500),
        erinnerung=CLOSE,
        angelegt=datetime(2026, 7, 1, 21, 59, 59, tzinfo=UTC),
        stages=stage,
        adresse=(owner,),
    )
    row = row_of(deals, made.id)
    assert row["beschreibung"] == KEY
    assert (row["betrag"], row["stages"], row["adresse"]) == ("1500.00", int(stage), int(owner))
    assert (row["datum_erinnerung"], row["zeit_erinnerung"]) == ("2026-12-15", "09:00:00")
    assert (row["datum_angelegt"], row["zeit_angelegt"]) == ("2026-07-01", "23:59:59")
    assert read(deals, made.id).values == {
        **{name: made.values[name] for name in NAMES},
        "chance": BLANK,
    }
    assert made.values["adresse"] == (owner,)


@pytest.mark.parametrize("name", ["AB", "Ü", "Deal", "Deal X", "Abo"])
def test_a_short_name_is_made_long_enough_and_read_as_it_was(
    deals: ResubmissionRig, name: str
) -> None:
    made = create(deals, bezeichnung=name, erinnerung=CLOSE)
    assert len(row_of(deals, made.id)["bezeichnung"]) >= 3
    if name == "Deal X":
        assert read(deals, made.id).values["bezeichnung"] == "X", "the one name that is mistaken"
    else:
        assert read(deals, made.id).values["bezeichnung"] == name
        update(deals, made.id, bezeichnung="Ö")
        assert read(deals, made.id).values["bezeichnung"] == "Ö"


def test_what_hubspot_does_not_give_is_made_up_and_reads_as_blank(deals: ResubmissionRig) -> None:
    deals.connector.check()
    made = create(deals, betrag=Decimal(5))
    row = row_of(deals, made.id)
    assert row["bezeichnung"] == KEY
    assert row["datum_erinnerung"] == f"{START:%Y-%m-%d}"
    for record in (made, read(deals, made.id)):
        assert record.values["bezeichnung"] is BLANK
        assert record.values["erinnerung"] is BLANK


def test_a_reminder_that_somebody_sets_is_no_longer_made_up(deals: ResubmissionRig) -> None:
    made = create(deals, bezeichnung="Größe klären")
    deals.person.edit("resubmissions", made.id, datum_erinnerung="2027-01-04")
    found = read(deals, made.id).values["erinnerung"]
    assert isinstance(found, datetime)
    assert found.astimezone(BERLIN).date().isoformat() == "2027-01-04"
    update(deals, made.id, erinnerung=CLOSE)
    assert read(deals, made.id).values["erinnerung"] == CLOSE


def test_a_change_repeats_what_every_change_must_hold_and_nothing_else(
    deals: ResubmissionRig,
) -> None:
    made = create(deals, bezeichnung="Müller – 40 Plätze", erinnerung=CLOSE)
    deals.person.edit("resubmissions", made.id, beschreibung="Von Käthe ergänzt", prio=1)
    before = row_of(deals, made.id)
    changed = update(deals, made.id, betrag=Decimal("2500.5"))
    after = row_of(deals, made.id)
    assert {name for name in after if after[name] != before[name]} == {"betrag"}
    assert changed.values["betrag"] == Decimal("2500.5")


def test_a_stage_cannot_be_taken_away_by_interface(deals: ResubmissionRig) -> None:
    stage = deals.person.add_stage(deals.person.add_view("Hubspot"), "Prüfung")
    made = create(deals, bezeichnung="Abo", erinnerung=CLOSE, stages=stage)
    assert update(deals, made.id, stages=BLANK).values["stages"] == stage


def test_blanks_leave_what_must_not_be_empty(deals: ResubmissionRig) -> None:
    made = create(deals, bezeichnung="Abo", betrag=Decimal(7), erinnerung=CLOSE)
    changed = update(deals, made.id, betrag=BLANK, erinnerung=BLANK, adresse=BLANK)
    assert changed.values["betrag"] == Decimal(0)
    assert changed.values["erinnerung"] == CLOSE
    assert changed.values["adresse"] is BLANK


def test_an_id_that_is_none_is_refused_before_any_call(deals: ResubmissionRig) -> None:
    [outcome] = deals.connector.create(
        "resubmissions", [CreateItem("1", {"bezeichnung": "Abo", "adresse": ("Größler",)}, KEY)]
    )
    assert isinstance(outcome.error, Rejected)
    assert deals.counted("POST", PATH) == 0


def test_one_that_is_gone_cannot_be_changed_and_is_not_found(deals: ResubmissionRig) -> None:
    made = create(deals, bezeichnung="Abo", erinnerung=CLOSE)
    deals.person.delete("resubmissions", made.id)
    [outcome] = deals.connector.update(
        "resubmissions", [UpdateItem("1", made.id, {"betrag": Decimal(1)})]
    )
    assert isinstance(outcome.error, NotFound)
    assert deals.connector.fetch("resubmissions", [made.id, "x", "0"], NAMES) == {}


def test_nothing_can_be_deleted(deals: ResubmissionRig) -> None:
    with pytest.raises(ConfigInvalid):
        deals.connector.archive("resubmissions", ["1"])


# ---------------------------------------------------------------- our key


def test_a_lost_create_is_found_by_our_key(deals: ResubmissionRig) -> None:
    deals.connector.check()
    deals.sandbox.faults.inject(Fault(FaultKind.LOST_REPLY, path=PATH))
    item = CreateItem("1", {"bezeichnung": "Abo", "erinnerung": CLOSE}, KEY)
    [outcome] = deals.connector.create("resubmissions", [item])
    assert isinstance(outcome.error, ReplyLost)
    found = deals.connector.find("resubmissions", EXTERNAL_KEY, [KEY, "HubSpot deal 1"], NAMES)
    assert {key: [r.values["bezeichnung"] for r in rows] for key, rows in found.items()} == {
        KEY: ["Abo"]
    }


@pytest.mark.parametrize("text", [f"{KEY}9", f"zu {KEY}", "", "HubSpot deal Größler"])
def test_a_text_that_only_looks_like_our_key_is_none(deals: ResubmissionRig, text: str) -> None:
    deals.person.create(
        "resubmissions",
        bezeichnung="Abo",
        beschreibung=text,
        datum_erinnerung="2026-12-15",
        zeit_erinnerung="09:00:00",
    )
    assert deals.connector.find("resubmissions", EXTERNAL_KEY, [KEY], NAMES) == {}


def test_our_key_stays_whatever_is_written_behind_it(deals: ResubmissionRig) -> None:
    made = create(deals, bezeichnung="Abo", beschreibung="Schöne Grüße", erinnerung=CLOSE)
    assert row_of(deals, made.id)["beschreibung"] == f"{KEY}\nSchöne Grüße"
    assert KEY in deals.connector.find("resubmissions", EXTERNAL_KEY, [KEY], NAMES)


def test_they_are_found_by_nothing_else(deals: ResubmissionRig) -> None:
    create(deals, bezeichnung="Abo", erinnerung=CLOSE)
    before = deals.total()
    assert deals.connector.find("resubmissions", "bezeichnung", ["Abo"], NAMES) == {}
    assert deals.connector.find("resubmissions", EXTERNAL_KEY, [], NAMES) == {}
    assert deals.total() == before
