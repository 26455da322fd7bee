"""The stand-in's beta: groups and free fields, plain dates, loose emails, what must be included."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.connectors.sandbox_kit import SandboxRequest
from integrations.connectors.xentral.sandbox import DEMO_TOKEN
from integrations.connectors.xentral.sandbox.customers_v3 import PATH
from tests.connectors.xentral.sandbox_rig import ADDRESSES, Desk
from tests.connectors.xentral.test_sandbox_customers import refused

PLACE = {"name": "Ädá Größler", "street": "Ring 1", "zipCode": "50667", "city": "Köln",
         "country": "DE"}  # fmt: skip
ADA: dict[str, Any] = {"type": "person", "primaryAddress": PLACE, "email": "aeda@a.example"}


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.sandbox.change(v3_beta=True)
    return desk


def new(desk: Desk, **body: Any) -> Any:
    answer = desk.ask("POST", PATH, {**ADA, **body})
    assert answer.status == 201, answer.body
    return answer.json()["data"]


def found(desk: Desk, key: str, value: str, operator: str = "equals") -> list[str]:
    query = {"filter[0][key]": key, "filter[0][op]": operator, "filter[0][value]": value}
    return [row["id"] for row in desk.data("GET", PATH, **query)]


def test_the_beta_is_forbidden_unless_it_is_enabled() -> None:
    desk = Desk()
    one = f"{PATH}/1"
    for method, path in (("GET", PATH), ("POST", PATH), ("GET", one), ("PATCH", one)):
        assert refused(desk, method, path, {}) == (403, ["The beta of this API is not enabled."])
    assert desk.ask("GET", PATH, token="nonsense").status == 401


def test_creating_answers_with_the_record_and_keeps_a_given_number(desk: Desk) -> None:
    made = new(desk, number="K-77", state="NW", communication={"language": "deutsch"})
    assert (made["id"], made["number"], made["city"], made["state"]) == ("1", "K-77", "Köln", "NW")
    assert made["createdAt"] == made["updatedAt"] == "2026-11-20T09:00:00Z"
    row = desk.data("GET", f"{ADDRESSES}/1")
    assert (row["name"], row["sprache"], row["rolle"]) == ("Ädá Größler", "deutsch", "kunde")
    assert new(desk)["number"] == "10001"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"primaryAddress": {}}, [f"primaryAddress.{name}" for name in PLACE]),
        ({"primaryAddress": {**PLACE, "city": ""}}, ["primaryAddress.city"]),
        ({"groups": [{"id": "9"}]}, ["groups"]),
        ({"salesManager": {"id": "9"}}, ["salesManager.id"]),
        ({"customFields": [{"key": "freifeld21", "label": "x"}]}, ["customFields.0.key"]),
        ({"customFields": [{"key": "freifeld1", "value": "x"}]}, ["customFields.0.label"]),
        ({"firstname": "Ada"}, ["firstname"]),
    ],
)
def test_a_wrong_body_names_its_fields_and_changes_nothing(
    desk: Desk, body: Any, fields: list[str]
) -> None:
    assert refused(desk, "POST", PATH, {**ADA, **body}) == (400, fields)
    assert not desk.person.all("addresses")
    new(desk)
    if "primaryAddress" not in body:
        assert refused(desk, "PATCH", f"{PATH}/1", body) == (400, fields)


def test_groups_are_replaced_and_free_fields_are_written(desk: Desk) -> None:
    one, two = (desk.person.add_group(name, name.upper()) for name in ("Hubspot", "VIP"))
    field = desk.person.add_free_field("Lead-Status", number=12)
    custom = [{"key": f"freifeld{field}", "label": "Lead-Status", "value": "NEW"}]
    made = new(desk, groups=[{"id": one}], customFields=custom)
    assert desk.person.groups_of(made["id"]) == [one]
    assert desk.person.get("addresses", made["id"])["freifeld12"] == "NEW"
    desk.data("PATCH", f"{PATH}/1", {"groups": [{"id": two}]})
    assert desk.person.groups_of(made["id"]) == [two]
    desk.data("PATCH", f"{PATH}/1", {"phone": "+49 221 1"})
    assert desk.person.groups_of(made["id"]) == [two]
    desk.data("PATCH", f"{PATH}/1", {"groups": []})
    assert desk.person.groups_of(made["id"]) == []


def test_what_hangs_on_a_customer_is_there_only_if_included(desk: Desk) -> None:
    group = desk.person.add_group("Hubspot", "HUBSPOT")
    field = desk.person.add_free_field("Lead-Status")
    custom = [{"key": f"freifeld{field}", "label": "Lead-Status", "value": "NEW"}]
    new(desk, groups=[{"id": group}], customFields=custom, tags=["vip"])
    desk.ask("POST", f"{PATH}/1/contactPersons", {"name": "Jörg", "email": "j@b.example"})
    plain = desk.data("GET", f"{PATH}/1")
    assert not {"customFields", "groups", "contactPersons", "tags"} & {*plain}
    full = desk.data("GET", f"{PATH}/1", include="customFields,groups,contactPersons,tags")
    assert full["customFields"] == custom
    assert full["groups"] == [{"id": group, "name": "Hubspot"}]
    assert full["tags"] == ["vip"]
    assert [person["name"] for person in full["contactPersons"]] == ["Jörg"]
    (listed,) = desk.data("GET", PATH, include="tags")
    assert listed == {**plain, "tags": ["vip"]}
    assert refused(desk, "GET", PATH, include="orders") == (400, ["include"])


def test_times_are_filtered_by_plain_dates_only(desk: Desk) -> None:
    new(desk)
    desk.wait(days=2)
    new(desk)
    assert found(desk, "updatedAt", "2026-11-21", "greaterThan") == ["2"]
    assert found(desk, "createdAt", "2026-11-20") == ["1"]
    query = {"filter[0][key]": "updatedAt", "filter[0][op]": "greaterThan"}
    for value in ("2026-11-20T09:00:00Z", "2026-11-20 09:00:00", "20.11.2026"):
        assert refused(desk, "GET", PATH, **query, **{"filter[0][value]": value}) == (
            400,
            ["filter.updatedAt"],
        )


def test_a_filter_by_email_finds_too_much(desk: Desk) -> None:
    for email in ("ada@a.example", "ada@b.example", "bada@a.example", "eve@a.example"):
        new(desk, email=email)
    assert found(desk, "email", "ADA@a.example") == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("city", "koln", ["1", "2"]),
        ("zipCode", "50667", ["1", "2"]),
        ("tags", "vip", ["2"]),
        ("groups", "1", ["2"]),
        ("salesManager.id", "1", ["2"]),
        ("accountManager.id", "1", []),
    ],
)
def test_other_filters_are_exact(desk: Desk, key: str, value: str, wanted: list[str]) -> None:
    employee = desk.person.add_employee("Jörg", "j@firma.example")
    group = desk.person.add_group("Hubspot", "HUBSPOT")
    one = new(desk)["id"]
    new(desk, tags=["vip"], groups=[{"id": group}], salesManager={"id": employee})
    shift = int(one) - 1
    assert [str(int(each) - shift) for each in found(desk, key, value)] == wanted


def test_an_unknown_filter_or_order_is_refused(desk: Desk) -> None:
    new(desk)
    query = {"filter[0][key]": "mood", "filter[0][value]": "x"}
    assert refused(desk, "GET", PATH, **query) == (400, ["filter.mood"])
    assert refused(desk, "GET", PATH, sort="mood") == (400, ["sort"])


def test_pages_come_in_three_styles(desk: Desk) -> None:
    for number in range(17):
        new(desk, number=f"N{number:02}")

    def page(style: str, target: str) -> Any:
        headers = {"Authorization": f"Bearer {DEMO_TOKEN}", "x-pagination": style}
        return desk.sandbox.handle(SandboxRequest.build("GET", target, headers=headers)).json()

    table = page("table", f"{PATH}?sort=-number")
    assert (len(table["data"]), table["data"][0]["number"]) == (15, "N16")
    assert table["meta"] == {"perPage": 15, "currentPage": 1, "total": 17, "lastPage": 2}
    assert page("simple", f"{PATH}?page=2")["meta"] == {"perPage": 15, "currentPage": 2}
    first = page("cursor", f"{PATH}?perPage=10")
    rest = page("cursor", f"{PATH}?perPage=10&cursor={first['meta']['nextCursor']}")
    assert (len(rest["data"]), rest["meta"]["nextCursor"]) == (7, None)
    for query in ("perPage=101", "perPage=0", "page=0"):
        assert desk.ask("GET", f"{PATH}?{query}").status == 400


def test_deleting_is_soft_and_final_for_callers(desk: Desk) -> None:
    new(desk)
    assert desk.ask("DELETE", f"{PATH}/1").status == 204
    assert refused(desk, "GET", f"{PATH}/1")[0] == 404
    assert desk.ids(ADDRESSES) == []
    assert desk.sandbox.instance["addresses"].rows[1]["geloescht"] == 1
