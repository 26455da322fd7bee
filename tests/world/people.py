"""What the users of HubSpot do at random: create, edit, assign, merge, delete, restore.

What the users of the target do, and how often what is done, says the `Place`.
"""

from __future__ import annotations

from random import Random

from integrations.connectors.hubspot.sandbox.errors import ApiError
from tests.world.town import Town

FIRST = ("Ada", "Ben", "Cy", "Dee", "Eve")
LAST = ("Ash", "Birch", "", "Cedar")
PHONES = ("+4930111", "+4930222", "")
TEXTS = ("short", "a longer remark", "")


class People:
    """Everybody who works in the two systems."""

    def __init__(self, town: Town, rng: Random) -> None:
        self.town, self.rng = town, rng
        self.hubspot = town.hubspot
        self.number = 0
        self.deleted: list[tuple[str, str]] = []
        self.restored: set[str] = set()
        self.refusals: tuple[type[Exception], ...] = (ApiError, *town.place.refusals)
        self.acts = {name: (weight, act) for name, weight, act in town.place.acts(self)}

    def act(self) -> str:
        """Let somebody do something; what a system refuses a person was not done."""
        weights = [weight for weight, _act in self.acts.values()]
        name = self.rng.choices(list(self.acts), weights)[0]
        try:
            self.acts[name][1]()
        except self.refusals:
            return f"{name} (refused)"
        return name

    # ------------------------------------------------ in HubSpot

    def company(self) -> str:
        """Create a company, now and then one that the target has already."""
        domain = self.domain()
        return self.hubspot.create("companies", {"name": f"Firm {domain}", "domain": domain})

    def contact(self) -> str:
        """Create a contact, often of a company."""
        person = {"email": self.email(), **self.person("firstname", "lastname", "phone")}
        made = self.hubspot.create("contacts", person)
        if self.rng.random() < 0.6 and (company := self.any("companies")):
            self.hubspot.associate("contacts", made, "companies", company)
        return made

    def edit_company(self) -> None:
        """Change a company."""
        if company := self.any("companies"):
            text = self.rng.choice(TEXTS)
            self.hubspot.edit("companies", company, {"description": text})

    def edit_contact(self) -> None:
        """Change one field of a contact."""
        if contact := self.any("contacts"):
            changed = self.person("firstname", "lastname", "phone")
            name = self.rng.choice(sorted(changed))
            self.hubspot.edit("contacts", contact, {name: changed[name]})

    def assign(self, kind: str = "contacts", other: str = "companies") -> None:
        """Give a record a partner, or take one away."""
        record, partner = self.any(kind), self.any(other)
        if record and partner:
            if self.rng.random() < 0.7:
                self.hubspot.associate(kind, record, other, partner)
            else:
                self.hubspot.dissociate(kind, record, other, partner)

    def merge(self, kind: str) -> None:
        """Merge two records into a third."""
        ids = self.town.place.hubspot_ids(kind)
        if len(ids) > 1:
            self.hubspot.merge(kind, *self.rng.sample(ids, 2))

    def delete(self, *kinds: str) -> None:
        """Delete a record."""
        kind = self.rng.choice(kinds)
        if record := self.any(kind):
            self.hubspot.delete(kind, record)
            self.deleted.append((kind, record))

    def restore(self) -> None:
        """Bring a deleted record back."""
        if self.deleted:
            kind, record = self.deleted.pop(self.rng.randrange(len(self.deleted)))
            self.hubspot.restore(kind, record)
            self.restored.add(record)

    # ------------------------------------------------ made-up values

    def domain(self) -> str:
        """Return a domain that is new, or one that somebody used before."""
        return f"firm{self._number()}.example"

    def email(self) -> str:
        """Return an e-mail that is new, or one that somebody used before."""
        return f"p{self._number()}@x.example"

    def person(self, first: str, last: str, phone: str) -> dict[str, str]:
        """Return values for the three fields."""
        values = (self.rng.choice(FIRST), self.rng.choice(LAST), self.rng.choice(PHONES))
        return dict(zip((first, last, phone), values, strict=True))

    def any(self, kind: str) -> str:
        """Return the id of any live record of HubSpot, "" if there is none."""
        ids = self.town.place.hubspot_ids(kind)
        return self.rng.choice(ids) if ids else ""

    def _number(self) -> int:
        if self.number and self.rng.random() < 0.25:
            return self.rng.randint(1, self.number)
        self.number += 1
        return self.number
