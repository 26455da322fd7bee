"""Addresses: names that Xentral needs, its traps when writing, countries, matches by e-mail."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.connectors.xentral.addresses import AddressReader, create_body
from integrations.connectors.xentral.sandbox import ApiError
from integrations.engine.errors import NotFound, Rejected, ReplyLost, SyncError
from integrations.engine.ports import CreateItem, UpdateItem
from integrations.engine.reasons import Reason
from integrations.engine.records import BLANK, Record, Value
from tests.connectors.xentral.rig import BERLIN, AddressRig, row_of

READ, WRITE = "/api/v2/adressen", "/api/v1/adressen"
NAMES = ("vorname", "nachname", "email", "land", "bundesstaat", "typ", "vertrieb", "lead")


def create(rig: AddressRig, **values: Value) -> Record:
    [outcome] = rig.connector.create("addresses", [CreateItem("1", values)])
    assert outcome.record is not None, outcome.error
    return outcome.record


def refused(rig: AddressRig, **values: Value) -> SyncError:
    [outcome] = rig.connector.create("addresses", [CreateItem("1", values)])
    assert outcome.error is not None
    return outcome.error


def update(rig: AddressRig, record_id: str, **values: Value) -> Record:
    [outcome] = rig.connector.update("addresses", [UpdateItem("1", record_id, values)])
    assert outcome.record is not None, outcome.error
    return outcome.record


def read(rig: AddressRig, record_id: str) -> Mapping[str, Value]:
    return rig.connector.fetch("addresses", [record_id], NAMES)[record_id].values


# ---------------------------------------------------------------- names


def test_a_last_name_is_found_beside_a_first_name() -> None:
    reader = AddressReader(("vorname", "nachname"), BERLIN)
    row = {"id": 1, "name": "Ada Byron", "vorname": "Ada", "nachname": ""}
    assert reader.read(row).values == {"vorname": "Ada", "nachname": "Byron"}
    assert reader.read({**row, "name": "Ada"}).values["nachname"] is BLANK
    assert reader.read({**row, "name": "Adams"}).values["nachname"] == "Adams"


def test_a_new_address_is_a_lead_with_a_number_and_one_name(addresses: AddressRig) -> None:
    made = create(addresses, vorname="Jörg", nachname="Größler", email="jörg@müller.example")
    row = row_of(addresses, made.id)
    assert row["name"] == "Jörg Größler", "the first name stands there once"
    assert row["kundennummer"].isdecimal()
    wanted = {"typ": "herr", "lead": 1, "sprache": "deutsch", "waehrung": "EUR"}
    assert {name: row[name] for name in wanted} == wanted
    assert row["kundenfreigabe"] == 1


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"nachname": "Größler"}, "Hubspot - Größler"),
        ({"vorname": "Jörg", "email": "j@müller.example"}, "Jörg j@müller.example"),
        ({"email": "j@müller.example"}, "Hubspot - j@müller.example"),
        ({"vorname": "Jörg"}, "Jörg -"),
    ],
)
def test_a_name_that_is_lacking_is_made_up_and_reads_as_blank(
    addresses: AddressRig, given: dict[str, Value], name: str
) -> None:
    made = create(addresses, **given)
    assert row_of(addresses, made.id)["name"] == name
    found = read(addresses, made.id)
    for field in ("vorname", "nachname"):
        assert found[field] == given.get(field, BLANK)
        assert made.values[field] == given.get(field, BLANK)


def test_without_any_name_nothing_is_sent(addresses: AddressRig) -> None:
    error = refused(addresses, telefon="+49221", ort="Köln")
    assert isinstance(error, Rejected)
    assert error.reason is Reason.REQUIRED_MISSING
    assert addresses.total() == 0
    foreseen = addresses.connector.refusal("addresses", CreateItem("1", {"ort": "Köln"}))
    assert foreseen is not None
    assert foreseen.detail == error.detail
    assert addresses.connector.refusal("addresses", addresses.good(1)) is None
    assert addresses.connector.refusal("resubmissions", CreateItem("1", {})) is None


def test_a_name_that_is_found_later_replaces_the_made_up_one(addresses: AddressRig) -> None:
    made = create(addresses, nachname="Größler", email="g@müller.example")
    update(addresses, made.id, vorname="Käthe")
    row = row_of(addresses, made.id)
    assert (row["vorname"], row["name"]) == ("Käthe", "Käthe Größler")


def test_a_changed_last_name_changes_the_whole_name(addresses: AddressRig) -> None:
    made = create(addresses, vorname="Käthe", nachname="Größler")
    update(addresses, made.id, nachname="Müßig")
    assert row_of(addresses, made.id)["name"] == "Käthe Müßig"


def test_a_name_taken_away_is_made_up_again(addresses: AddressRig) -> None:
    made = create(addresses, vorname="Käthe", nachname="Größler", email="k@müller.example")
    update(addresses, made.id, vorname=BLANK, nachname=BLANK)
    assert row_of(addresses, made.id)["name"] == "Hubspot - k@müller.example"
    found = read(addresses, made.id)
    assert (found["vorname"], found["nachname"]) == (BLANK, BLANK)


def test_an_address_of_one_name_has_it_as_its_last_name(addresses: AddressRig) -> None:
    made = addresses.person.create("addresses", name="Käthe Größler")
    assert read(addresses, made)["nachname"] == "Käthe Größler"
    update(addresses, made, vorname="Käthe")
    row = row_of(addresses, made)
    assert (row["vorname"], row["nachname"], row["name"]) == ("Käthe", "Größler", "Käthe Größler")


def test_the_name_of_a_company_is_left_alone(addresses: AddressRig) -> None:
    made = addresses.person.create("addresses", name="Müller & Söhne GmbH", typ="firma")
    update(addresses, made, vorname="Käthe", nachname="Größler")
    assert row_of(addresses, made)["name"] == "Müller & Söhne GmbH"


def test_a_company_name_is_never_sent_as_such(addresses: AddressRig) -> None:
    body = create_body({"vorname": "Käthe", "nachname": "Größler", "firma": "Müller GmbH"})
    assert "firma" not in body


# ---------------------------------------------------------------- other columns


def test_a_country_is_read_as_it_stands(addresses: AddressRig) -> None:
    made = create(addresses, nachname="Öztürk", email="ö@müller.example", land="AT")
    assert read(addresses, made.id)["land"] == "AT"


@pytest.mark.parametrize(
    ("land", "held", "state"),
    [("DE", "BE", "BE"), ("", "TH", "TH"), ("CH", "BE", "CH-BE"), ("AT", "Tirol", "Tirol")],
)
def test_states_abroad_are_not_taken_for_german_ones(land: str, held: str, state: str) -> None:
    record = AddressReader(("bundesstaat",), BERLIN).read(
        {"id": 1, "land": land, "bundesstaat": held}
    )
    assert record.values["bundesstaat"] == state
    assert create_body({"nachname": "Ü", "bundesstaat": state})["bundesstaat"] == held


def test_a_street_loses_the_space_that_xentral_appends(addresses: AddressRig) -> None:
    made = create(addresses, nachname="Größler", strasse="Große Straße 1")
    assert row_of(addresses, made.id)["strasse"].endswith(" ")
    assert made.values["strasse"] == "Große Straße 1"


def test_a_row_tells_its_change_time_and_what_it_does_not_mention_stays_out() -> None:
    record = AddressReader(("email", "freifeld1"), BERLIN).read(
        {"id": "7", "name": "Jörg", "email": "", "logdatei": "2026-11-20 10:00:00"}
    )
    assert (record.id, record.label, record.archived) == ("7", "Jörg", False)
    assert record.values == {"email": BLANK}
    assert record.modified_at is not None
    assert record.modified_at.isoformat() == "2026-11-20T09:00:00+00:00"


def test_an_employee_can_be_named_and_taken_away(addresses: AddressRig) -> None:
    boss = addresses.person.add_employee("Jürgen Öhm", "oehm@müller.example")
    made = create(addresses, nachname="Größler", vertrieb=boss)
    assert made.values["vertrieb"] == boss
    update(addresses, made.id, vertrieb=BLANK)
    assert read(addresses, made.id)["vertrieb"] is BLANK


def test_employees_are_the_people(addresses: AddressRig) -> None:
    create(addresses, nachname="Größler")
    boss = addresses.person.add_employee("Jürgen Öhm", "oehm@müller.example")
    [person] = addresses.connector.people()
    assert (person.id, person.name, person.active) == (boss, "Jürgen Öhm", True)


# ---------------------------------------------------------------- lost and refused creates


def test_an_address_made_in_spite_of_a_400_is_found_by_its_email(
    addresses: AddressRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unnumbered(row: object, asked: str) -> None:
        raise ApiError(7451, "Adresse konnte nicht angelegt werden.")

    monkeypatch.setattr(addresses.sandbox.addresses, "_number", unnumbered)
    made = create(addresses, nachname="Größler", email="Größler@Müller.example")
    assert len(addresses.person.all("addresses")) == 1
    assert made.values["nachname"] == "Größler"


def test_without_an_email_only_a_newer_address_of_the_name_counts(
    addresses: AddressRig,
) -> None:
    addresses.person.create("addresses", name="Jörg Größler", vorname="Jörg", nachname="Größler")
    addresses.connector.check()
    addresses.watch.wait(minutes=1)
    addresses.connector.check()
    addresses.answers(WRITE, _error(7451), 400)
    assert isinstance(refused(addresses, vorname="Jörg", nachname="Größler"), Rejected)


def test_a_400_without_an_address_stays_a_refusal(addresses: AddressRig) -> None:
    addresses.answers(WRITE, _error(7453, "The attribute 'email' is no valid address."), 400)
    error = refused(addresses, nachname="Größler", email="g@müller.example")
    assert isinstance(error, Rejected)
    assert error.fields == ("email",)


def test_a_lost_create_is_found_by_its_email(addresses: AddressRig) -> None:
    addresses.connector.check()
    addresses.sandbox.faults.inject(Fault(FaultKind.LOST_REPLY, path=WRITE))
    assert isinstance(refused(addresses, nachname="Ü", email="ü@müller.example"), ReplyLost)
    found = addresses.connect().find("addresses", "email", ["ü@müller.example"], ["nachname"])
    assert [record.values["nachname"] for record in found["ü@müller.example"]] == ["Ü"]


def test_an_address_that_is_gone_cannot_be_changed(addresses: AddressRig) -> None:
    made = create(addresses, nachname="Größler")
    addresses.person.delete("addresses", made.id)
    for values in ({"ort": "Köln"}, {"vorname": "Jörg"}):
        [outcome] = addresses.connector.update("addresses", [UpdateItem("1", made.id, values)])
        assert isinstance(outcome.error, NotFound)
    assert addresses.connector.fetch("addresses", [made.id], NAMES) == {}


def _error(code: int, *details: str) -> dict[str, object]:
    return {"error": {"code": code, "http_code": 400, "message": "x", "details": list(details)}}


# ---------------------------------------------------------------- matches


def test_several_addresses_of_one_email_are_all_found(addresses: AddressRig) -> None:
    for email in ("Ada@Müller.example", "ada@müller.example", "ada@müller.example.org"):
        addresses.person.create("addresses", name="Ada", email=email)
    found = addresses.connector.find("addresses", "email", [" ADA@müller.example"], ["email"])
    assert len(found[" ADA@müller.example"]) == 2


def test_addresses_are_found_by_nothing_else(addresses: AddressRig) -> None:
    assert addresses.connector.find("addresses", "nachname", ["Größler"], ["email"]) == {}
    assert addresses.connector.find("addresses", "email", ["", " "], ["email"]) == {}


def test_many_emails_cost_one_list_and_then_what_changed_since(addresses: AddressRig) -> None:
    made = addresses.fill(60)
    emails = [str(item.values["email"]) for item in made.values()]
    before = addresses.counted("GET", READ)
    assert len(addresses.connector.find("addresses", "email", emails, ["email"])) == 60
    assert addresses.counted("GET", READ) - before == 3, "how many, all of them, these again"
    addresses.watch.wait(minutes=20)
    late = addresses.person.create("addresses", name="Spät", email="spät@müller.example")
    addresses.person.edit("addresses", next(iter(made)), email="neu@müller.example")
    wanted = ["spät@müller.example", "neu@müller.example", emails[0]]
    before = addresses.counted("GET", READ)
    found = addresses.connector.find("addresses", "email", wanted, ["email"])
    assert addresses.counted("GET", READ) - before == 2
    assert {value: [r.id for r in records] for value, records in found.items()} == {
        "spät@müller.example": [late],
        "neu@müller.example": [next(iter(made))],
    }


def test_a_few_emails_are_asked_for_one_by_one(addresses: AddressRig) -> None:
    made = addresses.fill(3)
    emails = [str(item.values["email"]) for item in made.values()]
    before = addresses.counted("GET", READ)
    assert len(addresses.connector.find("addresses", "email", emails, ["email"])) == 3
    assert addresses.counted("GET", READ) - before == 3
