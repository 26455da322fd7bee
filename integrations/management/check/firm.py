"""The software firm of the scenario: its admin's pages, both accounts, and what it waits for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from integrations.management.check.accounts import Row, Thena
from integrations.management.check.joined import Joined
from integrations.management.check.receiver import Receiver

COMPANIES: Final = "companies"
CONTACTS: Final = "contacts"
ACCOUNTS: Final = "accounts"
KINDS: Final = {COMPANIES: ACCOUNTS, CONTACTS: CONTACTS}
"""HubSpot's kinds of record and what they are in Thena."""


@dataclass(slots=True)
class Firm(Joined):
    """Nora at her pages, with what a step leaves for the next ones.

    `companies` and `contacts` are HubSpot ids by the steps' names for them; `key` is Thena's
    API key, `app` the id of our app there, `endpoint_secret` what signs the firm's own webhook.
    """

    thena: Thena
    receiver: Receiver
    key: str
    app: str = ""
    endpoint_secret: str = ""
    companies: dict[str, str] = field(default_factory=dict)
    contacts: dict[str, str] = field(default_factory=dict)

    def twin(self, key: str, hubspot_id: str) -> Row:
        """Return what Thena holds of a HubSpot record; raises Failed without it."""
        return self.thena.read(KINDS[key], self.target_id(key, hubspot_id))

    def writes(self) -> int:
        """Return how many writing calls both systems have had."""
        return self.crm.writes() + self.thena.writes()
