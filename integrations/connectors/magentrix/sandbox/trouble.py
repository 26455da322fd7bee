"""What can be made to go wrong with records: validation rules, and batches that fail in part.

Faults of whole calls are `sandbox_faults`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from integrations.connectors.sandbox_kit import JsonObject

from .errors import Code, complaint

WRITE, DELETE = "write", "delete"


@dataclass(frozen=True, slots=True)
class Rule:
    """A validation rule of an administrator: refuses records whose field holds a text.

    Without `contains` it refuses any write that touches the field, and without a `field` any
    write of the entity. `on` is `write` or `delete`. It binds people and the API alike.
    """

    entity: str
    field: str = ""
    contains: str = ""
    message: str = "This record does not meet a validation rule."
    on: str = WRITE

    def complaints(self, entity: str, row: JsonObject, touched: set[str], act: str) -> JsonObject:
        """Return what the rule has against writing or deleting a row, {} if nothing."""
        if (self.entity, self.on) != (entity, act):
            return {}
        if self.contains:
            hit = self.contains in str(row.get(self.field) or "")
        else:
            hit = not self.field or self.field in touched
        return complaint(Code.VALIDATION_RULE, self.field or None, self.message) if hit else {}


@dataclass(frozen=True, slots=True)
class BatchFault:
    """Some records of a batch fail on the server's side while the others are stored.

    `positions` count from 0; none given means every second one. An empty `entity` or `method`
    stands for any.
    """

    entity: str = ""
    method: str = ""
    positions: tuple[int, ...] = ()
    code: str = Code.SERVER_ERROR.value
    message: str = "The record could not be stored. Try again."

    def hits(self, place: int) -> bool:
        """Tell whether the record at a place fails."""
        return place in self.positions if self.positions else place % 2 == 1

    def error(self) -> JsonObject:
        """Return the error of a record that fails."""
        return {"code": self.code, "fieldName": None, "message": self.message}


class Trouble:
    """The rules in force and the batches that will fail."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self._batches: list[tuple[BatchFault, int]] = []

    def inject(self, fault: BatchFault, times: int = 1) -> None:
        """Let the next `times` matching batches fail in part."""
        self._batches.append((fault, times))

    def take(self, entity: str, method: str) -> BatchFault | None:
        """Return the fault of this batch and use it up."""
        for place, (fault, times) in enumerate(self._batches):
            if fault.entity in ("", entity) and fault.method in ("", method):
                if times > 1:
                    self._batches[place] = (fault, times - 1)
                else:
                    del self._batches[place]
                return fault
        return None

    def complaints(
        self, entity: str, row: JsonObject, touched: set[str], act: str = WRITE
    ) -> Iterator[JsonObject]:
        """Yield what the rules have against writing or deleting a row."""
        for rule in self.rules:
            if found := rule.complaints(entity, row, touched, act):
                yield found

    def clear(self) -> None:
        """Forget every rule and fault."""
        self.rules.clear()
        self._batches.clear()

    def dump(self) -> list[JsonObject]:
        """Return the rules as JSON-able data."""
        return [asdict(rule) for rule in self.rules]

    def load(self, state: list[JsonObject]) -> None:
        """Replace the rules by what `dump` returned, and forget the faults."""
        self.clear()
        self.rules.extend(Rule(**row) for row in state)
