"""One Xentral instance in memory: its tables, API accounts and tokens. No routes or rules.

Only the tables that matter are here, under our own short names; `roles` is `adresse_rolle`, where
memberships in groups are kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Final

from integrations.connectors.sandbox_kit import JsonObject

Row = JsonObject
TABLES: Final = (
    "addresses resubmissions history groups roles projects views stages contact_persons "
    "more_addresses webhooks orders"
).split()
FREE_FIELDS: Final = 20
SHOWN_FREE_FIELDS: Final = 10
"""The old API shows the first ten only."""


@dataclass(slots=True)
class Table:
    """Rows by id, in order of creation. `last` is the last id that was given out."""

    rows: dict[int, Row] = field(default_factory=dict)
    last: int = 0

    def add(self, row: Row) -> Row:
        """Store a row under the next id and return it."""
        self.last += 1
        stored = self.rows[self.last] = {"id": self.last, **row}
        return stored

    def get(self, row_id: object) -> Row | None:
        """Return a row by an id that came as a number or as digits."""
        text = str(row_id)
        return self.rows.get(int(text)) if text.isdecimal() else None

    def where(self, **values: object) -> Iterator[Row]:
        """Yield the rows that hold exactly these values."""
        for row in list(self.rows.values()):
            if all(row[name] == value for name, value in values.items()):
                yield row


@dataclass(slots=True)
class ApiAccount:
    """An account of the old API; `permissions` None means all."""

    key: str = field(repr=False)
    permissions: list[str] | None = None
    active: bool = True


@dataclass(slots=True)
class Token:
    """A personal access token. `expires` is a unix time; `scopes` None means all."""

    scopes: list[str] | None = None
    expires: float | None = None
    locked: bool = False


@dataclass(slots=True)
class Instance:
    """Everything one instance stores. `free_fields` are by their number, 1 to 20."""

    tables: dict[str, Table] = field(default_factory=lambda: {name: Table() for name in TABLES})
    free_fields: dict[int, Row] = field(default_factory=dict)
    accounts: dict[str, ApiAccount] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict, repr=False)
    last_number: int = 10_000

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]

    def next_number(self) -> str:
        """Return a fresh customer number."""
        self.last_number += 1
        return str(self.last_number)

    def dump(self) -> JsonObject:
        """Return everything as JSON-able data."""
        return {
            "tables": {
                name: {"last": table.last, "rows": list(table.rows.values())}
                for name, table in self.tables.items()
            },
            "free_fields": [{"number": n, **row} for n, row in self.free_fields.items()],
            "accounts": {name: asdict(each) for name, each in self.accounts.items()},
            "tokens": {name: asdict(each) for name, each in self.tokens.items()},
            "last_number": self.last_number,
        }

    @classmethod
    def load(cls, state: JsonObject) -> Instance:
        """Return the instance that `dump` described."""
        made = cls(last_number=state["last_number"])
        for name, kept in state["tables"].items():
            made.tables[name] = Table({row["id"]: dict(row) for row in kept["rows"]}, kept["last"])
        for row in state["free_fields"]:
            made.free_fields[row["number"]] = {k: v for k, v in row.items() if k != "number"}
        made.accounts = {name: ApiAccount(**each) for name, each in state["accounts"].items()}
        made.tokens = {name: Token(**each) for name, each in state["tokens"].items()}
        return made
