"""Groups of addresses: finding and making one, who is in it, and putting somebody in.

The old interface can tell who is in a group, but not put anybody into a plain one: that is done
through version 3 of customers, or, for groups of the kind "verband", by the address itself. Where
neither is possible the pairs themselves stand for the group.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Final

from integrations.connectors.xentral.errors import NoRoute
from integrations.connectors.xentral.fields import GROUP, JsonObject, group_field
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
from integrations.engine.errors import (
    ConfigInvalid,
    MissingScope,
    NotFound,
    Rejected,
    ReplyLost,
    SyncError,
)

V3: Final = "v3"
VERBAND: Final = "verband"
OWN: Final = "own"
PLAIN: Final = "gruppe"
FEW: Final = 3
"""So many addresses are asked for one by one; for more the whole group is listed."""
KEEP_SECONDS: Final = 30.0
"""How long a listed group is used again, at most: it is forgotten when another pass begins."""
_ONE_ONLY: Final = "From outside Xentral keeps an address in one group of the kind “Verband” only."
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
        self._alive: set[str] = set()
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
        found = {one: self._of_one(one, wanted) for one in ids}
        for group in wanted:
            if not any(groups[group] for groups in found.values()):
                self._must_be_there(group)
        return found

    def _of_one(self, address_id: str, wanted: Sequence[str]) -> Mapping[str, bool]:
        found = self.of(address_id)
        return {group: group in found for group in wanted}

    def forget(self) -> None:
        """List groups anew: what is asked from now on may have changed since."""
        self._listed.clear()
        self._alive.clear()

    def of(self, address_id: str) -> frozenset[str]:
        """Return the ids of the groups that one address is in."""
        parsed = self._legacy.action("AdresseGruppenList", {"adresse": int(address_id)})
        return frozenset(id_of(row["id"]) for row in found_under(parsed, "gruppe", "gruppen"))

    def _members(self, group: str) -> set[str]:
        at, members = self._listed.get(group, (0.0, None))
        if members is None or self._clock() - at > KEEP_SECONDS:
            row = self._existing(group)
            asked = {"gruppen": {"kennziffer": text_of(row.get("kennziffer"))}}
            parsed = self._legacy.action("AdresseListeGet", asked)
            rows = found_under(parsed, "adresse", "adressen", "item", "items", "data")
            members = {id_of(each["id"]) for each in rows}
            self._listed[group] = (self._clock(), members)
        return members

    def _must_be_there(self, group: str) -> None:
        """Raise ConfigInvalid where a group is gone; costs a call once per pass."""
        if group in self._alive:
            return
        with suppress(NoRoute, MissingScope):  # Who may not look at groups cannot tell.
            self._existing(group)
        self._alive.add(group)

    def _existing(self, group: str) -> JsonObject:
        row = self._legacy.one(GROUPS, group)
        if row is None:
            # Read as an empty one it would freeze every pair.
            raise ConfigInvalid(
                f"The group of contacts (number {group}) is not in Xentral any more. Press “Check "
                "again” to find or make it: all synced contacts are put into it then."
            )
        return row

    # ------------------------------------------------------------ joining and staying

    def tried(self, address_id: str, wishes: Mapping[str, str]) -> dict[str, bool]:
        """Put a new address into groups; tells which it is in then.

        An error is not one of the making, which must not be repeated: the address is in none yet,
        so the engine looks at it again and meets the error, if it lasts, when it changes it.
        """
        try:
            return self.join(address_id, wishes, new=True)
        except SyncError:
            return dict.fromkeys(wishes, False)

    def added(self, address_id: str, wishes: Mapping[str, str]) -> dict[str, bool]:
        """Put an address that was there into groups; a refusal names their fields."""
        try:
            return self.join(address_id, wishes, new=False)
        except (Rejected, NotFound) as error:
            raise Rejected(
                f"It could not be put into the group: {error.detail}",
                system_code=error.system_code,
                fields=tuple(map(group_field, wishes)),
            ) from None

    def join(self, address_id: str, wishes: Mapping[str, str], *, new: bool) -> dict[str, bool]:
        """Put an address into groups, by the mode of each; tells which it is in then."""
        by_v3 = [group for group, mode in wishes.items() if mode == V3]
        if by_v3:
            held = () if new else self._present.groups_of(address_id)
            self._present.set_groups(address_id, dict.fromkeys((*held, *by_v3)))
        for group, mode in wishes.items():
            if mode == VERBAND:
                if not new and set(self._associations(self.of(address_id))) - {group}:
                    raise Rejected(f"{_ONE_ONLY} It is in another one already.")
                self._legacy.update(ADDRESS_WRITES, address_id, {"verband": int(group)})
        joined = {group: mode in (V3, VERBAND) for group, mode in wishes.items()}
        for group, is_in in joined.items():
            if is_in and group in self._listed:
                self._listed[group][1].add(address_id)
        return joined

    def change(self, address_id: str, body: Mapping[str, object]) -> JsonObject:
        """Change an address so that it stays in its groups of kind "verband"; returns its row.

        A PUT without one of them ends all such memberships, and with one all others: these are
        given back by version 3, and where that cannot be done nothing is written. Costs a call
        only where such groups exist.
        """
        held = self._associations(self.of(address_id)) if self._has_associations() else []
        every = self._told_by_v3(address_id) if len(held) > 1 else ()
        if len(held) > 1 and not set(held) <= set(every):
            raise Rejected(
                f"{_ONE_ONLY} It is in several, so nothing is changed. Leave it in one of them, or "
                "enable version 3 of customers for the token."
            )
        kept = {VERBAND: int(held[0])} if held else {}
        row = self._legacy.update(ADDRESS_WRITES, address_id, {**body, **kept})
        if every:
            self._give_back(address_id, every)
        return row

    def _has_associations(self) -> bool:
        if self._verbaende is None:
            listing = Listing(GROUPS, (("art", VERBAND),), MOST)
            self._verbaende = frozenset(id_of(row["id"]) for row in self._legacy.every(listing))
        return bool(self._verbaende)

    def _associations(self, groups: Iterable[str]) -> list[str]:
        known = self._verbaende if self._has_associations() else None
        return sorted(set(groups) & (known or frozenset()), key=int)

    def _told_by_v3(self, address_id: str) -> tuple[str, ...]:
        if not self._present.client.has_token:
            return ()
        try:
            return self._present.groups_of(address_id)
        except (MissingScope, NotFound, NoRoute, Rejected):
            return ()

    def _give_back(self, address_id: str, groups: Sequence[str]) -> None:
        try:
            self._present.set_groups(address_id, groups)
        except SyncError as error:
            raise ReplyLost(
                "It was changed, and Xentral ended all but one of its groups of the kind “Verband”."
                f" Put it back into those of the numbers {', '.join(groups)}: {error.detail}"
            ) from None
