"""The associations of records that are written: sent along, or set once the record is there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from integrations.connectors.hubspot import stages
from integrations.connectors.hubspot.client import HubSpotClient
from integrations.connectors.hubspot.payloads import PSEUDO, JsonObject
from integrations.connectors.hubspot.reaching import Reacher, association_type
from integrations.connectors.hubspot.spec import ASSOCIATIONS, Association
from integrations.engine.errors import Scope, SyncError
from integrations.engine.ports import CreateItem, Outcome, UpdateItem
from integrations.engine.records import ABSENT, BLANK, Record, Value

Item = CreateItem | UpdateItem


@dataclass(frozen=True, slots=True)
class PartnerWriter:
    """Writes the association fields of one object type: full sets first, then single partners."""

    client: HubSpotClient
    object_type: str

    def inline(self, item: CreateItem) -> list[JsonObject]:
        """Return the associations for the body of a create, the only verb that takes any."""
        types: dict[tuple[str, str], list[JsonObject]] = {}
        for one in self._fields:
            for partner in sorted(_wanted(item, one) or ()):
                types.setdefault((one.other, partner), []).append(association_type(one.type_id))
        return [{"to": {"id": key[1]}, "types": named} for key, named in types.items()]

    def write(self, items: Sequence[Item], found: dict[str, Outcome]) -> list[Outcome]:
        """Associate the records that were written; return the outcomes in the items' order.

        What is not known to be stored is left out of the record. Where nothing else was written
        the error is the item's own. Nothing is sent after an error of the whole sync.
        """
        for association in () if first_wide(found.values()) else self._fields:
            asked = [
                (item, record, wanted)
                for item in items
                if (wanted := _wanted(item, association)) is not None
                and (record := found[item.ref].record) is not None
            ]
            reacher = Reacher(self.client, self.object_type, association)
            reached = reacher.reach({record.id: wanted for _, record, wanted in asked})
            for item, record, _ in asked:
                found[item.ref] = _noted(item, record, association.name, reached[record.id])
        return [found[item.ref] for item in items]

    @property
    def _fields(self) -> Sequence[Association]:
        return ASSOCIATIONS.get(self.object_type, ())


def only_partners(item: UpdateItem) -> bool:
    """Tell whether a patch holds associations and nothing else."""
    names = item.values.keys() - {stages.STAGE}
    is_whole = len(names) == len(item.values)
    return bool(names) and is_whole and all(name.startswith(PSEUDO) for name in names)


def first_wide(outcomes: Iterable[Outcome]) -> SyncError | None:
    """Return the first error that concerns more than its record."""
    errors = (outcome.error for outcome in outcomes)
    return next((e for e in errors if e is not None and e.scope is not Scope.RECORD), None)


def _wanted(item: Item, association: Association) -> frozenset[str] | None:
    """Return the partners an item asks for, None where it leaves them as they are."""
    value = item.values.get(association.name)
    if value is BLANK:
        return frozenset()
    return frozenset(value) if isinstance(value, tuple) else None


def _noted(item: Item, record: Record, name: str, result: Value | SyncError) -> Outcome:
    if isinstance(result, SyncError):
        alone = isinstance(item, UpdateItem) and only_partners(item) and not record.values
        return Outcome(item.ref, error=result) if alone else Outcome(item.ref, record)
    if result is ABSENT:
        return Outcome(item.ref, record)
    return Outcome(item.ref, replace(record, values={**record.values, name: result}))
