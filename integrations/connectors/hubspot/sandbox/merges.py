"""Merging two records into a third one.

Since 2025-01-14 the survivor has a new id; the values of the primary win and the other fills
blanks (HubSpot changelog, "updated merge functionality for contacts and companies"). The old
ids answer for the survivor. What webhooks tell about it is as seen in real traffic, 2026-09.
"""

from .account import Account
from .derived import derive
from .errors import ApiError, bad_request
from .kinds import COMPANIES, CONTACTS, Kind
from .links import LinkChange
from .records import Change, Record, Source
from .times import iso
from .writes import HISTORY_KEPT, announce_links, follow_primaries

MAX_IDENTITIES = 250
MERGED = "MERGE_OBJECTS"
"""The source of merged values in property history; the name is a guess, no capture shows one."""
_OWN = frozenset(("hs_object_id", "createdate", "hs_createdate", "hs_merged_object_ids"))


def merge(
    account: Account, kind: Kind, primary: Record, other: Record, source: Source, at: int
) -> Record:
    """Merge two live records and return the survivor; raises ApiError."""
    if primary.id == other.id:
        raise bad_request("Cannot merge an object with itself")
    store = account.stores[kind.plural]
    ids = _merged_ids(primary) + _merged_ids(other)
    if len(ids) > MAX_IDENTITIES:
        raise ApiError(414, "Cannot have more than 250 identities on a profile")
    survivor_id = store.new_id()
    filled, moved = _values(account, kind, primary, other, at)
    filled |= {
        "hs_object_id": str(survivor_id),
        "hs_merged_object_ids": ";".join(map(str, ids)),
        "hs_lastmodifieddate": iso(at),
        kind.modified: iso(at),
    }
    if kind is CONTACTS:
        filled["hs_calculated_merged_vids"] = f"{primary.id}:{at};{other.id}:{at}"
        filled["hs_all_contact_vids"] = ";".join(map(str, [*ids, survivor_id]))
    news = {name: value for name, value in filled.items() if value != primary.get(name)}
    log = [*primary.log, Change(at, source._replace(kind=MERGED), news)][-HISTORY_KEPT:]
    survivor = Record(survivor_id, filled, min(primary.created, other.created), at, None, log)
    for old in (primary, other):
        store.remove(old)
        store.aliases[old.id] = survivor_id
        account.indexes[kind.plural].drop(old.id, at)
    store.add(survivor)
    account.indexes[kind.plural].put(survivor, at)
    changes: list[LinkChange] = []
    for old in (primary, other):
        changes += account.links.move(kind.plural, old.id, survivor_id)
    follow_primaries(account, changes, at)
    if account.behaviour.merge_sends_associations:
        announce_links(account, changes, source, at)
    _tell(account, kind, (primary.id, other.id, survivor_id), moved, source, at)
    return survivor


def _values(
    account: Account, kind: Kind, primary: Record, other: Record, at: int
) -> tuple[dict[str, str], int]:
    """Return the survivor's values and how many of them came from the other record."""
    gained = {
        name: value
        for name, value in other.properties.items()
        if name not in primary.properties and name not in _OWN
    }
    values = {**primary.properties, **gained}
    values["createdate"] = iso(min(primary.created, other.created))
    if kind is CONTACTS:
        _join(values, "hs_additional_emails", "email", primary, other)
    elif kind is COMPANIES:
        _join(values, "hs_additional_domains", "domain", primary, other)
    computed = derive(account, kind, values)
    return {name: value for name, value in {**values, **computed}.items() if value}, len(gained)


def _join(values: dict[str, str], listed: str, single: str, primary: Record, other: Record) -> None:
    """Keep every address of both records: one in its own property, the rest in the list."""
    every = [
        part
        for record in (primary, other)
        for part in (record.get(single), *record.get(listed).split(";"))
        if part and part != values.get(single)
    ]
    values[listed] = ";".join(dict.fromkeys(every))


def _merged_ids(record: Record) -> list[int]:
    before = record.get("hs_merged_object_ids")
    return [*(int(part) for part in before.split(";") if part), record.id]


def _tell(
    account: Account,
    kind: Kind,
    ids: tuple[int, int, int],
    moved: int,
    source: Source,
    at: int,
) -> None:
    primary_id, other_id, survivor_id = ids
    details = {
        "objectId": survivor_id,
        "primaryObjectId": primary_id,
        "mergedObjectIds": [other_id],
        "newObjectId": survivor_id,
        "numberOfPropertiesMoved": moved,
    }
    account.notify("merge", kind, source, at, details)
    for gone in (primary_id, other_id):
        account.notify("deletion", kind, source, at, {"objectId": gone, "changeFlag": "DELETED"})
    if account.behaviour.merge_sends_creation:
        account.notify("creation", kind, source, at, {"objectId": survivor_id, "changeFlag": "NEW"})
