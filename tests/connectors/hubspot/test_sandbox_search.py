"""The sandbox's search: filters, limits, and a copy that lags behind."""

from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.hubspot.sandbox_rig import CONTACTS, SandboxRig


def row(name: str, operator: str, value: object = None, **more: object) -> dict[str, Any]:
    found: dict[str, Any] = {"propertyName": name, "operator": operator, **more}
    return found if value is None else {**found, "value": value}


@pytest.fixture
def free(hub: SandboxRig) -> SandboxRig:
    """Give a sandbox without rate limits."""
    hub.sandbox.behaviour.rate_limits = False
    return hub


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (row("firstname", "EQ", "ada"), "a"),
        (row("firstname", "NEQ", "Ada"), "bcd"),
        (row("annualrevenue", "HAS_PROPERTY"), "ab"),
        (row("annualrevenue", "NOT_HAS_PROPERTY"), "cd"),
        (row("lifecyclestage", "EQ", "customer"), "b"),
        (row("lifecyclestage", "EQ", "CUSTOMER"), ""),
        (row("lifecyclestage", "IN", values=["customer", "lead"]), "abcd"),
        (row("firstname", "IN", values=["ada"]), "a"),
        (row("firstname", "IN", values=["Ada"]), ""),
        (row("firstname", "NOT_IN", values=["ada", "bob"]), "cd"),
        (row("email", "CONTAINS_TOKEN", "*@acme.example"), "ab"),
        (row("email", "NOT_CONTAINS_TOKEN", "*@acme.example"), "cd"),
        (row("company", "CONTAINS_TOKEN", "clinic"), "c"),
        (row("closedate", "GT", "2026-01-01"), "b"),
        (row("closedate", "LTE", "1767225600000"), "a"),
        (row("closedate", "BETWEEN", "2025-12-31", highValue="2026-06-01"), "ab"),
        (row("createdate", "LT", "2026-11-21T00:00:00Z"), "abcd"),
    ],
)
def test_each_operator_finds_what_it_should(
    free: SandboxRig, asked: dict[str, Any], found: str
) -> None:
    ids = {
        free.contact(
            firstname="Ada", email="a@acme.example", annualrevenue="5", closedate="2026-01-01"
        ): "a",
        free.contact(
            firstname="Bob",
            email="b@acme.example",
            annualrevenue="12",
            lifecyclestage="customer",
            closedate="2026-02-01",
        ): "b",
        free.contact(firstname="Cy", company="North Clinic"): "c",
        free.contact(firstname="Dee"): "d",
    }
    answer = free.search(asked)
    assert "".join(ids[record["id"]] for record in answer["results"]) == found
    assert answer["total"] == len(found)


def test_groups_are_alternatives_and_filters_add_up(free: SandboxRig) -> None:
    ada, bob = free.contact(firstname="Ada", city="Bonn"), free.contact(firstname="Bob")
    free.contact(firstname="Ada", city="Berlin")
    both = [row("firstname", "EQ", "ada"), row("city", "EQ", "bonn")]
    groups = [{"filters": both}, {"filters": [row("firstname", "EQ", "bob")]}]
    answer = free.post(f"{CONTACTS}/search", {"filterGroups": groups})
    assert [record["id"] for record in answer["results"]] == [ada, bob]


def test_free_text_looks_at_names_and_addresses_only(free: SandboxRig) -> None:
    contact = free.contact(email="ada@acme.example", city="Bonn")
    assert free.post(f"{CONTACTS}/search", {"query": "ACME"})["results"][0]["id"] == contact
    assert free.post(f"{CONTACTS}/search", {"query": "bonn"})["total"] == 0


def test_a_search_by_email_misses_additional_addresses(free: SandboxRig) -> None:
    free.contact(email="ada@acme.example", hs_additional_emails="ada@home.example")
    assert free.search(row("email", "EQ", "ada@home.example"))["total"] == 0
    more = row("hs_additional_emails", "CONTAINS_TOKEN", "ada@home.example")
    assert free.search(more)["total"] == 1


def test_results_come_in_the_order_asked_for(free: SandboxRig) -> None:
    ids = [free.contact(firstname=name) for name in ("Cy", "Ada", "Bob")]
    by_name = {"propertyName": "firstname", "direction": "DESCENDING"}
    found = free.search(sorts=[by_name])["results"]
    assert [record["id"] for record in found] == [ids[0], ids[2], ids[1]]
    assert [record["id"] for record in free.search()["results"]] == ids


def test_a_change_moves_a_record_behind_the_others_of_its_time(free: SandboxRig) -> None:
    first = free.contact()
    free.wait(1)
    second = free.contact()
    free.wait(1)
    free.patch(f"{CONTACTS}/{first}", {"city": "Bonn"})
    sort = {"propertyName": "lastmodifieddate", "direction": "ASCENDING"}
    since = row("lastmodifieddate", "GTE", "2026-11-20T09:00:00Z")
    found = free.search(since, sorts=[sort])["results"]
    assert [record["id"] for record in found] == [second, first]
    later = row("lastmodifieddate", "GT", "2026-11-20T09:00:01Z")
    assert [record["id"] for record in free.search(later)["results"]] == [first]
    then = row("lastmodifieddate", "EQ", "2026-11-20T09:00:01Z")
    assert [record["id"] for record in free.search(then)["results"]] == [second]


