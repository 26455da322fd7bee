"""Sealing every stored secret again with the first key, while the portal works."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db import models, transaction

from integrations.models import Connection, Endpoint, Merge, Notice, PreviewItem, RecordKey
from integrations.services import audit, previews, vault

BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Column:
    """A column of sealed texts. `place` gives the associated data of a row."""

    model: type[models.Model]
    name: str
    place: Callable[[Any], str]

    def __str__(self) -> str:
        return f"{self.model._meta.model_name}.{self.name}"


def _own(name: str) -> Callable[[models.Model], str]:
    return lambda row: vault.place(row, name)


COLUMNS: Final = (
    Column(Connection, "secrets", _own("secrets")),
    Column(Connection, "tokens", _own("tokens")),
    Column(RecordKey, "sealed", lambda row: audit.key_place(row.link_id)),
    Column(Notice, "label", _own("label")),
    Column(
        PreviewItem,
        "fields",
        lambda row: previews.place(row.preview_id, row.hubspot_id, row.target_id),
    ),
    Column(Endpoint, "secret", _own("secret")),
    Column(Merge, "sealed", _own("sealed")),
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one column is. `left` is sealed with another key; `stuck`: others hold all of it."""

    column: Column
    done: int
    left: int
    stuck: bool = False


def rotate(batch: int = BATCH) -> Iterator[Progress]:
    """Seal old texts again, batch by batch, telling the progress after each.

    May be interrupted and started again, and run twice at once: what is done is found by its key
    id, and rows that somebody else holds are taken in a later batch. Raises SealBroken.
    """
    for column in COLUMNS:
        done = 0
        while left := _old(column).count():
            before = done
            for sealed in _pass(column, batch):
                done += sealed
                left = max(0, left - sealed)
                yield Progress(column, done, left)
            if done == before:
                yield Progress(column, done, left, stuck=True)


def _old(column: Column) -> models.QuerySet[Any]:
    rows = column.model._default_manager.exclude(**{column.name: ""})
    return rows.exclude(
        **{f"{column.name}__startswith": f"{vault.VERSION}.{vault.current_key_id()}."}
    )


def _pass(column: Column, batch: int) -> Iterator[int]:
    """Go through the rows once in the order of their keys; yields how many each batch sealed."""
    rows = _old(column).order_by("pk")
    after: dict[str, Any] = {}
    while True:
        with transaction.atomic():
            free = rows.filter(**after).select_for_update(skip_locked=True, no_key=True)
            taken = list(free[:batch])
            for row in taken:
                place = column.place(row)
                plain = vault.unseal(getattr(row, column.name), aad=place)
                setattr(row, column.name, vault.seal(plain, aad=place))
                row.save(update_fields=[column.name])
        if not taken:
            return
        after = {"pk__gt": taken[-1].pk}
        yield len(taken)
