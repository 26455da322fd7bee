"""Thena in a history: accounts and contacts that its users edit, assign and delete."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

from django.utils import timezone

from integrations.connectors.sandbox_kit import Sandbox
from integrations.connectors.thena.sandbox.errors import ApiError
from integrations.engine.config import ExitRule, SyncConfig
from integrations.engine.filters import Condition, Filter, Operator
from integrations.engine.mapping import ConflictPolicy
from integrations.engine.records import Side
from integrations.models import Connection, Integration
from integrations.services import hook_calls
from tests.services.thena_stage import THENA_HOSTS, ThenaStage
from tests.world.places.place import Act, Edit, Place, in_step

if TYPE_CHECKING:
    from tests.world.people import People
    from tests.world.town import Town

TEXTS = ("short", "a longer remark", "")


class Thena(Place):
    """Acme's Thena, with the portal's app installed in it."""

    system = "thena"
    keys = ("companies", "contacts")
    heard = {
        "contacts": ("firstname", "lastname", "email", "phone"),
        "companies": ("name", "domain", "description", "website"),
    }
    hosts = THENA_HOSTS
    refusals = (ApiError,)
    reads = r"filter/ids|filter/primary-domains|incoming-webhook"
    stage: ThenaStage

    def __init__(self) -> None:
        self.stage = ThenaStage()
        self.agent = self.stage.agent

    @property
    def sandbox(self) -> Sandbox:
        """Return the stand-in."""
        return self.stage.thena

    def connect(self) -> Integration:
        """Connect Thena and install the portal's app."""
        integration = self.stage.connect()
        self.target = integration.target
        assert self.target is not None
        self.stage.install_app(self.target)
        return integration

    def vary(self, config: SyncConfig, key: str, rng: Random) -> SyncConfig:
        """Return rules with other policies, and now and then with a filter."""
        field, text = ("lastname", "Cedar") if key == "contacts" else ("name", "firm1.")
        condition = Condition(field, Operator.NOT_CONTAINS, (text,), field)
        return replace(
            config,
            conflict=rng.choice(list(ConflictPolicy)),
            exit_rule=rng.choice((ExitRule.FREEZE, ExitRule.KEEP_SYNCING)),
            filters=((Side.HUBSPOT, Filter(((condition,),))),) if rng.random() < 0.3 else (),
        )

    def hear(self, town: Town, *, all_of_them: bool) -> None:
        """Let Thena's events arrive: late, in any order, some twice, some never."""
        assert self.target is not None
        bodies = self.stage.bodies()
        town.rng.shuffle(bodies)
        for body in bodies:
            for _ in range(town.times(all_of_them=all_of_them)):
                target = Connection.objects.get(pk=self.target.pk)
                hook_calls.receive(target, body, timezone.now())

    def ids(self, target_object: str) -> Collection[str]:
        """Return the ids of Thena's live records, oldest first."""
        return self.stage.thena_ids(target_object)

    def check_doubles(self) -> None:
        """Check that no domain and no e-mail is there twice."""
        for kind, name in (("accounts", "primaryDomain"), ("contacts", "email")):
            values = Counter(record[name] for record in self.agent.all(kind))
            assert not [value for value, count in values.items() if count > 1]

    def edits(self, town: Town) -> list[Edit]:
        """Return an edit of a contact in either system."""
        link = in_step(town.row("contacts"))
        if link is None:
            return []
        hubspot_id, target_id = link.hubspot_id, link.target_id

        def in_hubspot() -> Callable[[], bool]:
            town.hubspot.edit("contacts", hubspot_id, {"lastname": "Edited"})
            return lambda: self.agent.get("contacts", target_id)["lastName"] == "Edited"

        def in_thena() -> Callable[[], bool]:
            self.agent.edit("contacts", target_id, lastName="Changed")
            return lambda: town.hubspot.read("contacts", hubspot_id)["lastname"] == "Changed"

        return [in_hubspot, in_thena]

    # ------------------------------------------------ what people do

    def acts(self, people: People) -> Iterable[Act]:
        """Return what happens in both systems."""
        desk = Desk(self, people)
        return (
            ("company", 2, people.company),
            ("contact", 3, people.contact),
            ("edit company", 3, people.edit_company),
            ("edit contact", 4, people.edit_contact),
            ("assign", 3, people.assign),
            ("merge contacts", 1, lambda: people.merge("contacts")),
            ("merge companies", 1, lambda: people.merge("companies")),
            ("delete", 1, lambda: people.delete("contacts", "companies")),
            ("restore", 1, people.restore),
            ("account", 2, desk.account),
            ("thena contact", 3, desk.contact),
            ("edit account", 3, desk.edit_account),
            ("edit thena contact", 4, desk.edit_contact),
            ("assign in thena", 3, desk.assign),
            ("delete in thena", 1, desk.delete),
        )


class Desk:
    """Everybody who works in Thena."""

    def __init__(self, place: Thena, people: People) -> None:
        self.place, self.people, self.rng = place, people, people.rng
        self.agent = place.agent

    def account(self) -> None:
        """Create an account, now and then one that HubSpot has already."""
        domain = self.people.domain()
        self.agent.create("accounts", name=f"Firm {domain}", primaryDomain=domain)

    def contact(self) -> None:
        """Create a contact, often of an account."""
        person: dict[str, object] = {
            "email": self.people.email(),
            **self.people.person("firstName", "lastName", "phoneNumber"),
        }
        if self.rng.random() < 0.6 and (account := self._any("accounts")):
            person["accountIds"] = [account]
        self.agent.create("contacts", **person)

    def edit_account(self) -> None:
        """Change an account."""
        if account := self._any("accounts"):
            self.agent.edit("accounts", account, description=self.rng.choice(TEXTS) or None)

    def edit_contact(self) -> None:
        """Change one field of a contact."""
        if contact := self._any("contacts"):
            changed = self.people.person("firstName", "lastName", "phoneNumber")
            name = self.rng.choice(sorted(changed))
            self.agent.edit("contacts", contact, **{name: changed[name] or None})

    def assign(self) -> None:
        """Give a contact another set of accounts."""
        if contact := self._any("contacts"):
            ids = list(self.place.ids("accounts"))
            chosen = self.rng.sample(ids, min(len(ids), self.rng.choice((0, 1, 1, 2))))
            self.agent.edit("contacts", contact, accountIds=chosen)

    def delete(self) -> None:
        """Delete a record."""
        kind = self.rng.choice(("contacts", "accounts"))
        if record := self._any(kind):
            self.agent.delete(kind, record)

    def _any(self, kind: str) -> str:
        ids = list(self.place.ids(kind))
        return self.rng.choice(ids) if ids else ""
