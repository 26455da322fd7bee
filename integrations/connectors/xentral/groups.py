"""Groups of addresses: finding and making one, who is in it, and putting somebody in.

The old interface can tell who is in a group, but not put anybody into a plain one: that is done
through version 3 of customers, or, for groups of the kind "verband", by the address itself. Where
neither is possible the pairs themselves stand for the group.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from integrations.connectors.xentral.errors import NoRoute
from integrations.connectors.xentral.fields import GROUP, JsonObject
from integrations.connectors.xentral.legacy import (
    ADDRESS_WRITES,
    GROUPS,
    MOST,
    Legacy,
    Listing,
    found_under,
)
from integrations.connectors.xentral.payloads import id_of, text_of
from integrations.connectors.xentral.present import Present
from integrations.engine.errors import MissingScope

V3: Final = "v3"
VERBAND: Final = "verband"
OWN: Final = "own"
PLAIN: Final = "gruppe"
FEW: Final = 3
"""So many addresses are asked for one by one; for more the whole group is listed."""
KEEP_SECONDS: Final = 30.0
"""How long a listed group is used again, at most: it is forgotten when another pass begins."""
_OTHERS: Final = re.compile(r"[^A-Z0-9_-]+")
_UMLAUTS: Final = str.maketrans({"Ä": "AE", "Ö": "OE", "Ü": "UE"})


def short_name(name: str) -> str:
    """Return the unique short name of a group: capitals, digits, dash and underscore."""
    return _OTHERS.sub("-", name.strip().upper().translate(_UMLAUTS)).strip("-") or "HUBSPOT"


class Groups:
    """The groups of one instance. `clock` gives seconds, for ageing only."""

    def __init__(
        self, legacy: Legacy, present: Present, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._legacy, self._present, self._clock = legacy, present, clock
        self._listed: dict[str, tuple[float, set[str]]] = {}
        self._verbaende: frozenset[str] | None = None
        self._lists = True

    # ------------------------------------------------------------ the groups themselves

    def every(self) -> Sequence[JsonObject]:
        """Return all groups."""
        return list(self._legacy.every(Listing(GROUPS, size=MOST)))

    def named(self, name: str) -> JsonObject | None:
        """Return the group of a name, else the one with the short name made of it."""
        for query in (("name_exakt", name), ("kennziffer_exakt", short_name(name))):
            found = self._legacy.page(Listing(GROUPS, (query,), MOST), 1).rows
            if found:
                return found[0]
        return None

    def make(self, name: str) -> JsonObject:
        """Create a plain group."""
        body = {"name": name, "art": PLAIN, "kennziffer": short_name(name), "aktiv": "1"}
        return self._legacy.create(GROUPS, body)

    # ------------------------------------------------------------ who is in

    def memberships(
        self, ids: Sequence[str], names: Iterable[str]
    ) -> Mapping[str, Mapping[str, bool]]:
        """Return by address and group whether it is in, for the groups that field names name."""
        wanted = [name.removeprefix(GROUP) for name in names if name.startswith(GROUP)]
        if not wanted or not ids:
            return {}
        if len(ids) > FEW and self._lists:
            try:
                members = {group: self._members(group) for group in wanted}
            except (NoRoute, MissingScope):
                self._lists = False
            else:
                return {one: {group: one in members[group] for group in wanted} for one in ids}
        return {one: self._of_one(one, wanted) for one in ids}

    def _of_one(self, address_id: str, wanted: Sequence[str]) -> Mapping[str, bool]:
        found = self.of(address_id)
        return {group: group in found for group in wanted}

    def forget(self) -> None:
        """List groups anew: what is asked from now on may have changed since."""
        self._listed.clear()

    def of(self, address_id: str) -> frozenset[str]:
        """Return the ids of the groups that one address is in."""
        parsed = self._legacy.action("AdresseGruppenList", {"adresse": int(address_id)})
        return frozenset(id_of(row["id"]) for row in found_under(parsed, "gruppe", "gruppen"))

    def _members(self, group: str) -> set[str]:
        at, members = self._listed.get(group, (0.0, None))
        if members is None or self._clock() - at > KEEP_SECONDS:
            row = self._legacy.one(GROUPS, group) or {}
            asked = {"gruppen": {"kennziffer": text_of(row.get("kennziffer"))}}
            parsed = self._legacy.action("AdresseListeGet", asked) if row else {}
            rows = found_under(parsed, "adresse", "adressen", "item", "items", "data")
            members = {id_of(each["id"]) for each in rows}
            self._listed[group] = (self._clock(), members)
        return members

    # ------------------------------------------------------------ joining and staying

    def join(self, address_id: str, wishes: Mapping[str, str], *, new: bool) -> dict[str, bool]:
        """Put an address into groups, by the mode of each; tells which it is in then."""
        by_v3 = [group for group, mode in wishes.items() if mode == V3]
        if by_v3:
            held = () if new else self._present.groups_of(address_id)
            self._present.set_groups(address_id, dict.fromkeys((*held, *by_v3)))
        for group, mode in wishes.items():
            if mode == VERBAND:
                self._legacy.update(ADDRESS_WRITES, address_id, {"verband": int(group)})
        joined = {group: mode in (V3, VERBAND) for group, mode in wishes.items()}
        for group, is_in in joined.items():
            if is_in and group in self._listed:
                self._listed[group][1].add(address_id)
        return joined

    def kept_by(self, address_id: str) -> dict[str, object]:
        """Return what a change of an address has to hold so that it stays in its "verband".

        A PUT without it ends all such memberships. Costs a call only where such groups exist.
        """
        if self._verbaende is None:
            listing = Listing(GROUPS, (("art", VERBAND),), MOST)
            self._verbaende = frozenset(id_of(row["id"]) for row in self._legacy.every(listing))
        held = sorted(self.of(address_id) & self._verbaende, key=int) if self._verbaende else []
        return {VERBAND: int(held[0])} if held else {}
