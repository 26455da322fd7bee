"""Associations between records: which types join which ids. No HTTP, no webhooks.

Type ids: HubSpot docs, "associations guide", 2026-03-30.
"""

from typing import NamedTuple

from integrations.connectors.sandbox_kit import JsonObject

Pair = tuple[str, str]

_DEFAULT: dict[Pair, int] = {
    ("contacts", "companies"): 279,
    ("companies", "contacts"): 280,
    ("deals", "contacts"): 3,
    ("contacts", "deals"): 4,
    ("deals", "companies"): 341,
    ("companies", "deals"): 342,
    ("contacts", "contacts"): 449,
    ("companies", "companies"): 450,
    ("deals", "deals"): 451,
}
_PRIMARY: dict[Pair, int] = {
    ("contacts", "companies"): 1,
    ("companies", "contacts"): 2,
    ("deals", "companies"): 5,
    ("companies", "deals"): 6,
}
_INVERSE = {279: 280, 3: 4, 341: 342, 1: 2, 5: 6, 13: 14, 449: 449, 450: 450, 451: 451}
_PARENTS = {13: ("companies", "companies"), 14: ("companies", "companies")}
_PAIRS: dict[int, Pair] = {
    type_id: pair for table in (_DEFAULT, _PRIMARY) for pair, type_id in table.items()
} | _PARENTS
INVERSE = _INVERSE | {value: key for key, value in _INVERSE.items()}


def pair_of(plural: str, type_id: int) -> Pair | None:
    """Return the pair a type joins, seen from one object type; None if it joins no such pair."""
    pair = _PAIRS.get(type_id)
    return pair if pair is not None and pair[0] == plural else None


def default_type(pair: Pair) -> int:
    """Return the unlabeled type of a pair."""
    return _DEFAULT[pair]


def primary_type(pair: Pair) -> int | None:
    """Return the primary type of a pair, where there is one."""
    return _PRIMARY.get(pair)


def type_label(type_id: int) -> str | None:
    """Return the label the API shows for a type; unlabeled ones have none."""
    return "Primary" if type_id in _PRIMARY.values() else None


class LinkChange(NamedTuple):
    """One type that was set or taken away in one direction."""

    pair: Pair
    from_id: int
    to_id: int
    type_id: int
    removed: bool


class LinkGraph:
    """Every association of an account, kept in both directions."""

    def __init__(self) -> None:
        self.edges: dict[Pair, dict[int, dict[int, set[int]]]] = {}

    def of(self, pair: Pair, from_id: int) -> dict[int, set[int]]:
        """Return partner ids with their types."""
        return self.edges.get(pair, {}).get(from_id, {})

    def add(self, pair: Pair, from_id: int, to_id: int, types: set[int]) -> list[LinkChange]:
        """Set types on a pair of records; a primary brings the unlabeled one along."""
        changes: list[LinkChange] = []
        for type_id in sorted({*types, default_type(pair)}, reverse=True):
            if type_id in self.of(pair, from_id).get(to_id, ()):
                continue
            if type_id == primary_type(pair):
                changes += self._displace(pair, from_id, to_id)
            elif INVERSE[type_id] == primary_type(pair[::-1]):
                changes += self._displace(pair[::-1], to_id, from_id)
            changes += self._put(pair, from_id, to_id, type_id)
        return changes

    def remove(
        self, pair: Pair, from_id: int, to_id: int, types: set[int] | None = None
    ) -> list[LinkChange]:
        """Take types away from a pair; without types, or with the unlabeled one, all of them."""
        present = self.of(pair, from_id).get(to_id, set())
        gone = present if types is None or default_type(pair) in types else present & types
        changes: list[LinkChange] = []
        for type_id in sorted(gone):
            changes += self._take(pair, from_id, to_id, type_id)
        return changes

    def forget(self, plural: str, record_id: int) -> None:
        """Remove every association of a record."""
        for pair in list(self.edges):
            if pair[0] == plural:
                for other in list(self.of(pair, record_id)):
                    self.remove(pair, record_id, other)

    def move(self, plural: str, old: int, new: int) -> list[LinkChange]:
        """Hand the associations of one record to another, whose own primary company stays.

        A company hands on that it is the primary one of its contacts and deals.
        """
        changes: list[LinkChange] = []
        for pair in list(self.edges):
            if pair[0] != plural:
                continue
            own = primary_type(pair) if pair[1] == "companies" else None
            taken = own is not None and self.primary(pair, new) is not None
            for other, types in list(self.of(pair, old).items()):
                kept = types - {own} if taken else set(types)
                changes += self.remove(pair, old, other)
                if other != new:
                    changes += self.add(pair, new, other, {t for t in kept if t is not None})
        return changes

    def primary(self, pair: Pair, from_id: int) -> int | None:
        """Return the primary partner."""
        wanted = primary_type(pair)
        return next((to for to, types in self.of(pair, from_id).items() if wanted in types), None)

    def _displace(self, pair: Pair, from_id: int, keep: int) -> list[LinkChange]:
        """At most one primary company per contact and deal."""
        if pair[1] != "companies":
            return []
        before = self.primary(pair, from_id)
        if before is None or before == keep:
            return []
        return self._take(pair, from_id, before, _PRIMARY[pair])

    def _put(self, pair: Pair, from_id: int, to_id: int, type_id: int) -> list[LinkChange]:
        changes = []
        for way, a, b, t in _both(pair, from_id, to_id, type_id):
            self.edges.setdefault(way, {}).setdefault(a, {}).setdefault(b, set()).add(t)
            changes.append(LinkChange(way, a, b, t, removed=False))
        return changes

    def _take(self, pair: Pair, from_id: int, to_id: int, type_id: int) -> list[LinkChange]:
        changes = []
        for way, a, b, t in _both(pair, from_id, to_id, type_id):
            partners = self.edges.get(way, {}).get(a, {})
            partners.get(b, set()).discard(t)
            if not partners.get(b):
                partners.pop(b, None)
            changes.append(LinkChange(way, a, b, t, removed=True))
        return changes

    def dump(self) -> JsonObject:
        """Return the state as JSON-able data."""
        return {
            "edges": [
                [*pair, a, b, sorted(types)]
                for pair, rows in self.edges.items()
                for a, partners in rows.items()
                for b, types in partners.items()
            ]
        }

    def load(self, state: JsonObject) -> None:
        """Replace the state by one that `dump` returned."""
        self.edges = {}
        for one, other, a, b, types in state["edges"]:
            self.edges.setdefault((one, other), {}).setdefault(a, {})[b] = set(types)


def _both(
    pair: Pair, from_id: int, to_id: int, type_id: int
) -> tuple[tuple[Pair, int, int, int], tuple[Pair, int, int, int]]:
    back = (pair[1], pair[0])
    return (pair, from_id, to_id, type_id), (back, to_id, from_id, INVERSE[type_id])
