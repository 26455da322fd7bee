"""Queries that the Magentrix stand-in refuses: everything that MEQL, or our subset, lacks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.connectors.magentrix.sandbox_rig import Desk, select


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT Id FROM Contact WHERE LastName = 'Ash'", "Single quotes"),
        ('SELECT Id FROM Contact WHERE LastName = "A"B"', "no closing quote"),
        ('SELECT Id FROM Contact WHERE LastName = "A\\"B"', "no closing quote"),
        ('SELECT Id FROM Contact WHERE Id IN ("a", "b")', "IN is not supported"),
        ('SELECT Id FROM Contact WHERE LastName LIKE "A%"', "LIKE is not supported"),
        ("SELECT DISTINCT LastName FROM Contact", "DISTINCT is not supported"),
        ("SELECT Id FROM Contact JOIN Account", "JOIN is not supported"),
        ("SELECT Id FROM Contact UNION", "UNION is not supported"),
        ("SELECT Id FROM Contact GROUP BY Id", "GROUP is not supported"),
        ("SELECT Id FROM Contact ORDER BY LastName, FirstName", "takes one field"),
        ("SELECT Id FROM Contact LIMIT 5, 5", "An offset needs ORDER BY"),
        ("SELECT Id FROM Contact LIMIT x", "LIMIT must be a whole number"),
        ("SELECT Id FROM Contact ORDER BY Id LIMIT 5, -1", "offset must be a whole number"),
        ("SELECT Id FROM Planet", "The entity: 'Planet' does not exist."),
        ("SELECT Id FROM contact", "The entity: 'contact' does not exist."),
        ("SELECT id FROM Contact", "The field: 'id' does not exist on Contact."),
        ("SELECT Id FROM Contact WHERE email = null", "The field: 'email' does not exist"),
        ("SELECT Account.name FROM Contact", "The field: 'Account.name' does not exist"),
        ("SELECT Firm.Name FROM Contact", "The field: 'Firm.Name' does not exist"),
        ("SELECT Account.Parent.Name FROM Contact", "Only one step"),
        ("SELECT COUNT(Id) FROM Contact", "COUNT needs an alias"),
        ("SELECT MAX(ModifiedOn) AS Last FROM Contact", "MAX is not known"),
        ("SELECT FROM Contact", "Unexpected 'FROM', a name was expected"),
        ("SELECT Id", "the end of the query, FROM was expected"),
        ("", "the end of the query, FROM was expected"),
        ("SELECT Id FROM Contact WHERE", "the end of the query"),
        ("SELECT Id FROM Contact WHERE IsActive", "the end of the query"),
        ("SELECT Id FROM Contact WHERE (IsActive = true", ", ) was expected"),
        ("SELECT Id FROM Contact WHERE NOT IsActive = true", ", ( was expected"),
        ("SELECT Id FROM Contact; DROP", "Unexpected character: ;"),
        ("SELECT Id FROM Contact WHERE IsActive == true", "Unexpected '='"),
        ("SELECT Id FROM Contact WHERE Email = NULL", "Unexpected 'NULL'"),
        ("SELECT Id FROM Contact WHERE IsActive = True", "Unexpected 'True'"),
        ("SELECT Id FROM Contact WHERE Email > null", "cannot be compared"),
        ("SELECT Id FROM Contact WHERE IsActive > true", "cannot be compared"),
        ("SELECT Id FROM Contact WHERE LastName = 5", "does not fit the field: 'LastName'"),
        ('SELECT Id FROM Contact WHERE IsActive = "true"', "does not fit the field"),
        ('SELECT Id FROM Contact WHERE ModifiedOn > "soon"', "does not fit the field"),
        ('SELECT Id FROM Account WHERE NumberOfEmployees > "5"', "does not fit the field"),
        ('SELECT Id FROM Contact WHERE Birthdate = "1990-05-01T12:00:00"', "does not fit"),
        ('SELECT Id FROM Contact WHERE Birthdate.Contains("19")', "is no text"),
        ('SELECT Id FROM Contact WHERE LastName.Trim() = "Ash"', "There is no method Trim"),
        ('SELECT Id FROM Contact WHERE LastName.Contains(5)', "a text was expected"),
        ('SELECT Id FROM Contact WHERE Fn.Includes(LastName, "x")', "no multi-select"),
        ("SELECT Id FROM Account WHERE Fn.Includes(Regions__c)", "There is no function"),
        ("SELECT Id FROM Account WHERE Fn.DatePart(CreatedOn)", "There is no function"),
        ("SELECT Id FROM Contact WHERE ModifiedOn > DateTime.Now", "no DateTime.Now"),
        ("SELECT Id FROM Contact WHERE ModifiedOn > DateTime.UtcNow.AddTicks(1)", "AddTicks"),
        ('SELECT Id FROM Contact WHERE Description = "x"', "cannot be filtered"),
        ("SELECT Id FROM Contact ORDER BY Description", "cannot be sorted"),
        ("SELECT Id FROM Account ORDER BY Regions__c", "cannot be sorted"),
        (json.dumps("SELECT Id FROM Contact"), "Unexpected 'SELECT Id FROM Contact'"),
        (select("Id", "Contact", "WHERE " + "(" * 5000), "nested too deeply"),
        ("SELECT Id FROM Contact WHERE ModifiedOn > DateTime.UtcNow.AddYears(9999)", "range"),
        ("SELECT Id FROM Contact WHERE ModifiedOn > DateTime", "the end of the query, . was"),
    ],
)  # fmt: skip
def test_what_is_not_in_the_subset_is_refused_with_a_sentence(
    desk: Desk, text: str, message: str
) -> None:
    assert message in desk.wrong(text)


@pytest.mark.parametrize("body", [b"\xff\xfe", b"{}", b"null"])
def test_a_body_that_is_no_text_of_a_query_is_refused(desk: Desk, body: Any) -> None:
    assert desk.ask("POST", "/query", raw=body).status == 400
