"""Associations written as a full set, and honest about what came of it."""

from __future__ import annotations

import pytest

from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.errors import (
    AuthFailed,
    RateLimited,
    ReplyLost,
    Scope,
    VersionConflict,
)
from integrations.engine.ports import CreateItem, UpdateItem
from integrations.engine.records import ABSENT, BLANK, same
from tests.connectors.hubspot.association_rig import (
    COMPANIES,
    CONTACTS,
    calls,
    companies,
    contact,
    held,
    spent,
    update,
)
from tests.connectors.hubspot.rig import HubSpotRig, KeyedRig
from tests.rig import record_of

WRITES = ("batch/associate/default", "batch/archive")


# ---------------------------------------------------------------- writing


def test_an_update_reaches_exactly_the_given_set(rig: HubSpotRig) -> None:
    old, kept, new = companies(rig, 3)
    made = contact(rig, old, kept)
    outcome = update(rig, made, at_companies=(new, kept))
    assert held(rig, made) == [kept, new]
    assert same(record_of(outcome).get(COMPANIES), (new, kept))


def test_a_blank_removes_every_company_and_labels_of_kept_ones_stay(rig: HubSpotRig) -> None:
    one, two = companies(rig, 2)
    made = contact(rig, one, two)
    rig.person.associate(CONTACTS, made, "companies", two, primary=True)
    update(rig, made, at_companies=(two,))
    assert rig.person.contact(made)["associatedcompanyid"] == two
    assert record_of(update(rig, made, at_companies=BLANK)).values == {COMPANIES: BLANK}
    assert held(rig, made) == []


def test_what_is_so_already_is_read_and_not_written(rig: HubSpotRig) -> None:
    [company] = companies(rig, 1)
    made = contact(rig, company)
    rig.connector.describe(CONTACTS)
    calls(rig)
    assert record_of(update(rig, made, at_companies=(company,))).get(COMPANIES) == (company,)
    assert calls(rig) == {"batch/read": 1}


def test_a_hundred_patches_share_their_calls(rig: HubSpotRig) -> None:
    old, new = companies(rig, 2)
    made = [contact(rig, old) for _ in range(100)]
    rig.connector.describe(CONTACTS)
    calls(rig)
    items = [UpdateItem(i, i, {"firstname": "Bo", COMPANIES: (new,)}) for i in made]
    outcomes = rig.connector.update(CONTACTS, items)
    assert {record_of(o).get(COMPANIES) for o in outcomes} == {(new,)}
    assert {record_of(o).get("firstname") for o in outcomes} == {"Bo"}
    assert spent(rig) == 5  # patch, read, associate, read again, archive


def test_a_create_takes_its_companies_along_and_shows_what_was_stored(rig: HubSpotRig) -> None:
    one, two = companies(rig, 2)
    rig.connector.describe(CONTACTS)
    calls(rig)
    item = CreateItem("1", {"email": "a@acme.example", COMPANIES: (one, two)})
    [outcome] = rig.connector.create(CONTACTS, [item])
    assert record_of(outcome).values == {"email": "a@acme.example", COMPANIES: (one, two)}
    assert spent(rig) == 2


def test_companies_that_hubspot_adds_by_itself_are_taken_away_again(rig: HubSpotRig) -> None:
    rig.sandbox.behaviour.auto_companies = True
    [company] = companies(rig, 1)
    item = CreateItem("1", {"email": "a@acme.example", COMPANIES: (company,)})
    [outcome] = rig.connector.create(CONTACTS, [item])
    assert held(rig, record_of(outcome).id) == [company]
    assert record_of(outcome).get(COMPANIES) == (company,)


def test_an_upsert_is_associated_afterwards() -> None:
    rig = KeyedRig()
    one, two = companies(rig, 2)
    for wanted in (one, two):
        item = CreateItem("1", {"email": "a@acme.example", COMPANIES: (wanted,)}, "key")
        [outcome] = rig.connector.create(CONTACTS, [item])
        assert held(rig, record_of(outcome).id) == [wanted]
        assert record_of(outcome).get(COMPANIES) == (wanted,)


