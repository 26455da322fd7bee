"""Companies and contacts between systems in memory, one of which can repoint. No tests here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from integrations.connectors import REGISTRY, Registration
from integrations.engine.config import MatchKey, MergePolicy, SideObject, SyncConfig
from integrations.engine.errors import SyncError
from integrations.engine.extras import Referrer
from integrations.engine.mapping import FieldRule
from integrations.engine.records import FieldType, Record, Side
from integrations.engine.specs import ConnectorSpec, ObjectSpec, SyncSpec
from integrations.models import (
    Connection,
    Hint,
    Lane,
    Merge,
    ObjectSync,
    RecordLink,
    Role,
    RunKind,
    SyncVersion,
)
from integrations.services import connectors, hints, lanes, runs, syncs, tenants
from integrations.services.hints import NewHint
from tests import factories
from tests.engine.world.parts import EPOCH
from tests.services.twin_kit import Listed

H, T = Side.HUBSPOT, Side.TARGET
COMPANIES = SyncConfig(
    hubspot=SideObject("companies"),
    target=SideObject("accounts", can_archive=True),
    rules=(FieldRule("domain", "site"), FieldRule("name", "title")),
    match_keys=(MatchKey("domain", "site"),),
    merge=MergePolicy.ARCHIVE,
    create_in=(H, T),
    version=1,
)
CONTACTS = SyncConfig(
    hubspot=SideObject("contacts"),
    target=SideObject("people", can_archive=True),
    rules=(
        FieldRule("email", "mail"),
        FieldRule(
            "@company", "account", FieldType.REFERENCE, reference="companies", single=True,
            clears=True,
        ),
    ),
    match_keys=(MatchKey("email", "mail"),),
    create_in=(H, T),
    version=1,
)  # fmt: skip
CONFIGS = {"companies": COMPANIES, "contacts": CONTACTS}
SPEC = ConnectorSpec(
    "firm",
    "Firm",
    objects=(ObjectSpec("accounts", "Account"), ObjectSpec("people", "Person")),
    syncs=(
        SyncSpec("companies", "companies", "accounts", lambda _s: COMPANIES, configurable=True),
        SyncSpec("contacts", "contacts", "people", lambda _s: CONTACTS, configurable=True),
    ),
)


def ids_in(system: Listed, record_id: str, name: str) -> tuple[str, ...]:
    """Return the ids that a field of a record names."""
    value = system.rows[record_id].values.get(name)
    return value if isinstance(value, tuple) else ()


class Child(Listed):
    """Records that point to others, which their system can be asked for too."""

    parents: Mapping[str, Listed]

    def fetch(
        self, object_type: str, ids: Sequence[str], fields: Sequence[str]
    ) -> Mapping[str, Record]:
        """Return records of either kind."""
        if object_type in self.parents:
            return self.parents[object_type].fetch(object_type, ids, fields)
        return super().fetch(object_type, ids, fields)


class Office(Listed):
    """HubSpot's companies, which know their contacts."""

    contacts: Listed

    def related(self, object_type: str, record_id: str, other: str) -> Sequence[str]:
        """Return the contacts of a company."""
        contacts = self.contacts
        return [i for i in contacts.live() if record_id in ids_in(contacts, i, "@company")]


class Plain(Listed):
    """A target that cannot say what points to a record."""

    people: Listed
    others: Listed
    refuses: SyncError | None = None
    loses: SyncError | None = None


class Books(Plain):
    """A target that can, and point it elsewhere. `refuses` refuses, `loses` loses its answers."""

    def referrers(self, object_type: str, record_id: str) -> Sequence[Referrer]:
        """Return people, notes (which are not mapped) and accounts that point to an account."""
        places = (
            ("people", self.people, "account"),
            ("notes", self.others, "about"),
            ("accounts", self, "parent"),
        )
        return [
            Referrer(kind, one, name)
            for kind, system, name in places
            for one in system.live()
            if record_id in ids_in(system, one, name)
        ]

    def repoint(
        self, found: Sequence[Referrer], to: str
    ) -> Sequence[tuple[Referrer, SyncError | None]]:
        """Let records point elsewhere."""
        systems = {"people": self.people, "notes": self.others, "accounts": self}
        if self.refuses is not None:
            return [(one, self.refuses) for one in found]
        for one in found:
            systems[one.object_type].edit(one.id, {one.field: (to,)})
            self.writes["repointed"] += 1
        return [(one, self.loses) for one in found]


