"""What a person signed in to a HubSpot account does by hand: the UI without its screens.

Changes made here come from `CRM_UI`, so webhooks and history tell them from API writes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from . import boards, writes
from .account import Account, Owner, User
from .catalog import Definition
from .errors import bad_request, not_found
from .kinds import CONTACTS, Kind, kind_named
from .links import default_type, primary_type
from .merges import merge
from .records import Record, Source
from .refusals import Refusal
from .times import to_ms
from .validation import check_create, check_update

if TYPE_CHECKING:
    from .server import HubSpotSandbox

Properties = Mapping[str, object]


class Person:
    """One admin of one account. Ids go in and out as strings; errors are ApiError."""

    def __init__(self, sandbox: "HubSpotSandbox", account: Account) -> None:
        self.state = account
        self._sandbox = sandbox
        self._source = Source("CRM_UI", f"userId:{account.users[0].id}")

    def create(
        self, object_type: str, properties: Properties, added: datetime | None = None
    ) -> str:
        """Create a record and return its id; `added`: as if that had been at another time."""
        kind = kind_named(object_type)
        with self._sandbox.lock:
            email = str(properties.get("email") or "").strip().lower()
            if email and email in self.state.blocked_emails:
                raise bad_request(f"{email} was deleted for privacy reasons")
            values = check_create(self.state, kind, properties, person=True)
            at = self._at() if added is None else to_ms(added)
            return str(writes.create(self.state, kind, values, self._source, at).id)

    def create_many(self, object_type: str, rows: Sequence[Properties]) -> list[str]:
        """Create records one after the other and return their ids."""
        return [self.create(object_type, row) for row in rows]

    def edit(self, object_type: str, record_id: str, properties: Properties) -> None:
        """Change a record; the lifecycle stage may go backwards too."""
        with self._sandbox.lock:
            kind, record = self._find(object_type, record_id)
            changed = check_update(self.state, kind, record, properties, person=True)
            writes.update(self.state, kind, record, changed, self._source, self._at())

    def read(self, object_type: str, record_id: str) -> dict[str, str]:
        """Return the values of a live record; an old id answers for the survivor."""
        with self._sandbox.lock:
            return dict(self._find(object_type, record_id)[1].properties)

    def delete(self, object_type: str, record_id: str) -> None:
        """Move a record to the recycle bin."""
        with self._sandbox.lock:
            kind, record = self._find(object_type, record_id)
            writes.archive(self.state, kind, record, self._source, self._at())

    def restore(self, object_type: str, record_id: str) -> None:
        """Bring a record back from the recycle bin."""
        with self._sandbox.lock:
            kind, record = self._find(object_type, record_id, archived=True)
            writes.restore(self.state, kind, record, self._source, self._at())

    def forget(self, object_type: str, record_id: str) -> None:
        """Delete a record for good (GDPR)."""
        with self._sandbox.lock:
            kind, record = self._find(object_type, record_id)
            writes.forget(self.state, kind, record, self._source, self._at())

    def merge(self, object_type: str, primary_id: str, other_id: str) -> str:
        """Merge two records and return the id of the survivor."""
        with self._sandbox.lock:
            kind, primary = self._find(object_type, primary_id)
            _, other = self._find(object_type, other_id)
            survivor = merge(self.state, kind, primary, other, self._source, self._at())
        return str(survivor.id)

    def associate(
        self, from_type: str, from_id: str, to_type: str, to_id: str, *, primary: bool = False
    ) -> None:
        """Associate two records, as primary company where asked."""
        with self._sandbox.lock:
            from_kind, one = self._find(from_type, from_id)
            to_kind, other = self._find(to_type, to_id)
            pair = (from_kind.plural, to_kind.plural)
            wanted = primary_type(pair) if primary else None
            types = {wanted or default_type(pair)}
            changes = self.state.links.add(pair, one.id, other.id, types)
            writes.tell_links(self.state, changes, self._source, self._at())

    def dissociate(self, from_type: str, from_id: str, to_type: str, to_id: str) -> None:
        """Remove every association of two records."""
        with self._sandbox.lock:
            from_kind, one = self._find(from_type, from_id)
            to_kind, other = self._find(to_type, to_id)
            changes = self.state.links.remove((from_kind.plural, to_kind.plural), one.id, other.id)
            writes.tell_links(self.state, changes, self._source, self._at())

    def partners(self, from_type: str, from_id: str, to_type: str) -> list[str]:
        """Return the ids of the live records that a record is associated with."""
        with self._sandbox.lock:
            from_kind, one = self._find(from_type, from_id)
            to_kind = kind_named(to_type)
            live = self.state.stores[to_kind.plural]
            found = self.state.links.of((from_kind.plural, to_kind.plural), one.id)
            return [str(partner) for partner in sorted(found) if live.find(partner)]

    def create_contact(self, properties: Properties) -> str:
        """Create a contact and return its id."""
        return self.create(CONTACTS.plural, properties)

    def edit_contact(self, contact_id: str, properties: Properties) -> None:
        """Change a contact."""
        self.edit(CONTACTS.plural, contact_id, properties)

    def contact(self, contact_id: str) -> dict[str, str]:
        """Return the values of a contact."""
        return self.read(CONTACTS.plural, contact_id)

    def delete_contact(self, contact_id: str) -> None:
        """Move a contact to the recycle bin."""
        self.delete(CONTACTS.plural, contact_id)

    def restore_contact(self, contact_id: str) -> None:
        """Bring a contact back from the recycle bin."""
        self.restore(CONTACTS.plural, contact_id)

    def forget_contact(self, contact_id: str) -> None:
        """Delete a contact for good (GDPR)."""
        self.forget(CONTACTS.plural, contact_id)

    def merge_contacts(self, primary_id: str, other_id: str) -> str:
        """Merge two contacts and return the id of the survivor."""
        return self.merge(CONTACTS.plural, primary_id, other_id)

    def primary_company(self, from_type: str, from_id: str) -> str:
        """Return the id of a contact's or deal's primary company, "" for none."""
        with self._sandbox.lock:
            kind, record = self._find(from_type, from_id)
            found = self.state.links.primary((kind.plural, "companies"), record.id)
            return "" if found is None else str(found)

    def add_owner(self, owner_id: str, email: str, *, archived: bool = False) -> None:
        """Add a user who can own records; an archived owner stays on records."""
        first, _, last = email.partition("@")[0].partition(".")
        with self._sandbox.lock:
            user = User(1000 + len(self.state.users), email, admin=False)
            self.state.users.append(user)
            owner = Owner(owner_id, email, first.title(), last.title(), user.id, archived)
            self.state.owners.append(owner)

    def change_owner(self, owner_id: str, *, archived: bool) -> None:
        """Deactivate a user, whose records keep their owner, or bring one back; raises KeyError."""
        with self._sandbox.lock:
            places = {owner.id: place for place, owner in enumerate(self.state.owners)}
            owner = self.state.owners[places[owner_id]]
            self.state.owners[places[owner_id]] = replace(owner, archived=archived)

    def refuse(
        self, object_type: str, name: str, value: str, message: str, *, status: int = 400
    ) -> None:
        """Let the account refuse a value to programs from now on; "*" is any value."""
        plural = kind_named(object_type).plural
        with self._sandbox.lock:
            self.state.refusals.append(Refusal(plural, name, value, message, status=status))

    def refuse_nothing(self) -> None:
        """Let every value be accepted again."""
        with self._sandbox.lock:
            self.state.refusals.clear()

    def add_pipeline(self, label: str, stages: Mapping[str, str], pipeline_id: str = "") -> str:
        """Add a deal pipeline with stages (id to label) and return its id."""
        with self._sandbox.lock:
            made = boards.add_pipeline(self.state, label, pipeline_id)
            for stage_id, stage in stages.items():
                boards.add_stage(self.state, made, stage, "0.5", stage_id=stage_id)
            return str(made["id"])

    def add_stage(self, pipeline_id: str, label: str, stage_id: str = "") -> str:
        """Add a stage to a pipeline and return its id."""
        with self._sandbox.lock:
            pipeline = boards.pipeline_of(self.state, pipeline_id)
            made = boards.add_stage(self.state, pipeline, label, "0.5", stage_id=stage_id)
            return str(made["id"])

    def rename_stage(self, pipeline_id: str, stage_id: str, label: str) -> None:
        """Give a stage another label; its id stays."""
        with self._sandbox.lock:
            boards.stage_of(boards.pipeline_of(self.state, pipeline_id), stage_id)["label"] = label

    def remove_stage(self, pipeline_id: str, stage_id: str) -> None:
        """Take a stage away, even from under its deals."""
        with self._sandbox.lock:
            pipeline = boards.pipeline_of(self.state, pipeline_id)
            boards.remove_stage(pipeline, boards.stage_of(pipeline, stage_id))

    def remove_pipeline(self, pipeline_id: str) -> None:
        """Take a pipeline away, even from under its deals."""
        with self._sandbox.lock:
            boards.remove_pipeline(self.state, boards.pipeline_of(self.state, pipeline_id))

    def add_choice(self, object_type: str, name: str, label: str, options: Sequence[str]) -> None:
        """Add a property with options, in the object's first group."""
        catalog = self.state.catalogs[kind_named(object_type).plural]
        made = Definition(name, label, "enumeration", "select", next(iter(catalog.groups)))
        made.options = [
            {"value": option, "label": option, "displayOrder": place, "hidden": False}
            for place, option in enumerate(options)
        ]
        made.created = made.updated = self._at()
        with self._sandbox.lock:
            catalog.definitions[name] = made

    def _find(
        self, object_type: str, record_id: str, *, archived: bool = False
    ) -> tuple[Kind, Record]:
        kind = kind_named(object_type)
        record = self.state.stores[kind.plural].find(int(record_id), archived=archived)
        if record is None:
            raise not_found()
        return kind, record

    def _at(self) -> int:
        return self._sandbox.now_ms()
