"""Queries of the Magentrix stand-in: what the subset of MEQL answers and in which order."""

from __future__ import annotations

import pytest

from tests.connectors.magentrix.sandbox_rig import Desk, select

PEOPLE = (
    ("Ada", "Byron", "ada@acme.example", "1990-05-01", True),
    ("Ben", "Ash", "BEN@acme.example", None, False),
    ("Cy", "Dale", None, "1985-12-31", True),
    ("Dee", "Ash", "dee@birch.example", "2001-01-01", True),
)
FIELDS = ("FirstName", "LastName", "Email", "Birthdate", "IsActive")


@pytest.fixture
def town(desk: Desk) -> Desk:
    """Four contacts, one minute apart from 09:00 on; the first two are at Acme."""
    acme = desk.create("Account", Name="Acme", Regions__c="EMEA;APAC", NumberOfEmployees=5)
    desk.create("Account", Name="Birch", Regions__c="AMER", AnnualRevenue=10.5, ParentId=acme)
    for number, row in enumerate(PEOPLE):
        values = dict(zip(FIELDS, row, strict=True)) | ({"AccountId": acme} if number < 2 else {})
        desk.create("Contact", **values)
        desk.pass_seconds(60)
    return desk


def first_names(desk: Desk, where: str) -> str:
    text = select("FirstName", "Contact", f"WHERE {where} ORDER BY Id")
    return " ".join(desk.column(text, "FirstName"))


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ('LastName = "Ash"', "Ben Dee"),
        ('LastName = "ash"', ""),
        ('LastName != "Ash"', "Ada Cy"),
        ('Email != "ada@acme.example"', "Ben Cy Dee"),
        ("Email = null", "Cy"),
        ("Email != null", "Ada Ben Dee"),
        ("IsActive = false", "Ben"),
        ("IsActive != false", "Ada Cy Dee"),
        ('FirstName > "Ben"', "Cy Dee"),
        ('FirstName <= "Ben"', "Ada Ben"),
        ('Birthdate < "1990-05-01"', "Cy"),
        ('Birthdate >= "1990-05-01T00:00:00"', "Ada Dee"),
        ('LastName = "Ash" AND IsActive = true', "Dee"),
        ('LastName = "Byron" OR LastName = "Dale" AND IsActive = false', "Ada"),
        ('(LastName = "Byron" OR LastName = "Dale") AND IsActive = true', "Ada Cy"),
        ('NOT(LastName = "Ash") AND NOT (IsActive = false)', "Ada Cy"),
        ('Email.Contains("acme")', "Ada Ben"),
        ('Email.StartsWith("BEN")', "Ben"),
        ('Email.ToLower().StartsWith("ben")', "Ben"),
        ('Email.EndsWith("birch.example")', "Dee"),
        ('Email.ToLower() = "ben@acme.example"', "Ben"),
        ('LastName.ToUpper() = "ASH"', "Ben Dee"),
        ('NOT(Email.Contains("acme"))', "Cy Dee"),
        ("String.IsNullOrEmpty(Email)", "Cy"),
        ("NOT(String.IsNullOrEmpty(Birthdate))", "Ada Cy Dee"),
        ('ModifiedOn >= "2026-11-20T09:02:00"', "Cy Dee"),
        ('ModifiedOn >= "2026-11-20T09:02:00.000001Z"', "Dee"),
        ('ModifiedOn > "2026-11-20T10:02:00+01:00"', "Dee"),
        ('CreatedOn = "2026-11-20T09:01:00"', "Ben"),
        ("ModifiedOn >= DateTime.UtcNow.AddMinutes(-2)", "Cy Dee"),
        ("ModifiedOn < DateTime.UtcNow.AddHours(-1).AddMinutes(58)", "Ada Ben"),
        ("ModifiedOn >= DateTime.Today.AddDays(1)", ""),
        ("ModifiedOn >= DateTime.UtcNow.AddMonths(-9).AddYears(1)", ""),
        ("ModifiedOn >= DateTime.UtcNow.AddMonths(9).AddYears(-1)", "Ada Ben Cy Dee"),
        ("Birthdate > DateTime.Today", ""),
        ('Account.Name = "Acme"', "Ada Ben"),
        ('Account.Name != "Birch"', "Ada Ben"),
        ('Account.Name = "Acme" OR LastName = "Dale"', "Ada Ben"),
        ('Account.Name.Contains("cm")', "Ada Ben"),
        ('Owner.Firstname = "Ada"', "Ada Ben Cy Dee"),
    ],
)
def test_a_condition_finds_its_records(town: Desk, where: str, found: str) -> None:
    assert first_names(town, where) == found


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ('Fn.Includes(Regions__c, "EMEA")', ["Acme"]),
        ('Fn.Includes(Regions__c, "EMEA;AMER")', []),
        ('Fn.Includes(Regions__c, "EMEA;APAC")', ["Acme"]),
        ('Fn.Includes(Regions__c, "EMEA", "AMER")', ["Acme", "Birch"]),
        ('Fn.Excludes(Regions__c, "AMER")', ["Acme"]),
        ("NumberOfEmployees = 5", ["Acme"]),
        ("NumberOfEmployees > 4.5", ["Acme"]),
        ("AnnualRevenue < 11", ["Birch"]),
        ("AnnualRevenue >= -1", ["Birch"]),
        ('Parent.Name = "Acme"', ["Birch"]),
    ],
)
def test_a_condition_on_accounts_finds_its_records(
    town: Desk, where: str, found: list[str]
) -> None:
    assert town.column(select("Name", "Account", f"WHERE {where} ORDER BY Name")) == found


