"""Fields that point to other records: the same pair looks alike on both sides. Decides nothing.

A HubSpot contact names HubSpot companies, its partner names accounts. Here both become the target
ids of the pairs they stand for, so that the rest of the engine compares and writes them like any
multi-choice. Records that are no pair are left out of what is compared, and stay where they are
when the field is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from integrations.engine.mapping import FieldRule
from integrations.engine.pairs import Link, LinkState, Unmet
from integrations.engine.ports import Connector, CreateItem, Ledger, Outcome, UpdateItem
from integrations.engine.records import BLANK, FieldType, Record, Side, Value

Records = Mapping[str, Record]
_ENDED = (LinkState.GONE, LinkState.SUPERSEDED)
_STUCK = (LinkState.HELD, LinkState.FAILING)
"""States of a parent that may become a pair once somebody has looked after it."""


def is_pair(link: Link) -> bool:
    """Tell whether both records of a link live, so that others can point to the pair."""
    return bool(link.hubspot_id and link.target_id) and link.state not in _ENDED


@dataclass(slots=True)
class References:
    """The reference fields of one configuration, and what is known of the pairs they point to.

    `kept` are ids in a record's field that are no pair; `unmet` the same with what they wait for.
    """

    rules: tuple[FieldRule, ...]
    ledger: Ledger
    unmet: dict[tuple[Side, str], tuple[Unmet, ...]] = field(default_factory=dict)
    kept: dict[tuple[Side, str, str], tuple[str, ...]] = field(default_factory=dict)
    pairs: dict[tuple[str, str], Link] = field(default_factory=dict)

    @classmethod
    def of(cls, rules: Iterable[FieldRule], ledger: Ledger) -> References:
        """Take the reference fields out of a configuration's rules."""
        found = tuple(r for r in rules if r.type is FieldType.REFERENCE and r.reference)
        return cls(found, ledger)

    def around(self, connectors: Mapping[Side, Connector]) -> Mapping[Side, Connector]:
        """Return the connectors with reference fields translated on the way in and out."""
        if not self.rules:
            return connectors
        wrapped = {side: _Referring(c, side, self) for side, c in connectors.items()}
        return cast(Mapping[Side, Connector], wrapped)

    def read_all(self, records: Mapping[Side, Records]) -> dict[Side, Records]:
        """Return records of both sides in the form of `read`."""
        return {side: self.read(side, mine) for side, mine in records.items()}

    def read(self, side: Side, records: Records) -> Records:
        """Return records with the pairs instead of the ids they point to."""
        if not self.rules or not records:
            return records
        parents = self._parents(side, records.values())
        return {asked: self._read(side, record, parents) for asked, record in records.items()}

    def write(self, side: Side, record_id: str, values: Mapping[str, Value]) -> dict[str, Value]:
        """Return values with the ids of one side, those that are no pair included."""
        written = dict(values)
        for rule in self.rules:
            name = _name(rule, side)
            if name in written:
                own = self._ids(rule, side, written[name])
                kept = self.kept.get((side, record_id, name), ())
                if rule.single and own:
                    kept = ()
                written[name] = tuple(dict.fromkeys((*own, *kept))) or BLANK
        return written

    def waiting(self, records: Mapping[Side, Record]) -> tuple[Unmet, ...]:
        """Return everything that a pair's records point to and that is no pair yet."""
        return tuple(
            unmet
            for side, record in records.items()
            for unmet in self.unmet.get((side, record.id), ())
        )

    def _ids(self, rule: FieldRule, side: Side, value: Value) -> tuple[str, ...]:
        tokens = value if isinstance(value, tuple) else ()
        return tuple(self.pairs[rule.reference, token].id_of(side) for token in tokens)

    def _parents(
        self, side: Side, records: Iterable[Record]
    ) -> dict[str, Mapping[str, Link] | None]:
        wanted: dict[str, set[str]] = {}
        for record in records:
            for rule in self.rules:
                value = record.get(_name(rule, side))
                ids = value if isinstance(value, tuple) else ()
                wanted.setdefault(rule.reference, set()).update(ids)
        return {
            key: self._pairs(key, side, sorted(ids)) if ids else {} for key, ids in wanted.items()
        }

    def _pairs(self, key: str, side: Side, ids: Sequence[str]) -> Mapping[str, Link] | None:
        """Return the links of some ids; the extra record of a merge still stands for its pair.

        So what points to it has not moved, and follows HubSpot to the record that was kept.
        """
        found = self.ledger.parents(key, side, ids)
        ended = {
            link.hubspot_id
            for link in (found or {}).values()
            if link.state is LinkState.SUPERSEDED and link.hubspot_id and link.target_id
        }
        if not found or not ended:
            return found
        heirs = self.ledger.parents(key, Side.HUBSPOT, sorted(ended)) or {}
        return {one: _stand_in(link, heirs.get(link.hubspot_id)) for one, link in found.items()}

    def _read(
        self, side: Side, record: Record, parents: Mapping[str, Mapping[str, Link] | None]
    ) -> Record:
        values = dict(record.values)
        if not any(isinstance(values.get(_name(rule, side)), tuple) for rule in self.rules):
            return record
        unmet: list[Unmet] = []
        for rule in self.rules:
            name = _name(rule, side)
            value = values.get(name)
            if not isinstance(value, tuple):
                continue
            links = parents[rule.reference]
            known = links or {}
            paired = {one: known[one] for one in value if one in known and is_pair(known[one])}
            self.pairs |= {(rule.reference, link.target_id): link for link in paired.values()}
            kept = tuple(one for one in value if one not in paired)
            unmet += [_unmet(rule, side, one, links, alone=not paired) for one in kept]
            self.kept[side, record.id, name] = kept
            values[name] = tuple(dict.fromkeys(k.target_id for k in paired.values())) or BLANK
        self.unmet[side, record.id] = tuple(unmet)
        return replace(record, values=values)


