"""Several integrations on one HubSpot account: records flow through HubSpot and come to rest."""

from __future__ import annotations

import pytest

from integrations.models import Integration, RecordLink
from tests.services.several_kit import Several

PERSON = {"firstname": "Jörg", "lastname": "Müller", "email": "joerg@mueller.example"}


@pytest.fixture
def several(db: None, unlimited: None, monkeypatch: pytest.MonkeyPatch) -> Several:
    """Acme's HubSpot account with three integrations."""
    return Several(monkeypatch)


def test_a_contact_made_in_one_system_reaches_the_others_once_and_all_come_to_rest(
    several: Several,
) -> None:
    several.agent.create("contacts", firstName="Ada", lastName="Byron", email="ada@acme.example")
    several.settle()
    assert [row["Email"] for row in several.partner.all("Contact")] == ["ada@acme.example"]
    assert [row["email"] for row in several.clerk.all("addresses")] == ["ada@acme.example"]
    assert len(several.people[4711001].state.stores["contacts"].live) == 1
    assert not several.settle()


def test_one_person_known_to_all_four_systems_stays_one_person(several: Several) -> None:
    several.person.create("contacts", PERSON)
    several.agent.create("contacts", firstName="Jörg", lastName="Müller", email=PERSON["email"])
    several.partner.create(
        "Contact", FirstName="Jörg", LastName="Müller", Email=PERSON["email"],
        OwnerId=several.partner.user(next(iter(several.owners))),
    )  # fmt: skip
    address = several.clerk.create(
        "addresses", name="Jörg Müller", vorname="Jörg", nachname="Müller", email=PERSON["email"],
        lead=1,
    )  # fmt: skip
    several.clerk.join(address, several.xentral_group)
    several.settle()
    assert len(several.people[4711001].state.stores["contacts"].live) == 1
    assert len(several.agent.all("contacts")) == 1
    assert len(several.partner.all("Contact")) == 1
    assert len(several.clerk.all("addresses")) == 1
    assert RecordLink.objects.filter(state="linked").count() == Integration.objects.count()


@pytest.mark.parametrize("source", ["hubspot", "thena", "magentrix", "xentral"])
def test_one_edit_causes_one_write_in_each_other_system_and_no_echo(
    several: Several, source: str
) -> None:
    contact = several.person.create("contacts", {**PERSON, "phone": "+49 30 1"})
    several.settle()
    (thena,), (magentrix,), (xentral,) = (
        several.agent.all("contacts"), several.partner.all("Contact"),
        several.clerk.all("addresses"),
    )  # fmt: skip
    new = "+49 30 2"
    if source == "hubspot":
        several.person.edit("contacts", contact, {"phone": new})
    elif source == "thena":
        several.agent.edit("contacts", str(thena["id"]), phoneNumber=new)
    elif source == "magentrix":
        several.partner.edit("Contact", str(magentrix["Id"]), Phone=new)
    else:
        several.clerk.edit("addresses", str(xentral["id"]), telefon=new)
    writes = several.settle()
    assert several.person.read("contacts", contact)["phone"] == new
    assert several.agent.get("contacts", str(thena["id"]))["phoneNumber"] == new
    assert several.partner.get("Contact", str(magentrix["Id"]))["Phone"] == new
    kept = "+49 30 1" if source != "xentral" else new
    assert several.clerk.get("addresses", str(xentral["id"]))["telefon"] == kept
    others = {"hubspot", "thena", "magentrix"} - {source}
    assert dict(writes) == dict.fromkeys(others, 1)


def test_a_deal_reaches_magentrix_and_xentral_and_a_stage_moved_there_reaches_the_other(
    several: Several,
) -> None:
    deal = several.person.create(
        "deals", {"dealname": "Großauftrag", "pipeline": "default", "amount": "1500",
                  "dealstage": "appointmentscheduled"},
    )  # fmt: skip
    several.settle()
    (there,) = several.clerk.all("resubmissions")
    (opportunity,) = several.partner.all("Opportunity")
    views = several.xentral.instance["views"].rows.values()
    view = next(str(row["id"]) for row in views if row["name"] == "Hubspot")
    stages = {row["name"]: str(row["id"]) for row in several.clerk.stages(view)}
    several.clerk.move(str(there["id"]), stages["Closed Won"])
    several.settle()
    assert several.person.read("deals", deal)["dealstage"] == "closedwon"
    assert several.partner.get("Opportunity", str(opportunity["Id"]))["Stage"] == "Closed Won"
    assert not several.settle()
