"""Whatever points to a record is found, by lookups that nobody mapped too, and repointed."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from integrations.connectors.magentrix import repointing
from integrations.connectors.magentrix.fields import JsonObject
from integrations.connectors.magentrix.sandbox import BatchFault
from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.errors import Rejected, ReplyLost, VersionConflict
from integrations.engine.extras import Referrer, Repointing
from tests.connectors.magentrix.rig import AccountRig


class Family:
    """A keeper, a loser, and everything that points to the loser."""

    def __init__(self, rig: AccountRig, contacts: int = 2) -> None:
        make = rig.person.create
        self.keeper = make("Account", Name="Keeper")
        self.loser = make("Account", Name="Loser")
        self.child = make("Account", Name="Child", ParentId=self.loser)
        self.contacts = [
            make("Contact", LastName=f"C{n}", AccountId=self.loser) for n in range(contacts)
        ]
        self.deal = make("Opportunity", Name="D", Stage="Proposal", PartnerAccount__c=self.loser)
        make("Contact", LastName="Elsewhere", AccountId=self.keeper)


def test_every_lookup_of_every_entity_is_found(accounts: AccountRig) -> None:
    assert isinstance(accounts.connector, Repointing)
    family = Family(accounts)
    found = accounts.connector.referrers("Account", family.loser)
    assert set(found) == {
        Referrer("Account", family.child, "ParentId"),
        *(Referrer("Contact", one, "AccountId") for one in family.contacts),
        Referrer("Opportunity", family.deal, "PartnerAccount__c"),
    }


def test_after_repointing_nothing_points_to_the_loser(accounts: AccountRig) -> None:
    family = Family(accounts)
    found = accounts.connector.referrers("Account", family.loser)
    done = accounts.connector.repoint(found, family.keeper)
    assert done == [(each, None) for each in found]
    assert accounts.connector.referrers("Account", family.loser) == []
    assert accounts.person.get("Opportunity", family.deal)["PartnerAccount__c"] == family.keeper
    assert accounts.connector.repoint([], family.keeper) == []


def test_contacts_that_point_to_contacts_are_found_too(accounts: AccountRig) -> None:
    loser = accounts.person.create("Contact", LastName="Loser")
    child = accounts.person.create("Contact", LastName="Child", ReferredBy__c=loser)
    deal = accounts.person.create("Opportunity", Name="D", Stage="Proposal", ContactId=loser)
    assert set(accounts.connector.referrers("Contact", loser)) == {
        Referrer("Contact", child, "ReferredBy__c"),
        Referrer("Opportunity", deal, "ContactId"),
    }


def test_the_keeper_never_becomes_its_own_parent(accounts: AccountRig) -> None:
    family = Family(accounts)
    accounts.person.edit("Account", family.keeper, ParentId=family.loser)
    found = accounts.connector.referrers("Account", family.loser)
    accounts.connector.repoint(found, family.keeper)
    assert accounts.person.get("Account", family.keeper)["ParentId"] is None


def test_two_lookups_of_one_record_are_one_change(accounts: AccountRig) -> None:
    family = Family(accounts)
    accounts.person.edit("Opportunity", family.deal, AccountId=family.loser)
    found = accounts.connector.referrers("Account", family.loser)
    assert len([each for each in found if each.id == family.deal]) == 2
    accounts.connector.repoint(found, family.keeper)
    deal = accounts.person.get("Opportunity", family.deal)
    assert deal["AccountId"] == deal["PartnerAccount__c"] == family.keeper


def test_many_are_found_and_repointed_in_batches(
    accounts: AccountRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repointing, "PAGE", 3)
    monkeypatch.setattr(repointing, "BATCH", 4)
    family = Family(accounts, contacts=10)
    found = accounts.connector.referrers("Account", family.loser)
    assert len([each for each in found if each.object_type == "Contact"]) == 10
    accounts.connector.repoint(found, family.keeper)
    assert accounts.counted("PATCH", "/entity/{entity}") == 1 + 3 + 1
    assert accounts.connector.referrers("Account", family.loser) == []


def test_one_that_fails_is_named_and_the_others_are_repointed(accounts: AccountRig) -> None:
    family = Family(accounts, contacts=3)
    found = accounts.connector.referrers("Account", family.loser)
    accounts.sandbox.trouble.inject(BatchFault("Contact", positions=(1,)))
    done = accounts.connector.repoint(found, family.keeper)
    failed = [each for each, error in done if error]
    assert [type(error) for _each, error in done if error] == [VersionConflict]
    assert accounts.connector.referrers("Account", family.loser) == failed


def test_a_lost_answer_is_told_and_repeating_does_no_harm(accounts: AccountRig) -> None:
    family = Family(accounts)
    found = [
        each
        for each in accounts.connector.referrers("Account", family.loser)
        if each.object_type == "Contact"
    ]
    accounts.sandbox.faults.inject(Fault(FaultKind.LOST_REPLY, "PATCH"))
    done = accounts.connector.repoint(found, family.keeper)
    assert {type(error) for _each, error in done} == {ReplyLost}
    assert [error for _each, error in accounts.connector.repoint(found, family.keeper)] == [
        None
    ] * 2


def test_what_cannot_be_an_id_points_nowhere(accounts: AccountRig) -> None:
    assert accounts.connector.referrers("Account", 'x" OR Id != "') == []


def test_a_lookup_that_cannot_be_edited_is_found_and_refused_by_name(accounts: AccountRig) -> None:
    family = Family(accounts)
    accounts.person.edit("Opportunity", family.deal, AccountId=family.loser)
    accounts.person.field("Opportunity", "PartnerAccount__c").read_only = True
    fixed = Referrer("Opportunity", family.deal, "PartnerAccount__c")
    found = accounts.connector.referrers("Account", family.loser)
    assert fixed in found
    done = dict(accounts.connector.repoint(found, family.keeper))
    refusal = done.pop(fixed)
    assert isinstance(refusal, Rejected)
    assert "(PartnerAccount__c) of Opportunity" in refusal.detail
    assert set(done.values()) == {None}, "the others are repointed all the same"
    assert accounts.connector.referrers("Account", family.loser) == [fixed]
    deal = accounts.person.get("Opportunity", family.deal)
    assert (deal["AccountId"], deal["PartnerAccount__c"]) == (family.keeper, family.loser)


def test_a_lookup_whose_type_has_an_unknown_name_is_found_and_repointed(
    accounts: AccountRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    metadata = accounts.connector.client.metadata

    def renamed(entities: Sequence[str]) -> list[JsonObject]:
        found = metadata(entities)
        for each in (each for definition in found for each in definition["Fields"]):
            each["FieldType"] = "Hierarchy" if each["IsReference"] else each["FieldType"]
        return found

    monkeypatch.setattr(accounts.connector.client, "metadata", renamed)
    family = Family(accounts)
    found = accounts.connector.referrers("Account", family.loser)
    assert len(found) == 4
    assert {error for _each, error in accounts.connector.repoint(found, family.keeper)} == {None}
    assert accounts.connector.referrers("Account", family.loser) == []


def test_lookups_that_say_who_made_a_record_are_left_alone(accounts: AccountRig) -> None:
    mona = accounts.person.user("mona.keller@northfield.example")
    made = accounts.person.create("Account", Name="Hers", OwnerId=mona)
    assert accounts.connector.referrers("User", mona) == [Referrer("Account", made, "OwnerId")]


def test_a_lookup_that_cannot_be_written_is_found_and_refused_by_name(accounts: AccountRig) -> None:
    loser, kept = accounts.fill(2)
    accounts.person.add_field(
        "Opportunity", Name="Reseller__c", Label="Reseller", FieldType="Lookup",
        ReferenceType="Account",
    )  # fmt: skip
    deal = accounts.person.create("Opportunity", Name="D", Stage="Proposal", Reseller__c=loser)
    accounts.person.field("Opportunity", "Reseller__c").read_only = True
    other = accounts.person.create("Contact", LastName="Byron", AccountId=loser)
    pointing = accounts.connector.referrers("Account", loser)
    assert set(pointing) == {
        Referrer("Opportunity", deal, "Reseller__c"), Referrer("Contact", other, "AccountId")
    }  # fmt: skip
    told = dict(accounts.connector.repoint(pointing, kept))
    refused = told[Referrer("Opportunity", deal, "Reseller__c")]
    assert isinstance(refused, Rejected)
    assert "Reseller__c" in refused.detail
    assert told[Referrer("Contact", other, "AccountId")] is None
    assert accounts.connector.referrers("Account", loser) == [
        Referrer("Opportunity", deal, "Reseller__c")
    ]
