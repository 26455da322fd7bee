"""Who owns records on either side: HubSpot's owners joined with the target's people.

By the HubSpot id that the target keeps with a person first, then by e-mail. Entries are used by
rules through `tables`; which records a changed entry concerns is in `second_looks`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from integrations.engine.errors import ConfigInvalid, SyncError
from integrations.engine.extras import Marking, Person, Staffed
from integrations.engine.people import Matching, match
from integrations.engine.ports import Priority
from integrations.engine.specs import TableSpec
from integrations.models import Connection, Integration, Origin, TableEntry
from integrations.services import (
    audit,
    connectors,
    readiness,
    second_looks,
    tables,
    tenants,
)
from integrations.services.owner_report import Report, made
from integrations.services.owner_report import stored as made_of

TABLE: Final = tables.PEOPLE


def is_of_people(table: TableSpec) -> bool:
    """Tell whether a table joins people, not options of fields."""
    return table.key == TABLE


def has_owners(integration: Integration) -> bool:
    """Tell whether the integration joins owners at all."""
    return any(is_of_people(each) for each in connectors.spec_of(integration.system).tables)


def report(integration: Integration) -> Report:
    """Return who is joined with whom, who is not, and why, as both systems are now.

    Writes nothing. Raises ConfigInvalid for a system without owners, or the SyncError of asking.
    """
    owners, people = _both(integration)
    entries = _entries(integration)
    return made(owners, people, entries, match(owners, people, _taken(entries)), {})


def stored(integration: Integration) -> Report:
    """Return what is known without asking anybody."""
    return made_of(list(_entries(integration).values()))


def is_connected(integration: Integration) -> bool:
    """Tell whether owners were ever joined with people."""
    return TableEntry.objects.filter(integration=integration, table=TABLE).exists()


def connect(integration: Integration, user: AbstractBaseUser | None = None) -> Report:
    """Join owners with people, mark the newly joined in the target, and report the rest.

    What a person assigned or took away stays. Records that fell back to the default owner are
    looked at again. Marks are written after the audit entry that announces them; a mark whose
    answer is lost is found by the next connecting. Raises like `report`, or PermissionDenied.
    """
    if user is not None:
        tenants.require(user, integration.tenant, change=True)
    owners, people = _both(integration)
    with transaction.atomic():
        _lock(integration)
        before = tables.tables_of(integration)[TABLE]
        entries = _entries(integration)
        found = match(owners, people, _taken(entries))
        _store(integration, owners, people, found, entries)
        count = _look_again(integration, before)
        detail = f"{len(found.joined)} joined, {len(found.conflicts)} conflicts, {count} records"
        _tell(integration, "owners.connected", detail, user)
    failed = _mark(integration, found.marks, user)
    return made(owners, people, _entries(integration), found, failed)


def assign(
    integration: Integration, owner_id: str, person_id: str, user: AbstractBaseUser
) -> TableEntry:
    """Join an owner with a person by hand, or with nobody (""); no refresh changes that.

    Nobody: the default owner stands in for new records; records keep the owner they have. Raises
    ConfigInvalid for an unknown owner or person and for one who left, PermissionDenied, or the
    SyncError of asking.
    """
    tenants.require(user, integration.tenant, change=True)
    found = next((each for each in _people_of(integration) if each.id == person_id), None)
    if person_id and found is None:
        raise ConfigInvalid("The other system has no such person any more.")
    if found is not None and not found.active:
        # New records of this owner would be refused; as it stands they get the default owner.
        raise ConfigInvalid(
            f"{_name(found)} is not active any more: the default owner stands in. "
            "Choose somebody else."
        )
    with transaction.atomic():
        _lock(integration)
        rows = TableEntry.objects.filter(integration=integration, table=TABLE)
        row = rows.filter(hubspot_value=owner_id).first()
        if row is None:
            raise ConfigInvalid("This HubSpot owner is not known. Connect owners first.")
        before = tables.tables_of(integration)[TABLE]
        was = row.target_label or row.target_value or "nobody"
        row.target_value = person_id
        row.target_label = _name(found) if found else ""
        row.target_gone, row.origin = False, Origin.PERSON
        row.save()
        _look_again(integration, before)
        said = f"{row.hubspot_label or owner_id}: {was} → {row.target_label or 'nobody'}"
        _tell(integration, "owner.assigned", said, user)
    return row


def _both(integration: Integration) -> tuple[Sequence[Person], Sequence[Person]]:
    if not has_owners(integration):
        raise ConfigInvalid("This integration joins no owners.")
    return _people_at(integration.hubspot), _people_of(integration)


def _people_of(integration: Integration) -> Sequence[Person]:
    if integration.target is None:
        raise ConfigInvalid("The other system is not connected.")
    return _people_at(integration.target)


def _people_at(connection: Connection) -> Sequence[Person]:
    connector = connectors.open_connector(connection, priority=Priority.PERSON)
    if not isinstance(connector, Staffed):
        raise ConfigInvalid(f"{connection.system} does not tell who may own records.")
    return connector.people()


def _lock(integration: Integration) -> None:
    Integration.objects.select_for_update(no_key=True).get(pk=integration.pk)


def _entries(integration: Integration) -> dict[str, TableEntry]:
    rows = TableEntry.objects.filter(integration=integration, table=TABLE).order_by("order", "id")
    return {row.hubspot_value: row for row in rows}


def _taken(entries: Mapping[str, TableEntry]) -> dict[str, str]:
    """Return what is joined so far and stays: by a person's word, or found earlier."""
    by_person = {key for key, row in entries.items() if row.origin == Origin.PERSON}
    return {k: row.target_value for k, row in entries.items() if k in by_person or row.target_value}


