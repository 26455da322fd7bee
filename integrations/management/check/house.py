"""The machine builder's Xentral: what its clerks do there, what it holds. No portal here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from integrations.management.check.accounts import Row
from integrations.management.check.sandbox import Endpoints

ADDRESSES: Final = "addresses"
RESUBMISSIONS: Final = "resubmissions"
OWN: Final = "/sandbox"
"""How the paths of the stand-in's back door begin; all others are calls of programs."""
READS: Final = ("GET ", "POST /api/Adresse")
"""Calls that change nothing: the oldest interface reads by POST."""


class House(Endpoints):
    """One Xentral as its clerks change it; `kind` is addresses or resubmissions.

    Values are columns by their German names, as in Xentral; ids are texts.
    """

    def all(self, kind: str) -> dict[str, Row]:
        """Return all records by id."""
        rows = self.call("GET", f"{OWN}/{kind}")[kind]
        return {str(row["id"]): row for row in rows}

    def read(self, kind: str, record_id: str) -> Row:
        """Return one record."""
        return dict(self.call("GET", f"{OWN}/{kind}/{record_id}"))

    def create(self, kind: str, **values: object) -> str:
        """Create a record and return its id."""
        return str(self.call("POST", f"{OWN}/{kind}", values)["id"])

    def edit(self, kind: str, record_id: str, **values: object) -> None:
        """Change a record."""
        self.call("PUT", f"{OWN}/{kind}/{record_id}", values)

    # ------------------------------------------------------------ groups and boards

    def groups(self) -> dict[str, str]:
        """Return the ids of the groups by their names."""
        return self._by_name("groups")

    def groups_of(self, address: str) -> list[str]:
        """Return the ids of the groups that an address is in."""
        return list(self.call("GET", f"{OWN}/{ADDRESSES}/{address}/groups")["groups"])

    def join(self, address: str, group: str) -> None:
        """Put an address into a group."""
        self.call("POST", f"{OWN}/{ADDRESSES}/{address}/groups/{group}")

    def views(self) -> dict[str, str]:
        """Return the ids of the views by their names."""
        return self._by_name("views")

    def stages(self, view: str) -> dict[str, str]:
        """Return the ids of a view's stages by their names, in order."""
        rows = self.call("GET", f"{OWN}/stages")["stages"]
        mine = [row for row in rows if str(row["view"]) == view]
        return {
            str(row["name"]): str(row["id"]) for row in sorted(mine, key=lambda one: one["sort"])
        }

    def move(self, resubmission: str, stage: str) -> None:
        """Drag a resubmission to a stage."""
        self.call("POST", f"{OWN}/{RESUBMISSIONS}/{resubmission}/stage", {"stage": stage})

    # ------------------------------------------------------------ the rest of the house

    def fields(self) -> dict[str, Row]:
        """Return the free fields that are in use by their names."""
        rows = self.call("GET", f"{OWN}/fields")["fields"]
        return {str(row["name"]): dict(row) for row in rows}

    def name_field(self, name: str) -> None:
        """Take the next free field into use."""
        self.call("POST", f"{OWN}/fields", {"name": name, "type": "single_line"})

    def empty_field(self, number: str) -> None:
        """Take a free field out of use."""
        self.call("DELETE", f"{OWN}/fields/{number}")

    def be(self, **switches: object) -> None:
        """Be another version of Xentral; the switches are the stand-in's."""
        self.call("POST", f"{OWN}/settings", switches)

    def delay(self, path: str, seconds: float) -> None:
        """Let the next call of programs to a path (a pattern) take its time."""
        self.call("POST", f"{OWN}/faults", {"kind": "delay", "path": path, "delay": seconds})

    def writes(self) -> int:
        """Return how many calls of programs have changed something so far."""
        calls: Mapping[str, int] = self.call("GET", f"{OWN}/counters")
        return sum(count for call, count in calls.items() if not call.startswith(READS))

    def _by_name(self, table: str) -> dict[str, str]:
        return {str(r["name"]): str(r["id"]) for r in self.call("GET", f"{OWN}/{table}")[table]}