def test_the_index_sees_a_change_only_after_its_lag(free: SandboxRig) -> None:
    free.sandbox.behaviour.search_lag = (5.0, 5.0)
    contact = free.contact(email="ada@acme.example")
    asked = row("email", "EQ", "ada@acme.example")
    assert free.search(asked)["total"] == 0
    assert free.get(f"{CONTACTS}/ada@acme.example", idProperty="email")["id"] == contact
    free.wait(5)
    assert free.search(asked)["total"] == 1
    free.call("DELETE", f"{CONTACTS}/{contact}")
    assert free.search(asked)["total"] == 1
    free.wait(5)
    assert free.search(asked)["total"] == 0


def test_an_uneven_lag_lets_later_changes_appear_first(free: SandboxRig) -> None:
    free.sandbox.behaviour.search_lag = (0.0, 20.0)
    for _ in range(40):
        free.contact()
    everyone = [record["id"] for record in free.get(CONTACTS, limit=100)["results"]]
    seen = []
    for _ in range(22):
        seen.append([record["id"] for record in free.search(limit=100)["results"]])
        free.wait(1)
    sizes = [len(found) for found in seen]
    assert sizes == sorted(sizes)
    assert sizes[0] < 20
    assert seen[-1] == everyone
    assert any(found != everyone[: len(found)] for found in seen)


def test_an_older_state_never_overtakes_a_newer_one(free: SandboxRig) -> None:
    contact = free.contact(city="Berlin")
    free.sandbox.behaviour.search_lag = (0.0, 20.0)
    for city in ("Bonn", "Köln", "Ulm"):
        free.wait(1)
        free.patch(f"{CONTACTS}/{contact}", {"city": city})
    free.wait(30)
    found = free.search(properties=["city"])["results"]
    assert found[0]["properties"]["city"] == "Ulm"


def test_paging_goes_by_offset_and_ends_at_ten_thousand(free: SandboxRig) -> None:
    free.person.create_many("contacts", [{"firstname": str(n)} for n in range(250)])
    page = free.search(limit=200)
    assert (page["total"], len(page["results"])) == (250, 200)
    assert page["paging"]["next"]["after"] == "200"
    rest = free.search(limit=200, after="200")
    assert (len(rest["results"]), "paging" in rest) == (50, False)
    free.search(limit=200, after="9800")
    answer = free.call("POST", f"{CONTACTS}/search", {"limit": 200, "after": "9801"})
    assert answer.status_code == 400


def test_archived_records_never_appear(free: SandboxRig) -> None:
    free.call("DELETE", f"{CONTACTS}/{free.contact()}")
    assert free.search()["total"] == 0


def test_a_search_can_ask_for_the_associated(free: SandboxRig) -> None:
    company = free.person.create("companies", {"name": "Acme"})
    contact = free.contact()
    free.contact()
    free.person.associate("contacts", contact, "companies", company)
    found = free.search(row("associations.company", "EQ", company))["results"]
    assert [record["id"] for record in found] == [contact]


def test_a_remembered_query_sees_new_associations_and_changes(free: SandboxRig) -> None:
    company, contact = free.person.create("companies", {"name": "Acme"}), free.contact()
    asked = row("associations.company", "EQ", company)
    assert free.search(asked)["total"] == 0
    free.person.associate("contacts", contact, "companies", company)
    assert free.search(asked)["total"] == 1
    assert free.search()["total"] == 1
    free.contact()
    assert free.search()["total"] == 2


ONE = row("city", "EQ", "x")


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"after": "x"},
        {"filterGroups": [{"filters": [ONE]}] * 6},
        {"filterGroups": [{"filters": [ONE] * 7}]},
        {"filterGroups": [{"filters": [ONE] * 6}] * 4},
        {"filterGroups": [{"filters": [row("city", "EQ", "x" * 3000)]}]},
        {"filterGroups": [{"filters": [row("nosuch", "EQ", "x")]}]},
        {"filterGroups": [{"filters": [row("city", "LIKE", "x")]}]},
        {"filterGroups": [{"filters": [row("city", "EQ")]}]},
        {"filterGroups": [{"filters": [row("city", "IN")]}]},
        {"filterGroups": [{"filters": [row("createdate", "GT", "yesterday")]}]},
        {"sorts": [{"propertyName": "city"}, {"propertyName": "zip"}]},
        {"sorts": [{"propertyName": "nosuch"}]},
    ],
)
def test_what_search_cannot_do_is_400(free: SandboxRig, body: dict[str, Any]) -> None:
    free.post(f"{CONTACTS}/search", body, 400)


def test_many_requested_properties_do_not_count_as_a_long_query(free: SandboxRig) -> None:
    free.post(f"{CONTACTS}/search", {"properties": [f"property_{n}" for n in range(400)]})
