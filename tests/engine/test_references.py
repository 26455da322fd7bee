"""A pair follows the pair it points to, whatever each system calls it, and waits for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from integrations.engine.mapping import FieldRule
from integrations.engine.pairs import Action, Choice, Link, LinkState, Pair, Unmet
from integrations.engine.ports import Settlement
from integrations.engine.reasons import Reason
from integrations.engine.records import BLANK, FieldType, Value, digest
from tests.engine.cases import KEY as CASE_KEY
from tests.engine.cases import based, hubspot, short, target, verdict
from tests.engine.scene import H, Scene, T
from tests.engine.world.memory import Store

COMPANY = FieldRule(
    "@companies", "accountIds", FieldType.REFERENCE, "Company", clears=True, reference="companies"
)


class Office(Scene):
    """A scene with companies c1.. and accounts a1.. in a store of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.config = replace(self.config, rules=(*self.config.rules, COMPANY))
        self.hubspot.names += ("@companies",)
        self.target.names += ("accountIds",)
        self.companies = Store()
        self.store.siblings["companies"] = self.companies

    def company(
        self, number: int, state: LinkState = LinkState.LINKED, *, pair: bool = True
    ) -> str:
        """Store a company; a pair if its account is known too."""
        link = Link(number, state, f"c{number}", f"a{number}" if pair else "")
        self.companies.links[number] = link
        self.companies.aliases[H, link.hubspot_id] = number
        if pair:
            self.companies.aliases[T, link.target_id] = number
        return link.hubspot_id

    def contact(self, *companies: str) -> str:
        """Create a HubSpot contact of these companies."""
        values: dict[str, Value] = {"email": "ada@x", "name": "Ada"}
        return self.hubspot.put({**values, "@companies": companies or BLANK})

    def accounts(self, target_id: str = "t1") -> object:
        """Return the accounts of the contact in the target."""
        return self.target.rows[target_id].values.get("accountIds")


def codes(settlement: Settlement) -> tuple[Action, Reason, LinkState]:
    return short(settlement.decision)


def test_a_new_contact_arrives_with_the_account_of_its_company() -> None:
    office = Office()
    made = office.run(office.contact(office.company(1)))
    assert codes(made) == (Action.CREATE, Reason.CREATED, LinkState.LINKED)
    assert office.accounts() == ("a1",)
    assert office.run("h1").reason is Reason.IN_STEP


@pytest.mark.parametrize("known", [True, False])
def test_a_contact_waits_for_a_company_that_is_still_to_be_decided(known: bool) -> None:
    office = Office()
    if known:
        office.company(1, LinkState.PENDING, pair=False)
    waiting = office.run(office.contact("c1"))
    assert codes(waiting) == (Action.WAIT, Reason.WAITING_FOR_PARENT, LinkState.PENDING)
    assert waiting.detail == "Company c1."
    assert waiting.retry_after is None
    assert waiting.unmet == (Unmet("companies", H, "c1", "Company", waits=True, known=known),)
    assert not office.target.rows
    office.company(1)
    assert office.run("h1").reason is Reason.CREATED
    assert office.accounts() == ("a1",)


@pytest.mark.parametrize("state", [LinkState.EXCLUDED, LinkState.FAILING, LinkState.HELD])
def test_a_company_that_stays_out_keeps_no_contact_back(state: LinkState) -> None:
    office = Office()
    made = office.run(office.contact(office.company(1, state, pair=False)))
    assert codes(made) == (Action.CREATE, Reason.CREATED, LinkState.LINKED)
    assert [unmet.waits for unmet in made.unmet] == [False]
    assert [note.reason for note in made.decision.notes] == [Reason.PARENT_NOT_SYNCED]
    office.company(1)
    assert office.run("h1").reason is Reason.UPDATED
    assert office.accounts() == ("a1",)


def test_nobody_waits_for_companies_that_are_not_synced_at_all() -> None:
    office = Office()
    office.store.siblings.clear()
    assert office.run(office.contact("c1")).reason is Reason.CREATED


def test_a_move_to_another_company_moves_the_contact_there() -> None:
    office = Office()
    office.run(office.contact(office.company(1)))
    office.hubspot.edit("h1", {"@companies": (office.company(2),)})
    office.run("h1")
    assert office.accounts() == ("a2",)
    office.target.edit("t1", {"accountIds": ("a1", "a2")})
    assert office.run("t1").reason is Reason.UPDATED
    assert office.hubspot.rows["h1"].values["@companies"] == ("c1", "c2")


def test_what_is_no_pair_stays_where_it_is_when_the_field_is_written() -> None:
    office = Office()
    office.run(office.contact(office.company(1)))
    office.target.edit("t1", {"accountIds": ("foreign", "a1")})
    assert office.run("t1").reason is Reason.IN_STEP
    office.hubspot.edit("h1", {"@companies": BLANK})
    office.run("h1")
    assert office.accounts() == ("foreign",)


def test_two_sets_that_both_changed_are_added_up() -> None:
    office = Office()
    office.run(office.contact(office.company(1)))
    office.hubspot.edit("h1", {"@companies": ("c1", office.company(2))})
    office.target.edit("t1", {"accountIds": ("a1", "a3")})
    office.company(3)
    done = office.run("h1")
    assert codes(done) == (Action.UPDATE, Reason.UPDATED, LinkState.LINKED)
    assert office.accounts() == ("a1", "a2", "a3")
    assert office.hubspot.rows["h1"].values["@companies"] == ("c1", "c2", "c3")
    assert office.run("h1").reason is Reason.IN_STEP


