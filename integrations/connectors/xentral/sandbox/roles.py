"""Roles of addresses and their membership in groups: one table, `adresse_rolle`, for both.

A membership is the role "Mitglied von Gruppe"; an association's (group of kind `verband`) is "Kunde
von Gruppe". Neither touches the row of the address, so its change time stays (reference/xentral.md,
3.4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .words import local

if TYPE_CHECKING:
    from .server import XentralSandbox
    from .state import Row, Table

CUSTOMER: Final = "Kunde"
SUPPLIER: Final = "Lieferant"
EMPLOYEE: Final = "Mitarbeiter"
MEMBER: Final = "Mitglied"
GROUP: Final = "Gruppe"
PROJECT: Final = "Projekt"
ASSOCIATION: Final = "verband"


class Roles:
    """Gives and ends roles. Ids are whole numbers."""

    def __init__(self, sandbox: XentralSandbox) -> None:
        self.sandbox = sandbox
        self._indexed: Table | None = None
        self._by_address: dict[int, list[Row]] = {}

    def add(self, address: int, subject: str, group: int = 0) -> None:
        """Give a role, unless the address has it."""
        kind = GROUP if group else PROJECT
        held = self._running(address, kind)
        if any(row["subjekt"] == subject and row["parameter"] == group for row in held):
            return
        today = local(self.sandbox.now(), self.sandbox.behaviour.time_zone)[:10]
        row = self.sandbox.instance["roles"].add(
            {
                "adresse": address,
                "subjekt": subject,
                "praedikat": "von",
                "objekt": kind,
                "parameter": group,
                "von": today,
                "bis": None,
            }
        )
        self._by_address.setdefault(address, []).append(row)

    def end(self, address: int, group: int) -> None:
        """End every membership of an address in a group."""
        today = local(self.sandbox.now(), self.sandbox.behaviour.time_zone)[:10]
        for row in self._running(address, GROUP):
            if row["parameter"] == group:
                row["bis"] = today

    def of(self, address: int) -> list[str]:
        """Return the roles of an address outside groups, oldest first."""
        return [str(row["subjekt"]) for row in self._running(address, PROJECT)]

    def groups_of(self, address: int) -> list[Row]:
        """Return the groups that an address is in."""
        ids = dict.fromkeys(row["parameter"] for row in self._running(address, GROUP))
        found = (self.sandbox.instance["groups"].get(one) for one in ids)
        return [group for group in found if group]

    def members(self, group: int) -> list[int]:
        """Return the ids of the addresses in a group."""
        rows = self.sandbox.instance["roles"].where(objekt=GROUP, parameter=group, bis=None)
        return list(dict.fromkeys(row["adresse"] for row in rows))

    def set_groups(self, address: int, groups: list[int]) -> None:
        """Put an address into exactly these groups."""
        before = [group["id"] for group in self.groups_of(address)]
        for group in before:
            if group not in groups:
                self.end(address, group)
        for group in groups:
            if group not in before:
                self.add(address, MEMBER, group)

    def set_association(self, address: int, given: object) -> None:
        """Make `given` (a group's id or code) the one association; nothing ends all of them."""
        groups = self.sandbox.instance["groups"]
        coded = groups.where(kennziffer=str(given)) if given else iter(())
        wanted = groups.get(given) or next(coded, None)
        for group in self.groups_of(address):
            if group["art"] == ASSOCIATION and group is not wanted:
                self.end(address, group["id"])
        if wanted is not None and wanted["art"] == ASSOCIATION:
            self.add(address, CUSTOMER, wanted["id"])

    def _running(self, address: int, kind: str) -> list[Row]:
        """Return the rows of an address that have not ended; looked up, there are many."""
        table = self.sandbox.instance["roles"]
        if table is not self._indexed:
            self._indexed, self._by_address = table, {}
            for row in table.rows.values():
                self._by_address.setdefault(row["adresse"], []).append(row)
        rows = self._by_address.get(address, ())
        return [row for row in rows if row["objekt"] == kind and row["bis"] is None]
