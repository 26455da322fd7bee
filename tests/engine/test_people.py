"""Owners are matched by the stored id, then by e-mail, and no value that is set is overwritten."""

from __future__ import annotations

from integrations.engine.extras import Person
from integrations.engine.people import Matching, match

ANN = Person("U1", "Ann", "ann@firm.example")
BEN = Person("U2", "Ben", "ben@firm.example")
H_ANN = Person("41", "Ann", "Ann@Firm.example")
H_BEN = Person("42", "Ben", "ben@firm.example")


def marked(person: Person, owner: str) -> Person:
    return Person(person.id, person.name, person.email, person.active, owner)


def archived(owner: Person) -> Person:
    return Person(owner.id, owner.name, owner.email, active=False)


def test_an_email_matches_without_case_and_the_person_is_to_be_marked() -> None:
    assert match([H_ANN], [ANN, BEN], {}) == Matching({"41": "U1"}, {"U1": "41"}, {})


def test_the_stored_id_counts_before_the_email() -> None:
    found = match([H_ANN], [ANN, marked(BEN, "41")], {})
    assert (found.joined, found.marks, found.conflicts) == ({"41": "U2"}, {}, {})


def test_owners_without_an_email_match_nobody() -> None:
    blank = Person("U9", "Kiosk")
    assert match([Person("43", "Kiosk")], [blank], {}) == Matching()


def test_a_mark_with_another_owner_in_use_is_a_conflict_and_stays() -> None:
    found = match([H_ANN, H_BEN], [marked(ANN, "42")], {})
    assert found.joined == {"42": "U1"}
    assert found.marks == {}
    assert found.conflicts["41"].startswith("Ann is marked with HubSpot owner Ben")


def test_a_mark_with_an_archived_owner_is_told_but_stands_in_no_way() -> None:
    found = match([archived(Person("40", "Ann")), H_ANN], [marked(ANN, "40")], {})
    assert found.joined == {"40": "U1", "41": "U1"}
    assert found.marks == {}
    assert "was not changed" in found.conflicts["41"]


def test_an_archived_owner_shares_the_person_of_the_active_one_and_gets_no_mark() -> None:
    old = archived(Person("40", "Ann", "ann@firm.example"))
    found = match([old, H_ANN], [ANN], {})
    assert found.joined == {"41": "U1", "40": "U1"}
    assert found.marks == {"U1": "41"}
    assert found.conflicts == {}


def test_several_people_with_one_email_are_told_and_none_is_chosen() -> None:
    found = match([H_ANN], [ANN, Person("U3", "Annie", "ANN@firm.example")], {})
    assert found.joined == {}
    assert found.conflicts["41"] == "Several people have this e-mail: Ann, Annie."


def test_of_several_people_with_one_email_the_only_active_one_counts() -> None:
    left = Person("U3", "Annie", "ann@firm.example", active=False)
    assert match([H_ANN], [left, ANN], {}).joined == {"41": "U1"}


def test_a_second_active_owner_with_the_same_email_does_not_take_the_mark() -> None:
    twin = Person("44", "Ann too", "ann@firm.example")
    found = match([H_ANN, twin], [ANN], {})
    assert found.joined == {"41": "U1"}
    assert found.marks == {"U1": "41"}
    assert "44" in found.conflicts


def test_what_a_person_assigned_stays_and_is_marked_where_nothing_is_set() -> None:
    found = match([H_ANN], [ANN, BEN], {"41": "U2"})
    assert (found.joined, found.marks) == ({}, {"U2": "41"})


def test_an_owner_taken_away_by_a_person_stays_without_anybody() -> None:
    assert match([H_ANN], [ANN], {"41": ""}) == Matching()


def test_an_assignment_against_a_stored_id_is_a_conflict_and_marks_nobody() -> None:
    found = match([H_ANN], [marked(ANN, "41"), BEN], {"41": "U2"})
    assert found.marks == {}
    assert found.conflicts["41"].startswith("Assigned to Ben, but")


def test_an_assignment_to_somebody_who_is_gone_marks_nobody() -> None:
    assert match([H_ANN], [BEN], {"41": "U7"}) == Matching()
