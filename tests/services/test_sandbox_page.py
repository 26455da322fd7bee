"""The sandbox's page: every button does what a HubSpot user would, and mistakes are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlencode
from wsgiref.util import setup_testing_defaults

import pytest

from integrations.services.sandbox import Stage
from integrations.services.sandbox_page import Page

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

PORTAL = "77"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the page answered."""

    status: int
    headers: Mapping[str, str]
    text: str


class Desk:
    """Somebody in front of the page."""

    def __init__(self, directory: Path) -> None:
        self.stage = Stage(directory)
        self.person = self.stage.hubspot.add_account(int(PORTAL), "Test Practice")
        self.page = Page(self.stage)

    def get(self, path: str, **query: str) -> Answer:
        return self._ask({"PATH_INFO": path, "QUERY_STRING": urlencode(query)})

    def post(self, path: str, **form: str) -> Answer:
        body = urlencode({"portal": PORTAL} | form).encode()
        length = str(len(body))
        asked = {"PATH_INFO": path, "REQUEST_METHOD": "POST", "CONTENT_LENGTH": length}
        return self._ask(asked, body)

    def _ask(self, asked: WSGIEnvironment, body: bytes = b"") -> Answer:
        environ: WSGIEnvironment = {"QUERY_STRING": ""} | asked | {"wsgi.input": BytesIO(body)}
        setup_testing_defaults(environ)
        seen: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> None:
            seen.append((status, headers))

        text = b"".join(self.page(environ, start_response)).decode()  # type: ignore[arg-type]
        status, headers = seen[0]
        return Answer(int(status.split()[0]), dict(headers), text)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def only_contact(desk: Desk) -> str:
    (contact,) = desk.person.state.stores["contacts"].live
    return str(contact)


def test_creating_a_contact_shows_it_in_the_list(desk: Desk) -> None:
    answer = desk.post("/create", firstname="Ida", lastname="Brandt")
    assert (answer.status, answer.headers["Location"]) == (303, f"/?portal={PORTAL}")
    assert "Ida Brandt" in desk.get("/").text


def test_saving_changes_only_the_fields_of_the_form(desk: Desk) -> None:
    contact = desk.person.create_contact({"firstname": "Ida", "company": "Kept"})
    desk.post("/save", id=contact, firstname="Ada", lifecyclestage="customer")
    values = desk.person.contact(contact)
    assert (values["firstname"], values["lifecyclestage"]) == ("Ada", "customer")
    assert values["company"] == "Kept"


def test_a_contacts_page_offers_the_stages_and_holds_the_values(desk: Desk) -> None:
    contact = desk.person.create_contact({"firstname": "Ida", "lifecyclestage": "lead"})
    text = desk.get("/contact", portal=PORTAL, id=contact).text
    assert 'value="Ida"' in text
    assert '<option value="lead" selected>' in text
    assert '<option value="customer">' in text


def test_fields_of_an_integration_appear_once_it_has_made_them(desk: Desk) -> None:
    assert "Date of birth" not in desk.get("/contact", portal=PORTAL).text


def test_a_deleted_contact_can_be_restored(desk: Desk) -> None:
    contact = desk.person.create_contact({"firstname": "Ida"})
    desk.post("/delete", id=contact)
    assert "Recycle bin" in desk.get("/").text
    assert not desk.person.state.stores["contacts"].live
    desk.post("/restore", id=contact)
    assert only_contact(desk) == contact


def test_merging_leaves_one_contact_with_a_new_id(desk: Desk) -> None:
    ids = [desk.person.create_contact({"firstname": name}) for name in ("Ida", "Eva")]
    desk.post("/merge", id=ids[0], other=ids[1])
    assert only_contact(desk) not in ids


def test_patients_are_shown_beside(desk: Desk) -> None:
    assert "No patients yet" in desk.get("/").text


def test_hubspots_own_refusal_is_repeated(desk: Desk) -> None:
    desk.person.create_contact({"email": "ida@mail.example"})
    answer = desk.post("/create", email="ida@mail.example")
    assert "HubSpot says: Contact already exists" in unquote(answer.headers["Location"])
    shown = desk.get("/", portal=PORTAL, error="HubSpot says: Contact already exists").text
    assert "HubSpot says: Contact already exists" in shown


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/save", {"id": "999"}),
        ("/save", {}),
        ("/save", {"id": "not a number"}),
        ("/merge", {"id": "999", "other": "998"}),
        ("/explode", {}),
        ("/create", {"portal": "12"}),
        ("/create", {"portal": "x"}),
    ],
)
def test_a_button_on_nothing_says_so(desk: Desk, path: str, form: dict[str, str]) -> None:
    answer = desk.post(path, **form)
    assert answer.status == 303
    assert "error=" in answer.headers["Location"]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/nowhere", {}),
        ("/contact", {}),
        ("/contact", {"portal": "12"}),
        ("/contact", {"portal": "x"}),
        ("/contact", {"portal": PORTAL, "id": "999"}),
    ],
)
def test_a_page_that_does_not_exist_is_a_404(desk: Desk, path: str, query: dict[str, str]) -> None:
    assert desk.get(path, **query).status == 404


def test_what_people_type_is_text_and_never_markup(desk: Desk) -> None:
    desk.post("/create", firstname="<script>alert(1)</script>")
    answer = desk.get("/")
    assert "<script>" not in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")


def test_the_style_sheet_is_served(desk: Desk) -> None:
    answer = desk.get("/sandbox.css")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/css; charset=utf-8")


def test_without_an_account_the_page_is_empty_but_there(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.stage.hubspot.reset()
    assert desk.get("/").status == 200
