"""Records as the API shows them, and the look-up of the record a request names.

Source: HubSpot docs, "using object APIs", 2026-03-30; shapes of answers as seen in captures.
"""

from collections.abc import Iterable, Sequence

from integrations.connectors.sandbox_kit import JsonObject

from .account import Account
from .call import Call
from .errors import bad_request, not_found
from .kinds import Kind, kind_named
from .links import default_type
from .records import Change, Record
from .times import iso

SHOWN_PARTNERS = 100


def shown_names(account: Account, kind: Kind, requested: Sequence[str]) -> list[str]:
    """Return the properties an answer holds: those asked for plus id and dates, or the default."""
    if not requested:
        return list(kind.returned)
    return account.catalogs[kind.plural].known([*requested, *kind.system])


def view(account: Account, kind: Kind, record: Record, names: Iterable[str]) -> JsonObject:
    """Return a record with the named properties; a missing value is null."""
    get = record.properties.get
    shown: JsonObject = {
        "id": str(record.id),
        "properties": {name: get(name) for name in names},
        "createdAt": iso(record.created),
        "updatedAt": iso(record.updated),
        "archived": record.archived is not None,
        "url": f"https://{account.ui_domain}/contacts/{account.portal_id}"
        f"/record/{kind.type_id}/{record.id}",
    }
    if record.archived is not None:
        shown["archivedAt"] = iso(record.archived)
    return shown


def write_view(account: Account, kind: Kind, record: Record, changed: Iterable[str]) -> JsonObject:
    """Return the answer to a write: changed properties and a few of the system's."""
    names = account.catalogs[kind.plural].known([*changed, *kind.system])
    return view(account, kind, record, names)


def history(record: Record, names: Iterable[str]) -> JsonObject:
    """Return the versions of properties, newest first."""
    return {
        name: [
            _version(change, change.values[name])
            for change in reversed(record.log)
            if name in change.values
        ]
        for name in names
    }


def _version(change: Change, value: str) -> JsonObject:
    source = change.source
    shown: JsonObject = {
        "value": value,
        "timestamp": iso(change.at),
        "sourceType": source.kind,
        "sourceId": source.id,
    }
    if source.label:
        shown["sourceLabel"] = source.label
    if source.id.startswith("userId:"):
        shown["updatedByUserId"] = int(source.id.removeprefix("userId:"))
    return shown


def association_view(account: Account, kind: Kind, record: Record, types: list[str]) -> JsonObject:
    """Return the partners of a record; one partner appears once per association type.

    How long the list may get before it is cut is not documented: 100 is a guess.
    """
    shown: JsonObject = {}
    for other in map(kind_named, types):
        pair = (kind.plural, other.plural)
        name = f"{kind.singular}_to_{other.singular}"
        live = account.stores[other.plural]
        results = [
            {
                "id": str(to_id),
                "type": f"{name}_unlabeled" if type_id == default_type(pair) else name,
            }
            for to_id, type_ids in sorted(account.links.of(pair, record.id).items())
            if live.find(to_id)
            for type_id in sorted(type_ids)
        ]
        if results:
            shown[other.plural] = {"results": results[:SHOWN_PARTNERS]}
        if len(results) > SHOWN_PARTNERS:
            after = results[SHOWN_PARTNERS]["id"]
            shown[other.plural]["paging"] = {"next": {"after": after}}
    return shown


def find_record(call: Call, kind: Kind, given: str, *, archived: bool = False) -> Record:
    """Return the record a path names, by id (old ids too) or by `idProperty`; else 404."""
    id_property = call.request.first("idProperty")
    if id_property and id_property != "hs_object_id":
        record = by_unique(call.account, kind, id_property, given)
    elif given.isdecimal():
        record = call.account.stores[kind.plural].find(int(given), archived=archived)
    else:
        raise bad_request(f"{given} is not a valid object id: object ids are numeric")
    if record is None:
        raise not_found()
    return record


def by_unique(account: Account, kind: Kind, name: str, value: str) -> Record | None:
    """Return the live record that holds a unique value; raises ApiError 400 if it is not unique."""
    store = account.stores[kind.plural]
    if name not in store.unique:
        raise bad_request(f"Property {name} of {kind.plural} does not hold unique values")
    wanted = value.strip().lower() if name == "email" else value.strip()
    owner = store.owner_of(name, wanted)
    return None if owner is None else store.find(owner)
