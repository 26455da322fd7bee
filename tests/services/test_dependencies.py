"""A contact waits for its company in the database, and is woken by whoever settles it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import pytest

from integrations.engine.pairs import Link, LinkState
from integrations.engine.ports import Priority
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.models import Dependency, Hint, ObjectSync, RecordLink, SyncState
from integrations.services import connectors, dependencies, hints, lanes, syncs
from integrations.services.hints import NewHint
from tests.services.thena_kit import ThenaKit


def look(sync: ObjectSync, *ids: str, side: Side = Side.HUBSPOT) -> None:
    """Let a worker look at records of one object only."""
    hints.raise_hints(sync.pk, [NewHint(side, one, Priority.WEBHOOK) for one in ids])
    lanes.work(sync.pk, seconds=60)


def waiting(sync: ObjectSync) -> list[str]:
    """Return the ids for which a lane has hints."""
    return sorted(Hint.objects.filter(object_sync=sync).values_list("record_id", flat=True))


def link(sync: ObjectSync, hubspot_id: str) -> RecordLink:
    """Return the link of a HubSpot record."""
    return RecordLink.objects.get(object_sync=sync, hubspot_id=hubspot_id)


def accounts_of(thena: ThenaKit) -> list[list[str]]:
    """Return the account names of every contact in Thena."""
    return [[one["name"] for one in row["accounts"]] for row in thena.agent.all("contacts")]


def test_a_contact_waits_for_an_unknown_company_and_has_it_looked_at(thena: ThenaKit) -> None:
    company = thena.company(1)
    contact = thena.contact(1, company)
    look(thena.contacts, contact)
    row = link(thena.contacts, contact)
    assert (row.state, row.reason) == (LinkState.PENDING, Reason.WAITING_FOR_PARENT)
    assert row.detail == f"Companies {company}."
    assert waiting(thena.contacts) == []
    assert waiting(thena.companies) == [company]
    lanes.work(thena.companies.pk, seconds=60)
    assert waiting(thena.contacts) == [contact], "the company's settlement woke nobody"
    lanes.work(thena.contacts.pk, seconds=60)
    assert accounts_of(thena) == [["Firm 1"]]
    assert not Dependency.objects.exists()


def test_a_company_that_cannot_be_sent_ends_the_waiting_too(thena: ThenaKit) -> None:
    company = thena.company(1, domain="")
    contact = thena.contact(1, company)
    look(thena.contacts, contact)
    lanes.work(thena.companies.pk, seconds=60)
    assert link(thena.companies, company).state == LinkState.FAILING
    lanes.work(thena.contacts.pk, seconds=60)
    assert link(thena.contacts, contact).state == LinkState.LINKED
    assert accounts_of(thena) == [[]]
    assert Dependency.objects.get().record_id == company
    thena.person.edit("companies", company, {"domain": "firm1.example"})
    look(thena.companies, company)
    lanes.work(thena.contacts.pk, seconds=60)
    assert accounts_of(thena) == [["Firm 1"]]


def test_the_settlement_of_a_company_wakes_only_who_waits_for_it(thena: ThenaKit) -> None:
    first, second = thena.company(1), thena.company(2)
    look(thena.contacts, thena.contact(1, first), thena.contact(2, second))
    Hint.objects.filter(object_sync=thena.companies, record_id=second).delete()
    lanes.work(thena.companies.pk, seconds=60)
    assert len(waiting(thena.contacts)) == 1


def test_a_pair_made_while_its_contact_was_settled_is_not_missed(
    thena: ThenaKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = thena.company(1)
    contact = thena.contact(1, company)

    real = dependencies.parents

    def too_early(
        sibling: UUID | None, side: Side, ids: Sequence[str]
    ) -> Mapping[str, Link] | None:
        found = real(sibling, side, ids)
        if not RecordLink.objects.filter(object_sync=thena.companies).exists():
            look(thena.companies, company)
        return found

    monkeypatch.setattr(dependencies, "parents", too_early)
    look(thena.contacts, contact)
    assert accounts_of(thena) == [["Firm 1"]]


def test_nobody_waits_while_companies_are_not_in_use(thena: ThenaKit) -> None:
    ObjectSync.objects.filter(pk=thena.companies.pk).update(state=SyncState.SETUP)
    contact = thena.contact(1, thena.company(1))
    look(thena.contacts, contact)
    assert link(thena.contacts, contact).state == LinkState.LINKED
    assert not Dependency.objects.exists()


def test_a_paused_company_sync_is_waited_for(thena: ThenaKit) -> None:
    syncs.pause(thena.companies, thena.stage.ada)
    contact = thena.contact(1, thena.company(1))
    look(thena.contacts, contact)
    assert link(thena.contacts, contact).reason == Reason.WAITING_FOR_PARENT
    syncs.resume(thena.companies, thena.stage.ada)
    lanes.work(thena.companies.pk, seconds=60)
    lanes.work(thena.contacts.pk, seconds=60)
    assert accounts_of(thena) == [["Firm 1"]]


@pytest.mark.parametrize("company_first", [True, False])
def test_a_company_deleted_in_hubspot_leaves_the_contact_in_thena_as_it_is(
    thena: ThenaKit, company_first: bool
) -> None:
    company, other = thena.company(1), thena.company(2)
    contact = thena.contact(1, company)
    thena.person.associate("contacts", contact, "companies", other)
    thena.run(thena.companies)
    thena.run(thena.contacts)
    assert sorted(accounts_of(thena)[0]) == ["Firm 1", "Firm 2"]
    thena.person.delete("companies", company)
    look_at_both(thena, company, contact, Side.HUBSPOT, company_first)
    assert sorted(accounts_of(thena)[0]) == ["Firm 1", "Firm 2"]
    thena.person.dissociate("contacts", contact, "companies", other)
    look(thena.contacts, contact)
    assert accounts_of(thena) == [["Firm 1"]], "what was let go by hand is let go there too"


@pytest.mark.parametrize("account_first", [True, False])
def test_an_account_deleted_in_thena_leaves_the_contact_in_hubspot_as_it_is(
    thena: ThenaKit, account_first: bool
) -> None:
    company = thena.company(1)
    contact = thena.contact(1, company)
    thena.run(thena.companies)
    thena.run(thena.contacts)
    account, person = (thena.agent.all(kind)[0]["id"] for kind in ("accounts", "contacts"))
    thena.agent.delete("accounts", account)
    look_at_both(thena, account, person, Side.TARGET, account_first)
    hubspot = connectors.open_pair(thena.contacts, Priority.PERSON)[Side.HUBSPOT]
    seen = hubspot.fetch("contacts", [contact], ["@companies"])[contact]
    assert seen.get("@companies") == (company,)


def test_a_company_merged_in_hubspot_stays_with_its_contact_all_the_time(thena: ThenaKit) -> None:
    company = thena.company(1)
    contact = thena.contact(1, company)
    thena.run(thena.companies)
    thena.run(thena.contacts)
    merged = thena.person.merge("companies", company, thena.company(2))
    assert thena.person.partners("contacts", contact, "companies") == [merged]
    before = thena.writes()
    look_at_both(thena, merged, contact, Side.HUBSPOT, parent_first=False)
    lanes.work(thena.contacts.pk, seconds=60)
    assert accounts_of(thena) == [["Firm 1"]]
    assert thena.writes() == before


def look_at_both(thena: ThenaKit, parent: str, child: str, side: Side, parent_first: bool) -> None:
    """Let workers look at a company and a contact in one order, and then in the other."""
    order = [(thena.companies, parent), (thena.contacts, child)]
    order = order if parent_first else order[::-1]
    for sync, one in (*order, *order[::-1]):
        look(sync, one, side=side)
