"""Reading accounts without a batch call, finding by domain and email, and who is connected."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.connectors.thena.client import API_URL
from integrations.connectors.thena.listing import KEEP_SECONDS, Accounts, Place
from integrations.engine.errors import AuthFailed, ConfigInvalid, MissingScope
from integrations.engine.ports import EXTERNAL_KEY, CreateItem
from tests.connectors.thena.rig import AccountRig, ContactRig, answers
from tests.rig import record_of

LIST, ONE = ("GET", "/v1/accounts"), ("GET", "/v1/accounts/{id}")
NAMES = ("name", "primaryDomain")


def found(rig: AccountRig, *domains: str) -> dict[str, list[str]]:
    hits = rig.connector.find("accounts", "primaryDomain", domains, NAMES)
    return {value: [record.id for record in records] for value, records in hits.items()}


def names(rig: AccountRig, ids: Sequence[str]) -> dict[str, object]:
    records = rig.connector.fetch("accounts", ids, NAMES)
    return {record_id: record.get("name") for record_id, record in records.items()}


# ---------------------------------------------------------------- who is connected


def test_the_organisation_is_named_by_a_custom_field(accounts: AccountRig) -> None:
    info = accounts.connector.check()
    assert (info.account_id, info.name) == ("EORG1", "Thena organisation EORG1")


def test_an_organisation_without_custom_fields_must_be_named_by_the_person(
    accounts: AccountRig,
) -> None:
    accounts.person.org.fields.clear()
    with pytest.raises(ConfigInvalid, match="organisation id"):
        accounts.connector.check()
    accounts.vault.secrets["organization_id"] = "EORG1"
    assert accounts.connector.check().account_id == "EORG1"


def test_a_key_of_another_organisation_than_the_one_named_is_refused(accounts: AccountRig) -> None:
    accounts.vault.secrets["organization_id"] = "EORG7"
    with pytest.raises(ConfigInvalid, match="EORG1, not EORG7"):
        accounts.connector.check()


def test_a_revoked_key_and_one_that_may_not_read_contacts_are_told_apart(
    accounts: AccountRig,
) -> None:
    answers(accounts, "/contacts$", {"statusCode": 403, "message": "Forbidden"}, 403)
    with pytest.raises(MissingScope):
        accounts.connector.check()
    accounts.refuse_login()
    with pytest.raises(AuthFailed):
        accounts.connector.check()


# ---------------------------------------------------------------- accounts by id


def test_a_few_accounts_are_read_one_by_one(accounts: AccountRig) -> None:
    made = list(accounts.fill(3))
    assert len(names(accounts, made)) == 3
    assert accounts.counted(*ONE) == 3
    assert accounts.counted(*LIST) == 0


def test_accounts_that_a_pass_has_seen_are_read_by_their_pages(accounts: AccountRig) -> None:
    made = list(accounts.fill(150))
    cursor = accounts.connector.scan("accounts", "", NAMES).cursor
    accounts.connector.scan("accounts", cursor, NAMES)
    assert len(names(accounts, [*made[:60], *made[120:], "AC-GONE"])) == 90
    assert accounts.counted(*LIST) == 4
    assert accounts.counted(*ONE) == 1, "only the one that no page showed"


def test_a_page_is_read_again_and_never_remembered(accounts: AccountRig) -> None:
    made = list(accounts.fill(4))
    accounts.connector.scan("accounts", "", NAMES)
    accounts.person.edit("accounts", made[0], name="Renamed")
    accounts.person.delete("accounts", made[1])
    held = names(accounts, made)
    assert held[made[0]] == "Renamed"
    assert made[1] not in held
    assert len(held) == 3


def test_a_single_account_on_a_page_is_cheaper_by_its_id(accounts: AccountRig) -> None:
    made = list(accounts.fill(5))
    accounts.connector.scan("accounts", "", NAMES)
    names(accounts, made[:1])
    assert (accounts.counted(*LIST), accounts.counted(*ONE)) == (1, 1)


def test_the_batch_call_is_used_only_where_it_is_switched_on(accounts: AccountRig) -> None:
    made = list(accounts.fill(130))
    accounts.options = {"THENA_ACCOUNTS_BY_IDS": "/v1/accounts/filter/ids"}
    accounts.connector = accounts.connect()
    accounts.sandbox.behaviour.accounts_by_ids = True
    assert len(names(accounts, made)) == 130
    assert accounts.counted("POST", "/v1/accounts/filter/ids") == 2
    assert accounts.counted(*ONE) == 0


def test_contacts_are_read_by_the_hundred(contacts: ContactRig) -> None:
    made = list(contacts.fill(101))
    assert len(contacts.connector.fetch("contacts", [*made, *made], ["email"])) == 101
    assert contacts.counted("POST", "/v1/accounts/contacts/filter/ids") == 2


@pytest.mark.parametrize("object_type", ["accounts", "contacts"])
def test_what_cannot_be_an_id_is_not_asked_for(accounts: AccountRig, object_type: str) -> None:
    strange = ["../contacts", "a/b?c", "", " ", "x" * 101]
    assert accounts.connector.fetch(object_type, strange, ["createdAt"]) == {}
    assert accounts.connector.calls == 0


# ---------------------------------------------------------------- by domain and email


def test_domains_are_compared_in_one_spelling(accounts: AccountRig) -> None:
    acme = accounts.person.create(
        "accounts", name="Acme", primaryDomain="https://WWW.Acme.example/"
    )
    assert found(accounts, "acme.example", "ACME.example", "other.example") == {
        "acme.example": [acme],
        "ACME.example": [acme],
    }


def test_two_accounts_of_one_domain_are_both_found(accounts: AccountRig) -> None:
    two = [
        accounts.person.create("accounts", name=name, primaryDomain=domain)
        for name, domain in (("A", "acme.example"), ("B", "www.acme.example"))
    ]
    assert found(accounts, "acme.example") == {"acme.example": sorted(two)}


def test_a_lagging_search_hides_no_account(accounts: AccountRig) -> None:
    accounts.sandbox.behaviour.search_lag = 10_000
    acme = accounts.person.create("accounts", name="Acme", primaryDomain="acme.example")
    assert found(accounts, "acme.example") == {"acme.example": [acme]}


def test_the_listing_is_used_for_a_minute_and_follows_our_own_writes(accounts: AccountRig) -> None:
    seconds = [0.0]
    accounts.connector.accounts = Accounts(accounts.connector.client, lambda: seconds[0])
    assert found(accounts, "acme1.example") == {}
    [(made, _item)] = accounts.fill(1).items()
    assert found(accounts, "acme1.example") == {"acme1.example": [made]}
    patch = accounts.update_of(made, accounts.good(1), {"primaryDomain": "new.example"})
    accounts.connector.update("accounts", [patch])
    assert found(accounts, "new.example", "acme1.example") == {"new.example": [made]}
    assert accounts.counted(*LIST) == 1
    seconds[0] = KEEP_SECONDS + 1
    assert found(accounts, "new.example") == {"new.example": [made]}
    assert accounts.counted(*LIST) == 3, "one that ends and one that says so"


def test_what_the_listing_names_is_read_again(accounts: AccountRig) -> None:
    one, two = accounts.fill(2)
    found(accounts, "acme1.example")
    accounts.person.edit("accounts", one, primaryDomain="moved.example")
    accounts.person.delete("accounts", two)
    assert found(accounts, "acme1.example", "acme2.example") == {}


def test_after_a_lost_reply_the_listing_is_dropped(accounts: AccountRig) -> None:
    found(accounts, "acme1.example")
    accounts.sandbox.faults.inject(Fault(FaultKind.LOST_REPLY, "POST"))
    accounts.connector.create("accounts", [accounts.good(1)])
    assert found(accounts, "acme1.example") == {"acme1.example": [*accounts.stored()]}


def test_many_known_domains_cost_pages_and_not_one_call_each(accounts: AccountRig) -> None:
    accounts.fill(120)
    domains = [f"acme{number}.example" for number in range(1, 101)]
    assert len(found(accounts, *domains)) == 100
    assert (accounts.counted(*LIST), accounts.counted(*ONE)) == (3, 0)


def test_emails_are_found_in_any_case(contacts: ContactRig) -> None:
    contacts.person.create("contacts", firstName="Ada", email="Ada@Acme.example")
    hits = contacts.connector.find("contacts", "email", ["ADA@acme.example"], ["email"])
    assert [record.get("email") for record in hits["ADA@acme.example"]] == ["Ada@Acme.example"]


def test_nothing_is_found_by_blanks_by_other_fields_or_by_a_key_of_ours(
    contacts: ContactRig,
) -> None:
    contacts.fill(1)
    for name, value in (("email", " "), ("firstName", "Ada"), (EXTERNAL_KEY, "thena:1")):
        assert contacts.connector.find("contacts", name, [value], ["email"]) == {}
    assert contacts.connector.calls == 1, "only the create"


# ---------------------------------------------------------------- pages


@pytest.mark.parametrize("most", [1, 7, 30, 100])
def test_a_list_is_read_to_its_end_however_small_its_pages_are_cut(
    accounts: AccountRig, most: int
) -> None:
    accounts.fill(30)
    accounts.sandbox.behaviour.max_limit = most
    seen: list[str] = []
    cursor, more = "", True
    while more:
        page = accounts.connector.scan("accounts", cursor, NAMES)
        seen += [record.id for record in page.records]
        cursor, more = page.cursor, page.more
    assert sorted(seen) == sorted(accounts.stored())


def test_a_position_survives_its_storage() -> None:
    place = Place(3, 60)
    assert Place.load(place.dump()) == place
    assert place.after(60) == Place(4, 60)
    assert place.after(59) is None
    assert Place().after(0) is None


def test_a_deleted_record_that_a_list_still_shows_is_left_out(accounts: AccountRig) -> None:
    rows = [{"id": "AC1", "name": "A"}, {"id": "AC2", "name": "B", "deletedAt": "2026-11-20"}]
    answers(accounts, "^/v1/accounts$", rows)
    page = accounts.connector.scan("accounts", "", NAMES)
    assert [record.id for record in page.records] == ["AC1"]


# ---------------------------------------------------------------- values that are taken


def test_a_taken_domain_names_the_account_that_has_it(accounts: AccountRig) -> None:
    theirs = accounts.person.create("accounts", name="Acme", primaryDomain="acme1.example")
    [outcome] = accounts.connector.create("accounts", [accounts.good(1)])
    assert getattr(outcome.error, "existing_id", "") == theirs
    assert len(accounts.stored()) == 1


def test_a_taken_email_names_the_contact_that_has_it(contacts: ContactRig) -> None:
    theirs = contacts.person.create("contacts", firstName="Ada", email="ADA1@acme.example")
    outcomes = contacts.connector.create("contacts", [contacts.good(1), contacts.good(2)])
    assert getattr(outcomes[0].error, "existing_id", "") == theirs
    assert record_of(outcomes[1]).id in contacts.stored()


def test_a_failing_search_for_the_holder_is_tried_again_later(contacts: ContactRig) -> None:
    contacts.person.create("contacts", firstName="Ada", email="ada1@acme.example")
    contacts.sandbox.faults.inject(Fault(FaultKind.STATUS, path="/search$", status=503), 9)
    [outcome] = contacts.connector.create("contacts", [contacts.good(1)])
    assert outcome.error is not None
    assert outcome.error.retryable


def test_an_update_to_a_taken_value_points_to_nobody(contacts: ContactRig) -> None:
    one, _two = contacts.fill(2)
    patch = contacts.update_of(one, CreateItem("1", {}), {"email": "ada2@acme.example"})
    [outcome] = contacts.connector.update("contacts", [patch])
    assert getattr(outcome.error, "existing_id", None) == ""
    assert API_URL not in str(outcome.error)