class MergeKit:
    """Both syncs of Acme (Ada owns it, Vic may look), and short ways to fill, merge and run."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, target: type[Plain] = Books) -> None:
        self.companies = Office(H, ("domain", "name"))
        self.contacts = Child(H, ("email", "@company"))
        self.accounts = target(T, ("site", "title", "parent"))
        self.people, self.notes = Child(T, ("mail", "account")), Listed(T, ("about",))
        self.contacts.parents = {"companies": self.companies}
        self.people.parents = {"accounts": self.accounts}
        self.companies.contacts = self.contacts
        self.accounts.people, self.accounts.others = self.people, self.notes
        self.configs = dict(CONFIGS)
        monkeypatch.setitem(REGISTRY, "firm", Registration(SPEC, _none, ""))  # type: ignore[arg-type]
        monkeypatch.setattr(connectors, "open_pair", lambda row, *_args: self.pair(row))
        monkeypatch.setattr(connectors, "open_connector", self._open)
        monkeypatch.setattr(syncs, "config_of", lambda row: self.configs[row.key])
        self.ada, self.vic, self.bob = (
            User.objects.create_user(name, f"{name}@portal.test") for name in ("ada", "vic", "bob")
        )
        self.acme = tenants.create("Acme", owner=self.ada)
        tenants.set_role(self.acme, self.vic, Role.VIEWER, by=self.ada)
        self.bolt = tenants.create("Bolt", owner=self.bob)
        self.syncs = _syncs(self)

    def pair(self, row: ObjectSync) -> Mapping[Side, Listed]:
        """Return the systems of one sync."""
        if row.key == "companies":
            return {H: self.companies, T: self.accounts}
        return {H: self.contacts, T: self.people}

    def _open(self, connection: Connection, **_options: object) -> Listed:
        return self.companies if connection.system == "hubspot" else self.accounts

    def company(self, number: int, **values: str) -> str:
        """Create a company in HubSpot."""
        return self.companies.put({"domain": f"firm{number}.x", "name": f"Firm {number}", **values})

    def contact(self, number: int, company: str) -> str:
        """Create a contact of a company in HubSpot."""
        return self.contacts.put({"email": f"p{number}@x", "@company": (company,)})

    def note(self, account: str) -> str:
        """Create a note about an account, which no sync knows."""
        return self.notes.put({"about": (account,)})

    def merge(self, winner: str, loser: str) -> str:
        """Merge two companies; their contacts go along without a notice."""
        made = self.companies.merge(winner, loser)
        for one, row in self.contacts.rows.items():
            if {winner, loser} & set(ids_in(self.contacts, one, "@company")):
                row.values["@company"] = (made,)
        return made

    def two(self, contacts: int = 2) -> tuple[str, str]:
        """Create two linked companies, the second with contacts; returns their HubSpot ids."""
        one, two = self.company(1), self.company(2)
        for number in range(contacts):
            self.contact(number, two)
        self.load()
        return one, two

    def load(self) -> None:
        """Pass over everything."""
        for key in ("companies", "contacts"):
            runs.open_run(self.syncs[key], RunKind.RECONCILE)
            self.work()

    def work(self) -> None:
        """Let workers come by until both lanes rest."""
        for _turn in range(4):
            for row in self.syncs.values():
                lanes.work(row.pk, seconds=60)

    def look(self, *ids: str) -> None:
        """Let a worker look at companies, as a notice would ask for it."""
        row = self.syncs["companies"]
        hints.raise_hints(row.pk, [NewHint(H, one) for one in ids])
        self.work()

    def later(self) -> None:
        """Make every wait be over and let workers come by."""
        past = timezone.now() - timedelta(hours=1)
        Hint.objects.update(due_at=past)
        Merge.objects.exclude(due_at=None).update(due_at=past)
        ObjectSync.objects.update(not_before=None)
        self.work()

    def link(self, record_id: str, key: str = "companies") -> RecordLink:
        """Return the link that answers for a HubSpot id."""
        return RecordLink.objects.get(
            aliases__object_sync=self.syncs[key],
            aliases__side="hubspot",
            aliases__record_id=record_id,
        )

    def account(self, record_id: str) -> str:
        """Return the account of a company."""
        return self.link(record_id).target_id

    def row(self) -> Merge:
        """Return the only merge."""
        return Merge.objects.select_related("object_sync__integration", "kept", "loser").get()

    def use(self, key: str = "companies", **changes: object) -> None:
        """Publish other settings."""
        self.configs[key] = replace(self.configs[key], **changes)  # type: ignore[arg-type]

    def owners(self) -> set[str]:
        """Return the accounts that people point to."""
        people = self.people
        return {one for each in people.live() for one in ids_in(people, each, "account")}

    def writes(self) -> int:
        """Return how many writes all systems have seen."""
        systems = (self.companies, self.contacts, self.accounts, self.people)
        return sum(system.writes.total() for system in systems)


def _syncs(kit: MergeKit) -> dict[str, ObjectSync]:
    first = factories.object_sync(kit.acme)
    integration = first.integration
    assert integration.target is not None
    integration.system = integration.target.system = "firm"
    integration.target.save()
    integration.save()
    second = ObjectSync.objects.create(tenant=kit.acme, integration=integration, key="contacts")
    found = {"companies": first, "contacts": second}
    for key, row in found.items():
        row.key = key
        row.hubspot_object = kit.configs[key].hubspot.object_type
        row.target_object = kit.configs[key].target.object_type
        row.created_at = EPOCH
        row.version = row.version or SyncVersion.objects.create(
            object_sync=row, number=1, config={"settings": {}}
        )
        row.save()
    Lane.objects.get_or_create(object_sync=second)
    return found


def _none(*_args: object) -> None:
    raise AssertionError("The systems are opened by the kit.")
