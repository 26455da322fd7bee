"""The shapes of a transform's words: labels, help, arguments. The words: `transform_entries.py`."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from integrations.engine.records import FieldType
from integrations.engine.specs import Option

TypePair = tuple[FieldType, FieldType]


class ArgumentKind(enum.StrEnum):
    """How an argument is asked for."""

    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    ENTRIES = "entries"
    """A table: every argument of the rule that has no description of its own is one entry."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a transform. An empty one is left out of the rule.

    `key` is "" for entries. `required`: the transform cannot work without it.
    """

    key: str
    label: str
    help: str = ""
    kind: ArgumentKind = ArgumentKind.TEXT
    choices: tuple[Option, ...] = ()
    default: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class TransformEntry:
    """One transform as people see it; `pairs` are the (HubSpot, target) types that it joins."""

    name: str
    label: str
    help: str
    pairs: frozenset[TypePair]
    arguments: tuple[Argument, ...] = ()

    @property
    def takes(self) -> frozenset[FieldType]:
        """Return the HubSpot types it can start from."""
        return frozenset(pair[0] for pair in self.pairs)

    @property
    def gives(self) -> frozenset[FieldType]:
        """Return the target types it can end in."""
        return frozenset(pair[1] for pair in self.pairs)
