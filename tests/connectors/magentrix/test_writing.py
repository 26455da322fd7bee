"""Writes: one result each, stored values read back, nothing doubled, nothing hidden."""

from __future__ import annotations

from decimal import Decimal

from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.errors import (
    Duplicate,
    NotFound,
    Rejected,
    ReplyLost,
)
from integrations.engine.ports import EXTERNAL_KEY, CreateItem, Outcome, UpdateItem
from integrations.engine.reasons import Reason
from integrations.engine.records import BLANK, Record, Value, is_value
from tests.connectors.magentrix.rig import (
    AccountRig,
    ContactRig,
    MagentrixRig,
    OpportunityRig,
    answers,
)
from tests.rig import record_of


def update(rig: MagentrixRig, record_id: str, **values: Value) -> Outcome:
    [outcome] = rig.connector.update(rig.object_type, [UpdateItem("1", record_id, values)])
    return outcome


def kinds(outcomes: object) -> list[str]:
    assert isinstance(outcomes, list)
    return [type(outcome.error).__name__ for outcome in outcomes]


# ---------------------------------------------------------------- creating


def test_a_lost_answer_cannot_make_a_double(deals: OpportunityRig) -> None:
    deals.sandbox.faults.inject(Fault(FaultKind.LOST_REPLY, "PUT"))
    [lost] = deals.connector.create("Opportunity", [deals.good(1)])
    assert isinstance(lost.error, ReplyLost)
    found = deals.connector.find("Opportunity", EXTERNAL_KEY, ["7001"], ("Name",))
    [again] = deals.connector.create("Opportunity", [deals.good(1)])
    assert record_of(again).id == found["7001"][0].id
    assert len(deals.stored()) == 1


def test_success_in_name_only_is_a_failure(accounts: AccountRig) -> None:
    told = {"code": "INVALID_VALUE", "fieldName": "Phone", "message": "No phone"}
    answers(accounts, "/entity/Account$", [{"id": "1", "errors": [told], "success": False}])
    [outcome] = accounts.connector.create("Account", [accounts.good(1)])
    assert isinstance(outcome.error, Rejected)
    assert outcome.error.fields == ("Phone",)


def test_success_without_an_id_may_have_happened(accounts: AccountRig) -> None:
    answers(accounts, "/entity/Account$", [{"id": None, "errors": [], "success": True}])
    [outcome] = accounts.connector.create("Account", [accounts.good(1)])
    assert isinstance(outcome.error, ReplyLost)


def test_a_value_that_another_record_has_is_named_by_its_field(contacts: ContactRig) -> None:
    contacts.person.add_field("Contact", Name="Badge__c", FieldType="Text", IsUnique=True)
    items = [CreateItem(str(n), {"LastName": "A", "Badge__c": "same"}, str(n)) for n in (1, 2)]
    first, second = contacts.connector.create("Contact", items)
    assert first.record
    assert isinstance(second.error, Duplicate)
    assert second.error.fields == ("Badge__c",)


def test_a_new_record_tells_what_magentrix_filled_in(accounts: AccountRig) -> None:
    [outcome] = accounts.connector.create("Account", [CreateItem("1", {"Name": "Acme"}, "1")])
    made = record_of(outcome)
    assert made.get("PartnerTier__c") == "Registered"
    assert is_value(made.get("OwnerId"))
    assert made.get("Phone") is BLANK


def test_a_read_that_fails_after_a_write_does_not_undo_it(accounts: AccountRig) -> None:
    accounts.connector.schemas.load()
    accounts.sandbox.faults.inject(Fault(FaultKind.STATUS, path="/query$", status=500), 3)
    [outcome] = accounts.connector.create("Account", [accounts.good(1)])
    assert outcome.record == Record(next(iter(accounts.stored())), {})


def test_a_field_made_by_another_worker_is_learned_when_it_is_written(accounts: AccountRig) -> None:
    [made] = accounts.fill(1)
    accounts.person.add_field("Account", Name="Level__c", FieldType="Text")
    assert record_of(update(accounts, made, Level__c="Gold")).get("Level__c") == "Gold"
    assert accounts.person.get("Account", made)["Level__c"] == "Gold"


def test_a_preview_knows_without_a_call_what_would_be_refused(deals: OpportunityRig) -> None:
    nameless = CreateItem("1", {"Stage": "Proposal"}, "1")
    assert deals.connect().refusal("Opportunity", nameless) is None, "nothing is known yet"
    before = deals.connector.calls
    refused = deals.connector.refusal("Opportunity", nameless)
    assert isinstance(refused, Rejected)
    assert refused.reason is Reason.REQUIRED_MISSING
    assert deals.connector.refusal("Opportunity", deals.good(1)) is None
    assert deals.connector.calls == before


# ---------------------------------------------------------------- updating


def test_null_empties_a_field(accounts: AccountRig) -> None:
    [made] = accounts.fill(1)
    outcome = update(accounts, made, Phone=BLANK, NumberOfEmployees=BLANK)
    assert record_of(outcome).get("Phone") is BLANK
    assert accounts.person.get("Account", made)["NumberOfEmployees"] is None
    assert accounts.counted("PATCH", "/entity/{entity}") == 1


