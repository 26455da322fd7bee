"""What a query says, as plain data. Nothing here knows entities, fields or rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Path:
    """A field, or a field of the record that a lookup names (`relation`)."""

    name: str
    relation: str = ""

    def __str__(self) -> str:
        return f"{self.relation}.{self.name}" if self.relation else self.name


Value = str | float | bool | datetime | None


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison; `case` is "", "lower" or "upper": what the field is turned into before."""

    path: Path
    case: str
    sign: str
    value: Value


@dataclass(frozen=True, slots=True)
class Match:
    """A question about a text: `method` is Contains, StartsWith or EndsWith."""

    path: Path
    case: str
    method: str
    text: str


@dataclass(frozen=True, slots=True)
class Empty:
    """`String.IsNullOrEmpty(field)`."""

    path: Path


@dataclass(frozen=True, slots=True)
class Includes:
    """`Fn.Includes(field, "a;b", ...)`: all the values of any of the texts; or the opposite."""

    path: Path
    texts: tuple[str, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition."""

    item: Condition


@dataclass(frozen=True, slots=True)
class Every:
    """Conditions that must all hold."""

    items: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """Conditions of which one must hold."""

    items: tuple[Condition, ...]


Condition = Compare | Match | Empty | Includes | Not | Every | Some


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query. No `select` means every field; `alias` names the result of a COUNT."""

    entity: str
    select: tuple[Path, ...] = ()
    alias: str = ""
    where: Condition | None = None
    order: Path | None = None
    descending: bool = False
    take: int | None = None
    offset: int = 0
