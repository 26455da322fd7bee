"""What a preview pretends: that its earlier records are done, and that fields to be made exist.

So the engine decides on a page as it will when everything before it has been written. Reads pass
through to the real systems; nothing is ever written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from integrations.engine.config import SyncConfig
from integrations.engine.edits import NEW
from integrations.engine.extras import Foreseeing
from integrations.engine.pairs import Action, Decision, Link, LinkState
from integrations.engine.plan import PlanItem
from integrations.engine.ports import Connector, CreateItem
from integrations.engine.records import BLANK, Page, Record, Side, Value, as_text, digest, is_value
from integrations.models import Preview, PreviewItem
from integrations.services.ledger import DjangoLedger

Records = Mapping[str, Record]


@dataclass(slots=True)
class Shadow:
    """The pairs a preview has decided on so far, and the records it would have created.

    `met` are the ids seen per side; `alone` are the records that no partner was found for;
    `made` maps the digest of a value to match by to the id that stands for the created record.
    """

    config: SyncConfig
    key: bytes
    met: dict[Side, set[str]] = field(default_factory=lambda: {side: set() for side in Side})
    alone: dict[tuple[Side, str], PreviewItem] = field(default_factory=dict)
    links: dict[tuple[Side, str], Link] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, preview: Preview, config: SyncConfig, key: bytes) -> Shadow:
        """Recall what was decided on earlier pages."""
        shadow = cls(config, key)
        rows = PreviewItem.objects.filter(preview=preview).order_by("id")
        for row in rows.only("hubspot_id", "target_id", "action", "match").iterator():
            shadow.remember(row)
        return shadow

    def remember(self, row: PreviewItem) -> None:
        """Count a pair as done."""
        ids = {Side.HUBSPOT: row.hubspot_id, Side.TARGET: row.target_id}
        for side, record_id in ids.items():
            if record_id:
                self.met[side].add(record_id)
        if row.match:
            made = _stand_in(ids)
            self.made.update(dict.fromkeys(row.match.split(), made[1]))
            ids[made[0]] = made[1]
        if all(ids.values()):
            key = -len(self.links) - 1
            link = Link(key, LinkState.LINKED, ids[Side.HUBSPOT], ids[Side.TARGET])
            self.links.update({(side, record_id): link for side, record_id in ids.items()})
        else:
            self.alone.update({place: row for place in ids.items() if place[1]})

    def absorbed(self, ids: Mapping[Side, str]) -> list[PreviewItem]:
        """Return the records that turn out to be one half of a pair which is met now."""
        found = (self.alone.pop(place, None) for place in ids.items())
        return [row for row in found if row is not None]

    def match_of(self, item: PlanItem) -> str:
        """Return the digests by which a record that would be created could be found."""
        if item.decision.action is not Action.CREATE:
            return ""
        found = []
        for side, values in item.decision.patches.items():
            for name in self._match_names(side):
                value = values.get(name, BLANK)
                if is_value(value):
                    found.append(self._digest(side, name, as_text(value)))
        return " ".join(found)[:200]

    def found(self, side: Side, name: str, values: Sequence[str]) -> Iterator[tuple[str, Record]]:
        """Return the records that would have been created by now and hold these values."""
        for value in values:
            made = self.made.get(self._digest(side, name, value))
            if made is not None:
                yield value, Record(made, {name: value})

    def _match_names(self, side: Side) -> list[str]:
        keys = self.config.match_keys
        return [key.hubspot if side is Side.HUBSPOT else key.target for key in keys]

    def _digest(self, side: Side, name: str, value: str) -> str:
        return digest((side.value, name, value.strip().casefold()), self.key)


def _stand_in(ids: Mapping[Side, str]) -> tuple[Side, str]:
    """Return where a record would be created, and what it is called until it has an id."""
    side = Side.TARGET if ids[Side.HUBSPOT] else Side.HUBSPOT
    return side, f"(new, from {ids[side.other]})"


class ShadowLedger:
    """The real memory with the shadow's links before it."""

    def __init__(self, ledger: DjangoLedger, shadow: Shadow) -> None:
        self._ledger, self._shadow = ledger, shadow

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def links(self, side: Side, ids: Sequence[str]) -> dict[str, Link]:
        """Return the links there are and would be."""
        stored = self._ledger.links(side, ids)
        pretended = ((i, self._shadow.links.get((side, i))) for i in ids)
        return {i: link for i, link in pretended if link is not None} | {**stored}


class ShadowConnector:
    """The real system's reads, as if fields to be made and records to be created were there."""

    def __init__(self, connector: Connector, side: Side, shadow: Shadow) -> None:
        self._connector, self._side, self._shadow = connector, side, shadow

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connector, name)

    def scan(self, object_type: str, cursor: str, fields: Sequence[str]) -> Page:
        """Return a page of the real list."""
        page = self._connector.scan(object_type, cursor, _there(fields))
        return replace(page, records=tuple(_filled(record, fields) for record in page.records))

    def fetch(self, object_type: str, ids: Sequence[str], fields: Sequence[str]) -> Records:
        """Return real records."""
        found = self._connector.fetch(object_type, ids, _there(fields))
        return {asked: _filled(record, fields) for asked, record in found.items()}

    def find(
        self, object_type: str, field_name: str, values: Sequence[str], fields: Sequence[str]
    ) -> dict[str, list[Record]]:
        """Return real records and those that would have been created by now."""
        real = self._connector.find(object_type, field_name, values, _there(fields))
        found = {value: [_filled(r, fields) for r in records] for value, records in real.items()}
        for value, record in self._shadow.found(self._side, field_name, values):
            found.setdefault(value, []).append(record)
        return found


def foreseen(item: PlanItem, pair: Mapping[Side, Connector], config: SyncConfig) -> PlanItem:
    """Return a planned pair as it would end, where a system can say now that it would refuse it.

    `pair` are the connectors themselves, without anything around them.
    """
    if item.decision.action is not Action.CREATE:
        return item
    for side, values in item.decision.patches.items():
        connector = pair[side]
        if isinstance(connector, Foreseeing):
            known = {name: values[name] for name in _there(list(values))}
            error = connector.refusal(config.side(side).object_type, CreateItem("", known))
            if error is not None:
                failed = Decision(Action.FAIL, error.reason, LinkState.FAILING, error.detail)
                return replace(item, decision=failed)
    return item


def around(pair: Mapping[Side, Connector], shadow: Shadow) -> Mapping[Side, Connector]:
    """Wrap both connectors of an object sync."""
    return {
        side: cast(Connector, ShadowConnector(connector, side, shadow))
        for side, connector in pair.items()
    }


def _there(fields: Sequence[str]) -> list[str]:
    return [name for name in fields if not name.startswith(NEW)]


def _filled(record: Record, fields: Sequence[str]) -> Record:
    missing: dict[str, Value] = {name: BLANK for name in fields if name.startswith(NEW)}
    return replace(record, values={**record.values, **missing}) if missing else record
