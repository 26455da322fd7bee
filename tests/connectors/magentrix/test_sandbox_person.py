"""What people do on the pages of the Magentrix stand-in, and what that does to the API's view."""

from __future__ import annotations

import pytest

from integrations.connectors.magentrix.sandbox import ApiError, Refused
from tests.connectors.magentrix.sandbox_rig import LINK, Desk

DAY = 24 * 3600


def test_a_person_creates_edits_and_deletes_in_their_own_name(desk: Desk) -> None:
    mona = desk.sandbox.person(desk.person.user("mona.keller@northfield.example"))
    account = mona.create("Account", Name="Acme")
    assert desk.read("Account", account)["OwnerId"] == mona.id
    desk.pass_seconds(5)
    desk.person.edit("Account", account, Phone="1")
    row = mona.get("Account", account)
    assert row == desk.read("Account", account)
    assert (row["CreatedById"], row["ModifiedById"]) == (mona.id, desk.person.id)
    assert row["ModifiedOn"] == "2026-11-20T09:00:05Z"
    assert [one["Id"] for one in mona.all("Account")] == [account]
    mona.delete("Account", account)
    assert mona.all("Account") == []
    assert [one["Id"] for one in mona.deleted("Account")] == [account]


def test_a_person_is_bound_by_the_same_rules_as_the_api(desk: Desk) -> None:
    with pytest.raises(Refused, match="Account Name is required"):
        desk.person.create("Account", Phone="1")
    with pytest.raises(ApiError, match="nothing does not exist"):
        desk.person.get("Account", "nothing")
    with pytest.raises(ApiError, match="Invalid entity"):
        desk.person.all("Planet")
    with pytest.raises(KeyError):
        desk.person.user("nobody@northfield.example")


def test_a_deleted_record_comes_back_with_its_id_within_thirty_days(desk: Desk) -> None:
    account = desk.person.create("Account", Name="Acme")
    desk.person.delete("Account", account)
    desk.pass_seconds(30 * DAY)
    desk.person.restore("Account", account)
    desk.sign_in()
    row = desk.read("Account", account)
    assert (row["Name"], row["IsDeleted"]) == ("Acme", False)
    assert row["ModifiedOn"] == "2026-12-20T09:00:00Z"
    desk.person.delete("Account", account)
    desk.pass_seconds(30 * DAY + 1)
    with pytest.raises(ApiError, match="does not exist or was deleted"):
        desk.person.restore("Account", account)


def test_only_what_is_deleted_can_be_restored(desk: Desk) -> None:
    account = desk.person.create("Account", Name="Acme")
    for record_id in (account, "nothing"):
        with pytest.raises(ApiError):
            desk.person.restore("Account", record_id)
    desk.person.erase("Account", account)
    with pytest.raises(ApiError):
        desk.person.restore("Account", account)


def test_a_restored_record_is_found_in_its_place(desk: Desk) -> None:
    one, two, three = (desk.person.create("Account", Name=name) for name in "abc")
    desk.person.delete("Account", one)
    desk.person.restore("Account", one)
    assert desk.column("SELECT Id FROM Account ORDER BY Id", "Id") == [one, two, three]
    assert desk.column("SELECT Id FROM Account ORDER BY ModifiedOn", "Id") == [two, three, one]


def test_a_change_can_be_committed_late_with_an_earlier_instant(desk: Desk) -> None:
    made = []
    for name in "abc":
        made.append(desk.person.create("Account", Name=name))
        desk.pass_seconds(10)
    one, two, three = made
    desk.person.edit("Account", one, Name="late")
    desk.person.commit_late("Account", one, 15)
    assert desk.read("Account", one)["ModifiedOn"] == "2026-11-20T09:00:15Z"
    assert desk.column("SELECT Id FROM Account ORDER BY ModifiedOn", "Id") == [two, one, three]
    since = 'SELECT Id FROM Account WHERE ModifiedOn >= "2026-11-20T09:00:15"'
    assert sorted(desk.column(since, "Id")) == [one, three]


