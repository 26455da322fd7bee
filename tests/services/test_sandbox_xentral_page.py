"""The sandbox's page for HubSpot and Xentral: addresses, groups, boards, deals and the token."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import pytest

from integrations.connectors.xentral.sandbox import DEMO_TOKEN
from integrations.services import sandbox_firm, sandbox_works
from integrations.services.sandbox_works import PORTAL_ID
from tests.services.test_sandbox_page import Answer, Desk

WORKS = str(PORTAL_ID)
DEAL = {
    "object": "resubmissions",
    "bezeichnung": "Höfer: Rührwerk",
    "datum_erinnerung": "2026-12-15",
    "zeit_erinnerung": "09:00:00",
}


class WorksDesk(Desk):
    """Somebody of the machine builder in front of the page."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        sandbox_works.furnish(self.stage.hubspot, self.stage.xentral)
        self.works = self.stage.hubspot.account(PORTAL_ID)
        self.clerk = self.stage.xentral.person()

    def lists(self, **query: str) -> str:
        return self.get("/", portal=WORKS, **query).text

    def send(self, path: str, **form: str) -> Answer:
        return self.post(path, **({"portal": WORKS} | form))

    def address(self, email: str) -> str:
        rows = self.clerk.all("addresses")
        return str(next(row["id"] for row in rows if row["email"] == email))

    def newest(self, kind: str) -> str:
        return str(self.works.state.stores[kind].live[-1])


@pytest.fixture
def desk(tmp_path: Path) -> WorksDesk:
    return WorksDesk(tmp_path)


def test_both_sides_are_shown_beside_each_other(desk: WorksDesk) -> None:
    text = desk.lists()
    for wanted in (
        "Größler Maschinenbau", "Änne Höfer", "Björn Größmann", "Höfer: Rührwerk 400 l",
        "Qualified To Buy", "Süßwaren Höfer GmbH", "Beratung durchgeführt", DEMO_TOKEN,
    ):  # fmt: skip
        assert wanted in text
    assert "No patients" not in text


def test_each_account_is_called_after_the_system_it_is_joined_with(desk: WorksDesk) -> None:
    sandbox_firm.furnish(desk.stage.hubspot, desk.stage.thena)
    text = desk.lists()
    for wanted in ("Größler Maschinenbau · Xentral", "Lanternworks Software · Thena", "· RXNT"):
        assert wanted in text
    assert "Björn Größmann" not in desk.get("/").text
    assert "Björn Größmann" not in desk.get("/", portal=str(sandbox_firm.PORTAL_ID)).text


def test_an_address_is_created_edited_and_deleted(desk: WorksDesk) -> None:
    form = {"object": "addresses", "typ": "frau", "name": "Zoë Übel", "email": "zoe@u.example"}
    desk.send("/desk/xentral/create", **form, lead="1")
    made = desk.address("zoe@u.example")
    row = desk.clerk.get("addresses", made)
    assert (row["typ"], row["name"], row["lead"]) == ("frau", "Zoë Übel", 1)
    desk.send("/desk/xentral/save", object="addresses", id=made, ort="Köln", lead="0")
    row = desk.clerk.get("addresses", made)
    assert (row["ort"], row["lead"], row["email"]) == ("Köln", 0, "zoe@u.example")
    shown = desk.get("/desk/xentral", object="addresses", id=made).text
    assert 'value="Köln"' in shown
    assert '<option value="frau" selected>' in shown
    desk.send("/desk/xentral/delete", object="addresses", id=made)
    assert "zoe@u.example" not in desk.lists()


def test_an_address_is_in_exactly_the_groups_that_are_chosen(desk: WorksDesk) -> None:
    desk.send("/desk/xentral/group", name="Hubspot", code="HUBSPOT")
    desk.send("/desk/xentral/group", name="Händler", code="HAENDLER")
    made = desk.address("b.groessmann@saege.example")
    form = {"object": "addresses", "id": made, "has_groups": "1"}
    desk.send("/desk/xentral/save", **form, groups="1;2")
    assert desk.clerk.groups_of(made) == ["1", "2"]
    assert "Hubspot, Händler" in desk.lists()
    shown = desk.get("/desk/xentral", object="addresses", id=made).text
    assert '<option value="2" selected>Händler</option>' in shown
    desk.send("/desk/xentral/save", object="addresses", id=made, ort="Ulm")
    assert desk.clerk.groups_of(made) == ["1", "2"]
    desk.send("/desk/xentral/save", **form)
    assert desk.clerk.groups_of(made) == []


def test_free_fields_have_their_inputs(desk: WorksDesk) -> None:
    made = desk.address("info@boehm.example")
    assert sandbox_works.FREE_FIELD in desk.get("/desk/xentral", object="addresses", id=made).text
    desk.send("/desk/xentral/save", object="addresses", id=made, freifeld1="Großkunde")
    assert f"{sandbox_works.FREE_FIELD}: Großkunde" in desk.lists()


def test_a_resubmission_is_created_and_edited(desk: WorksDesk) -> None:
    address = desk.address("thomsen@foerde.example")
    desk.send(
        "/desk/xentral/create", **DEAL, adresse=address, stages="2", betrag="18500", chance=""
    )
    (row,) = desk.clerk.all("resubmissions")
    assert (row["betrag"], row["stages"], row["adresse"]) == ("18500.00", 2, int(address))
    assert row["chance"] is None
    made = str(row["id"])
    form = {"object": "resubmissions", "id": made}
    desk.send("/desk/xentral/save", **form, betrag="20000", abgeschlossen="1")
    row = desk.clerk.get("resubmissions", made)
    assert (row["betrag"], row["abgeschlossen"], row["stages"]) == ("20000.00", 1, 2)
    shown = desk.get("/desk/xentral", **form).text
    assert '<option value="2" selected>Standard – Kontakt aufgenommen</option>' in shown
    assert 'type="date" value="2026-12-15"' in shown
    assert "Frauke Thomsen" in shown
    desk.send("/desk/xentral/save", **form, betrag="")
    assert desk.clerk.get("resubmissions", made)["betrag"] is None