def _name(rule: FieldRule, side: Side) -> str:
    return rule.hubspot if side is Side.HUBSPOT else rule.target


def _unmet(
    rule: FieldRule, side: Side, record_id: str, links: Mapping[str, Link] | None, *, alone: bool
) -> Unmet:
    """Describe a record that is no pair; `alone`: the field points to no pair at all."""
    link = (links or {}).get(record_id)
    waits = links is not None and (link is None or link.state is LinkState.PENDING)
    may_come = waits or (link is not None and link.state in _STUCK)
    field = (rule.hubspot, rule.target) if rule.single and alone and may_come else None
    return Unmet(rule.reference, side, record_id, rule.label, waits, link is not None, field)


def _stand_in(link: Link, heir: Link | None) -> Link:
    if link.state is not LinkState.SUPERSEDED or heir is None or not link.target_id:
        return link
    return replace(heir, target_id=link.target_id)


class _Referring:
    """The calls of a connector that the flow makes, with reference fields translated."""

    def __init__(self, connector: Connector, side: Side, references: References) -> None:
        self._connector, self._side, self._references = connector, side, references

    def __getattr__(self, name: str) -> object:
        return getattr(self._connector, name)

    def fetch(self, object_type: str, ids: Sequence[str], fields: Sequence[str]) -> Records:
        found = self._connector.fetch(object_type, ids, fields)
        return self._references.read(self._side, found)

    def find(
        self, object_type: str, field_name: str, values: Sequence[str], fields: Sequence[str]
    ) -> Mapping[str, Sequence[Record]]:
        found = self._connector.find(object_type, field_name, values, fields)
        records = {record.id: record for mine in found.values() for record in mine}
        read = self._references.read(self._side, records)
        return {value: [read[record.id] for record in mine] for value, mine in found.items()}

    def create(self, object_type: str, items: Sequence[CreateItem]) -> Sequence[Outcome]:
        written = [
            replace(i, values=self._references.write(self._side, "", i.values)) for i in items
        ]
        return self._answered(self._connector.create(object_type, written))

    def update(self, object_type: str, items: Sequence[UpdateItem]) -> Sequence[Outcome]:
        written = [
            replace(i, values=self._references.write(self._side, i.id, i.values)) for i in items
        ]
        return self._answered(self._connector.update(object_type, written))

    def _answered(self, outcomes: Sequence[Outcome]) -> list[Outcome]:
        records = {outcome.ref: outcome.record for outcome in outcomes if outcome.record}
        read = self._references.read(self._side, records)
        return [replace(o, record=read.get(o.ref)) if o.record else o for o in outcomes]
