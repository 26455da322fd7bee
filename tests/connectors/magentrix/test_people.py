"""Who may own records, and which HubSpot owner each of them is."""

from __future__ import annotations

import pytest

from integrations.connectors.magentrix import people
from integrations.engine.errors import ConfigInvalid, Duplicate, NotFound
from integrations.engine.extras import Choosing, Marking, Staffed
from tests.connectors.magentrix.rig import AccountRig

DOMAIN = "northfield.example"


def test_the_connector_offers_people_marks_and_a_list(accounts: AccountRig) -> None:
    assert isinstance(accounts.connector, Staffed)
    assert isinstance(accounts.connector, Marking)
    assert isinstance(accounts.connector, Choosing)


def test_employees_may_own_records_also_those_who_have_left(accounts: AccountRig) -> None:
    found = {person.email: person for person in accounts.connector.people()}
    assert f"pia.lund@{DOMAIN}" not in found, "she is a partner"
    assert found[f"otto.vance@{DOMAIN}"].active is False
    mona = found[f"mona.keller@{DOMAIN}"]
    assert (mona.name, mona.active, mona.hubspot_id) == ("Mona Keller", True, "")
    assert mona.id == accounts.person.user(mona.email)


def test_only_active_employees_are_offered_by_name(accounts: AccountRig) -> None:
    offered = [option.label for option in accounts.connector.choices("employees")]
    assert offered == sorted(offered)
    assert f"Mona Keller (mona.keller@{DOMAIN})" in offered
    assert not [label for label in offered if "otto" in label or "pia" in label]
    with pytest.raises(KeyError):
        accounts.connector.choices("groups")


def test_where_kinds_are_not_shown_everybody_counts(accounts: AccountRig) -> None:
    accounts.person.change_field("User", "UserType", hidden=True)
    offered = accounts.connect().choices("employees")
    assert any("Pia Lund" in option.label for option in offered)


def test_all_users_are_read_however_many_there_are(
    accounts: AccountRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "_PAGE", 2)
    assert len(accounts.connector.people()) == 5


def test_owner_ids_are_written_and_read_back(accounts: AccountRig) -> None:
    mona, raj = (accounts.person.user(f"{name}@{DOMAIN}") for name in ("mona.keller", "raj.mehta"))
    assert accounts.connector.mark_people({mona: "51", raj: "52"}) == {mona: None, raj: None}
    marks = {person.id: person.hubspot_id for person in accounts.connector.people()}
    assert (marks[mona], marks[raj]) == ("51", "52")
    assert accounts.connector.mark_people({mona: ""}) == {mona: None}
    assert accounts.person.get("User", mona)["HubSpotUserId__c"] is None


def test_one_wrong_mark_does_not_stop_the_others(accounts: AccountRig) -> None:
    mona, raj = (accounts.person.user(f"{name}@{DOMAIN}") for name in ("mona.keller", "raj.mehta"))
    accounts.connector.mark_people({mona: "51"})
    done = accounts.connector.mark_people({raj: "51", "0050000000000990001": "60", mona: "53"})
    assert isinstance(done[raj], Duplicate)
    assert isinstance(done["0050000000000990001"], NotFound)
    assert done[mona] is None


def test_without_the_field_nobody_is_marked() -> None:
    rig = AccountRig(prepared=False)
    with pytest.raises(ConfigInvalid, match="HubSpot User ID"):
        rig.connector.mark_people({"1": "2"})


def test_the_field_is_known_by_its_label_too() -> None:
    rig = AccountRig(prepared=False)
    rig.person.add_field(
        "User",
        Name="HS_User__c",
        Label="HubSpot User Id",
        FieldType="Text",
        Length=50,
        IsUnique=True,
    )
    mona = rig.person.user(f"mona.keller@{DOMAIN}")
    assert rig.connector.mark_people({mona: "51"}) == {mona: None}
    assert rig.person.get("User", mona)["HS_User__c"] == "51"
    assert "51" in {person.hubspot_id for person in rig.connector.people()}
    rig.connector.prepare({}, {})
    assert "HubSpotUserId__c" not in rig.person.get("User", mona)
