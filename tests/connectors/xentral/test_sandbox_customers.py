"""The stand-in's customers of the second generation, their addresses and contact persons."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.connectors.xentral.sandbox.customers import PATH
from tests.connectors.xentral.sandbox_rig import ADDRESSES, Desk

PERSON: dict[str, Any] = {
    "type": "person",
    "firstname": "Ädá",
    "lastname": "Größler",
    "salutation": "mrs",
    "contact": {"email": "aeda@müller.example", "phone": "+49 221 1"},
    "lead": {"isLead": True, "status": "UNQUALIFIED"},
}
COMPANY = {"type": "company", "name": "Müller & Söhne"}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def new(desk: Desk, **body: Any) -> str:
    answer = desk.ask("POST", PATH, body)
    assert (answer.status, answer.body) == (201, b"")
    return answer.headers["Location"].removeprefix(f"{PATH}/")


def refused(desk: Desk, method: str, path: str, body: Any = None, **query: Any) -> Any:
    """Return status and what is told; the body is problem+json."""
    answer = desk.ask(method, path, body, **query)
    assert answer.headers["Content-Type"] == "application/problem+json"
    found = answer.json()
    assert found["type"].startswith("https://api.xentral.biz/problems/")
    return answer.status, [*(found.get("violations") or found["messages"])]


def test_creating_tells_the_id_in_location_alone_and_the_old_api_has_the_same_row(
    desk: Desk,
) -> None:
    made = new(desk, **PERSON)
    shown = desk.data("GET", f"{PATH}/{made}")
    assert (shown["id"], shown["name"], shown["number"]) == (made, "Ädá Größler", "10001")
    assert shown["contact"]["email"] == "aeda@müller.example"
    assert shown["lead"] == PERSON["lead"]
    row = desk.data("GET", f"{ADDRESSES}/{made}")
    assert (row["typ"], row["vorname"], row["lead"]) == ("frau", "Ädá", 1)
    assert row["rolle"] == "kunde"
    company = desk.data("GET", f"{PATH}/{new(desk, **COMPANY)}")
    assert (company["type"], company["salutation"]) == ("company", "company")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["type"]),
        ({"type": "person"}, ["firstname", "lastname"]),
        ({"type": "company"}, ["name"]),
        ({**COMPANY, "lead": {"isLead": True}}, ["lead.status"]),
        ({**COMPANY, "lead": {"status": "NEW"}}, ["lead.isLead"]),
        ({**COMPANY, "salutation": "herr"}, ["salutation"]),
        ({**COMPANY, "project": {"id": "9"}}, ["project.id"]),
        ({**COMPANY, "freifeld1": "x"}, ["freifeld1"]),
    ],
)
def test_a_wrong_body_names_its_fields_and_makes_nothing(
    desk: Desk, body: Any, fields: list[str]
) -> None:
    assert refused(desk, "POST", PATH, body) == (400, fields)
    assert not desk.person.all("addresses")


def test_a_body_must_be_an_object(desk: Desk) -> None:
    bodies: tuple[Any, ...] = (None, [])
    for sent in bodies:
        assert refused(desk, "POST", PATH, sent)[0] == 400
    assert desk.ask("POST", PATH).json()["type"].endswith("generic-validation")


def test_changing_is_partial_and_answers_nothing(desk: Desk) -> None:
    made = new(desk, **PERSON)
    owner = desk.person.add_employee("Jörg Bär", "joerg@firma.example")
    body = {"distributionContact": {"id": owner}, "contact": {"mobile": "+49 170 1"}}
    answer = desk.ask("PATCH", f"{PATH}/{made}", body)
    assert (answer.status, answer.body) == (204, b"")
    shown = desk.data("GET", f"{PATH}/{made}")
    assert shown["distributionContact"] == {"id": owner}
    assert (shown["contact"]["mobile"], shown["contact"]["phone"]) == ("+49 170 1", "+49 221 1")
    assert shown["lead"] == PERSON["lead"]
    desk.ask("PATCH", f"{PATH}/{made}", {"distributionContact": None})
    assert desk.data("GET", f"{PATH}/{made}")["distributionContact"] is None


def test_a_lead_that_is_no_customer_is_not_seen_here(desk: Desk) -> None:
    lead = desk.person.create("addresses", name="Nur Lead", lead=1)
    assert desk.data("GET", PATH) == []
    for path in (f"{PATH}/{lead}", f"{PATH}/99", f"{PATH}/x"):
        assert refused(desk, "GET", path)[0] == 404


def test_lists_have_pages_with_both_numbers_or_none(desk: Desk) -> None:
    for number in range(12):
        new(desk, type="company", name=f"Firma {number:02}")
    answer = desk.ask("GET", PATH).json()
    assert len(answer["data"]) == 10
    assert answer["extra"] == {"totalCount": 12, "page": {"number": 1, "size": 10}}
    second = desk.data("GET", PATH, **{"page[number]": 2, "page[size]": 10})
    assert [row["name"] for row in second] == ["Firma 10", "Firma 11"]
    down = desk.data("GET", PATH, **{"order[0][field]": "name", "order[0][dir]": "desc"})
    assert down[0]["name"] == "Firma 11"


@pytest.mark.parametrize(
    "query",
    [
        {"page[number]": 1},
        {"page[size]": 10},
        {"page[number]": 1, "page[size]": 9},
        {"page[number]": 1, "page[size]": 51},
        {"page[number]": 0, "page[size]": 10},
        {"limit": 5},
        {"order[0][field]": "mood"},
        {"filter[0][key]": "mood", "filter[0][value]": "x"},
        {"filter[0][key]": "name", "filter[0][op]": "resembles", "filter[0][value]": "x"},
        {"filter[0][value]": "x"},
    ],
)
def test_a_query_that_makes_no_sense_is_refused_here(desk: Desk, query: Any) -> None:
    assert refused(desk, "GET", PATH, **query)[0] == 400


@pytest.mark.parametrize(
    ("key", "operator", "value", "wanted"),
    [
        ("name", "equals", "muller", ["1"]),
        ("name", "notEquals", "müller", ["2"]),
        ("name", "contains", "aier", ["2"]),
        ("name", "notContains", "aier", ["1"]),
        ("name", "startsWith", "m", ["1", "2"]),
        ("name", "endsWith", "LLER", ["1"]),
        ("id", "in", "1,7", ["1"]),
        ("id", "notIn", "1,7", ["2"]),
        ("number", "greaterThan", "10001", ["2"]),
        ("number", "greaterThanOrEquals", "10001", ["1", "2"]),
        ("number", "lessThan", "10002", ["1"]),
        ("number", "lessThanOrEquals", "10002", ["1", "2"]),
    ],
)
def test_filters_have_an_operator(
    desk: Desk, key: str, operator: str, value: str, wanted: list[str]
) -> None:
    for name in ("Müller", "Maier"):
        new(desk, type="company", name=name)
    query = {"filter[0][key]": key, "filter[0][op]": operator, "filter[0][value]": value}
    assert [row["id"] for row in desk.data("GET", PATH, **query)] == wanted


def test_several_values_may_be_given_as_a_list(desk: Desk) -> None:
    for name in ("Müller", "Maier", "Bär"):
        new(desk, type="company", name=name)
    query = {"filter[0][key]": "id", "filter[0][op]": "in"}
    query |= {"filter[0][value][0]": "1", "filter[0][value][1]": "3"}
    assert [row["id"] for row in desk.data("GET", PATH, **query)] == ["1", "3"]


def test_a_deleted_customer_is_gone_in_both_apis(desk: Desk) -> None:
    made = new(desk, **PERSON)
    answer = desk.ask("DELETE", f"/api/v1/customers/{made}")
    assert answer.status == 204
    assert desk.ids(ADDRESSES) == []
    assert refused(desk, "DELETE", f"/api/v1/customers/{made}")[0] == 404


def test_the_customers_own_address_is_one_of_several(desk: Desk) -> None:
    made = new(desk, **PERSON)
    path = f"{PATH}/{made}/addresses"
    own = {"type": "masterdata", "street": "Große Straße 1", "zip": "50667", "city": "Köln"}
    assert desk.ask("POST", path, own).status == 201
    bill = {"type": "billingaddress", "name": "Buchhaltung", "city": "Bonn"}
    assert desk.ask("POST", path, bill).headers["Location"] == f"{path}/1"
    first, second = desk.data("GET", path)
    assert (first["id"], first["city"], second["city"]) == (made, "Köln", "Bonn")
    assert desk.data("GET", f"{ADDRESSES}/{made}")["strasse"] == "Große Straße 1"
    assert refused(desk, "POST", path, {"type": "home"}) == (400, ["type"])


def test_contact_persons_belong_to_a_customer(desk: Desk) -> None:
    made = new(desk, **COMPANY)
    group = desk.person.add_group("Hubspot", "HUBSPOT")
    path = f"/api/v1/customers/{made}/contactPerson"
    body = {"name": "Jörg Bär", "groups": [{"id": group}], "contact": {"email": "j@b.example"}}
    answer = desk.ask("POST", path, body)
    assert (answer.status, answer.headers["Location"]) == (201, f"{path}/1")
    (person,) = desk.data("GET", path)
    assert (person["name"], person["email"]) == ("Jörg Bär", "j@b.example")
    assert person["groups"] == [{"id": group}]
    assert refused(desk, "POST", path, {"name": ""}) == (400, ["name"])
    assert refused(desk, "POST", path, {"name": "A", "groups": [{"id": "9"}]}) == (400, ["groups"])
    assert refused(desk, "POST", "/api/v1/customers/9/contactPerson", body)[0] == 404


# ---------------------------------------------------------------- every call


@pytest.mark.parametrize("token", ["nonsense", ""])
def test_without_a_token_the_present_api_answers_a_page(desk: Desk, token: str) -> None:
    answer = desk.ask("GET", PATH, token=token)
    assert answer.status == 401
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", PATH, "customer:read"),
        ("POST", PATH, "customer:create"),
        ("PATCH", f"{PATH}/1", "customer:update"),
        ("DELETE", "/api/v1/customers/1", "customer:delete"),
    ],
)
def test_a_token_must_cover_what_it_does(desk: Desk, method: str, path: str, scope: str) -> None:
    new(desk, **PERSON)
    desk.sandbox.add_token("narrow", [])
    answer = desk.ask(method, path, {}, token="narrow")
    assert answer.status == 403
    assert scope in answer.json()["messages"][0]
    desk.sandbox.add_token("narrow", [scope])
    assert desk.ask(method, path, {}, token="narrow").status != 403


def test_the_limit_holds_for_both_apis_together(desk: Desk) -> None:
    desk.sandbox.change(rate_limit=2)
    assert desk.ask("GET", PATH).status == desk.ask("GET", ADDRESSES).status == 200
    assert desk.ask("GET", PATH).json() == {"message": "Too Many Requests"}