def test_a_resubmission_is_moved_on_its_board_and_off_it(desk: WorksDesk) -> None:
    desk.send("/desk/xentral/create", **DEAL, stages="1")
    made = str(desk.clerk.all("resubmissions")[0]["id"])
    desk.send("/desk/xentral/move", id=made, stage="4")
    assert [row["to"] for row in desk.clerk.moves_of(made)] == [1, 4]
    assert "On no board" not in desk.lists()
    desk.send("/desk/xentral/move", id=made, stage="0")
    assert desk.clerk.get("resubmissions", made)["stages"] == 0
    assert "On no board" in desk.lists()
    desk.send("/desk/xentral/delete", object="resubmissions", id=made)
    assert desk.clerk.all("resubmissions") == []


def test_a_new_one_may_be_on_no_board(desk: WorksDesk) -> None:
    for stage in ("0", ""):
        desk.send("/desk/xentral/create", **DEAL, stages=stage)
    assert [row["stages"] for row in desk.clerk.all("resubmissions")] == [0, 0]


def test_a_board_and_its_stages_are_added(desk: WorksDesk) -> None:
    desk.send("/desk/xentral/view", name="Hubspot")
    desk.send("/desk/xentral/stage", view="2", name="Gewonnen")
    assert [stage["name"] for stage in desk.clerk.stages("2")] == ["Gewonnen"]
    assert "Hubspot – Gewonnen" in desk.get("/desk/xentral", object="resubmissions").text


def test_xentrals_own_refusal_is_repeated(desk: WorksDesk) -> None:
    answer = desk.send("/desk/xentral/create", **(DEAL | {"bezeichnung": "KÜ"}))
    said = unquote(answer.headers["Location"])
    assert "Xentral says: Validation error" in said
    assert "at least 3 characters" in said
    assert desk.clerk.all("resubmissions") == []


def test_a_new_token_ends_the_old_one(desk: WorksDesk) -> None:
    desk.send("/desk/xentral/token")
    (token,) = desk.stage.xentral.instance.tokens
    assert token != DEMO_TOKEN
    assert token in desk.lists()
    desk.stage.xentral.revoke(token)
    assert "error=" in desk.send("/desk/xentral/token").headers["Location"]


def test_a_contact_has_the_inputs_that_xentral_asks_for(desk: WorksDesk) -> None:
    contact = desk.works.state.stores["contacts"].live[0]
    shown = desk.get("/contact", portal=WORKS, id=str(contact)).text
    assert '<option value="NEW" selected>' in shown
    assert 'value="Germany"' in shown


def test_a_deal_is_edited_and_belongs_to_the_contacts_that_are_chosen(desk: WorksDesk) -> None:
    one, two = map(str, desk.works.state.stores["contacts"].live[:2])
    form = {"object": "deals", "has_contacts": "1"}
    values = {"dealname": "Säge", "stage": "default:contractsent", "amount": "7"}
    desk.send("/create", **form, **values, contacts=one)
    deal = desk.newest("deals")
    assert desk.works.partners("deals", deal, "contacts") == [one]
    shown = desk.get("/deal", portal=WORKS, id=deal).text
    assert '<option value="default:contractsent" selected>' in shown
    assert f'<option value="{one}" selected>Änne Höfer' in shown
    desk.send("/save", **form, id=deal, amount="8", contacts=two)
    assert desk.works.read("deals", deal)["amount"] == "8"
    assert desk.works.partners("deals", deal, "contacts") == [two]
    desk.send("/delete", object="deals", id=deal)
    assert "Recycle bin" in desk.lists()


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/desk/xentral/save", {"object": "addresses", "id": "999"}),
        ("/desk/xentral/save", {"object": "planets", "id": "1"}),
        ("/desk/xentral/save", {}),
        ("/desk/xentral/delete", {"object": "resubmissions", "id": "999"}),
        ("/desk/xentral/move", {"id": "999", "stage": "1"}),
        ("/desk/xentral/stage", {"view": "999", "name": "x"}),
        ("/desk/xentral/group", {"name": "x", "code": "Ü"}),
        ("/desk/xentral/explode", {}),
    ],
)
def test_a_button_on_nothing_says_so(desk: WorksDesk, path: str, form: dict[str, str]) -> None:
    answer = desk.send(path, **form)
    assert answer.status == 303
    assert "error=" in answer.headers["Location"]


@pytest.mark.parametrize("query", [{}, {"object": "planets"}, {"object": "addresses", "id": "999"}])
def test_a_record_that_does_not_exist_is_a_404(desk: WorksDesk, query: dict[str, str]) -> None:
    assert desk.get("/desk/xentral", **query).status == 404


def test_what_people_type_is_text_and_never_markup(desk: WorksDesk) -> None:
    script = "<script>alert(1)</script>"
    desk.send("/desk/xentral/create", object="addresses", name=script)
    desk.send("/desk/xentral/create", **(DEAL | {"bezeichnung": script}))
    desk.send("/desk/xentral/view", name=script)
    assert "<script>" not in desk.lists(error=script)
