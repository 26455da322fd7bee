"""Which HubSpot owner is which person of another system. Pure; reading and storing is elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from integrations.engine.extras import Person


@dataclass(frozen=True, slots=True)
class Matching:
    """What was found. `joined`: person id by owner id, for owners that were joined with nobody.

    `marks`: owner id by person id, for people whose HubSpot id is to be written. `conflicts`: a
    sentence by owner id about a set value that stands against a match, or about several matches.
    """

    joined: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)
    conflicts: Mapping[str, str] = field(default_factory=dict)


def match(owners: Sequence[Person], people: Sequence[Person], taken: Mapping[str, str]) -> Matching:
    """Match owners with people by the stored HubSpot id, else by e-mail without case.

    `taken` are the joined ones so far (person id by owner id; "" for nobody, by a person's word):
    they stay. No value that is set is overwritten: what stands against it is a conflict. Active
    owners come before archived ones, so that a person is marked with the owner in use.
    """
    found = _Found({owner.id: owner for owner in owners}, people, taken)
    for owner in sorted(owners, key=lambda each: not each.active):
        found.look_for(owner)
    return Matching(found.joined, found.marks, found.conflicts)


class _Found:
    """What has been found so far; each owner is looked for once."""

    def __init__(
        self, owners: Mapping[str, Person], people: Sequence[Person], taken: Mapping[str, str]
    ) -> None:
        self.owners, self.taken = owners, taken
        self.by_id = {person.id: person for person in people}
        self.by_mark = {person.hubspot_id: person for person in people if person.hubspot_id}
        self.joined: dict[str, str] = {}
        self.marks: dict[str, str] = {}
        self.conflicts: dict[str, str] = {}

    def look_for(self, owner: Person) -> None:
        """Find the owner's person, or say what stands against it."""
        marked = self.by_mark.get(owner.id)
        if owner.id in self.taken:
            self._keep(owner, marked)
        elif marked is not None:
            self.joined[owner.id] = marked.id
        else:
            self._by_email(owner)

    def _keep(self, owner: Person, marked: Person | None) -> None:
        """Leave a joined owner as it is; the mark may still be missing, or say something else."""
        person = self.by_id.get(self.taken[owner.id])
        if person is not None and (marked is None or marked is person):
            self._mark(person, owner)
        elif person is not None and marked is not None:
            self.conflicts[owner.id] = (
                f"Assigned to {named(person)}, but the other system has its HubSpot id with "
                f"{named(marked)}."
            )

    def _by_email(self, owner: Person) -> None:
        email = owner.email.strip().casefold()
        alike = [p for p in self.by_id.values() if email and p.email.strip().casefold() == email]
        alike = [person for person in alike if person.active] or alike
        if len(alike) > 1:
            self.conflicts[owner.id] = f"Several people have this e-mail: {_listed(alike)}."
        elif alike and self._mark(alike[0], owner):
            self.joined[owner.id] = alike[0].id

    def _mark(self, person: Person, owner: Person) -> bool:
        """Plan the person's mark; tells whether nothing that is in use stands against the match."""
        mark = self.marks.get(person.id, person.hubspot_id)
        if mark == owner.id:
            return True
        if not mark:
            if owner.active:
                self.marks[person.id] = owner.id
            return True
        if not owner.active:
            return True  # the person has another owner by now; old records still are theirs
        other = self.owners.get(mark)
        known = f"HubSpot owner {named(other) if other else mark}"
        self.conflicts[owner.id] = (
            f"{named(person)} is marked with {known} in the other system. That was not changed."
        )
        return other is None or not other.active


def named(person: Person) -> str:
    """Return what people call somebody."""
    return person.name or person.email or person.id


def _listed(people: Iterable[Person]) -> str:
    return ", ".join(named(person) for person in people)