def _store(
    integration: Integration,
    owners: Sequence[Person],
    people: Sequence[Person],
    found: Matching,
    entries: Mapping[str, TableEntry],
) -> None:
    """Store an entry per owner; those who left HubSpot keep theirs and are marked as gone."""
    known = {person.id: person for person in people}
    current = {owner.id: owner for owner in owners}
    # Active owners come first: they are the way back for a person with several.
    ordered = sorted(owners, key=lambda owner: (not owner.active, _name(owner).casefold()))
    for place, owner in enumerate(ordered):
        row = entries.get(owner.id) or TableEntry(
            tenant_id=integration.tenant_id,
            integration=integration,
            table=TABLE,
            hubspot_value=owner.id,
        )
        row.hubspot_label, row.hubspot_gone, row.order = _name(owner), not owner.active, place
        if owner.id in found.joined:
            row.target_value = found.joined[owner.id]
        if row.target_value:
            person = known.get(row.target_value)
            row.target_gone = person is None or not person.active
            row.target_label = _name(person) if person else row.target_label
        row.save()
    gone = [row.pk for key, row in entries.items() if key not in current]
    TableEntry.objects.filter(pk__in=gone).update(hubspot_gone=True)


def _name(person: Person) -> str:
    return (person.name or person.email or person.id)[:300]


def _look_again(integration: Integration, before: tables.Table) -> int:
    former = tables.former_stand_ins(integration, TABLE)
    changes = second_looks.changes_of(before, tables.tables_of(integration)[TABLE], former)
    return second_looks.ask(integration, TABLE, changes)


def _mark(
    integration: Integration, marks: Mapping[str, str], user: AbstractBaseUser | None
) -> dict[str, str]:
    """Write marks by person id; returns by person id what went wrong."""
    if not marks or integration.target is None or readiness.lack_of(integration):
        return {}
    connector = connectors.open_connector(integration.target, priority=Priority.PERSON)
    if not isinstance(connector, Marking):
        return {}
    said = ", ".join(f"{person} = {owner}" for person, owner in sorted(marks.items()))
    _tell(integration, "owners.marking", said, user)
    try:
        failed = {key: e.detail for key, e in connector.mark_people(marks).items() if e}
    except SyncError as error:
        failed = dict.fromkeys(marks, error.detail)
    if failed:
        detail = "; ".join(f"{key}: {sentence}" for key, sentence in sorted(failed.items()))
        _tell(integration, "owners.mark_failed", detail, user)
    return failed


def _tell(
    integration: Integration, action: str, detail: str, user: AbstractBaseUser | None
) -> None:
    audit.record(
        integration.tenant, action, user=user, integration=integration, detail=detail[:1000]
    )
