"""What the users of both systems do at random: create, edit, assign, merge, delete, restore."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from integrations.connectors.hubspot.sandbox import errors as hubspot
from integrations.connectors.thena.sandbox import errors as thena
from tests.world.town import Town

FIRST = ("Ada", "Ben", "Cy", "Dee", "Eve")
LAST = ("Ash", "Birch", "", "Cedar")
PHONES = ("+4930111", "+4930222", "")
TEXTS = ("short", "a longer remark", "")
ACTIONS = (
    ("company", 2), ("contact", 3), ("edit company", 3), ("edit contact", 4), ("assign", 3),
    ("merge contacts", 1), ("merge companies", 1), ("delete", 1), ("restore", 1),
    ("account", 2), ("thena contact", 3), ("edit account", 3), ("edit thena contact", 4),
    ("assign in thena", 3), ("delete in thena", 1),
)  # fmt: skip


class People:
    """Everybody who works in the two systems."""

    def __init__(self, town: Town, rng: Random) -> None:
        self.town, self.rng = town, rng
        self.hubspot, self.thena = town.hubspot, town.thena
        self.number = 0
        self.deleted: list[tuple[str, str]] = []
        self.restored: set[str] = set()
        names, self.weights = zip(*ACTIONS, strict=True)
        self.names: tuple[str, ...] = names
        self.acts: dict[str, Callable[[], object]] = {
            "company": self.company,
            "contact": self.contact,
            "edit company": self.edit_company,
            "edit contact": self.edit_contact,
            "assign": self.assign,
            "merge contacts": lambda: self.merge("contacts"),
            "merge companies": lambda: self.merge("companies"),
            "delete": self.delete,
            "restore": self.restore,
            "account": self.account,
            "thena contact": self.thena_contact,
            "edit account": self.edit_account,
            "edit thena contact": self.edit_thena_contact,
            "assign in thena": self.assign_in_thena,
            "delete in thena": self.delete_in_thena,
        }

    def act(self) -> str:
        """Let somebody do something; what a system refuses a person was not done."""
        name = self.rng.choices(self.names, self.weights)[0]
        try:
            self.acts[name]()
        except (hubspot.ApiError, thena.ApiError):
            return f"{name} (refused)"
        return name

    # ------------------------------------------------ in HubSpot

    def company(self) -> str:
        """Create a company, now and then one that Thena has already."""
        domain = self._domain()
        return self.hubspot.create("companies", {"name": f"Firm {domain}", "domain": domain})

    def contact(self) -> str:
        """Create a contact, often of a company."""
        person = {"email": self._email(), **self._person("firstname", "lastname", "phone")}
        made = self.hubspot.create("contacts", person)
        if self.rng.random() < 0.6 and (company := self._any("companies")):
            self.hubspot.associate("contacts", made, "companies", company)
        return made

    def edit_company(self) -> None:
        """Change a company."""
        if company := self._any("companies"):
            text = self.rng.choice(TEXTS)
            self.hubspot.edit("companies", company, {"description": text})

    def edit_contact(self) -> None:
        """Change one field of a contact."""
        if contact := self._any("contacts"):
            changed = self._person("firstname", "lastname", "phone")
            name = self.rng.choice(sorted(changed))
            self.hubspot.edit("contacts", contact, {name: changed[name]})

    def assign(self) -> None:
        """Give a contact a company, or take one away."""
        contact, company = self._any("contacts"), self._any("companies")
        if contact and company:
            if self.rng.random() < 0.7:
                self.hubspot.associate("contacts", contact, "companies", company)
            else:
                self.hubspot.dissociate("contacts", contact, "companies", company)

    def merge(self, kind: str) -> None:
        """Merge two records into a third."""
        ids = self.town.stage.hubspot_ids(kind)
        if len(ids) > 1:
            self.hubspot.merge(kind, *self.rng.sample(ids, 2))

    def delete(self) -> None:
        """Delete a record."""
        kind = self.rng.choice(("contacts", "companies"))
        if record := self._any(kind):
            self.hubspot.delete(kind, record)
            self.deleted.append((kind, record))

    def restore(self) -> None:
        """Bring a deleted record back."""
        if self.deleted:
            kind, record = self.deleted.pop(self.rng.randrange(len(self.deleted)))
            self.hubspot.restore(kind, record)
            self.restored.add(record)

    # ------------------------------------------------ in Thena

    def account(self) -> None:
        """Create an account, now and then one that HubSpot has already."""
        domain = self._domain()
        self.thena.create("accounts", name=f"Firm {domain}", primaryDomain=domain)

    def thena_contact(self) -> None:
        """Create a contact, often of an account."""
        person: dict[str, object] = {
            "email": self._email(),
            **self._person("firstName", "lastName", "phoneNumber"),
        }
        if self.rng.random() < 0.6 and (account := self._any_in_thena("accounts")):
            person["accountIds"] = [account]
        self.thena.create("contacts", **person)

    def edit_account(self) -> None:
        """Change an account."""
        if account := self._any_in_thena("accounts"):
            self.thena.edit("accounts", account, description=self.rng.choice(TEXTS) or None)

    def edit_thena_contact(self) -> None:
        """Change one field of a contact."""
        if contact := self._any_in_thena("contacts"):
            changed = self._person("firstName", "lastName", "phoneNumber")
            name = self.rng.choice(sorted(changed))
            self.thena.edit("contacts", contact, **{name: changed[name] or None})

    def assign_in_thena(self) -> None:
        """Give a contact another set of accounts."""
        if contact := self._any_in_thena("contacts"):
            ids = self.town.stage.thena_ids("accounts")
            chosen = self.rng.sample(ids, min(len(ids), self.rng.choice((0, 1, 1, 2))))
            self.thena.edit("contacts", contact, accountIds=chosen)

    def delete_in_thena(self) -> None:
        """Delete a record."""
        kind = self.rng.choice(("contacts", "accounts"))
        if record := self._any_in_thena(kind):
            self.thena.delete(kind, record)

    # ------------------------------------------------ made-up values

    def _domain(self) -> str:
        """Return a domain that is new, or one that somebody used before."""
        if self.number and self.rng.random() < 0.25:
            return f"firm{self.rng.randint(1, self.number)}.example"
        self.number += 1
        return f"firm{self.number}.example"

    def _email(self) -> str:
        if self.number and self.rng.random() < 0.25:
            return f"p{self.rng.randint(1, self.number)}@x.example"
        self.number += 1
        return f"p{self.number}@x.example"

    def _person(self, first: str, last: str, phone: str) -> dict[str, str]:
        values = (self.rng.choice(FIRST), self.rng.choice(LAST), self.rng.choice(PHONES))
        return dict(zip((first, last, phone), values, strict=True))

    def _any(self, kind: str) -> str:
        ids = self.town.stage.hubspot_ids(kind)
        return self.rng.choice(ids) if ids else ""

    def _any_in_thena(self, kind: str) -> str:
        ids = self.town.stage.thena_ids(kind)
        return self.rng.choice(ids) if ids else ""
