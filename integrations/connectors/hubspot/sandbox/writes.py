"""The writes on records: create, update, archive, restore, forget, and what follows from them.

Values are already checked (see `validation`); merging lives in `merges`, HTTP elsewhere.
"""

from .account import Account
from .derived import derive, derives
from .kinds import COMPANIES, CONTACTS, Kind, kind_named
from .links import INVERSE, LinkChange, primary_type
from .records import Change, Record, Source
from .times import iso
from .validation import Values

HISTORY_KEPT = 45
COMPANY_OF_CONTACT = ("contacts", "companies")


def create(account: Account, kind: Kind, values: Values, source: Source, at: int) -> Record:
    """Store a new record and tell who listens."""
    store = account.stores[kind.plural]
    record_id = store.new_id()
    properties = {
        **values,
        **system_values(kind, record_id, source, at),
        **derive(account, kind, values),
    }
    if "createdate" in values:
        properties["createdate"] = values["createdate"]
    record = Record(record_id, properties, at, at, None, [Change(at, source, values)])
    store.add(record)
    account.indexes[kind.plural].put(record, at)
    account.notify("creation", kind, source, at, {"objectId": record_id, "changeFlag": "CREATED"})
    if account.behaviour.creation_sends_properties:
        _tell_values(account, kind, record_id, values, source, at)
    if kind is CONTACTS and account.behaviour.auto_companies:
        _find_company(account, record, at)
    return record


def system_values(kind: Kind, record_id: int, source: Source, at: int) -> Values:
    """Return the values HubSpot itself gives a new record."""
    now = iso(at)
    values = {
        "hs_object_id": str(record_id),
        "createdate": now,
        "hs_createdate": now,
        "hs_lastmodifieddate": now,
        kind.modified: now,
        "hs_object_source": source.kind,
        "hs_object_source_id": source.id,
        "hs_object_source_label": source.label or source.kind,
    }
    if kind is CONTACTS:
        values["hs_all_contact_vids"] = str(record_id)
    if source.id.startswith("userId:"):
        values["hs_created_by_user_id"] = source.id.removeprefix("userId:")
    return values


def update(
    account: Account, kind: Kind, record: Record, changed: Values, source: Source, at: int
) -> None:
    """Set values ("" clears) and tell who listens; an unchanged record stays untouched."""
    if not changed:
        return
    merged = {**record.properties, **changed}
    if derives(kind, changed):
        merged |= derive(account, kind, merged)
    touch(account, kind, record, merged, at)
    record.log.append(Change(at, source, changed))
    if len(record.log) > HISTORY_KEPT:
        del record.log[1]
    _tell_values(account, kind, record.id, changed, source, at)


def touch(account: Account, kind: Kind, record: Record, properties: Values, at: int) -> None:
    """Give a record new properties and a new modified instant, without events."""
    properties["hs_lastmodifieddate"] = properties[kind.modified] = iso(at)
    kept = {name: value for name, value in properties.items() if value}
    account.stores[kind.plural].replace(record, kept)
    record.updated = at
    account.indexes[kind.plural].put(record, at)


def archive(account: Account, kind: Kind, record: Record, source: Source, at: int) -> None:
    """Move a record to the recycle bin; its e-mail is free again."""
    store = account.stores[kind.plural]
    store.remove(record)
    record.archived = record.updated = at
    store.add(record)
    account.indexes[kind.plural].drop(record.id, at)
    account.notify("deletion", kind, source, at, {"objectId": record.id, "changeFlag": "DELETED"})


def restore(account: Account, kind: Kind, record: Record, source: Source, at: int) -> None:
    """Bring a record back from the recycle bin; values taken meanwhile are not claimed again."""
    store = account.stores[kind.plural]
    store.remove(record)
    for name in store.unique:
        if store.owner_of(name, record.get(name)) is not None:
            record.properties = {k: v for k, v in record.properties.items() if k != name}
    record.archived = None
    store.add(record)
    touch(account, kind, record, dict(record.properties), at)
    account.notify("restore", kind, source, at, {"objectId": record.id})


def forget(account: Account, kind: Kind, record: Record, source: Source, at: int) -> None:
    """Delete a record for good (GDPR) and keep its e-mail from being entered again."""
    account.stores[kind.plural].remove(record)
    account.links.forget(kind.plural, record.id)
    account.indexes[kind.plural].drop(record.id, at)
    if email := record.get("email"):
        account.blocked_emails.add(email)
    details = {"objectId": record.id, "changeFlag": "DELETED"}
    account.notify("privacyDeletion", kind, source, at, details)
    account.notify("deletion", kind, source, at, details)


def tell_links(account: Account, changes: list[LinkChange], source: Source, at: int) -> None:
    """Announce association changes and keep the contact's primary company in step."""
    announce_links(account, changes, source, at)
    follow_primaries(account, changes, at)


def announce_links(account: Account, changes: list[LinkChange], source: Source, at: int) -> None:
    """Tell who listens that associations were made or removed."""
    for change in changes:
        _announce_link(account, change, source, at)


def follow_primaries(account: Account, changes: list[LinkChange], at: int) -> None:
    """Let contacts whose primary company changed show it in their property."""
    primary = primary_type(COMPANY_OF_CONTACT)
    ways = {COMPANY_OF_CONTACT: primary, COMPANY_OF_CONTACT[::-1]: INVERSE[primary or 0]}
    moved = [change for change in changes if change.type_id == ways.get(change.pair)]
    ids = [c.from_id if c.pair == COMPANY_OF_CONTACT else c.to_id for c in moved]
    for contact_id in dict.fromkeys(ids):
        contact = account.stores["contacts"].find(contact_id)
        if contact is None:
            continue
        company = account.links.primary(COMPANY_OF_CONTACT, contact.id)
        value = "" if company is None else str(company)
        if value != contact.get("associatedcompanyid"):
            touch(
                account, CONTACTS, contact, {**contact.properties, "associatedcompanyid": value}, at
            )


def _announce_link(account: Account, change: LinkChange, source: Source, at: int) -> None:
    from_kind, to_kind = (kind_named(name) for name in change.pair)
    account.notify(
        "associationChange",
        from_kind,
        source,
        at,
        {
            "associationType": f"{from_kind.singular}_to_{to_kind.singular}".upper(),
            "fromObjectId": change.from_id,
            "toObjectId": change.to_id,
            "associationRemoved": change.removed,
            "isPrimaryAssociation": change.type_id == primary_type(change.pair),
            "fromObjectTypeId": from_kind.type_id,
            "toObjectTypeId": to_kind.type_id,
            "associationTypeId": change.type_id,
            "associationCategory": "HUBSPOT_DEFINED",
        },
    )


def _tell_values(
    account: Account, kind: Kind, record_id: int, values: Values, source: Source, at: int
) -> None:
    for name, value in values.items():
        account.notify(
            "propertyChange",
            kind,
            source,
            at,
            {"objectId": record_id, "propertyName": name, "propertyValue": value},
        )


def _find_company(account: Account, contact: Record, at: int) -> None:
    """Associate a contact with the company of its e-mail domain, as the portal setting does."""
    domain = contact.get("hs_email_domain")
    if not domain:
        return
    store = account.stores["companies"]
    source = Source("CRM_SETTING", "AutoCreateCompanies", "CRM_SETTING")
    company = next(
        (store.records[i] for i in store.live if store.records[i].get("domain") == domain), None
    ) or create(account, COMPANIES, {"domain": domain, "lifecyclestage": "lead"}, source, at)
    tell_links(
        account, account.links.add(COMPANY_OF_CONTACT, contact.id, company.id, {1}), source, at
    )