def test_two_existing_contacts_keep_the_companies_of_both() -> None:
    office = Office()
    office.company(2)
    office.target.put({"mail": "ada@x", "title": "Ada", "accountIds": ("a2",)})
    assert office.run(office.contact(office.company(1))).reason is Reason.LINKED
    assert set(office.accounts()) == {"a1", "a2"}  # type: ignore[call-overload]


def test_a_merged_company_changes_nothing_for_its_contacts() -> None:
    office = Office()
    office.run(office.contact(office.company(1)))
    office.companies.links[1] = replace(office.companies.links[1], hubspot_id="c9")
    office.companies.aliases[H, "c9"] = 1
    office.hubspot.edit("h1", {"@companies": ("c9",)})
    assert office.run("h1").reason is Reason.IN_STEP


def merged(office: Office) -> None:
    """Merge company 2 into company 1, which is c9 then, and let its lane have seen it."""
    office.hubspot.edit("h1", {"@companies": ("c9",)})
    links, aliases = office.companies.links, office.companies.aliases
    links[1] = replace(links[1], hubspot_id="c9")
    links[2] = replace(links[2], state=LinkState.SUPERSEDED)
    aliases.update({(H, one): 1 for one in ("c1", "c2", "c9")})


@pytest.mark.parametrize("companies", [(2,), (1, 2)])
def test_a_contact_of_the_merged_company_follows_to_the_kept_account(
    companies: tuple[int, ...],
) -> None:
    office = Office()
    office.company(1)
    office.run(office.contact(*map(office.company, companies)))
    merged(office)
    assert office.run("h1").reason is Reason.UPDATED
    assert office.accounts() == ("a1",)
    assert office.run("h1").reason is Reason.IN_STEP


def test_the_extra_account_of_a_merge_still_means_the_merged_company() -> None:
    office = Office()
    office.company(2)
    office.run(office.contact(office.company(1)))
    merged(office)
    office.target.edit("t1", {"accountIds": ("a2",)})
    office.run("t1")
    assert office.hubspot.rows["h1"].values["@companies"] == ("c9",)
    assert office.run("t1").reason is Reason.IN_STEP


def test_a_choice_settles_the_conflict_its_maker_saw_and_no_later_one() -> None:
    seen = (digest("mine", CASE_KEY), digest("yours", CASE_KEY))
    link = replace(based(state=LinkState.HELD), choices={("name", "title"): Choice(T, seen)})
    decision = verdict(Pair(link, hubspot("mine"), target("yours")))
    assert decision.patches == {H: {"name": "yours"}}
    assert decision.state is LinkState.LINKED
    later = verdict(Pair(link, hubspot("mine again"), target("yours")))
    assert short(later) == (Action.HOLD, Reason.CONFLICT, LinkState.HELD)


class Bureau(Office):
    """An office whose contacts have one company at most."""

    def __init__(self) -> None:
        super().__init__()
        rules = tuple(
            replace(rule, single=True, clears=True) if rule.reference else rule
            for rule in self.config.rules
        )
        self.config = replace(self.config, rules=rules)


@pytest.mark.parametrize("state", [LinkState.PENDING, LinkState.HELD, LinkState.FAILING, None])
def test_a_move_to_a_company_that_may_become_a_pair_takes_nothing_away_meanwhile(
    state: LinkState | None,
) -> None:
    office = Bureau()
    office.run(office.contact(office.company(1)))
    if state is not None:
        office.company(2, state, pair=False)
    office.hubspot.edit("h1", {"@companies": ("c2",), "name": "Ada L."})
    moved = office.run("h1")
    assert moved.reason is Reason.UPDATED
    assert office.target.rows["t1"].values["title"] == "Ada L."
    assert office.accounts() == ("a1",)
    assert [unmet.record_id for unmet in moved.unmet] == ["c2"]
    office.company(2)
    assert office.run("h1").reason is Reason.UPDATED
    assert office.accounts() == ("a2",)
    assert office.run("h1").reason is Reason.IN_STEP


def test_a_move_in_the_target_to_an_account_that_is_held_takes_nothing_from_hubspot() -> None:
    office = Bureau()
    office.run(office.contact(office.company(1)))
    held = Link(2, LinkState.HELD, "", "a2")
    office.companies.links[2] = held
    office.companies.aliases[T, "a2"] = 2
    office.target.edit("t1", {"accountIds": ("a2",)})
    office.run("t1")
    assert office.hubspot.rows["h1"].values["@companies"] == ("c1",)
    office.company(2)
    office.run("t1")
    assert office.hubspot.rows["h1"].values["@companies"] == ("c2",)


def test_a_move_to_a_company_that_stays_out_ends_what_was_there() -> None:
    office = Bureau()
    office.run(office.contact(office.company(1)))
    office.company(2, LinkState.EXCLUDED, pair=False)
    office.hubspot.edit("h1", {"@companies": ("c2",)})
    office.run("h1")
    assert office.accounts() is BLANK
    assert office.run("h1").reason is Reason.IN_STEP


def test_a_first_meeting_waits_for_the_company_of_either_side() -> None:
    office = Bureau()
    office.contact(office.company(2, LinkState.HELD, pair=False))
    office.company(1)
    office.target.put({"mail": "ada@x", "title": "Ada", "accountIds": ("a1",)})
    assert office.run("h1").reason is Reason.LINKED
    assert office.hubspot.rows["h1"].values["@companies"] == ("c2",)
    assert office.accounts() == ("a1",)
