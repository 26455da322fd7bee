"""Who works in a new portal. All are invented; the addresses are of a domain that cannot exist."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DEMO_KEY: Final = "mgx-demo-api-key"
DOMAIN: Final = "northfield.example"


@dataclass(frozen=True, slots=True)
class SeedUser:
    """One user of a new portal; `in_hubspot` says that an owner with this e-mail is expected."""

    first: str
    last: str
    kind: str = "Employee"
    active: bool = True
    in_hubspot: bool = True

    @property
    def email(self) -> str:
        """The user's e-mail address."""
        return f"{self.first}.{self.last}@{DOMAIN}".lower()


USERS: Final = (
    SeedUser("Ada", "Admin"),
    SeedUser("Mona", "Keller"),
    SeedUser("Raj", "Mehta"),
    SeedUser("Ines", "Duarte", in_hubspot=False),
    SeedUser("Otto", "Vance", active=False),
    SeedUser("Pia", "Lund", kind="Partner", in_hubspot=False),
)
"""The first is the administrator, to whom the key DEMO_KEY belongs."""
