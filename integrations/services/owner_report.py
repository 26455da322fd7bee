"""What people are told about owners: who is joined with whom, who is not, and why. Pure data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from integrations.engine.extras import Person
from integrations.engine.people import Matching
from integrations.models import Origin, TableEntry


@dataclass(frozen=True, slots=True)
class Line:
    """One HubSpot owner. `person_id` "" is joined with nobody; `note` is what stands against it.

    `archived`: HubSpot has put the owner away. `left`: the person is not active any more, or gone.
    """

    id: str
    name: str
    email: str
    archived: bool
    person_id: str
    person: str
    by_person: bool
    left: bool
    note: str


@dataclass(frozen=True, slots=True)
class Report:
    """All owners, the people nobody is joined with, who may be chosen, and marks that failed."""

    lines: tuple[Line, ...]
    unmatched_people: tuple[Person, ...]
    people: tuple[Person, ...]
    failed: tuple[tuple[Person, str], ...]

    @property
    def matched(self) -> int:
        """How many owners are joined with somebody."""
        return sum(bool(line.person_id) for line in self.lines)

    @property
    def unmatched(self) -> tuple[Line, ...]:
        """The owners in use that are joined with nobody: the default owner stands in."""
        return tuple(line for line in self.lines if not (line.person_id or line.archived))

    @property
    def archived(self) -> int:
        """How many owners HubSpot has put away."""
        return sum(line.archived for line in self.lines)

    @property
    def conflicts(self) -> tuple[Line, ...]:
        """The owners with something that stands against their match."""
        return tuple(line for line in self.lines if line.note)


def made(
    owners: Sequence[Person],
    people: Sequence[Person],
    entries: Mapping[str, TableEntry],
    found: Matching,
    failed: Mapping[str, str],
) -> Report:
    """Return the report about entries as they are stored; `failed` are marks by person id."""
    known = {person.id: person for person in people}
    emails = {owner.id: owner.email for owner in owners}
    named = {owner.id: owner for owner in owners}
    rows = [entries[key] for key in entries]
    lines = [_line(row, emails, known, found) for row in rows]
    lines += [_new(owner, found) for key, owner in named.items() if key not in entries]
    used = {line.person_id for line in lines}
    return Report(
        tuple(sorted(lines, key=lambda line: (line.archived, line.name.casefold()))),
        tuple(person for person in people if person.active and person.id not in used),
        tuple(sorted(people, key=lambda p: (p.name or p.email or p.id).casefold())),
        tuple((known[key], sentence) for key, sentence in failed.items() if key in known),
    )


def stored(entries: Sequence[TableEntry]) -> Report:
    """Return what is known without asking anybody."""
    return made((), (), {row.hubspot_value: row for row in entries}, Matching(), {})


def _line(
    row: TableEntry, emails: Mapping[str, str], known: Mapping[str, Person], found: Matching
) -> Line:
    person = known.get(row.target_value)
    return Line(
        row.hubspot_value,
        row.hubspot_label or row.hubspot_value,
        emails.get(row.hubspot_value, ""),
        row.hubspot_gone,
        row.target_value,
        (person.name or person.email) if person else row.target_label or row.target_value,
        row.origin == Origin.PERSON,
        row.target_gone,
        found.conflicts.get(row.hubspot_value, ""),
    )


def _new(owner: Person, found: Matching) -> Line:
    """Return an owner that was never connected yet."""
    return Line(
        owner.id,
        owner.name or owner.email or owner.id,
        owner.email,
        not owner.active,
        "",
        "",
        by_person=False,
        left=False,
        note=found.conflicts.get(owner.id, ""),
    )