def test_where_null_is_ignored_an_empty_text_is_sent(accounts: AccountRig) -> None:
    [made] = accounts.fill(1)
    answers(accounts, "/entity/Account$", [{"id": made, "errors": [], "success": True}])
    outcome = update(accounts, made, Phone=BLANK)
    assert record_of(outcome).get("Phone") is BLANK
    assert not accounts.person.get("Account", made)["Phone"]
    assert accounts.counted("PATCH", "/entity/{entity}") == 2


def test_an_empty_text_that_is_refused_too_leaves_what_is_stored(accounts: AccountRig) -> None:
    [made] = accounts.fill(1)
    answers(accounts, "/entity/Account$", [{"id": made, "errors": [], "success": True}])
    answers(accounts, "/entity/Account$", [{"id": None, "errors": [], "success": False}])
    outcome = update(accounts, made, Phone=BLANK)
    assert record_of(outcome).get("Phone") == accounts.good(1).values["Phone"]


def test_a_record_that_is_gone_is_told_apart_from_a_refused_one(accounts: AccountRig) -> None:
    gone, stays = accounts.fill(2)
    accounts.person.delete("Account", gone)
    items = [UpdateItem(str(n), one, {"Phone": "1"}) for n, one in enumerate((gone, stays))]
    outcomes = accounts.connector.update("Account", items)
    assert isinstance(outcomes[0].error, NotFound)
    assert record_of(outcomes[1]).get("Phone") == "1"


def test_a_customers_rule_refuses_a_record_in_its_own_words(accounts: AccountRig) -> None:
    [made] = accounts.fill(1)
    accounts.person.add_rule("Account", "Phone", "0900", message="Premium numbers are no phones.")
    outcome = update(accounts, made, Phone="0900 1")
    assert isinstance(outcome.error, Rejected)
    assert "Premium numbers are no phones." in outcome.error.detail
    assert outcome.error.fields == ("Phone",)


def test_a_value_that_is_no_option_is_refused_without_being_repeated(deals: OpportunityRig) -> None:
    [made] = deals.fill(1)
    outcome = update(deals, made, Stage="Zanzibar")
    assert isinstance(outcome.error, Rejected)
    assert outcome.error.fields == ("Stage",)
    assert "Zanzibar" not in str(outcome.error)


def test_a_value_that_would_be_rounded_stops_its_record_before_any_call(
    accounts: AccountRig,
) -> None:
    one, two = accounts.fill(2)
    before = accounts.counted("PATCH", "/entity/{entity}")
    items = [
        UpdateItem("1", one, {"NumberOfEmployees": Decimal("1.5")}),
        UpdateItem("2", two, {"NumberOfEmployees": Decimal(3)}),
    ]
    outcomes = accounts.connector.update("Account", items)
    assert isinstance(outcomes[0].error, Rejected)
    assert outcomes[0].error.fields == ("NumberOfEmployees",)
    assert record_of(outcomes[1]).get("NumberOfEmployees") == Decimal(3)
    assert accounts.counted("PATCH", "/entity/{entity}") == before + 1


def test_a_lookup_is_written_and_emptied(contacts: ContactRig) -> None:
    account = contacts.person.create("Account", Name="Acme")
    [made] = contacts.fill(1)
    assert record_of(update(contacts, made, AccountId=(account,))).get("AccountId") == (account,)
    update(contacts, made, Phone="1")
    assert contacts.person.get("Contact", made)["AccountId"] == account
    assert record_of(update(contacts, made, AccountId=BLANK)).get("AccountId") is BLANK


def test_a_lookup_to_a_record_that_is_gone_is_refused(contacts: ContactRig) -> None:
    account = contacts.person.create("Account", Name="Acme")
    contacts.person.delete("Account", account)
    [made] = contacts.fill(1)
    outcome = update(contacts, made, AccountId=(account,))
    assert isinstance(outcome.error, Rejected)
    assert outcome.error.fields == ("AccountId",)


# ---------------------------------------------------------------- contacts without a last name


def test_a_contact_without_a_last_name_is_stored_and_still_reads_as_nameless(
    contacts: ContactRig,
) -> None:
    item = CreateItem("1", {"FirstName": "Ada", "Email": "ada@acme.example"}, "1")
    made = record_of(contacts.connector.create("Contact", [item])[0])
    assert made.get("LastName") is BLANK
    assert contacts.person.get("Contact", made.id)["LastName"] == "ada"
    contacts.person.edit("Contact", made.id, Email="grace@acme.example")
    read = contacts.connector.fetch("Contact", [made.id], ("LastName",))[made.id]
    assert read.get("LastName") is BLANK
    contacts.person.edit("Contact", made.id, LastName="Lovelace")
    read = contacts.connector.fetch("Contact", [made.id], ("LastName",))[made.id]
    assert read.get("LastName") == "Lovelace"


def test_a_last_name_that_was_written_is_a_real_one_even_if_it_was_made_up_before(
    contacts: ContactRig,
) -> None:
    item = CreateItem("1", {"Email": "ada@acme.example"}, "1")
    made = record_of(contacts.connector.create("Contact", [item])[0]).id
    assert record_of(update(contacts, made, LastName="ada")).get("LastName") == "ada"
