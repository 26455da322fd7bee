"""The sandboxes' own endpoints, typed: what a HubSpot user does, and what RXNT holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import requests

PATIENCE: Final = 10
Properties = Mapping[str, str]


class Endpoints:
    """The base of what calls one sandbox."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.session = requests.Session()
        self.session.trust_env = False

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """Return the parsed answer, None when it is empty; raises requests.HTTPError."""
        answer = self.session.request(
            method, self.base + path, json=body, headers=headers, timeout=PATIENCE
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None


class HubSpot(Endpoints):
    """One account as its user changes it; webhooks follow by themselves."""

    def __init__(self, base: str, portal_id: int, app_id: int) -> None:
        super().__init__(base)
        self.portal_id = portal_id
        self.app_id = app_id
        self._records = f"/sandbox/records/{portal_id}/contacts"

    def create(self, properties: Properties) -> str:
        """Create a contact and return its id."""
        return str(self.call("POST", self._records, {"properties": properties})["id"])

    def edit(self, contact_id: str, **properties: str) -> None:
        """Change a contact."""
        self.call("PATCH", f"{self._records}/{contact_id}", {"properties": properties})

    def merge(self, primary: str, other: str) -> str:
        """Merge two contacts and return the survivor's new id."""
        body = {"primary": primary, "other": other}
        return str(self.call("POST", f"{self._records}/merge", body)["id"])

    def delete(self, contact_id: str) -> None:
        """Move a contact to the recycle bin."""
        self.call("DELETE", f"{self._records}/{contact_id}")

    def undelivered(self) -> int:
        """Return how many events wait for their delivery."""
        return int(self.call("GET", "/sandbox/state")["webhooks"]["pending"])

    def installed(self) -> bool:
        """Tell whether the account has the app."""
        installs = self.call("GET", "/sandbox/state")["installs"]
        return {"appId": self.app_id, "portalId": self.portal_id} in [
            {"appId": row["appId"], "portalId": row["portalId"]} for row in installs
        ]

    def read_api(self, path: str, token: str) -> Any:
        """Return what HubSpot's own API answers to an access token."""
        return self.call("GET", path, Authorization=f"Bearer {token}")


@dataclass(frozen=True, slots=True)
class Patient:
    """One stored patient; `saves` 1 means that it was only created."""

    id: int
    external_id: str
    fields: Properties
    saves: int


class Rxnt(Endpoints):
    """What the practice's RXNT holds, and its interface user."""

    def patient(self, external_id: str) -> Patient | None:
        """Return the patient with this external id."""
        return next((row for row in self.patients() if row.external_id == external_id), None)

    def patients(self) -> list[Patient]:
        """Return all patients, newest first."""
        rows = self.call("GET", "/sandbox/patients")["patients"]
        return [Patient(row["id"], row["external_id"], row["fields"], row["saves"]) for row in rows]

    def set_password(self, user: str, password: str) -> None:
        """Change the interface user's password; tokens given out before are refused then."""
        self.call("POST", f"/sandbox/users/{user}/password", {"Password": password})