def test_the_fields_that_are_selected_come_and_without_select_all(town: Desk) -> None:
    [row] = town.query('SELECT Id, Email FROM Contact WHERE LastName = "Byron"')["Records"]
    assert row == {"Id": row["Id"], "Email": "ada@acme.example"}
    [whole] = town.query('FROM Contact WHERE LastName = "Byron"')["Records"]
    assert whole == town.read("Contact", row["Id"])


def test_a_field_along_a_lookup_comes_in_an_object_and_orphans_drop_out(town: Desk) -> None:
    answer = town.query("SELECT FirstName, Account.Name, Account.ParentId FROM Contact ORDER BY Id")
    assert answer["Count"] == 2
    account = {"Name": "Acme", "ParentId": None}
    assert answer["Records"][0] == {"FirstName": "Ada", "Account": account}
    assert town.query("SELECT FirstName FROM Contact ORDER BY Account.Name")["Count"] == 2
    [row] = town.query('SELECT Id FROM Account WHERE Name = "Acme"')["Records"]
    town.person.delete("Account", row["Id"])
    assert town.query("SELECT Account.Name FROM Contact")["Count"] == 0
    assert town.query("SELECT AccountId FROM Contact")["Count"] == 4


def test_a_custom_lookup_is_walked_under_a_name_of_its_own(town: Desk) -> None:
    ada, ben, *_ = town.column("SELECT Id FROM Contact ORDER BY Id", "Id")
    town.person.edit("Contact", ben, ReferredBy__c=ada)
    assert first_names(town, 'ReferredBy_r.FirstName = "Ada"') == "Ben"


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("ORDER BY LastName", ["Ash", "Ash", "Byron", "Dale"]),
        ("ORDER BY LastName DESC", ["Dale", "Byron", "Ash", "Ash"]),
        ("ORDER BY Email ASC", ["Dale", "Ash", "Byron", "Ash"]),
        ("ORDER BY ModifiedOn", ["Byron", "Ash", "Dale", "Ash"]),
        ("ORDER BY ModifiedOn DESC", ["Ash", "Dale", "Ash", "Byron"]),
        ("ORDER BY Id LIMIT 2", ["Byron", "Ash"]),
        ("ORDER BY Id LIMIT 2,1", ["Ash", "Dale"]),
        ("ORDER BY Id LIMIT 2, 3", ["Ash"]),
        ("ORDER BY Id LIMIT 0", []),
    ],
)
def test_rows_come_in_order_and_the_count_is_of_all(
    town: Desk, order: str, found: list[str]
) -> None:
    answer = town.query(select("LastName", "Contact", order))
    assert [row["LastName"] for row in answer["Records"]] == found
    assert answer["Count"] == 4


def test_a_changed_record_moves_to_the_end_of_the_order_by_time(town: Desk) -> None:
    ada, *others = town.column("SELECT Id FROM Contact ORDER BY ModifiedOn", "Id")
    town.person.edit("Contact", ada, Title="Countess")
    assert town.column("SELECT Id FROM Contact ORDER BY ModifiedOn", "Id") == [*others, ada]
    since = 'SELECT Id FROM Contact WHERE ModifiedOn >= "2026-11-20T09:03:00" ORDER BY ModifiedOn'
    assert town.column(since, "Id") == [others[-1], ada]


