"""Reads by id, by our key and by what people typed, and what they cost."""

from __future__ import annotations

import pytest

from integrations.connectors.magentrix import paging, reading
from integrations.connectors.magentrix.fields import JsonObject
from integrations.engine.errors import ConfigInvalid
from integrations.engine.ports import EXTERNAL_KEY, CreateItem, UpdateItem
from integrations.engine.records import BLANK
from tests.connectors.magentrix.rig import (
    AccountRig,
    ContactRig,
    MagentrixRig,
    OpportunityRig,
    Watch,
)
from tests.rig import record_of


def found(rig: MagentrixRig, field: str, *values: str) -> dict[str, list[str]]:
    """Return the ids that each value finds."""
    hits = rig.connector.find(rig.object_type, field, values, ("Name",))
    return {value: sorted(record.id for record in records) for value, records in hits.items()}


def queries(rig: MagentrixRig) -> int:
    return rig.counted("POST", "/query")


def test_a_hundred_records_by_id_are_two_queries(accounts: AccountRig) -> None:
    made = list(accounts.fill(100))
    before = queries(accounts)
    assert set(accounts.connector.fetch("Account", made, ("Name",))) == set(made)
    assert queries(accounts) == before + 2


def test_deleted_records_answer_no_id_and_come_back_when_restored(accounts: AccountRig) -> None:
    made = list(accounts.fill(2))
    accounts.person.delete("Account", made[0])
    assert set(accounts.connector.fetch("Account", made, ("Name",))) == {made[1]}
    accounts.person.restore("Account", made[0])
    assert set(accounts.connector.fetch("Account", made, ("Name",))) == set(made)


def test_what_cannot_be_an_id_is_not_asked_for(accounts: AccountRig) -> None:
    before = queries(accounts)
    assert accounts.connector.fetch("Account", ['" OR Id != "', "", "a b"], ("Name",)) == {}
    assert queries(accounts) == before


def test_fields_of_a_person_are_read_in_whatever_spelling(contacts: ContactRig) -> None:
    person = contacts.sandbox.portal.entities["Contact"]
    person.fields["Lastname"] = person.fields.pop("LastName")
    person.fields["Lastname"].name = "Lastname"
    contacts.connector = contacts.connect()
    described = {spec.name for spec in contacts.connector.describe("Contact")}
    assert "LastName" in described
    assert "Lastname" not in described


# ---------------------------------------------------------------- by our key


def test_our_key_finds_a_record_at_once_and_exactly(deals: OpportunityRig) -> None:
    [made] = deals.fill(1)
    assert found(deals, EXTERNAL_KEY, "7001", "700", 'x" OR "') == {"7001": [made]}


def test_a_deleted_record_is_not_found_by_our_key(deals: OpportunityRig) -> None:
    [made] = deals.fill(1)
    deals.person.delete("Opportunity", made)
    assert found(deals, EXTERNAL_KEY, "7001") == {}


def test_without_the_field_for_our_key_nothing_is_looked_up_or_made() -> None:
    rig = AccountRig(prepared=False)
    with pytest.raises(ConfigInvalid, match="HubSpotId__c"):
        rig.connector.find("Account", EXTERNAL_KEY, ["1"], ("Name",))
    with pytest.raises(ConfigInvalid, match="HubSpotId__c"):
        rig.connector.create("Account", [rig.good(1)])
    assert rig.stored() == {}


def test_a_key_that_is_not_unique_is_no_key(accounts: AccountRig) -> None:
    accounts.person.change_field("Account", "HubSpotId__c", unique=False)
    with pytest.raises(ConfigInvalid, match="unique"):
        accounts.connect().create("Account", [accounts.good(1)])


# ---------------------------------------------------------------- by what people typed


def test_an_email_is_found_whatever_its_capitals(contacts: ContactRig) -> None:
    made = contacts.person.create("Contact", LastName="A", Email="Ada@Acme.example")
    before = queries(contacts)
    assert found(contacts, "Email", " ada@ACME.example") == {" ada@ACME.example": [made]}
    assert queries(contacts) == before + 1


