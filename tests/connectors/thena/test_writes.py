"""Writing to Thena: whole sets of custom fields, picklists, references, archived records."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.errors import NotFound, Rejected
from integrations.engine.ports import CreateItem, UpdateItem
from integrations.engine.reasons import Reason
from integrations.engine.records import BLANK, FieldType, Record, Value
from integrations.engine.specs import FieldSpec, Option
from tests.connectors.thena.rig import AccountRig, ContactRig, ThenaRig
from tests.rig import agree, record_of


def make(rig: ThenaRig, label: str, kind: FieldType, *options: str) -> str:
    """Make a custom field and return its name on our side."""
    spec = FieldSpec("", label, kind, tuple(Option(value, value) for value in options))
    return rig.connector.make_field(rig.object_type, spec, label.lower()).name


def update(rig: ThenaRig, record_id: str, **values: Value) -> Record:
    item = UpdateItem("1", record_id, values)
    return record_of(rig.connector.update(rig.object_type, [item])[0])


def fetch(rig: ThenaRig, record_id: str, *names: str) -> Record:
    return rig.connector.fetch(rig.object_type, [record_id], names)[record_id]


@pytest.fixture(params=[True, False], ids=["PUT replaces", "PUT merges"])
def rig(request: pytest.FixtureRequest, contacts: ContactRig) -> ContactRig:
    contacts.sandbox.behaviour.custom_fields_replace = request.param
    return contacts


def test_a_custom_field_is_written_without_harm_to_the_others(rig: ContactRig) -> None:
    level, score = (
        make(rig, "Level", FieldType.CHOICE, "Gold", "Tin"),
        make(rig, "Score", FieldType.NUMBER),
    )
    values = {**rig.good(1).values, level: "Gold", score: Decimal("1.5")}
    [outcome] = rig.connector.create("contacts", [CreateItem("1", values)])
    made = record_of(outcome)
    assert agree(values, made.values)
    changed = rig.connector.update("contacts", [UpdateItem("1", made.id, {level: "Tin"})])
    assert record_of(changed[0]).get(level) == "Tin"
    assert agree({level: "Tin", score: Decimal("1.5")}, fetch(rig, made.id, level, score).values)
    rig.connector.update("contacts", [UpdateItem("1", made.id, {level: BLANK})])
    assert agree({level: BLANK, score: Decimal("1.5")}, fetch(rig, made.id, level, score).values)


def test_what_a_person_set_meanwhile_is_sent_along_and_not_what_was_there_before(
    rig: ContactRig,
) -> None:
    level, score = (
        make(rig, "Level", FieldType.CHOICE, "Gold", "Tin"),
        make(rig, "Score", FieldType.NUMBER),
    )
    [made] = rig.fill(1)
    fetch(rig, made, level, score)
    rig.person.set_custom("contacts", made, score.removeprefix("cf:"), 7)
    rig.connector.update("contacts", [UpdateItem("1", made, {level: "Tin"})])
    assert agree({level: "Tin", score: Decimal(7)}, fetch(rig, made, level, score).values)


def test_a_field_that_was_removed_is_unknown_and_not_empty(rig: ContactRig) -> None:
    level = make(rig, "Level", FieldType.TEXT)
    values = {**rig.good(1).values, level: "Gold"}
    [outcome] = rig.connector.create("contacts", [CreateItem("1", values)])
    made = record_of(outcome).id
    rig.person.org.fields[level.removeprefix("cf:")]["isActive"] = False
    rig.connector = rig.connect()
    assert fetch(rig, made, level, "email").values == {"email": "ada1@acme.example"}


def test_a_field_made_by_another_worker_is_learned_when_it_is_asked_for(rig: ContactRig) -> None:
    made = next(iter(rig.fill(1)))
    rig.connector.describe("contacts")
    other = ContactRig.connect(rig)
    name = other.make_field("contacts", FieldSpec("", "Level", FieldType.TEXT), "level").name
    assert fetch(rig, made, name).values == {name: BLANK}


def test_a_custom_field_of_a_record_that_is_gone_is_not_written(rig: ContactRig) -> None:
    level = make(rig, "Level", FieldType.CHOICE, "Gold")
    [made] = rig.fill(1)
    rig.person.delete("contacts", made)
    [outcome] = rig.connector.update("contacts", [UpdateItem("1", made, {level: "Gold"})])
    assert isinstance(outcome.error, NotFound)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (FieldType.TEXT, "Zoë & Søn"),
        (FieldType.NUMBER, Decimal("12.25")),
        (FieldType.BOOLEAN, False),
        (FieldType.DATE, date(2026, 2, 28)),
        (FieldType.DATETIME, datetime(2026, 11, 20, 9, 0, 0, 5000, tzinfo=UTC)),
        (FieldType.CHOICE, "Gold"),
        (FieldType.MULTI_CHOICE, ("Gold", "Tin")),
    ],
)
def test_a_value_of_each_type_is_stored_and_read_back(
    accounts: AccountRig, kind: FieldType, value: Value
) -> None:
    name = make(accounts, "Made", kind, "Gold", "Tin")
    [(made, _)] = accounts.fill(1).items()
    patch = UpdateItem("1", made, {name: value})
    stored = record_of(accounts.connector.update("accounts", [patch])[0])
    for record in (stored, fetch(accounts, made, name)):
        assert agree({name: value}, record.values)


def test_a_value_that_is_no_option_is_refused_without_being_repeated(contacts: ContactRig) -> None:
    level = make(contacts, "Level", FieldType.CHOICE, "Gold")
    item = CreateItem("1", {**contacts.good(1).values, level: "Platinum"})
    [outcome] = contacts.connector.create("contacts", [item])
    assert isinstance(outcome.error, Rejected)
    assert outcome.error.fields == ("customFieldValues",)
    assert "Platinum" not in str(outcome.error)


def test_a_picklist_is_written_by_uid(accounts: AccountRig) -> None:
    [made] = accounts.fill(1)
    churned = accounts.person.option("accounts", "status", "CHURNED")
    assert update(accounts, made, status=churned).get("status") == churned
    assert accounts.person.get("accounts", made)["status"] == "CHURNED"
    assert fetch(accounts, made, "status").get("status") == churned


def test_accounts_of_a_contact_are_replaced_as_a_whole(contacts: ContactRig) -> None:
    one, two = contacts.referred(1), contacts.referred(2)
    item = CreateItem("1", {**contacts.good(1).values, "accountIds": (one,)})
    made = record_of(contacts.connector.create("contacts", [item])[0])
    assert made.get("accountIds") == (one,)
    assert update(contacts, made.id, accountIds=(two,)).get("accountIds") == (two,)
    update(contacts, made.id, firstName="Grace")
    assert fetch(contacts, made.id, "accountIds").get("accountIds") == (two,)


def test_an_account_that_is_gone_is_no_reference_any_more(contacts: ContactRig) -> None:
    one, two = contacts.referred(1), contacts.referred(2)
    [made] = contacts.fill(1)
    update(contacts, made, accountIds=(one, two))
    contacts.person.delete("accounts", one)
    assert fetch(contacts, made, "accountIds").get("accountIds") == (two,)
    [outcome] = contacts.connector.update(
        "contacts", [UpdateItem("1", made, {"accountIds": (one,)})]
    )
    assert isinstance(outcome.error, NotFound)


def test_a_contact_without_a_first_name_is_stored_and_still_reads_as_nameless(
    contacts: ContactRig,
) -> None:
    item = CreateItem("1", {"email": "ada@acme.example", "firstName": BLANK})
    made = record_of(contacts.connector.create("contacts", [item])[0])
    assert made.get("firstName") is BLANK
    assert contacts.person.get("contacts", made.id)["firstName"] == "ada"
    contacts.person.edit("contacts", made.id, firstName="Ada")
    assert fetch(contacts, made.id, "firstName").get("firstName") == "Ada"


def test_a_company_without_a_domain_fails_alone_and_says_why(accounts: AccountRig) -> None:
    nameless = CreateItem("2", {"name": "Acme"})
    outcomes = accounts.connector.create("accounts", [nameless, accounts.good(1)])
    assert outcomes[0].error is not None
    assert outcomes[0].error.reason is Reason.REQUIRED_MISSING
    assert record_of(outcomes[1]).id in accounts.stored()


def test_archived_records_are_only_out_of_sight_and_twice_is_once(accounts: AccountRig) -> None:
    made = list(accounts.fill(2))
    for _ in range(2):
        outcomes = accounts.connector.archive("accounts", [*made, "AC-NEVER"])
        assert [record_of(outcome).archived for outcome in outcomes] == [True, True, True]
    assert accounts.stored() == {}
    assert accounts.sandbox.orgs["EORG1"].stores["accounts"].records.keys() == set(made)


def test_a_deletion_with_a_lost_answer_may_have_happened(accounts: AccountRig) -> None:
    made = list(accounts.fill(2))
    accounts.sandbox.faults.inject(Fault(FaultKind.LOST_REPLY, "DELETE"))
    outcomes = accounts.connector.archive("accounts", made)
    assert [type(outcome.error).__name__ for outcome in outcomes] == ["ReplyLost", "Unavailable"]
    assert len(accounts.stored()) == 1


def test_the_bulk_call_is_never_used(contacts: ContactRig) -> None:
    contacts.fill(5)
    assert contacts.counted("POST", "/v1/accounts/contacts/bulk") == 0
    assert contacts.counted("POST", "/v1/accounts/contacts") == 5


def test_a_new_account_tells_also_of_the_fields_that_were_not_sent(accounts: AccountRig) -> None:
    values = {"name": "Acme", "primaryDomain": "acme.example"}

    [outcome] = accounts.connector.create("accounts", [CreateItem("1", values)])

    made = record_of(outcome)
    assert agree(values, made.values)
    assert made.get("description") is made.get("website") is BLANK