def test_a_restore_is_refused_while_another_record_has_its_unique_value(desk: Desk) -> None:
    desk.link()
    old = desk.person.create("Account", Name="Acme", HubSpotId__c="7")
    desk.person.delete("Account", old)
    new = desk.person.create("Account", Name="Acme", HubSpotId__c="7")
    with pytest.raises(Refused) as refusal:
        desk.person.restore("Account", old)
    assert [error["code"] for error in refusal.value.errors] == ["DUPLICATE_VALUE"]
    desk.person.edit("Account", new, HubSpotId__c=None)
    desk.person.restore("Account", old)
    assert desk.read("Account", old)[LINK] == "7"


def test_an_erased_record_leaves_no_trace(desk: Desk) -> None:
    account = desk.create("Account", Name="Acme")
    desk.data("DELETE", f"/entity/Account/{account}?isPermanent=true")
    assert desk.person.deleted("Account") == []
    assert desk.refusal("GET", f"/entity/Account/{account}")[0] == 404


# ---------------------------------------------------------------- who refers to what is deleted


def family(desk: Desk) -> tuple[str, str, str]:
    account = desk.create("Account", Name="Acme")
    contact = desk.create("Contact", LastName="Byron", AccountId=account)
    deal = desk.create("Opportunity", Name="Anvils", Stage="Proposal", PartnerAccount__c=account)
    return account, contact, deal


def test_lookups_to_a_deleted_record_are_kept_at_first(desk: Desk) -> None:
    account, contact, deal = family(desk)
    desk.person.delete("Account", account)
    assert desk.read("Contact", contact)["AccountId"] == account
    assert desk.read("Opportunity", deal)["PartnerAccount__c"] == account


def test_lookups_to_a_deleted_record_can_be_cleared(desk: Desk) -> None:
    account, contact, deal = family(desk)
    desk.sandbox.behaviour.change(deleted_children="clear")
    desk.pass_seconds(9)
    desk.person.delete("Account", account)
    row = desk.read("Contact", contact)
    assert (row["AccountId"], row["ModifiedOn"]) == (None, "2026-11-20T09:00:09Z")
    assert desk.read("Opportunity", deal)["PartnerAccount__c"] is None


def test_a_deletion_can_be_refused_while_others_refer_to_the_record(desk: Desk) -> None:
    account, contact, deal = family(desk)
    desk.sandbox.behaviour.change(deleted_children="refuse")
    refusal = desk.refusal("DELETE", f"/entity/Account/{account}")
    assert refusal == (400, [("INVALID_REFERENCE", None)])
    other = desk.create("Account", Name="Birch")
    desk.data("PATCH", f"/entity/Contact/{contact}", {"AccountId": other})
    desk.data("PATCH", f"/entity/Opportunity/{deal}", {"PartnerAccount__c": None})
    desk.data("DELETE", f"/entity/Account/{account}")


# ---------------------------------------------------------------- Setup


def test_a_field_that_is_deleted_takes_its_values_along(desk: Desk) -> None:
    desk.link()
    account = desk.create("Account", Name="Acme", HubSpotId__c="7")
    desk.person.drop_field("Account", LINK)
    assert LINK not in desk.read("Account", account)
    desk.data("PATCH", f"/entity/Account/{account}", {"Phone": "1"})
    desk.link()
    assert desk.read("Account", account)[LINK] is None
    assert desk.create("Account", Name="Birch", HubSpotId__c="7")
    with pytest.raises(ApiError, match="Standard fields stay"):
        desk.person.drop_field("Account", "Phone")


def test_a_field_can_become_required(desk: Desk) -> None:
    desk.person.change_field("Opportunity", "CloseDate", required=True)
    body = {"Name": "Anvils", "Stage": "Proposal"}
    refusal = desk.refusal("POST", "/entity/Opportunity", body)
    assert refusal == (400, [("REQUIRED_FIELD_MISSING", "CloseDate")])
    assert desk.create("Opportunity", **body, CloseDate="2026-12-01")


def test_a_value_is_added_to_a_picklist(desk: Desk) -> None:
    desk.person.add_value("Opportunity", "Stage", "On hold", "On Hold")
    assert desk.create("Opportunity", Name="Anvils", Stage="On hold")