@pytest.mark.parametrize(
    "email", ["o'brien@acme.example", '"ada"@acme.example', "zoë@acme.example"]
)
def test_an_odd_email_is_found_without_entering_a_query(contacts: ContactRig, email: str) -> None:
    contacts.person.field("Contact", "Email").type = contacts.person.field("Contact", "Title").type
    made = contacts.person.create("Contact", LastName="A", Email=email)
    asked = contacts.asked()
    assert found(contacts, "Email", email) == {email: [made]}
    assert not [text for text in asked if email in text]


@pytest.mark.parametrize(
    "website",
    ["acme.example", "https://www.acme.example/", "HTTP://ACME.example:80/about?x=1"],
)
def test_a_website_is_found_by_its_domain(accounts: AccountRig, website: str) -> None:
    made = accounts.person.create("Account", Name="Acme", Website=website)
    accounts.person.create("Account", Name="Other", Website="https://notacme.example")
    assert found(accounts, "Website", "acme.example") == {"acme.example": [made]}


def test_a_name_is_found_exactly_but_for_capitals_and_blanks(accounts: AccountRig) -> None:
    name = """O'Brien "Bob" \\ Söhne"""
    made = [accounts.person.create("Account", Name=each) for each in (name, name.upper())]
    accounts.person.create("Account", Name=f"{name} Ltd")
    asked = f" {name}  "
    assert found(accounts, "Name", asked, "nobody") == {asked: sorted(made)}


def test_a_field_that_the_portal_lacks_finds_nothing(accounts: AccountRig) -> None:
    assert found(accounts, "Shoe__c", "42") == {}


def test_the_list_is_read_once_and_follows_our_own_writes(accounts: AccountRig) -> None:
    accounts.fill(3)
    found(accounts, "Name", "Acme 1")
    before = queries(accounts)
    item = CreateItem("1", {"Name": "Zeta"}, "77")
    made = record_of(accounts.connector.create("Account", [item])[0]).id
    assert found(accounts, "Name", "Zeta") == {"Zeta": [made]}
    patch = UpdateItem("1", made, {"Name": "Eta"})
    accounts.connector.update("Account", [patch])
    assert found(accounts, "Name", "Zeta", "Eta") == {"Eta": [made]}
    reads = "two of what was stored, two of what was found, one of what others changed"
    assert queries(accounts) == before + 5, reads


def test_the_list_is_read_anew_after_a_minute(accounts: AccountRig) -> None:
    now = [0.0]
    client, schemas = accounts.connector.client, accounts.connector.schemas
    lookup = reading.Reading(client, schemas, lambda: now[0])
    accounts.person.create("Account", Name="Acme")
    asked = accounts.asked()
    whole = "SELECT Id, Name, ModifiedOn, CreatedOn FROM Account ORDER BY CreatedOn LIMIT 5000"
    for seconds, times in ((0, 1), (30, 1), (reading.KEEP_SECONDS, 2)):
        now[0] += seconds
        assert len(lookup.find("Account", "Name", ["Acme"], ())["Acme"]) == 1
        assert asked.count(whole) == times


def test_a_record_that_others_made_or_renamed_is_found_at_once(
    accounts: AccountRig, watch: Watch
) -> None:
    [made] = accounts.fill(1)
    watch.pass_seconds(3600)
    assert found(accounts, "Name", "Acme 1", "Oak") == {"Acme 1": [made]}
    oak = accounts.person.create("Account", Name="Oak")
    assert found(accounts, "Name", "Acme 1", "Oak") == {"Acme 1": [made], "Oak": [oak]}
    watch.pass_seconds(3600)
    accounts.person.edit("Account", made, Name="Elm")
    assert found(accounts, "Name", "Acme 1", "Elm") == {"Elm": [made]}
    accounts.person.edit("Account", oak, Name="Ash")
    accounts.person.commit_late("Account", oak, 100)
    assert found(accounts, "Name", "Ash", "Oak") == {"Ash": [oak]}


