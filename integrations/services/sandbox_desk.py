"""What the sandbox's page needs of a system: its forms, its lists, its buttons. No system here.

One desk per system is hung up in `sandbox_page.py`; `sandbox_thena_page.py` is an example.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

Form = dict[str, str]
MANY: Final = ";"
"""Stands between the ids of an input that takes several; no id holds it."""


@dataclass(frozen=True, slots=True)
class Field:
    """One input of a form. `options` are values with labels; `kind` is its type, or "many"."""

    name: str
    label: str
    value: str
    kind: str
    options: Sequence[tuple[str, str]] = ()

    @property
    def chosen(self) -> list[str]:
        """The values of an input that takes several."""
        return self.value.split(MANY)


class Desk(Protocol):
    """A system's screens and buttons beside one HubSpot account; all raise `refusal` or KeyError.

    Its addresses are `/desk/<system>` and `/desk/<system>/<button>`, for `/<system>/...` belongs to
    the stand-in itself. `template` draws both sides' lists, `objects` are the plural names of
    HubSpot's objects that the account works with.
    """

    system: str
    label: str
    portal_id: int
    template: str
    objects: tuple[str, ...]
    refusal: type[Exception]

    def act(self, name: str, form: Form) -> str | None:
        """Do what a button says; returns where to go if not back to the lists."""
        ...

    def lists(self, most: int) -> dict[str, object]:
        """Return what the lists of the system show, the newest `most` records of each kind."""
        ...

    def record(self, kind: str, record_id: str) -> dict[str, Any]:
        """Return what the form of a record shows, a new one without an id."""
        ...
