"""The calls on single records and the list call. Batches and search have modules of their own.

Source: HubSpot docs, "using object APIs", 2026-03-30.
"""

from typing import TYPE_CHECKING

from integrations.connectors.sandbox_kit import JsonObject, SandboxResponse, empty, json_response

from . import writes
from .call import Call
from .errors import bad_request
from .kinds import CONTACTS, Kind, kind_named
from .links import Pair, pair_of
from .merges import merge
from .records import Record
from .validation import check_create, check_update
from .views import association_view, find_record, history, shown_names, view, write_view

if TYPE_CHECKING:
    from .server import HubSpotSandbox

BASES = ("/crm/objects/2026-09", "/crm/objects/2026-03", "/crm/v3/objects")
LIST_MOST, HISTORY_MOST = 100, 50
Wanted = tuple[Pair, int, int]
"""An association to make: the pair of types, the partner and the type id."""


class ObjectsApi:
    """Handlers of list, create, read, update, archive, merge and gdpr-delete."""

    def __init__(self, sandbox: "HubSpotSandbox") -> None:
        for base in BASES:
            one = f"{base}/{{object_type}}"
            sandbox.api("GET", one, self.list)
            sandbox.api("POST", one, self.create)
            sandbox.api("GET", f"{one}/{{record_id}}", self.read)
            sandbox.api("PATCH", f"{one}/{{record_id}}", self.update)
            sandbox.api("DELETE", f"{one}/{{record_id}}", self.archive)
            sandbox.api("POST", f"{one}/merge", self.merge)
            sandbox.api("POST", f"{one}/gdpr-delete", self.forget)

    def list(self, call: Call, object_type: str) -> SandboxResponse:
        """GET P: pages by id, live or archived records, never both."""
        kind = kind_named(object_type)
        call.need(kind, "read")
        with_history = call.names("propertiesWithHistory")
        limit = call.number("limit", 10, HISTORY_MOST if with_history else LIST_MOST) or 10
        after = call.number("after", 0, 10**18)
        archived = call.flag("archived")
        names = shown_names(call.account, kind, call.names("properties") + with_history)
        store = call.account.stores[kind.plural]
        found, following = store.page(after, limit, archived=archived)
        body: JsonObject = {
            "results": [_expanded(call, kind, record, names, with_history) for record in found]
        }
        if following is not None:
            link = f"https://api.hubapi.com/crm/v3/objects/{kind.plural}?after={following}"
            body["paging"] = {"next": {"after": str(following), "link": link}}
        return json_response(body)

    def create(self, call: Call, object_type: str) -> SandboxResponse:
        """POST P: 201 with the new record."""
        kind = kind_named(object_type)
        call.need(kind, "write")
        body = call.json()
        properties = call.member(body, "properties", dict)
        wanted = wanted_links(call, kind, body)
        values = check_create(call.account, kind, properties, enforce=call.enforces)
        record = writes.create(call.account, kind, values, call.source, call.at)
        associate(call, record, wanted)
        location = f"https://api.hubapi.com{call.request.path}/{record.id}"
        return json_response(
            write_view(call.account, kind, record, values), 201, {"Location": location}
        )

    def read(self, call: Call, object_type: str, record_id: str) -> SandboxResponse:
        """GET P/{id}: an id that was merged away answers with the survivor."""
        kind = kind_named(object_type)
        call.need(kind, "read")
        record = find_record(call, kind, record_id, archived=call.flag("archived"))
        with_history = call.names("propertiesWithHistory")
        names = shown_names(call.account, kind, call.names("properties") + with_history)
        return json_response(_expanded(call, kind, record, names, with_history))

    def update(self, call: Call, object_type: str, record_id: str) -> SandboxResponse:
        """PATCH P/{id}: null does nothing, "" clears."""
        kind = kind_named(object_type)
        call.need(kind, "write")
        properties = call.member(call.json(), "properties", dict)
        record = find_record(call, kind, record_id)
        changed = check_update(call.account, kind, record, properties)
        writes.update(call.account, kind, record, changed, call.source, call.at)
        return json_response(write_view(call.account, kind, record, properties))

    def archive(self, call: Call, object_type: str, record_id: str) -> SandboxResponse:
        """DELETE P/{id}: to the recycle bin."""
        kind = kind_named(object_type)
        call.need(kind, "write")
        record = find_record(call, kind, record_id)
        writes.archive(call.account, kind, record, call.source, call.at)
        return empty()

    def merge(self, call: Call, object_type: str) -> SandboxResponse:
        """POST P/merge: 200 with the survivor, which has a third id."""
        kind = kind_named(object_type)
        call.need(kind, "write")
        body = call.json()
        primary, other = (
            find_record(call, kind, call.member(body, name, str))
            for name in ("primaryObjectId", "objectIdToMerge")
        )
        survivor = merge(call.account, kind, primary, other, call.source, call.at)
        return json_response(view(call.account, kind, survivor, kind.returned))

    def forget(self, call: Call, object_type: str) -> SandboxResponse:
        """POST P/gdpr-delete: for good; contacts only."""
        kind = kind_named(object_type)
        call.need(kind, "write")
        if kind is not CONTACTS:
            raise bad_request(f"GDPR delete is not supported for {kind.plural}")
        body = call.json()
        store = call.account.stores[kind.plural]
        given = call.member(body, "objectId", str)
        if body.get("idProperty") == "email":
            given = str(store.owner_of("email", given.strip().lower()) or 0)
        record = find_record(call, kind, given)
        writes.forget(call.account, kind, record, call.source, call.at)
        return empty()


def wanted_links(call: Call, kind: Kind, body: JsonObject) -> list[Wanted]:
    """Return the associations a create body asks for; raises ApiError 400."""
    wanted = []
    for row in call.member(body, "associations", list, []):
        partner_id = call.id_of(row, "to")
        for spec in call.member(row, "types", list):
            type_id = call.member(spec, "associationTypeId", int)
            pair = pair_of(kind.plural, type_id)
            if pair is None or not partner_id.isdecimal():
                raise bad_request(f"Association type {type_id} to {partner_id} is not valid")
            wanted.append((pair, int(partner_id), type_id))
    return wanted


def associate(call: Call, record: Record, wanted: list[Wanted]) -> None:
    """Set associations of a new record; unknown partners are ignored."""
    for pair, partner_id, type_id in wanted:
        partner = call.account.stores[pair[1]].find(partner_id)
        if partner is not None:
            changes = call.account.links.add(pair, record.id, partner.id, {type_id})
            writes.tell_links(call.account, changes, call.source, call.at)


def _expanded(
    call: Call, kind: Kind, record: Record, names: list[str], with_history: list[str]
) -> JsonObject:
    shown = view(call.account, kind, record, names)
    if with_history:
        known = call.account.catalogs[kind.plural].known(with_history)
        shown["propertiesWithHistory"] = history(record, known)
    if types := call.names("associations"):
        partners = association_view(call.account, kind, record, types)
        if partners:
            shown["associations"] = partners
    return shown