def test_a_company_that_was_merged_keeps_the_association(rig: HubSpotRig) -> None:
    one, two = companies(rig, 2)
    made = contact(rig, one)
    survivor = rig.person.merge("companies", one, two)
    record = record_of(update(rig, made, at_companies=(two,)))
    assert held(rig, made) == [survivor]
    assert record.get(COMPANIES) == (survivor,)


def test_what_is_not_known_is_not_written(rig: HubSpotRig) -> None:
    [company] = companies(rig, 1)
    made = contact(rig, company)
    outcome = update(rig, made, firstname="Bo", at_companies=ABSENT)
    assert record_of(outcome).values == {"firstname": "Bo"}
    assert held(rig, made) == [company]


# ---------------------------------------------------------------- what goes wrong


def test_one_lost_company_hits_only_the_contact_that_asked_for_it(rig: HubSpotRig) -> None:
    [company] = companies(rig, 1)
    good, bad, mixed = (contact(rig) for _ in "123")
    items = [
        UpdateItem("good", good, {COMPANIES: (company,)}),
        UpdateItem("bad", bad, {COMPANIES: ("987654321",)}),
        UpdateItem("mixed", mixed, {"firstname": "Bo", COMPANIES: ("987654321",)}),
    ]
    found = {outcome.ref: outcome for outcome in rig.connector.update(CONTACTS, items)}
    assert record_of(found["good"]).get(COMPANIES) == (company,)
    assert isinstance(found["bad"].error, VersionConflict)
    assert record_of(found["mixed"]).values == {"firstname": "Bo"}


@pytest.mark.parametrize("status", [423, 429, 502])
@pytest.mark.parametrize("path", WRITES)
def test_an_association_that_failed_is_not_claimed(rig: HubSpotRig, path: str, status: int) -> None:
    old, new = companies(rig, 2)
    mixed, alone = contact(rig, old), contact(rig, old)
    rig.connector.describe(CONTACTS)
    rig.sandbox.faults.inject(Fault(FaultKind.STATUS, path=f"{path}$", status=status))
    items = [
        UpdateItem("mixed", mixed, {"firstname": "Bo", COMPANIES: (new,)}),
        UpdateItem("alone", alone, {COMPANIES: (new,)}),
    ]
    written, failed = rig.connector.update(CONTACTS, items)
    assert record_of(written).values == {"firstname": "Bo"}
    assert failed.error is not None
    assert failed.error.scope is Scope.SYNC


def test_after_an_error_of_the_whole_sync_nothing_is_associated(rig: HubSpotRig) -> None:
    [company] = companies(rig, 1)
    one, two = contact(rig), contact(rig)
    rig.connector.describe(CONTACTS)
    rig.sandbox.faults.inject(Fault(FaultKind.LOST_REPLY, path="/batch/update$"))
    calls(rig)
    items = [
        UpdateItem("1", one, {"firstname": "Bo", COMPANIES: (company,)}),
        UpdateItem("2", two, {COMPANIES: (company,)}),
    ]
    lost, unsent = rig.connector.update(CONTACTS, items)
    assert isinstance(lost.error, ReplyLost)
    assert unsent.error is not None
    assert not isinstance(unsent.error, ReplyLost)
    assert held(rig, one) == held(rig, two) == []
    assert calls(rig) == {"batch/update": 1}


def test_reading_what_is_there_can_fail_too(rig: HubSpotRig) -> None:
    [company] = companies(rig, 1)
    made = contact(rig)
    rig.connector.describe(CONTACTS)
    rig.sandbox.faults.inject(Fault(FaultKind.STATUS, path="/associations/", status=429))
    assert isinstance(update(rig, made, at_companies=(company,)).error, RateLimited)
    rig.refuse_login()
    assert isinstance(update(rig, made, at_companies=(company,)).error, AuthFailed)


def test_a_created_record_is_known_even_if_its_companies_are_not(rig: HubSpotRig) -> None:
    [company] = companies(rig, 1)
    rig.connector.describe(CONTACTS)
    rig.sandbox.faults.inject(Fault(FaultKind.STATUS, path="/associations/", status=429))
    item = CreateItem("1", {"email": "a@acme.example", COMPANIES: (company,)})
    [outcome] = rig.connector.create(CONTACTS, [item])
    assert record_of(outcome).values == {"email": "a@acme.example"}
    assert held(rig, record_of(outcome).id) == [company]