def test_instants_never_go_back_though_the_clock_does(town: Desk) -> None:
    town.pass_seconds(-3600)
    contact = town.create("Contact", LastName="Late")
    assert town.read("Contact", contact)["ModifiedOn"] == "2026-11-20T09:03:00Z"


def test_a_count_has_an_alias(town: Desk) -> None:
    for text in ("COUNT(Id) AS Total", "COUNT(Id) Total", "count(Id) as Total"):
        answer = town.query(select(text, "Contact", 'WHERE LastName = "Ash"'))
        assert answer == {"Count": 1, "Records": [{"Total": 2}]}


def test_records_are_found_by_many_ids_and_by_unique_values(town: Desk) -> None:
    town.person.add_field("Contact", Name="Key__c", FieldType="Text", IsUnique=True)
    ids = town.column("SELECT Id FROM Contact ORDER BY Id", "Id")
    town.person.edit("Contact", ids[0], Key__c="one")
    either = " OR ".join(f'Id = "{one}"' for one in [*ids[1:3], "nothing"])
    assert first_names(town, either) == "Ben Cy"
    assert first_names(town, f'({either}) AND LastName = "Dale"') == "Cy"
    assert first_names(town, f'Key__c = "one" OR Id = "{ids[3]}"') == "Ada Dee"
    assert first_names(town, 'Key__c = "ONE"') == ""
    assert first_names(town, f'Id > "{ids[1]}"') == "Cy Dee"
    assert first_names(town, f'Id >= "{ids[1]}" AND Id < "{ids[3]}"') == "Ben Cy"


def test_keyset_pages_over_one_instant_lose_nothing(desk: Desk) -> None:
    made = {desk.create("Contact", LastName=f"N{n}") for n in range(25)}
    at, seen, last = "2026-11-20T09:00:00", list[str](), ""
    while True:
        where = f'WHERE ModifiedOn = "{at}" AND Id > "{last}" ORDER BY Id LIMIT 10'
        page = desk.column(select("Id", "Contact", where), "Id")
        if not page:
            break
        seen += page
        last = page[-1]
    assert (len(seen), set(seen)) == (25, made)


def test_nothing_is_shown_behind_the_ten_thousandth_row(desk: Desk) -> None:
    assert desk.sandbox.behaviour.query_rows == 10_000
    desk.sandbox.behaviour.change(query_rows=5)
    for n in range(8):
        desk.create("Account", Name=f"N{n}")
    answer = desk.query("SELECT Name FROM Account")
    assert (answer["Count"], len(answer["Records"])) == (8, 5)
    assert desk.column("SELECT Name FROM Account ORDER BY Id LIMIT 4, 3") == ["N3", "N4"]
    assert desk.column("SELECT Name FROM Account ORDER BY Id LIMIT 4, 6") == []


def test_rows_of_one_instant_may_come_in_any_order(desk: Desk) -> None:
    ids = [desk.create("Account", Name=f"N{n}") for n in range(20)]
    desk.sandbox.behaviour.change(shuffle_ties=True)
    mixed = desk.column("SELECT Id FROM Account ORDER BY ModifiedOn", "Id")
    assert mixed != ids
    assert sorted(mixed) == ids
    assert desk.column("SELECT Id FROM Account ORDER BY Id", "Id") == ids


def test_deleted_rows_are_shown_only_where_that_is_switched_on(desk: Desk) -> None:
    account = desk.create("Account", Name="Acme")
    desk.create("Account", Name="Birch")
    desk.person.delete("Account", account)
    text = 'SELECT Name FROM Account WHERE IsDeleted = true AND Name != "x"'
    assert desk.column(text) == []
    assert desk.column("SELECT Name FROM Account WHERE IsDeleted = false") == ["Birch"]
    desk.sandbox.behaviour.change(deleted_in_queries=True)
    assert desk.column(text) == ["Acme"]
    assert desk.column("SELECT Name FROM Account") == ["Birch"]


def test_a_query_can_stand_in_the_address(town: Desk) -> None:
    answer = town.ask("GET", "/query?q=SELECT%20Name%20FROM%20Account%20ORDER%20BY%20Name")
    assert [row["Name"] for row in answer.json()["Records"]] == ["Acme", "Birch"]