def test_a_name_that_was_given_up_and_taken_again_finds_its_new_holder(
    accounts: AccountRig,
) -> None:
    [made] = accounts.fill(1)
    found(accounts, "Name", "Acme 1")
    accounts.person.edit("Account", made, Name="Renamed")
    heir = accounts.person.create("Account", Name="Acme 1")
    assert found(accounts, "Name", "Acme 1") == {"Acme 1": [heir]}


def test_a_look_up_that_misses_during_a_large_load_costs_one_query(
    accounts: AccountRig, watch: Watch
) -> None:
    found(accounts, "Name", "nobody")
    for number in range(3 * paging.PAGE):
        accounts.person.create("Account", Name=f"Load {number}")
        watch.pass_seconds(0.1)
    for _time in range(2):
        before = queries(accounts)
        assert found(accounts, "Name", "nobody") == {}
        assert queries(accounts) == before + 1


def test_the_list_catches_up_by_one_query_and_only_for_what_it_does_not_find(
    accounts: AccountRig, watch: Watch
) -> None:
    accounts.fill(3)
    watch.pass_seconds(3600)
    late = accounts.person.create("Account", Name="Late")
    asked = accounts.asked()
    found(accounts, "Name", "Acme 1", "Oak")
    assert len(asked) == 2, "a list that was just read is not caught up with"
    found(accounts, "Name", "Acme 2")
    assert len(asked) == 3
    assert found(accounts, "Name", "Oak", 'Elm "the tree"', "Ash", "Late") == {"Late": [late]}
    caught_up = asked[4:]
    assert len(caught_up) == 1
    assert caught_up[0].startswith("SELECT Id, Name, ModifiedOn FROM Account WHERE ModifiedOn >=")
    since = caught_up[0].split('"')[1]
    assert since <= (watch.now - paging.OVERLAP).replace(tzinfo=None).isoformat()
    assert since >= (watch.now - 2 * paging.OVERLAP).replace(tzinfo=None).isoformat()


def test_a_change_made_while_the_list_was_read_does_not_escape(
    accounts: AccountRig, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LISTED", 2)
    first, *_others = accounts.fill(5)
    query = accounts.connector.client.query

    def slow(text: str) -> tuple[list[JsonObject], int]:
        rows = query(text)
        accounts.person.edit("Account", first, Name="Renamed")
        watch.pass_seconds(50)
        accounts.person.create("Account", Name="Newest")
        monkeypatch.setattr(accounts.connector.client, "query", query)
        return rows

    monkeypatch.setattr(accounts.connector.client, "query", slow)
    assert found(accounts, "Name", "Newest").keys() == {"Newest"}
    assert found(accounts, "Name", "Renamed") == {"Renamed": [first]}


def test_what_the_list_names_is_read_again(accounts: AccountRig) -> None:
    [made] = accounts.fill(1)
    found(accounts, "Name", "Acme 1")
    accounts.person.edit("Account", made, Name="Renamed")
    assert found(accounts, "Name", "Acme 1") == {}


def test_a_count_is_one_call_and_none_with_a_filter(accounts: AccountRig) -> None:
    accounts.fill(3)
    before = queries(accounts)
    assert accounts.connector.count("Account") == 3
    assert queries(accounts) == before + 1


def test_a_lookup_reads_as_a_reference(contacts: ContactRig) -> None:
    account = contacts.person.create("Account", Name="Acme")
    made = contacts.person.create("Contact", LastName="A", AccountId=account)
    other = contacts.person.create("Contact", LastName="B")
    read = contacts.connector.fetch("Contact", [made, other], ("AccountId",))
    assert read[made].get("AccountId") == (account,)
    assert read[other].get("AccountId") is BLANK
